"""Jobs: what a person, the schedule or a sensor can ask for."""

from typing import Any

import dagster as dg

from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.metadata import key_of
from casualty_pipeline.tables import STAGES

MATERIALIZE_MONTH = "materialize_month"
REBUILD_ALL = "rebuild_all"
TAKE_IN = "take_in"
VERIFY_ARCHIVE = "verify_archive"
STANDING_CHECKS = "standing_checks"


def build_jobs(home: Home, standing: dg.AssetSelection) -> list[Any]:
    """The jobs, over all stages where they don't say otherwise. Those over months take the assets' partitions.

    `standing` are the checks that go by the clock: no part of the other jobs, and a job of their own.
    """
    whole = {"path": str(home.path), "archive_sample": "all"}
    return [
        dg.define_asset_job(
            MATERIALIZE_MONTH,
            selection=dg.AssetSelection.groups(*STAGES) - standing,
            description="From the inbox to the report, for one month or a range of months: every stage, every check.",
        ),
        dg.define_asset_job(
            REBUILD_ALL,
            selection=dg.AssetSelection.groups(*STAGES) - standing,
            description="The same for all months: launch it as a backfill over every partition, after a change of rules.",
            tags={"why": "rebuild"},
        ),
        dg.define_asset_job(
            TAKE_IN,
            selection=dg.AssetSelection.groups("captures") - standing,
            description="Only takes the inbox into the archive and reads it; the stale-month sensor asks for what follows.",
        ),
        dg.define_asset_job(
            VERIFY_ARCHIVE,
            selection=dg.AssetSelection.checks(dg.AssetCheckKey(key_of("captures.manifest"), "archive_sample_verifies")),
            description="Re-hashes the whole archive, on demand; or a share of it, by `archive_sample` in the config.",
            config={"resources": {"home": {"config": whole}}},
        ),
        dg.define_asset_job(
            STANDING_CHECKS,
            selection=standing,
            description="What is overdue, and which months have rows that break a check: the home as it is today.",
        ),
    ]
