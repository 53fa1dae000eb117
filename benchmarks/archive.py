"""Intake and verification of media files, beside `sha256sum` over the same files.

    python -m benchmarks.archive                  # 10,000 files of 20 to 400 KB, random bytes: about 2 GB, 4 GB of disk
    python -m benchmarks.archive --files 1000 --folder DIR

Prints JSON: seconds and megabytes a second of each step (the median of the runs), and its ratio to `sha256sum`, which reads
with one thread and writes nothing. Everything is in the page cache (warm), as after a copy from a memory card; `--cold` asks
the kernel to drop the files from it before each step. Intake copies, hashes, flushes to the disk and enters; `taken again`
is the same folder once more, when nothing is new. `sequential write` writes the same bytes to one file and flushes it: what
the disk allows at best.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.verification import verify_archive

SMALLEST, LARGEST = 20_000, 400_000
SEED = 2020


def make(folder: Path, files: int) -> int:
    """Write files as large as photographs; returns the bytes written."""
    sizes, total = random.Random(SEED), 0
    folder.mkdir()
    for number in range(files):
        content = os.urandom(sizes.randint(SMALLEST, LARGEST))
        (folder / f"{number:05d}.jpg").write_bytes(b"\xff\xd8\xff" + content)
        total += len(content) + 3
    return total


def forget(folder: Path) -> None:
    """Ask the kernel to drop every file of a folder from its page cache."""
    os.sync()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def timed(step: Callable[[], object]) -> float:
    """Seconds that a step takes."""
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def write_at_once(target: Path, size: int) -> None:
    """Write that many bytes to one file, and flush it."""
    block = os.urandom(1 << 20)
    with target.open("wb") as file:
        for _ in range(size >> 20):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cold", action="store_true", help="drop the files from the page cache before each step")
    parser.add_argument("--folder", type=Path, help="where to work (default: the folder for temporary files)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder, photos = Path(name), Path(name) / "photos"
        size = make(photos, asked.files)
        files = files_of([photos])
        seconds: dict[str, list[float]] = {}

        def measure(step: str, reads: Path, work: Callable[[], object]) -> None:
            os.sync()  # what was written before isn't this step's to flush
            if asked.cold:
                forget(reads)
            seconds.setdefault(step, []).append(timed(work))

        def hash_alone() -> None:
            subprocess.run(["sha256sum", *(str(p) for p, _ in files)], stdout=subprocess.DEVNULL, check=True)

        def hash_in_python() -> None:
            for path, _ in files:
                hashlib.sha256(path.read_bytes()).hexdigest()

        for run in range(asked.runs):
            archive = Archive(folder / f"archive-{run}")
            moment = datetime(2026, 11, 1, tzinfo=UTC)
            measure("sha256sum", photos, hash_alone)
            measure("hashlib, one thread", photos, hash_in_python)
            measure("sequential write", photos, lambda: write_at_once(folder / "blocks", size))
            (folder / "blocks").unlink()
            take = partial(archive.take, files, "benchmark", moment)
            measure("intake", photos, take)
            measure("taken again", photos, take)
            measure("verify", archive.root, partial(verify_archive, archive))
            if faults := verify_archive(archive).faults:
                raise SystemExit(f"{len(faults)} faults, the first: {faults[0]}")
            shutil.rmtree(archive.root)
    floor = statistics.median(seconds["sha256sum"])
    steps = {
        step: {
            "seconds": round(statistics.median(values), 2),
            "all_runs": [round(v, 2) for v in values],
            "megabytes_a_second": round(size / 1e6 / statistics.median(values)),
            "of_sha256sum": round(statistics.median(values) / floor, 2),
        }
        for step, values in seconds.items()
    }
    cache = "cold" if asked.cold else "warm"
    print(
        json.dumps({"files": asked.files, "bytes": size, "cache": cache, "cores": os.cpu_count(), "steps": steps}, indent=1)
    )


if __name__ == "__main__":
    main()
