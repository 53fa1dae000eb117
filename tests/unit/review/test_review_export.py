"""Questions as a workbook: everything beside each other, nothing that can be misread, nothing that can be run."""

import csv
import stat
from pathlib import Path
from typing import Any

import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.review.export import export_questions
from casualty_pipeline.review.records import Facts, cell
from casualty_pipeline.review.words import LANGUAGES, wording
from tests.unit.review.conftest import FIRST, PAIRS, Desk, columns_of

ORANGE, YELLOW = "FFFFD9B3", "FFFFF7CC"


@pytest.fixture(scope="module")
def book(asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The workbook with every question, to look at."""
    desk = Desk(Home(asked), tmp_path_factory.mktemp("book"))
    desk.export()
    return desk.book()


def row_of(sheet: Any, question: str) -> dict[str, Any]:
    """The cells of a question by their columns' names."""
    columns = columns_of(sheet)
    (number,) = [c.row for c in sheet["A"] if c.value == question]
    return {name: sheet.cell(number, column) for name, column in columns.items()}


def test_there_is_a_sheet_that_says_what_to_do_and_one_for_each_kind(desk: Desk) -> None:
    assert desk.export().by_kind == {"pair": 3, "candidate": 5, "place": 1, "quality": 4}
    book = desk.book()
    assert book.sheetnames == ["Read me first", "Pairs", "Candidates", "Places", "Spot checks", "lists"]
    assert book["lists"].sheet_state == "veryHidden"
    told = " ".join(str(c.value) for row in book["Read me first"].iter_rows() for c in row)
    for language in LANGUAGES:
        texts = wording(language)
        assert texts["confidential"] in told
        assert all(step in told for step in texts["about"]["steps"])
        assert all(texts["about"]["meaning"][f"pair_{answer}"] in told for answer in ("same", "different", "unsure"))


def test_both_records_of_a_pair_stand_beside_each_other_and_what_differs_is_coloured(book: Any) -> None:
    row = row_of(book["Pairs"], "Q-unlike")
    sides = {row[f"name_en_{side}"].value: side for side in "ab"}
    press = sides['=HYPERLINK("http://x")']
    field = {"a": "b", "b": "a"}[press]
    said = {
        name: row[f"{name}_{field}"].value for name in ("name_ar", "sex", "age", "death", "governorate", "party", "source")
    }
    assert said == {
        "name_ar": "سعاد محمود الرملي",
        "sex": "female",
        "age": "34",
        "death": "2020-03-01",
        "governorate": "Idlib",
        "party": "Syrian Regime forces",
        "source": "Field teams",
    }
    assert row[f"where_{field}"].value == "march.csv, row 3"
    assert row[f"subject_{field}"].value == "record:field/2"
    coloured = {name for name, one in row.items() if one.fill.fgColor.rgb == ORANGE}
    expected = {"sex", "age", "death", "incident", "governorate", "place", "party"}
    assert coloured == {f"{name}_{side}" for name in expected for side in "ab"}, "one script each: the names aren't compared"


def test_what_is_equal_is_not_coloured_whatever_it_is_called(book: Any) -> None:
    row = row_of(book["Pairs"], "Q-alike")
    assert [name for name, one in row.items() if one.fill.fgColor.rgb == ORANGE] == []


def test_only_the_three_yellow_columns_can_be_changed(book: Any) -> None:
    for sheet in book.worksheets[1:4]:
        assert sheet.protection.sheet
        for row in sheet.iter_rows(min_row=FIRST):
            open_cells = [sheet.cell(1, c.column).value for c in row if not c.protection.locked]
            assert open_cells == ["answer", "why", "who"]
            assert [sheet.cell(1, c.column).value for c in row if c.fill.fgColor.rgb == YELLOW] == open_cells


def test_the_answers_are_a_list_to_choose_from(book: Any) -> None:

    def offered(name: str) -> list[str]:
        (rule,) = book[name].data_validations.dataValidation
        assert str(rule.sqref).startswith(f"B{FIRST}")
        return [c.value for row in book["lists"][rule.formula1.removeprefix("lists!").replace("$", "")] for c in row]

    assert offered("Pairs") == ["same", "different", "unsure"]
    assert offered("Candidates") == ["confirmed", "refused", "unsure"]
    assert offered("Places") == ["Hama [SY05]", "Idlib [SY07]", "unsure"]


def test_the_head_stays_in_view_and_what_identifies_a_question_is_hidden_from_it(book: Any) -> None:
    sheet = book["Pairs"]
    assert (sheet.freeze_panes, sheet.row_dimensions[1].hidden) == ("C4", True)
    assert sheet.auto_filter.ref.startswith("A3:")
    columns = columns_of(sheet)
    hidden = [n for n, d in columns.items() if sheet.column_dimensions[sheet.cell(1, d).column_letter].hidden]
    assert hidden and set(hidden) <= {"kind", "check"}


def test_a_candidate_is_shown_with_its_passage(desk: Desk) -> None:
    desk.export(kind="candidate")
    sheet = desk.book()["Candidates"]
    passages = [sheet.cell(row, columns_of(sheet)["text"]).value for row in range(FIRST, sheet.max_row + 1)]
    assert len(passages) == 5 and all("⟦" in p and "⟧" in p for p in passages)


def test_in_arabic_everything_runs_from_the_right(desk: Desk) -> None:
    desk.export(language="ar")
    book = desk.book()
    assert book.sheetnames[:4] == ["اقرأ أولا", "أزواج", "إفادات مرشحة", "أماكن"]
    assert all(sheet.sheet_view.rightToLeft for sheet in book.worksheets[:4])
    row = row_of(book["أزواج"], "Q-alike")
    assert (row["sex_a"].value, row["governorate_a"].value) == ("ذكر", "إدلب")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_arabic_cell_is_aligned_right_on_any_sheet(desk: Desk, language: str) -> None:
    desk.export(language=language)
    sheet = desk.book().worksheets[1]
    row = row_of(sheet, "Q-alike")
    assert (row["name_ar_a"].alignment.horizontal, row["name_ar_a"].alignment.readingOrder) == ("right", 2)
    assert row["subject_a"].alignment.horizontal == "left"


def test_no_value_of_a_capture_becomes_a_formula_or_a_link(desk: Desk) -> None:
    desk.export()
    values = [c for sheet in desk.book().worksheets for row in sheet.iter_rows() for c in row if c.value is not None]
    assert not [c for c in values if c.data_type == "f" or c.hyperlink]
    assert '=HYPERLINK("http://x")' in [c.value for c in values]
    desk.export("pairs.csv", kind="pair")
    with (desk.folder / "pairs.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert '\'=HYPERLINK("http://x")' in cells
    assert not [c for c in cells if c[:1] in {"=", "+", "-", "@"}]


def test_the_same_questions_give_the_same_bytes_for_their_owner_alone(desk: Desk) -> None:
    desk.export("one.xlsx")
    desk.export("two.xlsx")
    assert (desk.folder / "one.xlsx").read_bytes() == (desk.folder / "two.xlsx").read_bytes()
    assert stat.S_IMODE((desk.folder / "one.xlsx").stat().st_mode) == 0o600
    assert not list(desk.folder.glob(".*.part"))


def test_the_limit_goes_by_kind_and_in_the_order_of_the_queue(desk: Desk) -> None:
    assert desk.export(limit=2).by_kind == {"pair": 2, "candidate": 2, "place": 1, "quality": 2}
    sheet = desk.book()["Pairs"]
    assert [sheet.cell(row, 1).value for row in (FIRST, FIRST + 1)] == [f"Q-{name}" for name in list(PAIRS)[:2]]


def test_a_file_that_may_hold_answers_is_not_overwritten(desk: Desk) -> None:
    (desk.folder / "mine.xlsx").write_bytes(b"answers")
    with pytest.raises(CasualtyError, match="exists, and may hold answers"):
        export_questions(desk.home, desk.folder / "mine.xlsx")
    assert (desk.folder / "mine.xlsx").read_bytes() == b"answers"


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("a.xlsx", {"kind": "rumour"}, "expected one of pair, contradiction, candidate, place"),
        ("a.xlsx", {"kind": "blocking"}, "that a file can answer"),
        ("a.xlsx", {"language": "fr"}, "expected one of en, ar"),
        ("a.ods", {}, "ends in .xlsx or .csv"),
        ("a.csv", {}, "a CSV file holds one kind of question"),
    ],
)
def test_what_cannot_be_exported_is_said(desk: Desk, name: str, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(CasualtyError, match=reason):
        export_questions(desk.home, desk.folder / name, **options)
    assert not (desk.folder / name).exists()


def test_without_questions_there_is_no_file(desk: Desk) -> None:
    assert desk.export(kind="contradiction").path is None
    assert not (desk.folder / "review.xlsx").exists()


def test_every_language_says_the_same_things() -> None:
    def keys(texts: Any, path: str = "") -> set[str]:
        if not isinstance(texts, dict):
            return {f"{path}{len(texts) if isinstance(texts, list) else ''}"}
        return set().union(*(keys(value, f"{path}.{key}") for key, value in texts.items()))

    first, *others = (keys(wording(language)) for language in LANGUAGES)
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [((43, 43), (43, 44), False), ((43, 43), (44, 45), True), ((44, 45), (43, 43), True), ((43, 43), (None, 50), True)],
)
def test_ranges_that_overlap_can_both_be_right(one: tuple[int, int], other: tuple[int, int], differs: bool) -> None:
    def facts(ages: tuple[int | None, int | None]) -> Facts:
        ranges = {"age": ages} if None not in ages else {}
        return Facts("R-1", "record:a/1", "2020-03", {"age": str(ages), "source": str(ages)}, {}, ranges)

    assert facts(one).differs(facts(other), "age") == differs
    assert not facts(one).differs(facts(other), "source"), "two records of one person come from two sources"


def test_a_cell_holds_one_line_that_a_workbook_can_hold() -> None:
    assert cell("a\r\n  b\x00c\ufffe\u200fد") == "a b c \u200fد"
    assert len(cell("ع" * 40_000)) == 2_000


def test_nothing_is_left_beside_a_file_that_cannot_be_written(desk: Desk) -> None:
    blocked = desk.folder / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(CasualtyError, match="can't write"):
        export_questions(desk.home, blocked / "a.xlsx")
