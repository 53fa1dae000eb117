"""The archive is proved to hold what was received, and what isn't so is named."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.verification import verify_archive


def filled(folder: Path, contents: dict[str, bytes]) -> Archive:
    archive = Archive(folder / "archive")
    files = []
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        files.append((folder / name, name))
    archive.take(files, "field_teams")
    return archive


def only_object(archive: Archive) -> Path:
    (path,) = (archive.root / "objects").glob("??/*")
    return path


def test_an_untouched_archive_has_no_faults(tmp_path: Path) -> None:
    archive = filled(tmp_path, {"a.csv": b"one", "b.csv": b"two", "copy of a.csv": b"one"})
    result = verify_archive(archive)
    assert (result.objects, result.entries, result.size_bytes, result.faults) == (2, 3, 6, ())


@settings(max_examples=40, deadline=None)
@given(content=st.binary(min_size=1, max_size=400), data=st.data())
def test_any_flipped_bit_is_found_and_its_capture_named(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject
) -> None:
    archive = filled(tmp_path_factory.mktemp("flip"), {"a.csv": content})
    path = only_object(archive)
    position, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    flipped = bytearray(content)
    flipped[position] ^= 1 << bit
    path.chmod(0o644)
    path.write_bytes(bytes(flipped))
    (fault,) = verify_archive(archive).faults
    assert (fault.kind, fault.sha256) == ("changed", path.name)
    assert "field_teams/a.csv" in fault.detail


def test_a_missing_object_is_named_with_the_captures_that_it_was(tmp_path: Path) -> None:
    archive = filled(tmp_path, {"a.csv": b"one"})
    only_object(archive).unlink()
    (fault,) = verify_archive(archive).faults
    assert fault.kind == "missing"
    assert "field_teams/a.csv" in fault.detail


def test_an_object_without_an_entry_is_surplus_until_it_is_taken_in_again(tmp_path: Path) -> None:
    archive = filled(tmp_path, {"a.csv": b"one"})
    for entries in (archive.root / "entries").iterdir():
        entries.unlink()  # as after a kill between the object and its entry
    assert [f.kind for f in verify_archive(archive).faults] == ["surplus"]
    archive.take([(tmp_path / "a.csv", "a.csv")], "field_teams")
    assert verify_archive(archive).faults == ()
