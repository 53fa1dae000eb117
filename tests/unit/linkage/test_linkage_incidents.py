"""Which statements speak of one incident (R20)."""

from collections.abc import Callable
from typing import Any

import polars as pl

from casualty_pipeline.linkage import assign_incidents

Table = Callable[..., pl.DataFrame]
SITE: dict[str, Any] = {
    "day": "2020-03-05",
    "governorate": "SY07",
    "place_key": "maaret misreen",
    "mechanism": "airstrike",
}
NOBODY = pl.DataFrame(schema={"record_id": pl.String, "victim_id": pl.String})


def incidents(table: pl.DataFrame, victims: dict[str, str] | None = None) -> set[frozenset[str]]:
    shared = pl.DataFrame(list((victims or {}).items()), schema=NOBODY.schema, orient="row")
    assigned = assign_incidents(table, shared)
    assert assigned["record_id"].to_list() == sorted(table["record_id"])
    return {frozenset(records) for records in assigned.group_by("incident_id").agg("record_id")["record_id"]}


ONE, TWO = {frozenset({"R-0", "R-1"})}, {frozenset({"R-0"}), frozenset({"R-1"})}


def test_persons_follow_their_source_s_incident_even_when_they_die_later(statements: Table) -> None:
    table = statements(
        SITE | {"statement": "incident", "incident_ref": "a/1"},
        {"incident_ref": "a/1", "day": "2020-03-20", "governorate": "SY07"},
    )
    assert incidents(table) == ONE


def test_statements_without_a_ref_meet_by_day_governorate_place_and_mechanism(statements: Table) -> None:
    assert incidents(statements(SITE, SITE)) == ONE
    for missing in ("governorate", "place_key", "mechanism"):
        assert incidents(statements(SITE | {missing: None}, SITE | {missing: None})) == TWO
    assert incidents(statements(SITE, SITE | {"mechanism": "shelling"})) == TWO
    assert incidents(statements(SITE, SITE | {"day": "2020-03-06"})) == TWO


def test_a_double_tap_is_one_incident(statements: Table) -> None:
    """Two attacks at 02:05 and 02:27 at one place on one day."""
    first = SITE | {"incident_ref": "snhr/1", "incident_time": "02:05"}
    second = SITE | {"incident_ref": "snhr/2", "incident_time": "02:27"}
    assert incidents(statements(first, second)) == ONE
    assert incidents(statements(first, second | {"incident_time": "14:10"})) == TWO


def test_attacks_that_one_source_lists_apart_stay_apart(statements: Table) -> None:
    assert incidents(statements(SITE | {"incident_ref": "snhr/1"}, SITE | {"incident_ref": "snhr/2"})) == TWO


def test_two_sources_with_one_attack_each_at_a_place_mean_the_same(statements: Table) -> None:
    a, b = SITE | {"source": "a", "incident_ref": "a/1"}, SITE | {"source": "b", "incident_ref": "b/1"}
    assert incidents(statements(a, b)) == ONE
    assert len(incidents(statements(a, b, a | {"incident_ref": "a/2"}))) == 3, "which of the two is meant is not clear"


class TestSharedVictims:
    both = {"R-0": "V-1", "R-1": "V-1"}  # noqa: RUF012 - a constant of the test

    def test_join_what_two_sources_tell(self, statements: Table) -> None:
        a = {"source": "a", "incident_ref": "a/1", "day": "2020-03-05", "governorate": "SY07"}
        b = {"source": "b", "incident_ref": "b/9", "day": "2020-03-06"}
        assert incidents(statements(a, b), self.both) == ONE

    def test_not_across_governorates_or_days(self, statements: Table) -> None:
        a = {"source": "a", "incident_ref": "a/1", "day": "2020-03-05", "governorate": "SY07"}
        assert incidents(statements(a, a | {"incident_ref": "b/9", "governorate": "SY02"}), self.both) == TWO
        assert incidents(statements(a, a | {"incident_ref": "b/9", "day": "2020-03-07"}), self.both) == TWO

    def test_not_what_one_source_lists_at_two_places(self, statements: Table) -> None:
        a = SITE | {"incident_ref": "snhr/1"}
        assert incidents(statements(a, a | {"incident_ref": "snhr/2", "place_key": "saraqib"}), self.both) == TWO

    def test_never_chain_days(self, statements: Table) -> None:
        rows = [{"source": s, "incident_ref": f"{s}/1", "day": f"2020-03-0{n}"} for n, s in enumerate("abcd", start=1)]
        found = incidents(statements(*rows), dict.fromkeys(("R-0", "R-1", "R-2", "R-3"), "V-1"))
        assert found == {frozenset({"R-0", "R-1"}), frozenset({"R-2", "R-3"})}


def test_ids_depend_on_the_incident_alone(statements: Table) -> None:
    alone = assign_incidents(statements(SITE), NOBODY)["incident_id"].item()
    others = assign_incidents(statements(SITE, {"day": "2020-03-09"}, SITE), NOBODY)
    assert alone.startswith("I-")
    assert others.filter(pl.col("incident_id") == alone)["record_id"].to_list() == ["R-0", "R-2"]


def test_nothing_to_assign(statements: Table) -> None:
    assert assign_incidents(statements(), NOBODY).is_empty()
