"""What people decided about incidents: joined or held apart, whatever places, days and victims say.

Here belongs what decisions make of the groups that the rules found. Which records a decision names is for
`linkage/decisions.py`.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from casualty_pipeline.linkage.forest import Forest

SAME, APART = "same", "apart"
DECIDED = {"record_a": pl.String, "record_b": pl.String, "relation": pl.String}


def under_decisions(
    members: pl.DataFrame, groups: pl.DataFrame, shared: pl.DataFrame, decided: pl.DataFrame
) -> pl.DataFrame:
    """`groups` (units with `block`, `group` and `component`) as `decided` (columns of `DECIDED`) has them.

    Two incidents that are decided to be one are joined whole. Of one that holds two which are decided to be apart, each of
    the other units goes to the first that it shares victims with, else to the first of its block, in the order in which
    units became known. Who decided both ways about two leaves them apart.
    """
    same, apart = _pairs(members, decided)
    if not same and not apart:
        return groups
    numbers = {unit for pair in same | apart for unit in pair}
    named = groups.filter(pl.col("unit").is_in(sorted(numbers)))
    group_of = dict(named.select("unit", "group").iter_rows())
    component_of = dict(named.select("unit", "component").iter_rows())
    whole, components = Forest(), Forest()
    for a, b in sorted(same):
        whole.join(group_of[a], group_of[b])
        components.join(component_of[a], component_of[b])
    divided = {whole.root(group_of[a]) for a, b in apart if whole.root(group_of[a]) == whole.root(group_of[b])}
    roots = whole.frame("group", "root")
    groups = groups.join(roots, on="group", how="left", maintain_order="left").with_columns(pl.coalesce("root", "group"))
    concerned = groups.filter(pl.col("root").is_in(sorted(divided)))
    parts = _divided(concerned, shared, same, apart)
    return (
        groups.join(parts, on="unit", how="left", maintain_order="left")
        .join(components.frame("component", "joined"), on="component", how="left", maintain_order="left")
        .with_columns(group=pl.coalesce("part", "root"), component=pl.coalesce("joined", "component"))
        .drop("root", "part", "joined")
    )


_Pairs = set[tuple[int, int]]


def _pairs(members: pl.DataFrame, decided: pl.DataFrame) -> tuple[_Pairs, _Pairs]:
    """The units that are decided to be one incident, and those that are decided to be two."""
    units = members.select("record_id", "unit")
    found = (
        decided.join(units, left_on="record_a", right_on="record_id")
        .join(units, left_on="record_b", right_on="record_id", suffix="_b")
        .filter(pl.col("unit") != pl.col("unit_b"))
    )
    pairs: dict[str, _Pairs] = {SAME: set(), APART: set()}
    for a, b, relation in found.select("unit", "unit_b", "relation").iter_rows():
        pairs[relation].add((min(a, b), max(a, b)))
    return pairs[SAME] - pairs[APART], pairs[APART]


def _divided(concerned: pl.DataFrame, shared: pl.DataFrame, same: _Pairs, apart: _Pairs) -> pl.DataFrame:
    """`unit`, `part` of the units of incidents that hold what is decided to be apart."""
    group_of: Mapping[int, int] = dict(concerned.select("unit", "group").iter_rows())
    parts = _Parts(pair for pair in sorted(apart) if pair[0] in group_of and pair[1] in group_of)
    for a, b in sorted(same):
        if a in group_of and b in group_of:
            parts.join(a, b)
    links = shared.join(concerned.select("unit", "group"), on="unit")
    for units in _lists(links, "victim_id", "group"):
        parts.gather(units)
    for units in _lists(concerned, "block"):
        parts.gather(units)
    rows = [(unit, parts.forest.root(unit)) for unit in sorted(group_of)]
    return pl.DataFrame(rows, schema={"unit": concerned.schema["unit"], "part": concerned.schema["group"]}, orient="row")


def _lists(units: pl.DataFrame, *by: str) -> list[list[int]]:
    found = units.sort("unit").group_by(*by).agg(pl.col("unit")).with_columns(first=pl.col("unit").list.first())
    return found.sort("first", *by)["unit"].to_list()


class _Parts:
    """Sets of units, and which of them may never be one."""

    def __init__(self, apart: Iterable[tuple[int, int]]) -> None:
        self.forest = Forest()
        self._apart: dict[int, set[int]] = {}  # root -> units that may not be with it
        for a, b in apart:
            self._apart.setdefault(a, set()).add(b)
            self._apart.setdefault(b, set()).add(a)

    def join(self, a: int, b: int) -> bool:
        """Make one set of two, unless they are apart; whether they are one now."""
        kept, gone = sorted((self.forest.root(a), self.forest.root(b)))
        if kept == gone:
            return True
        if any(self.forest.root(unit) == gone for unit in self._apart.get(kept, ())):
            return False
        self.forest.join(kept, gone)
        if gone in self._apart:
            self._apart.setdefault(kept, set()).update(self._apart.pop(gone))
        return True

    def gather(self, units: Sequence[int]) -> None:
        """Join each unit to the first of those before it that it may be with."""
        heads: list[int] = []
        for unit in units:
            if not any(self.join(head, unit) for head in heads):
                heads.append(unit)
