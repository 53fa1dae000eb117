"""Stage `captures`: the inbox goes into the archive, and what the archive holds is read once."""

from collections.abc import Iterator

import dagster as dg

from casualty_pipeline.captures.inbox import take_inbox
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.measuring import measured
from casualty_pipeline.orchestration.metadata import POOL, results, table_spec
from casualty_pipeline.orchestration.resources import HomeResource

TABLES = (
    "captures.manifest",
    "captures.records",
    "captures.citations",
    "captures.texts",
    "captures.attachments",
    "captures.rejected",
    "captures.decisions",
)


def build() -> list[dg.AssetsDefinition]:
    """The assets of the stage. Not partitioned: one capture may speak of many months."""

    @dg.multi_asset(name="captures", specs=[table_spec(t, kinds=["python"]) for t in TABLES], pool=POOL)
    @confidential
    @measured
    def captures(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        home.home.prepare()
        entries, problems = take_inbox(home.home)
        with home.warehouse.writing() as write:
            intake = read_archive(home.home, write)
            counts = {
                "captures_new": len(entries),
                "captures_read": intake.captures,
                "statements_read": intake.statements,
                "rows_rejected": intake.rejected,
                "inbox_problems": len(problems),
            }
            found = results(context, write, TABLES, counts)
        if problems:  # paths may hold names: the log has their number, the command line says which they are
            context.log.warning(
                f"{len(problems)} things in the inbox were not taken in; `casualty status` says which and why"
            )
        context.log.info(
            f"{len(entries)} new captures in the archive; read {intake.captures} captures: {intake.statements} statements, "
            f"{intake.decisions} decisions, {intake.rejected} rejected"
        )
        yield from found

    return [captures]
