"""Failing rows for people: `casualty failures`."""

import polars as pl

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import check_month
from casualty_pipeline.home import Home
from casualty_pipeline.tables import STAGES
from casualty_pipeline.warehouse import Warehouse

COLUMNS = ("stage", "check_table", "check_name", "month", "key", "reason", "blocking", "refused")
WHEN = ("found_at", "run_id", "closed_at", "closed_by")


def failures(home: Home, stage: str = "", month: str = "", check: str = "", closed: bool = False) -> pl.DataFrame:
    """Failing rows that are open, or with `closed` all that ever were: COLUMNS, then WHEN; in the order of the stages.

    `check` is a check's name, or a table's and the check's, `cleaned.records key_is_unique`. Raises CasualtyError for a
    stage or month that can't be meant, and where there is no warehouse.
    """
    if stage and stage not in STAGES:
        raise CasualtyError(f"{stage!r} is no stage: expected one of {', '.join(STAGES)}")
    if month:
        check_month(month)
    wanted = ["($month = '' or month = $month)", "($check in ('', check_name, check_table || ' ' || check_name))"]
    if not closed:
        wanted.append("closed_at is null")
    columns = ", ".join((*COLUMNS[1:], *WHEN))
    union = " union all ".join(
        f"select {number} as place, '{name}' as stage, {columns} from {name}.failures where {' and '.join(wanted)}"
        for number, name in enumerate(STAGES)
        if stage in ("", name)
    )
    with Warehouse(home.warehouse).reading() as reading:
        found = reading.frame(f"from ({union}) order by all", {"month": month, "check": check})
    return found.drop("place")


def command(stage: str, check: str, month: str = "") -> str:
    """The command that shows the failing rows of a check: what metadata and messages say in the place of the rows."""
    return f"casualty failures --stage {stage} --check {check}{f' --month {month}' if month else ''}"
