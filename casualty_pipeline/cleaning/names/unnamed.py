"""Who is named at all: people whom a source describes by kin, number or nothing can't be recognised by name (R7).

Here belongs the judgement on one name as given. How many people it stands for is for `groups`.
"""

import polars as pl

from casualty_pipeline.cleaning.names.kin import (
    ADJECTIVES,
    KIN,
    KIN_AR,
    NUMBER,
    NUMBER_WORDS_AR,
    PEOPLE_AR,
    PRONOUN_KIN_AR,
    UNKNOWN,
    UNKNOWN_AR,
)
from casualty_pipeline.cleaning.names.text import (
    APOSTROPHES,
    ARABIC_LETTERS,
    arabic_plain,
    elementwise,
    latin_plain,
    rewritten,
    spaced,
    without_brackets,
)

_LEAD = (
    r"(?:(?:and|the|an?|his|her|their|another|other|all|some|several|of|entire|whole|first|second|third|fourth|fifth|sixth"
    rf"|\d+(?:st|nd|rd|th)|{NUMBER}) )*"
)
_OLD = r"(?:\d+ (?:year|month|day)s?[ -]old )?"
# A noun for a person with nothing after it, or with "of X", "from the X family", an ordinal: kin, not a name.
_DESCRIBED = (
    rf"^{_LEAD}{ADJECTIVES}{_OLD}{ADJECTIVES}{KIN}(?:'s)?(?:[ -]in[ -]law)?(?: \d+)?"
    r"(?:$|[,.:;]| ?(?:of|from|in|aged|whose|who|and|or|with|belonging|near|at|to|displaced|[-–]) ?| \d)"
)
_POSSESSED = rf"(?:'s? (?:\S+ ){{0,2}}?{KIN}(?:[ -]in[ -]law)?| (?:wife|husband|sons?|daughters?|children))(?: \d+)?\W*$"
_OF_A_FAMILY = r"\bfamil(?:y|ies)(?: members?)?(?: \d+)?\W*$|^(?:the )?famil(?:y|ies)\b|^of "
_NAMED_WITH_FAMILY = r"^\S.* \(?(?:and|with) (?:(?:his|her|their|the|entire|whole) )*family"
_TRAILING_ORDINAL = r"[a-z\p{Arabic}][\s\-–]+\d+\W*$"
_COMPANIONS = rf"^(?:and |with )?([a-z].*?) (?:and|with) (?:his|her|their|{NUMBER}) .*$"
_SOMEBODY = rf"^an? '?(?:\w+ )?'?{KIN}'?$|^(?:the )?wife [a-z]"  # "A French child"; "Wife Samir Darwish"
_UNNAMED = "|".join(f"(?:{p})" for p in (UNKNOWN, _DESCRIBED, _POSSESSED, _TRAILING_ORDINAL, _SOMEBODY))

_COUNT_AR = rf"(?:\d+|{'|'.join(NUMBER_WORDS_AR)})"
_UNNAMED_AR = "|".join(
    f"(?:{p})"
    for p in (
        UNKNOWN_AR,
        rf"^(?:\d+ )?(?:و ?)?{KIN_AR}(?: |$)",
        rf"^و? ?{PRONOUN_KIN_AR}$",
        rf"^(?:\d+ )?{PEOPLE_AR}(?:$| \d| من | اخر)",
        rf"^(?:\d+ )?{PEOPLE_AR} (?:و ?)?(?:\d+ )?(?:{KIN_AR}|{PEOPLE_AR})(?: |$)",
        rf"^{_COUNT_AR} (?:{KIN_AR}|{PEOPLE_AR})",
        _TRAILING_ORDINAL,
    )
)


def is_unnamed(name_en: pl.Expr, name_ar: pl.Expr) -> pl.Expr:
    """Whether neither script has a name by which the person can be recognised. Never null; no name at all is unnamed.

    People described by their kin ("Daughter of X", "شقيقة X", "Member of the X family") can't be told from others of
    the same family, and names with a number behind them ("X 2") are a source's own way of counting them.
    """
    english = elementwise(name_en, lambda given: latin_unnamed(latin_plain(given)), pl.Boolean)
    return english & elementwise(name_ar, lambda given: arabic_unnamed(arabic_plain(given)), pl.Boolean)


def latin_head(plain: pl.Series) -> pl.Series:
    """The name without remarks and companions: "Sobhia, wife of X" is named, "Child, son of X" is not."""
    return rewritten(r"[^a-z0-9 ]| (?:and|with) ", plain, _latin_head)


def _latin_head(plain: pl.Series) -> pl.Series:
    bare = without_brackets(plain, "[a-z]").str.replace_all(APOSTROPHES, "'")
    bare = spaced(bare.str.replace_all(r"[\"“”„«»()\[\]]", " ")).str.strip_chars(" .,-–")
    head = bare.str.replace(r"^([^,–—]*[a-z][^,–—]*)[,–—].*$", "$1").str.strip_chars()
    return head.str.replace(_COMPANIONS, "$1")


def latin_unnamed(plain: pl.Series) -> pl.Series:
    """`is_unnamed` of what `latin_plain` made of Latin names; never null."""
    head = latin_head(plain)
    family = head.str.contains(_OF_A_FAMILY)
    if family.any():  # rare, and the second pattern slow
        family = family & ~head.str.contains(_NAMED_WITH_FAMILY)
    return (head.str.contains(_UNNAMED) | family | ~head.str.contains("[a-z]{2}")).fill_null(True)


def arabic_unnamed(plain: pl.Series) -> pl.Series:
    """`is_unnamed` of what `arabic_plain` made of Arabic names; never null."""
    bare = rewritten(
        rf"[^{ARABIC_LETTERS} ]",
        plain,
        lambda text: spaced(without_brackets(text, r"\p{Arabic}").str.replace_all(r"[\"“”()\[\]'_.\-]", " ")),
    )
    return (bare.str.contains(_UNNAMED_AR) | ~bare.str.contains(r"\p{Arabic}{2}")).fill_null(True)
