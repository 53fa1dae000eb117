"""Output of Bellingcat's auto-archiver: its sheet or CSV, its metadata in JSON. Each archived item is a post, each file kept
of it an attachment with the hash that the tool gave.

Here belongs which files are read and how items stand in them; what an item says is in `items`. The page
docs/connectors/auto-archiver.md says how to export and declare.
"""

import json
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.auto_archiver.items import (
    COLUMNS,
    Item,
    ItemError,
    item_of_metadata,
    item_of_row,
)
from casualty_pipeline.captures.connectors.auto_archiver.literals import NotALiteralError, read_literal
from casualty_pipeline.captures.connectors.batch import Batch, Position
from casualty_pipeline.captures.connectors.sheets import Sheet, read_sheets
from casualty_pipeline.captures.prose import READER_VERSION
from casualty_pipeline.captures.sources import Source

T = TypeVar("T")
LARGEST_JSON = 16 << 20  # bytes: thousands of items
MOST_ITEMS = 100_000  # of a file
_CSV_DB = {"status", "metadata", "media"}
_TABLES = (".csv", ".tsv", ".xlsx")


class AutoArchiver:
    """The connector of auto-archiver's output.

    Option `columns`: names of the sheet's columns, where they aren't auto-archiver's own, as in its configuration.
    """

    version = f"1+{READER_VERSION}"  # a better reader of free text reads old posts again

    def reads(self, source: Source, entry: Entry) -> bool:  # noqa: ARG002 - the contract
        """Tables and JSON. All else that lies there (pages, media, WACZ packages) is what was archived."""
        return entry.original_name.lower().endswith((*_TABLES, ".json", ".jsonl"))

    def read(self, source: Source, entry: Entry, path: Path, batch: Batch) -> None:
        """Read one file of the output into the batch. Never raises for what it holds."""
        if not self.reads(source, entry):
            return
        batch.read.setdefault(entry.entry_id, 0)
        reading = _Reading(source, entry, batch)
        if entry.original_name.lower().endswith(_TABLES):
            for sheet in read_sheets(path, entry.media_type):
                reading.sheet(sheet)
        else:
            reading.json(path)


CONNECTOR = AutoArchiver()


@dataclass
class _Reading:
    """The way through one file."""

    source: Source
    entry: Entry
    batch: Batch

    @property
    def folder(self) -> str:
        """Where the file lies in the delivery, and what it names beside it."""
        return posixpath.dirname(self.entry.original_name)

    def sheet(self, sheet: Sheet) -> None:
        """Read a sheet: of `csv_db`, whose cells hold Python values, or the sheet that auto-archiver works on."""
        self.batch.rejections += [(self.entry, r) for r in sheet.rejections]
        if not sheet.header:
            return
        header = [name.lower() for name in sheet.header]
        given = self.source.options.get("columns", {})
        names = COLUMNS | {k: str(v) for k, v in (given.items() if isinstance(given, dict) else ()) if k in COLUMNS}
        columns = {field: header.index(name.lower()) for field, name in names.items() if name.lower() in header}
        csv_db = set(header) >= _CSV_DB
        if not csv_db and not {"url", "status"} <= set(columns):
            expected = f"{names['url']!r} and {names['status']!r}, or 'status', 'metadata' and 'media'"
            reason = (
                f"expected the columns {expected}; found: {', '.join(sheet.header)[:300]}. Name yours in options.columns"
            )
            self.batch.reject(self.entry, reason, Position(sheet.name))
            return
        for number, cells in zip(sheet.row_numbers, sheet.rows, strict=True):
            at = Position(sheet.name, number)
            if csv_db:
                self.item(self.of_cells, dict(zip(header, cells, strict=True)), at)
                continue
            row = {field: cells[index].strip() for field, index in columns.items()}
            if row["url"] or row["status"]:
                self.item(item_of_row, row, at)

    def json(self, path: Path) -> None:
        """Read metadata in JSON: of one item, a list of them, or one to a line."""
        if (size := path.stat().st_size) > LARGEST_JSON:
            self.batch.reject(self.entry, f"{size:,} bytes of JSON; expected at most {LARGEST_JSON:,}: send it in parts")
            return
        text = path.read_bytes().decode("utf-8-sig", "replace")
        filled = ((n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip())
        lines = list(islice(filled, MOST_ITEMS + 1))
        if len(lines) > 1 and lines[0][1].rstrip().endswith("}"):
            self.items(self.of_line, [(line, Position(row_number=n)) for n, line in lines])
            return
        try:
            given = _json(text)
        except ItemError as problem:
            self.batch.reject(self.entry, str(problem))
            return
        if isinstance(given, list):
            self.items(self.of_metadata, [(one, Position(pointer=f"/{n}")) for n, one in enumerate(given[: MOST_ITEMS + 1])])
        else:
            self.item(self.of_metadata, given, Position(pointer=""))

    def items(self, read: Callable[[T], Item], given: list[tuple[T, Position]]) -> None:
        """Take in the items of a file, unless they are more than a file of this kind can hold."""
        if len(given) > MOST_ITEMS:
            self.batch.reject(self.entry, f"more than {MOST_ITEMS:,} items: send them in parts")
            return
        for one, at in given:
            self.item(read, one, at)

    def of_metadata(self, given: object) -> Item:
        """The item of metadata that lie in this file's folder."""
        return item_of_metadata(given, self.folder)

    def of_cells(self, row: dict[str, str]) -> Item:
        """The item of a row of `csv_db`."""
        return self.of_metadata(_metadata(row))

    def of_line(self, line: str) -> Item:
        """The item of a line of JSON."""
        return self.of_metadata(_json(line))

    def item(self, read: Callable[[T], Item], given: T, at: Position) -> None:
        """Take in an item: a post with its attachments, or a rejection."""
        try:
            item = read(given)
        except ItemError as problem:
            self.batch.reject(self.entry, str(problem), at, column_name=problem.column, value=problem.value)
            return
        self.batch.post(self.source, self.entry, item.key, item.fields, at)
        for file in item.files:
            self.batch.attach(self.source, self.entry, item.key, file.fields, at)
            if file.strange_hash:
                reason = "expected a hash as SHA-256:... or SHA3-512:... in hex; the file is taken in without"
                self.batch.reject(self.entry, reason, at, column_name="hash", value=file.strange_hash)


def _metadata(row: dict[str, str]) -> dict[str, Any]:
    """What a row of `csv_db` holds. Raises ItemError."""
    found: dict[str, Any] = {"status": row["status"]}
    for column in ("metadata", "media"):
        try:
            found[column] = read_literal(row[column])
        except NotALiteralError as problem:
            raise ItemError(column, f"expected what auto-archiver's csv_db writes: {problem}", row[column]) from problem
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as problem:
        raise ItemError("metadata", f"not JSON: {problem}") from problem
