"""The normal form of a name in either script, in which spellings of one name are one, and its form for comparing.

Here belongs what makes a normal form. It is idempotent, and null where nothing is left of the name; the name as given
always stands beside it. What the parts of a name are is for `parts`, what they sound like for `sounds`.

The Arabic normal form sorts the alef of a lam-alef before the lam (field notes: extraction from PDF swaps them), so
صلاح and صالح share one.
"""

from collections.abc import Mapping
from functools import partial

import polars as pl

from casualty_pipeline.cleaning.names.text import (
    APOSTROPHES,
    ARABIC_LETTERS,
    any_of,
    arabic_plain,
    elementwise,
    lam_alef,
    latin_plain,
    null_if_blank,
    rewritten,
    spaced,
    without_brackets,
)

# One letter of the normal form, one ASCII character: string distances that count bytes are then right.
_FOLD: Mapping[str, str] = dict(zip(ARABIC_LETTERS, "abtvjHxdVrzscSDTZegfqklmnhwy", strict=True))

_ARABIC_TITLES = (
    r"^(?:(?:الطفل|الطفله|الرضيع|الرضيعه|الشهيد|الشهيده|الشاب|الشابه|الدكتور|الدكتوره|المهندس|المهندسه|االستاذ|االستاذه) )+"
)
_ARABIC_COMPANIONS = (
    r"^(\p{L}.*?) (?:و ?(?:زوجته|زوجها|ابنه|ابنها|ابنته|ابنتها|طفله|طفلها|طفلته|طفلتها|طفليه|طفلاه|والده|والدته"
    r"|اطفاله|اطفالها|اوالده|اوالدها|ابناه|ابناها|عايلته|عايلتها|اسرته|افراد)"
    r"|مع (?:عايلته|عايلتها|اسرته|افراد|زوجته))(?: .*)?$"
)
_ARABIC_ALIAS = r"^(\p{L}.*?) (?:المعروف|المعروفه|الملقب|الملقبه|الشهير|الشهيره|المكني) ب.*$"
_ARABIC_REMARKS = r"^(\p{L}.*?) (?:زوجه|زوج|والد|والده|شقيق|شقيقه|اخت|ارمله) .*$"
_ARABIC_CHILD = r"^(\p{L}.*?)(?: (?:طفل|طفله))+$"
_ARABIC_AFTER = (_ARABIC_COMPANIONS, _ARABIC_ALIAS, _ARABIC_REMARKS, _ARABIC_CHILD)  # behind the name
_ARABIC_ARTICLE = r"(^| )ال +(\p{L})"
# In letters without any of these, no rule changes anything.
_ARABIC_CHANGES = any_of(
    *("لا", _ARABIC_ARTICLE, *_ARABIC_AFTER, _ARABIC_TITLES), "(?:^| )(?:عبد|ابو|ابن|ام) ", " (?:الله|الدين)(?: |$)"
)

_ARTICLES = r"(?:al|el|ul|ur|il|as|es|ash|esh|ad|ed|adh|ar|er|at|et|ath|an|az|ez)"
_LATIN_KIN = r"(?:wife|widow|husband|mother|father|brother|sister|uncle|aunt|cousin)"
_LATIN_TITLES = (
    r"^(?:(?:(?:the )?(?:martyr|dr|doctor|mr|mrs|ms|miss|eng|engineer|child|baby|infant|toddler|young man)"
    r"|the (?:girl|boy|youth)|(?:and )?(?:the|his|her|their) (?:wife|son|daughter|mother|father|brother|sister)) )+"
)
_LATIN_ALIAS = r"^(.+?) (?:aka|also known as|(?:also )?known as|nicknamed|better known as) .*$"
_LATIN_COMPANIONS = (
    r"^([a-z].*?) (?:and|with) (?:(?:his|her|their|\d+|two|three|four|five|six|seven|eight|nine|ten) "
    r"|(?:the |entire |whole )*(?:family|f(?:o)?etus|unborn)\b).*$"
)
_FROM = r"^([a-z].*?) from (?:the )?(?:town|city|village|family|area|tribe)\b.*$"
# Assimilated articles in one word: "abdurrahman", "abdessalam".
_ASSIMILATED: Mapping[str, str] = {f"abd{v}{c}{c}": f"abdal{c}" for v in "aeou" for c in "rsznt"}
_GLUED = (
    (rf"\b{_ARTICLES} +([a-z])", "al$1"),
    (r"\b([a-z]*)(?:al|ul|el|ad|ud|ed)d(?:in|een|ine)\b", "${1}aldin"),
    (r"\b([a-z]*)ullah\b", "${1}allah"),
    (r" (allah|aldin)\b", "$1"),
    (r"\babd(?:[aeou]|ou)[lr] +([a-z])", "abdal$1"),
    (r"\babd +([a-z])", "abd$1"),
    (r"\babd(?:[aeou]|ou)l([a-z])", "abdal$1"),
)
_KIN_OF = rf"^(.+?) (?:the )?{_LATIN_KIN} of .*$"
_ABU, _IBN, _UM = "abu|abo|abou|aboo|abi", "ibn|bin|ben|bn|iben", "um|umm|om|oum|omm"

# In a name without any of these, no rule changes anything.
_LATIN_REMARKS = any_of("[^a-z0-9 .]", " of ", " (?:and|with) ")
_LATIN_CHANGES = any_of(
    *(" of ", _LATIN_ALIAS, _FROM, _LATIN_TITLES, *(pattern for pattern, _ in _GLUED), *_ASSIMILATED),
    rf"\b(?:{_ABU}|{_IBN}|{_UM}) ",
)


def arabic_normal(column: pl.Expr) -> pl.Expr:
    """The Arabic name in normal form: 28 letters and single spaces; null where no Arabic letter is left.

    عبد, ابو, ابن, ام and ال are glued to the next word, الله and الدين to the one before. Remarks in brackets or
    quotation marks, other names, kin and companions named after the name, and titles such as الشهيد are left out unless
    nothing else is there.
    """
    return elementwise(column, lambda given: arabic_words(arabic_plain(given)), pl.String)


def latin_normal(column: pl.Expr) -> pl.Expr:
    """The name in Latin script in normal form: a to z and single spaces; null where no Latin letter is left.

    Articles are written `al` and glued to their word as in Arabic ("Ad-Daher" and "el Daher" are `aldaher`), so are
    `abd`, `abu`, `ibn` and `um` ("Abdul Rahman", "Abd al-Rahman" and "Abdurrahman" are `abdalrahman`). Remarks in
    brackets or quotation marks, what follows a comma, other names, kin and companions named after the name, and titles
    are left out.
    """
    return elementwise(column, lambda given: latin_words(latin_plain(given)), pl.String)


def folded(column: pl.Expr) -> pl.Expr:
    """An Arabic normal form with each letter as one ASCII character; Latin normal forms stay as they are."""
    return column.str.replace_many(list(_FOLD), list(_FOLD.values()))


def arabic_words(plain: pl.Series, glue: str = "") -> pl.Series:
    """`arabic_normal` of what `arabic_plain` made; `glue` comes between ابو, ام or عبد and the word that it is glued to."""
    letters = rewritten(rf"[^{ARABIC_LETTERS} ]", plain, _arabic_letters)
    return null_if_blank(rewritten(_ARABIC_CHANGES, letters, partial(_arabic_glued, glue=glue)))


def _arabic_letters(plain: pl.Series) -> pl.Series:
    named = without_brackets(plain, r"\p{Arabic}")
    named = named.str.replace(r"^([^,;،؛]*\p{Arabic}[^,;،؛]*)[,;،؛].*$", "$1")
    return spaced(named.str.replace_all(rf"[^{ARABIC_LETTERS}]+", " "))


def _arabic_glued(letters: pl.Series, glue: str) -> pl.Series:
    letters = lam_alef(letters.str.replace_all("هللا", "الله", literal=True))
    letters = letters.str.replace_all(_ARABIC_ARTICLE, "${1}ال$2")
    for remark in _ARABIC_AFTER:
        letters = letters.str.replace(remark, "$1")
    letters = letters.str.replace(_ARABIC_TITLES, "")
    for particle, mark in (("عبد", glue), ("ابو", glue), ("ابن", ""), ("ام", glue)):  # one by one: ابو عبد الله is one word
        letters = letters.str.replace_all(rf"(^| ){particle} +(\p{{L}})", f"${{1}}{particle}{mark}$2")
    for word in ("الله", "الدين"):
        letters = letters.str.replace_all(rf" {word}( |$)", rf"{word}$1")
    return lam_alef(letters)


def latin_words(plain: pl.Series, son_of: str = " ", glue: str = "") -> pl.Series:
    """`latin_normal` of what `latin_plain` made; `son_of` is what "son of" and "daughter of" within a name become, `glue`
    comes between abu or um and the word that it is glued to.
    """
    named = rewritten(_LATIN_REMARKS, plain, partial(_latin_named, son_of=son_of))
    letters = rewritten("[^a-z ]", named, lambda text: spaced(text.str.replace_all(r"[^a-z]+", " ")))
    return null_if_blank(rewritten(_LATIN_CHANGES, letters, partial(_latin_glued, son_of=son_of, glue=glue)))


def _latin_named(plain: pl.Series, son_of: str) -> pl.Series:
    named = without_brackets(plain, "[a-z]").str.replace_all(APOSTROPHES, "")
    named = named.str.replace_all(rf"\b({_ARTICLES}) ?[–—] ?", "$1 ")
    named = named.str.replace(rf"^the ({_LATIN_KIN}|son|daughter|child|family) of ", "$1 of ")
    named = named.str.replace_all(r",? (?:the )?(?:son|daughter) of (?:the )?(?:martyr )?", son_of)
    named = named.str.replace(r"^([^,;،–—]*[a-z][^,;،–—]*)[,;،–—].*$", "$1")
    return spaced(named.str.replace(_LATIN_COMPANIONS, "$1").str.replace_all(r"[^a-z]+", " "))


def _latin_glued(letters: pl.Series, son_of: str, glue: str) -> pl.Series:
    letters = letters.str.replace(_LATIN_ALIAS, "$1").str.replace(_FROM, "$1")
    letters = letters.str.replace(_KIN_OF, "$1")
    letters = letters.str.replace_all(r" (?:(?:the )?(?:son|daughter) of )+", son_of)
    titled = letters.str.replace(_LATIN_TITLES, "")
    letters = titled.zip_with(~titled.str.starts_with("of "), letters)
    for pattern, glued in _GLUED:
        letters = letters.str.replace_all(pattern, glued)
    letters = letters.str.replace_many(list(_ASSIMILATED), list(_ASSIMILATED.values()))
    for particle, spellings, mark in (("abu", _ABU, glue), ("ibn", _IBN, ""), ("um", _UM, glue)):
        letters = letters.str.replace_all(rf"\b(?:{spellings}) +([a-z]{{2}})", f"{particle}{mark}$1")
    return letters
