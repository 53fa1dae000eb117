"""Wires it all: assets, checks, jobs, schedules, sensors and resources of one home. Nothing is decided here.

Dagster loads `defs`, for the home of CASUALTY_HOME; tests and the command line call `build_definitions` with theirs.
"""

import os
import warnings
from collections.abc import Mapping

import dagster as dg

import assets.attributed
import assets.captures
import assets.cleaned
import assets.deduplicated
import assets.monthly
import assets.reports
import checks.attributed
import checks.captures
import checks.cleaned
import checks.data_docs
import checks.deduplicated
import checks.monthly
import checks.refused
import checks.reports
import checks.standing
from casualty_pipeline.home import Home, find_home
from casualty_pipeline.orchestration.automation import build_automation, conditioned
from casualty_pipeline.orchestration.jobs import build_jobs
from casualty_pipeline.orchestration.partitions import months_of
from casualty_pipeline.orchestration.publication import build_publication
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.orchestration.schedules import build_missed, build_schedules
from casualty_pipeline.orchestration.sensors import build_sensors
from casualty_pipeline.orchestration.telling import build_telling

# Checks by month are a preview in Dagster 1.13, conditions of our own a beta; tests/pipeline pins what we lean on.
warnings.filterwarnings("ignore", category=dg.PreviewWarning)
warnings.filterwarnings("ignore", category=dg.BetaWarning)


def build_definitions(home: Home, loggers: Mapping[str, dg.LoggerDefinition] | None = None) -> dg.Definitions:
    """Everything that Dagster runs for a home. Reads its profile; touches nothing else."""
    months = months_of(home.profile)
    publish_month, publications = build_publication(months)
    standing = checks.standing.build(months)
    by_profile = (checks.cleaned, checks.deduplicated, checks.attributed, checks.monthly, checks.reports)
    declared = [*checks.captures.DECLARED, *(c for stage in by_profile for c in stage.declared(home.profile))]
    alerts, weekly_digest, send_digest = build_telling(home.profile.timezone)
    return dg.Definitions(
        assets=conditioned(
            [
                *assets.captures.build(),
                *assets.cleaned.build(months, checks.cleaned.gate(home.profile)),
                *assets.deduplicated.build(),
                *assets.attributed.build(months, checks.attributed.gate(home.profile)),
                *assets.monthly.build(months, checks.monthly.gate(home.profile)),
                *assets.reports.build(months, checks.reports.gate(home.profile)),
            ],
            home,
        ),
        asset_checks=[
            *checks.captures.build(months),
            *checks.cleaned.build(months, home.profile),
            *checks.deduplicated.build(months, home.profile),
            *checks.attributed.build(months, home.profile),
            *checks.monthly.build(months, home.profile),
            *checks.reports.build(months, home.profile),
            *checks.refused.build(months),
            *standing,
        ],
        jobs=[
            *build_jobs(home, dg.AssetSelection.checks(*standing)),
            publish_month,
            checks.data_docs.build_job(declared),
            send_digest,
        ],
        schedules=[*build_schedules(months), weekly_digest],
        sensors=[*build_sensors(months), build_missed(months), publications, alerts, build_automation()],
        resources={"home": HomeResource(path=str(home.path))},
        executor=dg.in_process_executor,
        loggers=loggers,
    )


defs = build_definitions(find_home(None, os.environ.get("CASUALTY_HOME")))
