"""Stage `reports`: the month as pages and tables, in each language, from the same figures."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from casualty_pipeline.editions.tables import write_editions
from casualty_pipeline.orchestration.auditing import Gate
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.measuring import measured
from casualty_pipeline.orchestration.metadata import POOL, key_of, results, table_spec
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.publishing import Audit, Published
from casualty_pipeline.reporting import Written
from casualty_pipeline.reporting.stage import write_reports
from casualty_pipeline.reporting.thumbnails import thumbnails

Shown = dict[str, dg.MarkdownMetadataValue | dg.PathMetadataValue]
EDITIONS = ("reports.editions", "monthly.vintages", "monthly.restatements")


def _shown(folder: Path, files: Sequence[Written], language: str) -> Shown:
    """What the UI shows of a month's bundle: its files with sizes and hashes, pictures of its first page and its map."""
    rows = [f"| [{f.path.relative_to(folder)}](file://{f.path}) | {f.size:,} | `{f.sha256}` |" for f in files]
    shown: Shown = {
        "files": dg.MetadataValue.md("\n".join(("| file | bytes | SHA-256 |", "|---|---|---|", *rows))),
        "folder": dg.MetadataValue.path(folder),
    }
    for name, png in thumbnails(folder, language).items():
        shown[name] = dg.MetadataValue.md(f"![{name}](data:image/png;base64,{b64encode(png).decode()})")
    return shown


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
                metadata = _shown(home.home.reports / month, files, home.home.profile.languages[0])
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
