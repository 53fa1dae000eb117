"""DuckDB for SQLAlchemy, as far as Great Expectations needs it: one connection that stays open, and its tables' columns.

Great Expectations pushes its metrics down as SQL through SQLAlchemy, and fetches what they give after it has given back the
connection. On an engine that closes it, every expectation fails ("No open result set"); here there is one for the whole
process, in memory, which holds nothing but the rows that are judged. Where Great Expectations learns DuckDB itself, this
module can go (tests/characterisation says when).
"""

from typing import Any

import duckdb
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import StaticPool
from sqlalchemy.types import NullType


class DuckDBDialect(DefaultDialect):
    """What SQLAlchemy has to know: parameters are question marks, and nothing needs a transaction."""

    name = "duckdb"
    driver = "duckdb"
    default_paramstyle = "qmark"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        """DuckDB's own module follows the DB API."""
        return duckdb

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: queries only read."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing, likewise."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing, likewise; DuckDB would refuse it where no transaction is open."""

    def _get_default_schema_name(self, connection: Any) -> str:  # noqa: ARG002
        return "main"

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> Any:  # noqa: ARG002
        """The columns by name; of the types nobody asks."""
        described = connection.exec_driver_sql(f'describe "{table_name}"').fetchall()
        return [{"name": row[0], "type": NullType(), "nullable": True, "default": None} for row in described]

    def get_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:  # noqa: ARG002
        """The tables of the database."""
        return [row[0] for row in connection.exec_driver_sql("show tables").fetchall()]

    def get_pk_constraint(self, *_: Any, **__: Any) -> Any:
        """None: what is judged has no constraints."""
        return {"constrained_columns": [], "name": None}


def engine_on(connection: duckdb.DuckDBPyConnection) -> Engine:
    """A SQLAlchemy engine whose one connection is this one, and stays open."""
    registry.register("duckdb", __name__, "DuckDBDialect")
    return create_engine("duckdb://", poolclass=StaticPool, creator=lambda: connection)
