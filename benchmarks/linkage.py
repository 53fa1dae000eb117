"""Linkage measured: on labelled files, on a generated million beside Splink, and as the history grows.

    python -m benchmarks.linkage quality [--only gaza ...] [--splink]
    python -m benchmarks.linkage speed [--records 1000000] [--seed 1]
    python -m benchmarks.linkage growth [--records 100000 --records 1000000 ...] [--added 10000]

Splink runs in an environment of its own (`--peer`, default .venv-peers/bin/python; `make bench-linkage` makes it). Prints
Markdown. Everything that is measured runs in a process of its own and tells its own peak memory; seconds are of the wall,
`CPU` is user and system time, which other work on the machine changes less. Both sides start from cleaned records and
stop when every record has its victim, so reading names is on neither's bill.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.linkage_data import DataSet, data_sets
from casualty_pipeline.errors import CasualtyError

OURS = "benchmarks.linkage_ours"
SPLINK = Path(__file__).parent / "linkage_splink.py"
THRESHOLDS = (0.5, 0.99)


def told(*command: str | Path) -> dict[str, Any]:
    """What a process prints as JSON. Its standard error goes to ours."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True, check=True)
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def ours(step: str, *paths: Path) -> dict[str, Any]:
    """A step of `benchmarks.linkage_ours`."""
    return told(sys.executable, "-m", OURS, step, *paths)


def splink(peer: Path, folder: Path, thresholds: tuple[float, ...]) -> dict[str, Any]:
    """Splink on `FOLDER/peer.parquet`."""
    return told(peer, SPLINK, folder / "peer.parquet", folder, *(a for t in thresholds for a in ("--threshold", str(t))))


def header(*columns: str) -> None:
    """The head of a Markdown table."""
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)


def row(*cells: object) -> None:
    """A row of one."""
    print("| " + " | ".join(f"{c:.4f}" if isinstance(c, float) else str(c) for c in cells) + " |", flush=True)


def scores(of: dict[str, Any]) -> tuple[float, ...]:
    """Pairs, B-cubed and exact clusters, for a row."""
    pairs = of["pairs"]
    return (pairs["precision"], pairs["recall"], pairs["f1"], of["b_cubed"]["f1"], of["exact_clusters"]["f1"])


def quality(only: list[str], peer: Path | None) -> None:
    """A row for each labelled data set, and with `peer` rows for Splink."""
    known = data_sets()
    if unknown := set(only) - set(known):
        raise CasualtyError(f"--only {', '.join(sorted(unknown))}: expected any of {', '.join(known)}")
    header("data", "program", "precision", "recall", "F1 (pairs)", "B-cubed F1", "exact clusters F1", "seconds", "peak MB")
    for data in (known[key] for key in only or known):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            found = evaluated(data, folder)
            row(data.name, "casualty", *scores(found), f"{found['seconds']:.1f}", f"{found['peak_mb']:.0f}")
            # Splink's connected components know no rule of one row per list.
            if peer is None or data.one_per is not None:
                continue
            data.records.write_parquet(folder / "raw.parquet")
            ours("prepare", folder / "raw.parquet", folder)
            took = splink(peer, folder, THRESHOLDS)
            for threshold in THRESHOLDS:
                found = ours("score", folder / "truth.parquet", folder / f"splink-{threshold}.parquet")
                row(
                    data.name, f"Splink, p >= {threshold}", *scores(found),
                    f"{took['seconds']:.1f}", f"{took['peak_mb']:.0f}",
                )  # fmt: skip


def evaluated(data: DataSet, folder: Path) -> dict[str, Any]:
    """What `casualty evaluate-linkage` prints."""
    data.records.write_csv(folder / "records.csv")
    program = (sys.executable, "-m", "casualty_pipeline.cli")  # run by -c, DuckDB would print bars of progress
    rule = ("--one-per", data.one_per) if data.one_per else ()
    return told(
        *program, "evaluate-linkage", folder / "records.csv", "--truth", "entity_id", *rule, "--home", folder / "home"
    )


def generate(folder: Path, records: int, seed: int) -> None:
    """Generated records, ready for both sides, in `folder`."""
    folder.mkdir(exist_ok=True)
    raw = folder / "raw.parquet"
    command = ("benchmarks.generated_records", raw, "--records", records, "--seed", seed)
    subprocess.run([sys.executable, "-m", *map(str, command)], check=True)
    ours("prepare", raw, folder)


def speed(records: int, seed: int, peer: Path) -> None:
    """Ours beside Splink on generated records."""
    print(f"\n{records:,} generated records, seed {seed}")
    header(
        "program",
        "seconds",
        "CPU",
        "of Splink's CPU",
        "peak MB",
        "precision",
        "recall",
        "F1 (pairs)",
        "B-cubed F1",
        "exact F1",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, records, seed)
        theirs = splink(peer, folder, THRESHOLDS)
        for threshold in THRESHOLDS:
            found = ours("score", folder / "truth.parquet", folder / f"splink-{threshold}.parquet")
            row(f"Splink, p >= {threshold}", *_spent(theirs, theirs), *scores(found))
        parts = ", ".join(f"{step} {theirs[step]:.1f} s" for step in ("read", "train", "predict", "cluster"))
        took = ours("link", folder / "records.parquet", folder / "ours.parquet")
        row("casualty", *_spent(took, theirs), *scores(ours("score", folder / "truth.parquet", folder / "ours.parquet")))
    print(f"\nSplink: {parts} (clustering: {len(THRESHOLDS)} thresholds).")


def _spent(took: dict[str, Any], peer: dict[str, Any]) -> tuple[str, ...]:
    return (f"{took['seconds']:.1f}", f"{took['cpu']:.1f}", f"{took['cpu'] / peer['cpu']:.2f}", f"{took['peak_mb']:.0f}")


def growth(sizes: list[int], added: int, seed: int) -> None:
    """What adding some records costs, by how many are there: the last ones to be documented come in last."""
    header("records before", "added", "seconds", "CPU", "peak MB", "all at once: seconds", "CPU", "peak MB")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            generate(folder, size + added, seed)
            known, new = folder / "known.parquet", folder / "added.parquet"
            ours("split", folder / "records.parquet", known, new, Path(str(added)))
            whole = ours("link", known, folder / "ours.parquet")
            took = ours("add", new, folder / "ours.parquet")
            cells = (f"{t[k]:.{d}f}" for t in (took, whole) for k, d in (("seconds", 1), ("cpu", 1), ("peak_mb", 0)))
            row(f"{size:,}", f"{added:,}", *cells)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("quality", "speed", "growth"))
    parser.add_argument("--only", action="append", default=[], help="quality: a data set, by its short name; again for more")
    parser.add_argument("--splink", action="store_true", help="quality: Splink too")
    parser.add_argument(
        "--records", type=int, action="append", help="speed, growth: how many records; growth: again for more"
    )
    parser.add_argument("--added", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", type=Path, default=Path(".venv-peers/bin/python"), help="the Python that has Splink")
    given = parser.parse_args()
    if (given.part == "speed" or given.splink) and not given.peer.exists():
        parser.error(f"{given.peer} isn't there: `make bench-linkage` makes it, or say with --peer which Python has Splink")
    try:
        measure(given)
    except CasualtyError as problem:
        parser.exit(1, f"{problem}\n")
    except subprocess.CalledProcessError as problem:
        parser.exit(
            1, f"{' '.join(map(str, problem.cmd))}\nended with {problem.returncode} (-9: the machine's memory ran out)\n"
        )


def measure(given: argparse.Namespace) -> None:
    """The part asked for."""
    if given.part == "quality":
        quality(given.only, given.peer if given.splink else None)
    elif given.part == "speed":
        for records in given.records or [1_000_000]:
            speed(records, given.seed, given.peer)
    else:
        growth(given.records or [100_000, 300_000, 1_000_000, 3_000_000], given.added, given.seed)


if __name__ == "__main__":
    main()
