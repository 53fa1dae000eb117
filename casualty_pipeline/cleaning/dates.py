"""Dates as sources write them, read as an interval [first, last]: a day is an interval of one day.

What belongs here: reading one string, and writing an interval so that it is read back. Whether dates make sense together is
for the rules in sql/cleaned. Each reading names the rule by which it was made, and whether the source states the interval
(`stated`) or part of it is our convention (`assumed`); docs/methodology.md lists the rules.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from casualty_pipeline.cleaning.calendar_words import ABOUT, AFTER, BEFORE, HIJRI, MONTHS, SEASONS, alternatives, plain
from casualty_pipeline.cleaning.date_points import ASSUMED, HIJRI_YEARS, STATED, DateReading, point, refused

PLACEHOLDERS = frozenset({date(1970, 1, 1), date(1900, 1, 1)})
_LONGEST = 100  # characters; no notation of a date is as long

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # most dates by far: spares the search for words in them
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_OPEN = re.compile(rf"({alternatives(BEFORE)}|{alternatives(AFTER)}) +(.+)")
_ABOUT = re.compile(rf"(?:{alternatives(ABOUT)})(?: |(?=\d)).*|.* (?:{alternatives(ABOUT)})")
_BETWEEN = re.compile(r"(?:between|بين|ما بين) (.+?)(?: and | و ?| - )(.+)")
_FROM = re.compile(r"(?:from|من) (.+)")
_TO = re.compile(r" (?:-|to|until|till|through|thru|/|الي|حتي) | ?[-/~] ?")
_OR = re.compile(r" (?:or|او) ")
_SEASON = re.compile(rf"(?:\S+ )?(?:{alternatives(SEASONS)})\b.*")
_HIJRI = re.compile(rf"(?:^|[\d ])(?:{alternatives(HIJRI)})(?:$|[\s\d'-])")
_YEAR = re.compile(r"\d{4}")
_MONTH_NAME = re.compile(rf"\b(?:{alternatives(MONTHS)})\b")
_NUMERIC_TAIL = re.compile(r"[-/.]\d{1,2}[-/.]\d{4}$")

_UNKNOWN = refused("not a date in any form that is known; expected for example 2020-03-05, 5/3/2020 or 5 March 2020")


@lru_cache(maxsize=100_000)
def read_date(text: str, of_birth: bool = False, timezone_name: str | None = None, start: date | None = None) -> DateReading:
    """Read a date or a range of dates, in English or Arabic, in either digits. Never raises.

    `of_birth`: 1 January 1970 is believed, since registries write the first of January where only the year is known; of any
    other date it is what software writes for a missing one. `timezone_name`: an instant with a zone ("...T22:30Z") is the
    day that it was there. `start`: the first day that can be meant, which closes "before X"; without it, that is refused.
    """
    if len(text) > _LONGEST:
        return _UNKNOWN
    words = text if _ISO.fullmatch(text) else plain(text)
    reading = _read(words, timezone_name, None if of_birth else start)
    if reading.first is None:
        return reading
    if of_birth and reading.rule == "two_digit_year":
        return refused("the year has two digits, and people are born in two centuries: give all four")
    if not of_birth and reading.first == reading.last and reading.first in PLACEHOLDERS:
        shown = reading.first.isoformat()
        return refused(f"{shown} is what software writes for a missing date; give the date or leave it blank")
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
    reading = point(words, timezone_name) or _between(words, timezone_name) or _open(words, timezone_name, start)
    if reading is not None:
        return reading
    hint = _hint(words)
    return refused(hint) if hint else _UNKNOWN


def _hint(words: str) -> str:
    """Why a text that looks like a date isn't read as one; empty where it doesn't even look like one."""
    year = _YEAR.search(words)
    if _HIJRI.search(words) or (year and int(year[0]) in HIJRI_YEARS):
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
    one = next((r for t in _completed(left, right) if (r := point(t, timezone_name))), None)
    other = next((r for t in _completed(right, left) if (r := point(t, timezone_name))), None)
    if one is None or other is None:
        return None
    if not (one.first and one.last and other.first and other.last):
        return one if one.reason else other
    if rule == "range" and (one.first > other.first or one.last > other.last):
        return refused(
            f"{written(one.first, one.last)} comes after {written(other.first, other.last)}; expected the earlier first"
        )
    certainty = STATED if one.certainty == other.certainty == STATED else ASSUMED
    if "two_digit_year" in (one.rule, other.rule):
        rule = "two_digit_year"
    return DateReading(min(one.first, other.first), max(one.last, other.last), None, rule, certainty)


def _completed(part: str, other: str) -> Iterator[str]:
    """The part by itself, then with what only the other says: month and year, year, month, or the end of a numeric date."""
    yield part
    name, year = _MONTH_NAME.search(other), _YEAR.search(other)
    if name and year:
        yield f"{part} {name[0]} {year[0]}"
        yield f"{name[0]} {part} {year[0]}"
    if year:
        yield f"{part} {year[0]}"
    if name:
        yield f"{name[0]} {part}"
    if tail := _NUMERIC_TAIL.search(other):
        yield part + tail[0]


def _open(words: str, timezone_name: str | None, start: date | None) -> DateReading | None:
    """ "Before X", which the start of the conflict closes; "after X", which nothing closes."""
    match = _OPEN.fullmatch(words)
    reading = match and point(match[2], timezone_name)
    if match is None or reading is None or reading.first is None or reading.last is None:
        return reading or None
    if match[1] in AFTER:
        return refused("open at its end: give the last day that it can mean too")
    if start is None:
        return refused("open at its beginning: give the first day that it can mean too")
    last = reading.last if BEFORE[match[1]] else reading.first - timedelta(days=1)
    if last < start:
        return refused(f"before {start.isoformat()}, where this profile starts")
    return DateReading(start, last, None, "before", ASSUMED)
