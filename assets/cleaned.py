"""Stage `cleaned`: statements as given become typed records, or wait in quarantine with a reason."""

from collections.abc import Iterator, Sequence

import dagster as dg

from casualty_pipeline.cleaning.stage import clean_months
from casualty_pipeline.orchestration.auditing import Gate
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.measuring import measured
from casualty_pipeline.orchestration.metadata import POOL, table_spec
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.publishing import Audit, Published

TABLES = tuple(f"cleaned.{name}" for name in ("records", "quarantine", "flags", "readings", "names", "places"))


def build(months: dg.PartitionsDefinition[str], gate: Gate) -> list[dg.AssetsDefinition]:
    """The assets of the stage, by documentation month of the record."""

    @dg.multi_asset(
        name="cleaned",
        specs=[table_spec(t, deps=["captures.records"], kinds=["sql", "polars"]) for t in TABLES],
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    @confidential
    @measured
    def cleaned(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        def write(audit: Audit, of: Sequence[str]) -> Published:
            done = clean_months(home.warehouse, of, home.profile, home.sources, audit=audit)
            rows = done.written
            context.log.info(f"{rows.get('cleaned.records', 0)} records, {rows.get('cleaned.quarantine', 0)} doubts")
            return done

        yield from gate.write_by(context, home, TABLES, write)

    return [cleaned]
