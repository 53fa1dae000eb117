"""The archive: bytes under their hash, never changed; entries that say when and whence they came."""

import hashlib
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.media_types import sniff
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
        patched.setattr(Archive, "_place", staticmethod(killed))
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


@pytest.mark.parametrize(
    ("head", "name", "media_type"),
    [
        (b"no,who\n", "a.csv", "text/csv"),
        (b"no,who\n", "A.CSV", "text/csv"),
        (b"no,who\n", "a.html", "text/plain"),
        ("no,who\n".encode("utf-16"), "a.csv", "text/csv"),
        (b"PK\x03\x04", "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"PK\x03\x04", "a.csv", "application/zip"),
        (b"\x89PNG\r\n", "a.csv", "image/png"),
        (b"\xff\xd8\xff\xe0", "a.csv", "image/jpeg"),
        (b"%PDF-1.7", "a.xlsx", "application/pdf"),
        (b"no\0who", "a.csv", "application/octet-stream"),
        (b"", "a.csv", "text/csv"),
    ],
)
def test_the_bytes_say_what_a_file_is_not_its_name(head: bytes, name: str, media_type: str) -> None:
    assert sniff(head, name) == media_type
