"""Rows of CSV and XLSX files with their exact positions, read defensively: whatever the bytes are, a reason comes back."""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import polars as pl

from casualty_pipeline.captures.connectors.batch import Rejection
from casualty_pipeline.captures.connectors.packages import packing_problem, size_problem

if TYPE_CHECKING:  # every program that knows the sources imports this module; few of them read a workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

LONGEST_LINE = 1_000_000  # characters
LARGEST_WORKBOOK = 500_000_000  # bytes, unpacked: more is a mistake or a zip bomb
LONGEST_CELL = 131_072  # characters: four times what Excel allows, and what `csv` allows
LARGEST_PART = 2_000_000  # bytes of a part of a workbook that is neither a sheet nor its texts: styles, relations
MOST_COLUMNS = 1_000
ROW = "\0row"  # the column of row numbers: no header can hold a NUL
_SLICE = 122_880  # rows: one row group of DuckDB, so that no checkpoint has to put groups together
MOST_ROWS = 5_000_000  # of a CSV file: a record of two bytes costs a hundred in memory
LAST_ROW = 1_048_576  # of a workbook's sheet, by its standard
MOST_PARTS = 200_000  # XML elements of a row: 16,384 cells with all that can stand in them
_DELIMITERS = ",;\t|"


@dataclass
class Sheet:
    """One sheet: its header, its rows with the row numbers that a spreadsheet shows, and what was rejected on the way.

    Rows are kept as columns, a slice of them at a time: as lists of strings, a million of them would take gigabytes.
    """

    name: str | None
    header: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    _latest: list[list[str]] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)
    _slices: list[pl.DataFrame] = field(default_factory=list)

    @property
    def rows(self) -> list[list[str]]:
        """Every row as a list of strings, blank ones too."""
        return [list(row[:-1]) for slice_ in self.frames() for row in slice_.iter_rows()]

    @property
    def row_numbers(self) -> list[int]:
        """The number of every row, counted from 1, the header included."""
        return [number for slice_ in self.frames() for number in slice_[ROW]]

    def frames(self) -> list[pl.DataFrame]:
        """The rows as frames of strings, a column for each of the header by its place (`0`, `1`, ...), and `ROW`."""
        if self._latest:
            columns = {str(n): pl.Series(c, dtype=pl.String) for n, c in enumerate(zip(*self._latest, strict=True))}
            self._slices.append(pl.DataFrame({**columns, ROW: pl.Series(self._numbers, dtype=pl.Int32)}))
            self._latest, self._numbers = [], []
        return self._slices

    def refuse(self, reason: str) -> "Sheet":
        """Reject the sheet as a whole: nothing of it is read."""
        self.header, self._latest, self._numbers, self._slices = [], [], [], []
        self.rejections.append(Rejection(self.name, None, None, None, reason))
        return self

    def add(self, number: int, row: list[str]) -> None:
        """Take in a row, or reject it. Wholly empty rows are not rows."""
        if not any(cell.strip() for cell in row):
            return
        if len(row) != len(self.header):
            self.reject(number, len(row), row)
            return
        self._latest.append(row)
        self._numbers.append(number)
        if len(self._latest) >= _SLICE:
            self.frames()

    def reject(self, number: int, width: int, row: Sequence[str]) -> None:
        """Reject a row that isn't as wide as the header."""
        reason = f"expected {len(self.header)} columns as in the header, found {width}: check quotes and delimiters"
        self.rejections.append(Rejection(self.name, number, None, "|".join(row)[:200], reason))


class _UnreadableError(Exception):
    """Carries the reason out of a reader."""


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise _UnreadableError(f"line {number} is longer than {LONGEST_LINE:,} characters: not a table")
        if "\0" in line:
            raise _UnreadableError(f"line {number} holds a NUL byte: not a text file")
        yield line


def _header_problem(header: list[str]) -> str | None:
    names = [h for h in header if h]
    if not names:
        return "the first row is empty: expected the names of the columns there"
    if len(header) > MOST_COLUMNS:
        return f"{len(header)} columns; expected at most {MOST_COLUMNS}"
    twice = sorted({n for n in names if names.count(n) > 1})
    return f"the column {twice[0][:100]!r} stands twice in the header" if twice else None


def read_csv(path: Path) -> Sheet:
    """Read a delimited text file. Never raises for what the file holds."""
    sheet, number = Sheet(None), 0
    if path.stat().st_size == 0:
        return sheet.refuse("the file is empty")
    with path.open("rb") as raw:
        head = raw.read(4)
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        with path.open(encoding=encoding, newline="") as file:
            first = next(_lines(file), "")
            file.seek(0)
            delimiter = max(_DELIMITERS, key=first.count)
            for number, row in enumerate(csv.reader(_lines(file), delimiter=delimiter, strict=True), start=1):
                if number == 1:
                    sheet.header = [h.strip() for h in row]
                    if problem := _header_problem(sheet.header):
                        return sheet.refuse(problem)
                elif number > MOST_ROWS + 1:
                    raise _UnreadableError(f"more than {MOST_ROWS:,} rows: send it in parts")
                else:
                    sheet.add(number, row)
    except UnicodeDecodeError as problem:
        byte = problem.object[problem.start]
        return _nothing_of(sheet, f"not UTF-8 (byte 0x{byte:02x} near offset {problem.start}): save it as CSV in UTF-8")
    except (csv.Error, _UnreadableError) as problem:
        return _nothing_of(sheet, f"not a CSV file, from row {number + 1} on: {problem}")
    return sheet if sheet.header else sheet.refuse("the file holds no rows")


def _nothing_of(sheet: Sheet, reason: str) -> Sheet:
    """A file that breaks off is rejected whole: half of a file would be a wrong file."""
    return Sheet(sheet.name).refuse(reason)


def read_xlsx(path: Path, only: str = "") -> list[Sheet]:
    """Read the sheets of a workbook, or the one that is named. Never raises for what the file holds."""
    import openpyxl

    try:
        with zipfile.ZipFile(path) as package:
            problem = _package_problem(package.infolist(), path.stat().st_size)
        if problem:
            return [Sheet(None).refuse(problem)]
        with path.open("rb") as file:  # by its bytes: objects of the archive have no suffix for openpyxl to go by
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheets = workbook.worksheets  # those of charts aren't among them
            parts, titles = {s._worksheet_path for s in sheets}, {s.title for s in sheets}
            if min(len(parts), len(titles)) < len(sheets):
                return [Sheet(None).refuse("two sheets have one name, or one content: save it anew as XLSX")]
            wanted = [s for s in sheets if not only or s.title == only]
            if not wanted:
                names = ", ".join(s.title for s in sheets)[:200]
                return [Sheet(None).refuse(f"expected a sheet {only!r}; found: {names}")]
            return [_read_worksheet(s.title, s) for s in wanted]
    except Exception as problem:
        return [Sheet(None).refuse(f"not a workbook that can be read ({type(problem).__name__}): save it anew as XLSX")]


def _package_problem(members: Sequence[zipfile.ZipInfo], packed: int) -> str | None:
    unpacked = sum(m.file_size for m in members)
    if problem := packing_problem(members) or size_problem(unpacked, packed, LARGEST_WORKBOOK):
        return problem
    # openpyxl makes an object of a kilobyte of every element in these, before it comes to a sheet.
    others = (m for m in members if m.filename.lower().endswith((".xml", ".rels")) and not _is_table_part(m.filename))
    large = next((m for m in others if m.file_size > LARGEST_PART), None)
    if large is None:
        return None
    return f"{large.filename[:100]!r} has {large.file_size:,} bytes; expected at most {LARGEST_PART:,}: send it as CSV"


def _is_table_part(name: str) -> bool:
    return name.startswith("xl/worksheets/") or name.lower() == "xl/sharedstrings.xml"


def _read_worksheet(name: str, worksheet: "ReadOnlyWorksheet") -> Sheet:
    sheet = Sheet(name)
    try:
        for number, cells in _rows(worksheet):
            width = max(cells, default=0)
            if not sheet.header and width > MOST_COLUMNS:
                return sheet.refuse(f"{width:,} columns; expected at most {MOST_COLUMNS}")
            if not sheet.header and cells:
                sheet.header = [cells.get(column, "").strip() for column in range(1, width + 1)]
                if problem := _header_problem(sheet.header):
                    return sheet.refuse(problem)
            elif width > len(sheet.header):
                sheet.reject(number, width, [cells[column] for column in sorted(cells)])
            elif cells:
                sheet.add(number, [cells.get(column, "") for column in range(1, len(sheet.header) + 1)])
    except _UnreadableError as problem:
        return _nothing_of(sheet, str(problem))
    return sheet if sheet.header else sheet.refuse("the sheet is empty")


def _rows(worksheet: "ReadOnlyWorksheet") -> Iterator[tuple[int, dict[int, str]]]:
    """The rows by their numbers, each with its cells that aren't blank by their columns, both from 1.

    openpyxl's own way through a sheet fills every gap between row numbers with empty rows, however large they are, and
    passes over rows and cells that stand out of order without a word; its parser of a row is used all the same.
    """
    from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser
    from openpyxl.xml.functions import iterparse

    book, before, parts = worksheet.parent, 0, 0
    with worksheet._get_source() as file:
        dates = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats}
        parser = WorkSheetParser(file, worksheet._shared_strings, data_only=True, epoch=book.epoch, **dates)
        for _, element in iterparse(file):
            parts += 1
            if parts > MOST_PARTS:
                raise _UnreadableError(f"more than {MOST_PARTS:,} elements in one row, after row {before}: not a table")
            if element.tag == DATA_TAG:
                return
            if element.tag != ROW_TAG:
                continue
            number, found = parser.parse_row(element)
            element.clear()
            if not before < number <= LAST_ROW:
                expected = f"expected a row between {before + 1:,} and {LAST_ROW:,}, in ascending order"
                raise _UnreadableError(f"{expected}, found row {number:,}: save it anew as XLSX")
            cells = {cell["column"]: _cell(cell["value"]) for cell in found}
            if any(len(text) > LONGEST_CELL for text in cells.values()):
                raise _UnreadableError(f"a cell of row {number:,} has more than {LONGEST_CELL:,} characters: not a table")
            if len(cells) < len(found):
                raise _UnreadableError(f"two cells of row {number:,} stand in one column: save it anew as XLSX")
            yield number, {column: text for column, text in cells.items() if text.strip()}
            before, parts = number, 0


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).encode("utf-8", "replace").decode("utf-8")


def read_sheets(path: Path, media_type: str, only: str = "") -> list[Sheet]:
    """Read whatever kind of table the bytes are."""
    if media_type.endswith("spreadsheetml.sheet"):
        return read_xlsx(path, only)
    if media_type in {"text/csv", "text/plain"}:
        return [read_csv(path)]
    return [Sheet(None).refuse(f"expected a CSV or XLSX file; the bytes are {media_type}")]
