"""The archive: bytes under their hash, never changed; entries that say when and whence they came."""

import fcntl
import hashlib
import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.entries import Journal
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.verification import verify_archive
from casualty_pipeline.errors import CasualtyError

NOON = datetime(2020, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.csv"
    path.write_text("no,who\n1,Ondo Varr\n", encoding="utf-8")
    return path


def objects(archive: Archive) -> list[Path]:
    return sorted(p for p in (archive.root / "objects").rglob("*") if p.is_file())


def test_an_object_has_the_name_of_its_hash_and_is_read_only(archive: Archive, letter: Path) -> None:
    (entry,) = archive.take([(letter, "letter.csv")], "field", NOON)
    path = archive.object_path(entry.sha256)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
    assert path.read_bytes() == letter.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_the_same_bytes_under_two_names_are_one_object_and_two_entries(archive: Archive, letter: Path) -> None:
    archive.take([(letter, "one.csv"), (letter, "two.csv")], "field", NOON)
    assert len(objects(archive)) == 1
    assert [e.original_name for e in archive.entries()] == ["one.csv", "two.csv"]


def test_taking_the_same_again_does_nothing(archive: Archive, letter: Path) -> None:
    archive.take([(letter, "letter.csv")], "field", NOON)
    assert archive.take([(letter, "letter.csv")], "field") == []
    assert len(list(archive.entries())) == 1


def test_a_changed_file_of_the_same_name_is_another_object(archive: Archive, letter: Path) -> None:
    archive.take([(letter, "letter.csv")], "field", NOON)
    letter.write_text("no,who\n2,Sela Varr\n", encoding="utf-8")
    archive.take([(letter, "letter.csv")], "field")
    assert len(objects(archive)) == len(list(archive.entries())) == 2


def test_the_same_bytes_from_another_source_are_an_entry_of_their_own(archive: Archive, letter: Path) -> None:
    for source in ("field", "press"):
        archive.take([(letter, "letter.csv")], source, NOON)
    assert sorted(e.source for e in archive.entries()) == ["field", "press"]
    assert len(objects(archive)) == 1


def test_entries_come_in_the_order_of_receipt_whatever_the_order_of_taking(archive: Archive, letter: Path) -> None:
    archive.take([(letter, "late.csv")], "field", datetime(2020, 5, 1, tzinfo=UTC))
    archive.take([(letter, "early.csv")], "field", datetime(2019, 5, 1, tzinfo=UTC))
    assert [e.original_name for e in archive.entries()] == ["early.csv", "late.csv"]


def test_an_ingest_that_is_killed_leaves_no_entry_and_can_be_repeated(
    archive: Archive, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", killed)
        with pytest.raises(KilledError):
            archive.take([(letter, "letter.csv")], "field", NOON)
    assert list(archive.entries()) == []
    assert objects(archive) == []
    with monkeypatch.context() as patched:
        patched.setattr(Journal, "add", killed)
        with pytest.raises(KilledError):
            archive.take([(letter, "letter.csv")], "field", NOON)
    assert list(archive.entries()) == []  # at most an object that no entry names
    (entry,) = archive.take([(letter, "letter.csv")], "field", NOON)
    assert list(archive.entries()) == [entry]


def test_a_link_and_a_folder_are_refused(archive: Archive, letter: Path, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(letter)
    with pytest.raises(CasualtyError, match=r"link\.csv is a symbolic link: put a copy of the file there instead"):
        archive.take([(tmp_path / "link.csv", "link.csv")], "field")
    with pytest.raises(CasualtyError, match="is not a file"):
        archive.take([(tmp_path, "folder")], "field")
    assert list(archive.entries()) == []


def test_entries_that_cannot_be_read_are_named(archive: Archive, letter: Path) -> None:
    archive.take([(letter, "letter.csv")], "field", NOON)
    (listed,) = (archive.root / "entries").glob("*.jsonl")
    listed.write_bytes(b"\xff\xfe{")
    with pytest.raises(CasualtyError, match=r"\.jsonl: not a list of archive entries .* restore it from a backup"):
        list(archive.entries())


def test_what_a_killed_ingest_left_is_cleared_away_by_the_next(archive: Archive, letter: Path) -> None:
    left = archive.root / "incoming" / "0123"
    left.mkdir(parents=True)
    (left / "00000").write_bytes(b"half of a ph")
    (archive.root / "incoming" / "tmpabcd").write_bytes(b"as earlier versions left it")
    archive.take([(letter, "letter.csv")], "field", NOON)
    assert list((archive.root / "incoming").iterdir()) == []


def test_a_copy_that_another_ingest_is_at_work_on_is_left_alone(archive: Archive, letter: Path) -> None:
    at_work = archive.root / "incoming" / "0123"
    at_work.mkdir(parents=True)
    handle = os.open(at_work, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    archive.take([(letter, "letter.csv")], "field", NOON)
    os.close(handle)
    assert at_work.is_dir()


def test_entries_from_before_the_files_vouched_for_each_other_are_read(archive: Archive, letter: Path) -> None:
    old = {
        **{"entry_id": "e-00000", "sha256": "0" * 64, "source": "field", "delivery_id": "e", "original_name": "old.csv"},
        **{"received_at": "2019-01-01T00:00:00+00:00", "media_type": "text/csv", "size_bytes": 3},
        **{"access_level": "confidential", "collector": "casualty ingest"},
    }
    (archive.root / "entries").mkdir(parents=True)
    (archive.root / "entries" / "20190101T000000-e.jsonl").write_text(json.dumps(old) + "\n")
    archive.take([(letter, "letter.csv")], "field", NOON)
    assert [(e.original_name, e.role, e.proofs) for e in archive.entries()] == [
        ("old.csv", "capture", ()),
        ("letter.csv", "capture", ()),
    ]


@pytest.mark.parametrize(
    "name", ["line\u2028separator.csv", "two\nlines.csv", 'quote".csv', "ملف.csv", "\x85.csv", "\x1c.csv"]
)
def test_a_file_may_have_any_name(archive: Archive, letter: Path, name: str) -> None:
    archive.take([(letter, name)], "field", NOON)
    assert [e.original_name for e in archive.entries()] == [name]


def test_a_name_that_is_no_utf_8_is_written_with_its_bytes(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"no,who\n")
    archive.take(files_of([folder]), "field", NOON)
    assert [e.original_name for e in archive.entries()] == [r"caf\xe9.csv"]


@pytest.mark.parametrize("files", [3, 40])
def test_ingests_at_the_same_time_lose_nothing_and_keep_the_same_bytes_once(tmp_path: Path, files: int) -> None:
    shared, archive = [b"%d in both" % number for number in range(files)], Archive(tmp_path / "archive")
    deliveries: list[list[tuple[Path, str]]] = []
    for who in ("one", "two", "three"):
        (tmp_path / who).mkdir()
        for number, content in enumerate([*shared, who.encode()]):
            (tmp_path / who / f"{number:03d}.jpg").write_bytes(content)
        deliveries.append(files_of([tmp_path / who]))
    with ThreadPoolExecutor() as pool:
        taken = list(pool.map(archive.take, deliveries, ["one", "two", "three"], [NOON] * 3))
    assert [len(entries) for entries in taken] == [files + 1] * 3
    assert sorted(archive.entries(), key=lambda e: e.entry_id) == sorted(chain(*taken), key=lambda e: e.entry_id)
    assert len(objects(archive)) == files + 3
    assert verify_archive(archive).faults == ()


def test_the_same_folder_taken_twice_at_the_same_time_is_entered_once(tmp_path: Path) -> None:
    archive, folder = Archive(tmp_path / "archive"), tmp_path / "delivery"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.jpg").write_bytes(b"%d" % number)
    with ThreadPoolExecutor() as pool:
        taken = list(pool.map(lambda _: archive.take(files_of([folder]), "field"), range(3)))
    assert sorted(len(entries) for entries in taken) == [0, 0, 30]
    assert len(list(archive.entries())) == 30


def test_two_processes_at_work_on_one_archive_complete_both(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of
for number in range(5):
    Archive(Path(sys.argv[1])).take(files_of([Path(sys.argv[2])]), f"source{number}-{sys.argv[3]}")
"""
    folder = tmp_path / "delivery"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.jpg").write_bytes(b"%d" % number)
    arguments = [sys.executable, "-c", program, str(tmp_path / "archive"), str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    at_work = [subprocess.Popen([*arguments, which], env=environment) for which in ("a", "b")]
    assert [process.wait(60) for process in at_work] == [0, 0]
    archive = Archive(tmp_path / "archive")
    assert len(list(archive.entries())) == 2 * 5 * 20
    assert len(objects(archive)) == 20
    assert verify_archive(archive).faults == ()


def test_a_file_that_is_held_already_is_not_copied_again(
    archive: Archive, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.take([(letter, "letter.csv")], "field", NOON)
    monkeypatch.setattr(Path, "replace", None)  # neither an object nor entries come to their address
    assert archive.take([(letter, "letter.csv")], "field") == []


def test_an_access_level_that_there_is_not_is_refused_before_anything_is_copied(archive: Archive, letter: Path) -> None:
    with pytest.raises(CasualtyError, match="access level 'secret': expected one of open, restricted, confidential"):
        archive.take([(letter, "letter.csv")], "field", access_level="secret")
    assert objects(archive) == []
