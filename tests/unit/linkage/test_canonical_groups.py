"""Several persons in one record: counted by kind, and never more or fewer than are stated. Everybody is invented."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.linkage.canonical_cases import Case, source

Table = Callable[..., pl.DataFrame]
CHILDREN: dict[str, Any] = {"en": "Samir Darwish and his two children", "persons": 3, "stated_children": 2, "unnamed": False}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_a_named_person_and_two_children_are_a_man_and_two_children(case: Case, statements: Table) -> None:
    case.record(statements(CHILDREN | {"sex": "male", "age": 34}))
    man, children = case.victims()
    assert (man["persons"], man["demographic"], man["unnamed"]) == (1, "man", False)
    assert (children["persons"], children["demographic"], children["unnamed"]) == (2, "child", True)
    assert (children["listed_with"], children["incident_id"]) == (man["victim_id"], man["incident_id"])
    assert (children["name_en"], children["age_first"], children["special_group"]) == (None, None, None)


def test_who_is_listed_with_somebody_rests_on_the_records_that_say_so(case: Case, statements: Table) -> None:
    rows = [CHILDREN, CHILDREN | {"source": "b"}, {"en": "Samir Darwish", "source": "c", "unnamed": False}]
    case.record(statements(*rows))
    (link,) = (
        case.resolve()["victim_records"].filter(linked_by="listed_with").group_by("victim_id").agg("record_id").to_dicts()
    )
    assert sorted(link["record_id"]) == ["R-0", "R-1"]
    assert case.victims()[1]["victim_id"] == link["victim_id"]


def test_the_unnamed_who_are_listed_with_somebody_need_media_of_their_own(case: Case, statements: Table) -> None:
    """R7: two sources for a name are none for a number."""
    case.record(statements(CHILDREN, CHILDREN | {"source": "b"}))
    assert [v["verified"] for v in case.victims()] == [True, False]
    case.sources = [source("b", unnamed_counted=True)]
    assert [v["verified"] for v in case.victims()] == [True, True]


def test_the_children_of_a_combatant_are_no_combatants(case: Case, statements: Table) -> None:
    case.record(statements(CHILDREN | {"civilian_status": "combatant"}))
    assert [v["civilian_status"] for v in case.victims()] == ["combatant", None]


def test_two_names_are_two_persons_of_whom_nothing_is_said(case: Case, statements: Table) -> None:
    case.record(statements({"en": "Samir and Basel Darwish", "persons": 2, "sex": "male", "age": 30, "unnamed": False}))
    victim = case.victim()
    assert (victim["persons"], victim["demographic"]) == (2, "unknown")


def test_an_unnamed_family_is_counted_by_kind(case: Case, statements: Table) -> None:
    """Two girls, a boy and their mother."""
    family = {"unnamed": True, "persons": 4, "stated_children": 3, "stated_women": 1, "stated_female": 3, "stated_male": 1}
    case.record(statements(family))
    assert {v["demographic"]: v["persons"] for v in case.victims()} == {"child_female": 2, "child_male": 1, "woman": 1}


def test_a_group_of_one_kind_is_one_row(case: Case, statements: Table) -> None:
    case.record(statements({"unnamed": True, "persons": 3, "stated_children": 3, "sex": "male"}))
    victim = case.victim()
    assert (victim["demographic"], victim["persons"], victim["sex"]) == ("child_male", 3, "male")


def test_more_dead_of_one_record_than_of_another_are_kept_as_least_and_most(case: Case, statements: Table) -> None:
    rows = [{"unnamed": True, "persons": n, "source": s} for n, s in ((53, "a"), (50, "b"), (50, "c"))]
    case.record(statements(*rows))
    victim = case.victim()
    assert (victim["persons"], victim["persons_min"], victim["persons_max"]) == (50, 50, 53)


def test_who_is_listed_with_somebody_is_no_part_of_the_unlisted(case: Case, statements: Table) -> None:
    """Five dead, three of them listed in one row: two remain, also when that row is computed anew alone."""
    case.sources = [source("a", unlisted_remainder=True)]
    told = {"id": "R-9", "source": "a", "statement": "incident", "killed_min": 5, "children_min": 3}
    case.record(statements(CHILDREN | {"source": "a", "status": "killed"}))
    case.record(statements({"id": "R-5", "source": "a", "en": "Huda Darwish", "status": "killed"}), victim="V-2")
    case.record(statements(told))
    at_once = case.resolve()
    assert at_once["victims"]["persons"].sum() == 5
    assert case.resolve({"V-1", "V-2"}, {"V-2"}, {"V-1"})["victims"].equals(at_once["victims"])


_GROUPS = st.tuples(
    st.integers(1, 9), st.tuples(*[st.integers(0, 9)] * 5), st.booleans(), st.sampled_from([None, "male", "female"])
)
_STATED = ("stated_children", "stated_women", "stated_men", "stated_female", "stated_male")


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(_GROUPS, min_size=12, max_size=16))
def test_the_books_balance_whatever_is_stated(
    tmp_path: Path, statements: Table, groups: list[tuple[int, tuple[int, ...], bool, str | None]]
) -> None:
    case = Case(tmp_path)
    for number, (persons, stated, unnamed, sex) in enumerate(groups):
        said = {"persons": persons, "unnamed": unnamed, "sex": sex, **dict(zip(_STATED, stated, strict=True))}
        case.record(statements({"id": f"R-{number}", "en": "X"} | said), victim=f"V-{number}", incident=f"I-{number}")
    victims = case.resolve()["victims"]
    counted = victims.group_by("incident_id").agg(pl.col("persons").sum()).sort("incident_id")
    expected = pl.DataFrame({"incident_id": [f"I-{n}" for n in range(len(groups))], "persons": [g[0] for g in groups]})
    assert counted["persons"].to_list() == expected.sort("incident_id")["persons"].to_list()
    assert (victims["persons"] > 0).all()
