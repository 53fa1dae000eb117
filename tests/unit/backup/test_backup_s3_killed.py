"""A backup to S3-compatible storage that is killed at any moment: nothing of before is lost, and the next completes it.

The kills come from outside (SIGKILL), at moments spread over what a backup takes, and hit forks of a small process that has
the backup loaded, so that they fall into the work and not into the start of Python.
"""

import hashlib
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casualty_pipeline.backup import Target, back_up, open_target, restore
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from tests.unit.backup.conftest import Bucket, Keeper, files_beneath

KILLS = 15
# Backs a home up, in a fork that is killed after so many seconds (never: 0); answers with exit code and seconds.
SERVER = """
import os, signal, sys, time
from pathlib import Path
from casualty_pipeline.backup import back_up, open_target
from casualty_pipeline.home import Home
for line in sys.stdin:
    folder, where, delay = line.rstrip("\\n").split("\\t")
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        home = Home(Path(folder))
        back_up(home, open_target(where, home.path, for_writing=True))
        os._exit(0)
    if float(delay):
        time.sleep(float(delay))
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    print(os.waitstatus_to_exitcode(status), time.perf_counter() - began, flush=True)
"""


@pytest.fixture
def process(bucket: Bucket) -> Iterator[subprocess.Popen[str]]:
    """The process that forks; `bucket` has set the environment that leads to the storage."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        yield running


def backed_up(process: subprocess.Popen[str], home: Path, where: str, delay: float = 0) -> tuple[int, float]:
    """One backup in a fork. Returns its exit code (-9 when it was killed) and its seconds."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{home}\t{where}\t{delay}\n")
    process.stdin.flush()
    code, seconds = process.stdout.readline().split()
    return int(code), float(seconds)


def restored(target: Target, folder: Path, snapshot: str | None = None) -> dict[str, str]:
    """Everything that a restore into a new home brings back, with its hashes."""
    done = restore(target, Home(folder), snapshot=snapshot)
    assert done.faults == ()
    found = files_beneath(folder)
    shutil.rmtree(folder)
    return found


def refusal(target: Callable[[], Target], folder: Path) -> str:
    with pytest.raises(CasualtyError) as refused:
        restore(target(), Home(folder))
    return str(refused.value)


@pytest.mark.long
def test_killed_at_any_moment_it_says_what_it_is_and_is_completed_by_the_next(
    keeper: Keeper, process: subprocess.Popen[str], tmp_path: Path
) -> None:
    chance, home, before = random.Random(2020), keeper.home.path, tmp_path / "before"
    earlier = keeper.truth()
    shutil.copytree(home, before)
    keeper.takes(*(chance.randbytes(20_000) for _ in range(24)), chance.randbytes(12 << 20))  # the last is sent in parts
    truth = keeper.truth()
    backed_up(process, home, "s3://evidence/first")  # the first one also loads what is loaded late
    lasts = sorted(backed_up(process, home, f"s3://evidence/undisturbed-{n}")[1] for n in range(3))[1]
    killed = unfinished = 0
    for number in range(KILLS):
        where = f"s3://evidence/killed-{number}"

        def opened(where: str = where) -> Target:
            return open_target(where, home, for_writing=False)

        if follows := number % 3 > 0:  # a second backup, after a complete one; else the very first
            back_up(Home(before), open_target(where, before, for_writing=True))
        code, _ = backed_up(process, home, where, max(lasts * (number + chance.random()) / KILLS, 0.001))
        killed += code == -9

        # What it is, after the kill.
        told = back_up(keeper.home, open_target(where, home, for_writing=True), full=True, dry_run=True)
        assert told.faults == ()
        unfinished += told.fresh
        if not told.fresh:
            assert (told.sent, restored(opened(), tmp_path / "restored")) == ((), truth)
        elif follows:
            assert restored(opened(), tmp_path / "restored") == earlier
        else:
            said = refusal(opened, tmp_path / "restored")
            assert "its first backup was never completed" in said or f"{where} holds no backup" in said

        # And the next completes it.
        assert backed_up(process, home, where)[0] == 0
        told = back_up(keeper.home, open_target(where, home, for_writing=True), full=True, dry_run=True)
        assert (told.faults, told.sent, told.fresh) == ((), (), False)
        assert restored(opened(), tmp_path / "restored") == truth
        if follows:
            oldest = opened().snapshots()[0]
            assert restored(opened(), tmp_path / "restored", oldest) == earlier
        for sha256 in opened().sizes():
            assert hashlib.sha256(b"".join(opened().fetch(sha256))).hexdigest() == sha256
    assert killed > KILLS // 2
    assert unfinished > KILLS // 3
