"""A run whose process was killed together with whoever had started it: it is found, ended, and gives back its slot."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.home import DAGSTER_YAML
from casualty_pipeline.orchestration.command_line import bury_the_dead
from casualty_pipeline.orchestration.jobs import MATERIALIZE_MONTH
from casualty_pipeline.orchestration.launching import HomeRunLauncher, hold, is_lost, release

REPOSITORY = Path(__file__).parents[2]
_AT_WORK = """
import sys
from pathlib import Path
from casualty_pipeline.orchestration.launching import hold
hold(Path(sys.argv[1]), sys.argv[2])
print("at work", flush=True)
sys.stdin.read()
"""


@contextmanager
def at_work(dagster: Path, run_id: str) -> Iterator[subprocess.Popen[str]]:
    """Another process at work on a run."""
    with subprocess.Popen(
        [sys.executable, "-c", _AT_WORK, str(dagster), run_id],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "at work\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def started(small: Any) -> str:
    """A run of the daemon's that stands as started."""
    job = build_definitions(small.home).resolve_job_def(MATERIALIZE_MONTH)
    tags = {"why": "stale month", "dagster/partition": "2020-01"}
    run: str = small.instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED).run_id
    return run


def test_a_run_is_lost_when_its_process_was_killed_and_not_before(small: Any, started: str) -> None:
    with at_work(small.home.dagster, started) as process:
        assert not is_lost(small.instance, started)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert is_lost(small.instance, started)


def test_one_that_hasnt_come_to_its_lock_yet_is_not(small: Any, started: str) -> None:
    assert not is_lost(small.instance, started)


def test_dagsters_monitoring_is_told(small: Any, started: str) -> None:
    launcher = small.instance.run_launcher
    assert isinstance(launcher, HomeRunLauncher) and launcher.supports_check_run_worker_health
    run = small.instance.get_run_by_id(started)
    with at_work(small.home.dagster, started) as process:
        assert launcher.check_run_worker_health(run).status.value == "RUNNING"
        process.kill()
        process.wait()
    assert launcher.check_run_worker_health(run).status.value == "FAILED"


def test_the_next_command_ends_it_and_leaves_one_that_works(small: Any, started: str) -> None:
    said: list[str] = []
    with at_work(small.home.dagster, started) as process:
        bury_the_dead(small.instance, said.append, {"why": "command line"})
        assert small.instance.get_run_by_id(started).status is dg.DagsterRunStatus.STARTED and not said
        process.kill()
        process.wait()
    bury_the_dead(small.instance, said.append, {"why": "command line"})
    assert small.instance.get_run_by_id(started).status is dg.DagsterRunStatus.FAILURE
    assert len(said) == 1


@pytest.mark.long
def test_a_run_holds_its_lock_while_it_works_and_leaves_nothing(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from casualty_pipeline.captures.intake import read_archive as read

    seen: list[bool] = []

    def looked(*args: Any, **kwargs: Any) -> Any:
        (lock,) = (small.home.dagster / "at-work").iterdir()
        seen.append(not is_lost(small.instance, lock.name))
        return read(*args, **kwargs)

    monkeypatch.setattr("assets.captures.read_archive", looked)
    assert small.run("2020-01", "2020-01").success
    assert seen == [True]
    assert not list((small.home.dagster / "at-work").iterdir())


def test_a_lock_given_back_names_nobody(tmp_path: Path) -> None:
    release(tmp_path, "run", hold(tmp_path, "run"))
    assert not list((tmp_path / "at-work").iterdir())


def test_the_settings_of_a_home_name_the_launcher(small: Any) -> None:
    assert "class: HomeRunLauncher" in (small.home.dagster / DAGSTER_YAML).read_text("utf-8")
