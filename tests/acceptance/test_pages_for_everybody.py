"""Every page that is published, as its readers meet it: without a fault of accessibility or of HTML, on any screen.

axe-core runs in Debian's Chromium (CASUALTY_NO_BROWSER=1 leaves that out); html5lib reads as strictly as the standard.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from html import unescape
from importlib.metadata import files
from pathlib import Path
from typing import Any

import html5lib
import pytest
from selenium import webdriver

WIDTHS = (360, 768, 1280)
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_there_is_a_page_of_every_kind_in_both_languages(published: Path) -> None:
    kinds = {(page.name.split(".")[0], page.name.split(".")[1]) for page in pages(published)}
    assert {(kind, language) for kind in ("report", "bulletin", "dossier") for language in ("en", "ar")} <= kinds
    assert {"index.html", "index.ar.html", "series.en.html", "series.ar.html"} <= {page.name for page in pages(published)}


def test_a_strict_reader_finds_no_fault_in_the_html(published: Path) -> None:
    faults = {}
    for page in pages(published):
        reader = html5lib.HTMLParser(strict=False)
        reader.parse(page.read_text(encoding="utf-8"))
        faults[str(page.relative_to(published))] = reader.errors
    assert {page: errors for page, errors in faults.items() if errors} == {}


def test_every_link_within_a_page_leads_somewhere(published: Path) -> None:
    for page in pages(published):
        html = page.read_text(encoding="utf-8")
        there = {unescape(anchor) for anchor in re.findall(r'\sid="([^"]+)"', html)}
        assert {unescape(to) for to in re.findall(r'href="#([^"]+)"', html)} - there == set(), page.name


def test_every_number_of_the_text_leads_to_its_definition_and_its_trace_without_a_script(published: Path) -> None:
    for page in (published / "2020-03/edition-1/open/report.ar.html", published / "bulletin/bulletin.en.html"):
        html = re.sub(r"<script>.*?</script>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        numbers = {unescape(to) for to in re.findall(r'<a class="figure" href="#([^"]+)"', html)}
        assert numbers
        for address in numbers:
            (row,) = re.findall(rf'<tr>(?:(?!</tr>).)*<a id="{re.escape(address)}"(?:(?!</tr>).)*</tr>', html)
            assert f"casualty trace {address}</bdi>" in row
            (definition,) = re.findall(r'href="#(definition-[^"]+)"', row)
            assert re.search(rf'id="{definition}">[^<]+</span></th><td class="text">[^<]+</td>', html)


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


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.skipif(os.environ.get("CASUALTY_NO_BROWSER") == "1", reason="CASUALTY_NO_BROWSER=1")
def test_axe_finds_no_violation_and_no_page_is_wider_than_its_screen(published: Path, chrome: webdriver.Chrome) -> None:
    script, found, wide = axe(), {}, []
    for page in pages(published):
        chrome.get(page.as_uri())
        for width in WIDTHS:
            at_width(chrome, width)
            if chrome.execute_script("return document.documentElement.scrollWidth") > width:
                wide.append((str(page.relative_to(published)), width))
        chrome.execute_script(script)
        result: dict[str, Any] = chrome.execute_async_script("axe.run(document).then(arguments[arguments.length - 1])")
        for violation in result["violations"]:
            places = [node["target"][0] for node in violation["nodes"]]
            found[str(page.relative_to(published)), violation["id"]] = (
                f"{violation['help']}: {len(places)} times, first {places[0]}"
            )
    assert not found, json.dumps({" ".join(what): told for what, told in found.items()}, indent=1)
    assert not wide
