"""Every page that is published, as its readers meet it: without a fault of accessibility or of HTML, on any screen.

axe-core runs in Debian's Chromium (CASUALTY_NO_BROWSER=1 leaves that out); html5lib reads as strictly as the standard.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import files
from pathlib import Path
from typing import Any

import html5lib
import pytest
from selenium import webdriver

from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty

WIDTHS = (360, 768, 1280)
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")


@pytest.fixture(scope="module")
def published(copied: Callable[[], Casualty]) -> Path:
    """A folder with every page of the sample: March's edition, bulletin, report, dossier, and the page over all editions."""
    casualty = copied()
    casualty.done("publish", "--month", "2020-03", "--as-of", "2020-04-01T06:00:00Z")
    casualty.done("index")
    out = casualty.home / "published"
    casualty.done("bulletin", "--day", "2020-03-05", "--out", out / "bulletin")
    casualty.done("report", "--period", "2020-H1", "--out", out / "half-year")
    with Warehouse(casualty.home / "warehouse.duckdb").reading() as reading:
        (incident,) = reading.connection.execute(
            "select incident_id from attributed.incidents where massacre and documentation_month = '2020-03' "
            "order by incident_id limit 1"
        ).fetchall()
    casualty.done("dossier", incident[0], "--out", out / "dossier")
    return out


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_there_is_a_page_of_every_kind_in_both_languages(published: Path) -> None:
    kinds = {(page.name.split(".")[0], page.name.split(".")[1]) for page in pages(published)}
    assert {(kind, language) for kind in ("report", "bulletin", "dossier") for language in ("en", "ar")} <= kinds
    assert {"index.html", "series.html"} <= {page.name for page in pages(published)}


def test_a_strict_reader_finds_no_fault_in_the_html(published: Path) -> None:
    faults = {}
    for page in pages(published):
        reader = html5lib.HTMLParser(strict=False)
        reader.parse(page.read_text(encoding="utf-8"))
        faults[page.name] = reader.errors
    assert faults == {page.name: [] for page in pages(published)}


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert program and driver, (
        "no chromium or chromedriver: apt-get install chromium chromium-driver, or CASUALTY_NO_BROWSER=1"
    )
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    browser.set_script_timeout(120)
    try:
        yield browser
    finally:
        browser.quit()


def axe() -> str:
    (script,) = [file for file in files("axe-playwright-python") or () if file.name == "axe.min.js"]
    return Path(str(script.locate())).read_text(encoding="utf-8")


def at_width(browser: webdriver.Chrome, width: int) -> None:
    """A window can't be narrower than some 500 px; what a telephone shows is asked of the browser's own emulation."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@pytest.mark.browser
@pytest.mark.skipif(os.environ.get("CASUALTY_NO_BROWSER") == "1", reason="CASUALTY_NO_BROWSER=1")
def test_axe_finds_no_violation_and_no_page_is_wider_than_its_screen(published: Path, chrome: webdriver.Chrome) -> None:
    script, found, wide = axe(), {}, []
    for page in pages(published):
        chrome.get(page.as_uri())
        for width in WIDTHS:
            at_width(chrome, width)
            if chrome.execute_script("return document.documentElement.scrollWidth") > width:
                wide.append((page.name, width))
        chrome.execute_script(script)
        result: dict[str, Any] = chrome.execute_async_script("axe.run(document).then(arguments[arguments.length - 1])")
        for violation in result["violations"]:
            places = [node["target"][0] for node in violation["nodes"]]
            found[page.name, violation["id"]] = f"{violation['help']}: {len(places)} times, first {places[0]}"
    assert not found, json.dumps({" ".join(what): told for what, told in found.items()}, indent=1)
    assert not wide
