"""Six things become known after publication, as docs/walkthrough.md tells: the page is run, then held against the numbers.

The page's commands and what it says that they print are read from the page itself, so that it can't grow untrue. After each
of the six, what the issue asks: exactly the right months are stale, the right figures change, the restatement adds up,
edition 1 is untouched and rebuilds to the byte, and any earlier instant has the figures of that instant.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from casualty_pipeline.editions.differences import restatement_of
from casualty_pipeline.editions.past import figures_at
from casualty_pipeline.editions.restating import adds_up
from casualty_pipeline.editions.shelf import editions
from casualty_pipeline.home import Home
from casualty_pipeline.status import MonthStatus, months_status
from tests.acceptance.conftest import Casualty
from tests.restatements import (
    CHANGES,
    DECISIONS,
    MONTHS,
    Figures,
    check_changes,
    figures_of,
    first_editions,
    letter_of,
    may,
    stale_after,
)
from tests.told_pages import DOCS, Block, told

pytestmark = pytest.mark.long

READ = "casualty tick inbox --launch"  # what became known is read, and nothing computed yet
# The last moment of each section: everything in it is known, nothing after it.
INSTANTS = {
    "start": "2020-04-01T06:00:00",
    "a": "2020-04-15T12:00:00",
    "b": "2020-05-21T12:00:00",
    "c": "2020-06-10T12:00:00",
    "d": "2020-07-05T12:00:00",
    "e": "2020-08-12T12:00:00",
    "f": "2020-09-01T12:00:00",
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


Look = dict[str, MonthStatus]  # what `casualty status` tells, by month


@dataclass(frozen=True)
class Section:
    """How things stood at the end of a section of the page, and in its middle."""

    blocks: list[Block]
    looks: list[Look]  # once all was read and nothing computed; after each run
    figures: dict[str, Figures]  # by month
    stale: list[str]
    first_editions: str
    rebuilt: str  # what `casualty rebuild` says of edition 1 of the month that changed
    unlike: list[str]  # earlier instants (and months) whose figures, as of then, aren't what they were then


@dataclass(frozen=True)
class Walk:
    """The page, done."""

    casualty: Casualty
    sections: dict[str, Section]  # by the letter of (a) to (f); "start" and "end"

    def before(self, letter: str) -> Section:
        """The section before."""
        letters = list(self.sections)
        return self.sections[letters[letters.index(letter) - 1]]


def _look(home: Path) -> Look:
    return {m.month: m for m in months_status(Home(home))}


def _as_of(home: Path, instant: str, month: str) -> Figures:
    found = figures_at(Home(home), month, None, datetime.fromisoformat(instant)).rows
    columns = ("period", "population", "party", "category", "governorate", "demographic", "measure")
    return {tuple(str(row[name]) for name in columns): row["value"] for row in found}


def _unlike(home: Path, letter: str, sections: Mapping[str, Section]) -> list[str]:
    """Every earlier instant at which the month that a section changed, or March with all since January, isn't as it was."""
    return [
        f"{month} as of the end of {name}"
        for name, section in sections.items()
        for month in sorted({CHANGES[letter][0], MONTHS[-1]})
        if _as_of(home, INSTANTS[name], month) != section.figures[month]
    ]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    folder = tmp_path_factory.mktemp("walkthrough")
    casualty = Casualty(folder / "walk")
    sections: dict[str, Section] = {}
    blocks: list[Block] = []
    looks: list[Look] = []

    def close(heading: str) -> None:
        letter = letter_of(heading)
        rebuilt = casualty.done("rebuild", "--month", CHANGES[letter][0], "--edition", "1").stderr if letter else ""
        sections[letter or ("end" if sections else "start")] = Section(
            list(blocks),
            list(looks),
            figures_of(casualty.home),
            [name for name, month in _look(casualty.home).items() if not month.current],
            first_editions(casualty.home),
            rebuilt,
            _unlike(casualty.home, letter, sections) if letter else [],
        )
        blocks.clear()
        looks.clear()

    for block in told(DOCS / "walkthrough.md", folder, close):
        blocks.append(block)
        if READ in block.commands or re.search("^casualty run ", block.commands, re.M):
            looks.append(_look(casualty.home))
    return Walk(casualty, sections)


def test_the_page_prints_what_it_says(walk: Walk) -> None:
    wrong = [
        f"{name}: {block.commands}\nprinted\n{block.printed}"
        for name, section in walk.sections.items()
        for block in section.blocks
        if not block.holds
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("letter", CHANGES)
def test_exactly_the_right_months_are_stale_and_it_is_said_why(walk: Walk, letter: str) -> None:
    first, *later = walk.sections[letter].looks
    changed = CHANGES[letter][0]
    stale = [(month, one.reasons) for look in (first, *later) for month, one in look.items() if not one.current]
    assert {month for month, _ in stale} == stale_after(letter, first)
    assert not first[changed].current
    assert all(look[changed].current for look in later)
    for month, reasons in stale:
        only_cumulative = all(reason.startswith("cumulative figures: ") for reason in reasons)
        assert only_cumulative == (month != changed and reasons != ("never run",))
    if letter in DECISIONS:
        assert first[changed].causes.decisions == (DECISIONS[letter][1],)
    else:
        assert first[changed].causes.captures == (may(walk.casualty.home),)


def test_no_month_is_stale_when_those_that_were_have_been_run(walk: Walk) -> None:
    assert [(name, section.stale) for name, section in walk.sections.items() if section.stale] == []


@pytest.mark.parametrize("letter", CHANGES)
def test_the_right_figures_change_and_no_others(walk: Walk, letter: str) -> None:
    check_changes(letter, walk.before(letter).figures, walk.sections[letter].figures)


def test_every_restatement_adds_up_and_names_its_causes_in_order(walk: Walk) -> None:
    home = walk.casualty.home
    names = {cause: letter for letter, cause in DECISIONS.items()} | {("capture", may(home)): "b"}
    told_causes: dict[tuple[str, int], str] = {}
    for one in editions(Home(home)):
        rows = restatement_of(one)
        assert adds_up(rows)
        if one.number > 1:
            causes = rows.select("known_at", "cause", "cause_id").unique().sort("known_at")
            told_causes[one.month, one.number] = "".join(names[kind, cause] for _, kind, cause in causes.iter_rows())
    assert told_causes == CAUSES


def test_no_byte_of_a_first_edition_changes(walk: Walk) -> None:
    assert len({section.first_editions for section in walk.sections.values()}) == 1


@pytest.mark.parametrize("letter", CHANGES)
def test_the_first_edition_of_the_month_that_changed_rebuilds_to_the_byte(walk: Walk, letter: str) -> None:
    assert f"edition 1 of {CHANGES[letter][0]}" in walk.sections[letter].rebuilt
    assert "every byte as published" in walk.sections[letter].rebuilt


@pytest.mark.parametrize("letter", CHANGES)
def test_any_earlier_instant_has_the_figures_of_that_instant(walk: Walk, letter: str) -> None:
    assert walk.sections[letter].unlike == []
