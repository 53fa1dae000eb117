"""The words for people that stand where a name should: kin, ages, sexes, numbers; in English and Arabic.

No logic here: patterns only. English ones read `text.latin_plain`, Arabic ones `text.arabic_plain` (no hamza, ه for ة).
"""

from collections.abc import Mapping

# What each class of words says of the person. The order is that in which they are looked for.
ENGLISH: Mapping[str, str] = {
    "girl": r"girls?",
    "boy": r"boys?",
    "child": r"child(?:ren)?|kids?|bab(?:y|ies)|infants?|toddlers?|newborns?|orphans?",
    "woman": r"wife|wives|widows?|(?:grand|step)?mothers?|wom[ae]n|lad(?:y|ies)|bride",
    "man": r"husbands?|(?:grand|step)?fathers?|m[ae]n|groom",
    "female": r"(?:grand|step)?daug\w+|(?:step|half )?sisters?|aunts?|nieces?|fem?ales?|fianc[e]e",
    "male": r"(?:grand|step)?sons?|(?:step|half )?brothers?|uncles?|nephews?|males?",
    "other": (
        r"grandchild(?:ren)?|parents?|siblings?|cousins?|twins?|relatives?|members?|persons?|people|civilians?|martyrs?|victims?"
        r"|bod(?:y|ies)|corpses?|individuals?|idps?|students?|workers?|farmers?|shepherds?|driver|passengers?|others|displaced"
        r"|un-?identif\w*|un-?named|unknown"
    ),
}
PLURAL = (
    r"(?:children|kids|babies|infants|toddlers|orphans|girls|boys|wives|widows|women|men|ladies|(?:grand)?daughters|sisters|aunts"
    r"|nieces|(?:grand)?sons|brothers|uncles|nephews|siblings|cousins|relatives|members|persons|people|civilians|martyrs|victims"
    r"|bodies|corpses|individuals|idps|students|workers|farmers|shepherds|passengers|others|males|females)"
)
# Words for people which say nothing of how many: whoever is called so is described, not named.
KIN = (
    "(?:"
    + "|".join(v for k, v in ENGLISH.items() if k != "other")
    + r"|grandchild(?:ren)?|parents?|siblings?|cousins?|twins?|relatives?|members?|famil(?:y|ies)|f(?:o)?etus(?:es)?"
    r"|persons?|people|civilians?|martyrs?|victims?|bod(?:y|ies)|corpses?|remains|individuals?|idps?|students?|workers?|farmers?|shepherds?"
    r"|driver|passengers?|fianc\w+)"
)
NUMBER_WORDS: Mapping[str, int] = {
    word: number
    for number, word in enumerate(
        (
            *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
            *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
        ),
        start=1,
    )
}
NUMBER = rf"(?:\d{{1,4}}|{'|'.join(NUMBER_WORDS)})"
# What may stand between a number and its noun, or before a noun.
ADJECTIVES = (
    r"(?:(?:young|old|elderly|unborn|displaced|little|small|infant|baby|eldest|youngest|adult|syrian|dead|idp|new|born"
    r"|other|more|family|civilian|charred|pregnant|maternal|paternal|unidentified|unnamed|unknown|male|female|child|of|the|his|her"
    r"|their) )*"
)
UNKNOWN = r"\b(?:un-?identi?f\w*|unknown|un-?named|nameless|anonymous|no names?|names? (?:not|un)\s?\w+)\b"

# Arabic nouns that stand at the head of a description. With ه for ة, some mean another person behind "and" (his son, not
# a daughter): those are in ARABIC_COMPANIONS.
ARABIC: Mapping[str, str] = {
    "girl": r"طفله|طفلتان|طفلتين|رضيعه|طفلات",
    "child": r"طفل|طفلين|طفلان|اطفال|رضيع",
    "woman": r"زوجه|زوجت|ارمله|والده|امراه|امراتان|امراتين|نسا|سيده|سيدات",
    "man": r"زوج|والد|رجل|رجال|شاب|شبان",
    "female": r"ابنه|ابنت|بنت|بنتان|بنتين|بنات|شقيقه|شقيقات|اخت|اخوات|حفيده|عمه|خاله",
    "male": r"ابن|ابنا|ولد|ولدان|ولدين|شقيق|اخ|اخو|اخوه|حفيد|عم|خال",
    "other": (
        r"اولاد|احفاد|اشقا|فرد|افراد|احد|احدي|اقارب|شخص|شخصان|شخصين|اشخاص|شهيد|شهيده|شهدا|شهيدان|شهيدين|مدني|مدنيه|مدنيين|مدنيون"
        r"|جثه|جثتان|جثتين|جثث|جثمان|نازح|نازحه|نازحين|ضحيه|ضحايا|مجهول|مجهوله|مجهولين"
    ),
}
ARABIC_COMPANIONS: Mapping[str, str] = {
    "girl": r"طفلته|طفلتها|طفلتيه|طفلتيها",
    "child": r"طفله|طفلها|طفليه|طفلاه|طفليها|طفلاها|اطفاله|اطفالها",
    "woman": r"زوجته|والدته|والدتها|امه|امها",
    "man": r"زوجها|والده|والدها",
    "female": r"ابنته|ابنتها|ابنتيه|بناته|بناتها|شقيقته|شقيقتها|اخته|اختها",
    "male": r"ابنه|ابنها|شقيقه|شقيقها|ابناه|ابناها|اخوه|اخوها",
    "other": r"اولاده|اولادها|افراد|اقاربه|اقاربها|احفاده|احفادها",
}
DUAL_AR = (
    r"طفلين|طفلان|طفلتان|طفلتين|طفليه|طفلاه|طفليها|طفلاها|طفلتيه|طفلتيها|ابنتيه|ابناه|ابناها|ولدان|ولدين|بنتان|بنتين|شخصان|شخصين"
    r"|امراتان|امراتين|جثتان|جثتين|شهيدان|شهيدين"
)
PLURAL_AR = (
    r"اطفال\w*|اولاد\w*|بنات\w*|ابنا|اشقا|اخوه|اخوات|نسا|رجال|شبان"
    r"|اشخاص|شهدا|مدنيين|مدنيون|جثث|ضحايا|نازحين|افراد|اقارب\w*|احفاد\w*"
)
KIN_AR = (
    r"(?:طفل|طفله|طفلين|طفلان|طفلتان|طفلتين|اطفال|ابن|ابنه|ابنت|ابنا|ابناه|ولد|ولدان|ولدين|اولاد|بنت|بنتان|بنات|زوجه|زوجت"
    r"|زوج|ارمله|شقيق|شقيقه|اشقا|اخ|اخو|اخوه|اخت|اخوات|والد|والده|رضيع|رضيعه|جنين|حفيد|حفيده|احفاد|عم|عمه|خال|خاله"
    r"|عايله|اسره|فرد|افراد|احد|احدي|اقارب)"
)
PEOPLE_AR = (
    r"(?:شهيد|شهيده|شهدا|شخص|شخصان|اشخاص|رجل|رجال|امراه|امراتان|نسا|سيده|شاب|شب|شبان|مدني|مدنيه|مدنيين|مدنيون|جثه|جثتان|جثتين"
    r"|جثث|جثمان|نازح|نازحه|ضحيه|ضحايا)"
)
UNKNOWN_AR = r"(?:مجهول|غير معروف|بدون اسم|لم يعرف|لم تعرف|غير محدد|لم يتم التعرف)"
PRONOUN_KIN_AR = "(?:" + "|".join(ARABIC_COMPANIONS.values()) + "|عايلته|عايلتها|اسرته|اسرتها)"
NUMBER_WORDS_AR: Mapping[str, int] = {
    **dict.fromkeys(("ثلاثه", "ثلاث"), 3),
    **dict.fromkeys(("اربعه", "اربع"), 4),
    **dict.fromkeys(("خمسه", "خمس"), 5),
    **dict.fromkeys(("سته", "ست"), 6),
    **dict.fromkeys(("سبعه", "سبع"), 7),
    **dict.fromkeys(("ثمانيه", "ثمان", "ثماني"), 8),
    **dict.fromkeys(("تسعه", "تسع"), 9),
    **dict.fromkeys(("عشره", "عشر"), 10),
}
