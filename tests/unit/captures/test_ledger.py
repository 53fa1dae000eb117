"""Ledgers of decisions: append-only; what can't be meant is rejected by row and column, the rest applies."""

import csv
from collections.abc import Callable, Mapping
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.ledger import COLUMNS, read_ledgers
from casualty_pipeline.captures.connectors.ledger.judging import Ledger
from casualty_pipeline.profile import load_profile

HERE = "0" * 64
Known = dict[str, dict[str, object]]
Read = Callable[..., Ledger]
GOOD = {
    "decision_id": "D-1",
    "kind": "attribution",
    "subject": "incident:field/FI-1",
    "value": "russia",
    "certainty": "believed",
    "reason": "remnants of the weapon",
    "decided_by": "team",
    "decided_at": "2020-03-31T10:00:00Z",
}
LINK = {"kind": "link", "subject": "record:field/1", "value": "same_as:record:press/2"}
MERGE = {"kind": "merge", "subject": "victim:V-aaaaaaaaaaaa", "value": "into:victim:V-bbbbbbbbbbbb"}
ANY_VICTIM = ("subject", "expected victim:V-... or incident:SOURCE/REF or incident:I-...")
RETRACTION = {"kind": "retraction", "subject": "record:field/1", "value": "retracted"}

# What is wrong: the change to a good row, the column that is named, and the reason.
WRONG: Mapping[str, tuple[Mapping[str, str], str, str]] = {
    **{f"no {c}": ({c: " "}, c, "may not be empty") for c in GOOD if c not in {"certainty", "reason"}},
    "an unknown kind": ({"kind": "rumour"}, "kind", "expected one of attribution, verification, link, merge, retraction"),
    "a subject that is none": ({"subject": "FI-1"}, "subject", "expected incident:SOURCE/REF"),
    "a subject without a key": ({"subject": "incident:field/"}, "subject", "expected incident:SOURCE/REF"),
    "an unknown certainty": ({"certainty": "sure"}, "certainty", "expected established, believed, proved or nothing"),
    "a moment that is none": ({"decided_at": "31 March"}, "decided_at", "expected a UTC instant"),
    "a moment before time": ({"decided_at": "0001-01-01T00:00:00+05:00"}, "decided_at", "expected a UTC instant"),
    "an unknown party": ({"value": "martians"}, "value", "expected a party id of the profile"),
    "a pair that isn't allowed": ({"value": "isis+russia"}, "value", "not a pair that the profile allows"),
    "a verdict that is none": ({"kind": "verification", "value": "true"}, "value", "expected verified or unverified"),
    "a link to nothing": ({**LINK, "value": "record:press/2"}, "value", "expected same_as:record:SOURCE/KEY"),
    "a link of an incident with a record": (
        {**LINK, "subject": "incident:field/1"},
        "value",
        "incident:SOURCE/REF or incident:I-...: name the other incident in full",
    ),
    "a link of a record with itself": ({**LINK, "value": "same_as:record:field/1"}, "value", "expected another record"),
    "a link of counted persons": ({**LINK, "subject": "victim:V-0189abcdef01"}, "subject", "12 letters a-z or digits 2-7"),
    "a merge of records": ({"kind": "merge", "subject": "record:field/1", "value": "into:record:field/2"}, *ANY_VICTIM),
    "a merge into itself": ({**MERGE, "value": f"into:{MERGE['subject']}"}, "value", "expected another victim"),
    "a merge that only links": ({**MERGE, "value": "same_as:victim:V-bbbbbbbbbbbb"}, "value", "expected into:victim:V-"),
    "a candidate of another word": (
        {"kind": "candidate", "subject": "record:field/1", "value": "perhaps"},
        "value",
        "expected confirmed or refused or unsure",
    ),
    "a retraction of an incident": (
        {**RETRACTION, "subject": "incident:field/1"},
        "subject",
        "expected record:SOURCE/KEY or capture:SHA256 or source:ID",
    ),
    "a retraction of half a hash": ({**RETRACTION, "subject": "capture:0123"}, "subject", "capture:SHA256"),
    "a retraction of another word": ({**RETRACTION, "value": "deleted"}, "value", "expected retracted"),
    "a withdrawal of nothing": ({"value": "withdrawn"}, "supersedes", "expected the id of the decision that is taken back"),
    "one that supersedes nothing": ({"supersedes": "D-0"}, "supersedes", "found D-0, which is in none"),
    "one that supersedes itself": ({"supersedes": "D-1"}, "supersedes", "can't supersede itself"),
    "a basis that isn't here": ({"basis": f"{HERE} {'1' * 64}"}, "basis", f"found {'1' * 64}, which isn't"),
}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Reads rows of what differs from a good decision, given what is known."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.csv"

    def reading(*rows: Mapping[str, str], known: Known | None = None, content: bytes | None = None) -> Ledger:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="")
            writer.writeheader()
            writer.writerows({**GOOD, **row} for row in rows)
        if content is not None:
            path.write_bytes(content)
        moment = "2020-04-01T00:00:00+00:00"
        entry = Entry("e-0", "0" * 64, "decisions", "e", "ledger.csv", moment, "text/csv", 1, "confidential", "test")
        return read_ledgers(load_profile("syria"), [(entry, path)], lambda sha256, _: sha256 == HERE, known)

    return reading


def test_a_good_decision_is_read_with_its_position(read: Read) -> None:
    (decision,) = read({}).decisions
    assert {k: decision[k] for k in ("decision_id", "value", "certainty", "supersedes")} == {
        **{"decision_id": "D-1", "value": "russia", "certainty": "believed", "supersedes": None}
    }
    assert (decision["file"], decision["row_number"]) == ("ledger.csv", 2)
    assert decision["decided_at"] == datetime.fromisoformat("2020-03-31T10:00:00")


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_decision_is_rejected_by_column_and_the_good_ones_beside_it_apply(read: Read, case: str) -> None:
    changes, column, reason = WRONG[case]
    ledger = read(changes, {"decision_id": "D-2"})
    ((_, rejection),) = ledger.rejections
    assert (rejection.row_number, rejection.column_name) == (2, column)
    assert rejection.value == changes.get(column, GOOD.get(column, "")).strip()
    assert reason in rejection.reason
    assert [d["decision_id"] for d in ledger.decisions] == ["D-2"]


@pytest.mark.parametrize(
    "good",
    [
        *(LINK, RETRACTION, {"value": "syrian_regime+russia"}, {"value": "sdf|isis"}, {"certainty": ""}),
        {**LINK, "value": "unsure:record:press/2"},
        {"kind": "candidate", "subject": "record:field/1", "value": "unsure"},
        {"kind": "place_alias", "subject": "place:Saraqib", "value": "unsure"},
        MERGE,
        {**MERGE, "subject": "incident:field/1", "value": "into:incident:I-aaaaaaaaaaaa"},
        {**LINK, "subject": "victim:V-aaaaaaaaaaaa", "value": "different_from:victim:V-bbbbbbbbbbbb"},
        {**LINK, "subject": "incident:I-aaaaaaaaaaaa", "value": "same_as:incident:press/1/2"},
        {**LINK, "subject": "incident:field/1", "value": "same_as:incident:field/1"},
        {"subject": "victim:V-0189abcdef01"},
        {**RETRACTION, "subject": f"capture:{HERE}"},
        {**RETRACTION, "subject": "source:field"},
        {"basis": f"sha256:{HERE}, {HERE}; a letter"},
    ],
)
def test_every_kind_of_decision_can_be_meant(read: Read, good: Mapping[str, str]) -> None:
    ledger = read(good)
    assert (len(ledger.decisions), ledger.rejections) == (1, [])


def test_a_joint_claim_is_kept_in_one_spelling(read: Read) -> None:
    assert read({"value": "syrian_regime+russia"}).decisions[0]["value"] == "russia+syrian_regime"


def test_a_moment_elsewhere_is_kept_in_utc(read: Read) -> None:
    decision = read({"decided_at": "2020-03-31T10:00:00+03:00"}).decisions[0]
    assert decision["decided_at"] == datetime.fromisoformat("2020-03-31T07:00:00")


def test_a_ledger_that_is_sent_again_longer_adds_what_is_new(read: Read) -> None:
    known: Known = {}
    read({}, known=known)
    ledger = read({}, {"decision_id": "D-2", "supersedes": "D-1"}, known=known)
    assert ([d["decision_id"] for d in ledger.decisions], ledger.rejections) == (["D-2"], [])


@pytest.mark.parametrize(
    "edit", [{"value": "isis"}, {"certainty": ""}, {"subject": "incident:field/FI-2"}, {"decided_by": "somebody else"}]
)
def test_an_entry_is_never_edited(read: Read, edit: Mapping[str, str]) -> None:
    """A wrong entry is superseded by a later one."""
    known: Known = {}
    read({}, known=known)
    ledger = read(edit, known=known)
    assert ledger.decisions == []
    assert "the ledger is append-only" in ledger.rejections[0][1].reason


@pytest.mark.parametrize("column", [c for c in GOOD if c not in {"certainty", "reason"}])
def test_a_ledger_without_a_column_is_rejected_whole(read: Read, column: str) -> None:
    header = ",".join(c for c in COLUMNS if c != column)
    ledger = read(content=f"{header}\nD-1,,,,,,,,\n".encode())
    assert ledger.decisions == []
    assert f"missing: {column}" in ledger.rejections[0][1].reason


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(st.characters(codec="utf-8"), max_size=40)))
def test_any_row_is_a_decision_or_a_rejection(read: Read, row: dict[str, str]) -> None:
    ledger = read(row)
    assert len(ledger.decisions) + len(ledger.rejections) == 1
