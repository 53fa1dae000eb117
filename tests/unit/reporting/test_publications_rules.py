"""What publications take as given: days, periods, rates, consent."""

import json
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import load_profile
from casualty_pipeline.reporting.publications.computing import day_of, months_of
from casualty_pipeline.reporting.publications.consent import CONSENT, consent_of
from casualty_pipeline.reporting.publications.origins import population_of, rate
from casualty_pipeline.reporting.publications.partner import partner_files
from casualty_pipeline.reporting.texts import catalogue
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading

SYRIA = load_profile("syria")


def test_a_day_is_read_in_one_notation_and_not_before_the_profile_begins() -> None:
    assert day_of("2020-03-05", SYRIA) == date(2020, 3, 5)
    for wrong in ("2020-02-30", "2020-3-5", "20200305", "2020-03", "", "2010-01-01", "٢٠٢٠-٠٣-٠٥"):
        with pytest.raises(CasualtyError):
            day_of(wrong, SYRIA)


def test_a_period_is_a_year_or_half_of_one() -> None:
    assert months_of("2020", SYRIA) == [f"2020-{month:02}" for month in range(1, 13)]
    assert months_of("2020-H2", SYRIA)[0] == "2020-07"
    assert months_of("2011-H1", SYRIA) == ["2011-03", "2011-04", "2011-05", "2011-06"]  # the profile begins in March
    for wrong in ("2020-H3", "2020-Q1", "20", "2010", "2020-01"):
        with pytest.raises(CasualtyError):
            months_of(wrong, SYRIA)


def test_a_rate_is_rounded_half_up_and_no_binary_fraction_tips_it() -> None:
    assert rate(293, 2072) == 14.14
    assert rate(1, 20_000) == 0.01  # 0.005
    assert rate(0, 486) == 0


def test_the_profile_has_a_population_for_each_governorate_of_origin_and_says_of_which_day() -> None:
    population = population_of(SYRIA)
    assert population is not None
    assert sum(population.thousands.values()) == 24_504
    assert population.day == date(2011, 1, 1)


@given(st.lists(st.one_of(st.none(), st.text(), st.builds(json.dumps, st.dictionaries(st.text(), st.text())))))
def test_whatever_stands_beside_a_statement_is_no_consent_unless_it_says_so(extras: list[str | None]) -> None:
    if not any("consent" in (extra or "") for extra in extras):
        assert not consent_of(extras).named


def test_one_word_of_consent_is_enough_and_one_refusal_or_mark_too() -> None:
    yes, no = '{"consent": " Partner "}', '{"other": {"consent": "no"}}'
    assert consent_of([None, yes]).named
    assert consent_of(['{"other": {"consent": "نعم"}}']).named
    assert not consent_of([yes, no]).named
    assert not consent_of([yes, '{"confidential": ["name_ar"]}']).named
    assert consent_of([yes, '{"confidential": ["narrative"]}']).confidential == {"narrative"}
    assert all(word == word.casefold() for word in CONSENT)


@pytest.fixture
def tables() -> Reading:
    """Two counted victims: to the first one's name somebody consented."""
    reading = Reading(duckdb.connect())
    made: dict[str, list[dict[str, Any]]] = {
        "attributed.victims": [
            {"victim_id": v, "documentation_month": "2020-03", "incident_id": "I-1", "persons": 1, "demographic": "man"}
            | {"governorate": "SY07", "attribution": "established", "party": "russia", "in_civilians": True}
            | {"in_torture": False, "in_massacre": False}
            for v in ("V-1", "V-2")
        ],
        "deduplicated.victims": [
            {"victim_id": "V-1", "name_en": "=Invented One", "place": "Tell Example"},
            {"victim_id": "V-2", "name_en": "Invented Two", "place": "Tell Example"},
        ],
        "deduplicated.victim_records": [{"victim_id": "V-1", "record_id": "R-1"}, {"victim_id": "V-2", "record_id": "R-2"}],
        "captures.records": [{"record_id": "R-1", "extra": '{"consent":"partner"}'}, {"record_id": "R-2", "extra": "{}"}],
    }
    for name, rows in made.items():
        reading.connection.execute(f"create schema if not exists {name.partition('.')[0]}")
        columns = ", ".join(f'"{c.name}" {c.type}' for c in TABLE[name].columns)
        reading.connection.execute(f"create table {name} ({columns})")
        reading.register(made=pl.DataFrame(rows))
        reading.connection.execute(f"insert into {name} by name from made")
    return reading


def test_partners_get_a_name_only_where_consent_is_recorded(tables: Reading) -> None:
    files = partner_files(tables, SYRIA, "2020-03", synthetic=True)
    text = files["partner/victims.csv"].decode()
    assert "'=Invented One" in text  # a spreadsheet takes it for no formula
    assert "Invented Two" not in text and "V-2" in text
    assert "2 rows, 1 with a name" in files["partner/README.txt"].decode()
    assert files == partner_files(tables, SYRIA, "2020-03", synthetic=True)


def test_every_text_stands_in_both_languages() -> None:
    english, arabic = (dict(catalogue(language).items()) for language in ("en", "ar"))
    assert english.keys() == arabic.keys()
