"""Stage `reports`: the month as pages and tables, in each language, from the same figures."""

from collections.abc import Iterator

import dagster as dg

from casualty_pipeline.editions.tables import write_editions
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.metadata import POOL, key_of, results, table_spec
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.reporting.stage import write_reports

EDITIONS = ("reports.editions", "monthly.vintages", "monthly.restatements")


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetsDefinition]:
    """The bundles by month; the editions of all months together, read from what is published."""

    @dg.multi_asset(
        name="reports",
        specs=[table_spec("reports.bundles", deps=["monthly.figures"], kinds=["html", "xlsx"])],
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    @confidential
    def reports(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        written = write_reports(home.home, context.partition_keys, home.sources)
        for month, files in written.items():
            links = "\n".join(f"- [{f.path.name}](file://{f.path})" for f in files)
            metadata = {"files": dg.MetadataValue.md(links), "folder": dg.MetadataValue.path(files[0].path.parent)}
            context.add_asset_metadata(metadata, key_of("reports.bundles"), month)
        with home.warehouse.reading() as reading:
            found = results(context, reading, ["reports.bundles"])
        yield from found

    @dg.multi_asset(
        name="editions",
        specs=[table_spec(t, deps=["monthly.figures"]) for t in EDITIONS],
        pool=POOL,
    )
    @confidential
    def editions(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        with home.warehouse.writing() as write:
            write_editions(write, home.home)
            found = results(context, write, EDITIONS)
        yield from found

    return [reports, editions]
