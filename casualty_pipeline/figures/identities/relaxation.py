"""Asks HiGHS where propagation and a few tries can't tell, and believes nothing that it can't check in whole numbers.

What belongs here: a point that satisfies every row, substituted exactly; or multipliers of rows (Farkas), made fractions,
that add the rows up to something impossible; or a tree of cases each closed by such multipliers. What HiGHS says beyond that
is left open. Imported only when needed, since scipy takes as long to load as an audit takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array

from casualty_pipeline.figures.identities.network import Network
from casualty_pipeline.figures.identities.propagation import Conflict, Intervals, Reasons

CASES = 40
_DENOMINATORS = (1, 2, 60, 5_040, 1_000_000)
MANY = 10_000  # enough victims where nothing says how many there can be; only for finding a point
_NEARLY = 1e-6


@dataclass(frozen=True)
class _Line:
    """sum of factor * cell = bound, or <= bound; what it stands for."""

    cells: tuple[int, ...]
    factors: tuple[int, ...]
    bound: int
    equal: bool
    identity: str
    given: int | None


def solve(made: Network, intervals: Intervals, everything: Reasons) -> tuple[bool | None, Reasons]:
    """Whether the rows of a network can all hold, and if not, why. The intervals are as propagation left them."""
    lines = _lines(made)
    size = len(made.cell)
    against, _ = _relaxed(lines, [0] * size, [None] * size)
    if against:
        return False, against
    mark = intervals.mark()
    if _point(made, intervals):
        return True, everything
    intervals.back_to(mark)
    return (False, everything) if _closed(lines, intervals, [CASES]) else (None, everything)


def _lines(made: Network) -> list[_Line]:
    lines = [_Line((cell,), (1,), value, True, "", given) for cell, value, given in made.stated]
    for row in made.rows:
        if row.most is not None:
            lines.append(_Line(row.cells, row.factors, row.most, row.least == row.most, row.identity, row.given))
        if row.least is not None and row.least != row.most:
            lines.append(_Line(row.cells, tuple(-f for f in row.factors), -row.least, False, row.identity, row.given))
    return lines


def _matrix(lines: Sequence[_Line], size: int) -> coo_array:
    rows = [n for n, line in enumerate(lines) for _ in line.cells]
    cells = [c for line in lines for c in line.cells]
    factors = [float(f) for line in lines for f in line.factors]
    return coo_array((factors, (rows, cells)), shape=(len(lines), size))


def _relaxed(
    lines: Sequence[_Line], least: Sequence[int], most: Sequence[int | None]
) -> tuple[Reasons | None, NDArray[np.float64]]:
    """Break as little as possible of what was stated, fractions allowed: the proof that something must be, and the point."""
    size = len(least)
    matrix = _matrix(lines, size).tocsr()
    equal = np.array([line.equal for line in lines])
    count = len(lines)
    # An unknown for what each line is broken by, at a price: stated figures are cheap, identities dear, each by its scale.
    unit = np.array([max(abs(f) for f in line.factors) for line in lines], dtype=float)
    price = np.array([1.0 if line.given is not None else 1000.0 for line in lines])
    slack = coo_array((-unit, (range(count), range(count)))).tocsr()
    extended = _beside(matrix, slack, -slack)
    bounds = [(lo, hi) for lo, hi in zip(least, most, strict=True)] + [(0, None)] * (2 * count)
    found = linprog(
        np.concatenate([np.zeros(size), price, price]),
        A_eq=extended[equal],
        b_eq=np.array([line.bound for line in lines if line.equal], dtype=float),
        A_ub=extended[~equal],
        b_ub=np.array([line.bound for line in lines if not line.equal], dtype=float),
        bounds=bounds,
        method="highs-ds",
    )
    if found.status != 0:
        return None, np.zeros(size)
    point = np.asarray(found.x[:size])
    if found.fun < _NEARLY:
        return None, point
    weights = np.zeros(count)
    weights[equal] = found.eqlin.marginals
    weights[~equal] = found.ineqlin.marginals
    for denominator in _DENOMINATORS:
        exact = [Fraction(float(w)).limit_denominator(denominator) for w in weights]
        if _impossible(lines, exact, least, most):
            used = [line for line, w in zip(lines, exact, strict=True) if w]
            givens = frozenset(line.given for line in used if line.given is not None)
            return Reasons(givens, frozenset(line.identity for line in used if line.identity)), point
    return None, point


def _beside(*blocks: object) -> coo_array:
    from scipy.sparse import hstack

    return hstack(blocks).tocsr()


def _impossible(
    lines: Sequence[_Line], weights: Sequence[Fraction], least: Sequence[int], most: Sequence[int | None]
) -> bool:
    """Whether the weighted sum of the lines says, of numbers within bounds, that nought is more than nought. Exact."""
    total = Fraction(0)
    left: dict[int, Fraction] = {}
    for line, weight in zip(lines, weights, strict=True):
        if not weight:
            continue
        if not line.equal and weight > 0:
            return False
        total += weight * line.bound
        for cell, factor in zip(line.cells, line.factors, strict=True):
            left[cell] = left.get(cell, Fraction(0)) - weight * factor
    for cell, rest in left.items():
        bound = least[cell] if rest > 0 else most[cell]
        if rest and bound is None:
            return False
        total += rest * (bound or 0)
    return total > 0


def _point(made: Network, intervals: Intervals) -> bool:
    """Let HiGHS find whole numbers; true only if they satisfy every row when put in."""
    size = len(made.cell)
    lines = _lines(made)
    matrix = _matrix(lines, size)
    high = np.array([float(line.bound) for line in lines])
    low = np.array([float(line.bound) if line.equal else -np.inf for line in lines])
    limits = [LinearConstraint(matrix.tocsr(), low, high)]
    pairs = [(count, of, MANY if (top := intervals.most[count]) is None else top) for count, of in made.needs]
    if pairs:  # count <= the most that it can be * of
        numbers = range(len(pairs))
        entries = [1.0] * len(pairs) + [-float(top) for *_, top in pairs]
        places = ([*numbers, *numbers], [p[0] for p in pairs] + [p[1] for p in pairs])
        limits.append(LinearConstraint(coo_array((entries, places), shape=(len(pairs), size)).tocsr(), -np.inf, 0.0))
    upper = [np.inf if top is None else float(top) for top in intervals.most]
    found = milp(
        np.zeros(size),
        integrality=np.ones(size),
        bounds=Bounds([float(x) for x in intervals.least], upper),
        constraints=limits,
        options={"node_limit": 2000},
    )
    if found.x is None:
        return False
    try:
        for cell, value in enumerate(found.x):
            intervals.attempt(cell, round(float(value)), round(float(value)))
        return intervals.holds()
    except Conflict:
        return False


def _closed(lines: Sequence[_Line], intervals: Intervals, cases: list[int]) -> bool:
    """Whether every case ends in an impossibility: branch where the relaxed point isn't whole."""
    cases[0] -= 1
    if cases[0] < 0:
        return False
    against, point = _relaxed(lines, intervals.least, intervals.most)
    if against:
        return True
    broken = [(abs(x - round(x)), -cell) for cell, x in enumerate(point) if abs(x - round(x)) > _NEARLY]
    if not broken:
        return False
    cell = -max(broken)[1]
    below = floor(point[cell])
    for least, most in ((intervals.least[cell], below), (below + 1, intervals.most[cell])):
        mark = intervals.mark()
        try:
            intervals.attempt(cell, least, most)
            intervals.propagate()
            closed = _closed(lines, intervals, cases)
        except Conflict:
            closed = True
        intervals.back_to(mark)
        if not closed:
            return False
    return True
