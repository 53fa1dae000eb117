"""Random histories, many of them: what must hold of whatever arrives, is decided and is killed, in whatever order.

    python -m benchmarks.histories --count 200 --seed 1

The events, and what has to hold, are those of `tests/unit/history`; here they only are more and longer. Prints a line for
each history that fails, with its seed and number, then a table for docs/evaluation.md, also where it is
interrupted (Ctrl-C); exits with 1 where one failed. How far it is, it says on standard error.
"""

import argparse
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.unit.history.invented_events import History, histories
from tests.unit.history.properties_of_histories import check_history


def main() -> None:
    """Go through the histories of a seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    done: list[int] = []
    failed: list[int] = []

    @seed(asked.seed)
    @settings(
        max_examples=asked.count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(4, 9))
    def go(history: History) -> None:
        done.append(len(history.events))
        sys.stderr.write(f"history {len(done)} of {asked.count}, {len(failed)} failed\n")
        events = history.events
        moments = [events[len(events) // 2].at, events[-1].at]
        with TemporaryDirectory(prefix="casualty-") as folder:
            try:
                check_history(Path(folder), history, moments)
            except AssertionError as problem:
                failed.append(len(done))
                sys.stdout.write(f"seed {asked.seed}, history {len(done)}: {str(problem)[:2000]}\n")
                sys.stdout.flush()

    try:
        go()
    except KeyboardInterrupt:  # what was gone through until then is told, without the history that was cut off
        del done[-1:]
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write("| histories | events | failures | CPU seconds |\n|---|---|---|---|\n")
    sys.stdout.write(f"| {len(done)} | {sum(done)} | {len(failed)} | {used.ru_utime + used.ru_stime:.0f} |\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
