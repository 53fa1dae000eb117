"""Decisions, traces and questions take any id that there ever was; decisions about nothing are named. All invented."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from casualty_pipeline.attribution import resolve
from casualty_pipeline.editions.past import trace_at
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.trace import as_text
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.resolving import dangling
from casualty_pipeline.linkage.update import Constraints
from casualty_pipeline.profile import load_profile
from casualty_pipeline.review.questions import open_questions
from casualty_pipeline.status import idle_decisions
from casualty_pipeline.warehouse import Warehouse
from tests.unit.linkage.explain_cases import APRIL, SITE, add, linked

Table = Callable[..., pl.DataFrame]
SYRIA = load_profile("syria")
OLDER, ALIAS = identity("V-", "R-0"), identity("V-", "R-1")
SAMIR: dict[str, Any] = {"source": "a", "en": "Samir Khalil Darwish", **SITE}
ZAKARIA: dict[str, Any] = {"source": "b", "en": "Zakaria Fadel Hamdan", "incident_ref": "b/1", **SITE}


@pytest.fixture
def merged(statements: Table, tmp_path: Path) -> Callable[..., Home]:
    """A home in which a decision merged `ALIAS` into `OLDER`, both of one incident; with these further decisions."""

    def make(*decisions: dict[str, Any]) -> Home:
        joined = Constraints(must_link=frozenset({("R-0", "R-1")}), decided_at={("R-0", "R-1"): APRIL})
        home = linked(tmp_path, statements(SAMIR, ZAKARIA), joined, decisions)
        incident = identity("I-", "R-0")
        with Warehouse(home.warehouse).writing() as write:
            for record in ("R-0", "R-1"):
                add(write, "deduplicated.incident_records", record_id=record, incident_id=incident)
            add(write, "deduplicated.incidents", incident_id=incident, discounted=False)
            plain = {"victim_id": OLDER, "incident_id": incident, "status": "killed", "demographic": "man"}
            add(write, "deduplicated.victims", **plain)
            add(write, "attributed.victims", victim_id=OLDER, incident_id=incident)
        return home

    return make


def attributed(home: Home) -> dict[str, Any]:
    with Warehouse(home.warehouse).reading() as reading:
        resolve(reading, SYRIA)
        (victim,) = reading.frame("from resolved_victims").to_dicts()
        return victim


@pytest.mark.parametrize("subject", [f"victim:{OLDER}", f"victim:{ALIAS}", f"incident:{identity('I-', 'R-1')}"])
def test_a_decision_on_an_id_that_was_merged_away_applies_to_what_it_stands_for(
    merged: Callable[..., Home], subject: str
) -> None:
    home = merged({"kind": "attribution", "subject": subject, "value": "russia"})
    victim = attributed(home)
    assert (victim["party"], victim["attribution_basis"], victim["decision_id"]) == ("russia", "decision", "D-1")
    assert idle_decisions(home) == []


def test_a_decision_on_an_id_that_never_was_decides_nothing_and_is_named_with_its_row(merged: Callable[..., Home]) -> None:
    home = merged({"kind": "attribution", "subject": "victim:V-222222222222", "value": "russia"})
    assert attributed(home)["attribution_basis"] != "decision"
    (line,) = idle_decisions(home)
    assert line.startswith("D-1 (d.csv, row 2): no victim ever had the id V-222222222222 here")


@pytest.mark.parametrize(
    ("decision", "idle"),
    [
        ({"kind": "retraction", "subject": "record:a/0", "value": "retracted"}, False),
        ({"kind": "retraction", "subject": "record:a/99", "value": "retracted"}, True),
        ({"subject": "record:a/0", "value": "same_as:record:b/1"}, False),
        ({"subject": "record:a/0", "value": "same_as:record:b/99"}, True),
        ({"kind": "attribution", "subject": "incident:b/99", "value": "russia"}, True),
        ({"kind": "attribution", "subject": "incident:I-222222222222", "value": "russia"}, True),
        ({"kind": "place_alias", "subject": "place:nowhere", "value": "SY07"}, False),
    ],
)
def test_decisions_about_nothing_are_told_apart(merged: Callable[..., Home], decision: dict[str, Any], idle: bool) -> None:
    with Warehouse(merged(decision).warehouse).reading() as reading:
        assert dangling(reading)["decision_id"].to_list() == (["D-1"] if idle else [])


def test_a_superseded_decision_is_never_idle(merged: Callable[..., Home]) -> None:
    wrong = {"kind": "retraction", "subject": "record:a/99", "value": "retracted"}
    right = {"kind": "retraction", "subject": "record:a/0", "value": "retracted", "supersedes": "D-1"}
    with Warehouse(merged(wrong, right).warehouse).reading() as reading:
        assert dangling(reading).is_empty()


@pytest.mark.parametrize("asked", [OLDER, ALIAS, identity("I-", "R-1")])
def test_any_id_traces_to_records_files_and_rows(merged: Callable[..., Home], asked: str) -> None:
    traced = trace_at(merged(), asked, None, None)
    assert [v["victim_id"] for v in traced["victims"]] == [OLDER]
    text = as_text(traced)
    assert text.startswith(asked) and "1 persons in 1 victims, 2 records" in text
    assert "b/list.csv row 3" in text


def test_questions_about_a_victim_are_found_by_its_old_ids(merged: Callable[..., Home]) -> None:
    home = merged()
    with Warehouse(home.warehouse).writing() as write:
        for number, subject in enumerate(("R-1|R-7", "R-8|R-9")):
            add(write, "deduplicated.review_queue", question_id=f"Q-{number}", kind="pair", subject=subject, weight=1.0)
    assert [q.question_id for q in open_questions(home, about=ALIAS)] == ["Q-0"]
    assert len(open_questions(home)) == 2
    with pytest.raises(CasualtyError, match="no victim ever had this id"):
        open_questions(home, about="V-222222222222")
