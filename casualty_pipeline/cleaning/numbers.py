"""Ages and numbers of persons as sources write them.

What belongs here: reading one string, with the rule by which it was read and whether the source states the interval
(`stated`) or part of it is our convention (`assumed`). Whether an age fits a date of birth is for the rules in sql/cleaned.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from casualty_pipeline.cleaning.calendar_words import alternatives, folded
from casualty_pipeline.cleaning.date_points import ASSUMED, STATED

OLDEST = 120
BIRTH_YEARS = range(1900, 2101)
_LONGEST = 60  # characters; no notation of an age is as long
_DAYS_A_YEAR, _DAYS_A_MONTH = 365.0, 365 / 12

_UNITS: Mapping[str, float] = {  # days
    **dict.fromkeys(("years", "year", "yrs", "yr", "y", "سنوات", "سنين", "سنة", "عاما", "عام", "اعوام"), _DAYS_A_YEAR),
    **dict.fromkeys(("months", "month", "mos", "mo", "اشهر", "شهور", "شهرا", "شهر"), _DAYS_A_MONTH),
    **dict.fromkeys(("weeks", "week", "اسابيع", "اسبوعا", "اسبوع"), 7),
    **dict.fromkeys(("days", "day", "ايام", "يوما", "يوم"), 1),
    **dict.fromkeys(("hours", "hour", "ساعات", "ساعة", "minutes", "minute", "دقائق", "دقيقة"), 0),
}
_DUALS: Mapping[str, str] = {
    **dict.fromkeys(("سنتان", "سنتين", "عامان", "عامين"), "2 سنة"),
    **dict.fromkeys(("شهران", "شهرين"), "2 شهر"),
    **dict.fromkeys(("اسبوعان", "اسبوعين"), "2 اسبوع"),
    **dict.fromkeys(("يومان", "يومين"), "2 يوم"),
    **dict.fromkeys(("ساعتان", "ساعتين"), "2 ساعة"),
}
# fmt: off
_SPELLED = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)
_SPELLED_AR = (
    ("واحد", "واحدة"), ("اثنان", "اثنين"), ("ثلاثة", "ثلاث"), ("اربعة", "اربع"), ("خمسة", "خمس"), ("ستة", "ست"),
    ("سبعة", "سبع"), ("ثمانية", "ثماني", "ثمان"), ("تسعة", "تسع"), ("عشرة", "عشر"),
)
_TENS = ("twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet")
_TENS_AR = ("عشرين", "ثلاثين", "اربعين", "خمسين", "ستين", "سبعين", "ثمانين", "تسعين")
# fmt: on
_ONES: Mapping[str, int] = {
    **{word: n for n, word in enumerate(_SPELLED, start=1)},
    **{word: n for n, words in enumerate(_SPELLED_AR, start=1) for word in words},
}
_TENS_SPELLED: Mapping[str, int] = {
    **{f"{stem}y": 10 * n for n, stem in enumerate(_TENS, start=2)},
    **{word[:-2] + ending: 10 * n for n, word in enumerate(_TENS_AR, start=2) for ending in ("ين", "ون")},
}
# "Twenties", "العشرينات", "عشريني"; and the Arabic "third decade of his life", which is from 20 to 29.
_DECADES: Mapping[str, int] = {
    **{f"{stem}ies": 10 * n for n, stem in enumerate(_TENS, start=2)},
    **{word + ending: 10 * n for n, word in enumerate(_TENS_AR, start=2) for ending in ("ات", "يات", "ي", "ية")},
    **{f"العقد {word}": 10 * n for n, word in enumerate(("الثالث", "الرابع", "الخامس", "السادس", "السابع"), start=2)},
}
_WORDS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("newborn", "new born", "new-born", "حديث الولادة", "حديثة الولادة", "مولود", "مولودة"), (0, 0)),
    **dict.fromkeys(("baby", "infant", "رضيع", "رضيعة", "طفل رضيع", "طفلة رضيعة"), (0, 1)),
    "toddler": (1, 3),
    **dict.fromkeys(("teen", "teenager", "teens", "مراهق", "مراهقة"), (13, 19)),
}
_UNBORN = frozenset({"unborn", "unborn child", "unborn baby", "fetus", "foetus", "in the womb", "جنين", "جنينا"})
_GROUPS = frozenset(
    {"child", "minor", "adult", "elderly", "old", "young", "طفل", "طفلة", "بالغ", "بالغة", "مسن", "مسنة", "شاب"}
)
_THIRDS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("early", "اوائل", "بداية", "مطلع"), (0, 3)),
    **dict.fromkeys(("mid", "منتصف", "اواسط"), (4, 6)),
    **dict.fromkeys(("late", "اواخر", "نهاية"), (7, 9)),
}

_UNIT = alternatives(tuple(_UNITS))
_TWENTY_FIVE = re.compile(rf"\b({alternatives(tuple(_TENS_SPELLED))})[ -]({alternatives(_SPELLED[:9])})\b")
_TWENTY_FIVE_AR = re.compile(rf"\b({alternatives(tuple(_ONES))}) و ?({alternatives(tuple(_TENS_SPELLED))})\b")
_FIFTEEN_AR = re.compile(rf"\b({alternatives(tuple(_ONES))}) عشرة?\b")
_SPELLED_NUMBER = re.compile(rf"(?:\b|(?<=\bو))({alternatives((*_ONES, *_TENS_SPELLED))})\b")
_DUAL = re.compile(rf"(?:\b|(?<=\bو))({alternatives(tuple(_DUALS))})\b")
_ONE_AFTER = re.compile(rf"\b({_UNIT}) 1\b")  # "يوم واحد"
_WHOLE = re.compile(r"(\d{1,9})(?:\.0+)?")
_RANGE = re.compile(
    rf"(?:from |من )?(\d{{1,3}}) ?({_UNIT})? ?(?:-|/| to | or | الي | او ) ?(\d{{1,3}}) ?({_UNIT})?"
    rf"|(?:between|بين) (\d{{1,3}}) ?({_UNIT})?(?: and | و ?)(\d{{1,3}}) ?({_UNIT})?"
)
_TERM = re.compile(rf"(?:(\d{{1,3}}(?:\.\d+)?)[ -]?|an? |)({_UNIT})(?:$|\b[ ,]*(?:and |و ?(?=\S))?)")
_UNITLESS = re.compile(r"(\d{1,3})\.\d+")
_HALF = re.compile(r"(.+?)(?: and (?:a )?half| ?و ?نصف(?: السنة)?)( .*)?")
_AT_LEAST = re.compile(
    r"(?:over|above|more than|at least|older than|اكثر من|فوق|تجاوز|لا يقل عن) (\d{1,3})"
    r"|(\d{1,3}) ?(?:\+|plus|(?:or|and) (?:older|over|above|more)|فما فوق|واكثر)"
)
_UNDER = re.compile(r"(?:under|below|less than|younger than|دون|اقل من|تحت) (?:سن )?(.+)")
_DECADE = re.compile(r"(\d0)(?:'?s| ?ات)")
_DECADE_WORDS = re.compile(rf"(?:ال)?({alternatives(tuple(_DECADES))})")
_THIRD = re.compile(rf"({alternatives(tuple(_THIRDS))})(?:(?:[ /-]| to )({alternatives(tuple(_THIRDS))}))?[ -](.+)")
_BEFORE = re.compile(
    r"^(?:(?:aged?|age of|عمره|عمرها|العمر|بعمر|يبلغ(?: من العمر)?)\b:? ?|in (?:the |his |her |their )?|في (?:سن )?)(?=\S)"
    rf"|^an? (?!{_UNIT})"
)
_AFTER = re.compile(
    r"(?:[ -](?:old|of age|من (?:ال)?عمره?ا?)|(?<=y)[ /.]?o|(?<=[ -]old) (?:baby|infant|child|boy|girl|man|woman))$"
)


@dataclass(frozen=True)
class NumberReading:
    """An interval of whole numbers with its rule and certainty, or why the string can't be read."""

    first: int | None
    last: int | None
    reason: str | None
    rule: str | None = None
    certainty: str | None = None


@dataclass(frozen=True)
class AgeReading(NumberReading):
    """An age in completed years; or a year of birth that stands where an age is expected; or somebody who wasn't born.

    Exactly one of `first` with `last`, `birth_year`, `unborn` and `reason` is set.
    """

    birth_year: int | None = None
    unborn: bool = False


def _refused(reason: str) -> AgeReading:
    return AgeReading(None, None, reason)


def _aged(first: int, last: int, rule: str, certainty: str = STATED) -> AgeReading:
    if first > last or last > OLDEST:
        return _refused(f"expected ages from 0 to {OLDEST}, the lower first")
    return AgeReading(first, last, None, rule, certainty)


@lru_cache(maxsize=10_000)
def read_age(text: str) -> AgeReading:
    """Age in completed years, as an interval, in English or Arabic, in either digits. Never raises.

    Infants' ages in months, weeks, days or hours are in years too: 0, or more. A number that can only be a year is read as a
    year of birth (`birth_year_as_age`, assumed); whether it comes before the death is for the rules in sql/cleaned.
    """
    if len(text) > _LONGEST:
        return _UNKNOWN
    words = _age_words(text)
    if match := _WHOLE.fullmatch(words):
        return _of_number(int(match[1]))
    if words in _UNBORN:
        return AgeReading(None, None, None, "unborn", STATED, unborn=True)
    if words in _WORDS:
        return _aged(*_WORDS[words], "word", ASSUMED)
    if words in _GROUPS:
        return _refused("an age group, which has a field of its own; expected an age in years")
    for read in (_range, _open, _decade, _sum):
        if (reading := read(words)) is not None:
            return reading
    return _UNKNOWN


_UNKNOWN = _refused("expected an age in years, a range such as 20-25, or an infant's in days or months")


def _age_words(text: str) -> str:
    words = folded(text).replace("’", "'")
    while (shorter := _AFTER.sub("", _BEFORE.sub("", words)).strip(" .")) != words:
        words = shorter
    words = _TWENTY_FIVE.sub(lambda m: str(_TENS_SPELLED[m[1]] + _ONES[m[2]]), words)
    words = _TWENTY_FIVE_AR.sub(lambda m: str(_ONES[m[1]] + _TENS_SPELLED[m[2]]), words)
    words = _FIFTEEN_AR.sub(lambda m: str(_ONES[m[1]] + 10), words)
    words = _SPELLED_NUMBER.sub(lambda m: str(_ONES.get(m[1]) or _TENS_SPELLED[m[1]]), words)
    return _ONE_AFTER.sub(r"1 \1", _DUAL.sub(lambda m: _DUALS[m[1]], words))


def _of_number(number: int) -> AgeReading:
    if number <= OLDEST:
        return AgeReading(number, number, None, "years", STATED)
    if number in BIRTH_YEARS:
        return AgeReading(None, None, None, "birth_year_as_age", ASSUMED, birth_year=number)
    return _refused(f"expected an age from 0 to {OLDEST}")


def _range(words: str) -> AgeReading | None:
    match = _RANGE.fullmatch(words)
    if match is None:
        return None
    first, unit, last, last_unit = match.groups()[:4] if match[1] else match.groups()[4:]
    return _aged(_years(int(first), unit or last_unit), _years(int(last), last_unit or unit), "range")


def _years(number: float, unit: str | None) -> int:
    return int(number if unit is None else number * _UNITS[unit] / _DAYS_A_YEAR + 1e-9)


def _open(words: str) -> AgeReading | None:
    """ "Over 60", "60+": up to the oldest age that is believed. "Under 10": from birth on."""
    if match := _AT_LEAST.fullmatch(words.removesuffix(" years").removesuffix(" سنة").removesuffix(" عاما")):
        return _aged(int(match[1] or match[2]), OLDEST, "at_least")
    if match := _UNDER.fullmatch(words):
        limit = int(match[1]) if re.fullmatch(r"\d{1,3}", match[1]) else (_sum(match[1]) or _UNKNOWN).first
        return None if limit is None else _aged(0, max(limit - 1, 0), "under")
    return None


def _decade(words: str) -> AgeReading | None:
    first, last, certainty = 0, 9, STATED
    if match := _THIRD.fullmatch(words):
        first, last, certainty, words = _THIRDS[match[1]][0], _THIRDS[match[2] or match[1]][1], ASSUMED, match[3]
    if match := _DECADE.fullmatch(words):
        decade = int(match[1])
    elif match := _DECADE_WORDS.fullmatch(words):
        decade = _DECADES[match[1]]
    else:
        return None
    return _aged(decade + first, decade + last, "decade", certainty)


def _sum(words: str) -> AgeReading | None:
    """Years, months, weeks, days and hours together: "1 year, 3 months", "a year and a half", "سنة وثلاثة أشهر"."""
    if match := _UNITLESS.fullmatch(words):
        return _aged(int(match[1]), int(match[1]), "years")
    half = _HALF.fullmatch(words)
    rest = f"{half[1]}{half[2] or ''}".strip() if half else words
    if half and (years := _WHOLE.fullmatch(rest)):
        return _aged(int(years[1]), int(years[1]), "years")
    at, days, unit = 0, 0.0, ""
    while at < len(rest):
        term = _TERM.match(rest, at)
        if term is None:
            return None
        at, unit = term.end(), term[2]
        days += float(term[1] or 1) * _UNITS[unit]
    if not unit:
        return None
    age = int((days + (0.5 * _UNITS[unit] if half else 0)) / _DAYS_A_YEAR + 1e-9)
    return _aged(age, age, "with_units")


@lru_cache(maxsize=10_000)
def read_count(text: str) -> NumberReading:
    """A number of persons. Never raises."""
    if len(text) <= _LONGEST and (match := _WHOLE.fullmatch(folded(text))) and len(match[1]) <= 6:
        return NumberReading(int(match[1]), int(match[1]), None, "number", STATED)
    return NumberReading(None, None, "expected a whole number of persons")
