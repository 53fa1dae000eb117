"""A run over a range of months, and runs of its months one by one, end in the same figures."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Warehouse

BY_MONTH = (
    "cleaned.records",
    "cleaned.quarantine",
    "attributed.victims",
    "attributed.incidents",
    "monthly.figures",
    "monthly.figure_inputs",
    "reports.bundles",
)
MONTH = {"monthly.figures": "month", "monthly.figure_inputs": "month", "reports.bundles": "month"}


def _rows(home: Home, table: str, before: str = "9999-12") -> list[tuple[Any, ...]]:
    month = MONTH.get(table, "documentation_month")
    with Warehouse(home.warehouse).reading() as reading:
        return reading.connection.execute(
            f"from {table} where {month} < $before order by all", {"before": before}
        ).fetchall()


@pytest.mark.long
def test_month_by_month_gives_what_the_range_gives_and_leaves_earlier_months_as_they_were(
    small: Any, tmp_path: Path
) -> None:
    shutil.copytree(small.home.path, tmp_path / "range", ignore=shutil.ignore_patterns("dagster"))
    from_range = type(small)(Home(tmp_path / "range"), small.instance)
    assert from_range.run("2020-01", "2020-02").success

    assert small.run("2020-01", "2020-01").success
    january = {table: _rows(small.home, table) for table in BY_MONTH}
    assert small.run("2020-02", "2020-02").success

    assert {table: _rows(small.home, table, before="2020-02") for table in BY_MONTH} == january
    for table in BY_MONTH:
        assert _rows(small.home, table) == _rows(from_range.home, table), table
