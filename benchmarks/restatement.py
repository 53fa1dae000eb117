"""How long it takes to know what is stale, to compute it, and to tell what was known: on a generated home.

    python -m benchmarks.restatement /tmp/home --victims 250000 --decisions 20000     # makes the home, if there is none

Prints a Markdown table: wall seconds, and processor seconds (user and system) of this process. The steps are those of a run,
called in its order, without Dagster, its checks and the reports. The home is kept, and read on by the next call.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from benchmarks.restatement_world import MONTHS, SOURCES, build, moment, take_ledger
from casualty_pipeline.attribution import attribute
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.digests import KEPT
from casualty_pipeline.figures.stage import compute_figures
from casualty_pipeline.history import month_at
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import of_home
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.status import months_status
from casualty_pipeline.warehouse import Warehouse

_TOUCHED = (1, 3, 12)  # months that decisions touch: the curve
_AS_OF = ("2018-06", datetime(2018, 8, 15))  # noqa: DTZ001 - moments of the warehouse are UTC, without their zone


@contextmanager
def _measured(step: str) -> Iterator[None]:
    wall, used = time.perf_counter(), time.process_time()
    yield
    print(f"| {step} | {time.perf_counter() - wall:.1f} | {time.process_time() - used:.1f} |", flush=True)


def _compute(home: Home, months: list[str]) -> None:
    with Warehouse(home.warehouse).writing() as write:
        attribute(write, months, home.profile)
        compute_figures(write, months, home.profile)


def _decide(home: Home, count: int) -> None:
    """A ledger with a decision on a registered victim of each of `count` months, far apart."""
    months = MONTHS[:: len(MONTHS) // count][:count]
    with Warehouse(home.warehouse).reading() as reading:
        rows = reading.connection.execute(
            "select documentation_month, min(source_key) from captures.records where source = $source"
            " and documentation_month in (select unnest($months)) group by all order by all",
            {"source": SOURCES[0], "months": months},
        ).fetchall()
    now = datetime.now().astimezone()
    name = f"B-{now:%Y%m%d%H%M%S}-{count}"
    ledger = [
        (f"{name}-{m}", "attribution", f"record:{SOURCES[0]}/{key}", "isis", "believed", "test", "team", moment(now), "")
        for m, key in rows
    ]
    take_ledger(home, ledger, f"{name}.csv")


def _restate(home: Home) -> int:
    """From a ledger in the archive to figures; how many months were computed."""
    warehouse = Warehouse(home.warehouse)
    with warehouse.writing() as write:
        read_archive(home, write)
    with warehouse.writing() as write:
        deduplicate(write, known_sources(home), home.profile, of_home(home), ask=False)
    stale = [s.month for s in months_status(home) if any(r != "no report written" for r in s.reasons)]
    _compute(home, stale)
    return len(stale)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--victims", type=int, default=250_000)
    parser.add_argument("--decisions", type=int, default=20_000)
    given = parser.parse_args()
    home = Home(given.home)
    if not home.warehouse.is_file():
        build(given.home, given.victims, given.decisions)
    print("| step | seconds | processor seconds |\n|---|---|---|")
    asked: list[tuple[str, Callable[[], object]]] = [
        (f"attributed and monthly, {len(MONTHS)} months", lambda: _compute(home, MONTHS)),
        ("status, digests not known", lambda: _status_anew(home)),
        ("status", lambda: months_status(home)),
        (f"figures of {_AS_OF[0]} as of {_AS_OF[1]:%Y-%m-%d}", lambda: _past(home)),
    ]
    for step, do in asked:
        with _measured(step):
            do()
    for count in _TOUCHED:
        _decide(home, count)
        with _measured(f"decisions on {count} months, read, linked, attributed, figures"):
            _restate(home)


def _status_anew(home: Home) -> None:
    (home.path / KEPT).unlink(missing_ok=True)
    months_status(home)


def _past(home: Home) -> None:
    with month_at(home, *_AS_OF) as replay:
        replay.figures(_AS_OF[0])


if __name__ == "__main__":
    main()
