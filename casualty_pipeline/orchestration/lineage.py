"""Column lineage, read off the SQL that computes each table; intermediate queries are followed to the stages' tables.

It is worked out when the SQL changes (`make lineage` writes `lineage.json` beside this file, and a test fails when that is
out of date), not in every run: sqlglot is needed for that alone, and takes seconds.
"""

import json
import sys
from collections.abc import Mapping, Sequence
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
    "in_force": "captures.in_force",
    "statements": "cleaned.statements",
    "typed": "cleaned.typed",
    **{name: f"deduplicated.{name}" for name in ("speaking", "copies", "independence", "earliest", "claims")},
    "values_disputed": "deduplicated.victim_values",
    **{name: f"deduplicated.{name}" for name in ("known", "composition", "kinds")},
    "persons_listed": "deduplicated.persons",
    "remainder": "deduplicated.remainder",
    "attributions": "attributed.attributions",
    "decided": "attributed.decided",
    "resolved_victims": "attributed.victims",
    "resolved_incidents": "attributed.incidents",
    "claims_made": "attributed.claims_made",
    "attributions_then": "attributed.attributions",
    "ever_decided": "attributed.decided",
    "rulings": "attributed.rulings",
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
    computed = (t.full_name for t in TABLES if not t.working and (shipped("sql") / t.stage / f"{t.name}.sql").is_file())
    return json.dumps({t: column_lineage(t) for t in computed}, indent=1, sort_keys=True) + "\n"


def column_lineage(table: str) -> dict[str, list[tuple[str, str]]]:
    """For each column of a table computed by `sql/`, the (table, column) pairs that it is derived from."""
    found = _derived(table)
    return {c.name: list(found[c.name]) for c in TABLE[table].columns if found[c.name]}


@cache
def _derived(query: str) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """For each column of a query of `sql/`, the columns of tables that it comes from, through the queries that it reads."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.lineage import lineage

    parsed = sqlglot.parse_one(read_sql(query), dialect="duckdb")
    read = {t.name for t in parsed.find_all(exp.Table) if not t.db} & {n for n, of in _INTERMEDIATE.items() if of != query}
    columns = {name: dict.fromkeys(_derived(_INTERMEDIATE[name]), "VARCHAR") for name in sorted(read)}
    # Not trimming the queries to one column spares a copy of them per column: the same answer, forty times sooner.
    roots = lineage(None, parsed, schema={**_schema(), "": columns}, dialect="duckdb", trim_selects=False)
    return {name: tuple(sorted({leaf for node in root.walk() for leaf in _leaf(node)})) for name, root in roots.items()}


def _leaf(node: "Node") -> Sequence[tuple[str, str]]:
    from sqlglot import exp

    if node.downstream or not isinstance(node.expression, exp.Table):
        return ()
    table, column = node.expression, node.name.split(".")[-1].strip('"')
    full = f"{table.db}.{table.name}"
    if full in TABLE:
        return ((full, column),)
    if table.name == "readings":
        field = _read_through().get(table.alias)
        return (("captures.records", field),) if field else ()
    if table.name in _INTERMEDIATE:
        return _derived(_INTERMEDIATE[table.name]).get(column, ())
    derived = _DERIVED_FRAMES.get((table.name, column))
    return (derived,) if derived else ()


if __name__ == "__main__":
    sys.stdout.write(work_out())
