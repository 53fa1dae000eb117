"""Stage `reports`: the month as pages and tables, in each language, from the same figures."""

from collections.abc import Iterator, Sequence

import dagster as dg

from casualty_pipeline.editions.tables import write_editions
from casualty_pipeline.orchestration.auditing import Gate
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.measuring import measured
from casualty_pipeline.orchestration.metadata import POOL, key_of, results, table_spec
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.publishing import Audit, Published
from casualty_pipeline.reporting.stage import write_reports

EDITIONS = ("reports.editions", "monthly.vintages", "monthly.restatements")


def build(months: dg.PartitionsDefinition[str], gate: Gate) -> list[dg.AssetsDefinition]:
    """The bundles by month; the editions of all months together, read from what is published."""

    @dg.multi_asset(
        name="reports",
        specs=[table_spec("reports.bundles", deps=["monthly.figures"], kinds=["html", "xlsx"])],
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    @confidential
    @measured
    def reports(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        def write(_audit: Audit, of: Sequence[str]) -> Published:
            for month, files in write_reports(home.home, of, home.sources).items():
                links = "\n".join(f"- [{f.path.name}](file://{f.path})" for f in files)
                metadata = {"files": dg.MetadataValue.md(links), "folder": dg.MetadataValue.path(files[0].path.parent)}
                context.add_asset_metadata(metadata, key_of("reports.bundles"), month)
            return Published()

        yield from gate.write_by(context, home, ["reports.bundles"], write)

    @dg.multi_asset(
        name="editions",
        specs=[table_spec(t, deps=["monthly.figures"]) for t in EDITIONS],
        pool=POOL,
    )
    @confidential
    @measured
    def editions(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        with home.warehouse.writing() as write:
            write_editions(write, home.home)
            found = results(context, write, EDITIONS)
        yield from found

    return [reports, editions]
