"""The sensors, evaluated for real: they ask for exactly what is to do, once, and find it again after a failed run."""

from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.orchestration.sensors import ranges_asked
from tests.ticks import evaluated


def _tick(small: Any, name: str) -> list[dg.RunRequest]:
    sensor = build_definitions(small.home).resolve_sensor_def(name)
    context = dg.build_sensor_context(instance=small.instance, resources={"home": HomeResource(path=str(small.home.path))})
    return list(evaluated(sensor, context).run_requests or [])


def _ranges(requests: list[dg.RunRequest]) -> list[tuple[str, str]]:
    start, end = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
    return [(r.tags[start], r.tags[end]) for r in requests]


def test_what_was_ingested_by_hand_and_not_yet_read_is_asked_for(small: Any) -> None:
    (request,) = _tick(small, "inbox")
    assert request.tags["why"] == "inbox"
    small.take_in()
    assert _tick(small, "inbox") == []


def test_the_inbox_sensor_asks_once_for_new_files_and_again_only_when_they_change(small: Any) -> None:
    small.take_in()
    assert _tick(small, "inbox") == []
    folder = small.home.inbox / "tip_line"
    folder.mkdir()
    (folder / "late.csv").write_text("call,day,persons,where,who,media\ncall-7,2020-03-09,1,Idlib,ISIS,yes\n", "utf-8")

    (request,), (again,) = _tick(small, "inbox"), _tick(small, "inbox")
    assert request.run_key == again.run_key
    assert request.tags["why"] == "inbox" and request.tags["files"] == "1"

    (folder / "later.csv").write_text("call,day,persons,where,who,media\ncall-8,2020-03-09,1,Idlib,ISIS,yes\n", "utf-8")
    (more,) = _tick(small, "inbox")
    assert more.run_key != request.run_key

    take_in = build_definitions(small.home).resolve_job_def("take_in")
    assert take_in.execute_in_process(instance=small.instance).success
    assert _tick(small, "inbox") == []


@pytest.mark.long
def test_stale_months_are_asked_for_in_ranges_that_hold_no_other_month(small: Any) -> None:
    assert _tick(small, "stale_months") == []  # no warehouse yet: the inbox sensor comes first
    small.tip("call-8", "2019-10-05", 1)
    small.take_in()

    requests = _tick(small, "stale_months")

    assert _ranges(requests) == [("2019-10", "2019-10"), ("2020-01", "2020-03")]
    assert {r.tags["reasons"] for r in requests} == {"never run"}
    assert len({r.run_key for r in requests}) == 2

    small.compute("2019-10", "2019-10")
    assert _ranges(_tick(small, "stale_months")) == [("2020-01", "2020-03")]
    small.compute("2020-01", "2020-03")
    assert _tick(small, "stale_months") == []

    small.tip("call-9", "2020-02-20", 1)
    small.take_in()
    assert _ranges(_tick(small, "stale_months")) == [("2020-02", "2020-03")]  # March's figures since January hold February


@pytest.mark.long
def test_a_failed_run_loses_nothing_its_months_are_asked_for_again_a_few_times(small: Any) -> None:
    small.tip("call-9", "2020-02-20", 20_000)
    small.take_in()
    keys = []
    for _ in range(4):
        (request,) = _tick(small, "stale_months")
        assert _tick(small, "stale_months")[0].run_key == request.run_key  # Dagster launches a key once
        keys.append(request.run_key)
        run = small.instance.create_run_for_job(
            build_definitions(small.home).resolve_job_def("materialize_month"), tags=request.tags
        )
        small.instance.report_run_failed(run)
    assert len(set(keys)) == 3 and keys[2] == keys[3]  # then it waits for a change

    small.tip("call-9", "2020-02-20", 2)
    small.take_in()
    (after,) = _tick(small, "stale_months")
    assert after.run_key not in keys
    small.compute(*_ranges([after])[0])
    assert _tick(small, "stale_months") == []


@pytest.mark.long
def test_months_of_one_year_are_one_range_though_nothing_is_known_of_those_between(small: Any) -> None:
    small.take_in()
    small.compute("2020-01", "2020-03")
    small.tip("call-8", "2020-01-20", 1)
    small.tip("call-9", "2020-05-20", 1)
    small.take_in()

    (request,) = _tick(small, "stale_months")

    assert _ranges([request]) == [("2020-01", "2020-05")]
    assert request.tags["stale_months"] == "2020-01 2020-02 2020-03 2020-05"
    small.compute("2020-01", "2020-05")
    assert _tick(small, "stale_months") == []


def test_a_range_never_holds_a_month_that_is_current_nor_joins_two_years() -> None:
    assert ranges_asked(["2020-01", "2020-03"], ["2020-01", "2020-02", "2020-03"]) == [
        ("2020-01", "2020-01"),
        ("2020-03", "2020-03"),
    ]
    assert ranges_asked(["2019-11", "2020-02"], []) == [("2019-11", "2019-11"), ("2020-02", "2020-02")]


def test_what_a_run_is_at_work_on_is_not_asked_for_in_its_middle(small: Any) -> None:
    small.take_in()
    (request,) = _tick(small, "stale_months")
    job = build_definitions(small.home).resolve_job_def("materialize_month")
    run = small.instance.create_run_for_job(job, tags=request.tags)
    small.compute("2020-01", "2020-02")  # so far it came

    assert _tick(small, "stale_months") == []

    small.instance.report_run_failed(run)
    assert _ranges(_tick(small, "stale_months")) == [("2020-03", "2020-03")]
