"""How many persons a name stands for, and what it says of their age and sex (R2, R7).

Here belongs the counting of people in the text of a name: "53 Unidentified", "and his two children". Whether they are
counted in a toll is for other stages.
"""

from collections.abc import Callable, Mapping

import polars as pl

from casualty_pipeline.cleaning.names.kin import (
    ADJECTIVES,
    ARABIC,
    ARABIC_COMPANIONS,
    DUAL_AR,
    ENGLISH,
    KIN,
    KIN_AR,
    NUMBER_WORDS,
    NUMBER_WORDS_AR,
    PEOPLE_AR,
    PLURAL,
    PLURAL_AR,
    PRONOUN_KIN_AR,
    UNKNOWN_AR,
)
from casualty_pipeline.cleaning.names.text import APOSTROPHES, arabic_plain, latin_plain, spaced
from casualty_pipeline.cleaning.names.unnamed import arabic_unnamed, latin_head, latin_unnamed

_LARGEST_GROUP = 1000  # a larger number in a name is not a number of persons
_DEMOGRAPHICS = ("children", "women", "men", "female", "male")
_STATED_COLUMNS: dict[str, pl.DataType] = {
    "persons": pl.Int32(),
    **dict.fromkeys(_DEMOGRAPHICS, pl.Int32()),
    "uncounted": pl.Boolean(),
}
_STATED = pl.Struct(_STATED_COLUMNS)

_PEOPLE = "|".join(ENGLISH.values())
# Without word boundaries, which are slow on other scripts than Latin.
_MAY_STATE = rf"(?:^|[^a-z])(?:{_PEOPLE}|famil(?:y|ies)|parents|twins|and|with)(?:[^a-z]|$)|&|\+"
# Numbers that are no numbers of persons: ages, ordinals.
_NO_COUNTS = (
    r"\b\d+(?:\.\d+)?(?: and a half)?[ -](?:year|month|week|day)s?(?:[ -]old)?\b|\b\d+(?:st|nd|rd|th)\b|\baged? \d+\b"
)
_REMARK = rf", (?:the )?(?:\w+ )?(?:{_PEOPLE}) of .*$"
_POSSESSED = rf"'s? (?:[^ ]+ ){{0,3}}(?:{_PEOPLE})(?:[ -]in[ -]law)?$"
_AGES = r"(?:baby|infant|toddler|newborn|little|young|small|child)"
_PLAINER = (
    (r"\b(?:girl|boy)(?: ?/ ?| or )(?:girl|boy)\b", "child"),
    (rf"\b(?:{_PEOPLE})(?: ?/ ?| or )(?:{_PEOPLE})\b", "person"),
    (rf"\b(?:(?:female|{_AGES}) )+girl|\b(?:female|girl) (?:child|infant|baby|toddler|minor)", "girl"),
    (rf"\b(?:(?:male|{_AGES}) )+boy|\b(?:male|boy) (?:child|infant|baby|toddler|minor)", "boy"),
    (r"\b(?:young|old) ((?:wo)?m[ae]n)", "$1"),
    (rf"\b(?:un-?identif\w*|unnamed|unknown) ((?:\w+ )?(?:{_PEOPLE}))\b", "$1"),
)
_WHOSE = r"^(.*?) (?:of|from|whose|who|in|near|at|belonging)\b.*$"
_COMPANIONS = r" (?:and|with|&|\+) ((?:his|her|their|the|an?|entire|whole|\d+) .*)$|, ((?:his|her|their) .* and .*)$"
# "Samir and Basel Darwish" are two; in "Nasim Darwish and Wahhab", two families may be meant.
_TWO_GIVEN_NAMES = r"^[^ ]{2,} (?:and|&) [^ ]{3,}(?: [^ ]+)*$"
_PERHAPS_TWO_NAMES = r"^[^ ]+(?: [^ ]+)+ (?:and|&) [^ ]{3,}(?: [^ ]+)*$"

_ARABIC_NOUNS = "|".join(ARABIC.values())
_MAY_STATE_AR = (
    rf"(?:^|[ \d(.\"]|[ (]و ?)(?:{_ARABIC_NOUNS}|{KIN_AR}|{PEOPLE_AR}|{UNKNOWN_AR}|{PRONOUN_KIN_AR})(?:[ \d).،,\"]|$)"
)
_NOUN_AR = rf"(?:\d+ )?(?:{_ARABIC_NOUNS}|عايله|اسره)"
_HEAD_AR = rf"^((?:و ?)?{_NOUN_AR}(?: و ?{_NOUN_AR})*)(?: |$)"
_BODY_OF_AR = rf"^(?:جثه|جثمان|شهيد|شهيده|مجهول|مجهوله) ({_NOUN_AR}(?: |$))"
_COMPANIONS_AR = rf" ((?:و ?|مع )(?:\d+ )?(?:من )?{PRONOUN_KIN_AR}\b.*)$"


def stated_persons(name_en: pl.Expr, name_ar: pl.Expr) -> pl.Expr:
    """How many persons a name says it stands for (Int32, at least 1): "53 Unidentified", "and his two children" (R7).

    A number in front of a noun for people counts them; behind it ("Unnamed victim 1", "daughters of X 1") it is an
    ordinal of one person. "Wife and three children of X" are four, a named person "and his two children" three, "X and
    Y" two. Where the two scripts differ, the larger number. A number above 1,000 is not believed. What is said without
    a number ("and his family") isn't counted: see `uncounted_companions`.
    """
    return stated(name_en, name_ar).struct.field("persons")


def stated_demographics(name_en: pl.Expr, name_ar: pl.Expr) -> pl.Expr:
    """What a name's own words say of age and sex: a struct of Int32 `children`, `women`, `men`, `female`, `male`.

    `children`, `women` and `men` are persons whose age is said; `female` and `male` count all whose sex is said, of
    whatever age: "two girls" are two children and two female, "daughter of X" is female, of unknown age. A wife, mother
    or widow is a woman, a husband or father a man (R2 speaks of adults; the word is taken to say so). Persons of whom
    nothing is said aren't in any, such as the named person whose companions are counted. Neither `children + women +
    men` nor `female + male` exceeds `stated_persons`. Never null.
    """
    return pl.struct(en=name_en, ar=name_ar).map_batches(
        lambda names: _read(names).struct.unnest().select(_DEMOGRAPHICS).to_struct(names.name),
        return_dtype=pl.Struct(dict.fromkeys(_DEMOGRAPHICS, pl.Int32)),
        is_elementwise=True,
    )


def uncounted_companions(name_en: pl.Expr, name_ar: pl.Expr) -> pl.Expr:
    """Whether a name speaks of more persons without saying how many: "X and his family", "children of X". Never null."""
    return stated(name_en, name_ar).struct.field("uncounted")


def stated(name_en: pl.Expr, name_ar: pl.Expr) -> pl.Expr:
    """All of these at once, for a third of the time: a struct of `persons`, the demographics, and `uncounted`."""
    return pl.struct(en=name_en, ar=name_ar).map_batches(_read, return_dtype=_STATED, is_elementwise=True)


def _read(names: pl.Series) -> pl.Series:
    ar, en = names.struct.field("ar"), names.struct.field("en")
    return stated_of_plain(arabic_plain(ar), latin_plain(en)).to_struct(names.name)


def stated_of_plain(ar: pl.Series, en: pl.Series) -> pl.DataFrame:
    """The fields of `stated` from plain text in both scripts.

    The script that states more persons speaks; of two that state as many, English if it says who they are.
    """
    english = _spread(en, _MAY_STATE, _english)
    arabic = _spread(ar, _MAY_STATE_AR, _arabic)
    silent = english.select(pl.sum_horizontal(_DEMOGRAPHICS)).to_series() == 0
    from_arabic = (arabic["persons"] > english["persons"]) | ((arabic["persons"] == english["persons"]) & silent)
    columns = [arabic[c].zip_with(from_arabic, english[c]) for c in ("persons", *_DEMOGRAPHICS)]
    return pl.DataFrame([*columns, english["uncounted"] | arabic["uncounted"]])


def _spread(plain: pl.Series, may_state: str, count: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """`count` of the names that may state persons, which are few; one person of whom nothing is said for the others."""
    rows = plain.str.contains(may_state).fill_null(False).arg_true()
    stated = count(plain.gather(rows))
    believed = stated["persons"] <= _LARGEST_GROUP
    silent = {"persons": 1, **dict.fromkeys(_DEMOGRAPHICS, 0), "uncounted": False}
    return pl.DataFrame(
        [
            pl.repeat(nothing, len(plain), dtype=_STATED_COLUMNS[name], eager=True)
            .alias(name)
            .scatter(
                rows, stated[name].zip_with(believed, pl.repeat(nothing, len(rows), dtype=_STATED_COLUMNS[name], eager=True))
            )
            for name, nothing in silent.items()
        ]
    )


def _english(plain: pl.Series) -> pl.DataFrame:
    text = plain.str.replace_all(APOSTROPHES, "'")
    for word, number in NUMBER_WORDS.items():
        text = text.str.replace_all(rf"\b{word}\b", str(number))
    text = (
        text.str.replace_all(_NO_COUNTS, " ")
        .str.replace_all(r"[()\[\]\"“”„«»]", " ")
        .str.replace_all(r"\btwins\b", "2 siblings")
    )
    text = spaced(
        text.str.replace_all(r"\b(his|her|their) parents\b", "$1 father and mother").str.replace_all(
            r"\bparents\b", "2 parents"
        )
    )
    # "Daughters of X 2", "child 4 of X", "one of the sons of X": one person.
    single = text.str.contains(rf"[a-z][\s\-–]+\d+\W*$|^(?:the )?(?:{_PEOPLE}) \d+\b|^(?:and )?1 of ")
    text = text.str.replace(r"[\s\-–]+\d+\W*$", "").str.replace(_REMARK, "").str.replace(r"^(?:and )?1 of ", "")
    text = text.str.replace(rf"^(\d+) of (.*)'s? ({_PEOPLE})$", "$1 $3 of $2")

    again = latin_plain(plain)  # a link that began with a capital is one only now
    unnamed = latin_unnamed(again)
    possessed = text.str.contains(_POSSESSED) & ~text.str.contains(rf"^{ADJECTIVES}(?:{_PEOPLE}) of ")
    described = text.str.replace(r"^.*'s? ", "").zip_with(possessed, text.str.replace(_WHOSE, "$1"))
    with_others = text.str.extract(_COMPANIONS).fill_null(text.str.extract(_COMPANIONS, 2)).str.replace(_WHOSE, "$1")
    hers = with_others.str.contains(r"^(?:his|her|their|\d+) ").fill_null(False)  # "Wife of Samir and her two children"
    described = (described + " " + with_others).zip_with(hers & ~possessed, described)
    phrase = described.zip_with(unnamed, with_others).fill_null("")
    for pattern, plainer in _PLAINER:
        phrase = phrase.str.replace_all(pattern, plainer)

    two_names = ~unnamed & with_others.is_null() & ~plain.str.contains(rf" (?:of|from) |\band (?:{KIN})\b")
    head = latin_head(again)
    left_over = phrase.str.replace_all(rf"\b\d+ {ADJECTIVES}(?:{_PEOPLE})\b", "")
    family = phrase.str.contains(r"\bfamil(?:y|ies)\b") & ~phrase.str.contains(r"\bmembers?\b|\bfamily (?:fath|moth)er\b")
    return _counted(
        {name: _number_of(phrase, words, ADJECTIVES) for name, words in ENGLISH.items()},
        named=(~unnamed).cast(pl.Int32) + (two_names & head.str.contains(_TWO_GIVEN_NAMES)).cast(pl.Int32),
        uncounted=(~single & (left_over.str.contains(rf"\b{PLURAL}\b") | family))
        | (two_names & head.str.contains(_PERHAPS_TWO_NAMES)),
    )


def _arabic(plain: pl.Series) -> pl.DataFrame:
    text = plain
    for word, number in NUMBER_WORDS_AR.items():
        text = text.str.replace_all(rf"(^|[ و])(?:ال)?{word}\b", f"${{1}}{number}")
    text = text.str.replace_all(r"(\w+) (\d+)\b", "$2 $1").zip_with(
        text.str.contains(r" و ?(?:اطفال|اولاد|بنات)ه?ا? \d+$"), text
    )
    unnamed = arabic_unnamed(arabic_plain(plain))
    # Of nouns in a row only the first is counted: "child, son of X" is one person.
    head = text.str.replace(_BODY_OF_AR, "$1").str.extract(_HEAD_AR).str.replace_all(r"(^| )و ?(\d|\w{2})", "$1$2")
    head = head.zip_with(unnamed, pl.repeat(None, len(plain), dtype=pl.String, eager=True))
    companions = text.str.extract(_COMPANIONS_AR).str.replace_all(r"(^| )(?:و ?|مع )", " ").str.replace_all(r"\bمن ", "")
    head, companions = (p.fill_null("").str.replace_all(rf"(^|\s)({DUAL_AR})\b", "${1}2 $2") for p in (head, companions))
    counts = {"boy": pl.repeat(0, len(plain), dtype=pl.Int32, eager=True)}  # Arabic has no word that is a boy's alone
    for name, words in ARABIC.items():
        counts[name] = _number_of(head, words, "") + _number_of(companions, ARABIC_COMPANIONS[name], "")
    left_over = (head + " " + companions).str.replace_all(r"\b\d+ \w+", "")
    return _counted(
        counts,
        named=(~unnamed).cast(pl.Int32),
        uncounted=left_over.str.contains(rf"\b(?:{PLURAL_AR}|عايل\w+|اسر\w+)\b"),
    )


def _number_of(phrase: pl.Series, words: str, adjectives: str) -> pl.Series:
    """The number in front of one of `words` in each phrase; without one, 1 if the word is there, else 0."""
    stated = phrase.str.extract(rf"\b(\d+) {adjectives}(?:{words})\b").cast(pl.Int32, strict=False)
    return stated.fill_null(phrase.str.contains(rf"\b(?:{words})\b").cast(pl.Int32))


def _counted(counts: Mapping[str, pl.Series], named: pl.Series, uncounted: pl.Series) -> pl.DataFrame:
    """The columns of `_STATED`. `other` counts only where nothing else does: "three martyrs", not "three martyred women"."""
    n = pl.DataFrame(counts).with_columns(named=named, uncounted=uncounted.fill_null(False))
    told = pl.sum_horizontal("girl", "boy", "child", "woman", "man", "female", "male")
    return n.select(
        persons=pl.max_horizontal(pl.lit(1, pl.Int32), pl.col("named") + pl.when(told > 0).then(told).otherwise("other")),
        children=pl.col("girl") + pl.col("boy") + pl.col("child"),
        women="woman",
        men="man",
        female=pl.col("girl") + pl.col("woman") + pl.col("female"),
        male=pl.col("boy") + pl.col("man") + pl.col("male"),
        uncounted="uncounted",
    ).cast(pl.Schema(_STATED_COLUMNS))
