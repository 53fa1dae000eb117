"""Dates as sources write them, read as an interval [first, last]: a day is an interval of one day.

What belongs here: reading one string. Whether dates make sense together is for the quarantine rules (sql/cleaned).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")

_MONTHS: tuple[tuple[str, ...], ...] = (
    ("january", "jan", "يناير", "كانون الثاني"),
    ("february", "feb", "فبراير", "شباط"),
    ("march", "mar", "مارس", "آذار", "اذار"),
    ("april", "apr", "أبريل", "ابريل", "نيسان"),
    ("may", "مايو", "أيار", "ايار"),
    ("june", "jun", "يونيو", "حزيران"),
    ("july", "jul", "يوليو", "تموز"),
    ("august", "aug", "أغسطس", "اغسطس", "آب", "اب"),
    ("september", "sep", "sept", "سبتمبر", "أيلول", "ايلول"),
    ("october", "oct", "أكتوبر", "اكتوبر", "تشرين الأول", "تشرين الاول"),
    ("november", "nov", "نوفمبر", "تشرين الثاني"),
    ("december", "dec", "ديسمبر", "كانون الأول", "كانون الاول"),
)
_MONTH_NAMES = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_NAME = "|".join(sorted(map(re.escape, _MONTH_NAMES), key=len, reverse=True))
_TIME = r"(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
_YMD = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}")
_DMY = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}")
_D_NAME_Y = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[ -]+(?:of )?({_NAME})[ ,-]+(\d{{4}})")
_NAME_D_Y = re.compile(rf"({_NAME})[ -]+(\d{{1,2}})(?:st|nd|rd|th)?[ ,-]+(\d{{4}})")
_NAME_Y = re.compile(rf"(?:(early|mid|late)[ -]+)?({_NAME})[ ,-]+(\d{{4}})")
_YM = re.compile(r"(\d{4})[-/.](\d{1,2})")
_Y = re.compile(r"(\d{4})")
_PART = {"early": (1, 10), "mid": (11, 20), "late": (21, 31), None: (1, 31)}
PLACEHOLDERS = frozenset({date(1970, 1, 1), date(1900, 1, 1)})
EARLIEST_YEAR = 1890


@dataclass(frozen=True)
class DateReading:
    """What a string says: an interval of days, or why it can't be read. Exactly one of `first` and `reason` is set."""

    first: date | None
    last: date | None
    reason: str | None


def _wrong(reason: str) -> DateReading:
    return DateReading(None, None, reason)


def _days(year: int, month: int, first: int, last: int, placeholder: bool = False) -> DateReading:
    if not EARLIEST_YEAR <= year <= 2200:
        return _wrong(f"the year {year} can't be meant")
    if not 1 <= month <= 12:
        return _wrong(f"there is no month {month}; expected year-month-day, or day/month/year")
    length = calendar.monthrange(year, month)[1]
    if first == last and not 1 <= first <= length:
        return _wrong(f"there is no day {first} in month {month} of {year}")
    begin, end = date(year, month, first), date(year, month, min(last, length))
    if begin == end and begin in PLACEHOLDERS and not placeholder:
        return _wrong(f"{begin.isoformat()} is what software writes for a missing date; give the date or leave it blank")
    return DateReading(begin, end, None)


@lru_cache(maxsize=100_000)
def read_date(text: str, of_birth: bool = False) -> DateReading:
    """Read a date: ISO, day/month/year, month names in English and Arabic (Levantine and Gregorian), either digits.

    Never raises. A month or a year alone is an interval. Day comes before month, as it is written in Syria.
    1 January 1970 is refused as a date of anything but birth, where people are often registered on the first of the year.
    """
    plain = " ".join(text.translate(DIGITS).casefold().replace("،", ",").split())
    if match := _YMD.fullmatch(plain):
        year, month, day = map(int, match.groups())
        return _days(year, month, day, day, of_birth)
    if match := _DMY.fullmatch(plain):
        day, month, year = map(int, match.groups())
        return _days(year, month, day, day, of_birth)
    if match := _D_NAME_Y.fullmatch(plain):
        return _days(int(match[3]), _MONTH_NAMES[match[2]], int(match[1]), int(match[1]), of_birth)
    if match := _NAME_D_Y.fullmatch(plain):
        return _days(int(match[3]), _MONTH_NAMES[match[1]], int(match[2]), int(match[2]), of_birth)
    if match := _NAME_Y.fullmatch(plain):
        return _days(int(match[3]), _MONTH_NAMES[match[2]], *_PART[match[1]])
    if match := _YM.fullmatch(plain):
        return _days(int(match[1]), int(match[2]), 1, 31)
    if match := _Y.fullmatch(plain):
        year = int(match[1])
        if not EARLIEST_YEAR <= year <= 2200:
            return _wrong(f"the year {year} can't be meant")
        return DateReading(date(year, 1, 1), date(year, 12, 31), None)
    return _wrong("not a date in any form that is known; expected for example 2020-03-05, 5/3/2020 or 5 March 2020")
