"""The files of an edition, from a replay that stands at the edition's events.

Here belongs which files an edition holds. `open/` is for everybody: no personal data. `partner/` lists the month's victims,
with names as far as consent allows. `confidential/` is what proves the
figures: the people behind them with their records and the captures these come from, the decisions, and the settings that a
rebuild needs. The same events, program and settings give the same bytes.
"""

import hashlib
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from casualty_pipeline.editions.restating import SCHEMA
from casualty_pipeline.editions.shelf import RESTATEMENT, Edition
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.months import year_to
from casualty_pipeline.history import Replay
from casualty_pipeline.home import LINKAGE_MODEL, SETTINGS, Home
from casualty_pipeline.reporting.model import Cause, LastEdition, MonthReport, Restatement
from casualty_pipeline.reporting.open_data import open_bundle
from casualty_pipeline.reporting.publications.partner import partner_files
from casualty_pipeline.reporting.stage import drawn
from casualty_pipeline.tables import FIGURE_COLUMNS, TABLE
from casualty_pipeline.warehouse import Reading

TABLES_FOLDER, SETTINGS_FOLDER = "confidential/tables", "confidential/settings"
# What a figure is traced through, and which rows of it belong to the months of the year so far.
_KEPT = {
    "attributed.victims": "documentation_month in (select unnest($months))",
    "attributed.incidents": "documentation_month in (select unnest($months))",
    "deduplicated.victims": "victim_id in (select victim_id from asked)",
    "deduplicated.victim_records": "victim_id in (select victim_id from asked)",
    "deduplicated.incident_records": "incident_id in (select incident_id from asked)",
    "captures.records": """
        record_id in (select record_id from deduplicated.victim_records where victim_id in (select victim_id from asked))
    """,
    "captures.decisions": "true",
    "monthly.figures": "month = $published",
}


def open_files(report: MonthReport, restatement: pl.DataFrame) -> dict[str, bytes]:
    """The files of the open bundle, by their path in the edition; `restatement` as of `restating.SCHEMA`."""
    files = {f"open/{name}": content for name, content in open_bundle(report, drawn(report.profile)).items()}
    if restatement.height:
        files[RESTATEMENT] = restatement_csv(restatement)
    return files


def told(report: MonthReport, number: int, cut: datetime, replaced: Edition | None, changes: pl.DataFrame) -> MonthReport:
    """The report of an edition: with its number, its moment, and what changed since the edition that it replaces."""
    last = LastEdition(replaced.number, replaced.manifest.published_at.date()) if replaced else None
    figures: dict[Address, list[dict[str, Any]]] = {}
    for row in changes.iter_rows(named=True):
        figures.setdefault(Address(*(row[name] for name in FIGURE_COLUMNS[:-1])), []).append(row)
    restated = tuple(
        Restatement(
            str(address),
            rows[0]["before"],
            rows[0]["after"],
            tuple(
                Cause(r["cause"], r["cause_id"], r["known_at"].date() if r["known_at"] else None, r["share"]) for r in rows
            ),
        )
        for address, rows in figures.items()
        if address.governorate == "" or address.demographic == "all"  # the CSV beside it has every one
    )
    return replace(report, edition=number, as_of=cut, last_edition=last, restatements=restated)


def restatement_csv(restatement: pl.DataFrame) -> bytes:
    """UTF-8, one header row, the columns of `restating.SCHEMA`; whole numbers without a decimal point."""
    numbers = ("before", "after", "share")
    return (
        restatement.with_columns(
            *(pl.col(n).map_elements(_plain, return_dtype=pl.String).alias(n) for n in numbers),
            known_at=pl.col("known_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"),
        )
        .write_csv()
        .encode()
    )


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def read_restatement(content: bytes) -> pl.DataFrame:
    """The rows of `restating.SCHEMA` that `restatement_csv` wrote."""
    texts = {name: kind for name, kind in SCHEMA.items() if name != "known_at"}
    found = pl.read_csv(content, schema_overrides={**texts, "known_at": pl.String})
    moment = pl.col("known_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us")
    return found.with_columns(moment, pl.col(FIGURE_COLUMNS[:-1]).fill_null(""))


def closed_files(replay: Replay, home: Home, month: str, *, synthetic: bool) -> dict[str, bytes]:
    """The files of the partner bundle and of the confidential one, by their path in the edition."""
    files, months = dict[str, bytes](), {"months": year_to(month), "published": month}
    with replay.reading() as reading:
        reading.connection.execute("set threads = 1")
        asked = "select victim_id, incident_id from attributed.victims where documentation_month in (select unnest($months))"
        reading.connection.execute(f"create temp table asked as {asked}", {"months": months["months"]})
        for table, which in _KEPT.items():
            order = ", ".join(f'"{column}"' for column in TABLE[table].key)
            bound = {name: value for name, value in months.items() if f"${name}" in which}
            rows = reading.frame(f"from {table} where {which} order by {order}", bound)
            files[f"{TABLES_FOLDER}/{table}.parquet"] = _parquet(rows)
        files |= partner_files(reading, home.profile, month, synthetic=synthetic)
    for name, content in settings_of(home).items():
        files[f"{SETTINGS_FOLDER}/{name}"] = content
    return files


def _parquet(rows: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def settings_of(home: Home) -> dict[str, bytes]:
    """What of a home decides how captures are read and linked, by its path beneath the home.

    Raises CasualtyError when some of it lies outside of the home: nothing could be rebuilt from the edition then.
    """
    drawn = [home.boundaries] if home.boundaries else []
    places = [home.path / SETTINGS, home.path / LINKAGE_MODEL, *drawn, *sorted(home.sources.glob("*.toml"))]
    if home.profile.folder.is_relative_to(home.path.resolve()):
        places += sorted(p for p in home.profile.folder.rglob("*") if p.is_file())
    return {_within(home, p).as_posix(): p.read_bytes() for p in places if p.is_file()}


def _within(home: Home, path: Path) -> Path:
    """Where beneath the home a file lies, by the name that it has there: a link is as good as the file."""
    for inside, root in ((Path(os.path.normpath(path)), home.path), (path.resolve(), home.path.resolve())):
        if inside.is_relative_to(root):
            return inside.relative_to(root)
    raise CasualtyError(
        f"{path} lies outside of the home, so that an edition couldn't be rebuilt: put a copy of it into {home.path}, and "
        "name that one"
    )


def content_digest(report: MonthReport) -> str:
    """What makes a new edition worth it: figures, what is told of massacres and cases, methodology. Not the moment."""
    told = [
        report.figures.write_csv(),
        [str(m) for m in report.massacres],
        [list(a) for a in report.affiliations],
        report.profile.methodology_version,
        *([str(c)] for c in report.cases),
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


@contextmanager
def reading_edition(edition: Edition) -> Iterator[Reading]:
    """The tables of an edition's confidential bundle, as if they were the warehouse's. Raises CasualtyError as `read`."""
    connection = duckdb.connect()
    try:
        for table in _KEPT:
            stage, _, name = table.partition(".")
            rows = pl.read_parquet(edition.read(f"{TABLES_FOLDER}/{table}.parquet"))
            connection.execute(f"create schema if not exists {stage}")
            connection.register("kept", rows.to_arrow())
            connection.execute(f"create table {stage}.{name} as from kept")
        yield Reading(connection)
    finally:
        connection.close()
