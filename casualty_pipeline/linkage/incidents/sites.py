"""Sites: which units of one day, governorate, place and mechanism are one incident, by party, source and time of day.

What belongs here needs nothing but the units of one site. Units that it joins are a block; its number is its first unit's.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from casualty_pipeline.linkage.forest import Forest

DOUBLE_TAP_MINUTES = 60


class _Unit(NamedTuple):
    number: int
    source: str
    has_ref: bool
    minute: int | None
    parties: Sequence[str]


def blocks_of(units: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """`units` with `block`; `shared` (`victim_id`, `unit`) has the victims that several units speak of."""
    by_ref = pl.col("has_ref")
    here = units.filter(pl.col("site").is_not_null() & (pl.len().over("site") > 1))
    here = here.select("unit", "site", "source", "has_ref", "minute", "parties")
    sites = here.group_by("site").agg(
        block=pl.col("unit").min(),
        plain=(pl.col("parties").drop_nulls().n_unique() <= 1)
        & (pl.col("source").filter(by_ref).n_unique() == by_ref.sum()),
    )
    plain = here.select("unit", "site").join(sites.filter("plain"), on="site").select("unit", "block")
    others = here.join(sites.filter(~pl.col("plain")), on="site", how="semi").sort("site", "unit")
    told = shared.join(others.select("unit", "site"), on="unit").sort("victim_id", "site", "unit")
    forest = Forest()
    for _, same in told.group_by("site", "victim_id", maintain_order=True).agg("unit").select("site", "unit").iter_rows():
        forest.chain(same)
    joined = Forest()
    for numbers, *columns in others.group_by("site", maintain_order=True).agg(pl.exclude("site")).drop("site").iter_rows():
        site = [
            _Unit(number, source, has_ref, minute, parties.split("+") if parties else ())
            for number, source, has_ref, minute, parties in zip(numbers, *columns, strict=True)
        ]
        _join_site(site, forest, joined)
    settled = pl.concat([plain, joined.frame("unit", "block")])
    return units.join(settled, on="unit", how="left", maintain_order="left").with_columns(pl.coalesce("block", "unit"))


def _join_site(site: Sequence[_Unit], kin: Forest, joined: Forest) -> None:
    """Join what is one incident of one site. `kin` already holds what shares victims, and gets what shares a party."""
    by_party: dict[str, int] = {}
    for unit in site:
        for party in unit.parties:
            kin.join(by_party.setdefault(party, unit.number), unit.number)
    accused = {kin.root(unit.number) for unit in site if unit.parties}
    if len(accused) <= 1:
        _join_class(site, joined, clear=True)
        return
    # Two parties, two incidents. Of which of them somebody speaks who names none of the parties isn't clear.
    of_nobody = [unit for unit in site if kin.root(unit.number) not in accused]
    _join_class(of_nobody, joined, clear=False)
    classes: dict[int, list[_Unit]] = {}
    for unit in site:
        if kin.root(unit.number) in accused:
            classes.setdefault(kin.root(unit.number), []).append(unit)
    for members in classes.values():
        _join_class(members, joined, clear=True)


def _join_class(units: Sequence[_Unit], joined: Forest, *, clear: bool) -> None:
    """Join all units, where no source lists two; else only double taps, and what has no ref."""
    sources = [unit.source for unit in units if unit.has_ref]
    if clear and len(sources) == len(set(sources)):
        joined.chain(unit.number for unit in units)
        return
    joined.chain(unit.number for unit in units if not unit.has_ref)
    _join_double_taps(joined, sorted((unit.minute, unit.number) for unit in units if unit.minute is not None))


def _join_double_taps(joined: Forest, timed: Iterable[tuple[int, int]]) -> None:
    """Join neighbours in time that are a double tap (R20)."""
    for (early, a), (late, b) in pairwise(timed):
        if late - early <= DOUBLE_TAP_MINUTES:
            joined.join(a, b)
