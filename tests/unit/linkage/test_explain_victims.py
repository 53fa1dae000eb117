"""A victim's explanation says why it is who it is, in words. Everybody here is invented."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.explain import explain
from casualty_pipeline.linkage.explain_text import as_text
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.update import Constraints
from casualty_pipeline.warehouse import Warehouse
from tests.unit.linkage.explain_cases import APRIL, SITE, add, linked

Table = Callable[..., pl.DataFrame]
SAMIR: dict[str, Any] = {"source": "a", "en": "Samir Khalil Darwish", **SITE}
SAMIR_AR: dict[str, Any] = {"source": "b", "ar": "سمير خليل درويش", **SITE}
HAITHAM: dict[str, Any] = {"source": "c", "en": "Haitham Khalil Darwish", **SITE}
ZAKARIA: dict[str, Any] = {"source": "d", "en": "Zakaria Fadel Hamdan", **SITE}


def victim(record: str) -> str:
    return identity("V-", record)


def told(home: Home, *asked: str) -> tuple[dict[str, Any], str]:
    found = explain(home, asked)
    return found, as_text(found)


def test_a_record_that_came_by_evidence_says_bit_by_bit_what_tied_it(statements: Table, tmp_path: Path) -> None:
    found, text = told(linked(tmp_path, statements(SAMIR, SAMIR_AR)), victim("R-0"))
    first, second = found["records"]
    assert (first["linked_by"], second["linked_by"], second["tie"]["other"]) == ("founded", "evidence", "R-0")
    tie = second["tie"]
    assert tie["weight"] == pytest.approx(tie["prior"] + sum(c["bits"] for c in tie["comparisons"]), abs=0.05)
    assert "script: Arabic with Latin, by sound" in text and "'سمير خليل درويش'" in text
    assert "joined by the evidence, best with R-0" in text and "  together" in text


def test_a_record_that_came_by_decision_says_whose_and_when(statements: Table, tmp_path: Path) -> None:
    joined = Constraints(must_link=frozenset({("R-0", "R-1")}), decided_at={("R-0", "R-1"): APRIL})
    decision = {"subject": "record:a/0", "value": "same_as:record:d/1", "reason": "a call with the family"}
    found, text = told(linked(tmp_path, statements(SAMIR, ZAKARIA), joined, [decision]), victim("R-0"))
    assert found["records"][1]["linked_by"] == "decision"
    assert [d["decision_id"] for d in found["records"][1]["decisions"]] == ["D-1"]
    assert "joined by decision" in text and "D-1, AB, 2020-04-01: one person; 'a call with the family'" in text
    assert f"{victim('R-1')} was created, with R-1" in text
    assert f"{victim('R-1')} was merged into {victim('R-0')}" in text and "(by decision D-1)" in text


def test_brothers_are_told_as_kin(statements: Table, tmp_path: Path) -> None:
    found, text = told(linked(tmp_path, statements(SAMIR, SAMIR_AR, HAITHAM)), victim("R-0"))
    assert {k["other"]["victim_id"] for k in found["kin"]} == {victim("R-2")}
    assert "Another given name in one line of fathers: kin, not one person." in text
    assert text.count("'Haitham Khalil Darwish'") == 1


def test_what_people_held_apart_is_told_with_their_decision(statements: Table, tmp_path: Path) -> None:
    apart = Constraints(cannot_link=frozenset({("R-0", "R-1")}), decided_at={("R-0", "R-1"): APRIL})
    decision = {"subject": "record:b/1", "value": "different_from:record:a/0"}
    found, text = told(linked(tmp_path, statements(SAMIR, SAMIR_AR, ZAKARIA), apart, [decision]), victim("R-1"))
    assert [(a["other"]["record_id"], a["verdict"]) for a in found["apart"]] == [("R-0", "cannot_link")]
    assert "People decided that they are two people." in text and "D-1, AB, 2020-04-01: two people" in text


def test_what_a_constraint_refused_is_told_with_the_reason(statements: Table, tmp_path: Path) -> None:
    """One source guarantees a row per person, and lists two of one name; a third record can be only one of them."""
    once = Constraints(one_per_source=frozenset({"a"}))
    table = statements(SAMIR, SAMIR | {"day": "2020-03-06"}, SAMIR | {"source": "b"})
    home = linked(tmp_path, table, once)
    with Warehouse(home.warehouse).reading() as reading:
        refused = reading.frame("select record_a, record_b, refused from deduplicated.pairs where refused is not null")
    assert refused["refused"].to_list() == ["source"]
    _, text = told(home, victim("R-0"))
    assert "kept apart: their source guarantees one row per person, and lists both." in text


def test_decisions_that_contradict_each_other_are_told(statements: Table, tmp_path: Path) -> None:
    both = frozenset({("R-0", "R-1")})
    decisions = [
        {"subject": "record:a/0", "value": "same_as:record:d/1"},
        {"subject": "record:d/1", "value": "different_from:record:a/0"},
    ]
    found, text = told(linked(tmp_path, statements(SAMIR, ZAKARIA), Constraints(both, both), decisions), victim("R-0"))
    assert [d["decision_id"] for d in found["contradictions"][0]["decisions"]] == ["D-1", "D-2"]
    assert "decisions that contradict each other" in text and "it isn't applied" in text


def test_an_alias_explains_the_victim_that_it_stands_for(statements: Table, tmp_path: Path) -> None:
    joined = Constraints(must_link=frozenset({("R-0", "R-1")}), decided_at={("R-0", "R-1"): APRIL})
    found, text = told(linked(tmp_path, statements(SAMIR, ZAKARIA), joined), victim("R-1"))
    assert (found["what"], found["victim_id"], len(found["records"])) == ("merged", victim("R-0"), 2)
    assert f"is an alias: it was merged away, and stands for {victim('R-0')}" in text


def test_a_retired_victim_says_so_and_keeps_its_history(statements: Table, tmp_path: Path) -> None:
    found, text = told(linked(tmp_path, statements(SAMIR), Constraints(retracted={"R-0": APRIL})), victim("R-0"))
    assert (found["victim_id"], found["records"]) == (None, [])
    assert "is retired" in text and "its last record was retracted (by retraction)" in text


def test_open_questions_about_a_victim_are_listed(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR, HAITHAM, ZAKARIA))
    with Warehouse(home.warehouse).writing() as write:
        for number, subject in enumerate(("R-0|R-1", "R-1|R-2")):
            add(write, "deduplicated.review_queue", question_id=f"Q-{number}", kind="pair", subject=subject, weight=1.0)
    assert [q["question_id"] for q in told(home, victim("R-0"))[0]["questions"]] == ["Q-0"]


def test_counted_persons_without_a_name_say_who_counts_them(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR))
    with Warehouse(home.warehouse).writing() as write:
        add(write, "deduplicated.victim_records", record_id="R-strike", victim_id="V-0123456789ab", linked_by="remainder")
    _, text = told(home, "V-0123456789ab")
    assert "R-strike counts more dead than the sources list by name" in text


def test_an_incident_is_resolved_with_its_victims(statements: Table, tmp_path: Path) -> None:
    home, incident = linked(tmp_path, statements(SAMIR)), identity("I-", "R-0")
    with Warehouse(home.warehouse).writing() as write:
        add(write, "deduplicated.incident_records", record_id="R-0", incident_id=incident)
        add(write, "deduplicated.victims", victim_id=victim("R-0"), incident_id=incident)
    found, text = told(home, incident)
    assert (found["records"], found["victims"]) == (["R-0"], [victim("R-0")])
    assert f"1 victims: {victim('R-0')}" in text


def test_an_explanation_is_json_and_the_same_every_time(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR, SAMIR_AR, HAITHAM, ZAKARIA))
    once, again = (json.dumps(explain(home, [victim("R-0")]), default=str) for _ in range(2))
    assert once == again and json.loads(once)["victim_id"] == victim("R-0")


def test_characters_that_hide_or_reorder_text_are_shown_as_what_they_are(statements: Table, tmp_path: Path) -> None:
    _, text = told(linked(tmp_path, statements(SAMIR | {"en": "Samir \u202eKhalil Darwish"})), victim("R-0"))
    assert "\u202e" not in text and "\\u202e" in text


def test_three_records_are_wrong_use(statements: Table, tmp_path: Path) -> None:
    with pytest.raises(CasualtyError, match="expected a victim, an incident, a record, or two records; found 3"):
        explain(linked(tmp_path, statements(SAMIR)), ["R-0", "R-1", "R-2"])


def test_the_moments_of_the_history_are_those_at_which_something_was_learnt(statements: Table, tmp_path: Path) -> None:
    found, _ = told(linked(tmp_path, statements(SAMIR, SAMIR_AR)), victim("R-0"))
    assert [e["at"] for e in found["history"]] == [datetime.fromisoformat(f"2020-03-01T00:0{m}") for m in (0, 1)]
