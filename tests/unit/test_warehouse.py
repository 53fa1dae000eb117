"""The only door to DuckDB: one transaction, by name, whole months; or nothing."""

import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.tables import FIGURE_COLUMNS, TABLES
from casualty_pipeline.warehouse import Warehouse, lock_patience

FIGURES = "monthly.figures"


def figures(month: str, value: float, **extra: object) -> pl.DataFrame:
    row = {"month": month, "period": month, **dict.fromkeys(FIGURE_COLUMNS[1:-1], ""), "value": value}
    return pl.DataFrame([{**row, **extra}])


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """January and February with one figure each."""
    made = Warehouse(tmp_path / "warehouse.duckdb")
    with made.writing() as write:
        write.append(FIGURES, figures("2020-01", 1))
        write.append(FIGURES, figures("2020-02", 2))
    return made


def held(warehouse: Warehouse) -> dict[str, float]:
    with warehouse.reading() as reading:
        return dict(reading.table(FIGURES).select("month", "value").iter_rows())


def test_every_declared_table_is_there(warehouse: Warehouse) -> None:
    with warehouse.reading() as reading:
        for table in TABLES:
            assert reading.table(table.full_name).columns == [c.name for c in table.columns]


def test_a_month_is_replaced_and_no_other(warehouse: Warehouse) -> None:
    with warehouse.writing() as write:
        assert write.replace_months(FIGURES, ["2020-02"], figures("2020-02", 20)) == 1
    assert held(warehouse) == {"2020-01": 1, "2020-02": 20}


def test_a_month_can_become_empty(warehouse: Warehouse) -> None:
    with warehouse.writing() as write:
        write.replace_months(FIGURES, ["2020-02"], figures("2020-02", 20).clear())
    assert held(warehouse) == {"2020-01": 1}


def test_columns_go_by_name_not_by_position(warehouse: Warehouse) -> None:
    turned = figures("2020-02", 20, population="civilians")
    with warehouse.writing() as write:
        write.replace_months(FIGURES, ["2020-02"], turned.select(reversed(turned.columns)))
    with warehouse.reading() as reading:
        row = reading.table(FIGURES).filter(pl.col("month") == "2020-02").to_dicts()[0]
    assert (row["value"], row["population"], row["party"]) == (20, "civilians", "")


WRONG = {
    "another month": (figures("2020-01", 20), "rows outside of the months 2020-02..2020-02"),
    "a column too many": (figures("2020-02", 20, mood="fine"), r"missing: none, not declared: \['mood'\]"),
    "a column too few": (figures("2020-02", 20).drop("value"), r"missing: \['value'\], not declared: none"),
    "a column of another name": (figures("2020-02", 20).rename({"value": "number"}), r"missing: \['value'\]"),
}


@pytest.mark.parametrize("case", WRONG)
def test_rows_that_do_not_fit_leave_the_old_ones(warehouse: Warehouse, case: str) -> None:
    rows, reason = WRONG[case]
    with pytest.raises(CasualtyError, match=reason), warehouse.writing() as write:
        write.replace_months(FIGURES, ["2020-02"], rows)
    assert held(warehouse) == {"2020-01": 1, "2020-02": 2}


@pytest.mark.parametrize("rows", ["select nothing from nowhere", "from monthly.figures where month / 0 = 'a'"])
def test_a_query_that_fails_leaves_the_old_rows(warehouse: Warehouse, rows: str) -> None:
    with pytest.raises(duckdb.Error), warehouse.writing() as write:
        write.replace_months(FIGURES, ["2020-02"], rows)
    assert held(warehouse) == {"2020-01": 1, "2020-02": 2}


def test_a_value_that_must_be_there_is_demanded(warehouse: Warehouse) -> None:
    empty = figures("2020-02", 2).with_columns(value=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(duckdb.ConstraintException), warehouse.writing() as write:
        write.replace(FIGURES, empty)
    assert held(warehouse) == {"2020-01": 1, "2020-02": 2}


def test_all_writes_of_a_step_are_kept_together_or_none(warehouse: Warehouse) -> None:
    class BrokeOffError(Exception):
        pass

    with pytest.raises(BrokeOffError), warehouse.writing() as write:
        write.replace_months(FIGURES, ["2020-01"], figures("2020-01", 10))
        write.replace(FIGURES, figures("2020-03", 30))
        raise BrokeOffError
    assert held(warehouse) == {"2020-01": 1, "2020-02": 2}


def test_what_was_written_is_counted(warehouse: Warehouse) -> None:
    with warehouse.writing() as write:
        write.append(FIGURES, figures("2020-03", 3))
        write.append(FIGURES, figures("2020-04", 4))
        assert write.written == {FIGURES: 2}


def test_a_table_is_read_in_the_order_of_its_key(warehouse: Warehouse) -> None:
    with warehouse.writing() as write:
        write.append(FIGURES, figures("2019-12", 0))
    assert list(held(warehouse)) == ["2019-12", "2020-01", "2020-02"]


def test_reading_cannot_write(warehouse: Warehouse) -> None:
    with pytest.raises(duckdb.InvalidInputException), warehouse.reading() as reading:
        reading.connection.execute("delete from monthly.figures")
    assert len(held(warehouse)) == 2


def test_moments_are_utc_wherever_the_machine_stands(warehouse: Warehouse) -> None:
    with warehouse.reading() as reading:
        assert reading.connection.execute("select current_setting('TimeZone')").fetchone() == ("UTC",)


def test_without_a_warehouse_reading_says_how_to_get_one(tmp_path: Path) -> None:
    with (
        pytest.raises(CasualtyError, match="run `casualty run --month YYYY-MM` first"),
        Warehouse(tmp_path / "none").reading(),
    ):
        pass
    assert not (tmp_path / "none").exists()


def test_a_damaged_warehouse_is_not_taken_for_a_locked_one(warehouse: Warehouse) -> None:
    """DuckDB speaks of a corrupt "block": it holds the word "lock", and waiting wouldn't help."""
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("create table filler as select range as n from range(100000)")
    header, blocks = warehouse.path.read_bytes()[:12_288], warehouse.path.stat().st_size - 12_288
    warehouse.path.write_bytes(header + bytes(blocks))
    with pytest.raises(CasualtyError, match="can't be read as a warehouse") as caught, warehouse.reading() as reading:
        reading.frame("from filler")
    assert "locked" not in str(caught.value)


def test_a_database_without_tables_is_no_warehouse_yet(tmp_path: Path) -> None:
    """So a run leaves it that was killed before it wrote anything."""
    path = tmp_path / "fresh.duckdb"
    duckdb.connect(str(path)).close()
    with pytest.raises(CasualtyError, match="no warehouse at"), Warehouse(path).reading():
        pass


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table theirs (n integer)")
    with pytest.raises(CasualtyError, match="can't be read as a warehouse of this version"), Warehouse(path).reading():
        pass


def test_a_warehouse_of_another_version_is_refused_before_anything_is_written(warehouse: Warehouse) -> None:
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("alter table monthly.figures drop column value")
    for door in (warehouse.reading, warehouse.writing):
        with pytest.raises(CasualtyError, match=r"monthly\.figures isn't as declared.*move it away and run"), door():
            pass


_HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_who_holds_a_locked_warehouse_is_named(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASUALTY_LOCK_PATIENCE", "0.3")
    command = [sys.executable, "-c", _HOLD, str(warehouse.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            with (
                pytest.raises(CasualtyError, match=rf"locked by process {holder.pid} \(.+\): waited 0.3 s"),
                warehouse.writing(),
            ):
                pass
        finally:
            holder.kill()
    assert held(warehouse) == {"2020-01": 1, "2020-02": 2}


def test_a_warehouse_that_is_released_in_time_is_waited_for(warehouse: Warehouse) -> None:
    command = [sys.executable, "-c", _HOLD, str(warehouse.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        holder.stdout.readline()
        holder.stdin.close()
        assert held(warehouse) == {"2020-01": 1, "2020-02": 2}


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("2.5", 2.5), ("600", 600)])
def test_the_patience_is_set_by_the_environment(monkeypatch: pytest.MonkeyPatch, text: str, seconds: float) -> None:
    monkeypatch.setenv("CASUALTY_LOCK_PATIENCE", text)
    assert lock_patience() == seconds


@pytest.mark.parametrize("text", ["", "long", "-1", "nan", "inf"])
def test_a_patience_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CASUALTY_LOCK_PATIENCE", text)
    with pytest.raises(CasualtyError, match="expected a number of seconds"):
        lock_patience()


def test_many_rows_after_none_are_all_there(tmp_path: Path) -> None:
    """DuckDB 1.5 loses them: see tests/characterisation."""
    many = pl.DataFrame({"month": "2020-03", "period": pl.int_range(130_000, eager=True).cast(pl.String), "value": 1.0})
    many = many.with_columns(pl.lit("").alias(c) for c in FIGURE_COLUMNS[1:-1])
    with Warehouse(tmp_path / "warehouse.duckdb").writing() as write:
        write.append(FIGURES, many.clear())
        write.append(FIGURES, many)
        write.growing("grown", "period varchar", "select period from monthly.figures where false")
        assert write.grow("grown", "select period from monthly.figures") == 130_000
        assert write.frame("select count(*) as n from grown")["n"][0] == 130_000
        assert write.frame("select count(*) as n from monthly.figures")["n"][0] == 130_000


# -- held for a step


def test_a_warehouse_that_is_held_is_opened_once(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[bool] = []
    really = Warehouse._open

    def counted(self: Warehouse, read_only: bool) -> duckdb.DuckDBPyConnection:
        opened.append(read_only)
        return really(self, read_only)

    monkeypatch.setattr(Warehouse, "_open", counted)
    with warehouse.held():
        with warehouse.writing() as write:
            write.replace_months(FIGURES, ["2020-03"], figures("2020-03", 3))
        before = held(warehouse)
        with pytest.raises(ZeroDivisionError), warehouse.writing() as write:
            write.replace_months(FIGURES, ["2020-03"], figures("2020-03", 3).clear())
            raise ZeroDivisionError
        assert held(warehouse) == before and "2020-03" in before, "a transaction that fails keeps nothing"
        with warehouse.held():
            assert held(warehouse) == before
    assert opened == [False]
    assert held(warehouse) == before
    assert opened == [False, True]


def test_another_process_waits_while_a_warehouse_is_held_and_gets_it_afterwards(warehouse: Warehouse) -> None:
    code = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True)"
    with warehouse.held():
        assert subprocess.run([sys.executable, "-c", code, warehouse.path], capture_output=True, check=False).returncode
    subprocess.run([sys.executable, "-c", code, warehouse.path], check=True)


def test_a_warehouse_that_is_not_there_yet_is_not_made_by_holding_it(tmp_path: Path) -> None:
    nothing = Warehouse(tmp_path / "warehouse.duckdb")
    with nothing.held():
        assert not nothing.is_there()
