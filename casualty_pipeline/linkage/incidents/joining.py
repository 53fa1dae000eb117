"""Shared victims: blocks that speak of one victim are one incident, where place, day and the sources' lists allow it.

Blocks that are connected through victims and agree in all are joined at once; only where something in such a component
contradicts is it settled union by union, so that a wrong link can't join what is days or governorates apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from casualty_pipeline.linkage.forest import Forest

# Dates of one incident in two sources may differ by a night.
DAYS_APART = 1
# Contradicting blocks of one victim that may each gather others. Nobody is in so many incidents; a placeholder may be.
GATHERING_BLOCKS = 10


@dataclass
class _Incident:
    """What all blocks joined so far agree on."""

    first: date | None
    last: date | None
    governorates: set[str]
    # Where each source says that the attacks were which it lists apart.
    places: dict[str, set[str]]


def join_by_victims(members: pl.DataFrame, blocks: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """`blocks` (units with their `block`) with `group` (the incident) and `component`, each a unit's number.

    `members` says the governorate of every record, `shared` (`victim_id`, `unit`) which victims several units speak of.
    """
    links = shared.join(blocks.select("unit", "block"), on="unit").select("victim_id", "block").unique()
    links = links.filter(pl.len().over("victim_id") > 1).sort("victim_id", "block")
    edges = links.with_columns(next=pl.col("block").shift(-1).over("victim_id")).drop_nulls("next")
    forest = Forest()
    for a, b in edges.select("block", "next").unique(maintain_order=True).iter_rows():
        forest.join(a, b)

    connected = forest.frame("block", "connected")
    touched = blocks.join(connected, on="block")
    groups = _groups(members, touched, links.join(connected, on="block"))

    # What shares a site can influence each other, joined or not.
    here = _touched_sites(blocks, connected)
    for numbers in (
        here.group_by("site", maintain_order=True).agg(pl.col("connected").unique().sort())["connected"].to_list()
    ):
        forest.chain(numbers)
    return (
        blocks.join(groups, on="block", how="left", maintain_order="left")
        .join(connected, on="block", how="left", maintain_order="left")
        .with_columns(pl.coalesce("group", "block"), pl.coalesce("connected", "block"))
        .join(forest.frame("connected", "component"), on="connected", how="left", maintain_order="left")
        .with_columns(pl.coalesce("component", "connected"))
    )


def _touched_sites(blocks: pl.DataFrame, connected: pl.DataFrame) -> pl.DataFrame:
    """`site`, `connected` of each site that is in several sets of connected blocks."""
    here = blocks.filter(pl.col("site").is_not_null()).select("site", "block").unique()
    here = here.join(connected, on="block", how="left").with_columns(pl.coalesce("connected", "block"))
    return here.filter(pl.col("connected").n_unique().over("site") > 1).sort("site", "connected")


def _groups(members: pl.DataFrame, touched: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """`block`, `group` of the blocks that share victims: those of a component that agrees in all are one group."""
    days = pl.col("first").max() - pl.col("last").min()
    listed = pl.col("has_ref") & pl.col("place_key").is_not_null()
    places = touched.filter(listed).group_by("connected", "source").agg(places=pl.col("place_key").n_unique())
    two_places = places.filter(pl.col("places") > 1).select("connected").unique()
    contradicted = (
        touched.group_by("connected")
        .agg(
            apart=(days.dt.total_days() > DAYS_APART).fill_null(False)
            | (pl.col("governorate").min() != pl.col("governorate_last").max()).fill_null(False)
        )
        .filter(pl.col("apart") | pl.col("connected").is_in(two_places["connected"].implode()))
        .select("connected")
    )
    agreed = touched.join(contradicted, on="connected", how="anti").select("block", group="connected").unique()
    doubtful = touched.join(contradicted, on="connected", how="semi")
    incidents = _incidents(members, doubtful)
    settled = Forest()
    victims = links.join(contradicted, on="connected", how="semi").group_by("victim_id").agg(pl.col("block").sort())
    for blocks in victims.sort("victim_id")["block"].to_list():
        _settle(blocks, incidents, settled)
    apart = [(block, settled.root(block)) for block in sorted(incidents)]
    return pl.concat([agreed, pl.DataFrame(apart, schema=agreed.schema, orient="row")])


def _incidents(members: pl.DataFrame, units: pl.DataFrame) -> dict[int, _Incident]:
    """What each block of these units says."""
    said = members.join(units.select("unit"), on="unit", how="semi").group_by("unit").agg(pl.col("governorate").unique())
    incidents: dict[int, _Incident] = {}
    for unit in units.join(said.rename({"governorate": "said"}), on="unit").sort("unit").iter_rows(named=True):
        listed = unit["has_ref"] and unit["place_key"]
        found = _Incident(
            unit["first"],
            unit["last"],
            {governorate for governorate in unit["said"] if governorate},
            {unit["source"]: {unit["place_key"]}} if listed else {},
        )
        if unit["block"] in incidents:
            _absorb(incidents[unit["block"]], found)
        else:
            incidents[unit["block"]] = found
    return incidents


def _settle(blocks: Sequence[int], incidents: Mapping[int, _Incident], settled: Forest) -> None:
    """The first block of a victim gathers those that agree with all that it has gathered, then the first that is left."""
    left = list(blocks)
    for _ in range(GATHERING_BLOCKS):
        if len(left) < 2:
            return
        first, *others = left
        for other in others:
            kept, gone = sorted((settled.root(first), settled.root(other)))
            if kept != gone and _one_incident(incidents[kept], incidents[gone]):
                _absorb(incidents[kept], incidents[gone])
                settled.join(kept, gone)
        left = [other for other in others if settled.root(other) != settled.root(first)]


def _one_incident(a: _Incident, b: _Incident) -> bool:
    if a.governorates and b.governorates and len(a.governorates | b.governorates) > 1:
        return False
    if any(len(a.places[source] | b.places[source]) > 1 for source in a.places.keys() & b.places.keys()):
        return False
    if a.first is None or a.last is None or b.first is None or b.last is None:
        return True
    return (max(a.first, b.first) - min(a.last, b.last)).days <= DAYS_APART


def _absorb(kept: _Incident, gone: _Incident) -> None:
    kept.governorates |= gone.governorates
    for source, places in gone.places.items():
        kept.places.setdefault(source, set()).update(places)
    if kept.first is None or kept.last is None:
        kept.first, kept.last = gone.first, gone.last
    elif gone.first is not None and gone.last is not None:
        kept.first, kept.last = max(kept.first, gone.first), min(kept.last, gone.last)
