"""Names of people as Polars expressions: normal forms, forms for comparing, and who is named at all.

Here belongs what can be said of one name by itself. Whether two names are one person's is for
`casualty_pipeline.linkage`. Every normal form is idempotent, and null where nothing is left of the name.

The Arabic normal form sorts the alef of a lam-alef before the lam (field notes: extraction from PDF swaps them), so
صلاح and صالح share one; the name as given always stands beside it.
"""

from collections.abc import Mapping

import polars as pl

# --- Arabic -----------------------------------------------------------------------------------------------------------

_ARABIC_LETTERS: Mapping[str, str] = {
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىئیېێۍ", "ي"),
    **dict.fromkeys("ؤۆۇۋ", "و"),
    **dict.fromkeys("ةەۀھہ", "ه"),
    **dict.fromkeys("کگ", "ك"),
    "ء": "",
    "پ": "ب",
    "چ": "ج",
    "ژ": "ز",
    "ڤ": "ف",
    "ڕ": "ر",
    "ڵ": "ل",
}
# Tashkeel, Quranic marks, tatweel; and every invisible formatting character (bidi marks, joiners, byte-order mark).
_ARABIC_MARKS = r"[\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06ED\u0640\p{Cf}]"
_ARABIC_TITLES = r"^(?:(?:الطفل|الطفله|الرضيع|الرضيعه|الشهيد|الشهيده|الدكتور|الدكتوره|المهندس|المهندسه) )+"
_ARABIC_REMARKS = r"^(\p{L}.*?) (?:زوجه|زوج|والد|والده|شقيق|شقيقه|اخت|ارمله) .*$"
_ARABIC_CHILD = r"^(\p{L}.*?)(?: (?:طفل|طفله))+$"
_LAM_ALEF_PASSES = 4

# One letter of the normal form, one ASCII character: string distances that count bytes are then right.
_FOLD: Mapping[str, str] = dict(zip("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "abtvjHxdVrzscSDTZegfqklmnhwy", strict=True))

# --- Latin ------------------------------------------------------------------------------------------------------------

_LATIN_LETTERS: Mapping[str, str] = {"ı": "i", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ə": "a"}
_APOSTROPHES = r"['’‘‛`´ʿʾʼʻ′]"
_ARTICLES = r"(?:al|el|ul|ur|il|as|es|ash|esh|ad|ed|adh|ar|er|at|et|ath|an|az|ez)"
_LATIN_TITLES = (
    r"^(?:(?:(?:the )?(?:martyr|dr|doctor|mr|mrs|ms|miss|eng|engineer|child|baby|infant)|the (?:toddler|girl|boy)"
    r"|(?:and )?(?:the|his|her|their) (?:wife|son|daughter|mother|father|brother|sister)) )+"
)
# Assimilated articles in one word: "abdurrahman", "abdessalam".
_ASSIMILATED: Mapping[str, str] = {f"abd{v}{c}{c}": f"abdal{c}" for v in "aeou" for c in "rsznt"}

_URL = r"(?:https?://|www\.)\S+"
_BRACKETED = r"[(\[{][^()\[\]{}]*[)\]}]|\)[^()]*\(|[\"“”„«][^\"“”„«»]*[\"“”„»]|\([^()]*$"

# --- Who is named -----------------------------------------------------------------------------------------------------

_UNKNOWN = r"\b(?:un-?identi?f\w*|unknown|un-?named|nameless|anonymous|no names?|names? (?:not|un)\s?\w+)\b"
_KIN = (
    r"(?:sons?|daughters?|child|children|kids?|wife|wives|widow|husband|mother|father|parents?|brothers?|sisters?"
    r"|siblings?|grand(?:sons?|daughters?|child|children|mother|father)|cousins?|uncle|aunt|nephews?|nieces?|twins?"
    r"|bride|fianc\w+|relatives?|members?|famil(?:y|ies)|boys?|girls?|bab(?:y|ies)|infants?|toddlers?|newborn"
    r"|f(?:o)?etus(?:es)?|m[ae]n|wom[ae]n|persons?|people|civilians?|martyrs?|victims?|bod(?:y|ies)|corpses?|remains"
    r"|individuals?|fem?ales?|males?|idps?|lad(?:y|ies)|students?|workers?|farmers?|shepherds?|driver|passengers?)"
)
_COUNTED = (
    r"(?:children|kids|sons|daughters|wives|brothers|sisters|siblings|grandsons|grandchildren|granddaughters|cousins"
    r"|nephews|nieces|twins|relatives|members|boys|girls|babies|infants|men|women|persons|people|civilians|martyrs"
    r"|victims|bodies|corpses|individuals|females|males|idps|ladies|students|workers|farmers|shepherds|passengers"
    r"|displaced|others|unidentif\w*|unnamed|unknown)"
)
# fmt: off
_NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)
# fmt: on
_NUMBER = rf"(?:\d{{1,4}}|{'|'.join(_NUMBER_WORDS)})"
_LEAD = (
    r"(?:(?:and|the|an?|his|her|their|another|other|all|some|several|of|entire|whole|first|second|third|fourth"
    rf"|\d+(?:st|nd|rd|th)|{_NUMBER}) )*"
)
_ADJECTIVES = (
    r"(?:(?:young|old|elderly|unborn|displaced|male|female|little|small|infant|baby|eldest|youngest|adult"
    r"|syrian|dead|idp|new|born|child|other|more|family|civilian|charred|pregnant|of|the|his|her|their"
    r"|\d+ (?:year|month|day)s?[ -]old) )*"
)
# A noun for a person with nothing after it, or with "of X", "from the X family", an ordinal: kin, not a name.
_DESCRIBED = (
    rf"^{_LEAD}{_ADJECTIVES}{_KIN}(?:'s)?(?:[ -]in[ -]law)?(?: \d+)?"
    r"(?:$|[,.:;]| ?(?:of|from|in|aged|whose|who|and|or|with|belonging|near|at|to|[-–]) ?| \d)"
)
_POSSESSED = rf"(?:'s? (?:\S+ ){{0,2}}?{_KIN}(?:[ -]in[ -]law)?| (?:wife|husband|sons?|daughters?|children))(?: \d+)?\W*$"
_OF_A_FAMILY = r"\bfamil(?:y|ies)(?: members?)?(?: \d+)?\W*$|^(?:the )?famil(?:y|ies)\b|^of "
_NAMED_WITH_FAMILY = r"^\S.* \(?(?:and|with) (?:(?:his|her|their|the|entire|whole) )*family"
_TRAILING_ORDINAL = r"[a-z\p{Arabic}][\s\-–]+\d+\W*$"

_KIN_AR = (
    r"(?:طفل|طفله|طفلين|طفلان|طفلتان|طفلتين|اطفال|ابن|ابنه|ابنت|ابنا|ابناه|ولد|ولدان|ولدين|اولاد|بنت|بنتان|بنات|زوجه|زوجت"
    r"|زوج|ارمله|شقيق|شقيقه|اشقا|اخ|اخو|اخوه|اخت|اخوات|والد|والده|رضيع|رضيعه|جنين|حفيد|حفيده|احفاد|عم|عمه|خال|خاله"
    r"|عايله|اسره|فرد|افراد|احد|احدي|اقارب)"
)
_PEOPLE_AR = (
    r"(?:شهيد|شهيده|شهدا|شخص|شخصان|اشخاص|رجل|رجال|امراه|امراتان|نسا|سيده|شاب|شب|شبان|مدني|مدنيه|مدنيين|مدنيون|جثه|جثتان|جثتين"
    r"|جثث|جثمان|نازح|نازحه|ضحيه|ضحايا)"
)
_UNKNOWN_AR = r"(?:مجهول|غير معروف|بدون اسم|لم يعرف|لم تعرف|غير محدد|لم يتم التعرف)"
_PRONOUN_KIN_AR = (
    r"^و? ?(?:زوجته|ابنه|ابنته|طفله|طفلته|طفلها|ابنها|ابنتها|والدته|والدتها|شقيقه|شقيقته|اولاده|اطفاله|عايلته)$"
)
_NUMBER_WORDS_AR: Mapping[str, int] = {
    **dict.fromkeys(("ثلاثه", "ثلاث"), 3),
    **dict.fromkeys(("اربعه", "اربع"), 4),
    **dict.fromkeys(("خمسه", "خمس"), 5),
    **dict.fromkeys(("سته", "ست"), 6),
    **dict.fromkeys(("سبعه", "سبع"), 7),
    **dict.fromkeys(("ثمانيه", "ثمان", "ثماني"), 8),
    **dict.fromkeys(("تسعه", "تسع"), 9),
    **dict.fromkeys(("عشره", "عشر"), 10),
}
_DUAL_AR = r"(?:^|\s|و)(?:طفلين|طفلان|طفلتان|طفلتين|ولدان|ولدين|بنتان|شخصان|امراتان|جثتان|جثتين)(?:\s|$)"
_DIGITS: Mapping[str, str] = {
    **{chr(0x660 + n): str(n) for n in range(10)},
    **{chr(0x6F0 + n): str(n) for n in range(10)},
}
_LARGEST_GROUP = 1000


def arabic_normal(column: pl.Expr) -> pl.Expr:
    """The Arabic name in normal form: 28 letters and single spaces; null where no Arabic letter is left.

    عبد, ابو, ابن, ام and ال are glued to the next word, الله and الدين to the one before. Remarks in brackets or
    quotation marks, kin named after the name, and titles such as الشهيد are left out unless nothing else is there.
    """
    plain = _arabic_plain(column)
    named = _spaced(plain.str.replace_all(_BRACKETED, " "))
    named = pl.when(named.str.contains(r"\p{Arabic}")).then(named).otherwise(plain)
    named = named.str.replace(r"^([^,;،؛]*\p{Arabic}[^,;،؛]*)[,;،؛].*$", "$1")
    letters = _spaced(named.str.replace_all(r"[^ابتثجحخدذرزسشصضطظعغفقكلمنهوي]+", " "))
    letters = _lam_alef(letters.str.replace_all("هللا", "الله")).str.replace_all(r"\bال +(\p{L})", "ال$1")
    letters = letters.str.replace(_ARABIC_REMARKS, "$1").str.replace(_ARABIC_CHILD, "$1").str.replace(_ARABIC_TITLES, "")
    for particle in ("عبد", "ابو", "ابن", "ام"):
        letters = letters.str.replace_all(rf"\b{particle} +(\p{{L}})", f"{particle}$1")
    letters = letters.str.replace_all(r" (الله|الدين)\b", "$1")
    return _null_if_blank(_lam_alef(letters))


def latin_normal(column: pl.Expr) -> pl.Expr:
    """The name in Latin script in normal form: a to z and single spaces; null where no Latin letter is left.

    Articles are written `al` and glued to their word as in Arabic ("Ad-Daher" and "el Daher" are `aldaher`), so are
    `abd`, `abu`, `ibn` and `um` ("Abdul Rahman", "Abd al-Rahman" and "Abdurrahman" are `abdalrahman`). Remarks in
    brackets or quotation marks, what follows a comma, kin named after the name, and titles are left out.
    """
    plain = _latin_plain(column)
    named = _spaced(plain.str.replace_all(_BRACKETED, " "))
    named = pl.when(named.str.contains("[a-z]")).then(named).otherwise(plain)
    named = named.str.replace_all(_APOSTROPHES, "").str.replace_all(r",? (?:the )?(?:son|daughter) of ", " ")
    named = named.str.replace(r"^([^,;،–—]*[a-z][^,;،–—]*)[,;،–—].*$", "$1")
    letters = _spaced(named.str.replace_all(r"[^a-z]+", " "))
    letters = letters.str.replace(r"^(.+?) (?:aka|also known as) .*$", "$1")
    letters = letters.str.replace(
        r"^(.+?) (?:the )?(?:wife|widow|husband|mother|father|brother|sister|uncle|aunt|cousin) of .*$", "$1"
    )
    letters = letters.str.replace_all(r" (?:(?:the )?(?:son|daughter) of )+", " ").str.replace(_LATIN_TITLES, "")
    for pattern, glued in (
        (rf"\b{_ARTICLES} +([a-z])", "al$1"),
        (r"\b([a-z]*)(?:al|ul|el|ad|ud|ed)d(?:in|een|ine)\b", "${1}aldin"),
        (r"\b([a-z]*)ullah\b", "${1}allah"),
        (r" (allah|aldin)\b", "$1"),
        (r"\babd(?:[aeou]|ou)[lr] +([a-z])", "abdal$1"),
        (r"\babd +([a-z])", "abd$1"),
        (r"\babd(?:[aeou]|ou)l([a-z])", "abdal$1"),
    ):
        letters = letters.str.replace_all(pattern, glued)
    letters = letters.str.replace_many(list(_ASSIMILATED), list(_ASSIMILATED.values()))
    for particle, spellings in (
        ("abu", "abu|abo|abou|aboo|abi"),
        ("ibn", "ibn|bin|ben|bn|iben"),
        ("um", "um|umm|om|oum|omm"),
    ):
        letters = letters.str.replace_all(rf"\b(?:{spellings}) +([a-z]{{2}})", f"{particle}$1")
    return _null_if_blank(letters)


def folded(column: pl.Expr) -> pl.Expr:
    """An Arabic normal form with each letter as one ASCII character; Latin normal forms stay as they are."""
    return column.str.replace_many(list(_FOLD), list(_FOLD.values()))


# --- Sounds -----------------------------------------------------------------------------------------------------------

# Given names and family names that begin like the article without having it; both scripts.
_NOT_ARTICLES: Mapping[str, str] = {
    **{"الهام": "يلهام", "الياس": "يلياس", "الفت": "ولفت", "البير": "يلبير", "الين": "يلين", "الماس": "يلماس"},
    **{"alwan": "ilwan", "almas": "ilmas", "albert": "ilbert", "aliyah": "iliyah", "alaad": "ilaad", "alaed": "ilaed"},
}
_NORMAL_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
# The shared alphabet of sounds: upper case for what Latin script writes with two letters.
_SOUNDS: Mapping[str, str] = dict(zip(_NORMAL_ARABIC, "abttjhXddrzsCsdtzagfkklmnhwy", strict=True))
_DIGRAPHS: Mapping[str, str] = {"kh": "X", "gh": "g", "sh": "C", "ch": "C", "th": "t", "dh": "d", "ph": "f", "dj": "j"}
_SINGLES: Mapping[str, str] = {"c": "k", "q": "k", "v": "f", "p": "b", "x": "ks"}
_GEMINATES: Mapping[str, str] = {c + c: c for c in "bdfghjklmnrstzXC"}
# Spellings whose vowels mislead; the normal spelling has the vowels that tell the name from its neighbours.
_SPELLINGS: Mapping[str, str] = {
    "yusuf": "yousef",
    "yunus": "younes",
    "yunis": "younes",
    "mahmud": "mahmoud",
    "mahmod": "mahmoud",
    "mohd": "mohammad",
    "mhammad": "mohammad",
    "mhamad": "mohammad",
    "mhammed": "mohammad",
    # Sorted lam-alef at the end of a word would read as an inner vowel.
    "عال": "علا",
    "وال": "ولا",
    "اال": "الا",
}


def skeleton(column: pl.Expr) -> pl.Expr:
    """The consonants of a normal form in either script, in an alphabet that both share; words stay apart by a space.

    For blocking, not for deciding: محمد and محمود, حسن and حسين, احمد and حامد are equal here (field notes). A word
    without consonants is `a`.
    """
    words = _sounded(column).str.replace_all(r"(\S+)", "$1|")
    bare = words.str.replace_all(r"[aeiouwy]", "").str.replace_all("ll+", "l").str.replace_all("W", "w")
    return bare.str.replace_all("Y", "y").str.replace_all(r"(^| )\|", "${1}a|").str.replace_all(r"\|", "")


def vowel_pattern(column: pl.Expr) -> pl.Expr:
    """For one word in normal form, what stands before, between and after its consonants: one character for each gap.

    Latin script: `-` nothing, `a`, `e`, `i`, `u` short or unclear, `I` and `U` written long. Arabic script: `-` nothing
    written, `A` alef or ayn, `Y` ya, `W` waw. Two words of equal skeleton have patterns of equal length but for a
    doubled lam; `vowels_conflict` tells whether they can be one name.
    """
    arabic = column.str.contains(r"\p{Arabic}")
    sounds = _sounded(column)
    latin_gaps = (
        sounds.str.replace(r"^e[iy]+([^aeiouy])", "i$1")
        .str.replace_all(r"ou|oo|ow|[aeiy]*w[aeiouy]*", "U")
        .str.replace_all(r"[aeiy]*[ou][aeiouy]*", "u")
        .str.replace_all(r"[iy]a$", "a")
        .str.replace_all(r"ee|[ae][iy]+[ae]?|[iy][iy]+|i[ae]+", "I")
        .str.replace_all(r"[aeiy]*I[aeiouyI]*", "I")
        .str.replace_all(r"[aey]*i[aeiy]*|y", "i")
        .str.replace_all(r"[ae]*a", "a")
        .str.replace_all("ae", "e")  # Raed, Saed: either vowel
        .str.replace_all(r"[uUiIae]*U[uUiIae]*", "U")
        .str.replace_all(r"([uiIae])[uiIae]+", "$1")
    )
    arabic_gaps = (
        sounds.str.replace_all(r"[ay]*w[awy]*", "U")
        .str.replace(r"y+a$", "a")
        .str.replace_all(r"a*y[ay]*", "I")
        .str.replace_all(r"a+", "A")
    )
    gaps = pl.when(arabic).then(arabic_gaps).otherwise(latin_gaps)
    marked = gaps.str.replace_all(r"[^aeiuIUA]", "|").str.replace_all(r"\|\|", "|-|").str.replace_all(r"\|\|", "|-|")
    marked = marked.str.replace(r"^\|", "-|").str.replace(r"\|$", "|-").str.replace_all(r"\|", "")
    return pl.when(arabic).then(marked.str.replace_many(["U", "I"], ["W", "Y"])).otherwise(marked)


def vowels_conflict(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Whether two vowel patterns of words with equal skeleton tell them apart, as in محمد/محمود or Hassan/Hussein.

    Both of Latin script, or the left of Arabic and the right of Latin script. Patterns of unequal length don't
    conflict: they can't be aligned. Gaps beyond the ninth aren't read.
    """
    aligned = left.str.len_bytes() == right.str.len_bytes()
    conflict = pl.lit(False)
    for gap in range(9):
        a, b = left.str.slice(gap, 1), right.str.slice(gap, 1)
        last = left.str.len_bytes() == gap + 1
        edge = pl.lit(True) if gap == 0 else last
        apart = (a + b).is_in(_APART) & ~(last & (a + b == "Ya"))  # alef maqsura: ليلى is Layla
        conflict = conflict | apart | (edge & (a + b).is_in(_APART_AT_EDGES))
        if gap == 0:
            conflict = conflict | (a + b).is_in(_APART_AT_THE_START)
    return aligned & conflict


def _apart() -> list[str]:
    latin = [x + y for x, y in ("ai", "aI", "au", "aU", "iu", "iU", "Iu", "IU", "eU", "-U", "-I")]
    return [*latin, *(p[::-1] for p in latin), "Wa", "We", "Wi", "WI", "W-", "Yu", "YU", "Ya", "Y-", "-U", "-I", "AU"]


_APART = _apart()
# At the ends of a word a vowel is seldom left out: Ahmad is not Hamed, Amin not Amina.
_APART_AT_EDGES = [*(x + y for v in "aiIuU" for x, y in (("-", v), (v, "-"))), "A-"]
_APART_AT_THE_START = ["Ii", "iI"]  # Ayman is not Iman


def _sounded(column: pl.Expr) -> pl.Expr:
    """Words in the shared alphabet of sounds: articles off, spellings of one sound joined, vowels still in."""
    plain = column
    for word, replacement in _SPELLINGS.items():
        plain = plain.str.replace_all(rf"\b{word}\b", replacement)
    # At the end of a word ه and ح sound like the vowel before them, which Arabic script leaves out.
    plain = plain.str.replace_all(r"(\p{L})[هح]\b", "${1}ا")
    plain = plain.str.replace_many(list(_NOT_ARTICLES), list(_NOT_ARTICLES.values()))
    plain = (
        plain.str.replace_all(r"\bا?ال(\p{L}{2,})", "$1")
        .str.replace_all(r"\bal([^aeiou\s][a-z]{2,})", "$1")
        .str.replace_all(
            r"\bal(ali|omar|umar|issa|eissa|eisa|isa|eid|abed|amin|amer|amir|assad|asad|agha|aziz|[aeiou][a-z]{4,})\b",
            "$1",
        )
    )
    # Digraphs before Arabic letters become Latin ones: in سحر, s and h are two letters, not the sound sh.
    plain = plain.str.replace_many(list(_DIGRAPHS), list(_DIGRAPHS.values())).str.replace_all("لل", "ل")
    for sounds in (_SOUNDS, _SINGLES, _GEMINATES):
        plain = plain.str.replace_many(list(sounds), list(sounds.values()))
    return plain.str.replace_all(r"h\b", "").str.replace_all(r"\bw", "W").str.replace_all(r"\by", "Y")


# --- Named or not -----------------------------------------------------------------------------------------------------


def is_unnamed(name_en: pl.Expr, name_ar: pl.Expr) -> pl.Expr:
    """Whether neither script has a name by which the person can be recognised. Never null; no name at all is unnamed.

    People described by their kin ("Daughter of X", "شقيقة X", "Member of the X family") can't be told from others of
    the same family, and names with a number behind them ("X 2") are a source's own way of counting them.
    """
    return _latin_unnamed(name_en) & _arabic_unnamed(name_ar)


def stated_persons(name_en: pl.Expr, name_ar: pl.Expr) -> pl.Expr:
    """How many persons a name says it stands for (Int32, at least 1): "53 Unidentified", "and his two children" (R7).

    A number in front of a noun for people counts them; behind it ("Unnamed victim 1", "daughters of X 1") it is an
    ordinal of one person. Where the two scripts differ, the larger number. A named person "and his two children" is
    three.
    """
    english = _latin_plain(name_en).str.replace_all(_APOSTROPHES, "'")
    count = english.str.extract(
        rf"(?:^\W*(?:and |with |the |at least |about |his |her |their |\()*|(?:'s?|and|and his|and her|and their|with"
        rf"|with his|with her) )({_NUMBER}) {_ADJECTIVES}(?:of \S+ \S.*'s? )?{_COUNTED}\b",
        1,
    )
    words = {word: str(number + 1) for number, word in enumerate(_NUMBER_WORDS)}
    stated = count.replace(words).cast(pl.Int32, strict=False)
    companions = rf"[a-z]\W+(?:and|with) (?:his |her |their ){_NUMBER} "
    described = english.str.contains(_DESCRIBED)
    english_persons = stated + (english.str.contains(companions) & ~described).cast(pl.Int32)

    arabic = _arabic_plain(name_ar)
    digits = arabic.str.extract(rf"^و? ?(\d{{1,4}}) (?:{_KIN_AR}|{_PEOPLE_AR}|{_UNKNOWN_AR})", 1)
    spelled = arabic.str.extract(rf"^و? ?({'|'.join(_NUMBER_WORDS_AR)}) (?:{_KIN_AR}|{_PEOPLE_AR})", 1)
    arabic_persons = pl.coalesce(
        digits.cast(pl.Int32, strict=False),
        spelled.replace_strict(_NUMBER_WORDS_AR, default=None, return_dtype=pl.Int32),
        pl.when(arabic.str.contains(_DUAL_AR)).then(pl.lit(2, pl.Int32)),
    )
    largest = pl.max_horizontal(english_persons, arabic_persons, pl.lit(1, pl.Int32))
    return pl.when(largest <= _LARGEST_GROUP).then(largest).otherwise(pl.lit(1, pl.Int32))


def _latin_unnamed(column: pl.Expr) -> pl.Expr:
    plain = _latin_plain(column)
    bare = _spaced(plain.str.replace_all(_BRACKETED, " "))
    bare = pl.when(bare.str.contains("[a-z]")).then(bare).otherwise(plain)
    bare = bare.str.replace_all(_APOSTROPHES, "'").str.replace_all(r"[\"“”„«»()\[\]]", " ").str.strip_chars(" .,-–")
    # "Sobhia, wife of X" is named; "Child, son of X" is not.
    head = bare.str.replace(r"^([^,–—]*[a-z][^,–—]*)[,–—].*$", "$1").str.strip_chars()
    unnamed = (
        head.str.contains(_UNKNOWN)
        | head.str.contains(_DESCRIBED)
        | head.str.contains(_POSSESSED)
        | (head.str.contains(_OF_A_FAMILY) & ~head.str.contains(_NAMED_WITH_FAMILY))
        | head.str.contains(_TRAILING_ORDINAL)
    )
    return (unnamed | ~head.str.contains("[a-z]{2}")).fill_null(True)


def _arabic_unnamed(column: pl.Expr) -> pl.Expr:
    plain = _arabic_plain(column)
    bare = _spaced(plain.str.replace_all(_BRACKETED, " "))
    bare = pl.when(bare.str.contains(r"\p{Arabic}")).then(bare).otherwise(plain)
    bare = _spaced(bare.str.replace_all(r"[\"“”()\[\]'_.\-]", " "))
    unnamed = (
        bare.str.contains(_UNKNOWN_AR)
        | bare.str.contains(rf"^(?:\d+ )?(?:و ?)?{_KIN_AR}(?: |$)")
        | bare.str.contains(_PRONOUN_KIN_AR)
        | bare.str.contains(rf"^(?:\d+ )?{_PEOPLE_AR}(?:$| \d| من | اخر)")
        | bare.str.contains(rf"^(?:\d+|{'|'.join(_NUMBER_WORDS_AR)}) (?:{_KIN_AR}|{_PEOPLE_AR})")
        | bare.str.contains(_TRAILING_ORDINAL)
    )
    return (unnamed | ~bare.str.contains(r"\p{Arabic}{2}")).fill_null(True)


# --- Shared -----------------------------------------------------------------------------------------------------------


def _arabic_plain(column: pl.Expr) -> pl.Expr:
    """NFKC, marks off, one letter for each family of letters, European digits."""
    plain = column.str.replace_all(_URL, " ").str.normalize("NFKC").str.replace_all(_ARABIC_MARKS, "")
    mapping = {**_ARABIC_LETTERS, **_DIGITS}
    return _spaced(plain.str.replace_many(list(mapping), list(mapping.values())))


def _latin_plain(column: pl.Expr) -> pl.Expr:
    """Lower case, diacritics off, single spaces; punctuation still in."""
    plain = column.str.replace_all(_URL, " ").str.to_lowercase().str.normalize("NFKD").str.replace_all(r"[\p{M}\p{Cf}]", "")
    return _spaced(plain.str.to_lowercase().str.replace_many(list(_LATIN_LETTERS), list(_LATIN_LETTERS.values())))


def _lam_alef(letters: pl.Expr) -> pl.Expr:
    """Alefs before lams within a run of both; what longer runs than any name's leave over loses its alef."""
    for _ in range(_LAM_ALEF_PASSES):
        letters = letters.str.replace_all("(ل+)(ا+)", "$2$1")
    return letters.str.replace_all("(ل)ا+", "$1")


def _spaced(column: pl.Expr) -> pl.Expr:
    return column.str.replace_all(r"\s+", " ").str.strip_chars()


def _null_if_blank(column: pl.Expr) -> pl.Expr:
    return pl.when(column.str.len_bytes() > 0).then(column)
