"""A few of the kills of `benchmarks/crashes.py`, so that no change makes a command unsafe to kill unnoticed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from casualty_pipeline.beside import beside

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.long
def test_commands_killed_at_any_moment_lose_nothing_and_come_to_the_same_when_repeated() -> None:
    command = [sys.executable, "-m", "benchmarks.crashes", "--kills", "15", "--only", "ingest,decide,backup,publish first"]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r"^(\d+) kills", done.stdout, re.MULTILINE)
    assert told is not None and int(told[1]) >= 15, done.stdout  # shared out among the commands, rounded


def test_what_a_killed_writer_left_beside_a_file_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    left, others = tmp_path / f".feed.xml.{gone.stdout.strip()}.part", tmp_path / f".feed.xml.{os.getppid()}.part"
    for path in (left, others):
        path.touch()

    assert beside(tmp_path / "feed.xml").parent == tmp_path
    assert not left.exists()
    assert others.exists()  # its writer is at work
