"""What follows from figures that can all be right: numbers that nobody printed, zeros, and what a missing total can be."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.network import Given, is_named
from casualty_pipeline.figures.identities.propagation import Intervals
from casualty_pipeline.figures.identities.telling import covers


@dataclass(frozen=True)
class Derived:
    """A figure that isn't given: it is at least and at most so much, as the given ones with these numbers prove."""

    address: Address
    least: int
    most: int
    because: tuple[int, ...]


def derived(givens: Sequence[Given], intervals: Intervals) -> list[Derived]:
    """Every figure between the given ones that has a lowest and a highest value, by address.

    Of zeros, only those that don't lie beneath another one. The bounds are proved; a narrower one may hold.
    """
    made = intervals.network
    stated = {g.address for g in givens}
    none: dict[tuple[str, str], list[Address]] = defaultdict(list)
    for address, cell in made.cell.items():
        if intervals.most[cell] == 0 and is_named(address):
            none[address.period, address.population].append(address)
    found = []
    for address, cell in made.cell.items():
        most = intervals.most[cell]
        if most is None or address in stated or not is_named(address):
            continue
        if most == 0 and any(zero != address and covers(zero, address) for zero in none[address[:2]]):
            continue
        found.append(Derived(address, intervals.least[cell], most, tuple(sorted(intervals.why(cell).givens))))
    return sorted(found, key=lambda d: d.address)
