"""The whole way: how long definitions take to load, one sample month from the command line, and 48 months of real input.

    make bench                       # everything; the Airwars rows need EVALUATION_DATA (default ../shared/data)
    python -m benchmarks.spine --runs 5

Prints a Markdown table: seconds (median of the runs), peak memory of the largest process so far, and the ratio to the
floor that the row names. The floors: importing Dagster, which nothing that runs on it can beat; importing Dagster and
Great Expectations one after the other; for the 48 months, the 60 seconds that the issue allows.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CASUALTY = str(Path(sys.executable).with_name("casualty"))


@dataclass(frozen=True)
class Measured:
    """Median seconds and peak megabytes of a command."""

    seconds: float
    megabytes: float


def measure(command: Sequence[str], home: Path, runs: int) -> Measured:
    """Run a command and measure it from outside. Raises CalledProcessError when it fails."""
    seconds, peak = [], 0
    for _ in range(runs):
        started = time.perf_counter()
        process = subprocess.Popen(
            command, env={**os.environ, "CASUALTY_HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _, error = process.communicate()
        seconds.append(time.perf_counter() - started)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, stderr=error)
        peak = max(peak, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return Measured(statistics.median(seconds), peak / 1024)


def row(name: str, measured: Measured, floor: float, what: str) -> str:
    """A line of the table."""
    ratio = measured.seconds / floor
    return f"| {name} | {measured.seconds:.2f} s | {measured.megabytes:.0f} MB | {ratio:.2f} of {what} ({floor:.2f} s) |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="runs of each short command (default 3)")
    runs = parser.parse_args().runs
    airwars = Path(os.environ.get("EVALUATION_DATA", "../shared/data")) / "airwars-syria"
    python = sys.executable
    print("| what | median | peak memory so far | against |\n|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        dagster = measure([python, "-c", "import dagster"], home, runs).seconds
        both = measure([python, "-c", "import dagster, great_expectations"], home, runs).seconds
        load = measure([python, "-c", "import casualty_pipeline.definitions"], home, runs)
        print(row("definitions load", load, dagster, "import dagster"), flush=True)
        measure([CASUALTY, "sample"], home, 1)
        fresh = measure([CASUALTY, "run", "--month", "2020-01", "--through", "2020-03"], home, 1)
        print(row("sample, three months, fresh home", fresh, both, "import dagster, great_expectations"), flush=True)
        month = measure([CASUALTY, "run", "--month", "2020-03"], home, runs)
        print(row("one sample month, command line", month, both, "import dagster, great_expectations"), flush=True)
    if not airwars.is_dir():
        print(f"(no {airwars}: the Airwars rows are left out)", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        ingest = measure([CASUALTY, "ingest", str(airwars), "--source", "airwars"], home, 1)
        print(row("ingest Airwars (8.5 MB)", ingest, 60, "a minute"), flush=True)
        months = measure([CASUALTY, "run", "--month", "2016-01", "--through", "2019-12"], home, 1)
        print(row("48 months of Airwars, one run, fresh home", months, 60, "a minute"), flush=True)


if __name__ == "__main__":
    main()
