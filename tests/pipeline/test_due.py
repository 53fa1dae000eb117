"""Months that are due: by the clocks of Damascus, late ones too, and made up for when the machine was off."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.due import asked_months, due_since, last_due, owed
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.orchestration.ticking import names, tick
from casualty_pipeline.warehouse import Warehouse
from tests.ticks import evaluated

RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
DAMASCUS = "Asia/Damascus"


@pytest.mark.parametrize(
    ("month", "utc"),
    [
        ("2021-10", "2021-11-01T04:00"),  # winter time, two hours ahead
        ("2022-02", "2022-03-01T04:00"),  # before the clocks went forward on 25 March 2022
        ("2022-03", "2022-04-01T03:00"),  # after: three hours ahead
        ("2022-09", "2022-10-01T03:00"),
        ("2022-10", "2022-11-01T03:00"),  # Syria kept summer time for good on 28 October 2022
        ("2022-12", "2023-01-01T03:00"),
        ("2024-02", "2024-03-01T03:00"),
    ],
)
def test_a_month_is_due_at_six_by_the_clocks_of_damascus_as_they_stood(month: str, utc: str) -> None:
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert due_since(month, DAMASCUS) == at
    assert last_due(at, DAMASCUS) == month
    assert last_due(at - timedelta(seconds=1), DAMASCUS) < month


def test_dagster_ticks_at_the_same_moments_through_the_change_of_clocks(definitions: dg.Definitions) -> None:
    from dagster._utils.schedules import schedule_execution_time_iterator

    schedule = definitions.resolve_schedule_def("monthly")
    ticks: Iterator[datetime] = schedule_execution_time_iterator(
        datetime(2021, 10, 15, tzinfo=UTC).timestamp(), str(schedule.cron_schedule), schedule.execution_timezone
    )
    months = [f"{year}-{month:02d}" for year in (2021, 2022) for month in range(1, 13)][9:]
    assert [next(ticks).astimezone(UTC) for _ in months] == [due_since(m, DAMASCUS).astimezone(UTC) for m in months]


def _asked_before(small: Any, month: str, status: dg.DagsterRunStatus = dg.DagsterRunStatus.SUCCESS) -> None:
    job = build_definitions(small.home).resolve_job_def("materialize_month")
    small.instance.create_run_for_job(job, tags={"why": "schedule", "dagster/partition": month}, status=status)


def _prepared_on(small: Any, day: datetime) -> None:
    os.utime(small.home.dagster / "workspace.yaml", (day.timestamp(), day.timestamp()))


def _tick(small: Any, name: str, now: datetime) -> list[dg.RunRequest]:
    definitions = build_definitions(small.home)
    resources = {"home": HomeResource(path=str(small.home.path), now=now.isoformat())}
    if name == "monthly":
        schedule = definitions.resolve_schedule_def(name)
        context = dg.build_schedule_context(small.instance, now, resources, definitions.get_repository_def())
        return list(evaluated(schedule, context).run_requests or [])
    sensor = definitions.resolve_sensor_def(name)
    sensed = dg.build_sensor_context(small.instance, repository_def=definitions.get_repository_def(), resources=resources)
    return list(evaluated(sensor, sensed).run_requests or [])


def _ranges(requests: list[dg.RunRequest]) -> list[tuple[str, str, str]]:
    return [(r.partition_key or r.tags[RANGE[0]], r.partition_key or r.tags[RANGE[1]], r.tags["why"]) for r in requests]


def _reported(small: Any, *months: str) -> None:
    """As if the months had been run and their reports written, without what that takes."""
    with Warehouse(small.home.warehouse).writing() as write:
        rows = [(m, f"reports/{m}/report.en.html", "en", "html", 1, "0" * 64) for m in months]
        columns = ["month", "path", "language", "format", "size_bytes", "sha256"]
        write.append("reports.bundles", pl.DataFrame(rows, columns, orient="row"))


def test_on_the_first_the_month_before_and_what_of_its_year_is_stale(small: Any) -> None:
    april = datetime(2020, 4, 1, 3, tzinfo=UTC)
    assert _ranges(_tick(small, "monthly", april)) == [("2020-03", "2020-03", "schedule")]
    small.take_in()
    (request,) = _tick(small, "monthly", april)
    assert _ranges([request]) == [("2020-01", "2020-03", "schedule")]
    assert request.tags["due_months"] == "2020-03"


def test_on_the_first_earlier_months_that_became_stale_are_asked_for_too(small: Any) -> None:
    small.take_in()
    asked = _tick(small, "monthly", datetime(2021, 2, 1, 4, tzinfo=UTC))
    assert _ranges(asked) == [("2020-01", "2020-03", "stale"), ("2021-01", "2021-01", "schedule")]


def test_months_whose_first_was_missed_are_made_up_for_in_one_run(small: Any) -> None:
    _asked_before(small, "2020-03")
    _reported(small, "2020-03")
    july = datetime(2020, 7, 15, tzinfo=UTC)  # the machine was off from April on
    (request,) = _tick(small, "missed_months", july)
    assert _ranges([request]) == [("2020-04", "2020-06", "schedule")]
    assert request.tags["due_months"] == "2020-04 2020-05 2020-06"

    job = build_definitions(small.home).resolve_job_def("materialize_month")
    run = small.instance.create_run_for_job(job, tags=request.tags, status=dg.DagsterRunStatus.STARTED)
    assert _tick(small, "missed_months", july) == []
    small.instance.report_run_failed(run)
    (again,) = _tick(small, "missed_months", july)
    assert again.run_key != request.run_key

    _reported(small, "2020-04", "2020-05", "2020-06")
    assert _tick(small, "missed_months", july) == []
    assert asked_months(small.instance) == ["2020-03", "2020-04", "2020-05", "2020-06"]


def test_a_home_owes_nothing_for_the_time_before_it_was_prepared(small: Any) -> None:
    _prepared_on(small, datetime(2020, 4, 2, tzinfo=UTC))
    assert owed(small.home, small.instance, datetime(2020, 4, 20, tzinfo=UTC)) == []
    assert owed(small.home, small.instance, datetime(2020, 6, 20, tzinfo=UTC)) == ["2020-04", "2020-05"]


def test_the_sensor_leaves_the_schedule_its_moment(small: Any) -> None:
    _prepared_on(small, datetime(2020, 3, 20, tzinfo=UTC))
    due = due_since("2020-03", DAMASCUS)
    assert _tick(small, "missed_months", due + timedelta(minutes=9)) == []
    assert _ranges(_tick(small, "missed_months", due + timedelta(minutes=10))) == [("2020-03", "2020-03", "schedule")]


def test_what_a_tick_from_the_command_line_launched_is_not_asked_for_again(small: Any) -> None:
    at = datetime(2026, 11, 23, 4, tzinfo=UTC)
    dry = tick(small.home, "weekly_digest", at, False, print)
    assert [(one.job, one.outcome) for one in dry.asked] == [("send_digest", "would run")]
    assert small.instance.get_runs_count() == 0

    ran = tick(small.home, "weekly_digest", at, True, print)
    assert [one.outcome for one in ran.asked] == ["success"]
    (run,) = small.instance.get_runs()
    assert run.tags["dagster/schedule_name"] == "weekly_digest" and run.tags["dagster/run_key"] == "digest-2026-W48"
    again = tick(small.home, "weekly_digest", at, True, print)
    assert [one.outcome for one in again.asked] == ["was asked for before, not run again"]
    assert small.instance.get_runs_count() == 1


def test_every_schedule_and_sensor_can_be_tried(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    known = names(home)
    schedules, sensors = {"monthly", "weekly_digest", "standing"}, {"inbox", "stale_months", "publications", "alerts"}
    assert {*schedules, *sensors, "missed_months"} == set(known)
    for name in known:
        made = tick(home, name, datetime(2026, 11, 23, tzinfo=UTC), False, print)
        assert made.asked or made.skipped
