"""The Dagster UI in a real browser, on the filled home: what a person sees, and a backfill of two months.

Needs Chromium and its driver (Debian: `chromium chromium-driver`); CASUALTY_NO_BROWSER=1 leaves these tests out.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from casualty_pipeline.home import Home
from casualty_pipeline.tables import STAGES, TABLE
from casualty_pipeline.warehouse import Warehouse
from tests.served import Served, serving, waited

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1600,1100",
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(os.environ.get("CASUALTY_NO_BROWSER") == "1", reason="CASUALTY_NO_BROWSER=1"),
]
COMPUTED = (
    *("attributed.victims", "attributed.incidents", "attributed.transitions"),
    *("monthly.figures", "monthly.ranges", "monthly.figure_inputs"),
)
LAUNCH = """
mutation Launch($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
BACKFILL = """
query Backfill($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    __typename
    ... on PartitionBackfill { status error { message } runs(limit: 20) { runId status tags { key value } } }
  }
}
"""


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go, for a person to look at."""
    return tmp_path_factory.mktemp("screenshots")


@pytest.fixture(scope="module")
def ui_home(filled: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy of the filled home, its history included."""
    home = Home(tmp_path_factory.mktemp("ui") / "home")
    shutil.copytree(filled.path, home.path)
    (home.dagster / "dagster.yaml").unlink()  # it names the folder that it was copied from
    home.prepare()
    return home


@pytest.fixture(scope="module")
def ui(ui_home: Home) -> Iterator[str]:
    """The address of a Dagster that runs on it."""
    with serving(ui_home.path) as served:
        yield served.address


@pytest.fixture(scope="module")
def browser(ui: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Headless Chromium, on the overview of the UI."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert program and driver, (
        "no chromium or chromedriver: apt-get install chromium chromium-driver, or CASUALTY_NO_BROWSER=1"
    )
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    chrome.set_script_timeout(60)
    try:
        chrome.get(ui)
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture
def page(ui: str, browser: webdriver.Chrome, shots: Path) -> Callable[..., str]:
    """Opens a page, waits until it shows all the given texts, takes a picture, and returns the page's text."""

    def open_page(path: str, *texts: str) -> str:
        browser.get(ui + path)
        body: list[str] = []

        def shown() -> bool:
            body[:] = [str(browser.execute_script("return document.body.innerText"))]
            return all(text in body[0] for text in texts)

        try:
            waited(f"{path} to show {texts}", shown)
        finally:
            browser.save_screenshot(str(shots / f"{len(list(shots.iterdir())):02d}.png"))
        return body[0]

    return open_page


def _ask(browser: webdriver.Chrome, query: str, variables: dict[str, Any]) -> Any:
    """Ask the UI's own GraphQL from its page, as its buttons do."""
    script = """
        const [query, variables, done] = arguments;
        fetch("/graphql", {method: "POST", headers: {"Content-Type": "application/json"},
                           body: JSON.stringify({query, variables})})
            .then(r => r.json()).then(done).catch(e => done({errors: String(e)}));
    """
    answer = browser.execute_async_script(script, query, variables)
    assert not answer.get("errors"), answer
    return answer["data"]


def test_the_asset_graph_shows_the_six_stages(page: Callable[..., str]) -> None:
    page("/asset-groups", *STAGES)


def test_an_asset_shows_what_it_is_its_row_count_its_columns_and_its_checks(page: Callable[..., str], filled: Home) -> None:
    with Warehouse(filled.warehouse).reading() as reading:
        ((rows,),) = reading.connection.execute("select count(*) from attributed.victims").fetchall()

    page(
        "/assets/attributed/victims?view=overview",
        TABLE["attributed.victims"].description,
        "data-engineering",
        "Row count",
        str(rows),
        "documentation_month",
        "month in which it was documented",
    )
    page("/assets/attributed/victims?view=partitions&partition=2020-02", "2020-02", "rows_of_the_month")


def test_checks_stand_beside_their_asset_with_their_results(page: Callable[..., str]) -> None:
    page(
        "/assets/attributed/victims?view=checks",
        "every_victim_is_attributed",
        "counted_or_not_with_a_reason",
        "other_parties_have_a_category",
        "rows_are_as_declared",
    )


@pytest.mark.long
def test_a_backfill_of_scattered_months_gives_what_the_command_line_gives(ui: str, ui_home: Home, filled: Home) -> None:
    """The figures are taken away first, so that the backfill has to compute them; 2019-11 holds nothing."""
    months = ["2019-11", "2020-01", "2020-03"]
    with Warehouse(ui_home.warehouse).writing() as write:
        for table in (t for t in COMPUTED if t.startswith("monthly.")):
            write.connection.execute(
                f"delete from {table} where {TABLE[table].month} in (select unnest($months))", {"months": months}
            )
    params = {
        "selector": {
            "partitionSetName": "materialize_month_partition_set",
            "repositorySelector": {"repositoryName": "__repository__", "repositoryLocationName": "casualty_pipeline"},
        },
        "partitionNames": months,
        "fromFailure": False,
        "tags": [],
    }
    launched = Served(ui).ask(LAUNCH, params=params)["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched

    def ended() -> Any:
        state = Served(ui).ask(BACKFILL, id=launched["backfillId"])["partitionBackfillOrError"]
        return state if state.get("status", "").startswith(("COMPLETED", "FAILED", "CANCELED")) else None

    state = waited("the end of the backfill", ended)

    assert len(state["runs"]) == 3, json.dumps(state)  # one for each range without a gap
    for table in COMPUTED:
        rows = f"from {table} where {TABLE[table].month} in ('2020-01', '2020-02', '2020-03') order by all"
        found, expected = (_read(home, rows) for home in (ui_home, filled))
        assert found == expected, table


def _read(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with Warehouse(home.warehouse).reading() as reading:
        return reading.connection.execute(sql).fetchall()


@pytest.mark.long
def test_a_backfill_of_two_months_is_one_run_that_succeeds(page: Callable[..., str], browser: webdriver.Chrome) -> None:
    params = {
        "selector": {
            "partitionSetName": "materialize_month_partition_set",
            "repositorySelector": {
                "repositoryName": "__repository__",
                "repositoryLocationName": "casualty_pipeline",
            },
        },
        "partitionNames": ["2020-02", "2020-03"],
        "fromFailure": False,
        "tags": [],
    }

    launched = _ask(browser, LAUNCH, {"params": params})["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched
    backfill = launched["backfillId"]

    def ended() -> Any:
        state = _ask(browser, BACKFILL, {"id": backfill})["partitionBackfillOrError"]
        return state if state.get("status", "").startswith(("COMPLETED", "FAILED", "CANCELED")) else None

    state = waited("the end of the backfill", ended)
    assert state["status"] == "COMPLETED_SUCCESS", json.dumps(state)
    (run,) = state["runs"]
    tags = {t["key"]: t["value"] for t in run["tags"]}
    assert tags["dagster/asset_partition_range_start"] == "2020-02"
    assert tags["dagster/asset_partition_range_end"] == "2020-03"
    page(f"/runs/b/{backfill}?tab=runs", "Success", run["runId"][:8])
    page(f"/runs/{run['runId']}", "Success", "reports")
