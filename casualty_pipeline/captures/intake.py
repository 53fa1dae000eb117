"""Reading what the archive holds into the `captures` tables.

Each capture is read once per version of its connector and mapping; a changed mapping reads the source's captures again.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from casualty_pipeline.captures.archive import Archive, Entry
from casualty_pipeline.captures.attachments import match_attachments
from casualty_pipeline.captures.candidates import state_candidates
from casualty_pipeline.captures.connectors import ledger
from casualty_pipeline.captures.connectors.batch import CITATION_COLUMNS, STATEMENT_COLUMNS, Batch, Rejection, whole
from casualty_pipeline.captures.connectors.registry import Connector, connector, is_ours
from casualty_pipeline.captures.dating import dated, incident_dates, overtaken, own_dates
from casualty_pipeline.captures.ledgers import again_whole, decisions_read, holds
from casualty_pipeline.captures.sources import ANSWERS, DECISIONS, Source, load_source
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import NoWarehouseError, Warehouse, Writing, read_sql

_DATED_COLUMNS = (*STATEMENT_COLUMNS, "documented_on", "own_month", "own_known_at")
_IDENTITY = ("source", "source_key", "capture_sha256", "sheet", "row_number", "pointer")  # as in sql/captures/records.sql
_MEDIA = ("image/", "video/", "audio/")  # kept as evidence; only a connector that asks for them reads them


def unread_captures(home: Home) -> list[str]:
    """Captures of the archive that no run has read yet by their present connector and mapping, as `source/name`."""
    sources: dict[str, Source | CasualtyError] = {}
    versions = {e.entry_id: (_version(home, e.source, sources), e) for e in Archive(home.archive).entries()}
    try:
        with Warehouse(home.warehouse).reading() as reading:
            seen = dict(reading.connection.execute("select entry_id, connector_version from captures.manifest").fetchall())
    except NoWarehouseError:
        seen = {}
    return [f"{e.source}/{e.original_name}" for version, e in versions.values() if seen.get(e.entry_id) != version]


@dataclass(frozen=True)
class Intake:
    """What one reading of the archive added."""

    captures: int
    statements: int
    rejected: int
    decisions: int


def read_archive(home: Home, write: Writing) -> Intake:
    """Read every capture that wasn't read yet by its present connector and mapping into the `captures` tables."""
    archive = Archive(home.archive)
    seen = dict(write.connection.execute("select entry_id, connector_version from captures.manifest").fetchall())
    sources: dict[str, Source | CasualtyError] = {}
    fresh: list[tuple[Entry, str]] = []
    entries = list(archive.entries())
    for entry in entries:
        version = _version(home, entry.source, sources)
        if seen.get(entry.entry_id) != version:
            fresh.append((entry, version))
    known = decisions_read(write)
    if fresh and again_whole(write, fresh, entries, seen):  # in the order of their receipt: what came later is judged later
        fresh = [(e, ledger.VERSION) for e in entries if e.source == DECISIONS] + [
            f for f in fresh if f[0].source != DECISIONS
        ]
        known = {}
    _forget(write, [e for e, _ in fresh if e.entry_id in seen])

    batch, ledgers = Batch(archive=archive), list[Entry]()
    new = [e for e, _ in fresh if e.source not in (DECISIONS, ANSWERS)]
    for entry, _ in fresh:
        source = sources.get(entry.source)
        if not archive.holds(entry.sha256):
            batch.reject(entry, "the archive lacks this object: restore it from a backup")
        elif entry.source == DECISIONS:
            ledgers.append(entry)
        elif entry.source == ANSWERS:
            continue  # `casualty review import` made a ledger of it
        elif isinstance(source, Source):
            _read(source, entry, archive, batch)
        else:
            batch.reject(entry, str(source))
    fresh += _read_again(home, write, batch, new, entries, sources)

    decisions = ledger.read_ledgers(home.profile, archive.each(ledgers), holds(entries), known)
    state_candidates(home.profile, batch)
    statements = _write_statements(home.profile, write, batch)
    rejections = batch.rejections + decisions.rejections
    _write_rejections(write, rejections)
    if decisions.decisions:
        schema = write.table("captures.decisions").schema
        write.append("captures.decisions", pl.DataFrame(decisions.decisions, schema=schema))
    read = {**batch.read, **decisions.read}
    _write_manifest(write, fresh, read, rejections)
    match_attachments(write, archive)
    return Intake(len(fresh), statements, len(rejections), len(decisions.decisions))


def _read(source: Source, entry: Entry, archive: Archive, batch: Batch) -> None:
    """Read one capture by its source's connector. What only accompanies others is kept, and holds no statement.

    Raises CasualtyError where somebody else's connector fails: it names that connector, and the captures stay as they were.
    """
    reader = connector(source.connector)
    accompanies = entry.role != "capture" or entry.media_type.startswith(_MEDIA)
    if not accompanies or (entry.role == "capture" and _reads(reader, source, entry)):
        with archive.opened(entry.sha256) as path, _named_where_it_fails(source, entry):
            reader.read(source, entry, path, batch)


def _reads(reader: Connector, source: Source, entry: Entry) -> bool:
    with _named_where_it_fails(source, entry):
        return reader.reads(source, entry)


@contextmanager
def _named_where_it_fails(source: Source, entry: Entry) -> Iterator[None]:
    """A fault of our own connectors has its crash report; that of others' is for its makers, whom the user has to know."""
    try:
        yield
    except Exception as problem:
        if is_ours(source.connector):
            raise
        raise CasualtyError(
            f"the connector {source.connector!r}, which isn't part of this program, failed with {type(problem).__name__} on "
            f"{entry.original_name} (sha256 {entry.sha256}): nothing was read. Tell its makers, or remove it and run again"
        ) from problem


def _read_again(
    home: Home,
    write: Writing,
    batch: Batch,
    new: Sequence[Entry],
    entries: Sequence[Entry],
    sources: dict[str, Source | CasualtyError],
) -> list[tuple[Entry, str]]:
    """Read once more the captures whose statements follow from one that was received before them and is read only now."""
    columns = ("entry_id", "source", "sha256", "received_at")
    schema = dict.fromkeys(columns, pl.String)
    late = overtaken(write, batch, pl.DataFrame([[getattr(e, c) for c in columns] for e in new], schema, orient="row"))
    archive, again = Archive(home.archive), list[tuple[Entry, str]]()
    for entry in entries:
        version = _version(home, entry.source, sources)
        source = sources.get(entry.source)
        if entry.entry_id in late and isinstance(source, Source) and archive.holds(entry.sha256):
            again.append((entry, version))
            _read(source, entry, archive, batch)
    _forget(write, [entry for entry, _ in again])
    return again


def _version(home: Home, source: str, sources: dict[str, Source | CasualtyError]) -> str:
    if source == DECISIONS:
        return ledger.VERSION
    if source == ANSWERS:
        return "kept"
    if source not in sources:
        try:
            sources[source] = load_source(home, source)
        except CasualtyError as problem:
            sources[source] = problem
    declared = sources[source]
    return declared.version if isinstance(declared, Source) else "undeclared"


def _forget(write: Writing, entries: Sequence[Entry]) -> None:
    """Remove what an earlier version of a connector or mapping read from these entries."""
    if not entries:
        return
    write.register(
        to_forget=pl.DataFrame(
            [(e.entry_id, e.source, e.sha256, e.original_name) for e in entries],
            orient="row",
            schema=["entry_id", "source", "capture_sha256", "file"],
        )
    )
    for table in ("records", "citations", "texts", "attachments", "rejected", "decisions"):
        write.connection.execute(
            f"delete from captures.{table} where (source, capture_sha256, file) in "
            "(select (source, capture_sha256, file) from to_forget)"
        )
    write.connection.execute("delete from captures.manifest where entry_id in (select entry_id from to_forget)")


def _write_statements(profile: Profile, write: Writing, batch: Batch) -> int:
    if batch.citations:
        write.register(citations_read=pl.concat(whole(c, CITATION_COLUMNS) for c in batch.citations))
        write.append("captures.citations", read_sql("captures.citations"))
    for name, read in (("texts", batch.texts), ("attachments", batch.attachments)):
        if read.height:
            write.register(**{f"{name}_read": read})
            write.append(f"captures.{name}", read_sql(f"captures.{name}"))
    slices = [own_dates(profile, statements) for statements in batch.slices()]
    batch.forget_statements()
    incidents = incident_dates(profile, write, slices)
    written = 0
    while slices:  # one by one: whole, with every column, they would take several times the memory
        statements = whole(slices.pop(0), _DATED_COLUMNS).unique(_IDENTITY, keep="first", maintain_order=True)
        write.register(statements_read=dated(statements, incidents))
        written += write.append("captures.records", read_sql("captures.records"))
    return written


def _write_rejections(write: Writing, rejections: Sequence[tuple[Entry, Rejection]]) -> None:
    if not rejections:
        return
    rows = [
        {
            "source": entry.source,
            "capture_sha256": entry.sha256,
            "file": entry.original_name,
            "sheet": rejection.sheet,
            "row_number": rejection.row_number,
            "pointer": rejection.pointer,
            "column_name": rejection.column_name,
            "value": rejection.value,
            "reason": rejection.reason,
        }
        for entry, rejection in rejections
    ]
    schema = {k: pl.Int32 if k == "row_number" else pl.String for k in rows[0]}
    write.register(rejections_read=pl.DataFrame(rows, schema=schema))
    write.append("captures.rejected", read_sql("captures.rejected"))


def _write_manifest(
    write: Writing,
    fresh: Sequence[tuple[Entry, str]],
    read: dict[str, int],
    rejections: Sequence[tuple[Entry, Rejection]],
) -> None:
    if not fresh:
        return
    rejected: dict[str, int] = {}
    for entry, _ in rejections:
        rejected[entry.entry_id] = rejected.get(entry.entry_id, 0) + 1
    rows = [
        {
            "entry_id": entry.entry_id,
            "sha256": entry.sha256,
            "source": entry.source,
            "delivery_id": entry.delivery_id,
            "original_name": entry.original_name,
            "received_at": datetime.fromisoformat(entry.received_at).replace(tzinfo=None),
            "media_type": entry.media_type,
            "size_bytes": entry.size_bytes,
            "access_level": entry.access_level,
            "collector": entry.collector,
            "role": entry.role,
            "original_url": entry.original_url,
            "archive_url": entry.archive_url,
            "tool": entry.tool,
            "claimed_hashes": json.dumps(entry.claimed_hashes) if entry.claimed_hashes else None,
            "proofs": json.dumps(entry.proofs) if entry.proofs else None,
            "connector_version": version,
            "statements": read.get(entry.entry_id, 0),
            "rejected": rejected.get(entry.entry_id, 0),
        }
        for entry, version in fresh
    ]
    texts = dict.fromkeys(("original_url", "archive_url", "tool", "claimed_hashes", "proofs"), pl.String)
    write.append("captures.manifest", pl.DataFrame(rows, schema_overrides=texts))


def preview(home: Home, entries: Sequence[Entry]) -> list[str]:
    """Why these captures will be rejected, as a whole or row by row, so that whoever sends them learns it at once.

    The first twenty problems, each as `file, sheet, row, column: reason`.
    """
    archive = Archive(home.archive)
    batch = Batch(archive=archive)
    # A ledger may supersede what only the warehouse knows, so it is judged when it is read there.
    sources = {source: load_source(home, source) for source in sorted({e.source for e in entries} - {DECISIONS})}
    for entry in (e for e in entries if e.source in sources):
        _read(sources[entry.source], entry, archive, batch)
    rejections = batch.rejections
    shown = []
    for entry, rejection in rejections[:20]:
        where = [entry.original_name, *([f"sheet {rejection.sheet}"] if rejection.sheet else [])]
        where += [f"row {rejection.row_number}"] if rejection.row_number else []
        where += [rejection.pointer] if rejection.pointer else []
        where += [f"column {rejection.column_name}"] if rejection.column_name else []
        shown.append(f"{', '.join(where)}: {rejection.reason}")
    if len(rejections) > len(shown):
        shown.append(f"... and {len(rejections) - len(shown)} more")
    return shown
