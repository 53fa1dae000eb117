"""How `benchmarks.fuzz` reads an input, and the books that it keeps of it.

`read` of a target raises UnbalancedError where the books don't balance; what else it raises is a bug of the connector. The
books are kept by other means than the connector's own where there are any: Python's `csv` and `json`.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.candidates import state_candidates
from casualty_pipeline.captures.connectors.batch import Batch, Rejection
from casualty_pipeline.captures.connectors.kobo.exports import read_export
from casualty_pipeline.captures.connectors.ledger import read_ledgers
from casualty_pipeline.captures.connectors.registry import connector
from casualty_pipeline.captures.connectors.sheets import Sheet, read_csv, read_sheets
from casualty_pipeline.captures.connectors.telegram import read_export as read_telegram
from casualty_pipeline.captures.connectors.web_archive.warc import Damage, Record, read_records
from casualty_pipeline.captures.media_types import XLSX, sniff
from casualty_pipeline.captures.sources import Source
from casualty_pipeline.profile import load_profile

_NOTHING = Batch().all_statements()


class UnbalancedError(Exception):
    """A row, message or record of the input that became nothing."""


@dataclass(frozen=True)
class Target:
    """One format: how its inputs are made and read. `read` returns how many things were taken in."""

    connector: str
    name: str  # of the file
    make: Callable[[Random], bytes]
    read: Callable[["Target", Path], int]
    source: Source


def entry_of(target: Target, path: Path) -> Entry:
    """What the archive would enter for the input, its media type told from its bytes."""
    content = path.read_bytes()
    media_type = sniff(content[:4096], target.name, lambda: path.open("rb"))
    sha256, received = hashlib.sha256(content).hexdigest(), "2020-04-01T00:00:00+00:00"
    name = f"in/{target.name}" if target.connector == "auto_archiver" else target.name
    return Entry("e-0", sha256, target.source.id, "d", name, received, media_type, len(content), "confidential", "fuzz")


def _balance(missing: object, what: str) -> None:
    if missing:
        raise UnbalancedError(f"{what}: {str(missing)[:500]}")


def _frames(batch: Batch) -> tuple[pl.DataFrame, int]:
    """Make every frame that intake makes of a batch: its statements, and how much was taken in."""
    _ = batch.attachments
    _rejected(batch.rejections)
    stated = batch.all_statements() if any(batch.read.values()) else _NOTHING
    return stated, stated.height + (batch.texts.height if batch.posts else 0)


def _rejected(rejections: list[tuple[Entry, Rejection]]) -> None:
    pl.DataFrame([vars(r) for _, r in rejections], schema_overrides={"row_number": pl.Int32}, infer_schema_length=None)
    _balance([r for _, r in rejections if not r.reason], "a rejection without a reason")


def _connected(target: Target, path: Path) -> tuple[Entry, Batch]:
    entry, batch = entry_of(target, path), Batch()
    connector(target.source.connector).read(target.source, entry, path, batch)
    return entry, batch


def _whole(rejections: list[tuple[Entry, Rejection]], sheet: str | None) -> bool:
    """Whether a sheet, or the file, was rejected as a whole."""
    return any(r.row_number is None and r.pointer is None and r.sheet in {sheet, None} for _, r in rejections)


def _rows(path: Path) -> set[int]:
    """The numbers of the rows of a CSV file that aren't blank, the header left out."""
    content = path.read_bytes()
    text = content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    first = next(iter(io.StringIO(text, newline="")), "")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=first.count))
    return {n for n, row in enumerate(rows, 1) if n > 1 and any(cell.strip() for cell in row)}


def read_table(target: Target, path: Path) -> int:
    """Every row is a statement or a rejection, or the file is rejected as a whole."""
    entry, batch = _connected(target, path)
    stated, taken = _frames(batch)
    if entry.media_type.endswith("sheet") and entry.sha256 > "4":
        return taken  # reading every workbook twice would halve the number of inputs
    sheets = [None] if not entry.media_type.endswith("sheet") else [s.name for s in read_sheets(path, entry.media_type)]
    for sheet in sheets:
        if _whole(batch.rejections, sheet):
            continue
        told = {r.row_number for _, r in batch.rejections if r.sheet == sheet}
        told |= set(stated.filter(stated["sheet"].eq_missing(pl.Series([sheet], dtype=pl.String)))["row_number"])
        there = _rows(path) if sheet is None else _xlsx_rows(path, sheet)
        _balance(there ^ told, f"rows of sheet {sheet}")
    _balance(len(batch.rejections) + taken == 0 and _filled(entry, path), "neither statement nor rejection")
    return taken


def _xlsx_rows(path: Path, sheet: str) -> set[int]:
    found = {s.name: s for s in read_sheets(path, XLSX)}[sheet]
    return {*found.row_numbers, *(r.row_number for r in found.rejections if r.row_number)}


def read_decisions(target: Target, path: Path) -> int:
    """Every row is a decision, a rejection, or the same decision again."""
    entry = entry_of(target, path)
    ledger = read_ledgers(load_profile("syria"), [(entry, path)], lambda _sha256, _moment: False)
    pl.DataFrame(ledger.decisions, infer_schema_length=None)
    _rejected(ledger.rejections)
    if entry.media_type.startswith("text/") and not _whole(ledger.rejections, None):
        told = {d["row_number"] for d in ledger.decisions} | {r.row_number for _, r in ledger.rejections}
        sheet = read_csv(path)
        at = sheet.header.index("decision_id")
        known = {d["decision_id"] for d in ledger.decisions}
        again = {n for n, row in zip(sheet.row_numbers, sheet.rows, strict=True) if row[at].strip() in known}
        _balance((_rows(path) - told - again) | (told - _rows(path)), "rows")
    _balance(not ledger.decisions and not ledger.rejections and _rows(path), "neither decision nor rejection")
    return len(ledger.decisions)


def read_form(target: Target, path: Path) -> int:
    """Every row of every table is a statement or a rejection, or its table or file is rejected as a whole."""
    entry, batch = _connected(target, path)
    stated, taken = _frames(batch)
    _balance(len(batch.rejections) + taken == 0 and _filled(entry, path), "neither statement nor rejection")
    if entry.sha256 > "4":
        return taken  # reading every export twice would cost a third of the inputs
    seen = Batch()
    for table in read_export(entry, path, seen):
        if _whole(batch.rejections, table.sheet):
            continue
        told = {r.row_number for _, r in batch.rejections if r.sheet == table.sheet}
        told |= set(stated.filter(stated["sheet"].eq_missing(pl.Series([table.sheet], dtype=pl.String)))["row_number"])
        _balance(set(table.frame["\0row"]) - told, f"rows of {table.sheet}")
    _balance([r for _, r in seen.rejections if r not in {s for _, s in batch.rejections}], "rejections of the reader")
    return taken


def _filled(entry: Entry, path: Path) -> bool:
    return any(sheet.rows for sheet in read_sheets(path, entry.media_type))


def read_victim_forms(target: Target, path: Path) -> int:
    """Every form is a statement or has a rejection."""
    _, batch = _connected(target, path)
    stated, taken = _frames(batch)
    _balance(not taken and not batch.rejections, "neither form nor rejection")
    rows = {*stated["row_number"].drop_nulls(), *(r.row_number for _, r in batch.rejections if r.row_number)}
    if rows or target.name.endswith("l"):  # a form in each line
        lines = enumerate(path.read_bytes().split(b"\n"), start=1)
        _balance(rows and {n for n, line in lines if line.removeprefix(b"\xef\xbb\xbf").strip()} - rows, "lines")
        return taken
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return taken
    if isinstance(document, list) and not _whole(batch.rejections, None):
        pointers = [*stated["pointer"], *(r.pointer or "" for _, r in batch.rejections)]
        _balance(set(range(len(document))) - {int(p.split("/")[1]) for p in pointers if p.startswith("/")}, "forms")
    return taken


def read_chat(target: Target, path: Path) -> int:
    """Every message is a post, a service message or a rejection."""
    entry, batch = entry_of(target, path), Batch()
    books = read_telegram(target.source, entry, path, batch)
    _candidates(entry, batch)
    _, taken = _frames(batch)
    _balance(books.posts != len(batch.posts), f"{books} against {len(batch.posts)} posts")
    _balance(not batch.posts and not batch.rejections and not books.service and _any_message(path), "nothing told")
    if not any("from here on nothing" in r.reason for _, r in batch.rejections):
        try:
            lists = list[int]()
            text = path.read_bytes().decode("utf-8-sig", "replace")
            document = json.loads(text, strict=False, object_pairs_hook=partial(_count, lists))
        except (ValueError, RecursionError):
            return taken
        _balance(
            isinstance(document, dict) and sum(lists) != books.posts + books.service + books.rejected,
            f"{books} against {lists} messages",
        )
    return taken


def _count(lists: list[int], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Counts messages of the chat at the top: objects inside are read first, so that the last call is of the document."""
    lists[:] = [len(value) for key, value in pairs if key == "messages" and isinstance(value, list)]
    return dict(pairs)


def _any_message(path: Path) -> bool:
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        return True
    return not (isinstance(document, dict) and document.get("messages") == [])


def read_crawl(target: Target, path: Path) -> int:
    """Every record that is a page, and all damage, is a post or a rejection at its offset."""
    entry, batch = _connected(target, path)
    _candidates(entry, batch)
    _, taken = _frames(batch)
    told = {row["pointer"] for _, _, row in batch.posts} | {r.pointer for _, r in batch.rejections}
    if not path.read_bytes().startswith(b"PK"):
        with path.open("rb") as file:
            found = list(read_records(file, path.stat().st_size, lambda _: False))
        there = {f"offset:{one.offset}" for one in found if isinstance(one, Damage) or _page(one)}
        _balance(there - told, "records")
        _balance(not found and not batch.rejections and path.read_bytes().strip(b"\r\n"), "neither record nor rejection")
    elif taken + len(batch.rejections) == 0:
        with zipfile.ZipFile(path) as package:
            inside = b"".join(package.read(n) for n in package.namelist() if n.startswith("archive/"))
        _balance(inside, f"nothing of {entry.original_name}")
    return taken


def _page(record: Record) -> bool:
    found = record.http is None or record.http.status // 100 == 2
    note = record.target.startswith(("urn:text:", "urn:pageinfo:"))
    return found and not note and record.kind in {"response", "resource"} and record.media_type == "text/html"


def read_items(target: Target, path: Path) -> int:
    """Every row or item is a post or a rejection, or its sheet or file is rejected as a whole."""
    entry, batch = _connected(target, path)
    _candidates(entry, batch)
    _, taken = _frames(batch)
    if not target.name.endswith(".json"):
        if target.name.endswith(".csv") or entry.sha256 <= "4":  # reading every workbook twice would halve the inputs
            for sheet in read_sheets(path, entry.media_type):
                if not _whole(batch.rejections, sheet.name):
                    _balance(_spoken_rows(sheet) - _told_rows(batch, sheet.name), f"rows of sheet {sheet.name}")
        return taken
    _balance(not batch.posts and not batch.rejections and path.read_bytes() != b"[]", f"nothing of {entry.original_name}")
    if not _whole(batch.rejections, None):
        try:
            document = json.loads(path.read_bytes().decode("utf-8-sig", "replace"), strict=False)
        except (ValueError, RecursionError):
            return taken
        pointers = {row["pointer"] for _, _, row in batch.posts} | {r.pointer for _, r in batch.rejections}
        there = {f"/{n}" for n in range(len(document))} if isinstance(document, list) else {""}
        _balance(there - pointers, "items")
    return taken


def _spoken_rows(sheet: Sheet) -> set[int]:
    """The rows of auto-archiver's sheet that say something of an item."""
    spoken = [n for n, h in enumerate(sheet.header) if h.lower() in {"link", "archive status", "status", "metadata"}]
    rows = zip(sheet.row_numbers, sheet.rows, strict=True)
    return {n for n, row in rows if any(row[at].strip() for at in spoken)}


def _told_rows(batch: Batch, sheet: str | None) -> set[int | None]:
    """The rows of a sheet that became a post or a rejection."""
    posts = {row["row_number"] for _, _, row in batch.posts if row["sheet"] == sheet}
    return posts | {r.row_number for _, r in batch.rejections if r.sheet == sheet}


def _candidates(entry: Entry, batch: Batch) -> None:
    """Read free text as intake does; of every sixteenth input, since it takes ten times as long as all else."""
    if entry.sha256.startswith("0"):
        state_candidates(load_profile("syria"), batch)
