"""What the doctor asks Dagster: whether schedules and sensors are on, whether the daemon lives, whether ticks fail."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.scheduler.instigation import InstigatorStatus, TickStatus

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.automation import AUTOMATION
from casualty_pipeline.orchestration.due import owed
from casualty_pipeline.orchestration.instance import open_instance
from casualty_pipeline.watching.doctor import Answer

SILENT = timedelta(minutes=5)
_INSTEAD = {"inbox", "stale_months"}  # what declarative automation takes the place of


def examine_dagster(home: Home, now: datetime) -> Iterator[Answer]:
    """What Dagster knows of a home. A storage that can't be opened is an answer."""
    if not (home.dagster / "dagster.yaml").is_file():
        yield Answer("Dagster", "warning", "Dagster was never set up here.", "Any command that writes does it.")
        return
    try:
        with open_instance(home) as instance:
            yield _daemon(instance, now)
            yield _instigators(home, instance)
            yield _ticks(instance)
            yield _owed(home, instance, now)
    except Exception as problem:  # whatever a damaged or unreachable storage raises
        yield Answer(
            "Dagster",
            "broken",
            f"Dagster's storage can't be read ({type(problem).__name__}).",
            f"See {Path('dagster') / 'dagster.yaml'} of the home; with PostgreSQL, whether it runs. No figure is at risk.",
        )


def _daemon(instance: dg.DagsterInstance, now: datetime) -> Answer:
    beats = instance.get_daemon_heartbeats()
    advice = "Start it: `casualty ui`, or the unit of `dagster-daemon run`. Until then nothing happens by itself."
    if not beats:
        return Answer("daemon", "warning", "The daemon never ran.", advice)
    wanted = [beats[kind] for kind in ("SCHEDULER", "SENSOR") if kind in beats] or list(beats.values())
    last = datetime.fromtimestamp(min(beat.timestamp for beat in wanted), UTC)
    if now - last > SILENT:
        return Answer("daemon", "warning", f"The daemon's last sign of life is of {last:%Y-%m-%d %H:%M} UTC.", advice)
    return Answer("daemon", "fine", f"The daemon lives: its last sign is of {last:%H:%M:%S} UTC.")


def _instigators(home: Home, instance: dg.DagsterInstance) -> Answer:
    repository = build_definitions(home).get_repository_def()
    chosen = {s.instigator_name: s.status for s in instance.all_instigator_state()}
    automatic = chosen.get(AUTOMATION) == InstigatorStatus.RUNNING
    names = [*(s.name for s in repository.schedule_defs), *(s.name for s in repository.sensor_defs if s.name != AUTOMATION)]
    off = [name for name in names if chosen.get(name) == InstigatorStatus.STOPPED and not (automatic and name in _INSTEAD)]
    if off:
        return Answer(
            "schedules", "warning", f"Turned off: {', '.join(sorted(off))}.", "Turn them on in Dagster, under Automation."
        )
    return Answer("schedules", "fine", f"All {len(names)} schedules and sensors are on.")


def _ticks(instance: dg.DagsterInstance) -> Answer:
    failing = []
    for state in instance.all_instigator_state():
        ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
        if ticks and ticks[0].status == TickStatus.FAILURE:
            failing.append(state.instigator_name)
    if failing:
        return Answer(
            "ticks",
            "warning",
            f"The last tick failed: {', '.join(sorted(failing))}.",
            "`casualty tick NAME` tries it again.",
        )
    return Answer("ticks", "fine", "No schedule's and no sensor's last tick failed.")


def _owed(home: Home, instance: dg.DagsterInstance, now: datetime) -> Answer:
    due = owed(home, instance, now)
    if due:
        return Answer(
            "due months", "warning", f"Due and not there: {', '.join(due)}.", "`casualty tick missed_months --launch`"
        )
    return Answer("due months", "fine", "Every month that is due is there.")
