"""Jobs: what a person, the schedule or a sensor can ask for."""

from typing import Any

import dagster as dg

from casualty_pipeline.tables import STAGES

MATERIALIZE_MONTH = "materialize_month"
REBUILD_ALL = "rebuild_all"
TAKE_IN = "take_in"


def build_jobs() -> list[Any]:
    """The jobs, over all stages but for `take_in`. Those over months take their partitions from the assets."""
    return [
        dg.define_asset_job(
            MATERIALIZE_MONTH,
            selection=dg.AssetSelection.groups(*STAGES),
            description="From the inbox to the report, for one month or a range of months: every stage, every check.",
        ),
        dg.define_asset_job(
            REBUILD_ALL,
            selection=dg.AssetSelection.groups(*STAGES),
            description="The same for all months: launch it as a backfill over every partition, after a change of rules.",
            tags={"why": "rebuild"},
        ),
        dg.define_asset_job(
            TAKE_IN,
            selection=dg.AssetSelection.groups("captures"),
            description="Only takes the inbox into the archive and reads it; the stale-month sensor asks for what follows.",
        ),
    ]
