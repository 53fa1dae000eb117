"""Editions in the warehouse: reports.editions, monthly.restatements and monthly.vintages, read from `published/`.

What is published is the truth here; the tables are for looking it up with SQL and in Dagster, and may be deleted.
"""

import polars as pl

from casualty_pipeline.editions.differences import restatement_of
from casualty_pipeline.editions.shelf import Edition, editions, summary
from casualty_pipeline.home import Home
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Warehouse, Writing

TABLES = ("reports.editions", "monthly.restatements", "monthly.vintages")


def record_editions(home: Home) -> None:
    """Bring the three tables up to date with what is published, in a transaction of its own."""
    with Warehouse(home.warehouse).writing() as write:
        write_editions(write, home)


def write_editions(write: Writing, home: Home) -> None:
    """The same in the transaction that is open. Editions never change: only those that aren't there yet are read."""
    there = {e.manifest.sha256: e for e in editions(home)}
    known = {sha for (sha,) in write.connection.execute("select manifest from reports.editions").fetchall()}
    if known - there.keys():  # somebody took an edition away: all of them are read again
        known = set()
        for table in TABLES:
            write.connection.execute(f"delete from {table}")
    for one in (e for sha, e in sorted(there.items(), key=lambda item: (item[1].month, item[1].number)) if sha not in known):
        _add(write, one)


def _add(write: Writing, one: Edition) -> None:
    told = {
        name: value for name, value in summary(one).items() if name in {c.name for c in TABLE["reports.editions"].columns}
    }
    of = (pl.lit(one.month).alias("month"), pl.lit(one.number, pl.Int32).alias("edition"))
    write.append("monthly.vintages", one.figures().with_columns(*of, as_of=pl.lit(one.manifest.as_of)))
    write.append("monthly.restatements", restatement_of(one).with_columns(*of))
    write.append("reports.editions", pl.DataFrame([told]))
