"""CSV and XLSX files of any source, through the column mapping that the source declares."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import CITATION_COLUMNS, STATEMENT_COLUMNS, Batch, Rejection
from casualty_pipeline.captures.connectors.sheets import ROW, Sheet, read_sheets
from casualty_pipeline.captures.sources import Source, TableMapping

VERSION = "3"


class Tabular:
    """The connector of tables: each is read as a table of the source's declaration says."""

    version = VERSION

    def reads(self, source: Source, entry: Entry) -> bool:
        """Files whose names fit a table of the declaration."""
        return bool(source.tables_for(entry.original_name))

    def read(self, source: Source, entry: Entry, path: Path, batch: Batch) -> None:
        """Read one CSV or XLSX file into the batch. Never raises for what the file holds."""
        read_entry(source, entry, path, batch)

    def stands(self, source: Source, statement: Mapping[str, Any]) -> Mapping[str, str]:
        """The columns that the declaration gives each field of a statement."""
        return columns_told(t for t in tables_of(source, statement) if t.sheet in {"", statement["sheet"]})


CONNECTOR = Tabular()


def read_entry(source: Source, entry: Entry, path: Path, batch: Batch) -> None:
    """Read one capture of a source into the batch. Never raises for what the file holds."""
    mappings = source.tables_for(entry.original_name)
    batch.read.setdefault(entry.entry_id, 0)
    if not mappings:
        patterns = ", ".join(t.file for t in source.tables)
        reason = f"no table of the source's declaration fits this file name; expected {patterns}"
        batch.rejections.append((entry, Rejection(None, None, None, None, reason)))
    for mapping in mappings:
        for sheet in read_sheets(path, entry.media_type, mapping.sheet):
            _read_sheet(source, entry, mapping, sheet, batch)


def tables_of(source: Source, statement: Mapping[str, Any]) -> list[TableMapping]:
    """The declaration's tables that a statement (its row of captures.records) may have been read by, whatever the sheet."""
    kinds = {statement["statement"], "person"} if statement["statement"] == "group" else {statement["statement"]}
    return [t for t in source.tables_for(statement["file"]) if t.statement in kinds]  # a person who is several is a group


def columns_told(mappings: Iterable[TableMapping]) -> dict[str, str]:
    """By field, its column or columns in words. A field that two mappings find in different columns is left out."""
    told = dict[str, set[str]]()
    for mapping in mappings:
        for name, columns in mapping.columns.items():
            quoted = [f'"{c}"' for c in columns]
            if name in mapping.joined:
                text = f"columns {' and '.join(quoted)}, joined"
            else:
                text = f"column {' or '.join(quoted)}" + (", the first that isn't empty" if len(columns) > 1 else "")
            told.setdefault(name, set()).add(text)
    return {name: texts.pop() for name, texts in told.items() if len(texts) == 1}


def missing_columns(mapping: TableMapping, header: Sequence[str]) -> list[str]:
    """What the mapping needs and the header lacks, as sentences. Of alternatives, one must be there; of parts, all."""
    lacking = [f"{c!r} (its key)" for c in mapping.key if c not in header]
    for name, columns in mapping.columns.items():
        absent = [c for c in columns if c not in header]
        if name in mapping.joined:
            lacking += [f"{c!r} (a part of {name})" for c in absent]
        elif len(absent) == len(columns):
            lacking.append(f"{' or '.join(map(repr, columns))} (mapped to {name})")
    return lacking


def _read_sheet(source: Source, entry: Entry, mapping: TableMapping, sheet: Sheet, batch: Batch) -> None:
    batch.rejections += [(entry, r) for r in sheet.rejections]
    if not sheet.header:
        return
    missing = missing_columns(mapping, sheet.header)
    if missing:
        found = ", ".join(h for h in sheet.header if h)[:300]
        reason = f"expected the column {'; '.join(missing)}; found: {found}. Correct the file or the source's declaration"
        batch.rejections.append((entry, Rejection(sheet.name, None, None, None, reason)))
        return
    names = [pl.col(str(place)).alias(name) for place, name in enumerate(sheet.header) if name]
    for rows in sheet.frames():
        state_rows(source, entry, mapping, sheet.name, rows.select(*names, ROW), batch)


def state_rows(
    source: Source, entry: Entry, mapping: TableMapping, sheet: str | None, raw: pl.DataFrame, batch: Batch
) -> pl.DataFrame:
    """Put rows into the batch as a mapping says. Returns those that it took: the ones without a key are rejected.

    `raw` holds strings under the names that the mapping uses, other columns (they become `extra`), and `ROW`.
    """
    keyless = raw.filter(pl.any_horizontal(_blank(c) for c in mapping.key))
    batch.rejections += [
        (entry, Rejection(sheet, number, mapping.key[0], None, "no key: without one the row can't be told from others"))
        for number in keyless[ROW]
    ]
    taken = raw.filter(~pl.any_horizontal(_blank(c) for c in mapping.key))
    batch.read[entry.entry_id] = batch.read.get(entry.entry_id, 0) + taken.height
    target = batch.citations if mapping.statement == "citation" else batch.statements
    target.append(_mapped(source, entry, mapping, sheet, taken))
    return taken


def _blank(column: str) -> pl.Expr:
    return pl.col(column).fill_null("").str.strip_chars() == ""


def _mapped(source: Source, entry: Entry, mapping: TableMapping, sheet: str | None, raw: pl.DataFrame) -> pl.DataFrame:
    """The sheet's rows under the names of our fields; blank strings become nulls, everything else stays as given."""

    def given(column: str) -> pl.Expr:
        return pl.when(pl.lit(raw[column]).str.strip_chars() != "").then(pl.lit(raw[column]))

    def value(name: str, columns: Sequence[str]) -> pl.Expr:
        found = [given(c) for c in columns if c in raw.columns]
        if name not in mapping.joined:
            return pl.coalesce(found) if found else pl.lit(None, dtype=pl.String)
        parts = pl.concat_str([c.str.strip_chars() for c in found], separator=" ", ignore_nulls=True)
        return pl.when(parts != "").then(parts)

    mapped = {name: value(name, columns) for name, columns in mapping.columns.items()}
    citation = mapping.statement == "citation"
    named = {*mapping.named_columns(), ROW}
    extra = [c for c in raw.columns if c not in named]
    provenance = {
        "entry_id": pl.lit(entry.entry_id),
        "source": pl.lit(source.id),
        "capture_sha256": pl.lit(entry.sha256),
        "file": pl.lit(entry.original_name),
        "sheet": pl.lit(sheet, dtype=pl.String),
        "row_number": pl.col(ROW),
        "pointer": pl.lit(None, dtype=pl.String),
        "received_at": pl.lit(entry.received_at),
        "connector_version": pl.lit(source.version),
        "source_key": pl.concat_str([pl.col(c).str.strip_chars() for c in mapping.key], separator="/"),
    }
    if citation:
        wanted: tuple[str, ...] = CITATION_COLUMNS
    else:
        wanted = STATEMENT_COLUMNS
        provenance["statement"] = pl.lit(mapping.statement)
        provenance["candidate"] = pl.lit(False)
        provenance["extra"] = (
            pl.struct(raw[c] for c in extra).struct.json_encode() if extra else pl.lit(None, dtype=pl.String)
        )
    values = {**provenance, **mapped}
    return raw.select(values[name].alias(name) for name in wanted if name in values)
