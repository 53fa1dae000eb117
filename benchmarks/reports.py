"""Reports: the CPU and the memory that a month takes, and that many months take.

    python -m benchmarks.reports                      # a sample home, made in a temporary folder: three months
    python -m benchmarks.reports HOME                 # a home whose months were run
    python -m benchmarks.reports --months 180         # and so many months, each with a month's figures of the home

Prints Markdown. A month is its open bundle: two languages, HTML, PDF, all charts, XLSX, CSV, HXL, Parquet, GeoJSON, JSON;
then the two pictures that Dagster shows of it. CPU is user and system time of the process and its children; peak memory that
of the process that wrote, or of the largest that helped. Nothing is written into the home.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.figures.months import months_between
from casualty_pipeline.home import Home, find_home
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.stage import drawn, month_report, write_all
from casualty_pipeline.reporting.thumbnails import thumbnails
from casualty_pipeline.reporting.write import write_month
from casualty_pipeline.warehouse import Warehouse


def reports_of(home: Home) -> list[MonthReport]:
    """The reports of all months that were run, as the warehouse has them."""
    with Warehouse(home.warehouse).reading() as reading:
        months = reading.frame("select distinct month from monthly.figures order by month")["month"].to_list()
        return [month_report(reading, home.profile, month, known_sources(home)) for month in months]


def moved(report: MonthReport, month: str) -> MonthReport:
    """The same numbers, told of another month; of the year only that month, so that every address stays what it is."""
    since = f"{month[:4]}-01"

    def to(frame: pl.DataFrame) -> pl.DataFrame:
        period = pl.when(pl.col("period").str.contains("..", literal=True)).then(pl.lit(f"{since}..{month}"))
        return frame.with_columns(period=period.otherwise(pl.lit(month)))

    figures = to(
        report.figures.filter(pl.col("period").str.contains("..", literal=True) | (pl.col("period") == report.month))
    )
    return replace(report, month=month, figures=figures, months=to(report.months.filter(pl.col("period") == report.month)))


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def _peak() -> float:
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def measured(path: Path, months: int) -> list[dict[str, float | str]]:
    """What each step takes, in this process: the first month with all that is loaded, a later one, the pictures, many."""
    home, steps = find_home(str(path), None), list[dict[str, float | str]]()

    def step(what: str, cpu: float, wall: float) -> None:
        steps.append({"what": what, "cpu": _cpu() - cpu, "wall": time.perf_counter() - wall, "peak": _peak()})

    cpu, wall = _cpu(), time.perf_counter()
    found = reports_of(home)
    step(f"{len(found)} months read from the warehouse", cpu, wall)
    with tempfile.TemporaryDirectory() as folder:
        for what, report in zip(("the first month, everything loaded", "a month after it"), found[::-1], strict=False):
            cpu, wall, out = _cpu(), time.perf_counter(), Path(folder) / report.month
            write_month(report, out, None, geometry=drawn(report.profile))
            step(what, cpu, wall)
            cpu, wall = _cpu(), time.perf_counter()
            thumbnails(out, report.profile.languages[0])
            step("its pictures for Dagster", cpu, wall)
        if months:
            many = [moved(found[-1], month) for month in months_between("2005-01", "2099-12")[:months]]
            cpu, wall = _cpu(), time.perf_counter()
            write_all(home.profile, many, Path(folder) / "many")
            step(f"{months} months, on all cores", cpu, wall)
    return steps


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a process of its own, so that making the home isn't part of it, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", nargs="?", type=Path)
    parser.add_argument("--months", type=int, default=0)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.measure:
        print(json.dumps(measured(given.home, given.months)))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder) / "home"
        if given.home is None:
            casualty = [sys.executable, "-m", "casualty_pipeline.cli"]
            for command in (["sample"], ["run", "--month", "2020-01", "--through", "2020-03"]):
                subprocess.run([*casualty, *command, "--home", str(home)], check=True, capture_output=True)
        again = [sys.executable, "-m", "benchmarks.reports", str(home), "--months", str(given.months), "--measure"]
        steps = json.loads(subprocess.run(again, check=True, capture_output=True, text=True).stdout)
    print("| what | CPU s | wall s | peak MB |\n|---|---|---|---|")
    for one in steps:
        print(f"| {one['what']} | {one['cpu']:.2f} | {one['wall']:.1f} | {one['peak']:.0f} |")


if __name__ == "__main__":
    main()
