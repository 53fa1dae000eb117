"""Two commands on one home: the second waits and says for whom, or gives up in time and says what to do."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
# A command that holds its turn until its input ends: another program would do the same while it works.
_HOLD = """
import sys
from pathlib import Path
from casualty_pipeline.turns import Turn, turn
with turn(Path(sys.argv[1]), Turn[sys.argv[2]], sys.argv[3], print):
    print("held", flush=True)
    sys.stdin.read()
"""
INGEST = ("ingest", "list.csv", "--source", "field_teams")
DECIDE = ("decide", "verification", "record:field_teams/1", "verified", "--reason", "seen", "--who", "AB")
CHANGES = {
    "sample": ("ARCHIVE", ("sample",)),
    "ingest": ("ARCHIVE", INGEST),
    "decide": ("ARCHIVE", DECIDE),
    "review import": ("ARCHIVE", ("review", "import", "answers.csv", "--who", "AB")),
    "restore": ("ARCHIVE", ("restore", "backup")),
    "run": ("FIGURES", ("run", "--month", "2020-01")),
    "publish": ("FIGURES", ("publish", "--month", "2020-01")),
    "index": ("FIGURES", ("index",)),
    "migrate": ("FIGURES", ("migrate",)),
    "prune": ("FIGURES", ("prune",)),
    "init": ("FIGURES", ("init",)),
}


@contextmanager
def held(home: Path, turn: str, command: str) -> Iterator[subprocess.Popen[str]]:
    """Another process at work on the home."""
    home.mkdir(exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(home), turn, command],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    "command", [c if c in ("ingest", "run", "publish") else pytest.param(c, marks=pytest.mark.long) for c in CHANGES]
)
def test_every_command_that_changes_a_home_waits_for_its_turn_and_gives_up_in_time(empty: Any, command: str) -> None:
    turn, arguments = CHANGES[command]
    empty.home.mkdir()
    (empty.home.parent / "backup").mkdir()
    with held(empty.home, turn, "casualty run") as other:
        result = empty(*arguments, CASUALTY_TURN_PATIENCE="0.3")

    assert result.returncode == 2
    assert f"`casualty run` (process {other.pid}, since 20" in result.stderr
    assert "waited 0.3 s; nothing was done" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_second_goes_on_when_the_first_is_done(empty: Any) -> None:
    with held(empty.home, "ARCHIVE", "casualty ingest") as other, _started(empty, "sample") as second:
        assert second.stderr is not None and other.stdin is not None
        assert f"`casualty ingest` (process {other.pid}" in second.stderr.readline()
        assert second.poll() is None
        other.stdin.close()
        assert second.wait(60) == 0


def test_the_turn_of_a_killed_command_is_free(empty: Any) -> None:
    with held(empty.home, "ARCHIVE", "casualty ingest") as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert empty("sample", CASUALTY_TURN_PATIENCE="0").returncode == 0


def test_what_comes_in_does_not_wait_for_figures(empty: Any) -> None:
    with held(empty.home, "FIGURES", "casualty run"):
        assert empty("sample", CASUALTY_TURN_PATIENCE="0").returncode == 0


def test_neither_arguments_nor_the_directory_stand_in_the_lock(empty: Any) -> None:
    empty.home.mkdir()
    with held(empty.home, "ARCHIVE", "casualty decide"):
        signed = json.loads((empty.home / ".archive.turn").read_text("utf-8"))
    assert set(signed) == {"command", "pid", "since"}


def test_decisions_entered_at_once_are_all_kept_under_ids_of_their_own(empty: Any) -> None:
    empty.done("sample")
    with _started(empty, *DECIDE) as one, _started(empty, *_about("2")) as two, _started(empty, *_about("3")) as three:
        ids = [process.communicate(timeout=120)[0].strip() for process in (one, two, three)]

    assert len(set(ids)) == 3 and all(name.startswith("D-") for name in ids)
    assert len(list((empty.home / "archive" / "entries").glob("*.jsonl"))) >= 3


def test_a_patience_that_is_no_number_is_refused(empty: Any) -> None:
    empty.home.mkdir()
    result = empty("sample", CASUALTY_TURN_PATIENCE="long")
    assert (result.returncode, "expected a number of seconds" in result.stderr) == (2, True)


def _about(record: str) -> tuple[str, ...]:
    return tuple(part.replace("field_teams/1", f"field_teams/{record}") for part in DECIDE)


@contextmanager
def _started(casualty: Any, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    program = Path(sys.executable).with_name("casualty")
    with subprocess.Popen(
        [program, *arguments],
        env={**os.environ, "CASUALTY_HOME": str(casualty.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
