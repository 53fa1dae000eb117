"""Dagster's SQLite files, kept open for as long as a run lasts. Nothing is read from or written to them here."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path


@contextmanager
def kept_open(dagster: Path) -> Iterator[None]:
    """Hold a connection to the books of runs and events beneath DAGSTER_HOME.

    Dagster opens and closes one for every event, and each time that the last one closes, SQLite folds its write-ahead log
    back into the file and begins another. While this one is open, it never is the last.
    """
    with ExitStack() as stack:
        for file in (dagster / "history" / "runs.db", dagster / "history" / "runs" / "index.db"):
            if file.is_file():
                connection = stack.enter_context(closing(sqlite3.connect(file)))
                connection.execute("select count(*) from sqlite_master").fetchone()  # it opens the file at the first query
        yield
