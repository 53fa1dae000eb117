"""Stage `attributed`: who is responsible, who counts, and the digest by which a stale month is known."""

from collections.abc import Iterator, Sequence

import dagster as dg

from casualty_pipeline.attribution import attribute, digest_months
from casualty_pipeline.orchestration.auditing import Gate
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.measuring import measured
from casualty_pipeline.orchestration.metadata import POOL, results, table_spec
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.staleness import remember_attributed
from casualty_pipeline.warehouse import Writing

TABLES = ("attributed.victims", "attributed.incidents", "attributed.transitions")
INPUTS = ("deduplicated.victims", "deduplicated.incidents", "deduplicated.incident_records", "captures.decisions")


def build(months: dg.PartitionsDefinition[str], gate: Gate) -> list[dg.AssetsDefinition]:
    """The assets of the stage: victims and incidents by documentation month, the digests of all months together."""

    @dg.multi_asset(name="month_digest", specs=[table_spec("attributed.month_digest", deps=INPUTS)], pool=POOL)
    @confidential
    @measured
    def month_digest(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        with home.warehouse.writing() as write:
            digest_months(write, home.profile)
            found = results(context, write, ["attributed.month_digest"])
        yield from found

    @dg.multi_asset(
        name="attributed",
        # The claims of the month's own records: through them a backfill of `cleaned` goes on to the same months here.
        specs=[table_spec(t, deps=(*INPUTS, "cleaned.records")) for t in TABLES],
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    @confidential
    @measured
    def attributed(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        def compute(write: Writing, of: Sequence[str]) -> None:
            attribute(write, of, home.profile)
            remember_attributed(write, of)

        yield from gate.write(context, home, TABLES, compute, {"methodology_version": home.profile.methodology_version})

    return [month_digest, attributed]
