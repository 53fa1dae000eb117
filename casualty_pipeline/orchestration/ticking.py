"""`casualty tick`: evaluates one schedule or sensor now, as the daemon would, without waiting for it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._core.storage.tags import RUN_KEY_TAG, SCHEDULE_NAME_TAG, SENSOR_NAME_TAG

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.loading import loading
from casualty_pipeline.orchestration.command_line import bury_the_dead
from casualty_pipeline.orchestration.instance import open_instance
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.turns import Turn, turn

LAUNCHED = {"launched_by": "casualty tick"}


@dataclass(frozen=True)
class Asked:
    """One run that was asked for. `outcome`: would run, ran (success or failure), or was asked for before."""

    job: str
    run_key: str
    partition: str
    tags: Mapping[str, str]
    outcome: str = "would run"


@dataclass(frozen=True)
class Tick:
    """What came of it: runs that were asked for, or why none was."""

    name: str
    kind: str  # schedule or sensor
    at: str
    asked: list[Asked] = field(default_factory=list)
    skipped: str = ""

    @property
    def failed(self) -> bool:
        """Whether a run that was launched failed."""
        return any(one.outcome == "failure" for one in self.asked)


def names(home: Home) -> list[str]:
    """Every schedule and sensor that can be tried."""
    return sorted(_instigators(build_definitions(home)))


def tick(home: Home, name: str, at: datetime, launch: bool, say: Callable[[str], None]) -> Tick:
    """Evaluate a schedule or a sensor for a moment. Without `launch` nothing is run and nothing is sent.

    Raises CasualtyError for a name that isn't one, and for an evaluation that fails.
    """
    with loading():
        definitions = build_definitions(home)
    found = _instigators(definitions)
    if name not in found:
        raise CasualtyError(f"{name!r} is no schedule and no sensor: expected one of {', '.join(sorted(found))}")
    home.prepare()
    with open_instance(home) as instance:
        made = _evaluated(home, definitions, instance, found[name], at, dry=not launch)
        if not launch or not made.asked:
            return made
        with turn(home.path, Turn.FIGURES, "casualty tick", say):
            bury_the_dead(instance, say, LAUNCHED)
            asked = [_launched(definitions, instance, made, one, say) for one in made.asked]
    return Tick(made.name, made.kind, made.at, asked, made.skipped)


def _instigators(definitions: dg.Definitions) -> dict[str, dg.ScheduleDefinition | dg.SensorDefinition]:
    """By name. Not conditions on assets: the daemon alone evaluates them, with a memory that it keeps to itself."""
    repository = definitions.get_repository_def()
    found: dict[str, dg.ScheduleDefinition | dg.SensorDefinition] = {one.name: one for one in repository.schedule_defs}
    return found | {s.name: s for s in repository.sensor_defs if not isinstance(s, dg.AutomationConditionSensorDefinition)}


def _evaluated(
    home: Home,
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    one: dg.ScheduleDefinition | dg.SensorDefinition,
    at: datetime,
    *,
    dry: bool,
) -> Tick:
    resources = {"home": HomeResource(path=str(home.path), now=at.isoformat(), dry_run=dry)}
    with _for_users(one.name):
        if isinstance(one, dg.ScheduleDefinition):
            kind = "schedule"
            local = at.astimezone(ZoneInfo(one.execution_timezone or "UTC"))
            with dg.build_schedule_context(instance, local, resources, definitions.get_repository_def()) as at_time:
                data: Any = one.evaluate_tick(at_time)
        else:
            kind = "sensor"
            with dg.build_sensor_context(
                instance, repository_def=definitions.get_repository_def(), sensor_name=one.name, resources=resources
            ) as context:
                data = one.evaluate_tick(context)
    asked = [
        Asked(str(r.job_name or one.job_name), r.run_key or "", r.partition_key or "", dict(r.tags))
        for r in data.run_requests or []
    ]
    return Tick(one.name, kind, f"{at:%Y-%m-%dT%H:%M:%SZ}", asked, "" if asked else data.skip_message or "nothing to do")


@contextmanager
def _for_users(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as problem:
        cause = problem.__cause__ if problem.__cause__ is not None else problem
        if isinstance(cause, CasualtyError):
            raise cause from None
        raise CasualtyError(f"{name} can't be evaluated: {type(cause).__name__}: {cause}") from problem


def _launched(
    definitions: dg.Definitions, instance: dg.DagsterInstance, made: Tick, one: Asked, say: Callable[[str], None]
) -> Asked:
    """Run it here and now, under the daemon's own tags, so that the daemon doesn't run it again."""
    by = {SCHEDULE_NAME_TAG if made.kind == "schedule" else SENSOR_NAME_TAG: made.name, RUN_KEY_TAG: one.run_key}
    if one.run_key and instance.get_runs_count(dg.RunsFilter(tags=by)):
        return Asked(one.job, one.run_key, one.partition, one.tags, "was asked for before, not run again")
    say(f"running {one.job} ({one.run_key})")
    result = definitions.resolve_job_def(one.job).execute_in_process(
        instance=instance,
        partition_key=one.partition or None,
        tags={k: v for k, v in one.tags.items() if k != "dagster/partition"} | by | LAUNCHED,
        raise_on_error=False,
    )
    return Asked(one.job, one.run_key, one.partition, one.tags, "success" if result.success else "failure")
