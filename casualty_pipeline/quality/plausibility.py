"""Whether a month's number is plausible beside the months before it: robust statistics with a declared rate of false alarms.

What belongs here: numbers in, a verdict out. What doesn't: which numbers (`histories.py`), and what is done about it
(`checks/plausibility.py`). A surge or a fall may be the truth: this only warns.

A count is compared with its history on two scales: Anscombe's square root, on which counts of Poisson's have the variance 1,
and the logarithm, on which growth is alike at every level. Overdispersed counts are skewed to the right on the first and to
the left on the second, so only what stands out on both is told. A share is compared on the scale of its arcsine. The centre
is the median, the scale Qn (Rousseeuw & Croux 1993: breakdown at half of the months, 82 % efficient), never smaller than
chance alone makes it; the limit is Student's t, with as many degrees of freedom as Qn leaves, at `RATE` divided by the
number of series that are judged together (Bonferroni), so that a clean month is warned of at most so often.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

RATE = 0.002  # of clean months that one check may warn of by chance: five compare, so that all stay within 1 %
LEAST, MOST = 6, 12  # months of history: with fewer nothing is said, more are too long ago
FACTOR = 2.0  # a count that changed by less isn't worth a warning, whatever its history
POINTS = 0.1  # nor a share
_QN = 2.2219  # makes Qn estimate a normal distribution's standard deviation
_EFFICIENCY = 0.82
# Corrections of Qn for few values (Croux & Rousseeuw 1992), from two on.
_FEW = (0.399, 0.994, 0.512, 0.844, 0.611, 0.857, 0.669, 0.872)


@dataclass(frozen=True)
class Unusual:
    """A number that its history doesn't make plausible. For counts `value` and `usual` are counts, for shares shares."""

    series: str
    value: float
    usual: float  # median of the history
    low: float
    high: float  # lowest and highest of the history
    share: bool = False

    @property
    def sentence(self) -> str:
        """`family_form: 3, where it was 120 in the middle of the months before (96 to 151)`."""
        value, usual, low, high = (
            f"{100 * v:.0f} %" if self.share else f"{v:g}" for v in (self.value, self.usual, self.low, self.high)
        )
        return f"{self.series}: {value}, where it was {usual} in the middle of the months before ({low} to {high})"


def unusual_counts(series: Mapping[str, Sequence[int]], rate: float = RATE) -> list[Unusual]:
    """Counts that stand out. Of each series: the months before, the oldest first, then the month itself.

    A series of fewer than LEAST months before is left out, as is one that never had anything.
    """
    judged = {name: values[-MOST - 1 :] for name, values in series.items() if len(values) > LEAST and any(values)}
    found = []
    for name, values in sorted(judged.items()):
        *history, value = values
        usual = median(history)
        if not (value >= FACTOR * usual or value <= usual / FACTOR):
            continue
        least_log = 1 / math.sqrt(usual + 0.5)
        limit = _limit(len(history), rate / len(judged))
        anscombe = _distance([_anscombe(v) for v in history], _anscombe(value), 1.0)
        logarithm = _distance([math.log(v + 0.5) for v in history], math.log(value + 0.5), least_log)
        if min(anscombe, logarithm) > limit:
            found.append(Unusual(name, value, usual, min(history), max(history)))
    return found


def unusual_shares(series: Mapping[str, Sequence[tuple[int, int]]], rate: float = RATE) -> list[Unusual]:
    """Shares that stand out, given as (of those, of how many) as in `unusual_counts`; months of none are left out."""
    whole = {name: [(of, n) for of, n in values[:-1] if n][-MOST:] for name, values in series.items()}
    judged = {name: given for name, given in whole.items() if len(given) >= LEAST and series[name][-1][1]}
    found = []
    for name, history in sorted(judged.items()):
        of, n = series[name][-1]
        shares = [part / among for part, among in history]
        usual, value = median(shares), of / n
        if abs(value - usual) < POINTS:
            continue
        least = math.sqrt(1 / n + 1 / median(among for _, among in history))
        distance = _distance([_arcsine(*given) for given in history], _arcsine(of, n), least)
        if distance > _limit(len(history), rate / len(judged)):
            found.append(Unusual(name, value, usual, min(shares), max(shares), share=True))
    return found


def qn(values: Sequence[float]) -> float:
    """Rousseeuw and Croux's Qn: a quantile of the distances between pairs, as a standard deviation. 0 for one value."""
    if len(values) < 2:
        return 0.0
    n, half = len(values), len(values) // 2 + 1
    distances = sorted(abs(a - b) for a, b in combinations(values, 2))
    many = n / (n + 1.4) if n % 2 else n / (n + 3.8)
    factor = _FEW[n - 2] if n - 2 < len(_FEW) else many
    return _QN * factor * distances[math.comb(half, 2) - 1]


def _anscombe(count: float) -> float:
    return 2 * math.sqrt(count + 3 / 8)


def _arcsine(of: int, n: int) -> float:
    return 2 * math.asin(math.sqrt((of + 3 / 8) / (n + 3 / 4)))


def _distance(history: Sequence[float], value: float, least: float) -> float:
    """How many scales a value lies from the middle of its history."""
    return abs(value - median(history)) / max(qn(history), least)


def _limit(months: int, rate: float) -> float:
    """The distance that a value exceeds by chance at the rate, both ways; the middle itself is only estimated."""
    from scipy.special import stdtrit  # loaded where there is a history to compare with

    spread = math.sqrt(1 + math.pi / 2 / months)
    return spread * float(stdtrit(_EFFICIENCY * (months - 1), 1 - rate / 2))
