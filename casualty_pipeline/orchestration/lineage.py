"""Column lineage, read off the SQL that computes each table; intermediate queries are followed to the stages' tables.

It is worked out when the SQL changes (`make lineage` writes `lineage.json` beside this file, and a test fails when that is
out of date), not in every run: sqlglot is needed for that alone, and takes seconds.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from casualty_pipeline.shipped import shipped
from casualty_pipeline.tables import STAGES, TABLE, TABLES
from casualty_pipeline.warehouse import read_sql

if TYPE_CHECKING:
    from sqlglot.lineage import Node

FILE = Path(__file__).with_suffix(".json")

# The names under which a query reads the result of another, and the frames that Python makes from a stage's columns.
_INTERMEDIATE = {
    "statements": "cleaned.statements",
    "typed": "cleaned.typed",
    "persons_listed": "deduplicated.persons",
    "remainder": "deduplicated.remainder",
    "attributions": "attributed.attributions",
    "decided": "attributed.decided",
    "resolved_victims": "attributed.victims",
    "resolved_incidents": "attributed.incidents",
}
_DERIVED_FRAMES = {
    ("names_read", "name_ar_normal"): ("captures.records", "name_ar"),
    ("names_read", "name_en_normal"): ("captures.records", "name_en"),
    ("names_read", "unnamed"): ("captures.records", "name_en"),
    ("names_read", "stated_persons"): ("captures.records", "name_en"),
    ("names_read", "other_names"): ("captures.records", "name_en"),
    **{
        ("names_read", f"stated_{who}"): ("captures.records", "name_en")
        for who in ("children", "women", "men", "female", "male")
    },
    **{
        ("places_read", column): ("captures.records", given)
        for column, given in {
            **dict.fromkeys(("governorate", "governorates", "district"), "governorate"),
            **dict.fromkeys(("place_key", "place_id", "precision"), "place"),
            "latitude": "latitude",
            "longitude": "longitude",
        }.items()
    },
    ("links", "victim_id"): ("cleaned.records", "record_id"),
    ("links", "record_id"): ("cleaned.records", "record_id"),
}


@cache
def _schema() -> dict[str, dict[str, dict[str, str]]]:
    schema: dict[str, dict[str, dict[str, str]]] = {stage: {} for stage in STAGES}
    for table in TABLES:
        schema[table.stage][table.name] = {c.name: c.type for c in table.columns}
    return schema


@cache
def _read_through() -> Mapping[str, str]:
    """For each alias of `readings` in typed.sql (one per field), the column of statements that it reads."""
    import sqlglot
    from sqlglot import exp

    result = {}
    for join in sqlglot.parse_one(read_sql("cleaned.typed"), dialect="duckdb").find_all(exp.Join):
        if isinstance(join.this, exp.Table) and join.this.name == "readings":
            for equality in join.args["on"].find_all(exp.EQ):
                sides = [c for c in (equality.left, equality.right) if isinstance(c, exp.Column)]
                if len(sides) == 2 and "raw" in {s.name for s in sides}:
                    result[join.this.alias] = next(s.name for s in sides if s.name != "raw")
    return result


@cache
def known_lineage() -> Mapping[str, Mapping[str, list[tuple[str, str]]]]:
    """table -> column -> the (table, column) pairs that it is derived from, as last worked out."""
    recorded = json.loads(FILE.read_text(encoding="utf-8"))
    return {t: {c: [(a, b) for a, b in pairs] for c, pairs in columns.items()} for t, columns in recorded.items()}


def work_out() -> str:
    """The text of lineage.json, from the SQL as it is now."""
    computed = (t.full_name for t in TABLES if (shipped("sql") / t.stage / f"{t.name}.sql").is_file())
    return json.dumps({t: column_lineage(t) for t in computed}, indent=1, sort_keys=True) + "\n"


def column_lineage(table: str) -> dict[str, list[tuple[str, str]]]:
    """For each column of a table computed by `sql/`, the (table, column) pairs that it is derived from."""
    from sqlglot.lineage import lineage

    sources = {name: read_sql(sql) for name, sql in _INTERMEDIATE.items() if sql != table}
    # Not trimming the queries to one column spares a copy of them per column: the same answer, forty times sooner.
    roots = lineage(None, read_sql(table), schema=_schema(), sources=sources, dialect="duckdb", trim_selects=False)
    leaves = {c.name: sorted({leaf for node in roots[c.name].walk() for leaf in _leaf(node)}) for c in TABLE[table].columns}
    return {column: found for column, found in leaves.items() if found}


def _leaf(node: "Node") -> list[tuple[str, str]]:
    from sqlglot import exp

    if node.downstream or not isinstance(node.expression, exp.Table):
        return []
    table, column = node.expression, node.name.split(".")[-1].strip('"')
    full = f"{table.db}.{table.name}"
    if full in TABLE:
        return [(full, column)]
    if table.name == "readings":
        field = _read_through().get(table.alias)
        return [("captures.records", field)] if field else []
    derived = _DERIVED_FRAMES.get((table.name, column))
    return [derived] if derived else []


if __name__ == "__main__":
    sys.stdout.write(work_out())
