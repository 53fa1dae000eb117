"""Which cases a report tells of: by rule, and nobody of whom somebody wants nothing told."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from casualty_pipeline.reporting.notable import MOST_CASES, notable_cases
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading


class Invented:
    """Counted victims of March 2020, each with one record."""

    def __init__(self) -> None:
        self.reading = Reading(duckdb.connect())
        for name in ("attributed.victims", "deduplicated.victims", "deduplicated.victim_records", "captures.records"):
            self._create(name)
        self._create("cleaned.records")

    def _create(self, name: str) -> None:
        self.reading.connection.execute(f"create schema if not exists {name.partition('.')[0]}")
        columns = ", ".join(f'"{c.name}" {c.type}' for c in TABLE[name].columns)
        self.reading.connection.execute(f"create table {name} ({columns})")

    def _add(self, name: str, row: dict[str, Any]) -> None:
        self.reading.register(made=pl.DataFrame([row]))
        self.reading.connection.execute(f"insert into {name} by name from made")

    def victim(self, number: int, died: date | None, extra: str = "{}", **given: Any) -> None:
        counted = {"in_civilians": False, "in_torture": True, "persons": 1, "demographic": "man", "governorate": "SY07"}
        counted |= {"documentation_month": "2020-03", "party": "syrian_regime", "attribution": "established"}
        victim, record = {"victim_id": f"V-{number}"}, {"record_id": f"R-{number}"}
        self._add("attributed.victims", victim | counted | given)
        self._add("deduplicated.victims", victim | {"name_en": "Invented", "death_first": died, "death_last": died})
        self._add("deduplicated.victim_records", victim | record)
        self._add("captures.records", record | {"extra": extra})
        self._add("cleaned.records", record | {"documented_on": date(2020, 3, 20)})

    def told(self, months: Sequence[str] = ("2020-03",)) -> list[str]:
        return [case.victim_id for case in notable_cases(self.reading, months)]


@pytest.fixture
def invented() -> Iterator[Invented]:
    made = Invented()
    yield made
    made.reading.connection.close()


def test_those_are_told_whose_deaths_took_longest_to_become_known(invented: Invented) -> None:
    invented.victim(0, None)
    for number in range(1, MOST_CASES + 2):
        invented.victim(number, date(2020 - number, 1, 1))
    assert invented.told() == [f"V-{n}" for n in range(MOST_CASES + 1, 1, -1)]


def test_a_member_of_a_special_group_is_told_of_there_and_nobody_else_of_the_civilians(invented: Invented) -> None:
    civilian: dict[str, Any] = {"in_torture": False, "in_civilians": True}
    invented.victim(1, date(2020, 3, 1), special_group="medical", affiliation="Red Crescent", **civilian)
    invented.victim(2, date(2020, 3, 1), **civilian)
    invented.victim(3, date(2020, 3, 1), special_group="media", in_torture=False)  # counted nowhere
    (case,) = notable_cases(invented.reading, ["2020-03"])
    assert (case.victim_id, case.population, case.affiliation) == ("V-1", "medical", "Red Crescent")
    assert case.documented == date(2020, 3, 20)
    assert invented.told(["2020-02"]) == []


def test_a_group_of_persons_is_no_case(invented: Invented) -> None:
    invented.victim(1, date(2020, 3, 1), persons=2)
    assert invented.told() == []


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("{}", True),
        ('{"consent":"public"}', True),
        ('{"consent":"no"}', False),
        ('{"confidential":["death_date"]}', False),
        ('{"consent":"public","confidential":["place"]}', False),
        ('{"other":{"consent":"ask me first"}}', False),
    ],
)
def test_nobody_is_told_of_whose_family_refused_or_marked_anything_confidential(
    invented: Invented, extra: str, told: bool
) -> None:
    invented.victim(1, date(2020, 3, 1), extra)
    assert (invented.told() == ["V-1"]) is told
