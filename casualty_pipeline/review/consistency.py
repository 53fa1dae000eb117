"""Answers that can't all be right together: one says that two records are one person, others that they are two.

A link and its contradiction may go through other records, and through decisions that were made before. Only ids here.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """One statement on two records. `row`: which answer of the file says it; None for a decision in force."""

    a: str
    b: str
    same: bool
    name: str  # of the row, or the decision's id
    row: int | None = None


def contradicting(links: Sequence[Link]) -> dict[int, list[str]]:
    """The rows that contradict each other or decisions in force: row -> the names of what it can't stand beside.

    Every row of a contradiction is given, since nothing tells which of them is wrong; a contradiction between decisions
    alone isn't this file's. Links are looked at in the order given.
    """
    refused: dict[int, list[str]] = {}
    active = list(links)
    while True:
        together = _neighbours(link for link in active if link.same)
        found = next((chain for link in active if not link.same and (chain := _chain(together, link))), None)
        if found is None:
            return refused
        rows = {link.row for link in found if link.row is not None}
        for link in found:
            if link.row is not None:
                refused[link.row] = [other.name for other in found if other.row != link.row]
        active = [link for link in active if link.row not in rows]


def _neighbours(links: Iterable[Link]) -> dict[str, list[tuple[str, Link]]]:
    found = defaultdict[str, list[tuple[str, Link]]](list)
    for link in links:
        found[link.a].append((link.b, link))
        found[link.b].append((link.a, link))
    return found


def _chain(together: dict[str, list[tuple[str, Link]]], apart: Link) -> list[Link]:
    """The shortest chain of links that joins two records that a link holds apart, with that link; empty when none does,

    or when no answer of the file is part of it.
    """
    came: dict[str, Link | None] = {apart.a: None}
    waiting = deque([apart.a])
    while waiting and apart.b not in came:
        at = waiting.popleft()
        for beyond, link in together.get(at, ()):
            if beyond not in came:
                came[beyond] = link
                waiting.append(beyond)
    if apart.b not in came:
        return []
    chain, at = [apart], apart.b
    while (step := came[at]) is not None:
        chain.append(step)
        at = step.a if step.b == at else step.b
    return chain if any(link.row is not None for link in chain) else []
