"""Files that answers name: photographs, videos, recordings and documents, so that their captures can be matched.

A cell that is a file name with a suffix of media names a file; so do the entries of KoBoToolbox' `_attachments`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import Batch, Position
from casualty_pipeline.captures.connectors.kobo.kinship import Kin
from casualty_pipeline.captures.connectors.kobo.questions import UP
from casualty_pipeline.captures.connectors.sheets import ROW
from casualty_pipeline.captures.sources import Source

_ROLES = {
    "photo": ("jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "bmp", "tif", "tiff"),
    "video": ("mp4", "mov", "3gp", "3gpp", "mkv", "webm", "avi", "m4v"),
    "audio": ("mp3", "m4a", "amr", "wav", "ogg", "oga", "opus", "aac", "flac"),
    "document": ("pdf", "doc", "docx", "odt", "rtf"),
}
_ROLE = {suffix: role for role, suffixes in _ROLES.items() for suffix in suffixes}
_FILE_NAME = rf"(?i)^[^/\\\r\n]{{1,200}}\.({'|'.join(_ROLE)})$"
_LONGEST_LIST = 100_000  # characters of one `_attachments` cell
_MOST_FILES = 1_000  # in one such list


@dataclass(frozen=True)
class Statements:
    """Rows that became statements: what `tabular.state_rows` took, their keys, and the table that they stand in."""

    kin: Kin
    rows: pl.DataFrame
    keys: pl.Series


def attach_files(source: Source, entry: Entry, statements: Statements, batch: Batch) -> None:
    """Put every file that the rows name into the batch, by the statement that names it. Rejects lists it can't read."""
    folder = PurePosixPath(entry.original_name).parent
    for name in statements.rows.columns:
        if name == ROW or name.endswith("_URL"):
            continue
        listed = name.rpartition("/")[2] == "_attachments"
        cells = statements.rows.get_column(name).str.strip_chars()
        wanted = ((cells.str.len_chars() > 0) if listed else cells.str.contains(_FILE_NAME)).fill_null(False)
        urls = _urls_beside(statements.rows, name)
        named = pl.DataFrame({"cell": cells, "url": urls, "key": statements.keys, "row": _row_numbers(statements, name)})
        sheet = _where(statements.kin, name)[0].table.sheet
        for cell, url, key, row in named.filter(wanted).iter_rows():
            at = Position(sheet, row)
            files = _listed(cell) if listed else [(cell, url)]
            if files is None:
                expected = "expected a list of the files of this submission, as KoBoToolbox exports it: they aren't matched"
                batch.reject(entry, expected, at, column_name=name, value=cell)
                continue
            for file, its_url in files:
                fields = {"role": _role(file), "name": (folder / file).as_posix(), "url": its_url}
                batch.attach(source, entry, key, fields, at)


def _role(file: str) -> str:
    return _ROLE.get(PurePosixPath(file).suffix.lower().removeprefix("."), "file")


def _urls_beside(rows: pl.DataFrame, name: str) -> pl.Series:
    """Where the server keeps the files: KoBoToolbox' `photo_URL` beside `photo`."""
    column = f"{name}_URL"
    return rows.get_column(column) if column in rows.columns else pl.Series([None] * rows.height, dtype=pl.String)


def _listed(cell: str) -> list[tuple[str, str | None]] | None:
    """The files of an `_attachments` cell, each with its URL; None where it isn't such a list."""
    if len(cell) > _LONGEST_LIST:
        return None
    try:
        listed: Any = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    if not isinstance(listed, list) or len(listed) > _MOST_FILES:
        return None
    files = list(_files(listed))
    return files if len(files) == len(listed) else None


def _files(listed: list[Any]) -> Iterator[tuple[str, str | None]]:
    for item in listed:
        name, url = (item.get("filename"), item.get("download_url")) if isinstance(item, dict) else (None, None)
        # A name that leads out of the delivery can't be one of its files.
        if isinstance(name, str) and name.strip() and not name.startswith("/") and ".." not in PurePosixPath(name).parts:
            yield name.strip(), url if isinstance(url, str) else None


def _where(kin: Kin, name: str) -> tuple[Kin, list[pl.Series]]:
    """The table that a column stands in, if it is of this capture, and the steps to it: for each row, the parent's."""
    steps = list[pl.Series]()
    while name.startswith(UP) and kin.parent is not None and kin.at is not None and kin.parent.table.own:
        steps.append(kin.at)
        name, kin = name.removeprefix(UP), kin.parent
    return kin, steps


def _row_numbers(statements: Statements, name: str) -> pl.Series:
    """Where the names stand: in the rows of the statements, or in their parents', if those are of the same capture."""
    kin, steps = _where(statements.kin, name)
    rows = statements.rows.get_column(ROW)
    places = statements.kin.table.frame.get_column(ROW).search_sorted(rows)
    for step in steps:
        places = step.gather(places)
    return kin.table.frame.get_column(ROW).gather(places)
