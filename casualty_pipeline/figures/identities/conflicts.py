"""The smallest sets of figures that contradict each other, until what is left can all be right.

What belongs here: which sets, and making each as small as can be. What doesn't: proving a set (`search`), telling it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from casualty_pipeline.figures.identities.network import Given, Listing, network
from casualty_pipeline.figures.identities.propagation import Conflict, Intervals, Reasons, reasons
from casualty_pipeline.figures.identities.search import verdict
from casualty_pipeline.profile import Profile

FEW = 5  # figures of a contradiction, up to which each of them is a suspect


@dataclass(frozen=True)
class Core:
    """Figures (by number) none of which can be left out of their contradiction, and the identities that prove it."""

    givens: frozenset[int]
    identities: frozenset[str]


@dataclass(frozen=True)
class Conflicts:
    """All cores; the figures outside them, which can all be right; whether that was proved.

    `kept` are figures to draw conclusions from: those outside, and of a core of many as many as still fit, totals first,
    since there each is a weak suspect. `intervals` are what these leave for every cell.
    """

    cores: tuple[Core, ...]
    rest: tuple[int, ...]
    kept: tuple[int, ...]
    intervals: Intervals | None
    proved: bool


@dataclass(frozen=True)
class _Table:
    givens: Sequence[Given]
    profile: Profile
    listings: Sequence[Listing]
    # Making a core small asks about the same few figures again and again.
    _answers: dict[tuple[frozenset[int], bool], Reasons | None] = field(default_factory=dict)

    def reasons_against(self, numbers: frozenset[int], thorough: bool = True) -> Reasons | None:
        """What suffices to prove that some of the figures can't all be right; None where that isn't proved."""
        asked = numbers, thorough
        if asked not in self._answers:
            self._answers[asked] = self._prove(numbers, thorough)
        return self._answers[asked]

    def _prove(self, numbers: frozenset[int], thorough: bool) -> Reasons | None:
        order = sorted(numbers)
        found = verdict([self.givens[n] for n in order], self.profile, self.listings, thorough=thorough)
        if found.consistent is not False:
            return None
        return Reasons(frozenset(order[n] for n in found.because.givens), found.because.identities)


def conflicts(givens: Sequence[Given], profile: Profile, listings: Sequence[Listing] = ()) -> Conflicts:
    """Every identity that figures break by themselves, then whatever else can't be, until the rest can.

    Contradictions by one identity may share figures; one that takes several is looked for among the figures of none before.
    """
    table = _Table(givens, profile, listings)
    left = frozenset(range(len(givens)))
    cores: dict[frozenset[int], Core] = {}
    while True:
        order = sorted(left)
        judged = verdict([givens[n] for n in order], profile, listings)
        if judged.consistent is not False:
            break
        whole = Reasons(frozenset(order[n] for n in judged.because.givens), judged.because.identities)
        new = {core.givens: core for core in (_smallest(table, left, w) for w in _broken_at_once(table, left) or [whole])}
        cores.update(new)
        left -= frozenset[int]().union(*new)
    ordered = sorted(cores.values(), key=lambda c: (len(c.givens), sorted(c.givens)))
    kept, intervals = tuple(order), judged.intervals
    if any(len(core.givens) > FEW for core in ordered):
        kept = _kept(table, ordered, left)
        intervals = verdict([givens[n] for n in kept], profile, listings, thorough=False).intervals
    return Conflicts(tuple(ordered), tuple(order), kept, intervals, judged.consistent is True)


def _kept(table: _Table, cores: Sequence[Core], rest: frozenset[int]) -> tuple[int, ...]:
    suspects = frozenset[int]().union(*(c.givens for c in cores if len(c.givens) <= FEW))
    doubtful = frozenset[int]().union(*(c.givens for c in cores)) - suspects
    counts = [n for n in doubtful if table.givens[n].address.measure == "count"]
    order = [*sorted(rest), *sorted(counts, key=lambda n: (-table.givens[n].address.count(""), table.givens[n].address))]
    made = network([table.givens[n] for n in order], table.profile, table.listings)
    later = made.stated[-len(counts) :] if counts else []
    made.stated = made.stated[: len(made.stated) - len(counts)]
    intervals = Intervals(made)
    kept = set(rest)
    try:
        intervals.state()
        intervals.propagate()
    except Conflict:
        return ()
    for cell, value, place in later:
        mark = intervals.mark()
        try:
            intervals.attempt(cell, value, value)
            intervals.propagate()
            kept.add(order[place])
        except Conflict:
            intervals.back_to(mark)
    return tuple(sorted(kept))


def _broken_at_once(table: _Table, numbers: Iterable[int]) -> list[Reasons]:
    order = sorted(numbers)
    intervals = Intervals(network([table.givens[n] for n in order], table.profile, table.listings))
    try:
        intervals.state()
    except Conflict:
        return []
    broken = [reasons([c.step]) for c in intervals.broken_rows()]
    return [Reasons(frozenset(order[n] for n in why.givens), why.identities) for why in broken]


def _smallest(table: _Table, among: frozenset[int], why: Reasons) -> Core:
    """A core beneath what suffices for a proof; a smaller one elsewhere, should leaving a member out lead to it."""
    best = min(
        (_without(table, why, order, thorough=False) for order in (sorted(why.givens), sorted(why.givens, reverse=True))),
        key=_size,
    )
    for member in sorted(best.givens) if len(best.givens) > 2 else ():
        other = table.reasons_against(among - {member}, thorough=False)
        if other:
            best = min(best, _without(table, other, sorted(other.givens), thorough=False), key=_size)
    best = _without(table, best, sorted(best.givens), thorough=True)
    return Core(best.givens, best.identities)


def _size(why: Reasons) -> tuple[int, list[int]]:
    return len(why.givens), sorted(why.givens)


def _without(table: _Table, why: Reasons, order: Sequence[int], thorough: bool) -> Reasons:
    """Leave out one figure after the other that the proof can do without."""
    core = table.reasons_against(why.givens, thorough) or why
    for number in order:
        if number in core.givens:
            core = table.reasons_against(core.givens - {number}, thorough) or core
    return core
