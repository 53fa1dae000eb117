"""The only door to DuckDB.

Every write is one transaction: it replaces whole months or whole tables, inserts by name against the declared schema, or
does nothing. Connections are short, since DuckDB lets one writing process in at a time; `held` is for a step that writes.
"""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import polars as pl

from casualty_pipeline import schema_version
from casualty_pipeline.errors import CasualtyError, OperationalError
from casualty_pipeline.sealing import keyring
from casualty_pipeline.shipped import shipped
from casualty_pipeline.tables import STAGES, TABLE, TABLES, Table

_ROWS_OF_A_SLICE = 20_480  # of what is held: cores read it a slice each
LOCK_PATIENCE_SECONDS = 20.0  # how long to wait for another process; CASUALTY_LOCK_PATIENCE sets it otherwise
PLAIN = "CASUALTY_WAREHOUSE"
Opened = TypeVar("Opened")
_LOCKED = "could not set lock"
# Table by table: `duckdb_columns()` would also make the hundred views of DuckDB's own catalogue, five times as slow.
_COLUMNS = " union all ".join(f"select '{t.full_name}', name, type from pragma_table_info('{t.full_name}')" for t in TABLES)
_HOLDER = re.compile(r"held in (?P<program>\S+) \(PID (?P<pid>\d+)\)")


def read_sql(name: str) -> str:
    """The text of `sql/<stage>/<table>.sql`."""
    return (shipped("sql") / f"{name.replace('.', '/')}.sql").read_text(encoding="utf-8")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def lock_patience() -> float:
    """Seconds to wait for a locked warehouse. Raises CasualtyError when CASUALTY_LOCK_PATIENCE is no number of seconds."""
    text = os.environ.get("CASUALTY_LOCK_PATIENCE", str(LOCK_PATIENCE_SECONDS))
    if not re.fullmatch(r"\d{1,6}(?:\.\d+)?", text):
        raise CasualtyError(f"CASUALTY_LOCK_PATIENCE is {text!r}: expected a number of seconds, for example 60")
    return float(text)


def encrypted() -> bool:
    """Whether the warehouse is encrypted: there is a key, and CASUALTY_WAREHOUSE=plain doesn't say that its disk is."""
    chosen = os.environ.get(PLAIN, "")
    if chosen not in {"", "plain"}:
        raise OperationalError(f"{PLAIN} is {chosen!r}: expected `plain`, or nothing")
    return bool(keyring()) and not chosen


def _load_crypto(connection: duckdb.DuckDBPyConnection) -> None:
    """DuckDB 1.5 reads encrypted files by itself; to write them it wants the OpenSSL of its extension httpfs.

    That is loaded from the package that brings it (the extra `encrypted`), or where somebody installed it, and never fetched
    from the network.
    """
    package = find_spec("duckdb_extension_httpfs")
    folders = package.submodule_search_locations if package else None
    file = Path("extensions", f"v{duckdb.__version__}", "httpfs.duckdb_extension")
    found = [Path(folder) / file for folder in folders or () if (Path(folder) / file).is_file()]
    try:
        connection.execute(f"load '{_quoted(found[0])}'" if found else "load httpfs")
    except duckdb.Error:
        raise OperationalError(
            f"DuckDB {duckdb.__version__} can't write an encrypted warehouse without its extension httpfs, which isn't "
            f"installed. Install it (`pip install casualty-pipeline[encrypted]`, docs/security.md), or keep the home on an "
            f"encrypted disk and set {PLAIN}=plain"
        ) from None


def attach(connection: duckdb.DuckDBPyConnection, file: Path, name: str, read_only: bool = False) -> None:
    """Attach a file of the warehouse's own kind, encrypted where the warehouse is.

    Raises duckdb.Error where it is locked, under another key or no database.
    """
    options = ["read_only"] if read_only else []
    if encrypted():
        options.append(f"encryption_key '{keyring().for_warehouse()[0]}'")
    chosen = f" ({', '.join(options)})" if options else ""
    connection.execute(f"attach '{_quoted(file)}' as {name}{chosen}")


@dataclass
class Reading:
    """A connection that reads. `frames` that are registered can be named in SQL like tables."""

    connection: duckdb.DuckDBPyConnection

    def frame(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> pl.DataFrame:
        """The result of a query as a Polars frame."""
        result: pl.DataFrame = pl.from_arrow(self.connection.execute(sql, parameters or []).to_arrow_table())  # type: ignore[assignment]
        return result

    def table(self, name: str) -> pl.DataFrame:
        """A whole table, in the order of its key."""
        key = ", ".join(f'"{column}"' for column in TABLE[name].key)
        return self.frame(f"from {name} order by {key}")

    def register(self, **frames: pl.DataFrame) -> None:
        """Make frames visible to SQL under their names, for as long as the connection lives."""
        for name, frame in frames.items():
            self.connection.register(name, frame.to_arrow())

    def hold(self, name: str, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Make the rows of a query visible to SQL under a name, computed once, for as long as the connection lives.

        Not a temporary table: DuckDB would keep that until the transaction ends, and reads its own by one core alone.
        """
        self.connection.register(name, self.connection.execute(sql, parameters or {}).to_arrow_table(_ROWS_OF_A_SLICE))


@dataclass
class Writing(Reading):
    """A connection inside a transaction. `written` counts the rows of each table that it wrote."""

    written: dict[str, int] = field(default_factory=dict)
    _hollow: set[str] = field(default_factory=set, repr=False)  # tables of which only an empty insert is known

    def replace(self, name: str, rows: str | pl.DataFrame, parameters: Mapping[str, Any] | None = None) -> int:
        """Replace a whole table by the rows of a query or a frame."""
        self.connection.execute(f"delete from {name}")
        return self._insert(TABLE[name], rows, parameters)

    def replace_months(
        self, name: str, months: Sequence[str], rows: str | pl.DataFrame, parameters: Mapping[str, Any] | None = None
    ) -> int:
        """Replace the given months of a table, and no other row of it.

        Raises CasualtyError when the rows hold another month: a month is replaced whole or not at all.
        """
        table = TABLE[name]
        self.connection.execute(f"delete from {name} where {table.month} in (select unnest($months))", {"months": months})
        before = self._count(name)
        count = self._insert(table, rows, parameters)
        outside = self.connection.execute(
            f"select count(*) from {name} where {table.month} in (select unnest($months))", {"months": months}
        ).fetchone()
        if outside is None or outside[0] != count:
            raise OperationalError(
                f"{name}: rows outside of the months {months[0]}..{months[-1]} in a write of those months; "
                f"nothing was written ({before} rows kept)"
            )
        return count

    def growing(self, name: str, columns: str, rows: str) -> None:
        """A temporary table that more rows will be put into by `grow`: `columns` as in DDL, `rows` a query.

        Never `create ... as` for such a table: an empty one loses rows as `grow` says.
        """
        self.connection.execute(f"create or replace temp table {name} ({columns})")
        self._hollow.discard(name)
        self.grow(name, rows)

    def grow(self, name: str, rows: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Insert the rows of a query (`select ...` or `by name select ...`) into a table. Every insert comes through here.

        DuckDB 1.5 loses rows without a word: into a table to which the same transaction inserted nothing but an empty
        result, several threads insert a row group or more, and none of it is there (tests/characterisation). One thread
        inserts into such a table.
        """
        if name in self._hollow:
            with self.in_order():
                inserted = self.connection.execute(f"insert into {name} {rows}", parameters or {}).fetchone()
        else:
            inserted = self.connection.execute(f"insert into {name} {rows}", parameters or {}).fetchone()
        count = int(inserted[0]) if inserted else 0
        if count:
            self._hollow.discard(name)
        else:
            self._hollow.add(name)
        return count

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """Write by one thread, which fills one row group after the other.

        Several leave groups that are full in part, which DuckDB writes anew at a checkpoint: twice the work for wide tables.
        """
        self.connection.execute("set threads = 1")
        try:
            yield
        finally:
            self.connection.execute("reset threads")

    def append(self, name: str, rows: str | pl.DataFrame, parameters: Mapping[str, Any] | None = None) -> int:
        """Add rows to a table."""
        return self._insert(TABLE[name], rows, parameters)

    def _count(self, name: str) -> int:
        row = self.connection.execute(f"select count(*) from {name}").fetchone()
        return int(row[0]) if row else 0

    def _insert(self, table: Table, rows: str | pl.DataFrame, parameters: Mapping[str, Any] | None) -> int:
        if isinstance(rows, pl.DataFrame):
            self.connection.register("incoming_rows", rows.to_arrow())
            rows = "from incoming_rows"
        found = [c[0] for c in self.connection.execute(f"describe {rows}", parameters or {}).fetchall()]
        declared = [c.name for c in table.columns]
        if set(found) != set(declared):
            missing, surplus = sorted(set(declared) - set(found)), sorted(set(found) - set(declared))
            raise CasualtyError(
                f"{table.full_name}: the rows don't fit the declared columns; missing: {missing or 'none'}, "
                f"not declared: {surplus or 'none'}; nothing was written"
            )
        count = self.grow(table.full_name, f"by name {rows}", parameters)
        self.written[table.full_name] = self.written.get(table.full_name, 0) + count
        return count


class NoWarehouseError(OperationalError):
    """Nothing was ever written: there is no file, or no table in it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"no warehouse at {path}: run `casualty run --month YYYY-MM` first")


# Files that this process keeps open, by path (`Warehouse.held`).
_HELD: dict[Path, duckdb.DuckDBPyConnection] = {}


@dataclass(frozen=True)
class Warehouse:
    """One DuckDB file with a schema per stage."""

    path: Path

    def is_there(self) -> bool:
        """Whether anything was ever written."""
        return self.path.is_file()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read. Raises NoWarehouseError when there is none yet, CasualtyError when it can't be read or somebody holds it."""
        if not self.is_there():
            raise NoWarehouseError(self.path)
        connection = self._connect(read_only=True)
        try:
            if self.path not in _HELD:
                self._check_version(connection)
            yield Reading(connection)
        except duckdb.IOException as problem:
            raise CasualtyError(self._unreadable(problem)) from problem
        finally:
            connection.close()

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction: everything that happens inside is kept together, or on any error nothing of it.

        Raises CasualtyError when the warehouse can't be opened, somebody holds it, or another version made it: an older one
        is for `migrating.py`.
        """
        if not self.is_there():
            self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connect(read_only=False)
        try:
            connection.execute("begin")
            try:
                stated = self.path in _HELD or self._check_version(connection)
            except NoWarehouseError:
                stated = False
                for stage in STAGES:
                    connection.execute(f"create schema if not exists {stage}")
                for table in TABLES:
                    connection.execute(table.ddl())
            if not stated:
                schema_version.state(connection)
            yield Writing(connection)
            connection.execute("commit")
        finally:
            connection.close()  # an open transaction is rolled back

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the file open meanwhile: what this process opens is a session of the one connection, other processes wait.

        Opening costs more than most of what is asked. For a step that writes most of its time anyway; a file that isn't
        there, or doesn't state its version, is opened each time. Raises CasualtyError like `writing`.
        """
        with ExitStack() as opened:
            if self.path not in _HELD and self.is_there():
                kept = opened.enter_context(closing(self._patiently(lambda: self._open(read_only=False))))
                with suppress(NoWarehouseError):
                    if self._check_version(kept):
                        _HELD[self.path] = kept
                        opened.callback(_HELD.pop, self.path)
                if self.path not in _HELD:
                    opened.close()
            yield

    @contextmanager
    def as_it_is(self, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """The bare file, of whatever version: only for `migrating.py` and `health`, which ask for that version."""
        connection = self._connect(read_only)
        try:
            yield connection
        finally:
            connection.close()

    def lend(self, borrower: Writing, name: str) -> None:
        """Let another warehouse's connection read this one's tables, as `name.stage.table`, until it closes or detaches it.

        Raises NoWarehouseError when there is none yet, CasualtyError when it can't be read or somebody holds it.
        """
        with self.reading():  # it is there, of this version
            pass
        self._patiently(lambda: attach(borrower.connection, self.path, name, read_only=True))

    def forget_other_key(self) -> bool:
        """Remove the file if it doesn't open with the first key; it is derived. Returns whether it was removed.

        Raises OperationalError while another process holds it.
        """
        if not self.path.is_file() or not encrypted():
            return False
        try:
            self._connect(read_only=True).close()
        except OperationalError:
            raise
        except CasualtyError:
            self.path.unlink()
            self.path.with_name(f"{self.path.name}.wal").unlink(missing_ok=True)
            return True
        return False

    def _connect(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        held = _HELD.get(self.path)
        connection = held.cursor() if held is not None else self._patiently(lambda: self._open(read_only))
        if held is not None and encrypted():
            connection.execute("use warehouse")  # a session's own
        connection.execute("set timezone = 'UTC'")
        # DuckDB 1.5 may push a Bloom filter into the scan of a registered frame, which Arrow's scans then refuse.
        connection.execute("set disabled_optimizers = 'join_filter_pushdown'")
        return connection

    def _open(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        if not encrypted():
            return duckdb.connect(str(self.path), read_only=read_only)
        connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
        try:
            if not read_only:
                _load_crypto(connection)
            attach(connection, self.path, "warehouse", read_only)
            connection.execute("use warehouse")
            connection.execute("set temp_file_encryption = true")
        except BaseException:
            connection.close()
            raise
        return connection

    def _patiently(self, open_it: Callable[[], Opened]) -> Opened:
        """Open the file; while another process holds it, try again for as long as the patience lasts."""
        patience = lock_patience()
        deadline = time.monotonic() + patience
        while True:
            try:
                return open_it()
            except duckdb.Error as problem:
                if _LOCKED not in str(problem).lower():
                    raise CasualtyError(self._unreadable(problem)) from problem
                if time.monotonic() >= deadline:
                    raise OperationalError(self._locked(str(problem), patience)) from problem
            time.sleep(0.2)

    def _check_version(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Refuse tables that aren't as declared: another version of this program, or another program, made them.

        Returns whether the file states its version. Raises NoWarehouseError when it holds no table.
        """
        try:
            problem = self._unlike(connection.execute(_COLUMNS).fetchall())
        except duckdb.CatalogException as missing:  # one isn't there
            if not connection.execute("select count(*) from duckdb_tables()").fetchall()[0][0]:
                # The run that made the file was killed before its first transaction ended.
                raise NoWarehouseError(self.path) from missing
            problem = str(missing)
        found = schema_version.found(connection) if problem else schema_version.stated(connection)
        if refusal := schema_version.why_not(found):
            raise CasualtyError(f"the warehouse {self.path} can't be used: {refusal}")
        if problem:
            raise CasualtyError(self._unreadable(problem))
        return found.stated

    @staticmethod
    def _unlike(columns: Sequence[tuple[str, str, str]]) -> str:
        """The first table whose columns aren't as declared; empty where all are."""
        held: dict[str, set[tuple[str, str]]] = {}
        for table, column, kind in columns:
            held.setdefault(table, set()).add((column, kind))
        unlike = (t.full_name for t in TABLES if held.get(t.full_name) != {(c.name, c.type) for c in t.columns})
        return next((f"{name} isn't as declared" for name in unlike), "")

    def _locked(self, text: str, patience: float) -> str:
        holder = _HOLDER.search(text)
        who = f"process {holder['pid']} ({Path(holder['program']).name})" if holder else "another process"
        return (
            f"the warehouse {self.path} is locked by {who}: waited {patience:g} s; "
            "wait until it is done, or stop it, then try again"
        )

    def _unreadable(self, problem: object) -> str:
        if "without a key" in str(problem):
            return f"{self.path} is encrypted: expected its key in CASUALTY_KEY_FILE or CASUALTY_KEY, found none"
        return (
            f"{self.path} can't be read as a warehouse of this version ({str(problem).splitlines()[0]}). It holds nothing "
            "that the archive doesn't: move it away and run `casualty run` to rebuild it"
        )
