"""Damaged and hostile files for every connector: no exception, no hang, bounded memory, books that balance.

    python -m benchmarks.fuzz --connector all --inputs 100000 --seed 1
    python -m benchmarks.fuzz --connector telegram --only 4711        # one input again, with its traceback

Each input is made of a sound file by mutations that know the format (`mutations.py`), from the seed, the connector's name
and its own number alone; it is read as intake reads it, and every frame that intake makes is made (`fuzz_books.py`). The
formats of a connector take turns. Inputs are read in child processes, some thousands each; where one takes longer than 10
seconds of the processor (a busy machine changes nothing) or more than a gigabyte, or its process dies, that is a failure of
the input. Failing inputs are kept in `--failures`. Prints a table for docs/evaluation.md; exits with 1 where any failed.
"""

import argparse
import math
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

CONNECTORS = ("tabular", "ledger", "kobo", "victim_form", "telegram", "web_archive", "auto_archiver")
SECONDS, MEGABYTES = 10, 1000  # of the processor, for one input; for the process that reads it
DEAF = 3 * SECONDS  # of the processor: a reader that never returns to Python doesn't hear its alarm, and is ended
ASLEEP = 600  # by the clock: one that waits for ever uses no processor
PER_CHILD = 10_000


class TooLongError(BaseException):
    """Out of a reader, past its `except Exception`."""


@dataclass
class Result:
    """What became of a child's inputs."""

    at: int  # the next input
    taken: int = 0  # inputs of which something was taken in
    failures: int = 0
    slowest: float = 0.0  # seconds of the processor
    processor: float = 0.0  # seconds, in all
    slowest_at: int = -1
    megabytes: int = 0


def _alarm(_signal: int, _frame: FrameType | None) -> None:
    raise TooLongError


def one(connector: str, seed: int, number: int, folder: Path, chosen: list[Any]) -> tuple[Path, Any]:
    """Write an input; the file and the target that reads it."""
    target = chosen[number % len(chosen)]
    path = folder / target.name
    path.write_bytes(target.make(Random(f"{seed}/{connector}/{number}")))
    return path, target


def _limit(seconds: float) -> None:
    """An alarm after so many seconds of the processor (0: none), and the end of a process that is deaf to it."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    ends = math.ceil(time.process_time()) + DEAF if seconds else resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_CPU, (ends, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def child(connector: str, seed: int, first: int, last: int, failures: Path, results: Any, at: Any) -> None:
    """Read the inputs from `first` on, up to `last` or the first that ruins the process."""
    from benchmarks.fuzz_targets import targets

    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, _alarm)
    result = Result(first)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        chosen = [t for t in targets(folder) if t.connector == connector]
        for number in range(first, last):
            at.value = number
            path, target = one(connector, seed, number, folder, chosen)
            begun, problem = time.process_time(), ""
            _limit(SECONDS)
            try:
                result.taken += target.read(target, path) > 0
            except BaseException:  # a panic of a library isn't an Exception
                problem = traceback.format_exc()
            finally:
                _limit(0)
            if (took := time.process_time() - begun) > result.slowest:
                result.slowest, result.slowest_at = took, number
            result.at, result.megabytes, result.processor = number + 1, _megabytes(), time.process_time()
            if result.megabytes > MEGABYTES:
                problem = problem or f"{result.megabytes} MB"
            if problem:
                result.failures += 1
                kept = failures / f"{connector}-{seed}-{number}-{target.name}"
                kept.write_bytes(path.read_bytes())
                kept.with_name(f"{kept.name}.txt").write_text(problem, encoding="utf-8", errors="replace")
            if result.megabytes > MEGABYTES:
                break
    results.put(result)


def run(connector: str, seed: int, inputs: int, failures: Path) -> Result:
    """Read all inputs of a connector, child after child. The sum."""
    spawn = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks
    total = Result(0)
    while total.at < inputs:
        results, at = spawn.Queue(), spawn.Value("q", total.at)
        last = min(total.at + PER_CHILD, inputs)
        process = spawn.Process(target=child, args=(connector, seed, total.at, last, failures, results, at))
        process.start()
        found: Result | None = None
        since = (at.value, time.perf_counter())
        while found is None and process.is_alive():
            process.join(0.2)
            found = None if results.empty() else results.get()
            if at.value != since[0]:
                since = (at.value, time.perf_counter())
            elif found is None and time.perf_counter() - since[1] > ASLEEP:
                process.kill()
        process.join()
        found = found or (None if results.empty() else results.get())
        if found is None:
            (failures / f"{connector}-{seed}-{at.value}.txt").write_text(f"the process died: {process.exitcode}")
            found = Result(at.value + 1, failures=1)
        total.at, total.taken, total.failures = found.at, total.taken + found.taken, total.failures + found.failures
        total.processor += found.processor
        total.megabytes = max(total.megabytes, found.megabytes)
        if found.slowest > total.slowest:
            total.slowest, total.slowest_at = found.slowest, found.slowest_at
    return total


def again(connector: str, seed: int, number: int) -> None:
    """Read one input, here; its traceback is yours."""
    from benchmarks.fuzz_targets import targets

    with tempfile.TemporaryDirectory() as scratch:
        chosen = [t for t in targets(Path(scratch)) if t.connector == connector]
        path, target = one(connector, seed, number, Path(scratch), chosen)
        print(target.name, path.stat().st_size, "bytes;", target.read(target, path), "taken in")


def main() -> None:
    parser = argparse.ArgumentParser(description="Damaged and hostile files for every connector.")
    parser.add_argument("--connector", choices=[*CONNECTORS, "all"], default="all")
    parser.add_argument("--inputs", type=int, default=100_000, help="for each connector")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="read this one input again")
    parser.add_argument("--failures", type=Path, default=Path(tempfile.gettempdir()) / "casualty-fuzz")
    given = parser.parse_args()
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    if given.only is not None:
        again(given.connector, given.seed, given.only)
        return
    given.failures.mkdir(parents=True, exist_ok=True)
    header = (
        "connector",
        "inputs",
        "with something in them",
        "failures",
        "slowest input",
        "peak memory",
        "processor seconds",
    )
    print("|", " | ".join(header), f"|\n|{'---|' * len(header)}", flush=True)
    failed = 0
    for connector in CONNECTORS if given.connector == "all" else (given.connector,):
        total = run(connector, given.seed, given.inputs, given.failures)
        failed += total.failures
        slowest = f"{total.slowest:.2f} s (#{total.slowest_at})"
        cells = (
            connector,
            f"{total.at:,}",
            f"{total.taken:,}",
            total.failures,
            slowest,
            f"{total.megabytes} MB",
            f"{total.processor:.0f}",
        )
        print("|", " | ".join(map(str, cells)), "|", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
