"""What is kept of an incident: attacks and their times, one value per field; and what people are asked about it."""

from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl
import pytest

from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.incidents import assign_incidents, incident_questions
from casualty_pipeline.linkage.incidents.questions import PLACEHOLDER_RECORDS
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading, read_sql

Table = Callable[..., pl.DataFrame]
NOBODY = pl.DataFrame(schema={"record_id": pl.String, "victim_id": pl.String})
SITE: dict[str, Any] = {
    "day": "2020-03-05",
    "governorate": "SY07",
    "place_key": "maaret misreen",
    "mechanism": "airstrike",
}
FIRST = SITE | {"incident_ref": "snhr/1", "incident_time": "02:05", "statement": "incident", "killed_min": 15}
SECOND = SITE | {"incident_ref": "snhr/2", "incident_time": "02:27", "statement": "incident", "killed_max": 16}

LATE_DEATH: dict[str, Any] = {"incident_ref": "snhr/1", "day": "2020-03-20", "incident_first": None, "incident_last": None}


def told(records: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows of deduplicated.incidents that these records make, the first known first."""
    with duckdb.connect() as connection:
        reading = Reading(connection)
        for table in ("cleaned.records", "deduplicated.incident_records"):
            connection.execute(f"create schema {table.partition('.')[0]}")
            connection.execute(TABLE[table].ddl().replace(" not null", ""))
        reading.register(given=records, assigned=assign_incidents(records, NOBODY))
        connection.execute("insert into cleaned.records by name from given")
        connection.execute("insert into deduplicated.incident_records by name from assigned")
        connection.execute("create temp table incidents_concerned as select distinct incident_id from assigned")
        rows = reading.frame(f"select * from ({read_sql('deduplicated.incidents')}) order by incident_time")
        assert set(rows.columns) == {column.name for column in TABLE["deduplicated.incidents"].columns}
        return list(rows.iter_rows(named=True))


def test_the_double_tap_of_the_seed_is_one_incident_of_two_attacks(statements: Table) -> None:
    """R20: 02:05, then 02:27."""
    (incident,) = told(statements(FIRST, SECOND, LATE_DEATH))
    assert (incident["attacks"], incident["attack_times"]) == (2, ["02:05", "02:27"])
    assert (incident["incident_time"], incident["refs"], incident["records"]) == ("02:05", '["snhr/1","snhr/2"]', 3)
    assert (incident["killed_min"], incident["killed_max"]) == (15, 16)
    assert incident["incident_id"] == identity("I-", "R-0")


@pytest.mark.parametrize(
    ("times", "attacks", "listed"),
    [
        ((None, None), 1, []),
        (("morning", None), 1, []),
        (("2:05:00", "02:05"), 1, ["02:05"]),
        (("25:00", "02:61"), 1, []),
    ],
)
def test_an_incident_is_one_attack_unless_times_say_more(
    statements: Table, times: tuple[str | None, str | None], attacks: int, listed: list[str]
) -> None:
    (incident,) = told(statements(*(SITE | {"incident_time": time} for time in times)))
    assert (incident["attacks"], incident["attack_times"]) == (attacks, listed)


def test_attacks_of_two_sources_are_not_added_up(statements: Table) -> None:
    """Two sources may time one attack differently."""
    other = SITE | {"source": "b", "incident_ref": "b/1", "incident_time": "02:10"}
    (incident,) = told(statements(SITE | {"incident_ref": "snhr/1", "incident_time": "02:05"}, other))
    assert (incident["attacks"], incident["attack_times"]) == (1, ["02:05"])


def test_attacks_hours_apart_stay_two_incidents(statements: Table) -> None:
    assert [i["attacks"] for i in told(statements(FIRST, SECOND | {"incident_time": "14:10"}))] == [1, 1]


class TestQuestions:
    def asked(self, records: pl.DataFrame) -> list[tuple[str, str]]:
        questions = incident_questions(records, assign_incidents(records, NOBODY))
        ranked = {"records", "rank"}  # of the whole queue, which sql/deduplicated/review_queue.sql puts in order
        assert set(questions.columns) == {c.name for c in TABLE["deduplicated.review_queue"].columns} - ranked
        assert questions["kind"].unique().to_list() in ([], ["incident"])
        return list(questions.select("subject", "question").iter_rows())

    def test_a_code_in_two_governorates_is_asked_about_and_stays_one(self, statements: Table) -> None:
        records = statements(FIRST, FIRST | {"governorate": "SY02"})
        ((subject, question),) = self.asked(records)
        assert subject == "incident:snhr/1"
        assert "It names governorates SY02, SY07." in question
        assert len(told(records)) == 1

    def test_so_is_a_code_of_days_far_apart(self, statements: Table) -> None:
        ((_, question),) = self.asked(statements(FIRST, FIRST | {"day": "2020-03-29"}))
        assert "It names days from 2020-03-05 to 2020-03-29." in question

    def test_a_night_or_a_late_death_is_no_question(self, statements: Table) -> None:
        assert self.asked(statements(FIRST, FIRST | {"day": "2020-03-06"}, LATE_DEATH)) == []

    def test_a_crowd_at_one_place_without_a_code_is_asked_about(self, statements: Table) -> None:
        one = statements(SITE)
        crowd = pl.concat([one.with_columns(record_id=pl.lit(f"R-{n}")) for n in range(PLACEHOLDER_RECORDS + 1)])
        ((subject, question),) = self.asked(crowd)
        assert subject == f"incident:{identity('I-', 'R-0')}"
        assert f"{PLACEHOLDER_RECORDS + 1} records" in question
        assert self.asked(crowd.head(PLACEHOLDER_RECORDS)) == []


class TestBadInput:
    """Whatever is shared by all costs no more than what is shared by few: nothing is compared pair by pair."""

    MANY = 20_000

    def crowd(self, one: pl.DataFrame, **columns: pl.Expr) -> pl.DataFrame:
        return (
            one.select(pl.all().repeat_by(self.MANY).explode())
            .with_row_index("n")
            .with_columns(record_id=pl.format("R-{}", "n"), **columns)
            .drop("n")
        )

    def test_one_place_shared_by_all(self, statements: Table) -> None:
        crowd = self.crowd(statements(SITE))
        assert assign_incidents(crowd, NOBODY)["incident_id"].n_unique() == 1

    def test_one_place_with_a_code_for_each(self, statements: Table) -> None:
        crowd = self.crowd(statements(SITE), incident_ref=pl.format("snhr/{}", "n"))
        assert assign_incidents(crowd, NOBODY)["incident_id"].n_unique() == self.MANY

    def test_one_victim_everywhere(self, statements: Table) -> None:
        crowd = self.crowd(statements(SITE), incident_ref=pl.format("snhr/{}", "n"), place_key=pl.format("p{}", "n"))
        victim = crowd.select("record_id", victim_id=pl.lit("V-1"))
        assert assign_incidents(crowd, victim)["incident_id"].n_unique() == self.MANY
