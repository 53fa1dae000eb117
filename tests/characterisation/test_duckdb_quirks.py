"""What we lean on in DuckDB 1.5, one test each. Where one fails after an upgrade, its name says what changed."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("create table toll (party varchar, killed integer, injured integer)")
    return tmp_path / "w.duckdb"


def test_insert_by_name_puts_reordered_columns_where_they_belong(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("insert into toll by name select 2 as injured, 'russia' as party, 19 as killed")

        assert connection.execute("from toll").fetchall() == [("russia", 19, 2)]


def test_new_tables_and_rows_of_one_transaction_vanish_together(file: Path) -> None:
    connection = duckdb.connect(str(file))
    connection.execute("begin")
    connection.execute("create schema monthly")
    connection.execute("create table monthly.figures as select 1 as value")
    connection.execute("insert into toll values ('isis', 1, 0)")
    connection.close()  # as when a step dies: no rollback is asked for

    with duckdb.connect(str(file)) as again:
        assert again.execute("select count(*) from duckdb_tables() where schema_name = 'monthly'").fetchall() == [(0,)]
        assert again.execute("select count(*) from toll").fetchall() == [(0,)]


def test_a_reading_connection_may_make_temporary_tables(file: Path) -> None:
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("create temp table months as select '2020-03' as month")

        assert connection.execute("from months").fetchall() == [("2020-03",)]
        with pytest.raises(duckdb.InvalidInputException):
            connection.execute("insert into toll values ('isis', 1, 0)")


def test_a_locked_file_is_refused_with_the_holder_s_process_number(file: Path) -> None:
    program = f"import duckdb, sys; c = duckdb.connect({str(file)!r}); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "open\n"
        with pytest.raises(duckdb.IOException, match=rf"held in \S+ \(PID {holder.pid}\)"):
            duckdb.connect(str(file))
    finally:
        holder.communicate("")


def test_two_processes_may_read_at_once(file: Path) -> None:
    program = f"import duckdb; print(duckdb.connect({str(file)!r}, read_only=True).execute('from toll').fetchall())"
    with duckdb.connect(str(file), read_only=True):
        done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=os.environ)

    assert done.stdout == "[]\n"


def test_first_takes_an_order_and_a_filter() -> None:
    query = """
        select first(v order by k desc) filter (where v is not null)
        from (values (1, 'early'), (2, 'late'), (3, null)) as t(k, v)
    """

    assert duckdb.sql(query).fetchall() == [("late",)]


@pytest.mark.parametrize(("left", "right", "distance"), [("samar", "qamar", 1), ("سمر", "قمر", 2)])
def test_levenshtein_counts_bytes_so_arabic_must_be_folded_to_ascii_first(left: str, right: str, distance: int) -> None:
    assert duckdb.execute("select levenshtein(?, ?)", [left, right]).fetchall() == [(distance,)]


ROW_GROUP = 122_880


@pytest.mark.parametrize(
    ("before", "threads", "kept"),
    [
        ("insert into t select v from nothing", 2, 0),
        ("create or replace table t as select v from nothing", 2, 0),
        ("insert into t select v from nothing", 1, ROW_GROUP),
        ("select 1", 2, ROW_GROUP),
    ],
)
def test_after_an_empty_insert_several_threads_lose_a_row_group_without_a_word(before: str, threads: int, kept: int) -> None:
    """In one transaction, and kept so by its commit: hence `Writing.grow`. Watch for a DuckDB that doesn't."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("create table nothing as select 1::bigint as v where false")
        connection.execute(f"create table many as select range as v from range({ROW_GROUP})")
        connection.execute("create table t (v bigint)")
        connection.execute("begin")
        connection.execute(before)
        connection.execute(f"set threads = {threads}")
        assert connection.execute("insert into t select v from many").fetchall() == [(ROW_GROUP,)]
        connection.execute("commit")
        assert connection.execute("select count(*) from t").fetchall() == [(kept,)]


def test_a_parameter_loads_pandas_unless_it_is_said_not_to_be_there() -> None:
    """Half a second of every short command; `casualty` says so (casualty_pipeline/cli.py)."""
    code = """
import sys, datetime, decimal
{first}
import duckdb
given = [1, "x", None, 1.5, True, b"x", decimal.Decimal("1.5"), datetime.datetime(2020, 3, 1), [1], {{"a": 1}}]
print([duckdb.execute("select $a", {{"a": x}}).fetchall() == [(x,)] for x in given], "numpy" in sys.modules)
"""
    loaded, not_there = (
        subprocess.run(
            [sys.executable, "-c", code.format(first=first)], capture_output=True, text=True, check=True
        ).stdout.strip()
        for first in ("", "sys.modules['pandas'] = None")
    )
    assert (loaded, not_there) == (f"{[True] * 10} True", f"{[True] * 10} False")
