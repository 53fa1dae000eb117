"""A file whose own pairs show that names are replaced is linked so; twins and brothers stay who they are."""

from datetime import date, timedelta
from typing import Any

import polars as pl

from casualty_pipeline.linkage import Constraints, link
from casualty_pipeline.linkage.adapting import adapted
from casualty_pipeline.linkage.model import Model, load
from tests.unit.linkage.conftest import Table, statement_rows

SOUNDS = ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "to")
WORDS = [a + b + c for a in SOUNDS for b in SOUNDS for c in ("rin", "dal", "mos")]


def invented(people: int, twice: float, other_name: float) -> list[dict[str, Any]]:
    """People of a birthday and a village each; of a share there is a second record, of a share with another given name."""
    rows = []
    for number in range(people):
        born = date(1950, 1, 2) + timedelta(days=number * 37 % 18_000)
        given, family, other = (WORDS[number * step % len(WORDS)] for step in (5, 7, 11))
        of = {"birth_first": born, "birth_last": born, "place_key": f"village {WORDS[number * 13 % 200]}"}
        rows.append({"id": f"R-{number}-1", "en": f"{given} {family}"} | of)
        if number < people * (twice + other_name):
            called = given if number < people * twice else other
            rows.append({"id": f"R-{number}-2", "en": f"{called} {family}"} | of)
    return rows


def test_where_other_given_names_are_far_more_than_twins_they_are_one_persons() -> None:
    records = statement_rows(*invented(400, 0.4, 0.4))
    found = adapted(records, Constraints(), load())
    assert any("another given name" in level for level in found.changes)
    victims = link(records, Constraints(), found.model).victim_records
    assert victims["victim_id"].n_unique() < 420
    assert link(records, Constraints(), load()).victim_records["victim_id"].n_unique() > 500


def test_as_many_as_there_are_twins_change_nothing() -> None:
    found = adapted(statement_rows(*invented(2000, 0.3, 0.015)), Constraints(), load())
    assert found.changes == {}


def test_what_says_nothing_leaves_the_model_as_it_is(statements: Table) -> None:
    model: Model = load()
    found = adapted(statements({"en": "Samir Darwish", "day": "2020-03-05"}), Constraints(), model)
    assert found.model is model and found.changes == {}


def test_the_same_file_in_another_order_is_read_alike() -> None:
    records = statement_rows(*invented(400, 0.4, 0.4))
    backwards = records.select(pl.all().reverse())
    assert adapted(records, Constraints(), load()).changes == adapted(backwards, Constraints(), load()).changes
