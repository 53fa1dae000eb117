"""The six restatements of docs/walkthrough.md in numbers: what each changes, which months become stale, and why.

Told once, for the walk through the command line and for the one through Dagster. Nothing here runs anything.
"""

import hashlib
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb

Address = tuple[str, ...]
Figures = dict[Address, float]
MONTHS = ("2020-01", "2020-02", "2020-03")  # those that are published

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


def rows_of(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query on the warehouse."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def figures_of(home: Path) -> dict[str, Figures]:
    """Every figure that the home shows now, by month."""
    columns = "month, period, population, party, category, governorate, demographic, measure, value"
    found: dict[str, Figures] = {}
    for month, *address, value in rows_of(home, f"select {columns} from monthly.figures"):
        found.setdefault(month, {})[tuple(address)] = value
    return found


def letter_of(heading: str) -> str:
    """The letter of a section of the page; nothing for those before (a) and after (f)."""
    found = re.match(r"\((.)\)", heading)
    return found[1] if found else ""


def may(home: Path) -> str:
    """The id of the capture that (b) sends."""
    [(sha256,)] = rows_of(home, "select sha256 from captures.manifest where original_name = 'may.csv'")
    return str(sha256)


def first_editions(home: Path) -> str:
    """SHA-256 over every byte of every edition 1."""
    digest = hashlib.sha256()
    for path in sorted((home / "published").glob("*/edition-1/**/*")):
        if path.is_file():
            digest.update(f"{path.relative_to(home)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def stale_after(letter: str, known: Collection[str]) -> set[str]:
    """Which of the months that a home knows: the one that changed, and those whose figures since January hold it.

    All are of one year. With (b), May becomes known.
    """
    return {month for month in known if month >= CHANGES[letter][0]}


def changed(before: Figures, after: Figures) -> Figures:
    """What a month's figures changed by; those that didn't change are left out."""
    differences = {a: round(after.get(a, 0) - before.get(a, 0), 6) for a in before.keys() | after.keys()}
    return {a: d for a, d in differences.items() if d}


def check_changes(letter: str, before: dict[str, Figures], after: dict[str, Figures]) -> None:
    """Exactly the right figures changed, of every month that was published, and shares are those of the counts."""
    month, governorates, expected = CHANGES[letter]
    for other in MONTHS:
        changes = changed(before[other], after[other])
        assert national(changes, other) == (expected if other == month else {})
        assert national(changes, f"2020-01..{other}") == (expected if other >= month else {})
        assert {address[4] for address in changes} - {""} == (governorates if other >= month else set())
    figures = after[month]
    for period in (month, f"2020-01..{month}"):
        whole = figures[period, "civilians", "", "", "", "all", "count"]
        for party in ("russia", "syrian_regime", "other"):
            share = 100 * figures[period, "civilians", party, "", "", "all", "count"] / whole
            assert abs(figures[period, "civilians", party, "", "", "all", "percent"] - share) <= 0.005 + 1e-9
