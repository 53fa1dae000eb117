"""Rows of CSV and XLSX files with their exact positions, whatever the bytes are."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.connectors.sheets import LONGEST_LINE, Sheet, read_csv, read_sheets, read_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sheets")


def sheet_of(folder: Path, content: str | bytes) -> Sheet:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_csv(path)


def workbook_of(folder: Path, rows: Sequence[Sequence[object]], title: str = "people") -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    path = folder / "workbook"
    workbook.save(path)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_the_header_has(folder: Path, delimiter: str) -> None:
    sheet = sheet_of(folder, delimiter.join("abc") + "\n" + delimiter.join("123") + "\n")
    assert (sheet.header, sheet.rows) == (["a", "b", "c"], [["1", "2", "3"]])


def test_empty_rows_are_none_and_rows_keep_the_numbers_of_a_spreadsheet(folder: Path) -> None:
    sheet = sheet_of(folder, 'a,b\n1,"two\nlines"\n,\n\n3,4\n')
    assert sheet.rows == [["1", "two\nlines"], ["3", "4"]]
    assert sheet.row_numbers == [2, 5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_that_says_its_encoding_is_read(folder: Path, encoding: str) -> None:
    sheet = sheet_of(folder, "الاسم,العمر\nتامو,40\n".encode(encoding))
    assert (sheet.header, sheet.rows, sheet.rejections) == (["الاسم", "العمر"], [["تامو", "40"]], [])


def test_a_ragged_row_is_rejected_alone(folder: Path) -> None:
    sheet = sheet_of(folder, "a,b\n1\n2,3\n4,5,6\n")
    assert sheet.rows == [["2", "3"]]
    assert [(r.row_number, r.value) for r in sheet.rejections] == [(2, "1"), (4, "4|5|6")]
    assert "expected 2 columns as in the header, found 1" in sheet.rejections[0].reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n\na,b\n", "the first row is empty"),
        (b",,\n1,2,3\n", "the first row is empty"),
        (b"\xef\xbb\xbf", "the file holds no rows"),
        (b"a,b,a\n1,2,3\n", "the column 'a' stands twice in the header"),
        (",".join(f"c{n}" for n in range(1001)).encode(), "1001 columns; expected at most 1000"),
        ("name\nتامو\n".encode("cp1256"), "not UTF-8 (byte 0x"),
        (b"a,b\n1,\0\n", "line 2 holds a NUL byte"),
        (b'a,b\n1,2\n3,"4"5\n', "not a CSV file, from row 3 on"),
        (b'a,b\n1,"2\n3,4\n', "not a CSV file, from row 2 on"),
        (b"a,b\n" + b"x" * (LONGEST_LINE + 1), "line 2 is longer than 1,000,000 characters"),
        ("a,b\n1,2".encode("utf-16")[:-1], "not UTF-8"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_file_that_breaks_off_is_refused_whole(folder: Path, content: bytes, reason: str) -> None:
    """Half of a file would be a wrong file."""
    sheet = sheet_of(folder, content)
    (rejection,) = sheet.rejections
    assert reason in rejection.reason
    assert (sheet.header, sheet.rows, rejection.row_number) == ([], [], None)


def test_a_line_of_200_megabytes_is_refused_without_being_read(folder: Path) -> None:
    path = folder / "one-line.csv"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    try:
        sheet = read_csv(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        path.unlink()
    assert "longer than" in sheet.rejections[0].reason
    assert peak < 30_000_000


def test_a_workbook_is_read_as_it_is_shown(folder: Path) -> None:
    midnight, later = (datetime.fromisoformat(f"2020-03-05T{time}") for time in ("00:00", "14:30"))
    rows: list[list[object]] = [
        ["no", "age", "day", "seen", "yes"],
        [1, 40.0, midnight, later, True],
        [2, None, date(2020, 3, 6)],
        [None, " "],
        [3, 1.5, "", "x", ""],
    ]
    (sheet,) = read_xlsx(workbook_of(folder, rows))
    assert sheet.header == ["no", "age", "day", "seen", "yes"]
    assert sheet.rows[0] == ["1", "40", "2020-03-05", "2020-03-05 14:30:00", "True"]
    assert sheet.rows[1:] == [["2", "", "2020-03-06", "", ""], ["3", "1.5", "", "x", ""]]
    assert sheet.row_numbers == [2, 3, 5]


def test_text_right_of_the_header_is_rejected(folder: Path) -> None:
    (sheet,) = read_xlsx(workbook_of(folder, [["a", "b"], ["1", "2", "stray"], ["3", "4"]]))
    assert sheet.rows == [["3", "4"]]
    assert [r.row_number for r in sheet.rejections] == [2]


def test_a_sheet_that_is_not_there_is_named(folder: Path) -> None:
    (sheet,) = read_xlsx(workbook_of(folder, [["a"]], title="people"), only="groups")
    assert sheet.rejections[0].reason == "expected a sheet 'groups'; found: people"


def test_a_workbook_that_claims_more_cells_than_it_has_costs_nothing(folder: Path) -> None:
    path = workbook_of(folder, [["a", "b"], ["1", "2"]])
    claimed = folder / "claims"
    with zipfile.ZipFile(path) as real, zipfile.ZipFile(claimed, "w", zipfile.ZIP_DEFLATED) as package:
        for item in real.infolist():
            content = real.read(item)
            package.writestr(item, content.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:XFD1048576"'))
    assert b"XFD1048576" in zipfile.ZipFile(claimed).read("xl/worksheets/sheet1.xml")
    (sheet,) = read_xlsx(claimed)
    assert (sheet.rows, sheet.rejections) == ([["1", "2"]], [])


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken off"])
def test_what_is_no_workbook_is_refused(folder: Path, content: bytes) -> None:
    path = folder / "broken"
    path.write_bytes(content)
    (sheet,) = read_xlsx(path)
    assert "not a workbook that can be read" in sheet.rejections[0].reason


def test_what_is_no_table_is_refused_by_its_media_type(folder: Path) -> None:
    (sheet,) = read_sheets(folder / "never opened", "image/png")
    assert sheet.rejections[0].reason == "expected a CSV or XLSX file; the bytes are image/png"


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_rows_or_reasons(folder: Path, content: bytes) -> None:
    sheets = [sheet_of(folder, content)]
    path = folder / "table.csv"
    for media_type in (XLSX, "text/csv", "image/png"):
        sheets += read_sheets(path, media_type)
    for sheet in sheets:
        assert sheet.header or sheet.rejections
        assert len(sheet.rows) == len(sheet.row_numbers)
        assert all(len(row) == len(sheet.header) for row in sheet.rows)


_CELLS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=8), min_size=1, max_size=4)


@settings(deadline=None)
@given(st.lists(_CELLS, max_size=6))
def test_the_books_balance(folder: Path, rows: list[list[str]]) -> None:
    """Principle 3: every row that isn't empty is read or rejected."""
    out = io.StringIO()
    csv.writer(out).writerows([["a", "b"], *rows])
    sheet = sheet_of(folder, out.getvalue())
    written = [row for row in rows if any(cell.strip() for cell in row)]
    assert len(sheet.rows) + len(sheet.rejections) == len(written)
    assert sheet.rows == [row for row in written if len(row) == 2]
