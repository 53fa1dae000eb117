"""The audit of vintages: what the warehouse says that editions said, against the editions themselves.

What belongs here: the figures of `monthly.vintages` against each edition's own figures.csv, and what changed between the
first and the newest against the restatements in between.
What doesn't: whether an edition's files are whole (`shelf.faults`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from casualty_pipeline.editions.shelf import Edition, editions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import Address
from casualty_pipeline.home import Home
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Reading

ADDRESS = list(FIGURE_COLUMNS[:-1])
_SMALLEST = 1e-6  # difference: shares of a cause are rounded
_RESTATED = f"""
    with bounds as (select month, max(edition) as newest from reports.editions group by month having max(edition) > 1),

    figures as (
        select v.month, {", ".join(f"v.{name}" for name in ADDRESS)},
            coalesce(sum(v.value) filter (where v.edition = b.newest), 0)
            - coalesce(sum(v.value) filter (where v.edition = 1), 0) as difference
        from monthly.vintages as v
        inner join bounds as b on v.month = b.month and v.edition in (1, b.newest)
        group by all
    ),

    told as (
        select month, {", ".join(ADDRESS)}, sum(share) as difference from monthly.restatements group by all
    )

    select month, {", ".join(ADDRESS)}, coalesce(f.difference, 0) as difference, coalesce(t.difference, 0) as told
    from figures as f
    full join told as t using (month, {", ".join(ADDRESS)})
    where abs(coalesce(f.difference, 0) - coalesce(t.difference, 0)) > $smallest
    order by all
"""


@dataclass(frozen=True)
class Misstated:
    """A figure of an edition that the warehouse has otherwise: month, `edition:address`, and a sentence."""

    month: str
    key: str
    sentence: str


def misstated(home: Home, reading: Reading) -> list[Misstated]:
    """Figures that the warehouse has otherwise than an edition's own figures.csv, and changes that no restatement tells."""
    held = reading.frame(f"select month, edition, {', '.join(FIGURE_COLUMNS)} from monthly.vintages order by all")
    by_edition = {(str(month), int(number)): rows for (month, number), rows in held.group_by("month", "edition")}
    found = [fault for one in editions(home) for fault in _against(one, by_edition.get((one.month, one.number)))]
    return found + list(_restated(reading))


def _against(one: Edition, held: pl.DataFrame | None) -> Iterator[Misstated]:
    """One edition's own table against what is held of it."""
    try:
        own = one.figures()
    except CasualtyError as problem:
        yield Misstated(one.month, f"{one.number}", str(problem))
        return
    if held is None:
        yield Misstated(one.month, f"{one.number}", f"edition {one.number} of {one.month} has no figures here")
        return
    both = own.join(held, on=ADDRESS, how="full", coalesce=True, suffix="_held", nulls_equal=True)
    wrong = both.filter(pl.col("value").ne_missing(pl.col("value_held"))).sort(ADDRESS)
    for row in wrong.iter_rows(named=True):
        address = Address(*(row[name] or "" for name in ADDRESS))
        yield Misstated(
            one.month,
            f"{one.number}:{address}",
            f"edition {one.number} says {_plain(row['value'])} of {address}; monthly.vintages {_plain(row['value_held'])}",
        )


def _restated(reading: Reading) -> Iterator[Misstated]:
    """First published against current: the difference is what the restatements in between add up to."""
    for month, *address, difference, told in reading.frame(_RESTATED, {"smallest": _SMALLEST}).iter_rows():
        named = Address(*address)
        yield Misstated(
            month,
            str(named),
            f"{named} changed by {difference:+g} from the first edition of {month} to the newest; "
            f"the restatements tell of {told:+g}",
        )


def _plain(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
