"""Plausibility against history: what no rule forbids, but the months before don't make plausible. It warns, never stops.

A sudden change may be the truth: people look, and nothing is held back. What is compared, and how often it warns by chance,
stands in `casualty_pipeline/quality/plausibility.py`.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import polars as pl

from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality import histories
from casualty_pipeline.quality.failures import failing
from casualty_pipeline.quality.plausibility import Unusual, unusual_counts, unusual_shares
from casualty_pipeline.quality.repeated import repeated_captures
from casualty_pipeline.quality.sexes import swapped_captures
from casualty_pipeline.reporting.charts import SERIES, Bar, bars
from casualty_pipeline.warehouse import Reading
from checks.rules import WARN, Check

_CHARTS = 3  # of the series that stand out, in a check's metadata; the failing rows name them all
Numbers = histories.Counts | histories.Shares


def _compared(
    name: str,
    table: str,
    description: str,
    requirement: str,
    history: Callable[[Reading, str], Any],
    judge: Callable[[Any], list[Unusual]],
) -> Check:
    """A check that compares each month's series with those before."""

    def find(_home: HomeResource, reading: Reading, months: Sequence[str]) -> pl.DataFrame:
        found = ((month, one) for month in months for one in judge(history(reading, month)))
        return failing((month, one.series, one.sentence) for month, one in found)

    def show(reading: Reading, month: str) -> Mapping[str, Any]:
        numbers = history(reading, month)
        drawn = [_chart(one, numbers[one.series]) for one in judge(numbers)[:_CHARTS]]
        return {"history": dg.MetadataValue.md("\n\n".join(drawn))} if drawn else {}

    return Check(name, table, description, requirement, find, blocking=False, severity=WARN, show=show)


def _chart(one: Unusual, values: Sequence[Any]) -> str:
    """The series as bars, the oldest month first, as an image within the text."""
    drawn = [
        Bar(100 * v[0] / v[1] if v[1] else 0, f"{v[0]} of {v[1]}", SERIES[1]) if one.share else Bar(v, f"{v}", SERIES[1])
        for v in values
    ]
    drawn[-1] = Bar(drawn[-1].value, drawn[-1].text, SERIES[0])
    svg = str(bars(one.series, one.sentence, drawn, "ltr"))
    return f"{one.sentence}\n\n![{one.series}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"


def _repeated(_home: HomeResource, reading: Reading, months: Sequence[str]) -> pl.DataFrame:
    return failing((r.month, r.capture, r.sentence) for r in repeated_captures(reading, months))


def _swapped(_home: HomeResource, reading: Reading, months: Sequence[str]) -> pl.DataFrame:
    return failing((s.month, s.capture, s.sentence) for s in swapped_captures(reading, months))


def _cleaned() -> Iterator[Check]:
    of, guards = "cleaned.records", "requirements, section 6"
    yield _compared(
        "sources_say_as_much_as_before",
        of,
        "No source says suddenly much more or less than in the months before, or nothing at all any more.",
        guards,
        histories.sources,
        unusual_counts,
    )
    yield _compared(
        "fields_are_filled_as_before",
        of,
        "Of no source is a field suddenly much more or less often filled than in the months before.",
        guards,
        histories.fields,
        unusual_shares,
    )
    yield Check(
        "captures_are_not_repeated",
        of,
        "No capture mostly repeats an earlier one under other keys: most of its named statements of the month say the same.",
        guards,
        _repeated,
        blocking=False,
        severity=WARN,
    )
    yield Check(
        "sexes_fit_given_names",
        of,
        "In no capture have nearly all people another sex than others of their given name, as where a code is read the "
        "wrong way round.",
        guards,
        _swapped,
        blocking=False,
        severity=WARN,
    )


def _attributed() -> Iterator[Check]:
    of, guards = "attributed.victims", "requirements, section 6"
    for name, what, history in (
        ("parties_are_as_before", "No party", histories.parties),
        ("governorates_are_as_before", "No governorate", histories.governorates),
    ):
        yield _compared(
            name,
            of,
            f"{what} has suddenly many more or fewer of the counted civilians than in the months before.",
            guards,
            history,
            unusual_counts,
        )
    yield _compared(
        "shares_are_as_before",
        of,
        "As many as before are unattributed or unverified; as many records are joined, or wait for people's answer.",
        guards,
        histories.shares,
        unusual_shares,
    )


CLEANED, ATTRIBUTED = tuple(_cleaned()), tuple(_attributed())
