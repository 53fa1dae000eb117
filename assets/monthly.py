"""Stage `monthly`: figures, one row per number."""

from collections.abc import Iterator, Sequence

import dagster as dg

from casualty_pipeline.figures.stage import compute_figures
from casualty_pipeline.orchestration.auditing import Gate
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.measuring import measured
from casualty_pipeline.orchestration.metadata import POOL, table_spec
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.staleness import remember_figures
from casualty_pipeline.warehouse import Writing

TABLES = ("monthly.figures", "monthly.ranges", "monthly.figure_inputs")
INPUTS = ("attributed.victims", "attributed.incidents")


def build(months: dg.PartitionsDefinition[str], gate: Gate) -> list[dg.AssetsDefinition]:
    """The assets of the stage, by month.

    Cumulative figures read the attributed months of the year up to theirs, too. That is no partition mapping, since it
    would split a backfill into a run per stage; the blocking check `year_so_far_is_attributed` guards it instead.
    """

    @dg.multi_asset(
        name="monthly",
        specs=[table_spec(t, deps=INPUTS) for t in TABLES],
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    @confidential
    @measured
    def monthly(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        def compute(write: Writing, of: Sequence[str]) -> None:
            compute_figures(write, of, home.profile)
            remember_figures(write, of)

        yield from gate.write(context, home, TABLES, compute)

    return [monthly]
