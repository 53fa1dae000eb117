"""Union-find over numbers: what is joined, directly or through others. It holds only what was ever joined."""

from collections.abc import Iterable

import polars as pl


class Forest:
    """Sets of numbers, each known by its smallest member."""

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
