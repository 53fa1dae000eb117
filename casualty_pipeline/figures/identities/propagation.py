"""Exact intervals: what each cell can be, whatever the unknown ones are, and why.

What belongs here: tightening the bounds of a network in whole numbers, undoing it, and naming the figures and the identities
that a bound or a conflict rests on. What doesn't: trying values (`search`).
"""

from collections import deque
from collections.abc import Container, Iterable
from dataclasses import dataclass

from casualty_pipeline.figures.identities.network import Network

# A bound that creeps (two rows that tighten each other by one each time) is left where it is after so many steps.
STEPS_PER_BOUND = 40
NEEDS = "victims need a massacre"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Why a bound holds: the identity (none: somebody stated it, or it is being tried), a given, and the bounds before."""

    identity: str
    given: int | None
    because: tuple["Step", ...]


class Conflict(Exception):  # noqa: N818  not an error: what was looked for
    """The bounds can't all hold."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step


@dataclass(frozen=True)
class Reasons:
    """What a bound or a conflict rests on: numbers of givens, names of identities."""

    givens: frozenset[int]
    identities: frozenset[str]


def reasons(steps: Iterable[Step]) -> Reasons:
    """All givens and identities beneath some steps."""
    seen: set[int] = set()
    givens: set[int] = set()
    names: set[str] = set()
    todo = list(steps)
    while todo:
        step = todo.pop()
        if id(step) in seen:
            continue
        seen.add(id(step))
        if step.given is not None:
            givens.add(step.given)
        if step.identity:
            names.add(step.identity)
        todo.extend(step.because)
    return Reasons(frozenset(givens), frozenset(names))


Bound = tuple[int, bool]  # cell, whether it is the upper one


class Intervals:
    """Lower and upper bounds of every cell, with reasons; an upper bound of None is none. `without`: what some givens, by
    number, say of their cells is left out, as if nobody had stated it.
    """

    def __init__(self, network: Network, without: Container[int] = ()) -> None:
        self.network = network
        self._without = without
        size = len(network.cell)
        self.least = [0] * size
        self.most: list[int | None] = [None] * size
        self._why_least: list[Step | None] = [None] * size
        self._why_most: list[Step | None] = [None] * size
        self._steps: dict[Bound, int] = {}
        self._trail: list[tuple[Bound, int | None, Step | None]] = []
        self._terms = [list(zip(row.cells, row.factors, strict=True)) for row in network.rows]
        self._rows_of: list[list[int]] = [[] for _ in range(size)]
        held = [n for n, row in enumerate(network.rows) if row.given is None or row.given not in without]
        for number in held:
            for cell in network.rows[number].cells:
                self._rows_of[cell].append(number)
        self._needs_of: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        for pair in network.needs:
            for cell in pair:
                self._needs_of[cell].append(pair)
        self._waiting: deque[int] = deque(held)
        self._queued = [True] * len(network.rows)

    def state(self) -> None:
        """Fix every cell that somebody stated. Raises Conflict where that can't be."""
        for cell, value, given in self.network.stated:
            if given not in self._without:
                step = Step("", given, ())
                self._raise(cell, value, step)
                self._lower(cell, value, step)

    def attempt(self, cell: int, least: int, most: int | None) -> None:
        """Take it that a cell lies between two values, without a reason. Raises Conflict where that can't be."""
        step = Step("", None, ())
        self._raise(cell, least, step)
        if most is not None:
            self._lower(cell, most, step)

    def mark(self) -> int:
        """A point to come back to."""
        return len(self._trail)

    def back_to(self, mark: int) -> None:
        """Undo everything since a point."""
        while len(self._trail) > mark:
            (cell, upper), value, why = self._trail.pop()
            if upper:
                self.most[cell], self._why_most[cell] = value, why
            else:
                self.least[cell], self._why_least[cell] = value or 0, why
        self._waiting.clear()
        self._queued = [False] * len(self._queued)
        self._steps.clear()

    def why(self, cell: int) -> Reasons:
        """What the bounds of a cell rest on."""
        return reasons(s for s in (self._why_least[cell], self._why_most[cell]) if s)

    def broken_rows(self) -> list[Conflict]:
        """Every row that the bounds as they are break by themselves, without drawing any conclusion first."""
        found = []
        for number in range(len(self.network.rows)):
            try:
                self._tighten(number, conclude=False)
            except Conflict as conflict:
                found.append(conflict)
        return found

    def holds(self) -> bool:
        """Whether every row holds, once every cell has one value: what makes it a proof that all can be right at once."""
        return (
            self.least == self.most
            and not self.broken_rows()
            and all(self.least[of] > 0 or self.least[count] == 0 for count, of in self.network.needs)
            and all(self.least[cell] == value for cell, value, _ in self.network.stated)
        )

    def propagate(self) -> None:
        """Tighten bounds until nothing more follows. Raises Conflict as soon as they can't all hold."""
        while self._waiting:
            number = self._waiting.popleft()
            self._queued[number] = False
            self._tighten(number)

    def _raise(self, cell: int, value: int, why: Step) -> None:
        if value <= self.least[cell]:
            return
        most = self.most[cell]
        if most is not None and value > most:
            upper = self._why_most[cell]
            raise Conflict(Step("", None, (why, *((upper,) if upper else ()))))
        self._moved((cell, False), self.least[cell], self._why_least[cell])
        self.least[cell], self._why_least[cell] = value, why
        for victims, massacres in self._needs_of[cell]:
            if cell == victims:
                self._raise(massacres, 1, Step(NEEDS, None, (why,)))

    def _lower(self, cell: int, value: int, why: Step) -> None:
        most = self.most[cell]
        if most is not None and value >= most:
            return
        if value < self.least[cell]:
            lower = self._why_least[cell]
            raise Conflict(Step("", None, (why, *((lower,) if lower else ()))))
        self._moved((cell, True), most, self._why_most[cell])
        self.most[cell], self._why_most[cell] = value, why
        for victims, massacres in self._needs_of[cell]:
            if cell == massacres and value == 0:
                self._lower(victims, 0, Step(NEEDS, None, (why,)))

    def _moved(self, bound: Bound, value: int | None, why: Step | None) -> None:
        self._trail.append((bound, value, why))
        self._steps[bound] = steps = self._steps.get(bound, 0) + 1
        if steps <= STEPS_PER_BOUND:
            for number in self._rows_of[bound[0]]:
                if not self._queued[number]:
                    self._queued[number] = True
                    self._waiting.append(number)

    def _steps_beneath(self, number: int, upper: bool, but: int | None = None) -> tuple[Step, ...]:
        """Why a row is at least (at most) what it is, but for one cell."""
        found = []
        for cell, factor in self._terms[number]:
            if cell != but:
                why = self._why_most[cell] if (factor > 0) == upper else self._why_least[cell]
                if why:
                    found.append(why)
        return tuple(found)

    def _end(self, number: int, upper: bool) -> tuple[int, int, int | None]:
        """The least (or most) that a row can be: its finite part, how many terms have no bound, and the last of these."""
        least, most = self.least, self.most
        total, open_ended, which = 0, 0, None
        for cell, factor in self._terms[number]:
            bound = most[cell] if (factor > 0) == upper else least[cell]
            if bound is None:
                open_ended, which = open_ended + 1, cell
            else:
                total += factor * bound
        return total, open_ended, which

    def _tighten(self, number: int, conclude: bool = True) -> None:
        """Draw the conclusions from one row. Raises Conflict where it can't hold."""
        row = self.network.rows[number]
        least, most = self.least, self.most
        for limit, upper in ((row.most, False), (row.least, True)):
            if limit is None:
                continue
            total, open_ended, which = self._end(number, upper)
            if not open_ended and (total < limit if upper else total > limit):
                raise Conflict(Step(row.identity, row.given, self._steps_beneath(number, upper)))
            if not conclude or open_ended > 1:
                continue
            for cell, factor in self._terms[number]:
                if open_ended and cell != which:
                    continue
                downwards = (factor > 0) != upper
                bound = least[cell] if downwards else most[cell]
                # factor * cell is at most (at least) what the others leave for it.
                room = limit - total + (0 if open_ended or bound is None else factor * bound)
                if downwards:
                    top = most[cell]
                    if top is None or room // factor < top:
                        self._lower(cell, room // factor, self._step(number, upper, cell))
                elif -(-room // factor) > least[cell]:
                    self._raise(cell, -(-room // factor), self._step(number, upper, cell))

    def _step(self, number: int, upper: bool, cell: int) -> Step:
        row = self.network.rows[number]
        return Step(row.identity, row.given, self._steps_beneath(number, upper, cell))
