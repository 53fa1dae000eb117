"""Whether some figures can all be right at once: proved either way, or left open, never guessed.

They can: numbers for every cell are found that satisfy every row. They can't: no numbers do, and some of the figures suffice
to show it. What belongs here: the proof. What doesn't: the smallest set (`conflicts`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.network import Given, Listing, network
from casualty_pipeline.figures.identities.propagation import Conflict, Intervals, Reasons, reasons
from casualty_pipeline.profile import Profile

# Values are tried one after the other only so far; then the solver is asked.
TRIES = 60

NOTHING = Reasons(frozenset(), frozenset())


@dataclass(frozen=True)
class Verdict:
    """`consistent` True, False or, where neither was proved, None; if False, what suffices to prove it."""

    consistent: bool | None
    because: Reasons = NOTHING
    intervals: Intervals | None = None  # as propagation leaves them, where it finds no contradiction


def verdict(
    givens: Sequence[Given],
    profile: Profile,
    listings: Sequence[Listing] = (),
    about: Address | None = None,
    thorough: bool = True,
) -> Verdict:
    """Whether the figures can all be right at once; `about` one that isn't given, there is a cell, too.

    Without `thorough`, only what bounds show by themselves: a contradiction, or nothing.
    """
    made = network(givens, profile, listings, [about] if about else [])
    intervals = Intervals(made)
    try:
        intervals.state()
        intervals.propagate()
    except Conflict as conflict:
        return Verdict(False, reasons([conflict.step]))
    if not thorough:
        return Verdict(None, intervals=intervals)
    mark = intervals.mark()
    found = None
    for wholes_first in (True, False):
        found = _try(intervals, _order(intervals, wholes_first), TRIES)
        if found is not None:
            break
        intervals.back_to(mark)
    intervals.back_to(mark)
    if found is True:
        return Verdict(True, intervals=intervals)
    everything = Reasons(frozenset(range(len(givens))), frozenset(row.identity for row in made.rows))
    if found is False:
        return Verdict(False, everything)
    from casualty_pipeline.figures.identities.relaxation import solve

    consistent, because = solve(made, intervals, everything)
    intervals.back_to(mark)
    return Verdict(consistent, because, intervals)


def _order(intervals: Intervals, wholes_first: bool) -> list[int]:
    """Cells in the order in which values are tried: a population after those that hold it, or before; then the narrow."""
    ranks = {"massacres": 0, "massacre_victims": 1, "torture": 3, "civilians": 4}
    sign = -1 if wholes_first else 1

    def key(item: tuple[Address, int]) -> tuple[int, bool, int, int]:
        address, cell = item
        most = intervals.most[cell]
        width = 0 if most is None else most - intervals.least[cell]
        return sign * ranks.get(address.population, 2), most is None, width, cell

    return [cell for _, cell in sorted(intervals.network.cell.items(), key=key)]


def _try(intervals: Intervals, order: list[int], tries: int) -> bool | None:
    """Give every cell a value, its least first. True: done; False: there are none; None: given up."""
    choices: list[tuple[int, int, int]] = []  # place in the order, mark before, the value tried
    place = 0
    while True:
        while place < len(order) and intervals.least[order[place]] == intervals.most[order[place]]:
            place += 1
        if place == len(order):
            return True if intervals.holds() else None
        cell = order[place]
        value = intervals.least[cell]
        choices.append((place, intervals.mark(), value))
        try:
            intervals.attempt(cell, value, value)
            intervals.propagate()
            continue
        except Conflict:
            pass
        # No value tried last can stay: everything above it is left, here or at a choice before.
        while True:
            tries -= 1
            if not choices or tries < 0:
                return None if choices else False
            place, mark, value = choices.pop()
            intervals.back_to(mark)
            try:
                intervals.attempt(order[place], value + 1, None)
                intervals.propagate()
                break
            except Conflict:
                continue
