"""Rows of CSV and XLSX files with their exact positions, read defensively: whatever the bytes are, a reason comes back."""

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import openpyxl
import polars as pl

from casualty_pipeline.captures.connectors.batch import Rejection

LONGEST_LINE = 1_000_000  # characters
LARGEST_WORKBOOK = 500_000_000  # bytes, unpacked: more is a mistake or a zip bomb
MOST_COLUMNS = 1_000
ROW = "\0row"  # the column of row numbers: no header can hold a NUL
_SLICE = 125_000  # rows: about one row group of DuckDB
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
            reason = f"expected {len(self.header)} columns as in the header, found {len(row)}: check quotes and delimiters"
            self.rejections.append(Rejection(self.name, number, None, "|".join(row)[:200], reason))
            return
        self._latest.append(row)
        self._numbers.append(number)
        if len(self._latest) >= _SLICE:
            self.frames()


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
    try:
        with zipfile.ZipFile(path) as package:
            unpacked = sum(item.file_size for item in package.infolist())
        if unpacked > LARGEST_WORKBOOK:
            return [Sheet(None).refuse(f"{unpacked:,} bytes when unpacked; expected at most {LARGEST_WORKBOOK:,}")]
        with path.open("rb") as file:  # by its bytes: objects of the archive have no suffix for openpyxl to go by
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
            names = [n for n in workbook.sheetnames if not only or n == only]
            if not names:
                return [Sheet(None).refuse(f"expected a sheet {only!r}; found: {', '.join(workbook.sheetnames)[:200]}")]
            return [_read_worksheet(name, workbook[name]) for name in names]
    except Exception as problem:
        return [Sheet(None).refuse(f"not a workbook that can be read ({type(problem).__name__}): save it anew as XLSX")]


def _read_worksheet(name: str, worksheet: openpyxl.worksheet._read_only.ReadOnlyWorksheet) -> Sheet:
    sheet = Sheet(name)
    worksheet.reset_dimensions()  # a workbook may claim a million empty rows and columns
    for number, values in enumerate(worksheet.iter_rows(values_only=True), start=1):
        row = [_cell(v) for v in values]
        if not sheet.header:
            while row and not row[-1].strip():
                row.pop()
            if row:
                sheet.header = [h.strip() for h in row]
                if problem := _header_problem(sheet.header):
                    return sheet.refuse(problem)
            continue
        padded = row + [""] * (len(sheet.header) - len(row))
        # A workbook's rows may be wider than its header, by formatting alone.
        surplus = padded[len(sheet.header) :]
        sheet.add(number, padded if any(c.strip() for c in surplus) else padded[: len(sheet.header)])
    return sheet if sheet.header else sheet.refuse("the sheet is empty")


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
