"""Every id that was ever given resolves, for ever, from nothing but the records. Everybody here is invented."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.resolving import Resolved, resolve, resolve_all
from casualty_pipeline.linkage.update import Constraints
from casualty_pipeline.warehouse import Warehouse
from tests.unit.linkage.explain_cases import APRIL, SITE, add, linked

Table = Callable[..., pl.DataFrame]
SAMIR: dict[str, Any] = {"source": "a", "en": "Samir Khalil Darwish", **SITE}
DAY = timedelta(days=1)
ZAKARIA: dict[str, Any] = {"source": "b", "en": "Zakaria Fadel Hamdan", **SITE}


def ask(home: Home, asked: str) -> Resolved:
    with Warehouse(home.warehouse).reading() as reading:
        return resolve(reading, asked)


def victim(record: str) -> str:
    return identity("V-", record)


def test_an_id_in_force_means_itself(statements: Table, tmp_path: Path) -> None:
    found = ask(linked(tmp_path, statements(SAMIR, SAMIR | {"source": "b"})), victim("R-0"))
    assert (found.current, found.what, found.founder) == (victim("R-0"), "in_force", "R-0")


def test_an_id_that_was_merged_away_means_what_it_was_merged_into(statements: Table, tmp_path: Path) -> None:
    joined = Constraints(must_link=frozenset({("R-0", "R-1")}), decided_at={("R-0", "R-1"): APRIL})
    found = ask(linked(tmp_path, statements(SAMIR, ZAKARIA), joined), victim("R-1"))
    assert (found.current, found.what, found.founder) == (victim("R-0"), "merged", "R-1")
    assert [(e["event"], e["cause"]) for e in found.events] == [("created", "evidence"), ("merged", "decision")]


def test_an_id_that_a_split_brings_back_means_itself_again(statements: Table, tmp_path: Path) -> None:
    """Decisions join two people through a third record; a later one holds the two apart."""
    table = statements(SAMIR, ZAKARIA, {"source": "c", "en": "Nabil Omar Sabbagh", **SITE})
    joined = {("R-0", "R-2"): APRIL, ("R-1", "R-2"): APRIL + DAY}
    merged = Constraints(must_link=frozenset(joined), decided_at=joined)
    assert ask(linked(tmp_path / "before", table, merged), victim("R-1")).current == victim("R-0")
    apart = joined | {("R-0", "R-1"): APRIL + 2 * DAY}
    split = Constraints(frozenset(joined), frozenset({("R-0", "R-1")}), decided_at=apart)
    found = ask(linked(tmp_path / "after", table, split), victim("R-1"))
    assert (found.current, found.what) == (victim("R-1"), "revived")
    assert [e["event"] for e in found.events] == ["created", "merged", "split"]


def test_an_id_that_today_s_rules_never_gave_means_what_its_record_speaks_of(statements: Table, tmp_path: Path) -> None:
    found = ask(linked(tmp_path, statements(SAMIR, SAMIR | {"source": "b"})), victim("R-1"))
    assert (found.current, found.what, found.events) == (victim("R-0"), "joined", ())


def test_a_victim_whose_every_record_was_retracted_is_nobody(statements: Table, tmp_path: Path) -> None:
    found = ask(linked(tmp_path, statements(SAMIR, ZAKARIA), Constraints(retracted={"R-0": APRIL})), victim("R-0"))
    assert (found.current, found.what) == (None, "retired")
    assert found.events[-1]["cause"] == "retraction"


def test_whose_founding_record_was_retracted_is_found_through_the_others(statements: Table, tmp_path: Path) -> None:
    table = statements(SAMIR, SAMIR | {"source": "b"})
    found = ask(linked(tmp_path, table, Constraints(retracted={"R-0": APRIL})), victim("R-0"))
    assert (found.current, found.what) == (victim("R-1"), "merged")


def test_a_founding_record_that_was_delivered_anew_speaks_through_its_successor(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR))
    with Warehouse(home.warehouse).writing() as write:
        add(write, "captures.records", record_id="R-earlier", source="a", source_key="0", statement="person")
    assert ask(home, victim("R-earlier")).current == victim("R-0")


def test_persons_who_are_no_longer_counted_without_a_name_are_nobody(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR))
    with Warehouse(home.warehouse).writing() as write:
        add(write, "captures.records", record_id="R-strike", source="a", source_key="s", statement="incident")
        counted = write.connection.execute("select 'V-' || substr(sha256('R-strike|child'), 1, 12)").fetchall()[0][0]
    assert (ask(home, counted).current, ask(home, counted).founder) == (None, "R-strike")


def test_ids_of_incidents_resolve_likewise(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR, ZAKARIA))
    with Warehouse(home.warehouse).writing() as write:
        for record in ("R-0", "R-1"):
            add(write, "deduplicated.incident_records", record_id=record, incident_id=identity("I-", "R-0"))
    assert ask(home, identity("I-", "R-1")).current == identity("I-", "R-0")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("V-222222222222", "no victim ever had this id.*ingest"),
        ("I-222222222222", "no incident ever had this id"),
        ("V-1", "expected V- or I- and 12 letters"),
        ("V-ABCDEFGHIJKL", "expected V- or I- and 12 letters"),
        ("R-0", "is no id of a victim"),
    ],
)
def test_an_id_that_was_never_given_is_told_apart_from_a_wrong_one(
    statements: Table, tmp_path: Path, asked: str, told: str
) -> None:
    with pytest.raises(CasualtyError, match=told):
        ask(linked(tmp_path, statements(SAMIR)), asked)


_RECORDS = ("R-0", "R-1", "R-2", "R-3")
_PAIRS = [(a, b) for a in _RECORDS for b in _RECORDS if a < b]


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(_PAIRS), st.tuples(st.booleans(), st.integers(1, 5)), max_size=3),
    st.dictionaries(st.sampled_from(_RECORDS), st.integers(1, 5), max_size=2),
)
def test_every_id_of_the_history_resolves_to_one_in_force_or_is_retired(
    statements: Table, links: dict[tuple[str, str], tuple[bool, int]], retracted: dict[str, int]
) -> None:
    def on(day: int) -> datetime:
        return datetime.fromisoformat(f"2020-04-0{day}")

    constraints = Constraints(
        must_link=frozenset(p for p, (same, _) in links.items() if same),
        cannot_link=frozenset(p for p, (same, _) in links.items() if not same),
        decided_at={p: on(day) for p, (_, day) in links.items()},
        retracted={record: on(day) for record, day in retracted.items()},
    )
    with TemporaryDirectory() as folder:
        table = statements(SAMIR, SAMIR | {"source": "b"}, ZAKARIA | {"source": "c"}, SAMIR | {"source": "d"})
        home = linked(Path(folder), table, constraints)
        with Warehouse(home.warehouse).reading() as reading:
            events = reading.table("deduplicated.identity_events")
            ids = {*events["victim_id"], *events["other_id"].drop_nulls()}
            found = resolve_all(reading, ids)
            speaks = dict(reading.table("deduplicated.victim_records").select("record_id", "victim_id").iter_rows())
    assert found.keys() == ids
    for resolved in found.values():
        assert resolved.current in {None, *speaks.values()}
        if resolved.founder in speaks:
            assert resolved.current == speaks[resolved.founder]
