"""Histories by chance: whatever arrives, is decided and is killed, in whatever order, the same is known in the end.

The long run: `python -m benchmarks.histories --count 200`.
"""

import hashlib
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from casualty_pipeline.attribution import NO_INPUT
from casualty_pipeline.captures.sources import DECISIONS
from casualty_pipeline.home import Home
from casualty_pipeline.status import status_of
from casualty_pipeline.warehouse import Warehouse
from tests.unit.history.invented_events import (
    INCIDENT,
    LEDGER,
    PERSON,
    START,
    Event,
    History,
    KilledError,
    arrive,
    histories,
    home_at,
    run,
    stale_months,
)
from tests.unit.history.properties_of_histories import check_history

DAY = timedelta(days=1)


def person(key: str, **said: str) -> tuple[str, ...]:
    """A row of persons."""
    plain = {
        "id": key,
        "ref": "I1",
        "name": "Samir Khalil Darwish",
        "persons": "1",
        "status": "killed",
        "standing": "civilian",
    }
    return tuple((plain | said).get(column, "") for column in PERSON)


def incident(ref: str, **said: str) -> tuple[str, ...]:
    """A row of incidents."""
    plain = {
        "ref": ref,
        "code": ref,
        "day": "2020-01-10",
        "region": "Idlib",
        "place": "Saraqib",
        "party": "Russian Military",
    }
    return tuple((plain | said).get(column, "") for column in INCIDENT)


def persons(day: int, *rows: tuple[str, ...], name: str = "") -> Event:
    """A file of persons, received so many days after the start."""
    return Event(START + day * DAY, "alpha", name or f"persons-{day}.csv", PERSON, rows)


def incidents(day: int, *rows: tuple[str, ...]) -> Event:
    """A file of incidents, likewise."""
    return Event(START + day * DAY, "alpha", f"incidents-{day}.csv", INCIDENT, rows)


def decided(day: int, *said: tuple[str, str, str]) -> Event:
    """A ledger of decisions (kind, subject, value), made an hour before it is received."""
    at = START + day * DAY
    rows = [
        {"decision_id": f"D-{n}", "kind": kind, "subject": subject, "value": value, "reason": "looked at"}
        | {"decided_by": "desk", "decided_at": (at - timedelta(hours=1)).isoformat() + "Z"}
        for n, (kind, subject, value) in enumerate(said)
    ]
    return Event(at, DECISIONS, f"ledger-{day}.csv", LEDGER, tuple(tuple(r.get(c, "") for c in LEDGER) for r in rows))


def of_month(home: Home, table: str) -> dict[str, int]:
    """How many rows there are of each month."""
    with Warehouse(home.warehouse).reading() as reading:
        return dict(reading.connection.execute(f"select documentation_month, count(*) from {table} group by all").fetchall())


def in_this_order(*events: Event) -> History:
    """Events that arrive one run after the other; their moments may be in another order."""
    in_time = sorted(events, key=lambda e: e.at)
    return History(tuple(in_time), tuple(((in_time.index(e),), -1) for e in events))


@pytest.mark.long
@settings(max_examples=3, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(histories(3, 5))
def test_any_history_is_known_the_same_however_it_came_and_whenever_it_is_asked(history: History) -> None:
    with TemporaryDirectory() as folder:
        check_history(Path(folder), history, [history.events[len(history.events) // 2].at])


def records(folder: Path, history: History) -> list[tuple[object, ...]]:
    """What is read of each person once all has arrived: key, month, moment of knowledge."""
    home = home_at(folder)
    for arriving, _ in history.runs:
        arrive(home, (history.events[n] for n in arriving))
        run(home)
    with Warehouse(home.warehouse).reading() as reading:
        return reading.frame(
            "select source_key, documentation_month, known_at from captures.records where statement = 'person' order by all"
        ).rows()


def test_a_person_received_before_the_incident_was_dated_keeps_its_own_month(tmp_path: Path) -> None:
    late = in_this_order(persons(0, person("P1")), incidents(9, incident("I1", written="2020-01-16")))
    assert records(tmp_path, late) == [("P1", "2020-02", START)]


@pytest.mark.long
def test_a_person_received_after_the_incident_takes_its_month_but_isn_t_known_before_it_was_received(tmp_path: Path) -> None:
    late = in_this_order(incidents(0, incident("I1", written="2020-01-16")), persons(9, person("P1")))
    assert records(tmp_path, late) == [("P1", "2020-01", START + 9 * DAY)]


@pytest.mark.long
def test_an_incident_received_first_but_read_last_dates_what_was_read_before_it(tmp_path: Path) -> None:
    late = in_this_order(persons(9, person("P1")), incidents(0, incident("I1", written="2020-01-16")))
    assert records(tmp_path, late) == [("P1", "2020-01", START + 9 * DAY)]


@pytest.mark.long
def test_the_same_bytes_are_known_since_they_were_first_received_whichever_was_read_first(tmp_path: Path) -> None:
    rows = person("P1")
    late = in_this_order(persons(9, rows, name="persons-b.csv"), persons(0, rows, name="persons-a.csv"))
    assert records(tmp_path, late) == [("P1", "2020-02", START)]


@pytest.mark.long
def test_a_capture_without_statements_is_known_too_and_changes_nothing(tmp_path: Path) -> None:
    nothing = persons(3, name="persons-none.csv")
    check_history(tmp_path, in_this_order(nothing, persons(0, person("P1", written="2020-02-12"))), [nothing.at])


@pytest.mark.long
def test_a_second_code_for_an_incident_is_noticed_by_those_who_inherit_from_it(tmp_path: Path) -> None:
    """Which of two statements on one incident is inherited from: the one received last, whatever their ids."""
    first = (persons(0, person("P1", written="2020-02-12")), incidents(0, incident("I1")))
    codes = [
        incidents(3 + n, incident("I1", code=f"I1-{n}", party=("Syrian Regime", "Russian Military")[n % 2]))
        for n in range(4)
    ]
    check_history(tmp_path, in_this_order(*first, *codes), [codes[1].at])


@pytest.mark.long
def test_a_month_whose_rows_were_written_and_whose_figures_were_not_is_emptied_once_it_lost_its_last_victim(
    tmp_path: Path,
) -> None:
    """The person counts in January, and the run dies before the figures; an older file then dates it to March."""
    told = incidents(0, incident("I3", day="2020-03-05"))
    withdrawn = decided(1, ("retraction", f"capture:{hashlib.sha256(told.content).hexdigest()}", "retracted"))
    people = persons(
        21,
        person("P5", ref="I3", written="2020-01-15", party="Russian Military"),
        person("P4", ref="I3", written="2020-03-09"),
    )
    check_history(tmp_path, History((told, withdrawn, people), (((1, 2), 5), ((0,), 0))), [people.at])


def test_a_month_that_lost_its_last_victim_is_stale_until_it_has_run_and_has_no_rows_then(tmp_path: Path) -> None:
    home = home_at(tmp_path)
    other = person("P2", ref="", name="Layla Nabil Haddad", written="2020-02-12")
    arrive(home, [persons(0, person("P1", ref="", written="2020-01-15"), other)])
    run(home)
    assert of_month(home, "attributed.victims") == {"2020-01": 1, "2020-02": 1}

    arrive(home, [decided(9, ("retraction", "record:alpha/P1", "retracted"))])
    with pytest.raises(KilledError):
        run(home, kill=3)  # read, cleaned, linked; nothing attributed
    with Warehouse(home.warehouse).reading() as reading:
        reasons = {status.month: status.reasons for status in status_of(reading, home)}
    assert "its victims or decisions changed" in reasons["2020-01"]
    assert "cumulative figures: 2020-01 changed or not run" in reasons["2020-02"]

    run(home)
    with Warehouse(home.warehouse).reading() as reading:
        assert stale_months(reading, home) == []
        assert (
            reading.frame("select sha256 from attributed.month_inputs where documentation_month = '2020-01'").item()
            == NO_INPUT
        )
    assert of_month(home, "attributed.victims") == {"2020-02": 1}


@pytest.mark.long
def test_a_run_killed_in_stage_after_stage_is_made_good_by_the_next(tmp_path: Path) -> None:
    home = home_at(tmp_path / "killed")
    arrive(home, [persons(0, person("P1", written="2020-02-12")), incidents(0, incident("I1"))])
    for stage in range(6):
        with pytest.raises(KilledError):
            run(home, kill=stage)
    run(home)
    with Warehouse(home.warehouse).reading() as reading:
        assert reading.frame(
            "select value from monthly.figures where period = '2020-02' and population = 'civilians'"
        ).height
