"""How good the linkage is, estimated from what people say of a sample: shares, intervals, precision, recall and F1 of pairs.

Here belongs the statistics, on plain numbers; no names, no SQL. What is sampled is for `samples`, what people said for
`quality`.

Precision is estimated from whole victims, as Binette and others do (2022, "Estimating the performance of entity resolution
algorithms: lessons learned through PatentsView.org"; 2024, "How to evaluate entity resolution systems"), since single pairs
drawn at random miss what goes wrong in large victims. A unit (a victim, or two victims kept apart) is drawn with a chance
in proportion to the pairs that it stands for. Weighted by one over that chance (Horvitz and Thompson 1952), the ratio of
right pairs to pairs is then the plain mean of the units' shares: a share between 0 and 1 each, so that Wilson's interval
(1927) on the number of units is on the safe side, and has a width where everything was right. Limits of several strata are
combined by the recovery of variances from limits (Zou and Donner 2008), which needs no resampling.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import polars as pl

ENOUGH = 10  # judged units of a stratum, or all that it has, before anything is said of it
_Z = 1.959964  # of 95 %


@dataclass(frozen=True)
class Share:
    """A share with the limits of its 95 % interval, each from 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """A unit that people judged: the pairs that it stands for, and the share of them that are one person."""

    pairs: float
    share: float


@dataclass(frozen=True)
class Stratum:
    """Units that are alike in what the machine made of them. `pairs`: all that they stand for together.

    `sizes`: how many units stand for so many pairs each, by that number. `judged`: those of the sample that people judged.
    """

    pairs: float
    sizes: Mapping[float, int]
    judged: Sequence[Judged] = field(default=())

    @property
    def units(self) -> int:
        """How many units it has."""
        return sum(self.sizes.values())


def certain_from(sizes: Mapping[float, int], count: int) -> float:
    """The size from which on a unit is sure to be drawn when `count` are; infinite where none is.

    Drawing in proportion to size, what is at least as large as the whole by the number of draws is drawn for certain, and
    the rest of the draws are of the rest.
    """
    rest, draws, threshold = float(sum(size * n for size, n in sizes.items())), count, math.inf
    for size in sorted(sizes, reverse=True):
        if draws <= 0 or size * draws < rest * (1 - 1e-12):
            break
        threshold = size
        rest -= size * sizes[size]
        draws -= sizes[size]
    return threshold


def drawn(units: pl.DataFrame, count: int) -> pl.DataFrame:
    """The sample of `units` (`unit`, `size`, `number`: an evenly distributed one from 0 to 1, that the unit keeps for ever).

    Sequential Poisson sampling (Ohlsson 1998): the units of the lowest number by size, after those that are sure to be
    drawn. Whatever order they come in, more units that are added change little, and the first of the sample are a sample by
    themselves. Returns the rows in the order in which they are to be judged, with `place` from 1.
    """
    sizes = dict(units.group_by("size").len().iter_rows())
    ranked = units.with_columns(sure=pl.col("size") >= certain_from(sizes, count), order=pl.col("number") / pl.col("size"))
    chosen = ranked.sort("sure", "order", "unit", descending=[True, False, False]).head(count)
    return chosen.drop("sure", "order").with_row_index("place", offset=1).with_columns(pl.col("place").cast(pl.Int32))


def share_of(stratum: Stratum) -> Share | None:
    """The share of a stratum's pairs that are one person; None where too few units were judged.

    As if the judged units were the whole sample: those large enough to be sure to be in it count for themselves, the others
    for all the rest, each the same. Where every unit was judged there is nothing left to estimate.
    """
    judged = stratum.judged
    if not stratum.units or len(judged) < min(ENOUGH, stratum.units):
        return None
    threshold = certain_from(stratum.sizes, len(judged))
    sure = [one for one in judged if one.pairs >= threshold]
    others = [one.share for one in judged if one.pairs < threshold]
    whole = sum(size * n for size, n in stratum.sizes.items())
    exact = sum(one.pairs * one.share for one in sure)
    rest = whole - sum(one.pairs for one in sure)
    if rest <= whole * 1e-9:
        return Share(exact / whole, exact / whole, exact / whole)
    if not others:
        return None
    mean = fmean(others)
    low, high = wilson(mean, len(others))
    return Share(*((exact + rest * share) / whole for share in (mean, low, high)))


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % limits of a share that was seen in `count` independent units (Wilson 1927)."""
    centre = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def combined(measure: Callable[[Mapping[str, float]], float], shares: Mapping[str, Share]) -> Share:
    """A measure of several shares with its limits: what each share alone could change, added as variances are."""
    values = {name: share.value for name, share in shares.items()}
    at = measure(values)
    down = up = 0.0
    for name, share in shares.items():
        moved = [measure({**values, name: limit}) - at for limit in (share.low, share.high)]
        down += min(0.0, *moved) ** 2
        up += max(0.0, *moved) ** 2
    return Share(at, max(0.0, at - math.sqrt(down)), min(1.0, at + math.sqrt(up)))


def measures(linked: Stratum, apart: Mapping[str, Stratum]) -> dict[str, Share]:
    """`precision`, `recall` and `f1` of pairs, as far as enough was judged.

    `linked`: victims of several statements; `apart`: strata of what was kept apart. Recall is of the pairs that the strata
    hold: what nothing brought near each other isn't in them.
    """
    precision = share_of(linked)
    if precision is None:
        return {}
    found = {"precision": precision}
    needed = {name: stratum for name, stratum in apart.items() if stratum.units and stratum.pairs}
    shares = {name: share for name, stratum in needed.items() if (share := share_of(stratum)) is not None}
    if len(shares) < len(needed):
        return found
    shares["linked"] = precision
    pairs = {"linked": linked.pairs, **{name: stratum.pairs for name, stratum in needed.items()}}

    def recall(share: Mapping[str, float]) -> float:
        true = sum(pairs[name] * share[name] for name in pairs)
        return pairs["linked"] * share["linked"] / true if true else 0.0

    def f1(share: Mapping[str, float]) -> float:
        true = sum(pairs[name] * share[name] for name in pairs)
        return 2 * pairs["linked"] * share["linked"] / (pairs["linked"] + true)

    return found | {"recall": combined(recall, shares), "f1": combined(f1, shares)}
