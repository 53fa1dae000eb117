"""What becomes of statements in `cleaned`: typed values, doubts that stop them, doubts that don't; and asking why."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.cleaning.stage import clean, clean_months
from casualty_pipeline.cli import main
from casualty_pipeline.home import Home
from casualty_pipeline.tables import STATEMENT_FIELDS
from casualty_pipeline.warehouse import Warehouse

FIELDS = [c.name for c in STATEMENT_FIELDS]
SOURCE = """\
id = "clinic"
name = "A clinic's list (invented)"
synthetic = true

[[tables]]
file = "incidents.csv"
statement = "incident"
key = ["no"]
[tables.columns]
{columns}

[[tables]]
file = "people.csv"
statement = "person"
key = ["no"]
[tables.columns]
{columns}
"""
GOOD = {
    "name_en": "Tarek Invented",
    "sex": "male",
    "death_date": "2020-01-05",
    "documented_date": "2020-01-20",
    "governorate": "Idlib",
}
# What differs from a good row: and the flags that it raises, each with a part of its reason.
FLAGGED: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "nothing": ({}, {}),
    "day or month first": ({"death_date": "4/1/2020"}, {"assumed_death_date": "day and month could change places"}),
    "a hedged sex": ({"sex": "male?"}, {"assumed_sex": "the source puts it as a doubt"}),
    "a phrase": ({"circumstance": "died under torture in a branch"}, {"derived_circumstance": "a listed phrase"}),
    "a year as age": ({"age": "1983"}, {"assumed_age": "read as the year of birth"}),
    "an unknown weapon": ({"mechanism": "trebuchet"}, {"unreadable_mechanism": "no mechanism that the profile knows"}),
    "an unknown ruler": ({"area_of_control": "Martians"}, {"unreadable_area_of_control": "no party that the profile knows"}),
    "an unborn child": ({"age": "unborn"}, {"unborn": "no person of a toll by itself"}),
    "a doctor by trade": ({"occupation": "doctor"}, {"may_be_special_group": "the special group medical"}),
    "a stated doctor": ({"occupation": "doctor", "special_group": "medical"}, {}),
    "two ages": ({"age": "40", "birth_date": "1990-01-01"}, {"age_disagrees_with_birth": "makes an age from 30 to 30"}),
    "two age groups": ({"age": "12", "age_group": "adult"}, {"age_group_disagrees_with_age": "the age makes it child"}),
    "an injury after the death": ({"injury_date": "2020-01-06"}, {"injury_date_too_late": "after the death (2020-01-05)"}),
    "an arrest after the death": ({"arrest_date": "2020-01-07"}, {"arrest_date_too_late": "after the death (2020-01-05)"}),
    "an arrest before the birth": (
        {"arrest_date": "2012-01-07", "birth_date": "2013-01-01"},
        {"arrest_date_too_early": "before the birth (2013-01-01)"},
    ),
    "found before the death": ({"found_date": "2020-01-04"}, {"found_date_too_early": "before the death (2020-01-05)"}),
    "told before it happened": ({"reported_date": "2020-01-01"}, {"reported_date_too_early": "before the incident"}),
    "found in the future": ({"found_date": "2031-01-01"}, {"found_date_too_late": "after the receipt, a day allowed"}),
    "a death after documentation": (
        {"incident_date": "2020-01-05", "death_date": "2020-01-25"},
        {"documented_before_death": "documented before the death (2020-01-25)"},
    ),
    "a season that decides nothing": (
        {"found_date": "summer 2019"},
        {"unreadable_found_date": "a season has no first and last day"},
    ),
    "an order that can be": (
        {
            "injury_date": "2020-01-03",
            "arrest_date": "2012",
            "found_date": "6 January 2020",
            "reported_date": "2020-01-07",
            "birth_date": "1990",
        },
        {},
    ),
}
QUARANTINED: Mapping[str, tuple[Mapping[str, str], str]] = {
    "a year of birth after the death": ({"age": "2044"}, "death_before_birth"),
    "born after the death": ({"birth_date": "2020-02-01"}, "death_before_birth"),
    "an incident that ends before it begins": (
        {"incident_date": "2020-01-05", "incident_date_end": "2020-01-03"},
        "incident_ends_before_it_begins",
    ),
    "a death before the incident": ({"incident_date": "2020-01-08"}, "death_before_incident"),
    "two sexes": ({"sex": "male, female"}, "unreadable_sex"),
    "a season": ({"death_date": "summer 2019"}, "unreadable_death_date"),
}
TYPED: Mapping[str, tuple[Mapping[str, str], Mapping[str, Any]]] = {
    "age at the death from the date of birth": (
        {"birth_date": "1985-06-01"},
        {"age_first": 34, "age_last": 34, "age_group": "adult", "birth_year_first": 1985, "birth_year_last": 1985},
    ),
    "age from a year of birth in the place of an age": (
        {"age": "1983"},
        {"age_first": 36, "age_last": 37, "birth_year_first": 1983, "birth_first": date(1983, 1, 1)},
    ),
    "years of birth from the age": ({"age": "34"}, {"birth_year_first": 1985, "birth_year_last": 1986}),
    "an infant": ({"age": "٥ أشهر"}, {"age_first": 0, "age_last": 0, "age_group": "child", "birth_year_last": 2020}),
    "an age on both sides of eighteen": ({"age": "15-20"}, {"age_first": 15, "age_last": 20, "age_group": None}),
    "an unborn child counts as nobody": ({"age": "جنين"}, {"status": "unborn", "age_first": None}),
    "what is said to be unknown": ({"sex": "unknown", "age": "غير معروف"}, {"sex": None, "age_first": None}),
    "the intervals of all dates": (
        {"arrest_date": "early 2013", "found_date": "between 6 and 8 January 2020"},
        {"arrest_first": date(2013, 1, 1), "arrest_last": date(2013, 4, 30), "found_last": date(2020, 1, 8)},
    ),
    "words": (
        {"occupation": "baker", "marital_status": "متزوج", "area_of_control": "Opposition-held"},
        {"occupation_group": "craft", "marital_status": "married", "area_controlled_by": "armed_opposition"},
    ),
}
CASES = [*(c for c, _ in FLAGGED.values()), *(c for c, _ in QUARANTINED.values()), *(c for c, _ in TYPED.values())]


def table(rows: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["no", *FIELDS], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@dataclass(frozen=True)
class Cleaned:
    """January 2020, cleaned, without Dagster."""

    home: Home

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        with Warehouse(self.home.warehouse).reading() as reading:
            return reading.frame(sql, parameters).to_dicts()

    def of(self, changes: Mapping[str, str], table: str) -> list[dict[str, Any]]:
        """What a table holds of the row with these changes."""
        key = f"case-{CASES.index(changes)}"
        return self.rows(
            f"select c.* from cleaned.{table} as c inner join captures.records as r on c.record_id = r.record_id "
            "where r.source_key = $key order by all",
            key=key,
        )

    def ask(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments, "--home", str(self.home.path)])


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Cleaned:
    home = Home(tmp_path_factory.mktemp("cleaned") / "home")
    home.prepare()
    columns = "\n".join(f'{field} = "{field}"' for field in FIELDS)
    (home.sources / "clinic.toml").write_text(SOURCE.format(columns=columns), "utf-8")
    people: list[Mapping[str, str]] = [{**GOOD, **c, "no": f"case-{n}"} for n, c in enumerate(CASES)]
    people.append({**GOOD, "no": "bound", "incident_ref": "I-1", "death_date": ""})
    incident = {"no": "I-1", "incident_ref": "I-1", "incident_date": "3-5 January 2020", "mechanism": "car bomb outside"}
    for name, rows in (("people.csv", people), ("incidents.csv", [{**incident, "documented_date": "2020-01-20"}])):
        (home.path / name).write_text(table(rows), "utf-8")
        Archive(home.archive).take(files_of([home.path / name]), "clinic", datetime(2020, 6, 1, tzinfo=UTC))
    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)
        clean(write, ["2020-01"], home.profile, known_sources(home))
    return Cleaned(home)


@pytest.mark.parametrize("case", FLAGGED)
def test_a_doubt_that_does_not_stop_a_record_is_flagged(cleaned: Cleaned, case: str) -> None:
    changes, expected = FLAGGED[case]
    found = {flag["rule"]: flag["reason"] for flag in cleaned.of(changes, "flags")}
    assert found.keys() == expected.keys()
    assert [rule for rule, part in expected.items() if part not in found[rule]] == []
    assert cleaned.of(changes, "quarantine") == []
    assert len(cleaned.of(changes, "records")) == 1


@pytest.mark.parametrize("case", QUARANTINED)
def test_what_cannot_be_is_quarantined_where_it_decides(cleaned: Cleaned, case: str) -> None:
    changes, rule = QUARANTINED[case]
    assert [q["rule"] for q in cleaned.of(changes, "quarantine")] == [rule]
    assert cleaned.of(changes, "records") == []


@pytest.mark.parametrize("case", TYPED)
def test_values_are_typed(cleaned: Cleaned, case: str) -> None:
    changes, expected = TYPED[case]
    (record,) = cleaned.of(changes, "records")
    assert {name: record[name] for name in expected} == expected


def test_every_reading_is_kept_with_its_rule_or_its_reason_and_how_often_it_occurs(cleaned: Cleaned) -> None:
    readings = cleaned.rows("from cleaned.readings")
    assert all((r["rule"] is None) == (r["certainty"] is None) == (r["reason"] is not None) for r in readings)
    (named,) = [r for r in readings if (r["field"], r["raw"]) == ("governorate", "Idlib")]
    assert (named["text_value"], named["rule"], named["certainty"]) == ("SY07", "governorate", "stated")
    assert named["statements"] == len(CASES) + 1


def test_explaining_shows_raw_value_rule_certainty_and_where_it_stands(cleaned: Cleaned) -> None:
    result = cleaned.ask("explain", "clinic/case-1", "--format", "json")
    (record,) = json.loads(result.stdout)
    assert (record["state"], record["where"]["file"], record["where"]["row_number"]) == ("cleaned", "people.csv", 3)
    assert len(record["where"]["capture_sha256"]) == 64
    fields = {f["field"]: f for f in record["fields"]}
    died = fields["death_date"]
    assert (died["raw"], died["value"], died["rule"], died["certainty"]) == (
        *("4/1/2020", "2020-01-04"),
        *("day_before_month", "assumed"),
    )
    assert [f["rule"] for f in record["flags"]] == ["assumed_death_date"]


def test_explaining_names_the_incident_that_a_value_comes_from(cleaned: Cleaned) -> None:
    (record,) = json.loads(cleaned.ask("explain", "clinic/bound", "--format", "json").stdout)
    (incident,) = json.loads(cleaned.ask("explain", "clinic/I-1", "--format", "json").stdout)
    fields = {f["field"]: f for f in record["fields"]}
    assert fields["incident_date"]["from"] == incident["record_id"] != record["record_id"] == fields["governorate"]["from"]
    assert (fields["incident_date"]["value"], fields["mechanism"]["rule"]) == ("2020-01-03/2020-01-05", "phrase")
    derived = {d["field"]: d for d in record["derived"]}
    assert (derived["death"]["value"], derived["death"]["rule"]) == ("2020-01-03/2020-01-05", "as_the_incident")


def test_explaining_by_id_and_by_key_is_the_same_and_says_why_a_record_waits(cleaned: Cleaned) -> None:
    key = f"clinic/case-{CASES.index(QUARANTINED['two sexes'][0])}"
    (record,) = json.loads(cleaned.ask("explain", key, "--format", "json").stdout)
    by_key, by_id = cleaned.ask("explain", key).stdout, cleaned.ask("explain", record["record_id"]).stdout
    assert by_key == by_id
    assert record["state"] == "quarantined"
    assert "unreadable_sex: sex 'male, female': names more than one sex, female and male" in by_key


def test_explaining_what_is_not_there_is_wrong_use(cleaned: Cleaned) -> None:
    result = cleaned.ask("explain", "clinic/nobody")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no record 'clinic/nobody': expected a record id" in result.stderr


def test_unknown_strings_are_listed_by_frequency_with_the_file_that_takes_them(cleaned: Cleaned) -> None:
    rows = list(csv.DictReader(io.StringIO(cleaned.ask("terms", "--format", "csv").stdout)))
    assert [int(r["statements"]) for r in rows] == sorted((int(r["statements"]) for r in rows), reverse=True)
    found = {(r["field"], r["raw"]): r for r in rows}
    assert found["mechanism", "trebuchet"]["add_to"] == "aliases/vocabulary.csv"
    assert found["area_of_control", "Martians"]["add_to"] == "aliases/parties.csv"
    assert found["found_date", "summer 2019"]["add_to"] == "correct it at the source"
    example = found["mechanism", "trebuchet"]["examples"].split()[0]
    assert "trebuchet" in cleaned.ask("explain", example).stdout


def test_unknown_strings_of_one_field_and_month(cleaned: Cleaned) -> None:
    shown = cleaned.ask("terms", "--field", "mechanism", "--month", "2020-01").stdout.splitlines()
    assert len(shown) == 2 and "trebuchet" in shown[1]


@pytest.mark.parametrize(("option", "value"), [("--field", "mood"), ("--month", "1999-01")])
def test_asking_for_what_was_not_read_is_wrong_use(cleaned: Cleaned, option: str, value: str) -> None:
    result = cleaned.ask("terms", option, value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{value!r} among those that were read; expected one of" in result.stderr


def test_months_cleaned_one_by_one_are_the_months_cleaned_together(cleaned: Cleaned) -> None:
    tables = ("records", "quarantine", "flags", "readings", "month_inputs")

    def held() -> list[list[dict[str, Any]]]:
        return [cleaned.rows(f"from cleaned.{name} order by all") for name in tables]

    before, months = held(), ["2019-12", "2020-01", "2020-02"]
    warehouse, sources = Warehouse(cleaned.home.warehouse), known_sources(cleaned.home)
    clean_months(warehouse, months, cleaned.home.profile, sources, statements_at_once=1)
    assert held() == before
