"""The decisions in force, for every stage that asks: `sql/captures/in_force.sql`, in a query or as a view."""

from functools import cache

from casualty_pipeline.warehouse import Reading, read_sql


@cache
def in_force() -> str:
    """A query, in parentheses, with the columns of captures.decisions: what stands in the place of a table."""
    return f"({read_sql('captures.in_force')})"


def see_in_force(reading: Reading) -> None:
    """Make the temporary view `in_force`, which queries of `sql/` read."""
    reading.connection.execute(f"create or replace temp view in_force as {read_sql('captures.in_force')}")
