"""An ingest that is killed at any moment leaves an archive that verifies, and repeating it completes it.

The kills come from outside (SIGKILL) at moments spread over what an ingest takes. Most hit a fork of a small process that
has only the archive loaded, so that they fall into the work and not into the start of Python; some hit the real command.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.verification import verify_archive

FORKED, COMMANDS = 95, 5
SOURCE, MOMENT = "airwars", "2026-11-01T08:00:00+00:00"
# Takes a folder in, in a fork that is killed after so many seconds (never: 0); answers with the seconds that it took.
SERVER = """
import os, signal, sys, time
from datetime import datetime
from pathlib import Path
from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of
for line in sys.stdin:
    folder, root, source, moment, delay = line.rstrip("\\n").split("\\t")
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        Archive(Path(root)).take(files_of([Path(folder)]), source, datetime.fromisoformat(moment))
        os._exit(0)
    if float(delay):
        time.sleep(float(delay))
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    print(os.waitstatus_to_exitcode(status), time.perf_counter() - began, flush=True)
"""


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty files, one of some megabytes, with what their sender says of them."""
    folder, chance = tmp_path_factory.mktemp("delivery"), random.Random(2020)
    for number in range(30):
        (folder / f"{number:02d}.jpg").write_bytes(b"\xff\xd8\xff" + chance.randbytes(20_000 if number else 3_000_000))
    (folder / "custody.csv").write_text("file,tool\n" + "".join(f"{n:02d}.jpg,camera\n" for n in range(30)))
    return folder


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


@pytest.fixture
def server(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    yield process
    assert process.stdin is not None
    process.stdin.close()
    process.wait(30)


def take(server: subprocess.Popen[str], folder: Path, root: Path, delay: float = 0) -> tuple[int, float]:
    """One ingest in a fork. Returns its exit code (-9 when it was killed) and its seconds."""
    assert server.stdin is not None and server.stdout is not None
    server.stdin.write("\t".join((str(folder), str(root), SOURCE, MOMENT, str(delay))) + "\n")
    server.stdin.flush()
    code, seconds = server.stdout.readline().split()
    return int(code), float(seconds)


def kept(root: Path) -> dict[str, bytes]:
    """Every file of an archive, as it is."""
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def only_unfinished(root: Path) -> bool:
    """Whether the archive verifies; what is surplus was copied by an ingest that didn't come to its entries."""
    result = verify_archive(Archive(root))
    assert {f.kind for f in result.faults} <= {"surplus"}, result.faults
    return result.entries == 0


def test_killed_at_any_moment_of_its_work_it_leaves_an_archive_that_verifies_and_can_be_completed(
    server: subprocess.Popen[str], delivery: Path, tmp_path: Path
) -> None:
    take(server, delivery, tmp_path / "first")  # the first one also loads what is loaded late
    durations = [take(server, delivery, tmp_path / f"undisturbed-{n}")[1] for n in range(3)]
    undisturbed, lasts = kept(tmp_path / "undisturbed-0"), sorted(durations)[1]
    chance, round_, killed, unfinished = random.Random(2020), 0, 0, 0
    for number in range(FORKED):
        root = tmp_path / f"archive-{round_}"
        delay = lasts * (number + chance.random()) / FORKED * 1.1
        code, _ = take(server, delivery, root, max(delay, 0.001))
        assert code in {0, -9}
        killed += code == -9
        if only_unfinished(root):
            unfinished += 1
        else:  # it was quicker, or was killed when all was done: go on with an archive of its own
            round_ += 1
    assert killed > FORKED // 2
    assert unfinished > FORKED // 4
    for number in range(round_ + 1):
        root = tmp_path / f"archive-{number}"
        assert take(server, delivery, root)[0] == 0
        assert kept(root) == undisturbed
        assert verify_archive(Archive(root)).faults == ()


def test_so_does_the_command(delivery: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    arguments = [sys.executable, "-m", "casualty_pipeline.cli", "ingest", str(delivery), "--source", SOURCE]
    arguments += ["--received-at", MOMENT, "--home"]

    def command(home: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*arguments, str(home)], env=environment, stderr=subprocess.DEVNULL)

    began = time.perf_counter()
    command(tmp_path / "undisturbed").wait(60)
    lasts, chance, home = time.perf_counter() - began, random.Random(2020), tmp_path / "home"
    for number in range(COMMANDS):
        process = command(home)
        try:
            process.wait(lasts * (0.3 + 0.7 * (number + chance.random()) / COMMANDS))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)
        result = verify_archive(Archive(home / "archive"))
        assert {f.kind for f in result.faults} <= {"surplus"}, result.faults
    command(home).wait(60)
    assert kept(home / "archive") == kept(tmp_path / "undisturbed" / "archive")
