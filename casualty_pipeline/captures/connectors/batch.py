"""What a connector hands on: statements, citations, posts and pages, attachments, and what it couldn't read.

Here belongs the shape of what was read. How a format is read is for its connector, what becomes of it for
`casualty_pipeline.captures.intake`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from casualty_pipeline.captures.archive import Archive, Entry
from casualty_pipeline.captures.sources import CITATION_FIELDS, Source
from casualty_pipeline.tables import STATEMENT_FIELDS


@dataclass(frozen=True)
class Rejection:
    """A row, or a whole file (`row_number` and `pointer` None), that can't be read, and why."""

    sheet: str | None
    row_number: int | None
    column_name: str | None
    value: str | None
    reason: str
    pointer: str | None = None


@dataclass(frozen=True)
class Position:
    """Where in a capture something stands: sheet and row, counted as a spreadsheet counts them; or a pointer.

    A pointer is a JSON pointer (RFC 6901), or `offset:N` for the record of a WARC file that begins at byte N.
    """

    sheet: str | None = None
    row_number: int | None = None
    pointer: str | None = None


PROVENANCE = ("entry_id", "source", "capture_sha256", "file", "sheet", "row_number", "pointer", "received_at")
STATEMENT_COLUMNS = (
    *PROVENANCE,
    "connector_version",
    "statement",
    "candidate",
    "source_key",
    *(c.name for c in STATEMENT_FIELDS),
    "known_date",
    "extra",
)
CITATION_COLUMNS = (*PROVENANCE, "source_key", *CITATION_FIELDS)
TEXT_FIELDS = ("published", "edited", "author", "original_source", "reply_to", "url", "archive_url", "title", "content")
TEXT_COLUMNS = (*PROVENANCE, "source_key", *TEXT_FIELDS)
ATTACHMENT_FIELDS = ("role", "name", "url", "claimed_algorithm", "claimed_hash")
ATTACHMENT_COLUMNS = (*PROVENANCE, "source_key", *ATTACHMENT_FIELDS)
_NOT_TEXT = {"row_number": pl.Int32, "candidate": pl.Boolean}


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={c: _NOT_TEXT.get(c, pl.String) for c in columns}, orient="row")


def _sound(text: str | None) -> str | None:
    """Text that a column can hold: lone surrogates, which UTF-8 has no bytes for, become U+FFFD. Blank becomes null."""
    if text is None or not text.strip():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text  # the same string, which many rows may share: half a million posts of one channel hold its name once


def _shown(pointer: str | None) -> str | None:
    """A pointer that a column can hold. An empty one stays: it is the whole document."""
    return _sound(pointer) if pointer else pointer


@dataclass
class Batch:
    """What the captures of a run say: frames of strings with their positions, and what couldn't be read.

    `archive`: where a connector finds the captures that came along with the one it reads, if its format has several files.
    """

    statements: list[pl.DataFrame] = field(default_factory=list)
    citations: list[pl.DataFrame] = field(default_factory=list)
    rejections: list[tuple[Entry, Rejection]] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)  # entry_id -> statements and citations read
    _statements: list[dict[str, Any]] = field(default_factory=list)
    posts: list[tuple[Source, Entry, dict[str, Any]]] = field(default_factory=list)  # rows of TEXT_COLUMNS
    _attachments: list[dict[str, Any]] = field(default_factory=list)
    archive: Archive | None = None

    def reject(self, entry: Entry, reason: str, at: Position | None = None, **where: str) -> None:
        """Something that can't be read, and why. `where` may name a `column_name` and a `value`."""
        at = at or Position()
        column, value = _sound(where.get("column_name")), _sound(where.get("value", "")[:200])
        found = Rejection(_sound(at.sheet), at.row_number, column, value, _sound(reason) or "?", _shown(at.pointer))
        self.rejections.append((entry, found))

    def state(
        self,
        source: Source,
        entry: Entry,
        statement: str,
        key: str,
        fields: Mapping[str, str | None],
        at: Position,
        extra: str | None = None,
        candidate: bool = False,
    ) -> None:
        """One statement (`person`, `group` or `incident`): strings as given, under names of STATEMENT_FIELDS.

        `candidate`: read by rule from free text; it counts only once a person has confirmed it.
        """
        row = _provenance(source, entry, at) | {
            "connector_version": source.version,
            "statement": statement,
            "candidate": candidate,
            "source_key": _sound(key) or "?",
            "extra": _sound(extra),
        }
        self._statements.append(row | {name: _sound(value) for name, value in fields.items()})
        self.read[entry.entry_id] = self.read.get(entry.entry_id, 0) + 1

    def post(self, source: Source, entry: Entry, key: str, fields: Mapping[str, str | None], at: Position) -> None:
        """A post, message or page as it stands, under names of TEXT_FIELDS. Intake looks for candidates in its content."""
        row = _provenance(source, entry, at) | {"source_key": _sound(key) or "?"}
        self.posts.append((source, entry, row | {name: _sound(value) for name, value in fields.items()}))

    def attach(self, source: Source, entry: Entry, key: str, fields: Mapping[str, str | None], at: Position) -> None:
        """A file that a statement or post names, under names of ATTACHMENT_FIELDS. `name` is relative to the delivery.

        A hash that the sender gave for it is compared with the bytes, once they are in the archive.
        """
        row = _provenance(source, entry, at) | {"source_key": _sound(key) or "?"}
        self._attachments.append(row | {name: _sound(value) for name, value in fields.items()})

    @property
    def texts(self) -> pl.DataFrame:
        """Posts, messages and pages. Columns: TEXT_COLUMNS."""
        return _frame([row for _, _, row in self.posts], TEXT_COLUMNS)

    @property
    def attachments(self) -> pl.DataFrame:
        """Files that statements and posts name. Columns: ATTACHMENT_COLUMNS."""
        return _frame(self._attachments, ATTACHMENT_COLUMNS)

    def all_statements(self) -> pl.DataFrame:
        """Every statement. Columns: STATEMENT_COLUMNS."""
        return pl.concat([_frame([], STATEMENT_COLUMNS), *(whole(s, STATEMENT_COLUMNS) for s in self.slices())])

    def forget_statements(self) -> None:
        """Let go of the statements: whoever took the slices writes them, and frees each when it is written."""
        self.statements.clear()
        self._statements.clear()

    def slices(self) -> list[pl.DataFrame]:
        """The statements as they were read, a frame for each reading; a column that nothing fills isn't there."""
        return [*self.statements, *([_frame(self._statements, STATEMENT_COLUMNS)] if self._statements else [])]


def whole(frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """The frame with every one of the columns: null where it lacks one."""
    missing = [c for c in columns if c not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=_NOT_TEXT.get(c, pl.String)).alias(c) for c in missing).select(columns)


def _provenance(source: Source, entry: Entry, at: Position) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id,
        "source": source.id,
        "capture_sha256": entry.sha256,
        "file": entry.original_name,
        "sheet": at.sheet,
        "row_number": at.row_number,
        "pointer": _shown(at.pointer),
        "received_at": entry.received_at,
    }
