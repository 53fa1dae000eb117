"""What Dagster keeps of old runs, and when it may go.

Dagster prunes ticks by itself (`retention` in dagster.yaml). It has nothing for runs, their events and their logs: it can
delete one run, with all its events, the newest materialization of a month among them. So here belongs the choice of runs
that nothing points to any more. The figures, their history and what they rest on are elsewhere, and none of it goes.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import dagster as dg

_FINISHED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
_ASKED_BY_SCHEDULE = {"why": "schedule"}  # the sensor `publications` counts from the first of them
_AT_ONCE = 500


@dataclass(frozen=True)
class Pruned:
    """Ids of the runs that go, of old ones that stay since something rests on them, and of those whose logs alone go."""

    runs: tuple[str, ...]
    kept: tuple[str, ...]
    logs: tuple[str, ...]


def prune(
    instance: dg.DagsterInstance, dagster_home: Path, before: datetime, say: Callable[[str], None], *, dry_run: bool = False
) -> Pruned:
    """Delete finished runs from before a moment, with events and logs; of those that must stay, the logs alone.

    A run stays while it holds the newest materialization of an asset or of one of its months, or was asked for by the
    schedule. With `dry_run` nothing is deleted. Killed at any moment, it can be run again.
    """
    old = instance.get_runs(dg.RunsFilter(statuses=list(_FINISHED), created_before=before))
    needed = _newest(instance) | {run.run_id for run in old if _ASKED_BY_SCHEDULE.items() <= run.tags.items()}
    going = tuple(sorted(run.run_id for run in old if run.run_id not in needed))
    kept = tuple(sorted(run.run_id for run in old if run.run_id in needed))
    logs = tuple(run for run in kept if _logs(dagster_home, run).is_dir())
    if not dry_run:
        for number, run in enumerate(going, start=1):
            _forget_logs(dagster_home, run)
            instance.delete_run(run)
            if number % _AT_ONCE == 0:
                say(f"{number} of {len(going)} runs")
        for run in logs:
            _forget_logs(dagster_home, run)
    return Pruned(going, kept, logs)


def _logs(dagster_home: Path, run: str) -> Path:
    """Where Dagster's compute logs of a run are: what its steps wrote to standard output and error."""
    return dagster_home / "storage" / run


def _forget_logs(dagster_home: Path, run: str) -> None:
    shutil.rmtree(_logs(dagster_home, run), ignore_errors=True)


def _newest(instance: dg.DagsterInstance) -> set[str]:
    """Runs that hold the newest materialization of an asset, or of a month of it."""
    log, runs = instance.event_log_storage, set[str]()
    keys = instance.all_asset_keys()
    for event in log.get_latest_materialization_events(list(keys)).values():
        if event is not None:
            runs.add(event.run_id)
    for key in keys:
        ids = sorted(log.get_latest_storage_id_by_partition(key, dg.DagsterEventType.ASSET_MATERIALIZATION).values())
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first : first + _AT_ONCE]
            records = instance.fetch_materializations(
                dg.AssetRecordsFilter(asset_key=key, storage_ids=some), limit=len(some)
            )
            runs |= {record.run_id for record in records.records}
    return runs
