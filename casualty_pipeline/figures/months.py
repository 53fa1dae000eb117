"""Months as keys: `2020-03`. Ranges, neighbours, years."""

import re
from collections.abc import Iterable

from casualty_pipeline.errors import CasualtyError

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def check_month(text: str) -> str:
    """The month itself. Raises CasualtyError when it isn't one."""
    if not _MONTH.fullmatch(text):
        raise CasualtyError(f"{text!r} is not a month; expected YYYY-MM, for example 2020-03")
    return text


def next_month(month: str) -> str:
    """The month after."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1:04d}-01" if number == 12 else f"{year:04d}-{number + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from first to last, both included. Raises CasualtyError when last comes before first."""
    if check_month(last) < check_month(first):
        raise CasualtyError(f"the range of months ends ({last}) before it begins ({first})")
    months = [first]
    while months[-1] < last:
        months.append(next_month(months[-1]))
    return months


def year_to(month: str) -> list[str]:
    """The months of the year up to this one, this one included."""
    return months_between(f"{month[:4]}-01", month)


def contiguous(months: Iterable[str]) -> list[tuple[str, str]]:
    """The fewest ranges (first, last) that hold exactly these months."""
    ranges: list[tuple[str, str]] = []
    for month in sorted(set(months)):
        if ranges and next_month(ranges[-1][1]) == month:
            ranges[-1] = (ranges[-1][0], month)
        else:
            ranges.append((month, month))
    return ranges
