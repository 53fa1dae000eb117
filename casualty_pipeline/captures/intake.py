"""Taking the inbox into the archive, and reading what the archive holds into the `captures` tables.

Each capture is read once per version of its connector and mapping; a changed mapping reads the source's captures again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from casualty_pipeline.captures.archive import Archive, Entry, refuse_link
from casualty_pipeline.captures.connectors import ledger, tabular
from casualty_pipeline.captures.connectors.sheets import Rejection
from casualty_pipeline.captures.sources import DECISIONS, Source, load_source
from casualty_pipeline.cleaning.dates import read_date
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import NoWarehouseError, Reading, Warehouse, Writing, read_sql

_IGNORED = (".tmp", ".part", ".crdownload", ".lock")


@dataclass(frozen=True)
class InboxProblem:
    """Something in the inbox that can't be taken in, and why."""

    path: str  # beneath the inbox
    reason: str


def files_of(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """The files at or beneath the given paths, with their names relative to what was given, in order of name.

    Raises CasualtyError for what doesn't exist, a symbolic link, or no file at all.
    """
    found: list[tuple[Path, str]] = []
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise CasualtyError(f"{path} doesn't exist")
        if path.is_dir() and not path.is_symlink():
            for file in sorted(path.rglob("*")):
                if not _ignored(file) and (file.is_symlink() or not file.is_dir()):
                    refuse_link(file)
                    found.append((file, file.relative_to(path).as_posix()))
        else:
            refuse_link(path)
            found.append((path, path.name))
    if not found:
        raise CasualtyError(f"no files in {', '.join(map(str, paths))}")
    return found


def _ignored(file: Path) -> bool:
    return file.name.startswith((".", "~$")) or file.name.endswith(_IGNORED)


def _scan(home: Home) -> tuple[dict[str, list[tuple[Path, str]]], list[InboxProblem]]:
    """What lies in the inbox: for each declared source its files with their names, and what can't be taken in."""
    found, problems = dict[str, list[tuple[Path, str]]](), list[InboxProblem]()
    for folder in sorted(home.inbox.iterdir()) if home.inbox.is_dir() else []:
        if _ignored(folder):
            continue
        if folder.is_symlink() or not folder.is_dir():
            reason = "expected a folder named as a source, with its files in it"
            problems.append(InboxProblem(folder.name, reason))
            continue
        try:
            if folder.name != DECISIONS:
                load_source(home, folder.name)
        except CasualtyError as problem:
            problems.append(InboxProblem(folder.name, str(problem)))
            continue
        files = found.setdefault(folder.name, [])
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(home.inbox).as_posix()
            if file.is_symlink():
                problems.append(InboxProblem(name, "a symbolic link: put a copy of the file there instead"))
            elif _ignored(file) or file.is_dir():
                continue
            elif file.is_file():
                files.append((file, file.relative_to(folder).as_posix()))
            else:
                problems.append(InboxProblem(name, "not a file: expected a CSV or XLSX file"))
    return found, problems


def take_inbox(home: Home) -> tuple[list[Entry], list[InboxProblem]]:
    """Take every file of `inbox/<source>/` into the archive. What can't be taken is reported, the rest goes on."""
    found, problems = _scan(home)
    archive = Archive(home.archive)
    return [entry for source, files in found.items() for entry in archive.take(files, source, collector="inbox")], problems


def inbox_problems(home: Home) -> list[InboxProblem]:
    """What lies in the inbox and can't be taken in. For people: paths may hold names, so they never reach Dagster's logs."""
    return _scan(home)[1]


def inbox_waits(home: Home) -> list[str]:
    """Files of the inbox, beneath it, that the archive doesn't hold under their name and size. Reads no file's content."""
    known = {(e.source, e.original_name, e.size_bytes) for e in Archive(home.archive).entries()}
    return [
        file.relative_to(home.inbox).as_posix()
        for source, files in _scan(home)[0].items()
        for file, name in files
        if (source, name, file.stat().st_size) not in known
    ]


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
    for entry in archive.entries():
        version = _version(home, entry.source, sources)
        if seen.get(entry.entry_id) != version:
            fresh.append((entry, version))
    _forget(write, [e for e, _ in fresh if e.entry_id in seen])

    batch, decisions = tabular.Batch(), ledger.Ledger()
    known = {str(d["decision_id"]): d for d in write.table("captures.decisions").to_dicts()}
    for entry, _ in fresh:
        path, source = archive.object_path(entry.sha256), sources.get(entry.source)
        if not path.is_file():
            reason = "the archive lacks this object: restore it from a backup"
            batch.rejections.append((entry, Rejection(None, None, None, None, reason)))
        elif entry.source == DECISIONS:
            ledger.read_ledger(home.profile, entry, path, decisions, known)
        elif isinstance(source, Source):
            tabular.read_entry(source, entry, path, batch)
        else:
            batch.rejections.append((entry, Rejection(None, None, None, None, str(source))))

    statements = _write_statements(home.profile, write, batch)
    rejections = batch.rejections + decisions.rejections
    _write_rejections(write, rejections)
    if decisions.decisions:
        schema = write.table("captures.decisions").schema
        write.append("captures.decisions", pl.DataFrame(decisions.decisions, schema=schema))
    read = {**batch.read, **decisions.read}
    _write_manifest(write, fresh, read, rejections)
    return Intake(len(fresh), statements, len(rejections), len(decisions.decisions))


def _version(home: Home, source: str, sources: dict[str, Source | CasualtyError]) -> str:
    if source == DECISIONS:
        return ledger.VERSION
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
        forgotten=pl.DataFrame(
            [(e.entry_id, e.source, e.sha256, e.original_name) for e in entries],
            orient="row",
            schema=["entry_id", "source", "capture_sha256", "file"],
        )
    )
    for table in ("records", "citations", "rejected", "decisions"):
        write.connection.execute(
            f"delete from captures.{table} where (source, capture_sha256, file) in "
            "(select (source, capture_sha256, file) from forgotten)"
        )
    write.connection.execute("delete from captures.manifest where entry_id in (select entry_id from forgotten)")


def _write_statements(profile: Profile, write: Writing, batch: tabular.Batch) -> int:
    if batch.citations:
        write.register(citations_read=pl.concat(batch.citations))
        write.append("captures.citations", read_sql("captures.citations"))
    if not batch.statements:
        return 0
    statements = _dated(profile, write, pl.concat(batch.statements))
    write.register(statements_read=statements)
    return write.append("captures.records", read_sql("captures.records"))


def _dated(profile: Profile, reading: Reading, statements: pl.DataFrame) -> pl.DataFrame:
    """Add received_at, known_at and documentation_month: the statement's own, else its incident's, else the receipt's."""
    received = pl.col("received_at").str.to_datetime(time_zone="UTC").dt.replace_time_zone(None)
    statements = statements.with_columns(received.alias("received_at")).with_columns(
        _day_of("documented_date", statements, profile).alias("documented_on"),
        _day_of("known_date", statements, profile).cast(pl.Datetime("us")).alias("own_known_at"),
    )
    plausible = (pl.col("documented_on") <= pl.col("received_at").dt.date()) & (
        pl.col("documented_on").dt.strftime("%Y-%m") >= profile.start_month
    )
    statements = statements.with_columns(
        pl.when(plausible).then(pl.col("documented_on").dt.strftime("%Y-%m")).alias("own_month")
    )
    earlier = reading.frame(
        "select source, incident_ref, documentation_month as own_month, known_at as own_known_at "
        "from captures.records where statement = 'incident' and incident_ref is not null"
    )
    incidents = (
        pl.concat(
            [
                earlier.with_columns(pl.col("own_known_at").cast(pl.Datetime("us"))),
                statements.filter((pl.col("statement") == "incident") & pl.col("incident_ref").is_not_null()).select(
                    "source", "incident_ref", "own_month", "own_known_at"
                ),
            ]
        )
        .group_by("source", "incident_ref")
        .agg(
            pl.col("own_month").drop_nulls().min().alias("its_month"),
            pl.col("own_known_at").drop_nulls().min().alias("its_known_at"),
        )
    )
    return statements.join(incidents, on=["source", "incident_ref"], how="left", maintain_order="left").with_columns(
        pl.coalesce("own_month", "its_month", pl.col("received_at").dt.strftime("%Y-%m")).alias("documentation_month"),
        pl.coalesce("own_known_at", "its_known_at", "received_at").alias("known_at"),
    )


def _day_of(column: str, statements: pl.DataFrame, profile: Profile) -> pl.Expr:
    """The first day that each distinct string of a column can mean."""
    days = {text: read_date(text, False, profile.timezone).first for text in statements[column].drop_nulls().unique()}
    return pl.col(column).replace_strict(days, default=None, return_dtype=pl.Date)


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
            "connector_version": version,
            "statements": read.get(entry.entry_id, 0),
            "rejected": rejected.get(entry.entry_id, 0),
        }
        for entry, version in fresh
    ]
    write.append("captures.manifest", pl.DataFrame(rows))


def preview(home: Home, entries: Sequence[Entry]) -> list[str]:
    """Why these captures will be rejected, as a whole or row by row, so that whoever sends them learns it at once.

    The first twenty problems, each as `file, sheet, row, column: reason`.
    """
    archive, batch = Archive(home.archive), tabular.Batch()
    # A ledger may supersede what only the warehouse knows, so it is judged when it is read there.
    for entry in (e for e in entries if e.source != DECISIONS):
        tabular.read_entry(load_source(home, entry.source), entry, archive.object_path(entry.sha256), batch)
    rejections = batch.rejections
    shown = []
    for entry, rejection in rejections[:20]:
        where = [entry.original_name, *([f"sheet {rejection.sheet}"] if rejection.sheet else [])]
        where += [f"row {rejection.row_number}"] if rejection.row_number else []
        where += [f"column {rejection.column_name}"] if rejection.column_name else []
        shown.append(f"{', '.join(where)}: {rejection.reason}")
    if len(rejections) > len(shown):
        shown.append(f"... and {len(rejections) - len(shown)} more")
    return shown
