"""Who meets under a key: of the statements that share it every two, unless too many share it.

Here belongs the way from keys to pairs, as numbers; what the two of a pair say is for `pairs`. It is the self-join of
deduplicated.keys on `key`, in an order in which pairs that aren't worth keeping go before they take up memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.integer[Any]]
Chosen = NDArray[np.bool_]

_AT_ONCE = 200_000  # statements under keys whose pairs are made together


@dataclass(frozen=True)
class Usable:
    """Rows of keys under which statements meet: `numbers` of statements, whether each is `fresh`, and `run`, the same number
    for all that share a key; those of a key lie together.
    """

    numbers: Numbers
    fresh: Chosen
    run: Numbers


def met(usable: Usable, wanted: Callable[[Numbers, Numbers], Chosen]) -> pl.DataFrame:
    """`a`, `b` (a < b): the pairs that meet, each once, in order; two that aren't `fresh` met before.

    `wanted` says of pairs, given as two arrays of numbers, which are asked for.
    """
    pairs = (np.minimum(x, y) << 32 | np.maximum(x, y) for x, y in _pairs(usable))
    found = np.concatenate([np.empty(0, np.int64), *pairs])
    found.sort()
    found = found[_begins(found)]
    a, b = found >> 32, found & 0xFFFF_FFFF
    chosen = wanted(a, b)
    return pl.DataFrame({"a": a[chosen].astype(np.int32), "b": b[chosen].astype(np.int32)})


def _begins(rows: NDArray[Any]) -> Chosen:
    """Whether a row is unlike the one before it."""
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = rows[1:] != rows[:-1]
    return begins


def usable(probed: pl.DataFrame, gone: pl.DataFrame, first_known: Callable[[pl.Series], pl.Series], cap: int) -> Usable:
    """What of `probed` (`key`, `record_no`, `fresh`: a statement that arrived) brings statements together.

    Of a key that more than `cap` share only those that became known first meet, so that a later statement never changes
    which earlier ones did. `gone`: `key`, `gone`, how many are there no more; where one of the first has gone, the next one
    moves up, as if it had just come. `first_known` puts numbers in the order in which the statements became known.
    """
    order = np.argsort(probed["key"].to_numpy(), kind="stable")
    keys = probed["key"].to_numpy()[order]
    begins = np.flatnonzero(_begins(keys))
    sizes = np.diff(np.append(begins, len(keys)))
    order, begins, sizes = order[np.repeat(sizes > 1, sizes)], begins[sizes > 1], sizes[sizes > 1]
    distinct = pl.DataFrame({"key": keys[begins]}, schema={"key": pl.UInt64})
    went = distinct.join(gone, on="key", how="left", maintain_order="left")["gone"].fill_null(0).to_numpy()
    run = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    numbers, fresh = probed["record_no"].to_numpy()[order], probed["fresh"].to_numpy()[order]
    kept = np.ones(len(numbers), np.bool_)
    rows = np.flatnonzero((sizes + went > cap)[run])
    if len(rows):
        ordered = first_known(pl.Series("record_no", np.unique(numbers[rows]))).to_numpy()
        known = np.empty(int(ordered.max()) + 1, np.int32)
        known[ordered] = np.arange(len(ordered), dtype=np.int32)
        rows = rows[np.lexsort((known[numbers[rows]], run[rows]))]
        starts = np.flatnonzero(_begins(run[rows]))
        place = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows)))) + 1
        fresh[rows] |= place > cap - went[run[rows]]
        kept[rows[place > cap]] = False
    kept &= np.bincount(run[kept & fresh], minlength=len(sizes))[run] > 0
    return Usable(numbers[kept], fresh[kept], run[kept])


def _pairs(usable: Usable) -> Iterator[tuple[Numbers, Numbers]]:
    """Every two of a run of which one is fresh, some runs at a time."""
    run = usable.run
    ends = np.append(np.flatnonzero(_begins(run))[1:], len(run))
    cuts = ends[np.unique(np.searchsorted(ends, np.arange(_AT_ONCE, len(run) + _AT_ONCE, _AT_ONCE)).clip(max=len(ends) - 1))]
    begin = 0
    for cut in cuts if len(run) else ():
        part, recent = usable.numbers[begin:cut].astype(np.int64), usable.fresh[begin:cut]
        here = ends[(ends > begin) & (ends <= cut)] - begin
        after = np.repeat(here, np.diff(here, prepend=0)) - np.arange(cut - begin) - 1
        begin, place, step = cut, np.arange(len(part)), 0
        while len(place):
            step += 1
            place = place[after[place] >= step]
            new = place[recent[place] | recent[place + step]]
            if len(new):
                yield part[new], part[new + step]
