"""Write, audit, publish: in a run over months, those with bad rows keep what they had, and are the only ones shown as failed."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest
from dagster._core.workspace.context import WorkspaceProcessContext, WorkspaceRequestContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster_graphql.schema import create_schema

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
        import asyncio

        answer = asyncio.run(
            self.schema.execute_async(SHOWN, variables={"key": {"path": key.path}}, context_value=context)
        )
        assert not answer.errors, answer.errors
        return answer.data["assetNodeOrError"]

    def months(self, key: dg.AssetKey) -> dict[str, str]:
        """The months of an asset, as its page colours them."""
        return _by_month(self.node(key)["assetPartitionStatuses"]["ranges"])

    def checks(self, key: dg.AssetKey) -> dict[str, dict[str, str]]:
        """The months of each of an asset's checks."""
        checks = self.node(key)["assetChecksOrError"]["checks"]
        return {c["name"]: _by_month(c["partitionStatuses"]["ranges"]) for c in checks}


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


def test_the_ui_shows_exactly_the_two_bad_months_as_failed_and_after_their_repair_none(small: Any, ui: Ui) -> None:
    _break(small)
    assert not small.run("2020-01", "2020-04").success

    assert {m for m, status in ui.months(RECORDS).items() if status == "FAILED"} == BAD
    assert {m for m, status in ui.months(RECORDS).items() if status == "MATERIALIZED"} == set(MONTHS) - BAD
    checks = ui.checks(RECORDS)
    assert checks.pop("persons_is_in_range") == {m: "FAILED" if m in BAD else "SUCCEEDED" for m in MONTHS}
    assert len(checks) > 15
    assert all(months == dict.fromkeys(MONTHS, "SUCCEEDED") for months in checks.values()), checks

    small.tip("call-8", "2020-02-20", 2)
    small.tip("call-9", "2020-03-20", 3)
    assert small.run("2020-01", "2020-04").success

    for key in (RECORDS, dg.AssetKey(["attributed", "victims"]), dg.AssetKey(["monthly", "figures"])):
        assert ui.months(key) == dict.fromkeys(MONTHS, "MATERIALIZED"), key
        for name, months in ui.checks(key).items():
            assert months == dict.fromkeys(MONTHS, "SUCCEEDED"), (key, name)
