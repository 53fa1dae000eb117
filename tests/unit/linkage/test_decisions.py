"""What decisions in force say of statements: by record, code, id, capture or source; what isn't there decides nothing."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.in_force import in_force
from casualty_pipeline.linkage.concerned import concerned
from casualty_pipeline.linkage.decisions import Decisions, decided
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.stage import _decided_anew
from casualty_pipeline.warehouse import Reading, Warehouse
from tests.unit.linkage.explain_cases import APRIL, SITE, linked
from tests.unit.linkage.worlds import empty

Table = Callable[..., pl.DataFrame]
PEOPLE: list[dict[str, Any]] = [
    {"source": "a", "en": "Samir Khalil Darwish", "incident_ref": "a/1", **SITE},
    {"source": "b", "en": "Zakaria Fadel Hamdan", "incident_ref": "b/1", **SITE},
    {"source": "b", "en": "Nabil Faris Haddad", "incident_ref": "b/1", **SITE},
]
VICTIM = [f"victim:{identity('V-', f'R-{n}')}" for n in range(3)]
INCIDENT = [f"incident:{identity('I-', f'R-{n}')}" for n in range(3)]
Deciding = Callable[..., Decisions]


@pytest.fixture
def deciding(statements: Table, tmp_path: Path) -> Deciding:
    """What these rows of the ledger come to."""

    def make(*rows: dict[str, Any]) -> Decisions:
        home = linked(tmp_path, statements(*PEOPLE), decisions=rows)
        with Warehouse(home.warehouse).reading() as reading:
            return decided(reading, frozenset())

    return make


@pytest.mark.parametrize(
    ("subject", "value", "pair"),
    [
        ("record:a/0", "same_as:record:b/1", "must"),
        (VICTIM[1], f"same_as:{VICTIM[0]}", "one"),
        (VICTIM[1], f"different_from:{VICTIM[0]}", "cannot"),
        ("record:a/0", "unsure:record:b/1", "unsure"),
        ("record:a/0", "same_as:record:b/99", ""),
        (VICTIM[0], "same_as:victim:V-222222222222", ""),
        (VICTIM[0], f"same_as:{VICTIM[0]}", ""),
    ],
)
def test_links_of_people_are_pairs_of_statements(deciding: Deciding, subject: str, value: str, pair: str) -> None:
    found = deciding({"subject": subject, "value": value})
    held = found.constraints
    sets = {"must": held.must_link, "one": held.one_victim, "cannot": held.cannot_link, "unsure": found.unsure}
    assert {name: set(pairs) for name, pairs in sets.items() if pairs} == ({pair: {("R-0", "R-1")}} if pair else {})
    assert held.decided_at == ({("R-0", "R-1"): APRIL} if pair not in {"", "unsure"} else {})


def test_a_merge_is_of_the_two_victims(deciding: Deciding) -> None:
    found = deciding({"kind": "merge", "subject": VICTIM[2], "value": f"into:{VICTIM[0]}"})
    assert found.constraints.one_victim == {("R-0", "R-2")}


@pytest.mark.parametrize(
    ("subject", "value", "relation"),
    [
        ("incident:a/1", "same_as:incident:b/1", "same"),
        (INCIDENT[0], f"different_from:{INCIDENT[1]}", "apart"),
        ("incident:a/1", f"into:{INCIDENT[1]}", "same"),
    ],
)
def test_links_of_incidents_are_pairs_of_their_first_statements(
    deciding: Deciding, subject: str, value: str, relation: str
) -> None:
    kind = "merge" if value.startswith("into") else "link"
    found = deciding({"kind": kind, "subject": subject, "value": value})
    assert found.incidents.rows() == [("R-0", "R-1", relation)]
    assert not found.constraints.rows().height


def test_a_code_whose_first_statement_was_retracted_is_named_by_the_next(deciding: Deciding) -> None:
    retracted = {"kind": "retraction", "subject": "record:b/1", "value": "retracted"}
    found = deciding({"subject": "incident:a/1", "value": "different_from:incident:b/1"}, retracted)
    assert found.incidents.rows() == [("R-0", "R-2", "apart")]


def test_an_incident_can_be_confirmed(deciding: Deciding) -> None:
    assert deciding({"subject": "incident:b/1", "value": "same_as:incident:b/1"}).confirmed == {"incident:b/1"}


@pytest.mark.parametrize(
    ("subject", "at", "records"),
    [
        ("record:b/1", APRIL, ["R-1"]),
        (f"capture:{'-'}", APRIL, ["R-0", "R-1", "R-2"]),
        ("source:b", APRIL, ["R-1", "R-2"]),
        ("source:b", datetime.fromisoformat("2020-03-01T00:01:00"), ["R-1"]),
        ("source:b", datetime.fromisoformat("2020-02-01"), []),
        ("source:z", APRIL, []),
    ],
)
def test_what_is_retracted_by_record_capture_or_source(
    deciding: Deciding, subject: str, at: datetime, records: list[str]
) -> None:
    """What a source sends later counts again."""
    found = deciding({"kind": "retraction", "subject": subject, "value": "retracted", "decided_at": at})
    assert found.constraints.retracted == dict.fromkeys(records, at)


def test_a_withdrawal_takes_back_and_what_was_superseded_never_returns(deciding: Deciding) -> None:
    first = {"subject": "record:a/0", "value": "same_as:record:b/1"}
    second = {"subject": "record:a/0", "value": "different_from:record:b/1", "supersedes": "D-1"}
    third = {"subject": "record:a/0", "value": "withdrawn", "supersedes": "D-2"}
    assert deciding(first, second, third).constraints.rows().is_empty()


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)), st.integers(0, 6), st.data())
def test_which_decisions_are_in_force_at_a_moment_follows_from_those_made_by_then(
    order: list[int], until: int, data: st.DataObject
) -> None:
    """Whatever the order of the rows, and though what one supersedes may not be in the table."""
    made = [data.draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(6)]
    with empty() as write:
        for n in order:
            if n < until:
                write.connection.execute(
                    "insert into captures.decisions (decision_id, kind, subject, value, decided_by, decided_at,"
                    " supersedes, source, capture_sha256, file) values ($1, 'link', 's', 'v', 'x', timestamp '2020-01-01',"
                    " $2, 'd', 'h', 'f')",
                    [f"D-{n}", None if made[n] is None else f"D-{made[n]}"],
                )
        rows = write.connection.execute(f"select decision_id from {in_force()} order by decision_id").fetchall()
    superseded = {made[n] for n in range(until)}
    assert [one for (one,) in rows] == [f"D-{n}" for n in range(until) if n not in superseded]


def test_incidents_are_told_anew_where_a_decision_on_them_came_or_went() -> None:
    schema = ["record_a", "record_b", "relation"]
    gone, came = ("R-3", "R-4", "same"), ("R-3", "R-4", "apart")
    both = [("R-1", "R-2", "same")]
    with empty() as write:
        _decided_anew(write, pl.DataFrame([*both, gone], schema=schema, orient="row"))
        again = _decided_anew(write, pl.DataFrame([*both, came], schema=schema, orient="row"))
        assert again.to_list() == ["R-3", "R-4"]
        assert _decided_anew(write, pl.DataFrame([*both, came], schema=schema, orient="row")).to_list() == []


def test_whom_a_decision_would_be_about_is_told_by_id_and_month(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(*PEOPLE))
    with Warehouse(home.warehouse).reading() as reading:
        about = concerned(reading, "merge", VICTIM[0], f"into:{VICTIM[1]}", APRIL)
        assert about.victims == tuple(sorted(v.partition(":")[2] for v in VICTIM[:2]))
        assert (about.months, about.statements) == (("2020-03",), 2)
        assert nobody(reading) == 0


def nobody(reading: Reading) -> int:
    return concerned(reading, "attribution", "incident:z/9", "russia", APRIL).statements
