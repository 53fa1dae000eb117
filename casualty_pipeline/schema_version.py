"""Which version of the tables a warehouse holds, and which this program reads. How one becomes the next: `migrating.py`.

The version is a row in the file itself. Files from before there was one are known by their columns. Whoever changes a
column in `tables.py` raises VERSION, sets FINGERPRINT, and adds a step to `migrating.py`; a test says so.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from casualty_pipeline import __version__
from casualty_pipeline.tables import TABLES

VERSION = 3
FINGERPRINT = "de18b3f28374ef2bb1efd456b69ee730e1e4af59f93f9a6cb7b5fb94ce4e3e3c"  # of that version's columns
# Files from before a version stood in them are known by their columns.
UNVERSIONED = {
    "f501fc3f41e430dbb9ecf879729d7891d089c7d9270d74a572c9a2fb2cf5ccb6": 1,
    "9b620bd9a8dec48698734425df12996ac7bc1b1f8215cea4bce0d469c481ab00": 2,
}
_TABLE = "main.warehouse_version"


@dataclass(frozen=True)
class Found:
    """What a file holds: `version` is None where its tables are of no version that is known.

    `program` is the version of casualty-pipeline that wrote it, empty where the file doesn't say; `stated`: whether the
    version stands in the file, or was concluded from its columns.
    """

    version: int | None
    program: str = ""
    stated: bool = False


def fingerprint(columns: Iterable[tuple[str, str, str]]) -> str:
    """A hash over columns, each given as table (`stage.name`), name and type; their order doesn't matter."""
    return hashlib.sha256("\n".join(sorted("\t".join(column) for column in columns)).encode()).hexdigest()


def declared() -> list[tuple[str, str, str]]:
    """The columns of all tables, as `tables.py` declares them."""
    return [(t.full_name, c.name, c.type) for t in TABLES for c in t.columns]


def columns_of(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """The columns of the tables that a file holds, but for its own version."""
    return connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        f"where not internal and database_name = current_database() and schema_name || '.' || table_name <> '{_TABLE}' "
        "and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())"
    ).fetchall()


def stated(connection: duckdb.DuckDBPyConnection) -> Found:
    """What the file itself says; a version of None where it says nothing."""
    try:
        rows = connection.execute(f"select version, program from {_TABLE}").fetchall()
    except duckdb.CatalogException:
        return Found(None)
    return Found(int(rows[0][0]), str(rows[0][1]), stated=True) if rows else Found(None)


def found(connection: duckdb.DuckDBPyConnection) -> Found:
    """The version of the tables that a file holds: what it says, else what its columns are."""
    said = stated(connection)
    return said if said.stated else Found(UNVERSIONED.get(fingerprint(columns_of(connection))))


def state(connection: duckdb.DuckDBPyConnection, version: int = VERSION) -> None:
    """Write the version into the file, inside the transaction that made it so."""
    connection.execute(f"create table if not exists {_TABLE} (version integer not null, program varchar not null)")
    connection.execute(f"delete from {_TABLE}")
    connection.execute(f"insert into {_TABLE} values ($version, $program)", {"version": version, "program": __version__})


def why_not(found: Found) -> str:
    """Why this program doesn't open such a file, and what to do; empty where no version says so."""
    if found.version is None or found.version == VERSION:
        return ""
    if found.version < VERSION:
        return f"it holds version {found.version} of the tables, this program version {VERSION}: run `casualty migrate`"
    return (
        f"it holds version {found.version} of the tables, written by casualty-pipeline {found.program}; this program "
        f"({__version__}) knows versions up to {VERSION}: install casualty-pipeline {found.program} or newer"
    )
