"""A party is evidence: two attacks of one place and day by two clearly different parties are two incidents."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from casualty_pipeline.linkage import assign_incidents

Table = Callable[..., pl.DataFrame]
SITE: dict[str, Any] = {
    "day": "2020-03-05",
    "governorate": "SY07",
    "place_key": "maaret misreen",
    "mechanism": "airstrike",
}
REGIME, RUSSIA = SITE | {"claim": "syrian_regime"}, SITE | {"claim": "russia"}
JOINT, EITHER = SITE | {"claim": "russia+syrian_regime"}, SITE | {"claim": "russia|syrian_regime"}


def incidents(table: pl.DataFrame, victims: dict[str, str] | None = None, **more: Any) -> list[str]:
    """The records of each incident, as one word each: `["01", "2"]`."""
    shared = pl.DataFrame(
        list((victims or {}).items()), schema={"record_id": pl.String, "victim_id": pl.String}, orient="row"
    )
    assigned = assign_incidents(table, shared, **more).with_columns(pl.col("record_id").str.strip_prefix("R-"))
    return sorted("".join(sorted(records)) for records in assigned.group_by("incident_id").agg("record_id")["record_id"])


def test_two_parties_are_two_incidents(statements: Table) -> None:
    assert incidents(statements(REGIME, RUSSIA, REGIME, RUSSIA)) == ["02", "13"]


@pytest.mark.parametrize("code", ["a/1", None])
def test_unless_a_code_or_a_victim_says_otherwise(statements: Table, code: str | None) -> None:
    table = statements(REGIME | {"incident_ref": code}, RUSSIA | {"incident_ref": code})
    assert incidents(table, {} if code else {"R-0": "V-1", "R-1": "V-1"}) == ["01"]


def test_so_are_codes_of_two_sources(statements: Table) -> None:
    a, b = REGIME | {"source": "a", "incident_ref": "a/1"}, RUSSIA | {"source": "b", "incident_ref": "b/1"}
    assert incidents(statements(a, b)) == ["0", "1"]
    assert incidents(statements(a, b | {"claim": "syrian_regime"})) == ["01"]


def test_the_party_says_which_of_two_attacks_another_source_means(statements: Table) -> None:
    first, second = REGIME | {"incident_ref": "snhr/1"}, RUSSIA | {"incident_ref": "snhr/2"}
    assert incidents(statements(first, second, RUSSIA | {"source": "b", "incident_ref": "b/1"})) == ["0", "12"]


@pytest.mark.parametrize("between", [JOINT, EITHER])
def test_joint_and_undetermined_parties_are_compatible_with_each_that_they_name(
    statements: Table, between: dict[str, Any]
) -> None:
    assert incidents(statements(REGIME, between)) == ["01"]
    assert incidents(statements(REGIME, RUSSIA, between)) == ["012"]
    assert incidents(statements(SITE | {"claim": "isis"}, between)) == ["0", "1"]


@pytest.mark.parametrize(
    "vague",
    [{}, {"claim": "unidentified"}, {"claim": "russia", "certainty": "contested"}],
    ids=["silent", "unknown", "contested"],
)
def test_who_names_no_party_clearly_contradicts_none(statements: Table, vague: dict[str, Any]) -> None:
    vague = SITE | vague
    assert incidents(statements(REGIME, vague)) == ["01"]
    assert incidents(statements(REGIME, vague, RUSSIA)) == ["0", "1", "2"], "of which of the two it speaks isn't clear"
    assert incidents(statements(REGIME, vague, RUSSIA), {"R-1": "V-1", "R-2": "V-1"}) == ["0", "12"]


def test_a_part_of_a_party_is_no_other_party(statements: Table) -> None:
    hts, islamist = SITE | {"claim": "extremist_islamist/hts"}, SITE | {"claim": "extremist_islamist"}
    assert incidents(statements(hts, islamist)) == ["01"]
    iran = SITE | {"claim": "iran"}
    assert incidents(statements(iran, REGIME)) == ["0", "1"]
    assert incidents(statements(iran, REGIME), part_of={"iran": "syrian_regime"}) == ["01"]


def test_a_double_tap_is_of_one_party(statements: Table) -> None:
    first = REGIME | {"incident_ref": "snhr/1", "incident_time": "02:05"}
    second = REGIME | {"incident_ref": "snhr/2", "incident_time": "02:27"}
    third = RUSSIA | {"incident_ref": "snhr/3", "incident_time": "02:15"}
    assert incidents(statements(first, second, third)) == ["01", "2"]
