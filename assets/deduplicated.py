"""Stage `deduplicated`: records of many sources and months resolve to victims and incidents, under human decisions."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from casualty_pipeline.linkage.bits_table import bits_table
from casualty_pipeline.linkage.model import Model, of_home
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.linkage.summary import how_decided, most_doubtful
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.measuring import measured
from casualty_pipeline.orchestration.metadata import POOL, results, table_spec
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.warehouse import Reading

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

DOUBTFUL = 5  # victims that are named by id, with the command that explains them


def _told(reading: Reading, model: Model) -> dict[str, dict[str, Any]]:
    """How linkage decided, for the UI: counts and ids, never names."""
    counts = "\n".join(f"| {what} | {count:,} |" for what, count in how_decided(reading, model))
    ids = most_doubtful(reading, DOUBTFUL)
    commands = "\n".join(f"    casualty explain {victim}" for victim in ids) or "none: no pair is open"
    return {
        "deduplicated.victims": {
            "how_linkage_decided": dg.MetadataValue.md(f"| | |\n|---|---:|\n{counts}"),
            "most_doubtful_victims": dg.MetadataValue.md(commands),
        },
        "deduplicated.pairs": {"bits_of_the_model": dg.MetadataValue.md(bits_table(model))},
    }


def build() -> list[dg.AssetsDefinition]:
    """The assets of the stage. Not partitioned: a record of May may speak of a victim of January."""

    @dg.multi_asset(
        name="deduplicated", specs=[table_spec(t, deps=INPUTS, kinds=["sql", "polars"]) for t in TABLES], pool=POOL
    )
    @confidential
    @measured
    def deduplicated(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        model = of_home(home.home)
        with home.warehouse.writing() as write:
            deduplicate(write, home.sources, home.profile, model)
            found = results(context, write, TABLES, of_table=_told(write, model))
        context.log.info(
            f"{write.written['deduplicated.victims']} victims, {write.written['deduplicated.incidents']} incidents, "
            f"{write.written['deduplicated.review_queue']} questions for review"
        )
        yield from found

    return [deduplicated]
