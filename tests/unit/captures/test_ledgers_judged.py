"""Entries beside each other: contradictions, circles and dangling ones are refused with their rows; the rest applies."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.ledger import COLUMNS, KINDS, Ledger, judge_rows, read_ledgers, schema
from casualty_pipeline.captures.connectors.ledger.entries import CERTAINTIES, REQUIRED
from casualty_pipeline.captures.connectors.ledger.judging import Judge
from casualty_pipeline.captures.connectors.ledger.reading import Row
from casualty_pipeline.profile import load_profile

SYRIA = load_profile("syria")
GOOD = {
    "kind": "attribution",
    "subject": "incident:field/FI-1",
    "value": "russia",
    "decided_by": "team",
    "decided_at": "2020-03-31T10:00:00Z",
}
LATER, LATEST = "2020-04-02T10:00:00Z", "2020-05-02T10:00:00Z"
A, B, C = (f"victim:V-{letter * 12}" for letter in "abc")
BASIS = "b" * 64
Cells = dict[str, str]


def one(decision: str, **given: str) -> Cells:
    return dict.fromkeys(COLUMNS, "") | GOOD | {"decision_id": decision} | given


def merge(decision: str, subject: str, into: str, **given: str) -> Cells:
    return one(decision, **{"kind": "merge", "subject": subject, "value": f"into:{into}"} | given)


def entry(number: int) -> Entry:
    received = f"2020-06-{number + 1:02}T00:00:00+00:00"
    return Entry(f"e-{number}", "0" * 64, "decisions", "e", f"{number}.csv", received, "text/csv", 1, "confidential", "test")


def delivered(*ledgers: Sequence[Cells], basis_on: int = 0) -> Ledger:
    """Ledgers received a day apart; the capture `BASIS` on the day of that number."""

    def holds(sha256: str, moment: str | None) -> bool:
        return sha256 == BASIS and (moment is None or entry(basis_on).received_at <= moment)

    judge = Judge(SYRIA, holds)
    for number, rows in enumerate(ledgers):
        judge.take(entry(number), [Row(entry(number), dict(cells), None, at) for at, cells in enumerate(rows, start=2)])
    return judge.finish()


def taken(ledger: Ledger) -> list[str]:
    return sorted(str(d["decision_id"]) for d in ledger.decisions)


def refused(ledger: Ledger) -> list[tuple[str, int | None, str | None]]:
    return sorted((e.original_name, r.row_number, r.column_name) for e, r in ledger.rejections)


CONTRADICTIONS: Mapping[str, tuple[Sequence[Cells], str]] = {
    "two attributions at one moment": ([one("D-1"), one("D-2", value="isis")], "value"),
    "two certainties at one moment": ([one("D-1", certainty="believed"), one("D-2", certainty="established")], "value"),
    "verified and unverified at one moment": (
        [one("D-1", kind="verification", value="verified"), one("D-2", kind="verification", value="unverified")],
        "value",
    ),
    "same and different of one pair, in either order": (
        [
            one("D-1", kind="link", subject="record:a/1", value="same_as:record:b/2"),
            one("D-2", kind="link", subject="record:b/2", value="different_from:record:a/1"),
        ],
        "value",
    ),
    "merged and different": ([merge("D-1", A, B), one("D-2", kind="link", subject=B, value=f"different_from:{A}")], "value"),
    "one id, two contents": ([one("D-1"), one("D-1", value="isis")], "decision_id"),
    "superseding in a circle": ([one("D-1", supersedes="D-2"), one("D-2", supersedes="D-1")], "supersedes"),
    "merging in a circle": ([merge("D-1", A, B), merge("D-2", B, C), merge("D-3", C, A)], "value"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_all_rows_of_a_contradiction_are_refused_and_the_rest_applies(case: str) -> None:
    rows, column = CONTRADICTIONS[case]
    ledger = delivered([*rows, one("D-good", subject="incident:field/FI-9")])
    assert taken(ledger) == ["D-good"]
    assert refused(ledger) == [("0.csv", number, column) for number in range(2, 2 + len(rows))]


@pytest.mark.parametrize("case", [c for c in CONTRADICTIONS if "superseding" not in c])
def test_across_deliveries_what_was_taken_stays_and_the_later_row_is_refused(case: str) -> None:
    rows, column = CONTRADICTIONS[case]
    ledger = delivered(rows[:-1], rows[-1:])
    assert len(ledger.decisions) == len(rows) - 1
    assert refused(ledger) == [("1.csv", 2, column)]


@pytest.mark.parametrize(
    "rows",
    [
        [one("D-1"), one("D-2", value="isis", decided_at=LATER)],
        [one("D-1"), one("D-2", value="isis", supersedes="D-1")],
        [one("D-1"), one("D-2")],
        [one("D-2", value="isis", supersedes="D-1"), one("D-1")],
        [one("D-1"), one("D-2", value="withdrawn", supersedes="D-1"), one("D-3", value="isis", decided_at=LATER)],
        [merge("D-1", A, B), merge("D-2", A, C), merge("D-3", B, C)],
        [merge("D-1", A, B), merge("D-2", A, B, value="withdrawn", supersedes="D-1"), merge("D-3", B, A, decided_at=LATER)],
    ],
)
def test_what_only_looks_like_a_contradiction_applies(rows: Sequence[Cells]) -> None:
    ledger = delivered(rows)
    assert (taken(ledger), refused(ledger)) == (sorted(r["decision_id"] for r in rows), [])


@pytest.mark.parametrize(
    ("later", "column", "reason"),
    [
        ({"kind": "verification", "value": "verified"}, "supersedes", "of the kind attribution"),
        ({"subject": "incident:field/FI-2"}, "supersedes", "on incident:field/FI-1"),
        ({"decided_at": "2020-03-30T00:00:00Z"}, "decided_at", "before it was decided"),
        ({"value": "withdrawn", "subject": "incident:field/FI-2"}, "supersedes", "on incident:field/FI-1"),
    ],
)
def test_a_decision_supersedes_only_an_earlier_one_of_its_kind_on_its_subject(
    later: Mapping[str, str], column: str, reason: str
) -> None:
    ledger = delivered([one("D-1"), one("D-2", supersedes="D-1") | dict(later)])
    assert taken(ledger) == ["D-1"]
    ((_, rejection),) = ledger.rejections
    assert rejection.column_name == column and reason in rejection.reason


def test_what_supersedes_an_entry_that_comes_later_waits_for_it() -> None:
    first, second = [one("D-2", value="isis", supersedes="D-1", decided_at=LATER)], [one("D-1")]
    alone = delivered(first)
    assert (taken(alone), refused(alone)) == ([], [("0.csv", 2, "supersedes")])
    both = delivered(first, second)
    assert (taken(both), refused(both)) == (["D-1", "D-2"], [])


def test_what_rests_on_a_capture_that_comes_later_waits_for_it_and_stands_before_what_came_after_the_capture() -> None:
    rests, other = [one("D-1", basis=BASIS)], [one("D-2", value="isis")]
    assert refused(delivered(rests, basis_on=9))[:1] == []  # nothing else to wait for: the capture is here by now
    ledger = delivered(rests, [one("D-9", subject="incident:x/1")], other, basis_on=2)
    assert (taken(ledger), refused(ledger)) == (["D-1", "D-9"], [("2.csv", 2, "value")])
    absent = delivered([one("D-1", basis="a" * 64)])
    assert refused(absent) == [("0.csv", 2, "basis")]


def test_a_refused_entry_that_is_corrected_under_its_id_is_taken() -> None:
    ledger = delivered([one("D-1", supersedes="D-typo")], [one("D-1")])
    assert (taken(ledger), refused(ledger)) == (["D-1"], [("0.csv", 2, "decision_id")])


def test_a_ledger_sent_again_longer_repeats_its_rows() -> None:
    rows = [one("D-1"), one("D-2", value="isis", decided_at=LATER)]
    ledger = delivered(rows, [*rows, one("D-3", value="sdf", decided_at=LATEST)])
    assert (taken(ledger), refused(ledger), ledger.repeated) == (["D-1", "D-2", "D-3"], [], {"e-0": 0, "e-1": 2})


NAMES = st.sampled_from([f"D-{n}" for n in range(6)])
ENTRIES = st.one_of(
    st.builds(
        lambda name, value, at, superseded: one(name, value=value, decided_at=at, supersedes=superseded),
        *(NAMES, st.sampled_from(["russia", "isis", "withdrawn"]), st.sampled_from([GOOD["decided_at"], LATER, LATEST])),
        st.sampled_from(["", "", ""]) | NAMES,
    ),
    st.builds(
        lambda name, a, b, at, superseded, how: (
            merge(name, a, b, decided_at=at, supersedes=superseded)
            | ({} if how == "merge" else {"kind": "link", "value": f"{how}:{b}"})
        ),
        *(NAMES, st.sampled_from([A, B, C]), st.sampled_from([A, B, C]), st.sampled_from([LATER, LATEST])),
        *(st.sampled_from(["", ""]) | NAMES, st.sampled_from(["merge", "merge", "same_as", "different_from", "nonsense"])),
    ),
)
LEDGERS = st.lists(st.lists(ENTRIES, max_size=5), max_size=4)


@settings(max_examples=150, deadline=None)
@given(LEDGERS)
def test_the_books_balance(ledgers: list[list[Cells]]) -> None:
    judged = delivered(*ledgers)
    for number, rows in enumerate(ledgers):
        refusals = sum(e.entry_id == f"e-{number}" for e, _ in judged.rejections)
        assert (
            judged.read[f"e-{number}"] + judged.repeated[f"e-{number}"] + refusals == judged.rows[f"e-{number}"] == len(rows)
        )


@settings(max_examples=150, deadline=None)
@given(LEDGERS)
def test_what_was_taken_stays_taken_whatever_comes_later(ledgers: list[list[Cells]]) -> None:
    before: set[str] = set()
    for number in range(1, len(ledgers) + 1):
        now = {json.dumps(d, default=str) for d in delivered(*ledgers[:number]).decisions}
        assert before <= now
        before = now


@settings(max_examples=150, deadline=None)
@given(LEDGERS, st.randoms(use_true_random=False))
def test_ledgers_that_contradict_nothing_give_the_same_in_any_order_of_delivery(
    ledgers: list[list[Cells]], order: Any
) -> None:
    sound = [row for rows in ledgers for row in rows]
    while (judged := delivered(sound)).rejections:
        wrong = {r.row_number for _, r in judged.rejections}
        sound = [row for at, row in enumerate(sound, start=2) if at not in wrong]
    parts: list[list[Cells]] = [[], [], []]
    for row in sound:
        order.choice(parts).append(row)
    ledger = delivered(*parts)
    assert (said(ledger.decisions), ledger.rejections) == (said(judged.decisions), [])


def said(decisions: Iterable[Mapping[str, object]]) -> list[str]:
    return sorted(str([d[c] for c in COLUMNS]) for d in decisions)


def test_what_is_only_tried_leaves_the_known_decisions_as_they_are() -> None:
    known = {str(d["decision_id"]): d for d in delivered([one("D-1")]).decisions}
    tried = judge_rows(SYRIA, entry(1), [one("D-2", decided_at=LATER)], lambda *_: False, known)
    assert (taken(tried), list(known)) == (["D-2"], ["D-1"])


# --- JSON -------------------------------------------------------------------------------------------------------------

JSON_ENTRY = {"decision_id": "D-1", **GOOD, "basis": [BASIS, f"sha256:{BASIS}"], "reason": None}


def read(path: Path, content: str, name: str = "ledger.json") -> Ledger:
    (path / name).write_text(content, encoding="utf-8")
    given = replace(entry(0), original_name=name)
    return read_ledgers(SYRIA, [(given, path / name)], lambda sha256, _: sha256 == BASIS)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (json.dumps(JSON_ENTRY), "one.json"),
        (json.dumps([JSON_ENTRY]), "list.json"),
        (json.dumps({"decisions": [JSON_ENTRY]}), "object.json"),
        (f"\n{json.dumps(JSON_ENTRY)}\n", "lines.jsonl"),
    ],
)
def test_json_in_each_of_its_forms_is_a_ledger_and_keeps_to_the_published_schema(
    tmp_path: Path, content: str, name: str
) -> None:
    ledger = read(tmp_path, content, name)
    assert (taken(ledger), ledger.rejections) == (["D-1"], [])
    assert ledger.decisions[0]["basis"] == f"sha256:{BASIS} sha256:{BASIS}"
    Draft202012Validator(schema()).validate(json.loads(content))


@pytest.mark.parametrize(
    ("content", "pointer", "column"),
    [
        ({**JSON_ENTRY, "kind": "rumour"}, "/decisions/0/kind", "kind"),
        ({**JSON_ENTRY, "supercedes": "D-0"}, "/decisions/0", None),
        ({**JSON_ENTRY, "decided_by": 7}, "/decisions/0/decided_by", "decided_by"),
        ({k: v for k, v in JSON_ENTRY.items() if k != "value"}, "/decisions/0", None),
        ({**JSON_ENTRY, "value": "martians"}, "/decisions/0/value", "value"),
        ({**JSON_ENTRY, "basis": ["a" * 64]}, "/decisions/0/basis", "basis"),
        ("text", "/decisions/0", None),
    ],
)
def test_a_wrong_entry_in_json_is_refused_by_its_pointer_and_the_others_apply(
    tmp_path: Path, content: object, pointer: str, column: str | None
) -> None:
    other = {**JSON_ENTRY, "decision_id": "D-2"}
    ledger = read(tmp_path, json.dumps({"decisions": [content, other]}))
    assert taken(ledger) == ["D-2"]
    assert [(r.pointer, r.column_name) for _, r in ledger.rejections] == [(pointer, column)]


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5).map(json.dumps))
@settings(max_examples=40, deadline=None)
def test_any_json_is_decisions_or_refusals(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    path = tmp_path_factory.getbasetemp()
    ledger = read(path, content.encode("utf-8", "replace").decode())
    assert ledger.decisions == [] and ledger.rejections


def test_the_schema_says_what_the_rules_say() -> None:
    schema_entry = schema()["$defs"]["entry"]
    assert tuple(schema_entry["properties"]) == COLUMNS
    assert set(schema_entry["required"]) == set(REQUIRED)
    assert set(schema_entry["properties"]["kind"]["enum"]) == set(KINDS)
    assert {c or "" for c in schema_entry["properties"]["certainty"]["enum"]} == set(CERTAINTIES)
    Draft202012Validator.check_schema(schema())
