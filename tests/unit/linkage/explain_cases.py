"""A warehouse in which statements are linked under decisions, with what explanations read besides. Everybody is invented."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.update import Constraints, links, update
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Warehouse, Writing

SITE: dict[str, Any] = {"day": "2020-03-05", "governorate": "SY07", "place": "Kafr Nabl", "place_key": "kafr nabl"}
APRIL = datetime.fromisoformat("2020-04-01")
_PLAIN: Mapping[str, object] = {
    "VARCHAR": "-",
    "VARCHAR[]": [],
    "INTEGER": 1,
    "BIGINT": 1,
    "BOOLEAN": False,
    "DATE": date(2020, 3, 1),
    "TIMESTAMP": datetime.fromisoformat("2020-03-01"),
}


def add(write: Writing, table: str, **given: Any) -> None:
    """A row of a table, with something plain in the columns that it must have."""
    row = {c.name: _PLAIN[c.type] if c.required else None for c in TABLE[table].columns} | given
    names = ", ".join(f'"{name}"' for name in row)
    write.connection.execute(f"insert into {table} ({names}) values ({', '.join(f'${name}' for name in row)})", row)


def linked(
    folder: Path,
    records: pl.DataFrame,
    constraints: Constraints | None = None,
    decisions: Iterable[Mapping[str, Any]] = (),
) -> Home:
    """A home whose warehouse holds these statements, linked; `decisions` are rows of the ledger, as far as they differ."""
    home = Home(folder / "home")
    with Warehouse(home.warehouse).writing() as write:
        for row in records.select("record_id", "source", "source_key", "known_at").iter_rows(named=True):
            where = {"file": "list.csv", "row_number": int(row["source_key"]) + 2, "received_at": row["known_at"]}
            given = {k: row[k] for k in ("record_id", "source", "source_key")}
            add(write, "captures.records", **given, **where, statement="person")
        required = [c for c in TABLE["cleaned.records"].columns if c.required and records[c.name].null_count()]
        plain = [pl.col(c.name).fill_null(pl.lit(_PLAIN[c.type])) for c in required]
        write.append("cleaned.records", records.with_columns(plain))
        for number, decision in enumerate(decisions, start=1):
            signed = {"decision_id": f"D-{number}", "kind": "link", "decided_by": "AB", "decided_at": APRIL, "file": "d.csv"}
            add(write, "captures.decisions", **signed | {"row_number": number + 1} | dict(decision))
        update(write, records, (), constraints or Constraints(), load())
        write.replace("deduplicated.victim_records", links(write))
    return home
