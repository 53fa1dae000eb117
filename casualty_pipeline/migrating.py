"""Bringing the warehouse of an older version of this program to the present tables, step by step, after a verified backup.

Nothing in the warehouse is truth: the archive, with the ledgers of decisions in it, and the editions are, and no step
touches them. A migration saves the time of reading everything again, no more; where one isn't possible, the warehouse is
moved away and the next run rebuilds it. What belongs here: the steps. Which version a file holds: `schema_version.py`.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from casualty_pipeline import schema_version
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.schema_version import Found
from casualty_pipeline.warehouse import NoWarehouseError, Warehouse, attach

BACKUPS = "warehouse-backups"
REBUILD = "move {path} away and run `casualty run` for your months: everything in it is rebuilt from the archive"


@dataclass(frozen=True)
class Step:
    """From version `to - 1` to version `to`: what it does, in words, and its statements, which are one transaction."""

    to: int
    told: str
    statements: tuple[str, ...]


_ITEMS = """create table {name} (
    documentation_month varchar not null, kind varchar not null, item_id varchar not null, digest ubigint not null
)"""
_FAILURES = """create table {stage}.failures (
    check_table varchar not null, check_name varchar not null, month varchar not null, key varchar not null,
    reason varchar not null, blocking boolean not null, refused boolean not null, run_id varchar not null,
    found_at timestamp not null, closed_at timestamp, closed_by varchar
)"""
# A month is stale where its inputs are unknown: what the older program computed, this one computes again.
_EVERY_MONTH_IS_STALE = ("delete from attributed.month_inputs", "delete from monthly.figure_inputs")
STEPS = (
    Step(
        2,
        "months remember, item by item, what they were computed from, to say why they are stale; run every month again",
        (
            _ITEMS.format(name="attributed.month_items"),
            _ITEMS.format(name="monthly.figure_items"),
            *_EVERY_MONTH_IS_STALE,
        ),
    ),
    Step(
        3,
        "rows that break a check are kept, to be shown by `casualty failures`; run every month again to have them judged",
        (
            *(
                _FAILURES.format(stage=stage)
                for stage in ("captures", "cleaned", "deduplicated", "attributed", "monthly", "reports")
            ),
            "alter table deduplicated.people add column birth_written varchar",
            *_EVERY_MONTH_IS_STALE,
        ),
    ),
)


@dataclass(frozen=True)
class Migrated:
    """From which version to which, by which steps; where the older file was backed up to, None where it wasn't."""

    before: int
    after: int
    steps: tuple[Step, ...]
    backup: Path | None


def migrate(home: Home, say: Callable[[str], None], *, dry_run: bool = False, steps: Sequence[Step] = STEPS) -> Migrated:
    """Upgrade a home's warehouse to this program's version. Killed at any moment, it can be run again.

    Raises NoWarehouseError when there is none, CasualtyError when it is newer than this program, of no version that is
    known, held by another process, or when there is no room for the backup. Then the file is as it was, or at the end of a
    step.
    """
    warehouse = Warehouse(home.warehouse)
    if not warehouse.path.is_file():
        raise NoWarehouseError(warehouse.path)
    with warehouse.as_it_is(read_only=dry_run) as connection:
        found = schema_version.found(connection)
        todo = _steps_from(warehouse.path, found, steps)
        before = found.version or 0
        if dry_run or (not todo and found.stated):
            return Migrated(before, schema_version.VERSION, todo, None)
        backup = _back_up(connection, home, before, say) if todo else None
        for step in todo:
            say(f"version {step.to}: {step.told}")
            _take(connection, step)
        if not todo:
            schema_version.state(connection)
        columns = schema_version.columns_of(connection)
    if schema_version.fingerprint(columns) != schema_version.FINGERPRINT:
        raise CasualtyError(
            f"after every step the tables aren't those of version {schema_version.VERSION}: somebody changed this file. The "
            f"backup is {backup}; {REBUILD.format(path=warehouse.path)}"
        )
    return Migrated(before, schema_version.VERSION, todo, backup)


def _steps_from(path: Path, found: Found, steps: Sequence[Step]) -> tuple[Step, ...]:
    if found.version is None:
        raise CasualtyError(
            f"{path}: its tables are of no version that this program knows, so there are no steps from them; "
            + REBUILD.format(path="it")
        )
    if found.version > schema_version.VERSION:
        raise CasualtyError(
            f"the warehouse {path} is newer: {schema_version.why_not(found)}; or {REBUILD.format(path='it')}"
        )
    return tuple(step for step in steps if step.to > found.version)


def _take(connection: duckdb.DuckDBPyConnection, step: Step) -> None:
    connection.execute("begin")
    try:
        for statement in step.statements:
            connection.execute(statement)
        schema_version.state(connection, step.to)
        connection.execute("commit")
    except duckdb.Error as problem:
        connection.execute("rollback")
        raise CasualtyError(
            f"the step to version {step.to} failed ({str(problem).splitlines()[0]}); the file stays at version {step.to - 1}"
        ) from problem


def _back_up(connection: duckdb.DuckDBPyConnection, home: Home, version: int, say: Callable[[str], None]) -> Path:
    """Copy every table into a file beside, read the copy, and compare it row by row. Returns the file."""
    folder = home.path / BACKUPS
    target = folder / f"version-{version}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z.duckdb"
    copy = target.with_suffix(".tmp")
    try:
        folder.mkdir(exist_ok=True)
        size, free = home.warehouse.stat().st_size, shutil.disk_usage(folder).free
        if free < 2 * size:
            raise CasualtyError(
                f"no room for the backup: {free:,} bytes are free at {folder}, expected {2 * size:,}; nothing was changed"
            )
        for left in folder.glob("*.tmp*"):
            left.unlink()
        (name,) = connection.execute("select current_database()").fetchall()[0]
        attach(connection, copy, "backup")
        connection.execute(f'copy from database "{name}" to backup')
        connection.execute("detach backup")
        attach(connection, copy, "backup", read_only=True)
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database() order by all"
        ).fetchall()
        for schema, table in tables:
            sums = [
                connection.execute(f'select count(*), bit_xor(hash(t)) from "{db}"."{schema}"."{table}" as t').fetchall()
                for db in (name, "backup")
            ]
            if sums[0] != sums[1]:
                raise CasualtyError(f"the backup {copy} isn't the same in {schema}.{table}: nothing was changed; try again")
        connection.execute("detach backup")
        _flush(copy)
        copy.replace(target)
        _flush(folder)
    except (duckdb.Error, OSError) as problem:
        raise CasualtyError(f"can't back the warehouse up to {folder}: {problem}; nothing was changed") from problem
    say(f"backed up to {target}: {len(tables)} tables, every row compared")
    return target


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
