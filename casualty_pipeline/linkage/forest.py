"""What is joined, directly or through others: as union-find over numbers, and all at once for many of them."""

from collections.abc import Iterable

import polars as pl

FEW = 20_000  # links that are joined sooner one by one than SciPy is loaded


class Forest:
    """Sets of numbers, each known by its smallest member. It holds only what was ever joined."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def root(self, number: int) -> int:
        """The smallest number of the set that this one is in; itself, if it was never joined."""
        parent = self._parent
        above = parent.get(number, number)
        while above != number:
            further = parent.get(above, above)
            parent[number] = further
            number, above = above, further
        return number

    def join(self, a: int, b: int) -> None:
        """Make one set of two."""
        kept, gone = self.root(a), self.root(b)
        if kept != gone:
            if gone < kept:
                kept, gone = gone, kept
            self._parent[gone] = kept
            self._parent.setdefault(kept, kept)

    def chain(self, numbers: Iterable[int]) -> None:
        """Make one set of all these."""
        first: int | None = None
        for number in numbers:
            if first is None:
                first = number
            else:
                self.join(first, number)

    def frame(self, number: str, root: str) -> pl.DataFrame:
        """Every number that was ever joined, with the smallest of its set, as two columns of these names."""
        rows = {number: list(self._parent), root: [self.root(each) for each in self._parent]}
        return pl.DataFrame(rows, schema={number: pl.UInt32, root: pl.UInt32})


def components(numbers: pl.Series, links: pl.DataFrame) -> pl.Series:
    """For each of distinct sorted `numbers` the smallest that `links` (two columns of them) lead to; itself if none do."""
    if links.height <= FEW:
        forest = Forest()
        for a, b in links.iter_rows():
            forest.join(a, b)
        return pl.Series(numbers.name, [forest.root(number) for number in numbers], dtype=numbers.dtype)
    return _of_many(numbers, links)


def _of_many(numbers: pl.Series, links: pl.DataFrame) -> pl.Series:
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    known = numbers.to_numpy()
    a, b = (np.searchsorted(known, links.to_series(i).to_numpy()) for i in (0, 1))
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(known), len(known)))
    labels = connected_components(graph, directed=False)[1]
    _, first = np.unique(labels, return_index=True)
    return pl.Series(numbers.name, known[first[labels]], dtype=numbers.dtype)
