"""Stage `cleaned`: statements as given become typed records, or wait in quarantine with a reason."""

from collections.abc import Iterator

import dagster as dg

from casualty_pipeline.cleaning.stage import clean_months
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.metadata import POOL, results, table_spec
from casualty_pipeline.orchestration.resources import HomeResource

TABLES = tuple(f"cleaned.{name}" for name in ("records", "quarantine", "flags", "readings", "names", "places"))


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetsDefinition]:
    """The assets of the stage, by documentation month of the record."""

    @dg.multi_asset(
        name="cleaned",
        specs=[table_spec(t, deps=["captures.records"], kinds=["sql", "polars"]) for t in TABLES],
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    @confidential
    def cleaned(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        written = clean_months(home.warehouse, context.partition_keys, home.profile, home.sources)
        context.log.info(f"{written['cleaned.records']} records, {written['cleaned.quarantine']} doubts")
        with home.warehouse.reading() as reading:
            found = results(context, reading, TABLES)
        yield from found

    return [cleaned]
