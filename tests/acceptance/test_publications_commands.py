"""`casualty bulletin`, `report`, `dossier`, `un-form`, `index`: what they write, and what they refuse."""

import csv
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty

ATOM = "{http://www.w3.org/2005/Atom}"


def rows_of(casualty: Casualty, sql: str) -> list[tuple[object, ...]]:
    with Warehouse(casualty.home / "warehouse.duckdb").reading() as reading:
        return reading.connection.execute(sql).fetchall()


def names_of(casualty: Casualty) -> set[str]:
    found = rows_of(casualty, "select name_en from deduplicated.victims union select name_ar from deduplicated.victims")
    return {str(name) for (name,) in found if name and " " in str(name)}


def pages(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html"))}


def toll(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (total,) = [
        r for r in rows
        if r["population"] == "civilians" and r["demographic"] == "all" and r["measure"] == "count"
        and not r["party"] and not r["governorate"]
    ]  # fmt: skip
    return int(total["value"])


def test_the_bulletin_of_a_day_names_nobody_and_its_figures_can_be_traced(sample: Casualty, tmp_path: Path) -> None:
    sample.done("bulletin", "--day", "2020-03-05", "--out", tmp_path)
    told = pages(tmp_path)
    assert set(told) == {"bulletin.en.html", "bulletin.ar.html"}
    assert not [name for name in names_of(sample) for text in told.values() if name in text]
    traced = sample.done("trace", "2020-03-05:civilians").stdout
    assert traced.startswith(f"2020-03-05:civilians = {toll(tmp_path / 'figures.csv')}:")
    again = tmp_path / "again"
    sample.done("bulletin", "--day", "2020-03-05", "--out", again)
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {
        p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()
    }


def test_the_report_of_half_a_year_is_the_sum_of_its_months_and_says_which_are_missing(
    sample: Casualty, tmp_path: Path
) -> None:
    sample.done("report", "--period", "2020-H1", "--out", tmp_path)
    (total,) = rows_of(
        sample,
        "select sum(value) from monthly.figures where period = month and population = 'civilians' and party = ''"
        " and category = '' and governorate = '' and demographic = 'all' and measure = 'count'",
    )[0]
    assert toll(tmp_path / "figures.csv") == total
    told = pages(tmp_path)
    assert "April to June 2020" in told["report.en.html"] and "14.14" in told["report.ar.html"]


def test_a_dossier_names_victims_only_in_its_confidential_form(sample: Casualty, tmp_path: Path) -> None:
    ((incident, name),) = rows_of(
        sample,
        """
        select i.incident_id, min(d.name_en) from attributed.transitions as t
        inner join attributed.incidents as i on t.incident_id = i.incident_id and i.massacre
        inner join deduplicated.victims as d on i.incident_id = d.incident_id
        where t.change = 'joint_resolved' and t.victim_id is null group by all order by all limit 1
        """,
    )
    sample.done("dossier", str(incident), "--out", tmp_path / "open")
    sample.done("dossier", str(incident), "--confidential", "--out", tmp_path / "closed")
    opened, closed = pages(tmp_path / "open")["dossier.en.html"], pages(tmp_path / "closed")["dossier.en.html"]
    assert str(name) not in opened and str(name) in closed
    assert "one of two became likely" in opened
    assert not (tmp_path / "closed" / "dossier.en.pdf").stat().st_mode & 0o077


def test_the_form_of_a_victim_says_what_is_not_known(sample: Casualty, tmp_path: Path) -> None:
    ((victim, name),) = rows_of(
        sample, "select victim_id, name_en from deduplicated.victims where name_en <> '' order by victim_id limit 1"
    )
    sample.done("un-form", str(victim), "--out", tmp_path / "form.html")
    text = (tmp_path / "form.html").read_text(encoding="utf-8")
    assert str(name) in text and "not known" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("bulletin", "--day", "2020-02-31"),
        ("bulletin", "--day", "2020-07-01"),
        ("report", "--period", "2019"),
        ("report", "--period", "March"),
        ("dossier", "I-aaaaaaaaaaaa"),
        ("un-form", "V-aaaaaaaaaaaa"),
        ("un-form", "I-aaaaaaaaaaaa"),
    ],
)
def test_what_cannot_be_told_of_is_refused_in_a_sentence(sample: Casualty, arguments: tuple[str, ...]) -> None:
    result = sample(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert re.match(r"casualty: .+", result.stderr) and "Traceback" not in result.stderr


@pytest.mark.long
def test_publishing_writes_the_index_the_series_and_the_feed(copied: Callable[[], Casualty]) -> None:
    casualty = copied()
    assert casualty.done("index").stdout == ""
    casualty.done("publish", "--month", "2020-02", "--as-of", "2020-03-01T06:00:00Z")
    published = casualty.home / "published"
    told = pages(published)
    assert set(told) == {"index.html", "index.en.html", "index.ar.html", "series.en.html", "series.ar.html"}
    feed = ElementTree.fromstring((published / "feed.xml").read_bytes())
    (entry,) = feed.findall(f"{ATOM}entry")
    linked = [link.attrib["href"] for link in entry.findall(f"{ATOM}link")]
    assert [(published / link).is_file() for link in linked] == [True, True]
    hrefs = re.findall(r'href="(?!#)([^"]+)"', told["index.html"])
    assert hrefs and all((published / href).is_file() for href in hrefs)
    assert {p.name for p in (published / "2020-02" / "edition-1" / "partner").iterdir()} == {
        "README.txt", "victims.csv", "victims.xlsx",
    }  # fmt: skip
    casualty.done("editions", "--verify")
    before = {p: p.read_bytes() for p in published.iterdir() if p.is_file()}
    casualty.done("index")
    assert before == {p: p.read_bytes() for p in published.iterdir() if p.is_file()}
