"""What we lean on where Great Expectations pushes its metrics down into DuckDB, one test each.

Where the first fails, Great Expectations has learnt DuckDB itself: `checks/duckdb_dialect.py` may go.
"""

import importlib.util
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from checks.expectations_worker import Judge, breaking

EXPECTATIONS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("ExpectColumnValuesToBeUnique", {"column": "id"}, {"3", "3b"}),
    ("ExpectCompoundColumnsToBeUnique", {"column_list": ["id", "sex"]}, {"3", "3b"}),
    ("ExpectColumnValuesToNotBeNull", {"column": "persons"}, {"5"}),
    ("ExpectColumnValuesToBeBetween", {"column": "persons", "min_value": 1, "max_value": 10}, {"2"}),
    ("ExpectColumnValuesToBeInSet", {"column": "sex", "value_set": ["male", "it's female"]}, {"4"}),
    ("ExpectColumnValueLengthsToEqual", {"column": "digest", "value": 3}, {"1"}),
    (
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {"column_A": "last", "column_B": "first", "or_equal": True, "ignore_row_if": "either_value_is_missing"},
        {"4"},
    ),
]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five rows, of which each expectation above has one kind that breaks it, and empty values that break none."""
    file = tmp_path_factory.mktemp("rows") / "rows.parquet"
    duckdb.execute(
        f"""
        copy (
            select '2020-01' as of_month, k as row_key, id, persons, sex, digest, first::date as first, last::date as last
            from (values
                ('1', 'a', 1, 'male', 'abcd', '2020-01-01', '2020-01-01'),
                ('2', 'b', 0, null, 'abc', '2020-01-01', null),
                ('3', 'c', 10, 'it''s female', null, '2020-01-01', '2020-01-02'),
                ('3b', 'c', 10, 'it''s female', 'abc', null, null),
                ('4', 'd', 3, 'other', 'abc', '2020-01-02', '2020-01-01'),
                ('5', 'e', null, 'male', 'abc', null, '2020-01-01')
            ) as t(k, id, persons, sex, digest, first, last)
        ) to '{file}' (format parquet)
        """
    )
    return file


def test_neither_sqlalchemy_nor_great_expectations_brings_duckdb() -> None:
    from sqlalchemy.dialects import registry
    from sqlalchemy.exc import NoSuchModuleError

    assert importlib.util.find_spec("duckdb_engine") is None
    with pytest.raises(NoSuchModuleError):
        registry.load("duckdb.none")


@pytest.mark.parametrize(("kind", "arguments", "guilty"), EXPECTATIONS, ids=lambda v: v if isinstance(v, str) else "")
def test_great_expectations_counts_the_rows_that_we_name(
    judge: Judge, rows: Path, tmp_path: Path, kind: str, arguments: dict[str, Any], guilty: set[str]
) -> None:
    """`judge` raises where the two don't agree on the number; a value that is empty breaks nothing but a required one."""
    expectation = {"type": kind, "arguments": arguments, "description": kind}
    order = {"number": hash(kind), "table": "t", "rows": rows, "docs": "", "expectations": [expectation]}

    answer = judge.judge({**order, "failing": tmp_path / "failing.parquet"})

    assert answer == {"failed": [0]}
    assert set(pl.read_parquet(tmp_path / "failing.parquet")["key"]) == guilty


def test_metrics_of_one_order_are_not_remembered_for_the_next(judge: Judge, rows: Path, tmp_path: Path) -> None:
    expectation = {"type": "ExpectColumnValuesToNotBeNull", "arguments": {"column": "persons"}, "description": "filled"}
    order = {"table": "t", "docs": "", "failing": tmp_path / "f.parquet", "expectations": [expectation]}
    whole = tmp_path / "whole.parquet"
    duckdb.execute(f"copy (from read_parquet('{rows}') where persons is not null) to '{whole}' (format parquet)")

    assert judge.judge({**order, "number": 101, "rows": rows})["failed"] == [0]
    assert judge.judge({**order, "number": 102, "rows": whole})["failed"] == []


def test_pages_of_data_docs_hold_counts_and_no_values(judge: Judge, rows: Path, tmp_path: Path) -> None:
    kind, arguments, _ = EXPECTATIONS[4]
    order = {"number": 201, "table": "t", "rows": rows, "failing": tmp_path / "f.parquet", "docs": str(tmp_path)}

    judge.judge({**order, "expectations": [{"type": kind, "arguments": arguments, "description": "known"}]})

    page = (tmp_path / "t.html").read_text("utf-8")
    assert "must belong to this set" in page
    assert ">other<" not in page


def test_a_type_without_sql_is_refused() -> None:
    with pytest.raises(ValueError, match="no SQL for ExpectColumnMaxToBeBetween"):
        breaking({"type": "ExpectColumnMaxToBeBetween", "arguments": {"column": "a"}})
