"""Standing checks: of the home as it is today, whatever a run is about. The job `standing_checks` makes them, every morning.

They go by the clock and by all months, so that they are no part of a run over months, and stop nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg
import polars as pl

from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import failing, unresolved
from casualty_pipeline.quality.freshness import late_month, late_sources
from casualty_pipeline.warehouse import Reading
from checks.asset_checks import build_checks
from checks.rules import WARN, Check


def _open_failures(_home: HomeResource, reading: Reading, _months: Sequence[str]) -> pl.DataFrame:
    return failing(
        (month, month or "no month", f"{sum(of.values())} rows of {', '.join(of)}: `casualty failures`")
        for month, of in unresolved(reading).items()
    )


def _late_month(home: HomeResource, reading: Reading, _months: Sequence[str]) -> pl.DataFrame:
    return failing((o.what, o.what, o.sentence) for o in late_month(reading, home.profile, datetime.now(UTC)))


def _late_sources(home: HomeResource, reading: Reading, _months: Sequence[str]) -> pl.DataFrame:
    return failing(("", o.what, o.sentence) for o in late_sources(reading, home.sources, datetime.now(UTC)))


DECLARED = (
    Check(
        "months_have_no_open_failures",
        "attributed.month_digest",
        "No month has rows that broke a check and were not found good since; its result names the months.",
        "principle 3",
        _open_failures,
        blocking=False,
        severity=WARN,
        standing=True,
    ),
    Check(
        "due_month_is_there",
        "attributed.month_digest",
        "The month before the running one has its report, since the 1st.",
        "R11",
        _late_month,
        blocking=False,
        severity=WARN,
        standing=True,
    ),
    Check(
        "sources_have_delivered",
        "captures.manifest",
        "Each source has delivered within the days that its declaration names (`delivers_every_days`).",
        "R22",
        _late_sources,
        blocking=False,
        severity=WARN,
        standing=True,
    ),
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The asset checks, in a step of their own."""
    return build_checks("standing", DECLARED, months)
