"""Reading figures back, in the order and the notation of the figure schema."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import polars as pl

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import check_month
from casualty_pipeline.home import Home
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Figures:
    """Figures as rows of the figure schema, and as CSV."""

    rows: list[dict[str, Any]]
    csv: str


def month_figures(home: Home, period: str) -> Figures:
    """The figures computed for a month, cumulative ones included; or, of a range of months, those of the range alone.

    Raises CasualtyError when there are none.
    """
    month = month_of(period)
    with Warehouse(home.warehouse).reading() as reading:
        found = reading.frame(
            f"select {', '.join(FIGURE_COLUMNS)} from monthly.figures where month = $month", {"month": month}
        )
    figures = of_period(found, period)
    if not figures.rows:
        raise CasualtyError(f"no figures for {period}: run `casualty run --month {month}` first")
    return figures


def month_of(period: str) -> str:
    """The month whose figures hold a period: the month itself, or the last of a range. Raises CasualtyError for others."""
    first, _, last = period.partition("..")
    check_month(first)
    return check_month(last or first)


def of_period(figures: pl.DataFrame, period: str) -> Figures:
    """Of a month's figures (FIGURE_COLUMNS), those asked for: all of them, or those of the range of months alone."""
    asked = figures.filter(pl.col("period") == period) if ".." in period else figures
    rows = asked.select(FIGURE_COLUMNS).sort(FIGURE_COLUMNS).to_dicts()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIGURE_COLUMNS)
    writer.writerows([*(row[c] for c in FIGURE_COLUMNS[:-1]), _plain(row["value"])] for row in rows)
    return Figures(rows, out.getvalue())


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
