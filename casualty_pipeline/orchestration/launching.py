"""Runs whose process is gone: how that is known, and the run launcher by which Dagster's monitoring asks for it.

A run that is at work holds a lock, `dagster/at-work/RUN`, which the system gives back however its process ends. Dagster's
own launcher learns of a killed run only from the code location that had started it. Where that went too (a power cut, a
restarted unit, too little memory), the run would stand as started for ever, and hold its slot in the pool: no run would
ever work again.
"""

import fcntl
import os
import time
from pathlib import Path

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

_FOLDER = "at-work"
_GRACE_SECONDS = 600.0  # a run takes its lock within seconds of its start; one without it after these has no process


def hold(dagster: Path, run_id: str) -> int:
    """Say that this process is at work on a run, for as long as it lives or until `release`. Returns the lock's handle."""
    folder = dagster / _FOLDER
    folder.mkdir(exist_ok=True)
    handle = os.open(folder / run_id, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def release(dagster: Path, run_id: str, handle: int) -> None:
    """The run came to its end in this process."""
    (dagster / _FOLDER / run_id).unlink(missing_ok=True)
    os.close(handle)


def is_lost(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether a run that stands as started has no process any more."""
    try:
        handle = os.open(Path(instance.root_directory) / _FOLDER / run_id, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        record = instance.get_run_record_by_id(run_id)
        begun = record.start_time if record is not None else None
        return begun is not None and time.time() - begun > _GRACE_SECONDS
    except PermissionError:
        return False  # of another user: nothing is known
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


class HomeRunLauncher(DefaultRunLauncher):
    """Dagster's own, with an answer to whether a run's process is alive."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the process of a run that stands as started is there."""
        if is_lost(self._instance, run.run_id):
            why = "its process was killed, together with the code location that had started it"
            return CheckRunHealthResult(WorkerStatus.FAILED, msg=why)
        return CheckRunHealthResult(WorkerStatus.RUNNING)
