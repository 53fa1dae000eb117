"""Write, audit, publish: in a run over months, bad ones keep what they had, and only those are shown as failed."""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner
from dagster._core.workspace.context import WorkspaceProcessContext, WorkspaceRequestContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster_graphql.schema import create_schema

from casualty_pipeline.cli import main
from casualty_pipeline.figures import stage
from casualty_pipeline.warehouse import read_sql

MONTHS = ["2020-01", "2020-02", "2020-03", "2020-04"]
BAD = {"2020-02", "2020-03"}
RECORDS = dg.AssetKey(["cleaned", "records"])
SHOWN = """
query Shown($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) {
    ... on AssetNode {
      assetPartitionStatuses { ... on TimePartitionStatuses { ranges { status startKey endKey } } }
      assetChecksOrError {
        ... on AssetChecks {
          checks {
            name
            executionForLatestMaterialization { status }
            partitionStatuses { ... on AssetCheckTimePartitionStatuses { ranges { status startKey endKey } } }
          }
        }
      }
    }
  }
}
"""


def _by_month(ranges: list[Mapping[str, str]]) -> dict[str, str]:
    """The status of each month, of the ranges in which GraphQL tells it."""
    return {m: r["status"] for r in ranges for m in MONTHS if r["startKey"] <= m <= r["endKey"]}


class Ui:
    """What Dagster's webserver answers to the questions of its own pages."""

    def __init__(self, process: WorkspaceProcessContext) -> None:
        self.process, self.schema = process, create_schema()

    def node(self, key: dg.AssetKey) -> Any:
        context: WorkspaceRequestContext = self.process.create_request_context()
        answer = asyncio.run(self.schema.execute_async(SHOWN, variables={"key": {"path": key.path}}, context_value=context))
        assert not answer.errors, answer.errors
        return answer.data["assetNodeOrError"]

    def months(self, key: dg.AssetKey) -> dict[str, str]:
        """The months of an asset, as its page colours them."""
        return _by_month(self.node(key)["assetPartitionStatuses"]["ranges"])

    def checks(self, key: dg.AssetKey) -> dict[str, dict[str, str]]:
        """The months of each of an asset's checks."""
        checks = self.node(key)["assetChecksOrError"]["checks"]
        return {c["name"]: _by_month(c["partitionStatuses"]["ranges"]) for c in checks}

    def latest(self, key: dg.AssetKey) -> dict[str, str]:
        """What stands beside each of an asset's checks in the list of them."""
        checks = self.node(key)["assetChecksOrError"]["checks"]
        return {c["name"]: (c["executionForLatestMaterialization"] or {}).get("status", "none") for c in checks}


@pytest.fixture
def ui(small: Any) -> Iterator[Ui]:
    small.tip("call-4", "2020-04-14", 5)
    os.environ["CASUALTY_HOME"] = str(small.home.path)
    target = ModuleTarget("casualty_pipeline.definitions", attribute="defs", working_directory=None, location_name="here")
    with WorkspaceProcessContext(small.instance, target) as process:
        yield Ui(process)


def _break(small: Any) -> None:
    """More dead in one statement than can be meant, in two months."""
    small.tip("call-8", "2020-02-20", 20_000)
    small.tip("call-9", "2020-03-20", 30_000)


OF_STAGES = (
    RECORDS,
    dg.AssetKey(["attributed", "victims"]),
    dg.AssetKey(["monthly", "figures"]),
    dg.AssetKey(["reports", "bundles"]),
)


@pytest.mark.long
def test_the_ui_shows_exactly_the_two_bad_months_as_failed_and_after_their_repair_none(small: Any, ui: Ui) -> None:
    assert small.run("2020-01", "2020-04").success
    _break(small)
    small.tip("call-7", "2020-04-05", 7)
    broken = small.run("2020-01", "2020-04")

    assert not broken.success
    (failure,) = [e for e in broken.all_events if e.is_step_failure]
    assert failure.step_key == "months_refused"
    for key in OF_STAGES:
        assert ui.months(key) == {m: "FAILED" if m in BAD else "MATERIALIZED" for m in MONTHS}, key
    toll = "select value from monthly.figures where month = period and population = 'civilians' and demographic = 'all' "
    toll += "and party = '' and governorate = '' and category = '' and measure = 'count' order by month"
    assert small.rows(toll) == [(2,), (3,), (4,), (5 + 7,)]
    for key in OF_STAGES[1:3]:
        for name, months in ui.checks(key).items():
            assert months == dict.fromkeys(MONTHS, "SUCCEEDED"), (key, name)
    checks = ui.checks(RECORDS)
    assert checks.pop("persons_is_in_range") == {m: "FAILED" if m in BAD else "SUCCEEDED" for m in MONTHS}
    assert len(checks) > 15
    assert all(months == dict.fromkeys(MONTHS, "SUCCEEDED") for months in checks.values()), checks

    small.tip("call-8", "2020-02-20", 2)
    small.tip("call-9", "2020-03-20", 3)
    assert small.run("2020-01", "2020-04").success

    for key in OF_STAGES:
        assert ui.months(key) == dict.fromkeys(MONTHS, "MATERIALIZED"), key
        for name, months in ui.checks(key).items():
            assert months == dict.fromkeys(MONTHS, "SUCCEEDED"), (key, name)


@pytest.mark.long
def test_no_check_stays_in_progress_when_the_only_month_of_a_run_is_refused(small: Any, ui: Ui) -> None:
    assert small.run("2020-02", "2020-02").success
    _break(small)
    assert not small.run("2020-02", "2020-02").success

    shown = ui.latest(RECORDS)
    assert shown.pop("persons_is_in_range") == "FAILED"
    assert set(shown.values()) == {"SUCCEEDED"}, shown


@pytest.mark.long
def test_a_month_refused_before_it_had_rows_is_no_month_without_dead(small: Any) -> None:
    small.tip("call-8", "2020-02-20", 20_000)

    assert not small.run("2020-01", "2020-03").success

    figures = "select distinct month from monthly.figures order by all"
    assert small.rows(figures) == [("2020-01",)], "the sum since January can't be told without February"
    assert {row["check_name"] for row in _listed(small)} == {"persons_is_in_range", "year_so_far_is_attributed"}


def _listed(small: Any, *options: str) -> list[dict[str, Any]]:
    """What `casualty failures` prints as JSON."""
    command = ["failures", "--home", str(small.home.path), "--format", "json", *options]
    done = CliRunner().invoke(main, command)
    assert done.exit_code in (0, 1), done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert done.exit_code == (1 if any(row["blocking"] and row["closed_at"] is None for row in found) else 0)
    return found


@pytest.mark.long
def test_a_month_that_turns_bad_keeps_its_rows_says_so_and_is_closed_by_the_run_that_finds_it_good(small: Any) -> None:
    assert small.run("2020-01", "2020-03").success
    before = small.rows("from cleaned.records where documentation_month = '2020-02' order by all")
    small.tip("call-8", "2020-02-20", 20_000)
    small.tip("call-5", "2020-03-05", 7)

    broken = small.run("2020-01", "2020-03")

    assert not broken.success
    assert small.rows("from cleaned.records where documentation_month = '2020-02' order by all") == before
    assert small.rows("select sum(persons) from attributed.victims where documentation_month = '2020-03'") == [(4 + 7,)]
    (failure,) = [e for e in broken.all_events if e.is_step_failure]
    assert "2020-02 not replaced in cleaned, which keeps the rows of before" in failure.step_failure_data.error.message
    (row,) = _listed(small, "--stage", "cleaned")
    assert (row["check_name"], row["month"], row["refused"]) == ("persons_is_in_range", "2020-02", True)
    assert row["run_id"] == broken.run_id
    assert _listed(small, "--month", "2020-03") == []

    again = small.run("2020-02", "2020-02")
    assert not again.success
    assert [r["run_id"] for r in _listed(small)] == [broken.run_id], "it stays as it was found first"

    small.tip("call-8", "2020-02-20", 2)
    repaired = small.run("2020-01", "2020-03")
    assert repaired.success
    assert _listed(small) == []
    (closed,) = _listed(small, "--all")
    assert (closed["run_id"], closed["closed_by"]) == (broken.run_id, repaired.run_id)


@pytest.mark.long
def test_figures_that_contradict_each_other_do_not_replace_those_that_do_not(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert small.run("2020-01", "2020-02").success
    before = small.rows("from monthly.figures order by all")
    wrong = read_sql("monthly.figures").replace("sum(p.persons)", "sum(p.persons) + 1")
    assert wrong != read_sql("monthly.figures")
    monkeypatch.setattr(stage, "read_sql", lambda name: wrong if name == "monthly.figures" else read_sql(name))

    assert not small.run("2020-01", "2020-02").success

    assert small.rows("from monthly.figures order by all") == before
    assert {row["check_name"] for row in _listed(small, "--stage", "monthly")} >= {"totals_count_the_victims"}
