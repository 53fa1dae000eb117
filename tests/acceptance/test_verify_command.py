"""`casualty verify` re-hashes on several threads, tells how far it got, and goes on after it was killed."""

import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.verification import verify_archive
from tests.acceptance.conftest import Casualty
from tests.sample_home import PROGRAM

OBJECTS, KILLED_AT = 260, 230
# A pass that a SIGKILL ends in the midst of, at the same object every time.
KILLED = """
import os, signal, sys
from pathlib import Path
from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.verification import verify_archive
from casualty_pipeline.captures.verified import Verified
home, told = Path(sys.argv[1]), 0
def progress(done, of):
    global told
    told += 1
    if told == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
verify_archive(Archive(home / "archive"), progress, verified=Verified(home / "verified.txt"))
"""


@pytest.fixture
def filled(empty: Casualty, tmp_path: Path) -> Casualty:
    """A home with 260 objects: what was verified is written down every 200."""
    files = []
    for number in range(OBJECTS):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(b"%d\n" % number * 1000)
        files.append((path, path.name))
    Archive(empty.home / "archive").take(files, "airwars")
    return empty


def test_objects_are_hashed_by_several_threads_at_the_same_time(filled: Casualty) -> None:
    """The first two objects wait for each other in the midst of being hashed: on one thread, they would wait in vain."""
    both, threads = threading.Barrier(2, timeout=30), set[int]()

    def watch(frame: FrameType, event: str, _argument: Any) -> None:
        thread = threading.get_ident()
        if event == "call" and frame.f_code.co_name == "_digest" and thread not in threads and len(threads) < 2:
            threads.add(thread)
            both.wait()

    threading.setprofile(watch)  # in every thread that begins from now on
    try:
        result = verify_archive(Archive(filled.home / "archive"))
    finally:
        threading.setprofile(None)
    assert len(threads) == 2
    assert threading.get_ident() not in threads
    assert not both.broken
    assert (result.hashed, result.faults) == (OBJECTS, ())


def test_progress_is_told_object_by_object_and_ends_with_all(filled: Casualty) -> None:
    told = list[tuple[int, int]]()
    result = verify_archive(Archive(filled.home / "archive"), lambda done, of: told.append((done, of)))
    assert len(told) == OBJECTS
    assert [done for done, _ in told] == sorted({done for done, _ in told})  # always more
    assert {of for _, of in told} == {result.size_bytes}
    assert told[-1] == (result.size_bytes, result.size_bytes)


def on_a_terminal(home: Path, *arguments: str) -> tuple[int, str]:
    """Run a command whose standard error is a terminal. Its exit code, and what that terminal was sent."""
    ours, its = pty.openpty()
    with subprocess.Popen(
        [PROGRAM, *arguments], env={**os.environ, "CASUALTY_HOME": str(home)}, stdout=subprocess.PIPE, stderr=its
    ) as process:
        os.close(its)
        sent = b""
        try:
            while piece := os.read(ours, 4096):
                sent += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        process.communicate()
    os.close(ours)
    return process.returncode, sent.decode()


def test_a_terminal_shows_a_bar_that_fills_and_a_file_gets_no_such_thing(filled: Casualty) -> None:
    code, sent = on_a_terminal(filled.home, "verify")
    assert code == 0
    shown = [int(percent) for percent in re.findall(r"verifying  \[[#-]+\] +(\d+)%", sent)]
    assert shown == sorted(shown)
    assert shown[-1] == 100
    assert "1 of 1 MB" in sent  # how much, beside how far
    assert "#" not in filled.done("verify").stderr


def test_a_pass_that_is_killed_goes_on_where_it_was(filled: Casualty) -> None:
    arguments = [sys.executable, "-c", KILLED, str(filled.home), str(KILLED_AT)]
    killed = subprocess.run(arguments, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False)
    assert killed.returncode == -9
    kept = filled.done("verify").stderr
    found = re.search(r"(\d+) re-hashed, (\d+) verified before the interruption", kept)
    assert found is not None, kept
    now, before = map(int, found.groups())
    assert (now + before, 0 < before < KILLED_AT) == (OBJECTS, True)
    assert f"{OBJECTS} re-hashed;" in filled.done("verify").stderr  # that pass is over: another begins anew
