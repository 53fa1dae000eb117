"""Spot checks: what is drawn by chance is asked without the machine's opinion, and the answers give the estimate."""

from tests.unit.review.conftest import FIRST, Desk, columns_of


def questions(desk: Desk) -> dict[str, set[str]]:
    """Spot checks of the queue: question id -> the two records."""
    rows = desk.rows("from deduplicated.review_queue where kind = 'quality'")
    return {row["question_id"]: set(row["subject"].split("|")) for row in rows}


def test_a_spot_check_shows_both_records_and_nothing_of_what_the_machine_thinks(desk: Desk) -> None:
    exported = desk.export(kind="quality")
    assert exported.by_kind == {"quality": len(questions(desk))}
    sheet = desk.book()["Spot checks"]
    columns = columns_of(sheet)
    assert {"answer", "name_ar_a", "name_ar_b", "subject_a", "subject_b"} <= set(columns)
    assert not {"weight", "evidence", "question"} & set(columns)
    assert sheet.cell(FIRST, columns["kind"]).value == "quality"


def test_answers_become_decisions_on_links_and_the_estimate_of_the_next_run(desk: Desk) -> None:
    alike = {desk.record("field/1"), desk.record("press/1")}
    asked = questions(desk)
    assert alike in asked.values()
    desk.export(kind="quality")
    desk.answer({question: "same" if records == alike else "different" for question, records in asked.items()})
    imported = desk.take()
    assert imported.findings == []
    assert {row["kind"] for row in imported.rows} == {"link"}
    desk.run()
    assert questions(desk) == {}
    estimates = {row["measure"]: row for row in desk.rows("from deduplicated.quality")}
    assert (estimates["precision"]["value"], estimates["precision"]["judged"]) == (1.0, 1)
    assert estimates["recall"]["value"] == 1.0
    assert str(estimates["recall"]["judged_on"]) == "2026-03-01"


def test_a_spot_check_that_cannot_be_told_is_left_out_of_the_next_export(desk: Desk) -> None:
    asked = questions(desk)
    desk.export(kind="quality")
    desk.answer(dict.fromkeys(asked, "unsure"))
    desk.take()
    desk.run()
    assert questions(desk) == {}
    (row,) = desk.rows("from deduplicated.quality where measure = 'precision'")
    assert (row["value"], row["judged"], row["unsure"]) == (None, 0, 1)
