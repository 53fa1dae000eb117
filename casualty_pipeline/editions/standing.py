"""Where the editions stand against what is known today: by comparing figures, without computing anything again.

Here belongs the quick look over all months. What exactly would be published, and the cause of each difference, is for
`casualty diff --now`, by replay.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from casualty_pipeline.editions.shelf import Edition, editions
from casualty_pipeline.home import Home
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Reading

_ADDRESS = ", ".join(FIGURE_COLUMNS[:-1])
# A figure that isn't given is one of 0.
_DIFFERING = f"""
    with published as (
        select month, {_ADDRESS}, value from monthly.vintages
        where (month, edition) in (select (month, edition) from editions_standing)
    ),
    today as (
        select month, {_ADDRESS}, value from monthly.figures where month in (select month from editions_standing)
    )
    select month, count(*) from published full join today using (month, {_ADDRESS})
    where coalesce(published.value, 0) <> coalesce(today.value, 0)
    group by month
"""


@dataclass(frozen=True)
class Standing:
    """The newest edition of a month. `differing`: how many of its figures are others today; None where the month is
    stale, so that nobody knows before it has run, or where the warehouse hasn't read the edition yet.
    """

    month: str
    edition: int
    as_of: datetime
    differing: int | None

    def as_json(self) -> dict[str, Any]:
        """For programs: `number`, `as_of` (ISO 8601, UTC), `figures_that_differ_today`."""
        return {
            "number": self.edition,
            "as_of": f"{self.as_of.isoformat()}Z",
            "figures_that_differ_today": self.differing,
        }

    def __str__(self) -> str:
        today = {None: "?", 0: "="}.get(self.differing, f"{self.differing} figures differ")
        return f"edition {self.edition} ({self.as_of:%Y-%m-%d}), today: {today}"


def standings(reading: Reading, home: Home, current: Iterable[str]) -> dict[str, Standing]:
    """The newest edition of every month that has one; `current`: the months whose figures are those of today.

    Raises CasualtyError when a manifest can't be read.
    """
    newest: Mapping[str, Edition] = {e.month: e for e in editions(home)}  # by number: the last one stays
    if not newest:
        return {}
    rows = [(e.month, e.number) for e in newest.values()]
    schema = {"month": pl.String, "edition": pl.Int32}
    reading.register(editions_standing=pl.DataFrame(rows, schema=schema, orient="row"))
    differing = dict(reading.connection.execute(_DIFFERING).fetchall())
    recorded = set(reading.connection.execute("select month, edition from reports.editions").fetchall())
    known = {m for m in current if m in newest and (m, newest[m].number) in recorded}
    return {
        month: Standing(month, e.number, e.manifest.as_of, differing.get(month, 0) if month in known else None)
        for month, e in sorted(newest.items())
    }
