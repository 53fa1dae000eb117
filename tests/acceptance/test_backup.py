"""Backup and restore through the command line: killed, full, unplugged, and still the same figures in the end."""

import hashlib
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.acceptance.conftest import Casualty
from tests.acceptance.test_command_line import figures_of, files_beneath
from tests.sample_home import PROGRAM

OBJECTS, SIZE = 300, 100_000


def truth(home: Path) -> dict[str, str]:
    """What a backup must bring back."""
    archive = ("archive/incoming", "archive/lock", ".archive.turn", ".figures.turn", "published/.lock")
    derived = ("warehouse", "dagster", "inbox", "reports", "logs", "alerts", "month-digests.json")
    return {path: sha for path, sha in files_beneath(home).items() if not path.startswith(archive + derived)}


def delivery(folder: Path, number: int, size: int) -> Path:
    """Invented captures, none like another."""
    folder.mkdir(parents=True)
    for file in range(number):
        line = hashlib.sha256(f"{folder.name}{file}".encode()).hexdigest() + "\n"
        (folder / f"{file}.csv").write_text("no,who\n" + line * (size // len(line)))
    return folder


def filled(casualty: Casualty, captures: Path) -> Casualty:
    """A home that has taken in those captures."""
    (casualty.home / "sources").mkdir(parents=True)
    (casualty.home / "sources/post.toml").write_text('id = "post"\nname = "Post (invented)"\ntables = []\n')
    casualty("ingest", captures, "--source", "post")
    return casualty


@pytest.fixture
def full(empty: Casualty, tmp_path: Path) -> Casualty:
    """A home with 300 captures of 100 kB: enough to be killed in the midst of."""
    return filled(empty, delivery(tmp_path / "first", OBJECTS, SIZE))


@pytest.fixture
def small(empty: Casualty, tmp_path: Path) -> Casualty:
    """A home with three captures: six files to back up, with their entries, the name of the newest, and their source."""
    return filled(empty, delivery(tmp_path / "first", 3, 1 << 10))


def count(objects: Path) -> int:
    """The number of objects in a folder; quick, since somebody is about to be killed at the right moment."""
    try:
        return sum(len(os.listdir(folder.path)) for folder in os.scandir(objects))  # noqa: PTH208
    except FileNotFoundError:
        return 0


def killed_when(casualty: Casualty, objects: Path, more: int, *arguments: str | Path) -> None:
    """Start a command, and SIGKILL it once there are so many more objects in a folder."""
    before = count(objects)
    environment = {**os.environ, "CASUALTY_HOME": str(casualty.home)}
    with subprocess.Popen(
        [PROGRAM, *map(str, arguments)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        while process.poll() is None and count(objects) < before + more:
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def whole_objects(folder: Path) -> int:
    """The number of objects in a folder, each of which has the bytes that its name says. Staged files aren't objects yet."""
    found = [p for p in folder.glob("??/*") if "#" not in p.name]
    assert [p for p in found if hashlib.sha256(p.read_bytes()).hexdigest() != p.name] == []
    return len(found)


@pytest.mark.long
def test_a_backup_that_is_killed_again_and_again_is_completed_by_the_next(full: Casualty, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    for more in (1, 20, 40):
        killed_when(full, disk / "objects", more, "backup", disk)
        assert not (disk / "snapshots").exists()
    there = whole_objects(disk / "objects")
    assert 0 < there < OBJECTS
    assert f"sent {OBJECTS + 3 - there} of 303 files" in full.done("backup", disk).stderr  # the rest, and nothing twice
    assert "sent 0 of 303 files, 0 bytes" in full.done("backup", disk).stderr
    restored = tmp_path / "restored"
    full.done("restore", disk, "--home", restored)
    assert truth(restored) == truth(full.home)


@pytest.mark.long
def test_a_backup_that_is_killed_leaves_the_snapshots_before_it_valid(full: Casualty, tmp_path: Path) -> None:
    disk, before, restored = tmp_path / "disk", truth(full.home), tmp_path / "restored"
    full.done("backup", disk)
    full("ingest", delivery(tmp_path / "second", OBJECTS, SIZE), "--source", "post")
    killed_when(full, disk / "objects", 20, "backup", disk)
    assert whole_objects(disk / "objects") < 2 * OBJECTS
    full.done("restore", disk, "--home", restored)
    assert truth(restored) == before
    full.done("backup", disk, "--full")
    full.done("restore", disk, "--home", restored)
    assert truth(restored) == truth(full.home)


@pytest.mark.long
def test_a_restore_that_is_killed_again_and_again_is_completed_by_the_next(full: Casualty, tmp_path: Path) -> None:
    disk, restored = tmp_path / "disk", tmp_path / "restored"
    full.done("backup", disk)
    for more in (1, 20, 40):
        killed_when(full, restored / "archive/objects", more, "restore", disk, "--home", restored)
        assert whole_objects(restored / "archive/objects") < OBJECTS
        assert not (restored / "archive/entries").exists()
    full.done("restore", disk, "--home", restored)
    assert truth(restored) == truth(full.home)
    assert full.done("verify", "--home", restored).stdout == ""


@pytest.mark.long
def test_a_restored_home_gives_the_same_figures(sample: Casualty, tmp_path: Path) -> None:
    """Though its inbox is empty, and its warehouse starts from nothing."""
    disk, again = tmp_path / "disk", Casualty(tmp_path / "again")
    sample.done("backup", disk)
    again.done("restore", disk)
    assert truth(again.home) == truth(sample.home)
    assert again.done("verify").stdout == ""
    again.done("run", "--month", "2020-01")
    assert figures_of(again, "2020-01") == figures_of(sample, "2020-01")


def test_faults_are_on_standard_output_and_exit_with_one(small: Casualty, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    damaged, lost = sorted((small.home / "archive/objects").glob("??/*"))[:2]
    damaged.chmod(0o644)
    damaged.write_text("altered")
    result = small("backup", disk)
    assert result.returncode == 1
    assert result.stdout.startswith(f"changed  archive/objects/{damaged.parent.name}/{damaged.name}  its bytes now have")
    assert "sent 5 of 6 files" in result.stderr
    (disk / "objects" / lost.parent.name / lost.name).unlink()
    result = small("restore", disk, "--home", tmp_path / "restored")
    assert result.returncode == 1
    assert result.stdout.startswith(f"lost  archive/objects/{lost.parent.name}/{lost.name}  ")


def test_what_waits_in_the_inbox_is_said_not_to_be_in_the_backup(small: Casualty, tmp_path: Path) -> None:
    (small.home / "inbox/post").mkdir(parents=True)
    (small.home / "inbox/post/late.csv").write_text("no,who\n")
    said = small.done("backup", tmp_path / "disk").stderr
    assert "not in the backup: 1 files in the inbox that aren't taken in (post/late.csv)" in said


def test_a_dry_run_lists_what_would_be_done_and_does_nothing(small: Casualty, tmp_path: Path) -> None:
    disk, restored = tmp_path / "disk", tmp_path / "restored"
    said = small.done("backup", disk, "--dry-run")
    assert {line.split("  ")[1] for line in said.stdout.splitlines()} == truth(small.home).keys()
    assert "the backup isn't complete: a new snapshot would be made" in said.stderr
    assert not disk.exists()
    small.done("backup", disk)
    assert "the backup is complete" in small.done("backup", disk, "--dry-run").stderr
    listed = small.done("restore", disk, "--dry-run", "--home", restored).stdout.splitlines()
    assert {line.split("  ")[1] for line in listed} == truth(small.home).keys()
    assert not restored.exists()


def test_a_wrong_target_is_a_sentence_and_exits_with_two(small: Casualty, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for command in ("backup", "restore"):
        for target in (tmp_path / "file", small.home / "within", tmp_path / "no/disk", tmp_path / "first", "gs://x", ""):
            result = small(command, target)
            assert result.returncode == 2, (command, target)
            assert result.stderr.startswith("casualty: "), result.stderr
            assert "Traceback" not in result.stderr
            assert result.stdout == ""


@pytest.fixture
def storage() -> Iterator[dict[str, str]]:
    """A storage server with the bucket `evidence`, and the environment that leads to it."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "a-key",
        "AWS_SECRET_ACCESS_KEY": "a-secret",
        "AWS_REGION": "us-east-1",
    }
    urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/evidence", method="PUT")).close()
    yield environment
    running.stop()


def test_the_storage_is_found_through_the_environment(small: Casualty, storage: dict[str, str], tmp_path: Path) -> None:
    target = "s3://evidence/post"
    result = small("backup", target, **storage)
    assert (result.returncode, "sent 6 of 6 files" in result.stderr) == (0, True)
    assert "sent 0 of 6 files" in small("backup", target, "--full", **storage).stderr
    restored = tmp_path / "restored"
    assert small("restore", target, "--home", restored, **storage).returncode == 0
    assert truth(restored) == truth(small.home)
    another = filled(Casualty(tmp_path / "another"), delivery(tmp_path / "second", 1, 1 << 10))
    other = another("backup", target, **storage)
    assert (other.returncode, "a backup belongs to one home" in other.stderr) == (2, True)
    assert "a-secret" not in other.stderr + result.stderr
