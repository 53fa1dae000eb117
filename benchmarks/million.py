"""A generated million rows: taken in, and cleaned.

    python -m benchmarks.million                 # a million rows; --rows 100000 for a quick look

Prints a Markdown table: seconds by the clock and of the processor (user and system: these count on a busy machine), the peak
memory of the process that did it, and the ratio to a floor of the same run: DuckDB alone reading the same file into a
table of strings. Every name is put together from invented parts.
"""

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GIVEN = (
    *("محمد", "أحمد", "خالد", "فاطمة", "عائشة", "يوسف", "مريم", "علي", "حسن", "حسين"),
    *("عمر", "زينب", "سمير", "ليلى", "نور", "هند", "رامي", "وليد", "سعاد", "رباح"),
)
SYLLABLES = [f"{a}{b}{c}" for a in "حمسقنرعط" for b in "لمرسبدن" for c in "بتجكمفا"]
GOVERNORATES = ("Idlib", "Aleppo", "حلب", "Rural Damascus", "Daraa", "Homs", "Hama", "Deir ez-Zor")
PARTIES = ("Syrian Regime forces", "Russian forces", "ISIS", "unknown")
HEADER = (
    *("no", "name", "name_en", "sex", "age", "day", "entered", "governorate", "place", "party", "weapon", "job"),
    *("incident", "notes"),
)
DECLARATION = """\
id = "million"
name = "A million invented rows"
synthetic = true
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_ar = "name"
name_en = "name_en"
sex = "sex"
age = "age"
incident_date = "day"
documented_date = "entered"
governorate = "governorate"
place = "place"
party = "party"
mechanism = "weapon"
occupation = "job"
incident_ref = "incident"
narrative = "notes"
"""


def write_rows(path: Path, rows: int) -> None:
    """The file: every month of 2020, a tenth as many incidents as people."""
    dice = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            day = f"2020-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
            name = f"{dice.choice(GIVEN)} {dice.choice(GIVEN)} {dice.choice(GIVEN)} ال{dice.choice(SYLLABLES)}ي"
            age = dice.choice([str(dice.randint(0, 90)), "", f"{dice.randint(1, 11)} months"])
            who = [name, f"Name{dice.randint(0, 99999)} Fam{dice.randint(0, 9999)}", dice.choice(["m", "f", "ذكر", ""]), age]
            where = [dice.choice(GOVERNORATES), f"قرية {dice.choice(SYLLABLES)}", dice.choice(PARTIES)]
            what = [dice.choice(["airstrike", "shelling", ""]), dice.choice(["farmer", "doctor", ""])]
            writer.writerow([number, *who, day, day, *where, *what, f"I{dice.randint(0, rows // 10)}", f"note {number}"])


def floor(path: Path, database: Path) -> None:
    """DuckDB alone: the file into a table of strings."""
    import duckdb

    with duckdb.connect(str(database)) as connection:
        connection.execute("create table rows as from read_csv(?, all_varchar = true)", [str(path)])


def ingest(path: Path, home_path: Path) -> None:
    """Into the archive, and read into `captures`."""
    from casualty_pipeline.captures.archive import Archive
    from casualty_pipeline.captures.intake import read_archive
    from casualty_pipeline.home import Home
    from casualty_pipeline.warehouse import Warehouse

    home = Home(home_path)
    home.prepare()
    (home.sources / "million.toml").write_text(DECLARATION, encoding="utf-8")
    Archive(home.archive).take([(path, path.name)], "million")
    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)


def clean(_path: Path, home_path: Path) -> None:
    """Every month of `cleaned`."""
    from casualty_pipeline.captures.sources import known_sources
    from casualty_pipeline.cleaning.stage import clean_months
    from casualty_pipeline.home import Home
    from casualty_pipeline.warehouse import Warehouse

    home = Home(home_path)
    months = [f"2020-{month:02d}" for month in range(1, 13)]
    clean_months(Warehouse(home.warehouse), months, home.profile, known_sources(home))


STEPS = {"floor": floor, "ingest": ingest, "clean": clean}


def measured(step: str, path: Path, target: Path) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of the processor and peak megabytes of a step, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.million", "--step", step, str(path), str(target)]
    seconds, processor, megabytes = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return seconds, processor, megabytes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--step", nargs=3, metavar=("STEP", "FILE", "TARGET"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        step, path, target = given.step
        started, busy = time.perf_counter(), time.process_time()
        STEPS[step](Path(path), Path(target))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([time.perf_counter() - started, time.process_time() - busy, peak]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        write_rows(path, given.rows)
        least, busy, memory = measured("floor", path, Path(folder) / "floor.duckdb")
        print(f"{given.rows:,} rows, {path.stat().st_size / 1e6:.0f} MB\n")
        print("| step | seconds | of the processor | peak memory | of the floor |\n|---|---|---|---|---|")
        print(f"| floor: DuckDB reads the file | {least:.1f} | {busy:.1f} | {memory:.0f} MB | 1.0 |", flush=True)
        for step in ("ingest", "clean"):
            seconds, busy, memory = measured(step, path, Path(folder) / "home")
            print(f"| {step} | {seconds:.1f} | {busy:.1f} | {memory:.0f} MB | {seconds / least:.1f} |", flush=True)


if __name__ == "__main__":
    main()
