"""Ages, numbers of persons and coordinates as sources write them."""

import re
from dataclasses import dataclass
from functools import lru_cache

from casualty_pipeline.cleaning.dates import DIGITS

OLDEST = 120
_WHOLE = re.compile(r"(\d{1,9})(?:\.0+)?")
_RANGE = re.compile(r"(\d{1,3})\s*(?:-|–|/|to|or|الى|إلى|او|أو)\s*(\d{1,3})")
_DECADE = re.compile(r"(\d0)s")
_PART_OF_A_YEAR = re.compile(r"(\d{1,3})\.\d+(?: years?(?: old)?)?")
_UNITS = re.compile(r"(\d{1,3})\s*(?:years?(?: old)?|yrs?|y|سنة|سنوات|عام|عاما|عاماً|أعوام)")
_INFANT = re.compile(r"(\d{1,3})\s*(days?|weeks?|months?|يوم|أيام|ايام|أسبوع|أسابيع|شهر|أشهر|اشهر|شهور)(?: old)?")
_MONTH_WORDS = ("month", "شهر", "أشهر", "اشهر", "شهور")


@dataclass(frozen=True)
class NumberReading:
    """An interval of whole numbers, or why the string can't be read."""

    first: int | None
    last: int | None
    reason: str | None


@lru_cache(maxsize=10_000)
def read_age(text: str) -> NumberReading:
    """Age in completed years, as an interval. Never raises; a birth year in the place of an age is refused, not guessed."""
    plain = " ".join(text.translate(DIGITS).casefold().split())
    if match := (_WHOLE.fullmatch(plain) or _UNITS.fullmatch(plain) or _PART_OF_A_YEAR.fullmatch(plain)):
        age = int(match[1])
        if age > OLDEST:
            hint = "; it looks like a year of birth, which has a field of its own" if 1890 <= age <= 2100 else ""
            return NumberReading(None, None, f"expected an age from 0 to {OLDEST}{hint}")
        return NumberReading(age, age, None)
    if match := _RANGE.fullmatch(plain):
        first, last = int(match[1]), int(match[2])
        if first > last or last > OLDEST:
            return NumberReading(None, None, f"expected a range of ages from 0 to {OLDEST}, the lower first")
        return NumberReading(first, last, None)
    if match := _DECADE.fullmatch(plain):
        return NumberReading(int(match[1]), int(match[1]) + 9, None)
    if match := _INFANT.fullmatch(plain):
        months = int(match[1]) if match[2].startswith(_MONTH_WORDS) else 0
        return NumberReading(months // 12, months // 12, None)
    return NumberReading(None, None, "expected an age in years, a range such as 20-25, or an infant's in days or months")


@lru_cache(maxsize=10_000)
def read_count(text: str) -> NumberReading:
    """A number of persons. Never raises."""
    plain = text.translate(DIGITS).strip()
    if (match := _WHOLE.fullmatch(plain)) and len(match[1]) <= 6:
        return NumberReading(int(match[1]), int(match[1]), None)
    return NumberReading(None, None, "expected a whole number of persons")
