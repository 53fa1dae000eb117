"""Reading figures back, in the order and the notation of the figure schema."""

import csv
import io
from dataclasses import dataclass
from typing import Any

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
    first, _, last = period.partition("..")
    month = check_month(last or first)
    check_month(first)
    only = "and period = $period" if last else ""
    with Warehouse(home.warehouse).reading() as reading:
        rows = reading.frame(
            f"select {', '.join(FIGURE_COLUMNS)} from monthly.figures where month = $month {only} order by all",
            {"month": month, **({"period": period} if last else {})},
        ).to_dicts()
    if not rows:
        raise CasualtyError(f"no figures for {period}: run `casualty run --month {month}` first")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIGURE_COLUMNS)
    writer.writerows([*(row[c] for c in FIGURE_COLUMNS[:-1]), _plain(row["value"])] for row in rows)
    return Figures(rows, out.getvalue())


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
