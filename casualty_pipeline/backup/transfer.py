"""Moving many files at once, and saying how far it got. Knows nothing of what is moved, or where."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from threading import Lock
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]  # what is being done, bytes done, bytes in all

AT_ONCE = 8  # a transfer mostly waits for the disk or the network


class Meter:
    """Counts bytes from several threads, and tells `progress`."""

    def __init__(self, progress: Progress | None, doing: str, total: int) -> None:
        self._progress, self._doing, self._total, self._done, self._lock = progress, doing, total, 0, Lock()

    def add(self, size: int) -> None:
        """So many bytes more are done."""
        with self._lock:
            self._done += size
            if self._progress is not None:
                self._progress(self._doing, self._done, self._total)


def at_once(work: Callable[[Thing], Result], things: Sequence[Thing]) -> Iterator[tuple[Thing, Result]]:
    """Do the work on several things at a time; each thing with its result, in the order given.

    The first exception ends it: what has begun is finished, the rest is not begun.
    """
    rest = iter(things)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running: deque[tuple[Thing, Future[Result]]] = deque((t, pool.submit(work, t)) for t in islice(rest, 2 * AT_ONCE))
        try:
            while running:
                thing, future = running.popleft()
                result = future.result()
                running.extend((t, pool.submit(work, t)) for t in islice(rest, 1))
                yield thing, result
        finally:
            for _, future in running:
                future.cancel()
