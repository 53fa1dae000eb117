"""What fails is told once, by real servers; no person and no value is in it; a channel that is down stops nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.failures import new_failures
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.watching.journal import EVENTS, lines
from casualty_pipeline.watching.outbox import Outbox
from tests.fixtures.receivers import hook
from tests.ticks import evaluated

CANARY = "Layla Haddad"


def _tick(small: Any, now: datetime) -> str:
    sensor = build_definitions(small.home).resolve_sensor_def("alerts")
    small.home.__dict__.pop("settings", None)
    resources = {"home": HomeResource(path=str(small.home.path), now=now.isoformat())}
    return str(evaluated(sensor, dg.build_sensor_context(small.instance, resources=resources)).skip_message)


def _fail(small: Any, tags: dict[str, str], by: str = "an exception") -> None:
    """A run with the tags, of a job like ours, that fails in `cleaned`: a name in its error, or a check that blocks."""

    @dg.asset(key_prefix="cleaned", name="records")
    def cleaned() -> None:
        if by == "an exception":
            raise ValueError(f"could not convert '{CANARY}' to a date")

    @dg.asset_check(asset=dg.AssetKey(["cleaned", "records"]), blocking=True)
    def every_name_is_kept() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=by != "a check", metadata={"for_example": [CANARY]})

    @dg.asset_check(asset=dg.AssetKey(["cleaned", "records"]))
    def a_warning() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)

    definitions = dg.Definitions(
        [cleaned], asset_checks=[every_name_is_kept, a_warning], jobs=[dg.define_asset_job("materialize_month")]
    )
    definitions.resolve_job_def("materialize_month").execute_in_process(
        instance=small.instance, tags=tags, raise_on_error=False
    )


def _tags(attempt: int) -> dict[str, str]:
    first, last = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
    state = "stale-2020-02-2020-03-abc"
    return {"why": "stale", "state": state, "dagster/run_key": f"{state}-1-{attempt}", first: "2020-02", last: "2020-03"}


@pytest.fixture
def looked(small: Any) -> datetime:
    """The moment of the first look, which only notes when it was."""
    now = datetime.now(UTC)
    assert _tick(small, now) == "nothing to tell"
    return now


def test_a_failure_is_told_once_whatever_is_tried_again(small: Any, looked: datetime) -> None:
    with hook() as server:
        (small.home.path / "casualty.toml").write_text(f'[alerts.webhook]\nurl = "{server.url}"\n')
        for attempt in (1, 2, 3):
            _fail(small, _tags(attempt))
            _tick(small, looked + timedelta(minutes=attempt))
            _tick(small, looked + timedelta(minutes=attempt, seconds=30))
        (told,) = server.posted
        assert (told["months"], told["stages"], told["rules"]) == (["2020-02", "2020-03"], ["cleaned"], [])
        assert "2020-02 to 2020-03" in told["subject"] and "casualty run --month 2020-02 --through 2020-03" in told["text"]

        _fail(small, _tags(1) | {"state": "stale-2020-02-2020-03-def", "dagster/run_key": "stale-2020-02-2020-03-def-1-1"})
        _tick(small, looked + timedelta(minutes=9))
        assert len(server.posted) == 2, "what is known of the months changed: another failure"


def test_no_person_and_no_value_is_in_an_alert_or_in_the_journal(small: Any, looked: datetime) -> None:
    for by in ("an exception", "a check"):
        _fail(small, {"dagster/partition": "2020-03"}, by)
    _tick(small, looked + timedelta(minutes=1))
    assert len(Outbox(small.home).alerts()) == 2
    kept = [*small.home.alerts.glob("*.json"), *small.home.logs.iterdir()]
    assert not [path for path in kept if any(word in path.read_text("utf-8") for word in CANARY.split())]


def test_rules_that_block_are_named_and_warnings_are_not(small: Any, looked: datetime) -> None:
    _fail(small, {"dagster/partition": "2020-03"}, "a check")
    (alert,) = new_failures(small.home, small.instance, looked + timedelta(minutes=1))
    assert alert.rules == ("cleaned.records: every_name_is_kept",) and alert.months == ("2020-03",)
    assert "1 rule broken in materialize_month for 2020-03 (cleaned)" in alert.subject


def test_a_run_that_dagster_tries_again_by_itself_is_told_when_it_has_failed_for_good(small: Any, looked: datetime) -> None:
    job = build_definitions(small.home).resolve_job_def("materialize_month")
    for retried in ("true", "false"):
        tags = {"dagster/partition": "2020-03", "dagster/will_retry": retried}
        small.instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.FAILURE)
        found = new_failures(small.home, small.instance, looked + timedelta(minutes=1))
        assert len(found) == (retried == "false")


def test_what_failed_before_the_first_look_is_history(small: Any) -> None:
    _fail(small, {"dagster/partition": "2020-03"})
    assert new_failures(small.home, small.instance, datetime.now(UTC)) == []


def test_a_webhook_that_is_down_is_tried_again_and_no_tick_fails(small: Any, looked: datetime) -> None:
    with hook() as server:
        (small.home.path / "casualty.toml").write_text(f'[alerts.webhook]\nurl = "{server.url}"\n')
        server.answers = [503, 200]
        _fail(small, {"dagster/partition": "2020-03"})
        assert "not told by webhook: the webhook answered 503; again at" in _tick(small, looked + timedelta(seconds=10))
        assert _tick(small, looked + timedelta(seconds=60)) == "nothing to tell"
        assert "told by webhook" in _tick(small, looked + timedelta(seconds=75))
        assert len(server.posted) == 1


def test_settings_that_cannot_be_meant_are_said_by_the_tick_and_nothing_is_lost(small: Any, looked: datetime) -> None:
    (small.home.path / "casualty.toml").write_text("[alerts.webhook]\nurl = 3\n")
    _fail(small, {"dagster/partition": "2020-03"})
    assert "expected str" in _tick(small, looked + timedelta(seconds=10))
    assert len(Outbox(small.home).alerts()) == 1


def test_the_digest_goes_out_once_a_week(small: Any) -> None:
    small.take_in()
    with hook() as server:
        (small.home.path / "casualty.toml").write_text(f'[alerts.webhook]\nurl = "{server.url}"\n')
        for _ in range(2):
            job = build_definitions(small.home).resolve_job_def("send_digest")
            assert job.execute_in_process(instance=small.instance).success
        (told,) = server.posted
    assert told["kind"] == "digest" and told["id"] == f"digest-{datetime.now(UTC):%G-W%V}"
    assert "3 months stale" in told["subject"] and "2020-02" in told["months"]


def test_a_run_keeps_what_it_cost_and_did_in_the_home(filled: Home) -> None:
    rows = {row["step"]: row for row in lines(filled.logs / "costs.jsonl")}
    assert {"captures", "cleaned", "deduplicated", "attributed", "month_digest", "monthly", "reports"} <= set(rows)
    assert rows["cleaned"]["rows"] > 0 and rows["cleaned"]["peak_mb"] > 50 and rows["cleaned"]["seconds"] > 0
    assert (rows["cleaned"]["first"], rows["cleaned"]["last"], rows["cleaned"]["months"]) == ("2020-01", "2020-03", 3)
    (run,) = {row["run"] for row in rows.values()}
    said = [(e["asset"], e["message"]) for e in lines(filled.logs / EVENTS) if e["run"] == run]
    assert ("cleaned", "done") in said and any("2340 statements" in message for _, message in said)
    assert json.dumps(said, ensure_ascii=False).isascii()
