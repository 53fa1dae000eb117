"""Six things become known after publication, as docs/walkthrough.md tells: the page is run, then held against the numbers.

The page's commands and what it says that they print are read from the page itself, so that it can't grow untrue.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from casualty_pipeline.editions.differences import restatement_of
from casualty_pipeline.editions.restating import adds_up
from casualty_pipeline.editions.shelf import editions
from casualty_pipeline.home import Home
from tests.acceptance.conftest import Casualty

pytestmark = pytest.mark.long

_PAGE = Path(__file__).parents[2] / "docs" / "walkthrough.md"
_BLOCK = re.compile(r"^## .*?$|```sh\n(.*?)```\n(?:```text\n(.*?)```\n)?", re.MULTILINE | re.DOTALL)
Address = tuple[str, ...]
Figures = dict[Address, float]


@dataclass(frozen=True)
class Block:
    """Commands of the page, what it says that they print (None: it doesn't say), and what they printed."""

    commands: str
    told: str | None
    printed: str
    code: int

    @property
    def holds(self) -> bool:
        """`...` in what is told stands for anything."""
        pattern = ".*".join(re.escape(part) for part in (self.told or "...").strip().split("..."))
        return re.fullmatch(pattern, self.printed.strip(), re.DOTALL) is not None


@dataclass(frozen=True)
class Section:
    """How things stood at the end of a section of the page."""

    blocks: list[Block]
    figures: dict[str, Figures]  # by month
    stale: list[str]
    first_editions: str  # SHA-256 over every byte of every edition 1


@dataclass(frozen=True)
class Walk:
    """The page, done."""

    casualty: Casualty
    sections: dict[str, Section]  # by the letter of (a) to (f); "start" and "end"

    def changes(self, letter: str, month: str) -> Figures:
        """What a section changed of a month's figures; those that didn't change are left out."""
        letters = list(self.sections)
        before = self.sections[letters[letters.index(letter) - 1]].figures.get(month, {})
        after = self.sections[letter].figures.get(month, {})
        differences = {a: round(after.get(a, 0) - before.get(a, 0), 6) for a in before.keys() | after.keys()}
        return {a: d for a, d in differences.items() if d}


_KINDS = {
    "man": ("all", "man"),
    "woman": ("all", "woman", "women_and_children"),
    "girl": ("all", "child", "child_female", "women_and_children"),
    "boy": ("all", "child", "child_male", "women_and_children"),
}


def dead(population: str, party: str, people: str, share: int = 1) -> Figures:
    """What so many men, women, girls and boys are in the counts of a party (`other/X`: of its category, too); "" is all."""
    found: Figures = {}
    party, _, category = party.partition("/")
    for kind in people.split():
        for demographic in _KINDS[kind]:
            for under in {"", category}:
                address = (population, party, under, demographic)
                found[address] = found.get(address, 0) + share
    return found


def together(*parts: Figures) -> Figures:
    """Their sum."""
    found: Figures = {}
    for part in parts:
        for address, value in part.items():
            found[address] = found.get(address, 0) + value
    return {address: value for address, value in found.items() if value}


def national(changes: Figures, period: str) -> Figures:
    """The counts of the whole country among them, by population, party, category and demographic."""
    return {
        (population, party, category, demographic): value
        for (of, population, party, category, governorate, demographic, measure), value in changes.items()
        if of == period and not governorate and measure == "count"
    }


_STRIKE, _SHELL = "man woman girl", "woman boy"  # the dead of M-1, of M-6
_OF_4, _OF_5 = "man man woman boy girl", "man man woman girl boy"
_MASSACRES: Figures = {("massacres", party, "", "all"): n for party, n in (("", 2), ("russia", 1), ("syrian_regime", 1))}
_JOINT = "russia+syrian_regime"
_TO_RUSSIA = together(dead("civilians", "russia", _STRIKE), dead("civilians", _JOINT, _STRIKE, -1))
# What each section changes: of which month, in which governorates (which have no figures by party), and every count of the
# whole country.
CHANGES: dict[str, tuple[str, set[str], Figures]] = {
    "a": ("2020-01", set(), _TO_RUSSIA),
    "b": (
        "2020-03",
        {"SY13", "SY14"},
        together(
            dead("civilians", "", "girl boy"),
            dead("civilians", "russia", "girl"),
            dead("civilians", "syrian_regime", "boy"),
            _MASSACRES,
            dead("massacre_victims", "", f"{_OF_4} {_OF_5}"),
            dead("massacre_victims", "russia", _OF_4),
            dead("massacre_victims", "syrian_regime", _OF_5),
        ),
    ),
    "c": (
        "2020-02",
        {"SY14"},
        together(dead("civilians", "", "woman", -1), dead("civilians", "syrian_regime", "woman", -1)),
    ),
    "d": (
        "2020-02",
        {"SY14"},
        together(dead("civilians", "", "man boy", -1), dead("civilians", "syrian_regime", "man boy", -1)),
    ),
    "e": (
        "2020-03",
        set(),
        together(
            dead("civilians", "syrian_regime", _SHELL), dead("civilians", "other/undetermined_between_two", _SHELL, -1)
        ),
    ),
    "f": ("2020-01", set(), {address: -value for address, value in _TO_RUSSIA.items()}),
}
DECISIONS = {
    "a": ("decision", "D-2020-04-15-001"),
    "c": ("merge", "D-2020-06-10-001"),
    "d": ("retraction", "D-2020-07-05-001"),
    "e": ("decision", "D-2020-08-12-001"),
    "f": ("decision", "D-2020-09-01-001"),
}
# The editions that the page publishes after the first: which sections caused each, in the order in which it became known.
CAUSES = {
    ("2020-01", 2): "a",
    ("2020-01", 3): "f",
    ("2020-02", 2): "ac",
    ("2020-02", 3): "d",
    ("2020-03", 2): "ab",
    ("2020-03", 3): "cde",
}


def _rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def _figures(home: Path) -> dict[str, Figures]:
    columns = "month, period, population, party, category, governorate, demographic, measure, value"
    found: dict[str, Figures] = {}
    for month, *address, value in _rows(home, f"select {columns} from monthly.figures"):
        found.setdefault(month, {})[tuple(address)] = value
    return found


def _bytes_of_first_editions(home: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted((home / "published").glob("*/edition-1/**/*")):
        if path.is_file():
            digest.update(f"{path.relative_to(home)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _stale(casualty: Casualty) -> list[str]:
    months = json.loads(casualty.done("status", "--format", "json").stdout)["months"]
    return [m["month"] for m in months if not m["current"]]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    folder = tmp_path_factory.mktemp("walkthrough")
    casualty = Casualty(folder / "walk")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "CASUALTY_HOME": "walk", "PATH": path}
    sections: dict[str, Section] = {}
    name, blocks = "", list[Block]()

    def close() -> None:
        if blocks:
            sections[name] = Section(
                list(blocks), _figures(casualty.home), _stale(casualty), _bytes_of_first_editions(casualty.home)
            )
            blocks.clear()

    for found in _BLOCK.finditer(_PAGE.read_text(encoding="utf-8")):
        if found[1] is None:
            close()
            letter = re.match(r"## \((.)\)", found[0])
            name = letter[1] if letter else "end" if sections else "start"
            continue
        done = subprocess.run(
            ["bash", "-c", found[1]],  # what its reader has
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        blocks.append(Block(found[1], found[2], done.stdout, done.returncode))
    close()
    return Walk(casualty, sections)


def test_the_page_prints_what_it_says(walk: Walk) -> None:
    for name, section in walk.sections.items():
        for block in section.blocks:
            assert block.holds, f"{name}: {block.commands}\nprinted\n{block.printed}"
            assert "Traceback" not in block.printed and block.code == 0, block.printed


def test_no_month_is_stale_when_those_that_were_have_been_run(walk: Walk) -> None:
    assert [(name, section.stale) for name, section in walk.sections.items() if section.stale] == []


@pytest.mark.parametrize("letter", CHANGES)
def test_the_right_figures_change_and_no_others(walk: Walk, letter: str) -> None:
    month, governorates, expected = CHANGES[letter]
    for other in ("2020-01", "2020-02", "2020-03"):
        changes = walk.changes(letter, other)
        assert national(changes, other) == (expected if other == month else {})
        assert national(changes, f"2020-01..{other}") == (expected if other >= month else {})
        assert {address[4] for address in changes} - {""} == (governorates if other >= month else set())


@pytest.mark.parametrize("letter", CHANGES)
def test_percentages_follow_the_counts(walk: Walk, letter: str) -> None:
    month = CHANGES[letter][0]
    figures = walk.sections[letter].figures[month]
    for period in (month, f"2020-01..{month}"):
        whole = figures[period, "civilians", "", "", "", "all", "count"]
        for party in ("russia", "syrian_regime", "other"):
            share = 100 * figures[period, "civilians", party, "", "", "all", "count"] / whole
            assert abs(figures[period, "civilians", party, "", "", "all", "percent"] - share) <= 0.005 + 1e-9


def test_every_restatement_adds_up_and_names_its_causes_in_order(walk: Walk) -> None:
    home = walk.casualty.home
    [may] = (sha for (sha,) in _rows(home, "select sha256 from captures.manifest where original_name = 'may.csv'"))
    names = {cause: letter for letter, cause in DECISIONS.items()} | {("capture", may): "b"}
    told: dict[tuple[str, int], str] = {}
    for one in editions(Home(home)):
        rows = restatement_of(one)
        assert adds_up(rows)
        if one.number > 1:
            causes = rows.select("known_at", "cause", "cause_id").unique().sort("known_at")
            told[one.month, one.number] = "".join(names[cause, cause_id] for _, cause, cause_id in causes.iter_rows())
    assert told == CAUSES


def test_no_byte_of_a_first_edition_changes(walk: Walk) -> None:
    assert len({section.first_editions for section in walk.sections.values()}) == 1


def test_the_figures_of_an_earlier_moment_are_those_that_stood_then(walk: Walk) -> None:
    for letter, moment in (("a", "2020-04-15T12:00:00Z"), ("d", "2020-07-05T12:00:00Z")):
        asked = ("figures", "--period", "2020-03", "--as-of", moment, "--format", "json")
        rows: list[dict[str, Any]] = json.loads(walk.casualty.done(*asked).stdout)
        then = {
            address[1:]: value
            for address, value in walk.sections[letter].figures["2020-03"].items()
            if address[0] == "2020-03"
        }
        columns = ("population", "party", "category", "governorate", "demographic", "measure")
        assert {tuple(row[name] for name in columns): row["value"] for row in rows if row["period"] == "2020-03"} == then
