"""Which records speak of one incident: a source's own codes, shared victims, and agreement of place, day and mechanism.

Attacks that a source lists apart stay apart, unless a double tap or a shared victim says that they were one (R20).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from casualty_pipeline.linkage.identities import founded

DOUBLE_TAP_MINUTES = 60
# Dates of one incident in two sources may differ by a night.
DAYS_APART = 1


@dataclass
class _Incident:
    """What all units joined so far agree on."""

    first: date | None
    last: date | None
    governorates: set[str]
    # Where each source says that the attacks were which it lists apart.
    places: dict[str, set[str]]


def assign_incidents(records: pl.DataFrame, victim_records: pl.DataFrame) -> pl.DataFrame:
    """`record_id`, `incident_id` for each of `records` (columns of cleaned.records, all statements), by record_id.

    Joined are, in this order: records with one `incident_ref`; records without a ref that share exact day, governorate,
    place and mechanism; refs of such a place, day and mechanism, where each source has but one, or times of day less
    than an hour apart (a double tap); records of one victim. Only the first two are unconditional: no other joins
    incidents in different governorates, more than a day apart, or listed by one source at two places, not even through
    a third.
    """
    ordered = records.select(
        "record_id",
        "known_at",
        "source",
        "incident_ref",
        "governorate",
        "place_key",
        "mechanism",
        minute=_minute_of_day(),
        first=pl.coalesce("incident_first", "death_first"),
        last=pl.coalesce("incident_last", "incident_first", "death_last", "death_first"),
        told_of_incident=pl.col("incident_first").is_not_null(),
    ).sort("known_at", "record_id")
    exact_site = pl.when((pl.col("first") == pl.col("last")) & pl.col("incident_ref").is_null()).then(
        pl.concat_str("first", "governorate", "place_key", "mechanism", separator="\x1f")
    )
    # A unit is what is joined unconditionally.
    unit_key = pl.coalesce("r\x1f" + pl.col("incident_ref"), "s\x1f" + exact_site, "u\x1f" + pl.col("record_id"))
    keyed = ordered.with_columns(unit_key=unit_key)
    numbered = keyed.select("unit_key").unique(maintain_order=True).with_row_index("unit")
    members = keyed.join(numbered, on="unit_key", maintain_order="left")
    units = members.group_by("unit", maintain_order=True).agg(
        # The incident's own date, where any record of it has one: the deaths may be later.
        first=pl.coalesce(pl.col("first").filter("told_of_incident").max(), pl.col("first").min()),
        last=pl.coalesce(pl.col("last").filter("told_of_incident").min(), pl.col("last").max()),
        governorate=pl.col("governorate").drop_nulls().unique().sort(),
        place_key=pl.col("place_key").drop_nulls().first(),
        mechanism=pl.col("mechanism").drop_nulls().first(),
        minute=pl.col("minute").drop_nulls().first(),
        source=pl.col("source").first(),
        has_ref=pl.col("incident_ref").is_not_null().any(),
    )
    found = _join_units(units, [*_same_site(units), *_shared_victims(members, victim_records)])
    grouped = members.select("record_id", "known_at", group=pl.col("unit").replace_strict(dict(enumerate(found))))
    return founded(grouped, "I-").select("record_id", incident_id="id")


def _minute_of_day() -> pl.Expr:
    clock = pl.col("incident_time").str.extract_groups(r"^(\d{1,2}):(\d{2})")
    return clock.struct.field("1").cast(pl.Int32) * 60 + clock.struct.field("2").cast(pl.Int32)


def _same_site(units: pl.DataFrame) -> list[tuple[int, int]]:
    """Units of one place, day and mechanism that are one incident: unambiguous across sources, or double taps."""
    exact = units.filter((pl.col("first") == pl.col("last")) & (pl.col("governorate").list.len() == 1)).drop_nulls(
        ["place_key", "mechanism"]
    )
    sites = (
        exact.group_by("first", pl.col("governorate").list.first(), "place_key", "mechanism", maintain_order=True)
        .agg("unit", "source", "minute", "has_ref")
        .filter(pl.col("unit").list.len() > 1)
    )
    joined: list[tuple[int, int]] = []
    for site in sites.iter_rows(named=True):
        with_ref = [source for source, has_ref in zip(site["source"], site["has_ref"], strict=True) if has_ref]
        if len(with_ref) == len(set(with_ref)):
            joined.extend(pairwise(site["unit"]))
            continue
        timed = sorted((m, u) for m, u in zip(site["minute"], site["unit"], strict=True) if m is not None)
        joined.extend((a, b) for (early, a), (late, b) in pairwise(timed) if late - early <= DOUBLE_TAP_MINUTES)
    return joined


def _shared_victims(members: pl.DataFrame, victim_records: pl.DataFrame) -> list[tuple[int, int]]:
    """Neighbouring units of each victim, in the order in which they became known."""
    speak = (
        members.select("record_id", "unit")
        .join(victim_records.select("record_id", "victim_id"), on="record_id")
        .select("victim_id", "unit")
        .unique()
    )
    shared = speak.group_by("victim_id").agg(pl.col("unit").sort()).filter(pl.col("unit").list.len() > 1)
    return [
        (units[i], units[j])
        for units in shared.sort("victim_id")["unit"].to_list()
        for i in range(len(units))
        for j in range(i + 1, len(units))
    ]


def _join_units(units: pl.DataFrame, edges: Iterable[tuple[int, int]]) -> list[int]:
    """The group of each unit: union-find in which every union must keep to one governorate and `DAYS_APART`."""
    incidents = [
        _Incident(
            row["first"],
            row["last"],
            set(row["governorate"]),
            {row["source"]: {row["place_key"]}} if row["has_ref"] and row["place_key"] else {},
        )
        for row in units.iter_rows(named=True)
    ]
    parent = list(range(len(incidents)))

    def root(unit: int) -> int:
        while parent[unit] != unit:
            parent[unit] = parent[parent[unit]]
            unit = parent[unit]
        return unit

    for a, b in edges:
        kept, gone = sorted((root(a), root(b)))
        if kept != gone and _one_incident(incidents[kept], incidents[gone]):
            _absorb(incidents[kept], incidents[gone])
            parent[gone] = kept
    return [root(unit) for unit in range(len(parent))]


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
