"""Publishing through Dagster: by hand, and where a home asks for it once its scheduled month is materialised."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.editions.shelf import editions
from casualty_pipeline.orchestration.publication import PUBLISH_MONTH, months_due

APRIL = datetime(2020, 4, 3, 9, tzinfo=UTC)


def _publish(small: Any, month: str) -> dg.ExecuteInProcessResult:
    job = build_definitions(small.home).resolve_job_def(PUBLISH_MONTH)
    return job.execute_in_process(instance=small.instance, partition_key=month, raise_on_error=False)


def _told(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    (output,) = [e for e in result.all_events if e.event_type == dg.DagsterEventType.STEP_OUTPUT]
    return {name: value.value for name, value in output.step_output_data.metadata.items()}


def _scheduled(small: Any, month: str, status: dg.DagsterRunStatus = dg.DagsterRunStatus.SUCCESS) -> None:
    job = build_definitions(small.home).resolve_job_def("materialize_month")
    small.instance.create_run_for_job(job, tags={"why": "schedule", "dagster/partition": month}, status=status)


def _on_schedule(small: Any) -> None:
    (small.home.path / "casualty.toml").write_text("[publication]\non_schedule = true\n", "utf-8")
    small.home.__dict__.pop("settings", None)


@pytest.mark.long
def test_the_job_publishes_a_month_and_tells_of_the_edition(small: Any) -> None:
    small.take_in()
    small.compute("2020-01", "2020-03")

    first, again = _publish(small, "2020-03"), _publish(small, "2020-03")

    assert first.success and again.success
    told = _told(first)
    (edition,) = editions(small.home, "2020-03")
    assert (told["edition"], told["new"], told["figures_changed"]) == (1, True, 0)
    assert told["folder"] == str(edition.folder)
    assert _told(again)["new"] is False
    assert small.rows("select month, edition from reports.editions") == [("2020-03", 1)]
    for page in ("index.html", "index.en.html", "feed.xml"):
        assert "2020-03/edition-1/open/report.en.html" in (small.home.published / page).read_text(encoding="utf-8")


@pytest.mark.long
def test_a_month_of_which_nothing_is_known_fails_with_the_reason(small: Any) -> None:
    small.take_in()
    small.compute("2020-01", "2020-03")

    result = _publish(small, "2020-05")

    assert not result.success
    (failure,) = result.filter_events(lambda e: e.is_step_failure)
    assert "nothing is known of 2020-05" in str(failure.step_failure_data)
    assert editions(small.home) == []


@pytest.mark.long
def test_nothing_is_published_by_itself_unless_the_home_says_so(small: Any) -> None:
    small.take_in()
    small.compute("2020-01", "2020-03")
    _scheduled(small, "2020-03")

    assert months_due(small.home, small.instance, APRIL)[0] == []
    _on_schedule(small)
    assert months_due(small.home, small.instance, APRIL)[0] == ["2020-03"]


@pytest.mark.long
def test_months_since_the_first_scheduled_one_are_published_once_they_are_current(small: Any) -> None:
    _on_schedule(small)
    small.take_in()
    small.compute("2020-01", "2020-01")
    assert months_due(small.home, small.instance, APRIL) == ([], "the schedule has asked for no month yet")
    _scheduled(small, "2020-02", dg.DagsterRunStatus.FAILURE)  # and the machine was off on 1 April: March wasn't asked for
    due, why_not = months_due(small.home, small.instance, APRIL)
    assert due == [] and why_not.startswith("not current yet: 2020-02, 2020-03")

    small.compute("2020-02", "2020-03")  # the sensor's run made it good

    assert months_due(small.home, small.instance, APRIL)[0] == ["2020-02", "2020-03"]
    assert months_due(small.home, small.instance, datetime(2020, 3, 31, 9, tzinfo=UTC))[0] == ["2020-02"]
    assert _publish(small, "2020-02").success
    assert months_due(small.home, small.instance, APRIL)[0] == ["2020-03"]
    small.tip("call-9", "2020-03-20", 1)
    assert months_due(small.home, small.instance, APRIL)[0] == []  # it waits until that is read
