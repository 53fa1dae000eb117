"""Makes checks: rules on the connection that is given, expectations in the process beside it, both at once."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import ROW, Outcome
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading
from checks.rules import Check
from checks.worker import WORKER, Suite


def evaluate(
    checks: Sequence[Check], home: HomeResource, reading: Reading, months: Sequence[str], docs: Path | None = None
) -> list[Outcome]:
    """The outcome of each check over the months; over all months that its table holds, where none are given.

    `reading` may be inside a transaction: what it has written is what is judged. Great Expectations' Data Docs are written
    to `docs`, where that is given.
    """
    suites = {table: _suite(checks, table) for table in dict.fromkeys(c.table for c in checks if c.expectations)}
    of_table = {t: list(months) or _stored(reading, t) for t in dict.fromkeys(c.table for c in checks)}
    with tempfile.TemporaryDirectory(prefix="audit-", dir=home.home.path) as folder:
        orders = {}
        for table, suite in suites.items():
            rows, failing = Path(folder, f"{table}.parquet"), Path(folder, f"{table}.failing.parquet")
            suite.export(reading, of_table[table], rows)
            orders[table] = (WORKER.ask(suite, rows, failing, docs), failing)
        found = {id(c): c.find(home, reading, of_table[c.table]) for c in checks if not c.expectations}
        for table, suite in suites.items():
            number, failing = orders[table]
            broken = WORKER.take(number, suite, failing)
            for check in (c for c in checks if c.table == table and c.expectations):
                found[id(check)] = _rows(check, suite, broken)
    return [
        Outcome(c.table, c.name, c.blocking, found[id(c)], tuple(of_table[c.table]) if c.by_month else None) for c in checks
    ]


def _suite(checks: Sequence[Check], table: str) -> Suite:
    return Suite(table, [e for c in checks if c.table == table for e in c.expectations])


def _rows(check: Check, suite: Suite, broken: pl.DataFrame) -> pl.DataFrame:
    """The failing rows of one check, of those of its table's suite."""
    if broken.is_empty():
        return pl.DataFrame(schema=ROW)
    reasons = {n: e.description for n, e in enumerate(suite.expectations) if any(e is mine for mine in check.expectations)}
    place = pl.col("expectation")
    return (
        broken.filter(place.is_in(list(reasons)))
        .select("month", "key", place.replace_strict(reasons, default=None, return_dtype=pl.String).alias("reason"))
        .sort("month", "key", "reason")
    )


def _stored(reading: Reading, table: str) -> list[str]:
    month = TABLE[table].month
    if not month:
        return []
    rows = reading.connection.execute(f"select distinct {month} from {table} order by all").fetchall()
    return [m for (m,) in rows]
