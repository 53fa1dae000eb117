"""One date: a day, a month, a year or a named part of these, in English or Arabic, with the rule by which it was read.

What belongs here: the forms of one date. Ranges, open intervals and what is refused with a hint are for `dates.py`.
"""

import calendar
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from casualty_pipeline.cleaning.calendar_words import MONTHS, ORDINALS, THIRDS, WEEKDAYS, alternatives

EARLIEST_YEAR, LATEST_YEAR = 1890, 2200
STATED, ASSUMED = "stated", "assumed"
_MONTH, _ORDINAL = alternatives(MONTHS), alternatives(ORDINALS)
_D = r"(\d{1,2})(?:st|nd|rd|th)?"
_GAP = r"[ ,./-]+"
_TIME = re.compile(
    r"(?:(?<=\d)t|[ ,]+(?:at |الساعة )?)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)? ?(?:([ap])\.?m\.?)?"
    r" ?(z|utc|gmt|[+-]\d{2}:?\d{2})?$"
)
_WEEKDAY = re.compile(rf"({alternatives(WEEKDAYS)})\b[ ,]*")
_YMD = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DMY = re.compile(r"(\d{1,2}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{4})")
_D_NAME_Y = re.compile(rf"{_D}{_GAP}(?:of |من )?({_MONTH}){_GAP}(\d{{4}}|\d{{2}})")
_NAME_D_Y = re.compile(rf"({_MONTH}){_GAP}{_D}{_GAP}(\d{{4}})")
_NAME_Y = re.compile(rf"({_MONTH}){_GAP}(?:of )?(\d{{4}})")
_YM = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[/.](\d{4})")
_Y = re.compile(r"(\d{4})")
_THIRD = re.compile(rf"({alternatives(THIRDS)})[ -]+(.+)")
_WEEK = re.compile(rf"(?:({_ORDINAL}) (week|half)(?: of| in)?|(الاسبوع|النصف) ({_ORDINAL})(?: من| في)?) (.+)")
HIJRI_YEARS = range(1350, 1500)


@dataclass(frozen=True)
class DateReading:
    """What a string says: an interval of days with its rule and certainty, or why it can't be read.

    Either `first`, `last`, `rule` and `certainty` are set, or `reason` is.
    """

    first: date | None
    last: date | None
    reason: str | None
    rule: str | None = None
    certainty: str | None = None


def refused(reason: str) -> DateReading:
    """A string that can't be read, and why."""
    return DateReading(None, None, reason)


def point(words: str, timezone_name: str | None = None) -> DateReading | None:
    """A day, a month, a year or a named part of these; None where the words have none of the forms."""
    if time := _TIME.search(words):
        return _with_time(words[: time.start()], time, timezone_name)
    if (weekday := _WEEKDAY.match(words)) and weekday.end() < len(words):
        reading = point(words[weekday.end() :])
        if reading and reading.first and reading.first == reading.last:
            return _on_weekday(reading, reading.first, WEEKDAYS[weekday[1]])
        return reading
    return _day(words) or _month_or_year(words) or _part(words)


def _day(words: str) -> DateReading | None:
    if match := _YMD.fullmatch(words) or _COMPACT.fullmatch(words):
        year, month, day = map(int, match.groups())
        return _days(year, month, day, day, "year_month_day")
    if match := _DMY.fullmatch(words):
        day, month, year = map(int, match.groups())
        ambiguous = day <= 12 and day != month
        return _days(year, month, day, day, "day_before_month", ASSUMED if ambiguous else STATED)
    if match := _D_NAME_Y.fullmatch(words):
        day, month, year = int(match[1]), MONTHS[match[2]], int(match[3])
        if len(match[3]) == 2:
            return _days(2000 + year, month, day, day, "two_digit_year", ASSUMED)
        return _days(year, month, day, day, "month_name")
    if match := _NAME_D_Y.fullmatch(words):
        return _days(int(match[3]), MONTHS[match[1]], int(match[2]), int(match[2]), "month_name")
    return None


def _month_or_year(words: str) -> DateReading | None:
    if match := _NAME_Y.fullmatch(words):
        return _days(int(match[2]), MONTHS[match[1]], 1, 31, "month")
    if match := _YM.fullmatch(words):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return _days(int(year), int(month), 1, 31, "month")
    if match := _Y.fullmatch(words):
        year_reading = _days(int(match[1]), 1, 1, 31, "year")
        return replace(year_reading, last=date(int(match[1]), 12, 31)) if year_reading.first else year_reading
    return None


def _part(words: str) -> DateReading | None:
    """ "Early March 2020", "the second week of March 2020", "late 2019", in both languages."""
    if match := _THIRD.fullmatch(words):
        whole = _month_or_year(match[2].removeprefix("of ").removeprefix("من "))
        third = THIRDS[match[1]]
        if whole is None or whole.first is None or whole.last is None:
            return whole
        if whole.rule == "year":
            year, last = whole.first.year, 4 * third
            return DateReading(
                date(year, last - 3, 1), date(year, last, calendar.monthrange(year, last)[1]), None, "part", ASSUMED
            )
        return _within(whole.first, whole.last, 10 * third - 9, 31 if third == 3 else 10 * third)
    if match := _WEEK.fullmatch(words):
        whole = _month_or_year(match[5])
        ordinal, unit = ORDINALS[match[1] or match[4]], match[2] or match[3]
        if whole is None or whole.first is None or whole.last is None or whole.rule == "year":
            return whole if whole and whole.reason else None
        length = whole.last.day
        if unit in {"half", "النصف"}:
            return _within(whole.first, whole.last, *((1, 15) if ordinal == 1 else (16, 31)))
        if ordinal == -1:
            return _within(whole.first, whole.last, length - 6, length)
        return _within(whole.first, whole.last, 7 * ordinal - 6, 7 * ordinal)
    return None


def _within(month_first: date, month_last: date, first: int, last: int) -> DateReading:
    if first > month_last.day:
        return refused(f"{month_first:%Y-%m} has only {month_last.day} days")
    return DateReading(
        month_first.replace(day=first), month_first.replace(day=min(last, month_last.day)), None, "part", ASSUMED
    )


def _days(year: int, month: int, first: int, last: int, rule: str, certainty: str = STATED) -> DateReading:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        hint = ": a year of the Hijri calendar? Give it in the Gregorian one" if year in HIJRI_YEARS else ""
        return refused(f"the year {year} can't be meant{hint}")
    if not 1 <= month <= 12:
        return refused(f"there is no month {month}; expected year-month-day, or day/month/year")
    length = calendar.monthrange(year, month)[1]
    if first == last and not 1 <= first <= length:
        return refused(f"there is no day {first} in month {month} of {year}")
    return DateReading(date(year, month, first), date(year, month, min(last, length)), None, rule, certainty)


def _on_weekday(reading: DateReading, day: date, weekday: int) -> DateReading:
    if day.isoweekday() == weekday:
        return replace(reading, certainty=STATED)  # the weekday settles whether day or month comes first
    stated, real = calendar.day_name[weekday - 1], calendar.day_name[day.weekday()]
    return refused(f"{day.isoformat()} was a {real}, not a {stated}: one of the two is wrong")


def _with_time(words: str, time: re.Match[str], timezone_name: str | None) -> DateReading | None:
    """A day with a time. With a zone it is an instant, and the day is the one of the conflict's own timezone."""
    reading = point(words)
    if reading is None or reading.first is None:
        return reading
    hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
    if time[4]:
        hour = hour % 12 + (12 if time[4] == "p" else 0)
    if reading.first != reading.last or hour > 23 or minute > 59 or second > 60:
        return refused(f"{time[0].strip(' ,t')} is no time of a day")
    zone = time[5]
    if zone is None or timezone_name is None:
        return reading
    offset = timedelta()
    if zone[0] in "+-":
        offset = (-1 if zone[0] == "-" else 1) * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    if abs(offset) >= timedelta(hours=24):
        return refused(f"{zone} is no timezone")
    moment = datetime(reading.first.year, reading.first.month, reading.first.day, hour, minute, tzinfo=timezone(offset))
    day = moment.astimezone(UTC).astimezone(ZoneInfo(timezone_name)).date()
    return replace(reading, first=day, last=day, rule="instant")
