"""Which statements meet, and that the SQL by which they do is not DuckDB's alone."""

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest
import sqlglot
from sqlglot import exp

from casualty_pipeline.linkage import Constraints, link, pairs
from casualty_pipeline.linkage.model import load
from casualty_pipeline.warehouse import read_sql

Table = Callable[..., pl.DataFrame]

# Of Spark 3.5's reference of built-in functions (https://spark.apache.org/docs/latest/api/sql/): those that the SQL needs.
SPARK = frozenset(
    [
        *(
            "abs",
            "array",
            "array_contains",
            "array_distinct",
            "array_join",
            "cast",
            "coalesce",
            "concat",
            "count",
            "date_format",
        ),
        *("datediff", "date_diff", "day", "dayofmonth", "dayofyear", "exists", "filter", "floor", "get", "greatest", "hash"),
        *("if", "least", "left", "len", "length", "levenshtein", "max", "min", "month", "replace", "right", "row_number"),
        *("element_at", "shiftleft", "size", "startswith", "substr", "substring", "sum", "to_date", "try_element_at"),
        *("xxhash64", "year"),
    ]
)


def _in_spark(name: str) -> exp.Expression:
    text = read_sql(name).replace("$window_days", str(pairs.WINDOW_DAYS))
    (statement,) = sqlglot.transpile(text, read="duckdb", write="spark")
    return sqlglot.parse_one(statement, read="spark")


def _functions(statement: exp.Expression) -> Iterator[str]:
    for call in statement.find_all(exp.Func):
        if isinstance(call, exp.Anonymous):
            yield str(call.this).lower()
        elif not isinstance(call, (exp.Case, exp.And, exp.Or, exp.Cast, exp.If, exp.Bracket)):
            yield call.sql("spark").split("(")[0].lower()


# What these show: that keys and comparisons are written in SQL that sqlglot can say in Spark's dialect, with nothing but
# functions that Spark has. What they don't: that Spark then gives the same keys and levels, since no Spark runs here (hashes
# differ, for one: keys made there meet only keys made there; and an empty list has no first word where ANSI mode is on).
@pytest.mark.parametrize("name", ["deduplicated.keys", "deduplicated.facts", "deduplicated.compared"])
def test_the_sql_of_pairs_can_be_said_in_spark_s_dialect(name: str) -> None:
    again = _in_spark(name)
    assert again.sql("spark") == sqlglot.parse_one(again.sql("spark"), read="spark").sql("spark")


@pytest.mark.parametrize("name", ["deduplicated.keys", "deduplicated.facts", "deduplicated.compared"])
def test_the_sql_of_pairs_uses_functions_that_spark_has(name: str) -> None:
    assert set(_functions(_in_spark(name))) - SPARK == set()


@pytest.mark.parametrize("name", ["deduplicated.keys", "deduplicated.facts", "deduplicated.compared"])
def test_the_sql_of_pairs_means_in_spark_what_it_means_here(name: str) -> None:
    """Two things are translated in silence and mean something else: places counted from the end, days between dates."""
    said = _in_spark(name)
    assert not [b.sql() for b in said.find_all(exp.Bracket) if isinstance(b.expressions[0], exp.Neg)]
    days = {"birth_first", "birth_last", "day_first", "day_last"}
    assert not [s.sql() for s in said.find_all(exp.Sub) if days & _names(s)]


def _names(part: exp.Expression) -> set[str]:
    return {column.name for column in part.find_all(exp.Column)}


def test_the_pattern_of_levels_can_be_said_in_spark_s_dialect() -> None:
    (said,) = sqlglot.transpile(f"select {load().pattern_sql()} as pattern", read="duckdb", write="spark")
    assert "SHIFTLEFT" in said.upper() or "<<" in said
    assert sqlglot.parse_one(said, read="spark")


SITE: dict[str, Any] = {"day": "2020-03-05", "governorate": "SY07", "place_key": "kafr nabl"}


def test_each_kind_of_key_is_told_in_words() -> None:
    found = {int(n.this.this) for n in sqlglot.parse_one(_keys(), read="duckdb").find_all(exp.Alias) if _is_scheme(n)}
    assert found == set(pairs.SCHEMES)
    assert 8 <= len(found) <= 12


def _keys() -> str:
    return read_sql("deduplicated.keys").replace("$window_days", "16")


def _is_scheme(alias: exp.Alias) -> bool:
    return alias.alias == "scheme" and isinstance(alias.this, exp.Literal)


def test_rows_of_a_source_that_lists_each_person_once_never_meet(statements: Table) -> None:
    rows = [SITE | {"source": source, "en": "Zakaria Halim Darwish"} for source in ("list", "list", "b")]
    found = link(statements(*rows), Constraints(one_per_source=frozenset({"list"}))).pairs
    assert sorted(found.select("record_a", "record_b").iter_rows()) == [("R-0", "R-2"), ("R-1", "R-2")]
