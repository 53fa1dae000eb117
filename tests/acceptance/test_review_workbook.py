"""Review in a workbook, as an analyst does it: export, answer, import, run; the answers hold and aren't asked again."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty

FIRST = 4  # the row of the first question


def questions(casualty: Casualty) -> set[str]:
    found = json.loads(casualty.done("review", "list", "--kind", "pair", "--limit", "1000", "--format", "json").stdout)
    return {question["question_id"] for question in found}


def victims(casualty: Casualty, *keys: str) -> int:
    """Of how many victims these records (`record:SOURCE/KEY`) speak."""
    sql = """
        select distinct v.victim_id from deduplicated.victim_records as v
        inner join cleaned.records as r on v.record_id = r.record_id
        where 'record:' || r.source || '/' || r.source_key in (select unnest($keys))
    """
    with Warehouse(casualty.home / "warehouse.duckdb").reading() as reading:
        return reading.frame(sql, {"keys": list(keys)}).height


def answer(path: Path, answers: tuple[str, ...]) -> list[dict[str, str]]:
    """Answer the first questions of a workbook. Returns what it says of them."""
    book = openpyxl.load_workbook(path)
    sheet = book["Pairs"]
    names = [cell.value for cell in sheet[1]]
    answered = []
    for row, chosen in enumerate(answers, FIRST):
        sheet.cell(row, names.index("answer") + 1).value = chosen
        sheet.cell(row, names.index("why") + 1).value = "a call with the family"
        answered.append({str(name): str(cell.value) for name, cell in zip(names, sheet[row], strict=True)})
    book.save(path)
    return answered


@pytest.mark.long
def test_an_analysts_answers_hold_and_are_not_asked_again(copied: Callable[[], Casualty], tmp_path: Path) -> None:
    casualty, path = copied(), tmp_path / "review.xlsx"
    exported = casualty.done("review", "export", "--kind", "pair", "--out", path)
    assert exported.stdout.strip() == str(path) and "CONFIDENTIAL" in exported.stderr
    apart, together = answer(path, ("different", "same"))
    assert {apart["question_id"], together["question_id"]} <= questions(casualty)

    tried = casualty.done("review", "import", path, "--who", "analyst 2", "--dry-run")
    assert len(tried.stdout.splitlines()) == 2
    taken = casualty.done("review", "import", path, "--who", "analyst 2", "--decided-at", "2026-03-01T09:30:00Z")
    assert "2 decisions taken" in taken.stderr
    months = re.search(r"`casualty run --month (\S+?)(?: --through (\S+?))?`", taken.stderr)
    assert months is not None
    again = casualty.done("review", "import", path, "--who", "analyst 2")
    assert again.stdout == "" and "nothing new" in again.stderr

    casualty.done("run", "--month", months[1], "--through", months[2] or months[1])
    assert victims(casualty, apart["subject_a"], apart["subject_b"]) == 2
    assert victims(casualty, together["subject_a"], together["subject_b"]) == 1
    assert {apart["question_id"], together["question_id"]}.isdisjoint(questions(casualty))
    casualty.done("verify")


def test_a_row_that_cannot_be_taken_is_a_finding(sample: Casualty, tmp_path: Path) -> None:
    path = tmp_path / "review.xlsx"
    sample.done("review", "export", "--kind", "pair", "--out", path, "--lang", "en")
    answer(path, ("perhaps", "same"))
    tried = sample("review", "import", path, "--who", "analyst 2", "--dry-run")
    assert tried.returncode == 1
    assert "sheet Pairs, row 4, column answer: expected one of same, different, unsure, found 'perhaps'" in tried.stderr
    assert len(tried.stdout.splitlines()) == 1


def test_a_wrong_file_is_wrong_use(sample: Casualty, tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("name,age\nOndo Varr,34\n", encoding="utf-8")
    for arguments in (
        ("import", tmp_path / "notes.csv"),
        ("import", tmp_path / "none.xlsx"),
        ("export", "--kind", "rumour"),
    ):
        result = sample("review", *arguments)
        assert result.returncode == 2 and result.stderr.startswith("casualty: "), result.stderr
