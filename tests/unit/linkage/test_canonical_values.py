"""Which value survives where a victim's records say different things. Everybody is invented."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.unit.linkage.canonical_cases import SYRIA, Case

Table = Callable[..., pl.DataFrame]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def from_sources(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Each row by a source of its own: a, b, c."""
    return [{"source": "abcdefg"[n], "en": "Samir Darwish", **row} for n, row in enumerate(rows)]


def day(text: str) -> dict[str, Any]:
    return {"death_first": date.fromisoformat(text), "death_last": date.fromisoformat(text)}


MARCH = {"death_first": date(2020, 3, 1), "death_last": date(2020, 3, 31)}


def test_what_no_record_disputes_needs_no_rule(case: Case, statements: Table) -> None:
    case.record(statements(*from_sources({"sex": "male"}, {"age": 34})))
    victim = case.victim()
    assert (victim["sex"], victim["age_first"], victim["age_min"], victim["age_max"]) == ("male", 34, 34, 34)
    assert case.values() == {}


def test_what_more_independent_sources_say_is_taken(case: Case, statements: Table) -> None:
    case.record(statements(*from_sources({"sex": "female"}, {"sex": "male"}, {"sex": "male"})))
    assert case.victim()["sex"] == "male"
    male, female = case.values()["sex", "male"], case.values()["sex", "female"]
    assert (male["chosen"], male["rule"], male["sources"], male["said_by"]) == (True, "sources", 2, ["b", "c"])
    assert (male["supported_by"], male["contradicted_by"]) == (["R-1", "R-2"], ["R-0"])
    assert (female["chosen"], female["rule"], female["contradicted_by"]) == (False, None, ["R-1", "R-2"])


def test_number_of_records_isn_t_number_of_sources(case: Case, statements: Table) -> None:
    rows = from_sources({"sex": "female"}, {"sex": "male"}, {"sex": "male", "source": "b"}, {"sex": "female"})
    case.record(statements(*rows))
    assert case.victim()["sex"] == "female"


def test_the_source_that_stands_higher_for_the_field_is_taken(case: Case, statements: Table) -> None:
    rows = from_sources({"sex": "male"}, {"sex": "female", "source": "civil_registry"})
    case.record(statements(*rows))
    assert case.victim()["sex"] == "female"
    assert case.values()["sex", "female"]["rule"] == "rank"


def test_what_was_known_first_decides_in_the_end(case: Case, statements: Table) -> None:
    case.record(statements(*from_sources({"mechanism": "shelling"}, {"mechanism": "airstrike"})))
    assert case.victim()["mechanism"] == "shelling"
    assert case.values()["mechanism", "shelling"]["rule"] == "earliest"


def test_a_day_isn_t_contradicted_by_its_month(case: Case, statements: Table) -> None:
    case.record(statements(*from_sources(MARCH, MARCH, day("2020-03-05"))))
    victim = case.victim()
    assert (victim["death_first"], victim["death_last"]) == (date(2020, 3, 5), date(2020, 3, 5))
    assert (victim["death_min"], victim["death_max"]) == (date(2020, 3, 1), date(2020, 3, 31))
    exact = case.values()["death", "2020-03-05"]
    assert (exact["sources"], exact["contradicted_by"]) == (3, [])


def test_two_days_contradict_each_other_and_the_least_and_most_are_kept(case: Case, statements: Table) -> None:
    case.record(statements(*from_sources(day("2020-03-05"), day("2020-03-07"), day("2020-03-07"))))
    victim = case.victim()
    assert (victim["death_first"], victim["death_min"], victim["death_max"]) == (
        *(date(2020, 3, 7), date(2020, 3, 5)),
        date(2020, 3, 7),
    )
    assert case.values()["death", "2020-03-07"]["contradicted_by"] == ["R-0"]


def test_an_exact_age_wins_over_a_range_and_over_an_age_group(case: Case, statements: Table) -> None:
    thirties = {"age_first": 30, "age_last": 39, "age_group": "adult"}
    case.record(statements(*from_sources({"age_group": "child"}, {"age_group": "child"}, thirties, {"age": 34})))
    victim = case.victim()
    assert (victim["age_first"], victim["age_last"], victim["age_min"], victim["age_max"]) == (34, 34, 30, 39)
    assert victim["demographic"] == "unknown"  # an adult of unknown sex
    assert case.values()["age_group", "adult"]["rule"] == "age"


def test_a_full_name_wins_over_a_shorter_one_which_supports_it(case: Case, statements: Table) -> None:
    rows = from_sources({"en": "Samir Darwish"}, {"en": "Samir Hassan Darwish"}, {"en": "Samir Hasan Khalil"})
    case.record(statements(*rows))
    assert case.victim()["name_en"] == "Samir Hassan Darwish"
    full = case.values()["name_en", "Samir Hassan Darwish"]
    assert (full["supported_by"], full["contradicted_by"]) == (["R-0", "R-1"], ["R-2"])


def test_a_description_is_no_name_beside_a_name(case: Case, statements: Table) -> None:
    rows = from_sources({"en": "Daughter of Samir"}, {"en": "Huda Darwish"})
    case.record(statements(*rows))
    victim = case.victim()
    assert (victim["name_en"], victim["unnamed"]) == ("Huda Darwish", False)


def test_the_injured_who_died_are_dead(case: Case, statements: Table) -> None:
    case.record(statements(*from_sources({"status": "injured"}, {"status": "injured"}, {"status": "killed"})))
    assert case.victim()["status"] == "killed"
    assert case.values()["status", "killed"]["rule"] == "preferred"


def test_a_place_belongs_to_the_governorate_that_is_taken(case: Case, statements: Table) -> None:
    idlib, aleppo = {"governorate": "SY07", "place": "Saraqib"}, {"governorate": "SY02", "place": "Manbij"}
    case.record(
        statements(*from_sources(aleppo, idlib, {"governorate": "SY07"}, {"place": "Manbij", "governorate": "SY02"}))
    )
    case.record(statements({"id": "R-9", "source": "x", "en": "Samir Darwish", "governorate": "SY07"}))
    victim = case.victim()
    assert (victim["governorate"], victim["place"]) == ("SY07", "Saraqib")
    assert case.values()["place", "Saraqib"]["rule"] == "governorate"


def test_the_rules_are_the_profile_s(case: Case, statements: Table) -> None:
    case.record(statements(*from_sources({"sex": "female"}, {"sex": "male"}, {"sex": "male"})))
    rules = replace(SYRIA.survivorship, criteria={**SYRIA.survivorship.criteria, "sex": ("earliest",)})
    case.profile = replace(SYRIA, survivorship=rules)
    assert case.victim()["sex"] == "female"


def test_the_order_of_the_records_makes_no_difference(case: Case, tmp_path: Path, statements: Table) -> None:
    rows = statements(*from_sources({"sex": "male", "age": 4} | MARCH, {"age": 5} | day("2020-03-02"), {"sex": "female"}))
    case.record(rows)
    other = Case(tmp_path)
    other.record(rows.reverse())
    assert other.victims() == case.victims()
    assert other.values() == case.values()


def test_victims_resolved_one_after_the_other_are_the_same_as_at_once(case: Case, statements: Table) -> None:
    case.record(statements(*from_sources({"sex": "male"}, {"sex": "female", "persons": 3, "stated_children": 2})))
    case.record(statements({"id": "R-8", "en": "Huda Darwish", "age": 4}), victim="V-2")
    case.record(statements({"id": "R-9", "en": "Samir and his son", "persons": 2, "stated_male": 1}), victim="V-3")
    at_once = case.resolve()
    for name, table in case.resolve({"V-3"}, {"V-1", "V-2"}, {"V-3", "V-2"}).items():
        assert table.equals(at_once[name]), name
