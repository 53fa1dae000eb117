"""Stage `deduplicated`: records of many sources and months resolve to victims and incidents, under human decisions."""

from collections.abc import Iterator

import dagster as dg

from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.orchestration.metadata import POOL, results, table_spec
from casualty_pipeline.orchestration.resources import HomeResource

# Those that people look at; the rest of the stage's tables are the working memory of linkage.
TABLES = (
    "deduplicated.pairs",
    "deduplicated.patterns",
    "deduplicated.victim_records",
    "deduplicated.victims",
    "deduplicated.victim_values",
    "deduplicated.incident_records",
    "deduplicated.incidents",
    "deduplicated.identity_events",
    "deduplicated.quality_sample",
    "deduplicated.quality",
    "deduplicated.review_queue",
)
INPUTS = (
    "cleaned.records",
    *("captures.decisions", "captures.citations", "captures.records", "captures.texts", "captures.attachments"),
)


def build() -> list[dg.AssetsDefinition]:
    """The assets of the stage. Not partitioned: a record of May may speak of a victim of January."""

    @dg.multi_asset(
        name="deduplicated", specs=[table_spec(t, deps=INPUTS, kinds=["sql", "polars"]) for t in TABLES], pool=POOL
    )
    def deduplicated(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        with home.warehouse.writing() as write:
            deduplicate(write, home.sources, home.profile)
            found = results(context, write, TABLES)
        context.log.info(
            f"{write.written['deduplicated.victims']} victims, {write.written['deduplicated.incidents']} incidents, "
            f"{write.written['deduplicated.review_queue']} questions for review"
        )
        yield from found

    return [deduplicated]
