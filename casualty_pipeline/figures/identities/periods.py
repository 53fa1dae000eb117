"""Periods as spans of days, and their names: `2020-03-05`, `2020-03`, `2020-H1`, `2020`, and ranges `2020-01..2020-03`."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from casualty_pipeline.errors import CasualtyError

_PERIOD = re.compile(r"([0-9]{4})(?:-H([12])|-([0-9]{2})(?:-([0-9]{2}))?)?")
Span = tuple[int, int]  # first and last day, as proleptic ordinals


def _one(text: str) -> Span:
    match = _PERIOD.fullmatch(text)
    if not match:
        raise ValueError(text)
    year, half, month, day = (int(part) if part else 0 for part in match.groups())
    if day:
        first = date(year, month, day)
        return first.toordinal(), first.toordinal()
    first_month, last_month = (1, 12) if not (half or match[3]) else (month, month) if match[3] else (6 * half - 5, 6 * half)
    after = date(year + last_month // 12, last_month % 12 + 1, 1)
    return date(year, first_month, 1).toordinal(), after.toordinal() - 1


@lru_cache(maxsize=4096)
def span(period: str) -> Span:
    """First and last day of a period. Raises CasualtyError saying how one is written."""
    first, _, last = period.partition("..")
    try:
        start, end = _one(first)[0], _one(last or first)[1]
        if ".." in period and (not last or start > end):
            raise ValueError(period)
    except ValueError:
        raise CasualtyError(
            f"{period!r} is not a period; expected 2020-03, 2020-03-05, 2020, 2020-H1, or a range 2020-01..2020-03"
        ) from None
    return start, end


def name(days: Span) -> str:
    """The shortest name of a span: a month or months where it is whole ones, else days."""
    first, last = date.fromordinal(days[0]), date.fromordinal(days[1])
    whole_months = first.day == 1 and (last + timedelta(days=1)).day == 1
    start, end = (first.isoformat()[:7], last.isoformat()[:7]) if whole_months else (first.isoformat(), last.isoformat())
    return start if start == end else f"{start}..{end}"


def pieces(spans: Iterable[Span]) -> list[Span]:
    """The longest spans that no given one cuts through, and that lie in one of them, in order of time."""
    given = sorted(set(spans))
    cuts = sorted({s for s, _ in given} | {e + 1 for _, e in given})
    between = pairwise(cuts)
    return [(a, b - 1) for a, b in between if any(s <= a and b - 1 <= e for s, e in given)]
