"""A home served by `casualty ui`: webserver and daemon as people run them, asked by the GraphQL that the UI itself uses."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "casualty_pipeline"}
_LAUNCH_RUN = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } }
}
"""
_LAUNCH_BACKFILL = """
mutation Launch($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) { __typename ... on LaunchBackfillSuccess { backfillId } }
}
"""
_RUN = "query Run($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_BACKFILL = """
query Backfill($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }
"""
_RUNS = """
query Runs($filter: RunsFilter!) {
  runsOrError(filter: $filter) { ... on Runs { results { runId status tags { key value } } } }
}
"""
_SENSORS = """
query Sensors($of: RepositorySelector!) {
  sensorsOrError(repositorySelector: $of) { ... on Sensors { results { id name } } }
}
"""
_STOP = "mutation Stop($id: String!) { stopSensor(id: $id) { __typename } }"


@dataclass(frozen=True)
class Served:
    """Where it is served."""

    address: str

    def ask(self, query: str, **variables: Any) -> Any:
        """The answer of its GraphQL."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        assert not answer.get("errors"), answer
        return answer["data"]

    def runs(self, **tags: str) -> dict[str, tuple[str, Mapping[str, str]]]:
        """By run: its status and all its tags, of those that have these tags."""
        wanted = {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
        found = self.ask(_RUNS, filter=wanted)["runsOrError"]["results"]
        return {run["runId"]: (run["status"], {t["key"]: t["value"] for t in run["tags"]}) for run in found}

    def stop_sensors(self, *names: str) -> None:
        """As with their switches in the UI."""
        sensors = {s["name"]: s["id"] for s in self.ask(_SENSORS, of=REPOSITORY)["sensorsOrError"]["results"]}
        for name in names:
            assert self.ask(_STOP, id=sensors[name])["stopSensor"]["__typename"] == "StopSensorMutationResult"

    def run(self, job: str) -> None:
        """A run of a job without months, to its end, which must be a good one."""
        params = {"selector": {**REPOSITORY, "jobName": job}, "runConfigData": {}}
        launched = self.ask(_LAUNCH_RUN, params=params)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id = launched["run"]["runId"]
        status = waited(f"the run of {job}", lambda: _ended(self.ask(_RUN, id=run_id)["runOrError"]["status"]))
        assert status == "SUCCESS"

    def backfill(self, job: str, months: Sequence[str]) -> None:
        """A backfill of a job over months, to its end, which must be a good one."""
        params = {
            "selector": {"partitionSetName": f"{job}_partition_set", "repositorySelector": REPOSITORY},
            "partitionNames": list(months),
            "fromFailure": False,
            "tags": [],
        }
        launched = self.ask(_LAUNCH_BACKFILL, params=params)["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        asked = launched["backfillId"]
        status = waited(
            f"the backfill of {', '.join(months)}",
            lambda: _ended(self.ask(_BACKFILL, id=asked)["partitionBackfillOrError"]["status"]),
        )
        assert status == "COMPLETED_SUCCESS"


def _ended(status: str) -> str:
    """The status of a run or a backfill once it is its last; else nothing."""
    return status if status.startswith(("SUCCESS", "COMPLETED", "FAIL", "CANCELED")) else ""


def waited(what: str, until: Callable[[], Any], seconds: float = 400) -> Any:
    """What `until` answers, as soon as it isn't false; fails when it stays so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := until():
            return found
        time.sleep(0.5)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


@contextmanager
def serving(home: Path) -> Iterator[Served]:
    """`casualty ui` on a home, for as long as it is needed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = home / "dagster-dev.log"
    address = f"http://127.0.0.1:{port}"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("casualty"), "ui", "--home", home, "--port", str(port)],
            cwd=home.parent,
            env={**os.environ, "CASUALTY_HOME": str(home)},
            stdout=log,
            stderr=log,
            start_new_session=True,  # its children go with it, whatever signal it ignores
        )

        def answers() -> bool:
            assert process.poll() is None, said.read_text("utf-8")[-3000:]
            try:
                with urllib.request.urlopen(f"{address}/server_info", timeout=5) as response:
                    return bool(response.status == 200)
            except (urllib.error.URLError, OSError):
                return False

        try:
            waited("the Dagster UI", answers)
            yield Served(address)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
