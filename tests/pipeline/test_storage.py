"""The storage that a home's dagster.yaml names: Dagster's own books, with connections that stay open."""

import sqlite3
from pathlib import Path
from typing import Any

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


def _executions(home: Home) -> list[tuple[Any, ...]]:
    with sqlite3.connect(home.dagster / "history" / "runs" / "index.db") as books:
        return books.execute(
            "select asset_key, check_name, partition, execution_status from asset_check_executions order by 1, 2, 3"
        ).fetchall()


def test_a_batch_is_stored_as_its_events_one_by_one(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    months = dg.StaticPartitionsDefinition(["2020-01", "2020-02"])

    @dg.asset(partitions_def=months, backfill_policy=dg.BackfillPolicy.single_run())
    def by_month() -> None:
        pass

    @dg.asset_check(asset=by_month, partitions_def=months)
    def good() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    tags = {"dagster/asset_partition_range_start": "2020-01", "dagster/asset_partition_range_end": "2020-02"}
    stored = []
    for size in ("0", "5000"):
        monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", size)
        with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
            run = dg.materialize([by_month, good], instance=instance, tags=tags).run_id
            types = sorted(e.event_type_value for e in (r.dagster_event for r in instance.all_logs(run)) if e)
            latest = instance.event_log_storage.get_latest_storage_id_by_partition(
                by_month.key, dg.DagsterEventType.ASSET_MATERIALIZATION
            )
            stored.append(([t for t in types if "ASSET" in t], set(latest)))

    assert stored[0] == stored[1]
    before, after = (_executions(home)[n::2] for n in (0, 1))
    assert before == after


def test_a_table_without_months_is_planned_once_in_a_run_over_a_range(home: Home) -> None:
    months = dg.StaticPartitionsDefinition(["2020-01", "2020-02"])
    whole = dg.AssetKey(["captures", "manifest"])

    @dg.asset(partitions_def=months, backfill_policy=dg.BackfillPolicy.single_run())
    def by_month() -> None:
        pass

    @dg.asset(key=whole)
    def manifest() -> None:
        pass

    @dg.asset_check(asset=whole)
    def complete() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    job = dg.define_asset_job("all_of_it", partitions_def=months)
    definitions = dg.Definitions(assets=[by_month, manifest], asset_checks=[complete], jobs=[job])
    tags = {"dagster/asset_partition_range_start": "2020-01", "dagster/asset_partition_range_end": "2020-02"}
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        run = definitions.resolve_job_def("all_of_it").execute_in_process(instance=instance, tags=tags).run_id
        planned = [
            e.dagster_event.asset_materialization_planned_data
            for e in instance.all_logs(run, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
            if e.dagster_event is not None
        ]

    assert sorted((p.asset_key.to_user_string(), p.partition or "") for p in planned) == [
        ("by_month", "2020-01"),
        ("by_month", "2020-02"),
        ("captures/manifest", ""),
    ]
    assert [row[1:] for row in _executions(home)] == [("complete", None, "SUCCEEDED")]


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
