"""A warehouse in memory, for what is worked out and thrown away. Nothing here knows what is put into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from casualty_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Scratch(Warehouse):
    """Tables as in any warehouse, as long as `memory` is open; `path` is a name for messages alone."""

    memory: duckdb.DuckDBPyConnection

    def _connect(self, read_only: bool) -> duckdb.DuckDBPyConnection:  # noqa: ARG002 - a cursor can do both
        """Another connection to the same tables."""
        connection = self.memory.cursor()
        connection.execute("set timezone = 'UTC'")
        connection.execute("set disabled_optimizers = 'join_filter_pushdown'")
        return connection

    def is_there(self) -> bool:
        """It is made with its first write, and nobody else can take it away."""
        return True


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A warehouse that is gone afterwards."""
    with duckdb.connect(":memory:") as memory:
        yield Scratch(Path("in memory"), memory)
