"""Seeded faults: is each found, at the first stage where it could be, and are the guilty rows named?

    python -m benchmarks.faults                       # every kind 25 times, then 500 clean months
    python -m benchmarks.faults --only "a negative age" --times 5 --clean-months 0

Faults are put into files before ingest, into tables after they were computed, and into published figures, each at random (a
seed, `--seed`), on a small clean home that is made once. The checks are those that a run makes, in one process, without
Dagster; nothing is kept. Prints the Markdown tables of docs/evaluation.md, and after them what wasn't found or named.
"""

import argparse
import random
import resource
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fault_captures import CAPTURES, CaptureFault, try_capture
from benchmarks.fault_figures import FIGURES, FigureFault, report_figures, try_figures
from benchmarks.fault_kinds import TABLES, Fault, Hand
from benchmarks.fault_world import Stage, clean_home, judge, stages, tried
from casualty_pipeline.figures.months import months_between, next_month
from casualty_pipeline.home import Home
from casualty_pipeline.quality.failures import Outcome
from casualty_pipeline.warehouse import Writing

MONTHS = months_between("2018-01", "2018-04")
VICTIMS = 160
WORLD = months_between("2011-03", "2026-02")  # of each clean world


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


def named(guilty: Sequence[str], outcomes: Sequence[Outcome], several: bool) -> bool:
    """Whether the rows that were found are, among others, all the guilty ones (any of them, where only together guilty)."""
    told = {text for o in outcomes for row in o.rows.iter_rows() for text in (_flat(row[1]), _flat(row[2]))}
    hits = [any(_flat(g) in text for text in told) for g in guilty]
    return any(hits) if several else all(hits)


def try_table(fault: Fault, home: Home, write: Writing, stage: Stage, dice: random.Random) -> tuple[str, bool]:
    """Make one fault in the transaction that is open, and ask the checks of its stage."""
    month = dice.choice(MONTHS[1:-1])
    guilty = fault.make(Hand(write, month, dice))
    outcomes = [o for o in judge(stage, home, write, [month, next_month(month)], fault.table) if not o.passed]
    return (fault.stage if outcomes else ""), bool(outcomes) and named(guilty, outcomes, fault.several)


def _tables(home: Home, chosen: Sequence[Fault], times: int, seed: int) -> Iterator[Tally]:
    by_name = {s.name: s for s in stages(home)}
    for fault in chosen:
        tally = Tally(fault.name, fault.table)
        for number in range(times):
            dice = random.Random(f"{seed}/{fault.name}/{number}")
            result = ("", False)
            with tried(home) as write:
                result = try_table(fault, home, write, by_name[fault.stage], dice)
            tally.add(*result)
        yield tally


def _captures(home: Home, chosen: Sequence[CaptureFault], times: int, seed: int, folder: Path) -> Iterator[Tally]:
    for fault in chosen:
        tally = Tally(fault.name, "captures")
        for number in range(times):
            copy = folder / "copy"
            shutil.copytree(home.path, copy)
            tally.add(*try_capture(fault, Home(copy), random.Random(f"{seed}/{fault.name}/{number}"), VICTIMS, MONTHS))
            shutil.rmtree(copy)
        yield tally


def _figures(home: Home, chosen: Sequence[FigureFault], times: int, seed: int, folder: Path) -> Iterator[Tally]:
    months = {m: report_figures(home, m) for m in MONTHS[1:]}
    for fault in chosen:
        tally = Tally(fault.name, "published figures")
        for number in range(times):
            dice = random.Random(f"{seed}/{fault.name}/{number}")
            tally.add(*try_figures(fault, months[dice.choice(MONTHS[1:])], home.profile, dice, folder / "figures.csv"))
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
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        home = clean_home(path / "home", VICTIMS, MONTHS)[0]
        early = clean_home(path / "early", VICTIMS, MONTHS, without=MONTHS[-1])[0]
        parts: list[Callable[[], Iterator[Tally]]] = [
            lambda: _captures(early, [f for f in CAPTURES if given.only in f.name], given.times, given.seed, path),
            lambda: _tables(home, [f for f in TABLES if given.only in f.name], given.times, given.seed),
            lambda: _figures(home, [f for f in FIGURES if given.only in f.name], given.times, given.seed, path),
        ]
        print("| fault | where | found | at | rows named |\n|---|---|---|---|---|", flush=True)
        tallies = []
        for part in parts:
            for tally in part():
                tallies.append(tally)
                print(tally.row(), flush=True)
        _report(tallies)
        if given.clean_months:
            print("\n| clean months | with a blocking finding | with a warning |\n|---|---|---|")
            worlds = list(clean_months(given.clean_months, path))
            print(f"| {sum(w[0] for w in worlds)} | {sum(w[1] for w in worlds)} | {sum(w[2] for w in worlds)} |")
            for line in (text for w in worlds for text in w[3]):
                print(f"- {line}")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"\n{used.ru_utime + used.ru_stime:.0f} s of processor, beside that of Great Expectations")


if __name__ == "__main__":
    main()
