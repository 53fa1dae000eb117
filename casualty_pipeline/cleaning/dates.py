"""Dates as sources write them, read as an interval [first, last]: a day is an interval of one day.

What belongs here: reading one string, and writing an interval so that it is read back. Whether dates make sense together is
for the rules in sql/cleaned. Each reading names the rule by which it was made, and whether the source states the interval
(`stated`) or part of it is our convention (`assumed`); docs/methodology.md lists the rules.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from casualty_pipeline.cleaning.calendar_words import (
    ABOUT,
    AFTER,
    BEFORE,
    HIJRI,
    MONTHS,
    ORDINALS,
    SEASONS,
    THIRDS,
    WEEKDAYS,
    alternatives,
    plain,
)

PLACEHOLDERS = frozenset({date(1970, 1, 1), date(1900, 1, 1)})
EARLIEST_YEAR, LATEST_YEAR = 1890, 2200
STATED, ASSUMED = "stated", "assumed"
_LONGEST = 100  # characters; no notation of a date is as long

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
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}")
_D_NAME_Y = re.compile(rf"{_D}{_GAP}(?:of |من )?({_MONTH}){_GAP}(\d{{4}}|\d{{2}})")
_NAME_D_Y = re.compile(rf"({_MONTH}){_GAP}{_D}{_GAP}(\d{{4}})")
_NAME_Y = re.compile(rf"({_MONTH}){_GAP}(?:of )?(\d{{4}})")
_YM = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[/.](\d{4})")
_Y = re.compile(r"(\d{4})")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_THIRD = re.compile(rf"({alternatives(THIRDS)})[ -]+(.+)")
_WEEK = re.compile(rf"(?:({_ORDINAL}) (week|half)(?: of| in)?|(الاسبوع|النصف) ({_ORDINAL})(?: من| في)?) (.+)")
_OPEN = re.compile(rf"({alternatives(BEFORE)}|{alternatives(AFTER)}) +(.+)")
_ABOUT = re.compile(rf"(?:{alternatives(ABOUT)})(?: |(?=\d)).*|.* (?:{alternatives(ABOUT)})")
_BETWEEN = re.compile(r"(?:between|بين|ما بين) (.+?)(?: and | و ?| - )(.+)")
_FROM = re.compile(r"(?:from|من) (.+)")
_TO = re.compile(r" (?:-|to|until|till|through|thru|/|الي|حتي) | ?[-/~] ?")
_OR = re.compile(r" (?:or|او) ")
_SEASON = re.compile(rf"(?:\S+ )?(?:{alternatives(SEASONS)})\b.*")
_HIJRI = re.compile(rf"(?:^|[\d ])(?:{alternatives(HIJRI)})(?:$|[\s\d'-])")
_HIJRI_YEARS = range(1350, 1500)


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


def _wrong(reason: str) -> DateReading:
    return DateReading(None, None, reason)


_UNKNOWN = _wrong("not a date in any form that is known; expected for example 2020-03-05, 5/3/2020 or 5 March 2020")


@lru_cache(maxsize=100_000)
def read_date(
    text: str, of_birth: bool = False, timezone_name: str | None = None, start: date | None = None
) -> DateReading:
    """Read a date or a range of dates, in English or Arabic, in either digits. Never raises.

    `of_birth`: 1 January 1970 is believed, since registries write the first of January where only the year is known; of any
    other date it is what software writes for a missing one. `timezone_name`: an instant with a zone ("...T22:30Z") is the
    day that it was there. `start`: the first day that can be meant, which closes "before X"; without it, that is refused.
    """
    if len(text) > _LONGEST:
        return _UNKNOWN
    words = plain(text)
    reading = _read(words, timezone_name, None if of_birth else start)
    if reading.first is None:
        return reading
    if of_birth and reading.rule == "two_digit_year":
        return _wrong("the year has two digits, and people are born in two centuries: give all four")
    if not of_birth and reading.first == reading.last and reading.first in PLACEHOLDERS:
        shown = reading.first.isoformat()
        return _wrong(f"{shown} is what software writes for a missing date; give the date or leave it blank")
    return reading


def written(first: date, last: date) -> str:
    """The interval in the notation of ISO 8601, the shortest that says it: a year, a month, a day, or `first/last`."""
    if first == last:
        return first.isoformat()
    if first.day == 1 and last == date(first.year, first.month, calendar.monthrange(first.year, first.month)[1]):
        return f"{first.year:04d}-{first.month:02d}"
    if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
        return f"{first.year:04d}"
    return f"{first.isoformat()}/{last.isoformat()}"


def _read(words: str, timezone_name: str | None, start: date | None) -> DateReading:
    for reading in (_point(words, timezone_name), _between(words, timezone_name), _open(words, timezone_name, start)):
        if reading is not None:
            return reading
    return _wrong(_hint(words)) if _hint(words) else _UNKNOWN


def _hint(words: str) -> str:
    """Why a text that looks like a date isn't read as one; empty where it doesn't even look like one."""
    year = _Y.search(words)
    if _HIJRI.search(words) or (year and int(year[1]) in _HIJRI_YEARS):
        return "looks like a date of the Hijri calendar: give it in the Gregorian one"
    if _SEASON.fullmatch(words):
        return "a season has no first and last day: give months"
    if _ABOUT.fullmatch(words):
        return "how far 'about' reaches isn't stated: give the first and the last day that it can mean"
    if _SHORT_YEAR.fullmatch(words):
        return "the year has two digits: give all four, as in 2020-03-05"
    if _SERIAL.fullmatch(words):
        day = date(1899, 12, 30) + timedelta(days=int(words[:5]))
        return (
            f"a number of days, as spreadsheets count them ({day.isoformat()}, or four years later in some): format the "
            "column as dates and send it again"
        )
    return ""


# --- One date ---------------------------------------------------------------------------------------------------------


def _point(words: str, timezone_name: str | None = None) -> DateReading | None:
    """A day, a month, a year or a named part of these; None where the words have none of the forms."""
    if time := _TIME.search(words):
        return _with_time(words[: time.start()], time, timezone_name)
    if (weekday := _WEEKDAY.match(words)) and weekday.end() < len(words):
        reading = _point(words[weekday.end() :])
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
        return _wrong(f"{month_first:%Y-%m} has only {month_last.day} days")
    return DateReading(
        month_first.replace(day=first), month_first.replace(day=min(last, month_last.day)), None, "part", ASSUMED
    )


def _days(year: int, month: int, first: int, last: int, rule: str, certainty: str = STATED) -> DateReading:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        hint = ": a year of the Hijri calendar? Give it in the Gregorian one" if year in _HIJRI_YEARS else ""
        return _wrong(f"the year {year} can't be meant{hint}")
    if not 1 <= month <= 12:
        return _wrong(f"there is no month {month}; expected year-month-day, or day/month/year")
    length = calendar.monthrange(year, month)[1]
    if first == last and not 1 <= first <= length:
        return _wrong(f"there is no day {first} in month {month} of {year}")
    return DateReading(date(year, month, first), date(year, month, min(last, length)), None, rule, certainty)


def _on_weekday(reading: DateReading, day: date, weekday: int) -> DateReading:
    if day.isoweekday() == weekday:
        return replace(reading, certainty=STATED)  # the weekday settles whether day or month comes first
    stated, real = calendar.day_name[weekday - 1], calendar.day_name[day.weekday()]
    return _wrong(f"{day.isoformat()} was a {real}, not a {stated}: one of the two is wrong")


def _with_time(words: str, time: re.Match[str], timezone_name: str | None) -> DateReading | None:
    """A day with a time. With a zone it is an instant, and the day is the one of the conflict's own timezone."""
    reading = _point(words)
    if reading is None or reading.first is None:
        return reading
    hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
    if time[4]:
        hour = hour % 12 + (12 if time[4] == "p" else 0)
    if reading.first != reading.last or hour > 23 or minute > 59 or second > 60:
        return _wrong(f"{time[0].strip(' ,t')} is no time of a day")
    zone = time[5]
    if zone is None or timezone_name is None:
        return reading
    offset = timedelta()
    if zone[0] in "+-":
        offset = (-1 if zone[0] == "-" else 1) * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    if abs(offset) >= timedelta(hours=24):
        return _wrong(f"{zone} is no timezone")
    moment = datetime(reading.first.year, reading.first.month, reading.first.day, hour, minute, tzinfo=timezone(offset))
    day = moment.astimezone(UTC).astimezone(ZoneInfo(timezone_name)).date()
    return replace(reading, first=day, last=day, rule="instant")


# --- More than one ----------------------------------------------------------------------------------------------------


def _between(words: str, timezone_name: str | None) -> DateReading | None:
    """Two dates: from one to the other, or one of them. What one leaves out, month or year, is the other's."""
    if match := _BETWEEN.fullmatch(words):
        return _joined(match[1], match[2], "range", timezone_name)
    if match := _OR.search(words):
        return _joined(words[: match.start()], words[match.end() :], "either", timezone_name)
    inner = match[1] if (match := _FROM.fullmatch(words)) else words
    for match in sorted(_TO.finditer(inner), key=lambda m: (" " not in m[0], m.start())):
        reading = _joined(inner[: match.start()], inner[match.end() :], "range", timezone_name)
        if reading is not None:
            return reading
    return None


def _joined(left: str, right: str, rule: str, timezone_name: str | None) -> DateReading | None:
    one = next((r for t in _completed(left, right) if (r := _point(t, timezone_name))), None)
    other = next((r for t in _completed(right, left) if (r := _point(t, timezone_name))), None)
    if one is None or other is None:
        return None
    if not (one.first and one.last and other.first and other.last):
        return one if one.reason else other
    if rule == "range" and (one.first > other.first or one.last > other.last):
        return _wrong(f"{written(one.first, one.last)} comes after {written(other.first, other.last)}; expected the earlier first")
    certainty = STATED if one.certainty == other.certainty == STATED else ASSUMED
    return DateReading(min(one.first, other.first), max(one.last, other.last), None, rule, certainty)


def _completed(part: str, other: str) -> Iterator[str]:
    """The part by itself, then with what only the other says: month and year, year, month, or the end of a numeric date."""
    yield part
    name, year = re.search(rf"\b(?:{_MONTH})\b", other), re.search(r"\b\d{4}\b", other)
    if name and year:
        yield f"{part} {name[0]} {year[0]}"
        yield f"{name[0]} {part} {year[0]}"
    if year:
        yield f"{part} {year[0]}"
    if name:
        yield f"{name[0]} {part}"
    if tail := re.search(r"[-/.]\d{1,2}[-/.]\d{4}$", other):
        yield part + tail[0]


def _open(words: str, timezone_name: str | None, start: date | None) -> DateReading | None:
    """ "Before X", which the start of the conflict closes; "after X", which nothing closes."""
    match = _OPEN.fullmatch(words)
    reading = match and _point(match[2], timezone_name)
    if match is None or reading is None or reading.first is None or reading.last is None:
        return reading or None
    if match[1] in AFTER:
        return _wrong("open at its end: give the last day that it can mean too")
    if start is None:
        return _wrong("open at its beginning: give the first day that it can mean too")
    last = reading.last if BEFORE[match[1]] else reading.first - timedelta(days=1)
    if last < start:
        return _wrong(f"before {start.isoformat()}, where this profile starts")
    return DateReading(start, last, None, "before", ASSUMED)
