"""What linkage reads of one statement: facts with what follows from them, and names in the forms that are compared."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualty_pipeline.linkage import forms
from casualty_pipeline.linkage.model import load

Table = Callable[..., pl.DataFrame]
MODEL = load()


def one(table: pl.DataFrame) -> dict[str, Any]:
    return forms.people(table).row(0, named=True)


def name(statements: Table, **given_as: str) -> dict[str, Any]:
    return forms.names(statements(given_as), MODEL).row(0, named=True)


def test_a_stated_date_of_birth_stands_as_it_is(statements: Table) -> None:
    born = {"birth_first": date(1990, 5, 2), "birth_last": None, "age": 99}
    read = one(statements({"en": "Samir Darwish", "day": "2020-03-05"} | born))
    assert (read["birth_first"], read["birth_last"], read["birth_stated"]) == (date(1990, 5, 2), date(1990, 5, 2), True)


@pytest.mark.parametrize(
    ("written", "digits"),
    [("1970-05-35", "19700535"), ("1967-00-01", "19670001"), ("1990-05-00", None), ("in spring", None), (None, None)],
)
def test_a_day_of_birth_that_never_was_is_kept_as_its_digits(
    statements: Table, written: str | None, digits: str | None
) -> None:
    read = one(statements({"en": "Samir Darwish", "birth_date_raw": written}))
    assert (read["birth_first"], read["birth_written"]) == (None, digits)


def test_an_age_at_death_is_a_year_of_birthdays(statements: Table) -> None:
    read = one(statements({"en": "Samir Darwish", "day": "2020-03-05", "age": 30}))
    assert (read["birth_first"], read["birth_last"], read["birth_stated"]) == (date(1989, 3, 6), date(1990, 3, 5), False)


def test_without_a_day_of_death_the_age_counts_at_the_day_on_which_it_became_known(statements: Table) -> None:
    assert one(statements({"en": "Samir Darwish", "age": 30}))["birth_last"] == date(1990, 3, 1)


@pytest.mark.parametrize("age", [-1, 150])
def test_an_age_that_nobody_has_says_nothing_of_birth(statements: Table, age: int) -> None:
    assert one(statements({"en": "Samir Darwish", "day": "2020-03-05", "age": age}))["birth_first"] is None


def test_a_day_of_death_goes_before_that_of_the_incident(statements: Table) -> None:
    days = {"death_first": date(2020, 3, 9), "death_last": date(2020, 3, 9)}
    read = one(statements({"en": "Samir Darwish", "day": "2020-03-05"} | days))
    assert (read["day_first"], read["day_last"]) == (date(2020, 3, 9), date(2020, 3, 9))


def test_groups_and_the_unnamed_are_nobody_s_namesake_and_incidents_are_left_out(statements: Table) -> None:
    table = statements(
        {"id": "R-0", "en": "Samir Darwish"},
        {"id": "R-1", "en": "Unidentified"},
        {"id": "R-2", "en": "Samir Darwish", "statement": "group"},
        {"id": "R-3", "statement": "incident"},
    )
    assert dict(forms.people(table).select("record_id", "person").iter_rows()) == {"R-0": True, "R-1": False, "R-2": False}
    assert forms.names(table, MODEL)["record_id"].to_list() == ["R-0"]


@pytest.mark.parametrize(
    ("one_way", "other_way"),
    [
        ("محمد أحمد الدرويش", "محمد احمد درويش"),
        ("صلاح عبد الله درويش", "صالح عبدهللا درويش"),
        ("سمير ابن خليل درويش", "سمير خليل درويش"),
        ("سمير خليل درويش", "سمير خليل درو يش".replace("درو يش", "درويش")),
    ],
)
def test_ways_to_write_one_arabic_name_are_one_form(statements: Table, one_way: str, other_way: str) -> None:
    assert name(statements, ar=one_way) == name(statements, ar=other_way)


def test_both_scripts_share_their_sounds(statements: Table) -> None:
    arabic, latin = name(statements, ar="سمير خليل الدرويش"), name(statements, en="Samir Khaleel Al-Darwish")
    assert (arabic["sound"], arabic["sounds"]) == (latin["sound"], latin["sounds"])
    assert (arabic["script"], latin["script"]) == ("ar", "la")


def test_a_rare_name_has_more_bits_than_a_common_one(statements: Table) -> None:
    common, rare = name(statements, ar="محمد أحمد"), name(statements, ar="زكريا حليم")
    assert rare["bits"] > common["bits"] > 0
    assert common["known"]


def test_of_a_list_of_people_only_the_first_words_are_read(statements: Table) -> None:
    assert name(statements, en=" ".join(["Samir"] * 40))["count"] == forms.WORDS_READ


def test_no_statements_no_forms(statements: Table) -> None:
    assert forms.people(statements()).is_empty()
    assert forms.names(statements(), MODEL).is_empty()


_WORDS = st.lists(st.text(st.sampled_from("سميرخلدوشاأةىعبنهلل ءئ'-. abKhDr1"), min_size=1, max_size=7), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(_WORDS, _WORDS), max_size=6))
def test_any_name_gives_ascii_forms_or_none(statements: Table, rows: list[tuple[list[str], list[str]]]) -> None:
    table = statements(*({"ar": " ".join(ar), "en": " ".join(en)} for ar, en in rows))
    for read in forms.names(table, MODEL).iter_rows(named=True):
        texts = [read[c] for c in ("given", "whole", "shape", "sound") if read[c]] + read["words"] + read["sounds"]
        assert all(text.isascii() for text in texts)
        assert read["count"] == 1 + len(read["words"]) == 1 + len(read["sounds"])
        assert read["bits"] >= 0
