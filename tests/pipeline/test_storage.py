"""The storage that a home's dagster.yaml names: Dagster's own books, with connections that stay open."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.storage import KeptOpenEventLog


@dg.asset
def counted() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 3})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    monkeypatch.setenv("DAGSTER_HOME", str(home.dagster))
    return home


def _open_files(instance: dg.DagsterInstance) -> set[str]:
    log = instance.event_log_storage
    assert isinstance(log, KeptOpenEventLog)
    return set(log._engines)


def test_a_home_s_instance_uses_it(home: Home) -> None:
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        dg.materialize([counted], instance=instance)

        assert "index" in _open_files(instance)


def test_dagster_s_own_storage_reads_what_it_wrote(home: Home) -> None:
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        run = dg.materialize([counted], instance=instance).run_id
        written = [e.message for e in instance.all_logs(run)]
    own = DagsterSqliteStorage(str(home.dagster))

    assert len(written) > 5
    assert [e.message for e in own.event_log_storage.get_logs_for_run(run)] == written
    assert own.event_log_storage.get_latest_materialization_events([counted.key])[counted.key] is not None


def test_of_many_runs_only_the_files_used_last_stay_open(home: Home) -> None:
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        runs = [dg.materialize([counted], instance=instance).run_id for _ in range(10)]
        latest = _open_files(instance)

        assert {"index", runs[-1]} <= latest
        assert runs[0] not in latest
        assert len(latest) <= 8
        assert all(instance.all_logs(run) for run in runs)


def test_two_processes_write_to_one_home(home: Home) -> None:
    with (
        dg.DagsterInstance.from_config(str(home.dagster)) as one,
        dg.DagsterInstance.from_config(str(home.dagster)) as other,
    ):
        first = dg.materialize([counted], instance=one)
        second = dg.materialize([counted], instance=other)
        third = dg.materialize([counted], instance=one)

        assert {r.run_id for r in one.get_runs()} == {first.run_id, second.run_id, third.run_id}


def test_a_run_that_was_deleted_leaves_the_storage_usable(home: Home) -> None:
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        run = dg.materialize([counted], instance=instance).run_id
        instance.delete_run(run)

        assert dg.materialize([counted], instance=instance).success
