"""Clusters of records that speak of one person: best edge first, under what people decided and what one person can be.

Merging goes edge by edge because each merge decides which of the next are still possible; it only ever sees pairs that
speak for one person, so it stays small where records are many.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from casualty_pipeline.linkage.settings import SETTINGS, Settings


@dataclass
class Cluster:
    """What is known of one person so far, as the tightest bounds that all records of the cluster agree on."""

    rows: list[int]
    sexes: set[str] = field(default_factory=set)
    age_groups: set[str] = field(default_factory=set)
    ages_stated: bool = True
    age: tuple[int, int] | None = None  # highest first, lowest last
    day: tuple[date, date] | None = None
    sources: set[str] = field(default_factory=set)
    different: set[int] = field(default_factory=set)  # rows that are other people


@dataclass(frozen=True)
class Clustering:
    """`cluster_of`: each row's cluster; `decided`: its cluster when only decisions had been applied.

    `refused`: edges (a, b, reason) that would have joined. `contradictions`: must-links (a, b) that a cannot-link
    forbids.
    """

    cluster_of: list[int]
    refused: list[tuple[int, int, str]]
    contradictions: list[tuple[int, int]]
    decided: list[int]


def cluster(
    people: pl.DataFrame,
    *,
    edges: Iterable[tuple[int, int]],
    apart: Iterable[tuple[int, int]],
    must_link: Iterable[tuple[int, int]],
    cannot_link: Iterable[tuple[int, int]],
    one_per_source: frozenset[str],
    settings: Settings = SETTINGS,
) -> Clustering:
    """Clusters the rows of `people` (`Prepared.people`).

    `edges` come best first. `apart` are pairs that the evidence holds to be two people: they refuse edges, but not
    decisions. Decided links are applied first, in the order given; one that would join a cannot-link is left out and
    returned.
    """
    clusters = [_single(person, one_per_source) for person in people.iter_rows(named=True)]
    member: list[int] = list(range(len(clusters)))
    forbidden = _neighbours(cannot_link)
    hostile = _neighbours(apart)
    for row, others in hostile.items():
        clusters[row].different |= others
    for row, others in forbidden.items():
        clusters[row].different |= others

    contradictions = []
    for a, b in must_link:
        left, right = clusters[member[a]], clusters[member[b]]
        if left is right:
            continue
        if any(not forbidden[row].isdisjoint(right.rows) for row in left.rows if row in forbidden):
            contradictions.append((a, b))
            continue
        _join(clusters, member, member[a], member[b])
    decided = list(member)

    refused = []
    for a, b in edges:
        left, right = clusters[member[a]], clusters[member[b]]
        if left is right:
            continue
        reason = _incompatible(left, right, settings)
        if reason is None:
            _join(clusters, member, member[a], member[b])
        else:
            refused.append((a, b, reason))
    return Clustering(member, refused, contradictions, decided)


def _single(person: dict[str, Any], one_per_source: frozenset[str]) -> Cluster:
    row = int(person["row"])
    age, day = (person["age_first"], person["age_last"]), (person["day_first"], person["day_last"])
    return Cluster(
        rows=[row],
        sexes={person["sex"]} - {None},
        age_groups={person["age_group"]} - {None},
        ages_stated=None not in age,
        age=None if None in age else age,
        day=None if None in day else day,
        sources={person["source"]} & one_per_source,
    )


def _neighbours(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    neighbours: dict[int, set[int]] = defaultdict(set)
    for a, b in pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    return dict(neighbours)


def _incompatible(left: Cluster, right: Cluster, settings: Settings) -> str | None:
    """Why the two can't be one person, or None."""
    apart = {
        "different": not left.different.isdisjoint(right.rows) or not right.different.isdisjoint(left.rows),
        "source": not left.sources.isdisjoint(right.sources),
        "sex": len(left.sexes | right.sexes) > 1,
        "age": _ages_differ(left, right, settings),
        "date": left.day is not None
        and right.day is not None
        and (max(left.day[0], right.day[0]) - min(left.day[1], right.day[1])).days > settings.date_near_days,
    }
    return next((reason for reason, holds in apart.items() if holds), None)


def _ages_differ(left: Cluster, right: Cluster, settings: Settings) -> bool:
    if len(left.age_groups | right.age_groups) > 1 and not (left.ages_stated and right.ages_stated):
        return True
    if left.age is None or right.age is None:
        return False
    return max(left.age[0], right.age[0]) - min(left.age[1], right.age[1]) > settings.age_apart_years


def _join(clusters: list[Cluster], member: list[int], a: int, b: int) -> None:
    """Joins the smaller into the larger; of two as large, the later into the earlier."""
    into, gone = (a, b) if (-len(clusters[a].rows), a) < (-len(clusters[b].rows), b) else (b, a)
    kept, lost = clusters[into], clusters[gone]
    kept.rows.extend(lost.rows)
    kept.sexes |= lost.sexes
    kept.age_groups |= lost.age_groups
    kept.ages_stated &= lost.ages_stated
    kept.sources |= lost.sources
    kept.different |= lost.different
    if lost.age:
        kept.age = (max(kept.age[0], lost.age[0]), min(kept.age[1], lost.age[1])) if kept.age else lost.age
    if lost.day:
        kept.day = (max(kept.day[0], lost.day[0]), min(kept.day[1], lost.day[1])) if kept.day else lost.day
    for row in lost.rows:
        member[row] = into
