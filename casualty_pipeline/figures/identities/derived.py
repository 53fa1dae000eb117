"""What follows from figures that can all be right: numbers that nobody printed, zeros, and what a missing total can be."""

from collections.abc import Sequence
from dataclasses import dataclass

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.network import Given, Listing, is_named, network
from casualty_pipeline.figures.identities.propagation import Conflict, Intervals
from casualty_pipeline.figures.identities.telling import covers
from casualty_pipeline.profile import Profile


@dataclass(frozen=True)
class Derived:
    """A figure that isn't given: it is at least and at most so much, as the given ones with these numbers prove."""

    address: Address
    least: int
    most: int
    because: tuple[int, ...]


def derived(givens: Sequence[Given], profile: Profile, listings: Sequence[Listing] = ()) -> list[Derived]:
    """Every figure between the given ones that has a lowest and a highest value, by address.

    Of zeros, only those that don't lie beneath another one. The bounds are proved; a narrower one may hold.
    """
    made = network(givens, profile, listings)
    intervals = Intervals(made)
    try:
        intervals.state()
        intervals.propagate()
    except Conflict:
        return []
    stated = {g.address for g in givens}
    none = [a for a, cell in made.cell.items() if is_named(a) and intervals.most[cell] == 0]
    found = []
    for address, cell in made.cell.items():
        most = intervals.most[cell]
        if most is None or address in stated or not is_named(address):
            continue
        if most == 0 and any(zero != address and covers(zero, address) for zero in none):
            continue
        found.append(Derived(address, intervals.least[cell], most, tuple(sorted(intervals.why(cell).givens))))
    return sorted(found, key=lambda d: d.address)
