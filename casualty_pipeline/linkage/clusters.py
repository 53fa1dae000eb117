"""Clusters of statements that speak of one person: best pair first, under what people decided and what one person can be.

Here belongs the decision which pairs are joined, within one component of statements that pairs connect. The result
depends on nothing but the component: not on the order of the input, the numbers of the statements, nor on when it was
computed. Statements join in the order in which they became known, so what earlier ones made is the seed for later
ones, whether the months came one by one or all at once.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from casualty_pipeline.linkage.forest import Forest

APART = -25.0  # bits between any two statements that keep their clusters apart, however well others agree
NOT_COMPARED = -3.0  # what two statements of one component say that never met under a key: a little against


@dataclass(frozen=True)
class Statement:
    """What clustering needs to know of one statement. `listed_by`: the source, if it guarantees a row per person."""

    number: int
    record_id: str
    known_at: datetime
    listed_by: str | None = None


@dataclass(frozen=True)
class Pair:
    """The evidence between two statements: bits, and the comparison that one person can't show, where there is one."""

    weight: float
    hard: str | None = None


_NOT_COMPARED = Pair(NOT_COMPARED)


@dataclass
class Clusters:
    """`groups`: lists of statement numbers, each sorted. `decided`: the groups when only decisions had been applied.

    `refused`: pair of numbers to reason (`different`, `source`, `others`, or the comparison that one person can't show).
    `contradicted`: links that cannot-links forbid.
    """

    groups: list[list[int]]
    decided: list[list[int]]
    refused: dict[tuple[int, int], str] = field(default_factory=dict)
    contradicted: list[tuple[int, int]] = field(default_factory=list)


def cluster(
    statements: Sequence[Statement],
    pairs: Mapping[tuple[int, int], Pair],
    must_link: Iterable[tuple[int, int]] = (),
    cannot_link: Iterable[tuple[int, int]] = (),
    one_victim: Sequence[tuple[int, int]] = (),
) -> Clusters:
    """Clusters one component. Pairs are keyed by (lower, higher) number; decisions are pairs in any order.

    Decisions come first: what must be linked is, unless that would join two statements that people held apart. Then
    the pairs that speak for one person, in the order in which their later statement became known, the strongest
    first. A pair joins two clusters when the evidence between all their statements speaks for one person on average,
    none of it says that they can't be one (`hard`, or beyond `APART`), no source that lists each person once lists
    both, and nobody decided otherwise. Of statements that people joined, the one that speaks best for a third speaks
    for all of them. At last, what `one_victim` names is joined whole, with all that came to each of the two, whatever
    sources guarantee, unless people held some of it apart: a decision on two victims is one on all that is said of them.
    """
    of = {s.number: s for s in statements}
    order = sorted(of.values(), key=lambda s: (s.known_at, s.record_id))
    place = {s.number: position for position, s in enumerate(order)}
    member = {s.number: s.number for s in statements}
    rows = {s.number: [s.number] for s in statements}
    forbidden = {frozenset(p) for p in cannot_link}

    def apart(left: int, right: int) -> bool:
        return any(frozenset((a, b)) in forbidden for a in rows[left] for b in rows[right]) if forbidden else False

    def join(left: int, right: int) -> None:
        kept, gone = (left, right) if place[left] < place[right] else (right, left)
        for number in rows[gone]:
            member[number] = kept
        rows[kept] += rows.pop(gone)

    def try_all(links: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        forbidden_here = []
        for a, b in sorted({(min(p), max(p)) for p in links}, key=lambda p: sorted(of[n].record_id for n in p)):
            if member[a] == member[b]:
                continue
            if apart(member[a], member[b]):
                forbidden_here.append((a, b))
            else:
                join(member[a], member[b])
        return forbidden_here

    contradicted = try_all(must_link)
    together = [list(group) for group in rows.values()]
    unit = dict(member)  # statements that people joined speak with one voice: that of the best evidence

    def objection(left: int, right: int) -> str | None:
        if apart(left, right):
            return "different"
        lists = {of[n].listed_by for n in rows[left]} & {of[n].listed_by for n in rows[right]} - {None}
        if lists:
            return "source"
        between: dict[tuple[int, int], Pair] = {}
        for a in rows[left]:
            for b in rows[right]:
                pair = pairs.get((min(a, b), max(a, b)), _NOT_COMPARED)
                units = unit[a], unit[b]
                best = between.get(units)
                if best is None or (best.hard is not None, -best.weight) > (pair.hard is not None, -pair.weight):
                    between[units] = pair
        for pair in between.values():
            if pair.hard or pair.weight <= APART:
                return pair.hard or "others"
        # Added exactly, and then rounded: which is added first must not decide about a sum of nought.
        return "others" if round(math.fsum(pair.weight for pair in between.values()), 6) < 0 else None

    def turn(pair: tuple[int, int]) -> tuple[int, float, str, str]:
        first, second = sorted(of[n].record_id for n in pair)
        later = max(pair, key=lambda n: place[n])
        return moments[of[later].known_at], -pairs[pair].weight, first, second

    moments = {moment: position for position, moment in enumerate(sorted({s.known_at for s in statements}))}
    refused: dict[tuple[int, int], str] = {}
    objections: dict[tuple[int, int, int, int], str] = {}
    for a, b in sorted((p for p, pair in pairs.items() if pair.weight >= 0 and not pair.hard), key=turn):
        if member[a] == member[b]:
            continue
        left, right = sorted((member[a], member[b]), key=lambda n: place[n])
        # Clusters only grow: what kept two of these sizes apart still does. Of a name that thousands bear, most ask again.
        asked = left, right, len(rows[left]), len(rows[right])
        reason = objections.get(asked) or objection(left, right)
        if reason is None:
            join(left, right)
        else:
            refused[a, b] = objections[asked] = reason
    contradicted += try_all(one_victim)
    return Clusters(
        groups=sorted(sorted(group) for group in rows.values()),
        decided=_together(together, [p for p in one_victim if (min(p), max(p)) not in contradicted]),
        refused={p: reason for p, reason in refused.items() if member[p[0]] != member[p[1]]},
        contradicted=contradicted,
    )


def _together(groups: Sequence[Sequence[int]], links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The groups, those that a link connects as one; each sorted, and all of them."""
    forest = Forest()
    for group in groups:
        forest.chain(group)
    for a, b in links:
        forest.join(a, b)
    found: dict[int, list[int]] = {}
    for number in sorted(n for group in groups for n in group):
        found.setdefault(forest.root(number), []).append(number)
    return sorted(found.values())
