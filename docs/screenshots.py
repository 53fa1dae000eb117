"""Takes the pictures of Dagster's UI in docs/images: `python docs/screenshots.py`, some minutes, from a home of its own.

What it does is what operations.md tells: months run, one is refused, the statement is corrected, the month runs again. Needs
Debian's chromium and chromium-driver. Every name in the pictures is invented.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from selenium import webdriver

IMAGES = Path(__file__).parent / "images"
PROGRAM = Path(sys.executable).with_name("casualty")
PATIENCE_SECONDS = 600
TIP_LINE = """\
id = "tip_line"
name = "Tip line (invented)"
synthetic = true
unnamed = "counted"
[[tables]]
file = "*.csv"
statement = "group"
key = ["call"]
[tables.columns]
persons = "persons"
incident_date = "day"
death_date = "day"
documented_date = "day"
known_date = "day"
governorate = "where"
party = "who"
countable_media = "media"
"""
_TO_THE_LAST = """
    const found = document.evaluate(`//*[contains(text(), "${arguments[0]}")]`, document, null,
                                    XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue;
    if (found) found.scrollIntoView({block: "center"});
"""
JOB = {
    "partitionSetName": "materialize_month_partition_set",
    "repositorySelector": {"repositoryName": "__repository__", "repositoryLocationName": "casualty_pipeline"},
}
LAUNCH = """mutation Launch($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } } }"""
ENDED = """query Ended($id: String!) { partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status runs(limit: 9) { runId status } } } }"""


def casualty(home: Path, *arguments: str, code: int = 0) -> None:
    """Run a command that must end with that code."""
    done = subprocess.run([PROGRAM, *arguments, "--home", home], capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise SystemExit(f"casualty {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-2000:]}")


def call(home: Path, persons: int) -> None:
    """Somebody calls: so many dead on 20 February. The same call again corrects what it said."""
    (home / "sources/tip_line.toml").write_text(TIP_LINE, encoding="utf-8")
    folder = home / "inbox/tip_line"
    folder.mkdir(exist_ok=True)
    row = f"call-8,2020-02-20,{persons},Idlib,Syrian regime,yes"
    (folder / f"{persons}.csv").write_text(f"call,day,persons,where,who,media\n{row}\n", encoding="utf-8")


@contextmanager
def user_interface(home: Path) -> Iterator[str]:
    """Dagster on the home: its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [PROGRAM, "ui", "--home", home, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait(lambda: answers(address))
        yield address
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(address: str) -> bool:
    """Whether the webserver is there."""
    try:
        with urllib.request.urlopen(f"{address}/server_info", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait(until: Callable[[], Any]) -> Any:
    """What `until` answers as soon as it isn't false."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := until():
            return found
        time.sleep(0.5)
    raise SystemExit("waited in vain")


def ask(address: str, query: str, variables: dict[str, Any]) -> Any:
    """Ask Dagster's GraphQL."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)["data"]


def backfilled(address: str, months: list[str]) -> list[dict[str, str]]:
    """Fill months from the UI, and wait for the end: its runs."""
    params = {"selector": JOB, "partitionNames": months, "fromFailure": False, "tags": []}
    backfill = ask(address, LAUNCH, {"params": params})["launchPartitionBackfill"]["backfillId"]

    def ended() -> Any:
        state = ask(address, ENDED, {"id": backfill})["partitionBackfillOrError"]
        return state if state["status"].startswith(("COMPLETED", "FAILED", "CANCELED")) else None

    runs: list[dict[str, str]] = wait(ended)["runs"]
    return runs


class Camera:
    """A browser that takes pictures of pages, once they show what they are about."""

    def __init__(self, address: str, profile: str) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1500,1000")
        for flag in (*flags, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        self.address, self.chrome = (
            address,
            webdriver.Chrome(options, webdriver.ChromeService(str(shutil.which("chromedriver")))),
        )

    def take(self, name: str, path: str, *texts: str) -> None:
        """The page at a path, into docs/images."""
        self.chrome.get(self.address + path)

        def shown() -> bool:
            text = str(self.chrome.execute_script("return document.body.innerText"))
            return all(one in text for one in texts)

        wait(shown)
        self.chrome.execute_script(_TO_THE_LAST, texts[-1])
        time.sleep(2)  # what is drawn, not written, comes last
        self.chrome.save_screenshot(str(IMAGES / f"{name}.png"))
        print(IMAGES / f"{name}.png")


def main() -> None:
    """From an empty home to every picture."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        casualty(home, "sample")
        casualty(home, "run", "--month", "2020-01", "--through", "2020-03")
        with user_interface(home) as address:
            camera = Camera(address, f"{folder}/chromium")
            camera.take("ui-graph", "/asset-groups", "captures", "reports")
            camera.take("ui-asset", "/assets/monthly/figures?view=overview", "Row count", "civilians_killed_by_month")
            camera.take("ui-automation", "/automation", "monthly", "stale_months", "alerts")
            call(home, 20_000)
            (refused,) = backfilled(address, ["2020-02"])
            camera.take("ui-refused", f"/runs/{refused['runId']}", "Failure", "2020-02")
            call(home, 12)
            backfilled(address, ["2020-02"])
            camera.take("ui-repaired", "/assets/cleaned/records?view=checks", "persons_is_in_range")
            camera.chrome.quit()


if __name__ == "__main__":
    main()
