"""Ledgers as files: CSV, XLSX, JSON and JSON Lines become rows of cells, each with its place. Only their form is judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import Rejection
from casualty_pipeline.captures.connectors.ledger.entries import REQUIRED
from casualty_pipeline.captures.connectors.ledger.json_entries import JSON_NAMES, read_json
from casualty_pipeline.captures.connectors.sheets import Sheet, read_sheets

_JSON = "application/json"


@dataclass(frozen=True)
class Row:
    """One entry as it stands: its cells as text, and its place: sheet and row, or (in a line of) JSON a pointer."""

    entry: Entry
    cells: dict[str, str]
    sheet: str | None = None
    number: int | None = None
    pointer: str | None = None

    @property
    def place(self) -> str:
        """For a person: `sheet 2020, row 3` or `/decisions/0`."""
        parts = [f"sheet {self.sheet}" if self.sheet else "", f"row {self.number}" if self.number else ""]
        return ", ".join(part for part in [*parts, self.pointer or ""] if part) or "the file"

    def pointer_of(self, column: str) -> str | None:
        """Where a column of this row stands, in a file that has pointers."""
        return None if self.pointer is None else f"{self.pointer}/{column}" if column in self.cells else self.pointer


def read_rows(entry: Entry, path: Path) -> tuple[list[Row], list[Rejection]]:
    """The rows of one ledger, and what can't be read of it. Never raises for its content."""
    if entry.media_type == _JSON or entry.original_name.lower().endswith(JSON_NAMES):
        found = read_json(path, lines=entry.original_name.lower().endswith(JSON_NAMES[1:]))
        return [Row(entry, e.cells, None, e.line, e.pointer) for e in found.entries], found.rejections
    rows: list[Row] = []
    rejections: list[Rejection] = []
    for sheet in read_sheets(path, entry.media_type):
        rejections += sheet.rejections
        if not sheet.header:
            continue
        missing = [c for c in REQUIRED if c not in sheet.header]
        if missing:
            reason = f"expected a ledger with the columns {', '.join(REQUIRED)}; missing: {', '.join(missing)}"
            rejections.append(Rejection(sheet.name, None, None, None, f"{reason}: docs/decisions.md shows one"))
            continue
        rows += _rows(entry, sheet)
    return rows, rejections


def _rows(entry: Entry, sheet: Sheet) -> Iterator[Row]:
    for number, cells in zip(sheet.row_numbers, sheet.rows, strict=True):
        named = {name: cell.strip() for name, cell in zip(sheet.header, cells, strict=True)}
        yield Row(entry, named, sheet.name, number)
