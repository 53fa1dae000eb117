"""Answers come back: what can be meant becomes decisions, what can't is named with its place, and nothing applies twice."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.sources import ANSWERS, DECISIONS
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.review.importing import Imported
from casualty_pipeline.warehouse import Warehouse
from tests.unit.review.conftest import MOMENT, Desk, columns_of

Answering = Callable[..., Imported]


def entries(desk: Desk) -> list[tuple[str, str]]:
    return [(e.source, e.original_name) for e in Archive(desk.home.archive).entries() if e.source in {ANSWERS, DECISIONS}]


def told(result: Imported) -> list[tuple[int | None, str | None]]:
    """Where the findings are."""
    return [(f.place.row, f.column) for f in result.findings]


def test_answers_become_a_ledger_and_the_next_run_honours_them(desk: Desk, answered: Answering) -> None:
    assert (desk.victims("field/1", "press/1"), desk.victims("field/2", "press/2")) == (1, 2)
    result = answered({"Q-alike": {"answer": "different", "why": "two cousins", "who": "AB"}, "Q-unlike": "same"})
    assert (len(result.rows), result.unanswered, result.findings) == (2, 1, [])
    assert result.months == ("2020-03",)
    assert [row["decided_by"] for row in result.rows] == ["AB", "analyst 2"]
    assert result.rows[0]["reason"] == "two cousins"
    desk.run()
    assert (desk.victims("field/1", "press/1"), desk.victims("field/2", "press/2")) == (2, 1)
    decisions = desk.rows("from captures.decisions order by decided_by")
    assert {d["decided_at"] for d in decisions} == {MOMENT.replace(tzinfo=None)}
    assert desk.rows("from captures.rejected where source in ('decisions', 'review_answers')") == []


def test_the_analysts_file_is_kept_as_what_the_ledger_rests_on(desk: Desk, answered: Answering) -> None:
    result = answered({"Q-alike": "same"})
    assert entries(desk) == [(ANSWERS, "review.xlsx"), (DECISIONS, result.ledger)]
    (original, ledger) = [e for e in Archive(desk.home.archive).entries() if e.source in {ANSWERS, DECISIONS}]
    archive = Archive(desk.home.archive)
    assert archive.object_path(original.sha256).read_bytes() == (desk.folder / "review.xlsx").read_bytes()
    assert (original.access_level, ledger.access_level) == ("confidential", "confidential")
    text = archive.object_path(ledger.sha256).read_text(encoding="utf-8")
    assert [row["basis"] for row in csv.DictReader(io.StringIO(text))] == [f"sha256:{original.sha256}"]


def test_the_same_file_twice_adds_nothing_before_and_after_a_run(desk: Desk, answered: Answering) -> None:
    answered({"Q-alike": "same", "Q-unlike": "unsure"})
    before = entries(desk)
    for after_a_run in (False, True):
        if after_a_run:
            desk.run()
        again = desk.take(decided_at=MOMENT + timedelta(days=1), who="somebody else")
        assert (again.rows, again.already, again.findings, again.ledger) == ([], 2, [], None)
        assert entries(desk) == before


def test_a_dry_run_says_what_would_be_decided_and_keeps_nothing(desk: Desk, answered: Answering) -> None:
    dry = answered({"Q-alike": "different"}, dry_run=True)
    assert (len(dry.rows), dry.ledger, entries(desk)) == (1, None, [])
    assert desk.take().rows == dry.rows


def test_unsure_is_recorded_decides_nothing_and_is_not_asked_again(desk: Desk, answered: Answering) -> None:
    result = answered({"Q-alike": "unsure"})
    (row,) = result.rows
    assert row["value"].startswith("unsure:record:") and result.months == ()
    left = desk.export(kind="pair")
    assert (left.by_kind, left.unsure) == ({"pair": 2}, 1)
    asked_again = desk.export(kind="pair", again=True)
    assert asked_again.by_kind == {"pair": 1}
    sheet = desk.book()["Pairs"]
    assert "analyst 2" in str(sheet.cell(4, columns_of(sheet)["earlier"]).value)
    desk.answer({"Q-alike": "different"})
    (later,) = desk.take(decided_at=MOMENT + timedelta(days=1)).rows
    assert later["supersedes"] == row["decision_id"]
    desk.run()
    assert desk.victims("field/1", "press/1") == 2


def test_answers_in_arabic_mean_the_same(desk: Desk) -> None:
    desk.export(kind="pair", language="ar")
    desk.answer({"Q-alike": "شخص واحد", "Q-unlike": "شخصان", "Q-third": "غير متأكد"})
    result = desk.take()
    assert sorted(row["value"].split(":")[0] for row in result.rows) == ["different_from", "same_as", "unsure"]
    assert result.findings == []


def test_candidates_and_places_are_answered_likewise(desk: Desk) -> None:
    desk.export()
    candidates = [
        r["question_id"] for r in desk.rows("from deduplicated.review_queue where kind = 'candidate' order by all")
    ]
    (place,) = desk.rows("from deduplicated.review_queue where kind = 'place'")
    given = dict(zip(candidates, ["confirmed", "refused", "unsure"], strict=False))
    desk.answer({**given, place["question_id"]: "Idlib [SY07]"})
    result = desk.take()
    assert sorted((row["kind"], row["value"]) for row in result.rows) == [
        ("candidate", "confirmed"),
        ("candidate", "refused"),
        ("candidate", "unsure"),
        ("place_alias", "SY07"),
    ]
    desk.run(clean=True)
    left = {r["question_id"] for r in desk.rows("from deduplicated.review_queue where kind in ('candidate', 'place')")}
    assert left == {*candidates[2:]}, "the one that is unsure still waits, and doesn't count"
    assert desk.rows("select governorate from cleaned.records where source_key = '3' and source = 'field'") == [
        {"governorate": "SY07"}
    ]


def test_a_contradiction_is_settled_by_superseding_the_decision_that_is_wrong(desk: Desk) -> None:
    a, b = "record:field/2", "record:press/2"
    desk.decide(("D-same", a, f"same_as:{b}"), ("D-apart", b, f"different_from:{a}"))
    desk.run()
    (question,) = desk.rows("from deduplicated.review_queue where kind = 'contradiction'")
    desk.export(kind="contradiction")
    sheet = desk.book()["Contradictions"]
    shown = str(sheet.cell(4, columns_of(sheet)["decisions"]).value)
    assert "D-same (team, 2020-04-01): same" in shown and "D-apart (team, 2020-04-01): different" in shown
    desk.answer({question["question_id"]: "same"})
    result = desk.take()
    assert [(row["value"].split(":")[0], row["supersedes"]) for row in result.rows] == [("same_as", "D-apart")]
    desk.run()
    assert desk.victims("field/2", "press/2") == 1
    assert desk.rows("from deduplicated.review_queue where kind = 'contradiction'") == []


def test_a_contradiction_through_other_records_can_be_parted_but_not_joined_here(desk: Desk) -> None:
    a, b, c = "record:field/2", "record:press/2", "record:press/3"
    desk.decide(("D-1", a, f"same_as:{b}"), ("D-2", b, f"same_as:{c}"), ("D-3", a, f"different_from:{c}"))
    desk.run()
    (question,) = desk.rows("from deduplicated.review_queue where kind = 'contradiction'")
    desk.export(kind="contradiction")
    desk.answer({question["question_id"]: "same"})
    (finding,) = desk.take().findings
    assert "decisions on other records" in finding.advice
    desk.answer({question["question_id"]: "different"})
    assert [row["value"].split(":")[0] for row in desk.take().rows] == ["different_from"]
    desk.run()
    assert desk.rows("from deduplicated.review_queue where kind = 'contradiction'") == []


# --- What is refused --------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "an answer that isn't in the list": ({"answer": "maybe"}, "answer", "one of same, different, unsure"),
    "a subject that was changed": ({"answer": "same", "subject_a": "record:field/3"}, "subject_", "may not be changed"),
    "a cell that was changed": ({"answer": "same", "name_ar_a": "اسم آخر"}, "name_ar_a", "may not be changed"),
    "a kind that was changed": ({"answer": "same", "kind": "place"}, "kind", "may not be changed"),
    "a check that was changed": ({"answer": "same", "check": "0"}, "check", "changed since the export"),
    "a question that there isn't": ({"answer": "same", "question_id": "Q-nothing"}, "question_id", "still asked"),
    "an id that is none": ({"answer": "same", "question_id": "17"}, "question_id", "the id of a question"),
    "a reason without an answer": ({"why": "a call"}, "answer", "choose an answer"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_row_that_cannot_be_taken_is_named_and_the_others_apply(answered: Answering, case: str) -> None:
    cells, column, reason = REFUSED[case]
    result = answered({"Q-alike": cells, "Q-unlike": "different"})
    (finding,) = result.findings
    assert finding.place.sheet == "Pairs" and finding.place.row == 4
    assert finding.column is not None and finding.column.startswith(column)
    assert reason in str(finding)
    assert len(result.rows) == 1


def test_somebody_has_to_have_answered(answered: Answering) -> None:
    result = answered({"Q-alike": "same", "Q-unlike": {"answer": "same", "who": "CD"}}, who="")
    assert told(result) == [(4, "who")]
    assert [row["decided_by"] for row in result.rows] == ["CD"]


def test_a_file_is_stale_when_its_records_say_something_else_since(desk: Desk) -> None:
    desk.export(kind="pair")
    desk.answer({"Q-alike": "same"})
    with Warehouse(desk.home.warehouse).writing() as write:
        write.connection.execute("update cleaned.records set age_first = 21, age_last = 21 where source = 'press'")
    result = desk.take()
    assert told(result) == [(4, "check")] and "changed since the export" in str(result.findings[0])


def test_what_somebody_else_answered_meanwhile_stands(desk: Desk, answered: Answering) -> None:
    desk.export("first.xlsx", kind="pair")
    answered({"Q-alike": "same"}, who="AB")
    desk.answer({"Q-alike": "different"}, "first.xlsx")
    for after_a_run in (False, True):
        if after_a_run:
            desk.run()
        (finding,) = desk.take("first.xlsx").findings
        assert "decided meanwhile: D-review-" in str(finding) and "(AB, 2026-03-01): same" in str(finding)


def test_two_answers_to_one_question_in_a_file_are_both_refused(desk: Desk) -> None:
    desk.export(kind="pair")
    book = desk.book()
    sheet = book["Pairs"]
    for column in range(1, sheet.max_column + 1):
        sheet.cell(7, column).value = sheet.cell(4, column).value
    sheet["B4"], sheet["B7"], sheet["B5"] = "same", "different", "different"
    book.save(desk.folder / "review.xlsx")
    result = desk.take()
    assert told(result) == [(4, "answer"), (7, "answer")]
    assert "answered otherwise in sheet Pairs, row 7" in str(result.findings[0])
    assert len(result.rows) == 1


def test_answers_that_cannot_all_be_right_are_refused_together(desk: Desk) -> None:
    """One is two, two is three, but one isn't three."""
    desk.ask("pair", **{"1-2": ("field/1", "field/2"), "2-3": ("field/2", "field/3"), "1-3": ("field/1", "field/3")})
    desk.export(kind="pair")
    desk.answer({"Q-1-2": "same", "Q-2-3": "same", "Q-1-3": "different", "Q-alike": "same"})
    result = desk.take()
    assert len(result.findings) == 3 and all("can't be right together with" in str(f) for f in result.findings)
    assert len(result.rows) == 1


def test_an_answer_that_contradicts_decisions_in_force_names_them(desk: Desk) -> None:
    a, b, c = "record:field/1", "record:press/1", "record:press/3"
    desk.decide(("D-1", b, f"same_as:{c}"), ("D-2", a, f"different_from:{c}"))
    desk.export(kind="pair")
    desk.answer({"Q-alike": "same"})
    (finding,) = desk.take().findings
    assert "decision D-1" in str(finding) and "decision D-2" in str(finding)


def test_a_question_whose_record_was_withdrawn_is_no_longer_asked(desk: Desk) -> None:
    desk.export(kind="pair")
    desk.answer({"Q-unlike": "same"})
    desk.run()  # its own queue doesn't ask this
    assert told(desk.take()) == [(5, "question_id")]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("notes.txt", b"some notes\nof mine\n", "not an answered file"),
        ("page.pdf", b"%PDF-1.7 nothing", "application/pdf"),
        ("empty.csv", b"", "not an answered file"),
        ("ledger.csv", b"decision_id,kind,subject,value,decided_by,decided_at\nD-1,link,a,b,c,d\n", "not an answered file"),
        ("broken.xlsx", b"PK\x03\x04 nothing", "found application/zip|not a workbook"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_whole(desk: Desk, name: str, content: bytes, reason: str) -> None:
    (desk.folder / name).write_bytes(content)
    with pytest.raises(CasualtyError, match=reason):
        desk.take(name)


def test_a_sheet_that_lost_its_names_is_told_and_the_others_apply(desk: Desk) -> None:
    desk.export()
    (place,) = desk.rows("from deduplicated.review_queue where kind = 'place'")
    desk.answer({place["question_id"]: "Idlib [SY07]"})
    book = desk.book()
    book["Pairs"].delete_rows(1)
    book.save(desk.folder / "review.xlsx")
    result = desk.take()
    (finding,) = result.findings
    assert (finding.place.sheet, len(result.rows)) == ("Pairs", 1)
    assert "keep its first row" in finding.advice


def test_a_moment_to_come_is_no_moment_of_a_decision(desk: Desk) -> None:
    desk.export()
    with pytest.raises(CasualtyError, match="expected a moment that has passed"):
        desk.take(decided_at=datetime.now(UTC) + timedelta(hours=1))


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_a_csv_file_is_answered_too_even_after_a_spreadsheet_rewrote_its_dates(desk: Desk) -> None:
    desk.export("pairs.csv", kind="pair")
    path = desk.folder / "pairs.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["answer"] = "Same"
    rows[0] |= {name: "3/4/2020" for name, value in rows[0].items() if value == "2020-03-04"}
    rows[1] |= {"answer": "same", "subject_a": "record:field/3"}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    result = desk.take("pairs.csv")
    assert [row["value"].split(":")[0] for row in result.rows] == ["same_as"]
    assert told(result) == [(3, "subject_a")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(st.dictionaries(st.integers(0, 4_000), st.binary(min_size=1, max_size=8), max_size=5))
def test_a_damaged_workbook_is_refused_or_read_but_never_breaks(desk: Desk, damage: dict[int, bytes]) -> None:
    if not (desk.folder / "good.xlsx").exists():
        desk.export("good.xlsx", kind="pair")
        desk.answer({"Q-alike": "same"}, "good.xlsx")
    content = bytearray((desk.folder / "good.xlsx").read_bytes())
    for at, some in damage.items():
        content[at : at + len(some)] = some
    (desk.folder / "bad.xlsx").write_bytes(content)
    try:
        result = desk.take("bad.xlsx", dry_run=True)
    except CasualtyError:
        return
    assert len(result.rows) <= 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(st.dictionaries(st.sampled_from(["answer", "why", "who", "subject_a", "check", "kind", "question_id"]), st.text()))
def test_whatever_stands_in_a_row_it_decides_or_is_refused_or_is_open(desk: Desk, cells: dict[str, Any]) -> None:
    if not (desk.folder / "pairs.csv").exists():
        desk.export("pairs.csv", kind="pair")
    with (desk.folder / "pairs.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(iter(csv.DictReader(file)))
    text = io.StringIO()
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerow(row | cells)
    (desk.folder / "any.csv").write_bytes(text.getvalue().encode("utf-8", "replace"))
    try:
        result = desk.take("any.csv", dry_run=True)
    except CasualtyError:
        return
    assert len(result.rows) <= 1 and len(result.findings) <= 1


def test_the_workbook_is_a_plain_package(desk: Desk) -> None:
    """Nothing in it runs, and nothing in it tells of the machine that wrote it."""
    desk.export()
    with zipfile.ZipFile(desk.folder / "review.xlsx") as package:
        names = package.namelist()
        text = b"".join(package.read(name) for name in names)
    assert not [name for name in names if "vba" in name.lower() or "external" in name.lower()]
    assert str(desk.folder).encode() not in text
