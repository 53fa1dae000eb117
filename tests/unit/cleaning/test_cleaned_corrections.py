"""A corrected file of the same source: what stands, what is kept beside it, and which months have to be cleaned again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.cleaning.stage import clean_months
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Warehouse

SOURCE = """\
id = "clinic"
name = "A clinic's list (invented)"
synthetic = true
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_en = "name"
sex = "sex"
death_date = "died"
documented_date = "entered"
governorate = "governorate"
"""
HEADER = "no,name,sex,died,entered,governorate\n"
FIRST = (
    "1,Tarek Invented,m,2020-01-05,2020-01-20,Idlib\n"
    "2,Samira Invented,f,2020-01-06,2020-01-20,Idlib\n"
    "3,Rami Invented,m,2020-01-07,2020-01-20,Idlib\n"
)
# The second is corrected within its month, the third moves to another; the first isn't sent again.
CORRECTED = "2,Samira Invented,f,2020-01-06,2020-01-20,Hama\n3,Rami Invented,m,2020-01-07,2020-02-03,Idlib\n"
MONTHS = ["2020-01", "2020-02"]


def receive(home: Home, name: str, rows: str, day: int) -> None:
    path = home.path / name
    path.write_text(HEADER + rows, "utf-8")
    Archive(home.archive).take(files_of([path]), "clinic", datetime(2020, 6, day, tzinfo=UTC))
    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)


def cleaned(home: Home, *months: str) -> None:
    clean_months(Warehouse(home.warehouse), months, home.profile, known_sources(home))


def rows(home: Home, sql: str) -> list[tuple[object, ...]]:
    with Warehouse(home.warehouse).reading() as reading:
        return reading.connection.execute(sql).fetchall()


def standing(home: Home) -> list[tuple[object, ...]]:
    return rows(home, "select source_key, documentation_month, governorate from cleaned.records order by all")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    (made.sources / "clinic.toml").write_text(SOURCE, "utf-8")
    receive(made, "list.csv", FIRST, day=1)
    return made


def test_the_later_statement_under_a_key_stands_and_the_earlier_is_kept_with_the_reason(home: Home) -> None:
    receive(home, "corrected.csv", CORRECTED, day=2)
    cleaned(home, *MONTHS)
    assert standing(home) == [("1", "2020-01", "SY07"), ("2", "2020-01", "SY05"), ("3", "2020-02", "SY07")]
    kept = rows(home, "select file, row_number, rule, value, documentation_month from cleaned.quarantine order by all")
    assert kept == [("list.csv", 3, "superseded", "2", "2020-01"), ("list.csv", 4, "superseded", "3", "2020-01")]


def test_of_two_rows_under_one_key_in_one_file_the_lower_one_stands(home: Home) -> None:
    receive(home, "twice.csv", CORRECTED + "2,Samira Invented,f,2020-01-06,2020-01-20,Homs\n", day=2)
    cleaned(home, *MONTHS)
    assert ("2", "2020-01", "SY04") in standing(home)
    assert len(standing(home)) == 3


@pytest.mark.parametrize("order", [MONTHS, MONTHS[::-1]])
def test_a_month_cleaned_alone_knows_of_corrections_in_another(home: Home, order: list[str]) -> None:
    receive(home, "corrected.csv", CORRECTED, day=2)
    for month in order:
        cleaned(home, month)
    assert standing(home) == [("1", "2020-01", "SY07"), ("2", "2020-01", "SY05"), ("3", "2020-02", "SY07")]


def test_a_correction_in_another_month_makes_the_month_that_it_corrects_stale(home: Home) -> None:
    digest = "select sha256 from cleaned.month_inputs where documentation_month = '2020-01'"
    cleaned(home, *MONTHS)
    before = rows(home, digest)
    receive(home, "moved.csv", CORRECTED.splitlines(keepends=True)[1], day=2)
    cleaned(home, *MONTHS)
    assert rows(home, digest) != before


def test_the_same_rows_in_another_file_change_nothing_that_stands(home: Home) -> None:
    cleaned(home, *MONTHS)
    before = standing(home)
    receive(home, "again.csv", FIRST + "\n", day=2)
    cleaned(home, *MONTHS)
    assert standing(home) == before
    assert rows(home, "select count(*) from cleaned.quarantine where rule = 'superseded'") == [(3,)]
