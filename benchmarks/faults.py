"""Seeded faults: is each found, at the first stage where it could be, and are the guilty rows named?

    python -m benchmarks.faults                       # every kind 25 times, then 500 clean months
    python -m benchmarks.faults --only "a negative age" --times 5 --clean-months 0

Faults are put into files before ingest, into tables after they were computed, and into published figures, each at random (a
seed, `--seed`), on a small clean home that is made once. The checks are those that a run makes, in one process, without
Dagster; nothing is kept. Prints the Markdown tables of docs/evaluation.md, and after them what wasn't found or named.
"""

import argparse
import random
import re
import resource
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.fault_captures import CAPTURES, CaptureFault, try_captures
from benchmarks.fault_figures import FIGURES, FigureFault, report_figures, try_figures
from benchmarks.fault_kinds import TABLES, Fault, Hand
from benchmarks.fault_world import clean_home, judge, stages, tried
from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.months import months_between, next_month
from casualty_pipeline.home import Home
from casualty_pipeline.tables import TABLE

MONTHS = months_between("2012-01", "2017-12")
VICTIMS = 30 * len(MONTHS)
WORLD = months_between("2012-01", "2020-04")  # of each clean world


@dataclass
class Tally:
    """What became of one kind of fault."""

    name: str
    where: str
    times: int = 0
    found: int = 0
    named: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    first: str = ""

    def add(self, stage: str, named: bool) -> None:
        """One fault: the stage that found it ('' if none did), and whether every guilty row was named."""
        self.times += 1
        self.found += bool(stage)
        self.named += bool(stage) and named
        if stage:
            self.stages[stage] += 1

    def row(self) -> str:
        """A line of the table."""
        at = ", ".join(f"{s}" if n == self.found else f"{s} {n}" for s, n in self.stages.most_common()) or "none"
        return f"| {self.name} | {self.where} | {self.found}/{self.times} | {at} | {self.named}/{self.times} |"


def _flat(key: str) -> str:
    return key.replace(":", "/")


def _is_told(guilty: str, table: str, text: str) -> bool:
    """Whether a key or a sentence names a row; of a figure, its key, with its month or without, or its address."""
    if _flat(guilty) in text:
        return True
    if table != "monthly.figures" or guilty.count("/") != len(TABLE["monthly.figures"].key) - 1:
        return False
    parts = guilty.split("/")[1:]
    address = re.escape(_flat(str(Address(*parts))))
    return "/".join(parts) in text or re.search(rf"(?<![\w.]){address}(?![\w/])", text) is not None


def named(guilty: Sequence[str], rows: Sequence[tuple[str, str, str]], table: str = "") -> bool:
    """Whether the rows that were found are, among others, all the guilty ones."""
    told = [text for month, key, reason in rows for text in (f"{month}/{key}", reason)]
    return all(any(_is_told(g, table, text) for text in told) for g in guilty)


def _tables(home: Home, chosen: Sequence[Fault], times: int, seed: int) -> Iterator[Tally]:
    """Each kind in one transaction, in as many months as times, a month apart, so that each fault is alone in its own."""
    by_name = {s.name: s for s in stages(home)}
    for fault in chosen:
        tally, dice = Tally(fault.name, fault.table), random.Random(f"{seed}/{fault.name}")
        with tried(home) as write:
            made: dict[str, list[str]] = {}
            for month in dice.sample(MONTHS[1:-1:2], len(MONTHS[1:-1:2])):
                if len(made) < times:
                    with suppress(LookupError):  # nothing in the month that this fault could be made of
                        made[month] = fault.make(Hand(write, month, dice))
            looked_at = sorted({*made, *(() if fault.stage == "monthly" else map(next_month, made))})
            outcomes = [o for o in judge(by_name[fault.stage], home, write, looked_at, fault.table) if not o.passed]
            rows = [(month, _flat(key), _flat(reason)) for o in outcomes for month, key, reason in o.rows.iter_rows()]
            for month, guilty in made.items():
                mine = [r for r in rows if r[0] in {month, next_month(month)} or any(_flat(g) in r[1] for g in guilty)]
                tally.add(fault.stage if mine else "", named(guilty, mine, fault.table))
        yield tally


def _captures(chosen: Sequence[CaptureFault], times: int, seed: int, folder: Path) -> Iterator[Tally]:
    for fault in chosen:
        tally = Tally(fault.name, "captures")
        for stage, rows_named in try_captures(fault, folder / "copy", random.Random(f"{seed}/{fault.name}"), MONTHS[:times]):
            tally.add(stage, rows_named)
        shutil.rmtree(folder / "copy")
        yield tally


def _figures(home: Home, chosen: Sequence[FigureFault], times: int, seed: int, folder: Path) -> Iterator[Tally]:
    for fault in chosen:
        tally, dice = Tally(fault.name, "published figures"), random.Random(f"{seed}/{fault.name}")
        months = dice.sample([m for m in MONTHS if not m.endswith("-01")], len(MONTHS) - len({m[:4] for m in MONTHS}))
        for month in months:
            if tally.times < times:
                with suppress(LookupError):
                    tally.add(*try_figures(fault, report_figures(home, month), home.profile, dice, folder / "figures.csv"))
        yield tally


def clean_months(number: int, folder: Path) -> Iterator[tuple[int, int, int, list[str]]]:
    """For each world: its months, those with a blocking finding, those with a warning, and what was found."""
    left = number
    while left > 0:
        months = WORLD[: min(left, len(WORLD))]
        home = folder / f"world-{left}"
        victims = 30 * len(months) + left % 7
        outcomes = [o for o in clean_home(home, victims, months, judged=True)[1] if not o.passed]
        blocked = {m for o in outcomes if o.blocking for m in o.rows["month"]}
        warned = {m for o in outcomes if not o.blocking for m in o.rows["month"]}
        yield len(months), len(blocked), len(warned), [f"{o.table} {o.check}: {o.rows.height} rows" for o in outcomes]
        shutil.rmtree(home)
        left -= len(months)


def _of(kinds: Sequence[Any], only: str) -> list[Any]:
    return [k for k in kinds if only in k.name]


def _report(tallies: Sequence[Tally]) -> None:
    times = sum(t.times for t in tallies)
    if times:
        found, rows = sum(t.found for t in tallies), sum(t.named for t in tallies)
        print(
            f"| **{len(tallies)} kinds** | | **{found}/{times}, {100 * found / times:.1f} %** | | "
            f"**{rows}/{times}, {100 * rows / times:.1f} %** |"
        )


def main() -> None:
    """Make the faults, and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    parser.add_argument("--clean-months", type=int, default=500)
    parser.add_argument("--where", choices=["captures", "tables", "figures", "none"], help="only faults put there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        parts: dict[str, Callable[[Home], Iterator[Tally]]] = {
            "captures": lambda _: _captures(_of(CAPTURES, given.only), given.times, given.seed, path),
            "tables": lambda home: _tables(home, _of(TABLES, given.only), given.times, given.seed),
            "figures": lambda home: _figures(home, _of(FIGURES, given.only), given.times, given.seed, path),
        }
        chosen = [where for where in parts if given.where in {None, where}]
        home = clean_home(path / "home", VICTIMS, MONTHS)[0] if chosen else Home(path)
        print("| fault | where | found | at | rows named |\n|---|---|---|---|---|", flush=True)
        tallies = []
        for where in chosen:
            for tally in parts[where](home):
                tallies.append(tally)
                print(tally.row(), flush=True)
        _report(tallies)
        if given.clean_months:
            print("\n| clean months | with a blocking finding | with a warning |\n|---|---|---|")
            whole, told = [0, 0, 0], list[str]()
            for *counts, found in clean_months(given.clean_months, path):
                whole = [a + b for a, b in zip(whole, counts, strict=True)]
                told += found
                print(f"| {' | '.join(map(str, whole))} |", flush=True)
            for line in told:
                print(f"- {line}")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"\n{used.ru_utime + used.ru_stime:.0f} s of processor, beside that of Great Expectations")


if __name__ == "__main__":
    main()
