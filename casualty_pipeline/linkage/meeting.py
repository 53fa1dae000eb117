"""Who meets under a key: of the statements that share it every two, unless too many share it.

Here belongs the way from keys to pairs, as numbers; what the two of a pair say is for `pairs`. It is the self-join of
deduplicated.keys on `key`, in an order in which pairs that aren't worth keeping go before they take up memory.
"""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Chosen = NDArray[np.bool_]

_AT_ONCE = 200_000  # statements under keys whose pairs are made together


def met(
    probed: pl.DataFrame,
    gone: pl.DataFrame,
    first_known: Callable[[pl.Series], pl.Series],
    wanted: Callable[[Numbers, Numbers], Chosen],
) -> pl.DataFrame:
    """`a`, `b` (a < b): the pairs of `probed` that meet, each once, in order.

    `probed`: `key`, `record_no`, `fresh` (a statement that arrived) and `cap`, how many meet under such a key. Of a key that
    more share only those that became known first meet, so that a later statement never changes which earlier ones did.
    `gone`: `key`, `gone`, how many are there no more; where one of the first has gone, the next one moves up, as if it had
    just come. Two that were both there before don't meet again.

    `first_known` puts numbers of statements in the order in which they became known; `wanted` says of pairs, given as
    two arrays of numbers, which are wanted.
    """
    pairs = _pairs(*_usable(probed, gone, first_known))
    met = np.concatenate([np.empty(0, np.int64), *(np.minimum(x, y) << 32 | np.maximum(x, y) for x, y in pairs)])
    met.sort()
    met = met[np.concatenate([[True], met[1:] != met[:-1]])[: len(met)]]
    a, b = met >> 32, met & 0xFFFF_FFFF
    chosen = wanted(a, b)
    return pl.DataFrame({"a": a[chosen].astype(np.int32), "b": b[chosen].astype(np.int32)})


def _usable(
    probed: pl.DataFrame, gone: pl.DataFrame, first_known: Callable[[pl.Series], pl.Series]
) -> tuple[Numbers, Chosen, Numbers]:
    """`record_no`, `fresh` and the number of the key, by key; without what nobody shares or too many do."""
    order = np.argsort(probed["key"].to_numpy(), kind="stable")
    keys = probed["key"].to_numpy()[order]
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
    sizes = np.diff(np.append(begins, len(keys)))
    shared = np.repeat(sizes > 1, sizes)
    order, begins = order[shared], begins[sizes > 1]
    distinct = pl.DataFrame({"key": keys[begins]}, schema={"key": pl.UInt64})
    sizes = sizes[sizes > 1]
    run = np.repeat(np.arange(len(sizes)), sizes)
    numbers, fresh, caps = (probed[column].to_numpy()[order] for column in ("record_no", "fresh", "cap"))
    numbers = numbers.astype(np.int64)
    went = distinct.join(gone, on="key", how="left", maintain_order="left")["gone"].fill_null(0).to_numpy()[run]
    common = sizes[run] + went > caps
    if not common.any():
        return numbers, fresh, run
    ordered = first_known(pl.Series("record_no", np.unique(numbers[common]))).to_numpy()
    known = np.empty(int(ordered.max()) + 1, np.int64)
    known[ordered] = np.arange(len(ordered))
    rows = np.flatnonzero(common)
    rows = rows[np.lexsort((known[numbers[rows]], run[rows]))]
    of_run = run[rows]
    starts = np.flatnonzero(np.concatenate([[True], of_run[1:] != of_run[:-1]]))
    place = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows)))) + 1
    fresh[rows] |= place > caps[rows] - went[rows]
    usable = np.ones(len(numbers), np.bool_)
    usable[rows[place > caps[rows]]] = False
    return numbers[usable], fresh[usable], run[usable]


def _pairs(numbers: Numbers, fresh: Chosen, run: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Every two of a run of which one is fresh, some runs at a time."""
    ends = np.append(np.flatnonzero(run[1:] != run[:-1]) + 1, len(run))
    cuts = ends[np.unique(np.searchsorted(ends, np.arange(_AT_ONCE, len(run) + _AT_ONCE, _AT_ONCE)).clip(max=len(ends) - 1))]
    begin = 0
    for cut in cuts if len(run) else ():
        part, recent = numbers[begin:cut], fresh[begin:cut]
        here = ends[(ends > begin) & (ends <= cut)] - begin
        after = np.repeat(here, np.diff(here, prepend=0)) - np.arange(cut - begin) - 1
        begin, place, step = cut, np.arange(len(part)), 0
        while len(place):
            step += 1
            place = place[after[place] >= step]
            new = place[recent[place] | recent[place + step]]
            if len(new):
                yield part[new], part[new + step]
