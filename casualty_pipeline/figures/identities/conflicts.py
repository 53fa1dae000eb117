"""The smallest sets of figures that contradict each other, until what is left can all be right.

What belongs here: which sets, and making each as small as can be. What doesn't: proving a set (`search`), telling it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from casualty_pipeline.figures.identities.network import Given, Listing, Network, network
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
    # Making a core small asks about the same few figures again and again, each time without another one.
    _answers: dict[frozenset[int], Reasons | None] = field(default_factory=dict)
    _bounds: dict[tuple[frozenset[int], frozenset[int]], Reasons | None] = field(default_factory=dict)
    _networks: dict[frozenset[int], Network] = field(default_factory=dict)

    def reasons_against(self, numbers: frozenset[int]) -> Reasons | None:
        """What suffices to prove that some of the figures can't all be right; None where that isn't proved."""
        if numbers not in self._answers:
            order = sorted(numbers)
            found = verdict([self.givens[n] for n in order], self.profile, self.listings)
            proved = found.consistent is False
            self._answers[numbers] = _renumbered(found.because, order) if proved else None
        return self._answers[numbers]

    def bounds_against(self, numbers: frozenset[int], among: frozenset[int]) -> Reasons | None:
        """The same by what bounds show by themselves, in the network of more figures than these, which is made once."""
        asked = numbers, among
        if asked not in self._bounds:
            order = sorted(among)
            if among not in self._networks:
                self._networks[among] = network([self.givens[n] for n in order], self.profile, self.listings)
            intervals = Intervals(self._networks[among], frozenset(p for p, n in enumerate(order) if n not in numbers))
            self._bounds[asked] = None
            try:
                intervals.state()
                intervals.propagate()
            except Conflict as conflict:
                self._bounds[asked] = _renumbered(reasons([conflict.step]), order)
        return self._bounds[asked]


def _renumbered(why: Reasons, order: Sequence[int]) -> Reasons:
    return Reasons(frozenset(order[n] for n in why.givens), why.identities)


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
        whole = _renumbered(judged.because, order)
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
    return [_renumbered(why, order) for why in broken]


def _smallest(table: _Table, among: frozenset[int], why: Reasons) -> Core:
    """A core beneath what suffices for a proof; a smaller one elsewhere, should leaving a member out lead to it."""

    def by_bounds(why: Reasons, order: Sequence[int]) -> Reasons:
        return _without(lambda numbers: table.bounds_against(numbers, why.givens), why, order)

    best = min((by_bounds(why, order) for order in (sorted(why.givens), sorted(why.givens, reverse=True))), key=_size)
    for member in sorted(best.givens) if len(best.givens) > 2 else ():
        other = table.bounds_against(among - {member}, among)
        if other:
            best = min(best, by_bounds(other, sorted(other.givens)), key=_size)
    best = _without(table.reasons_against, best, sorted(best.givens))
    return Core(best.givens, best.identities)


def _size(why: Reasons) -> tuple[int, list[int]]:
    return len(why.givens), sorted(why.givens)


def _without(reasons_against: Callable[[frozenset[int]], Reasons | None], why: Reasons, order: Sequence[int]) -> Reasons:
    """Leave out one figure after the other that the proof can do without."""
    core = reasons_against(why.givens) or why
    for number in order:
        if number in core.givens:
            core = reasons_against(core.givens - {number}) or core
    return core
