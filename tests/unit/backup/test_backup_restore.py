"""Restores: the same bytes again, or a name and a reason; and never anything over anything."""

import hashlib
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from casualty_pipeline.backup import Restoration, back_up, open_target, restore
from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.verification import verify_archive
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from tests.unit.backup.conftest import Keeper, files_beneath, flip_a_bit, kinds, no_file_larger_than

ONDO = "no,who\n1,Ondo Varr\n"


@pytest.fixture
def disk(keeper: Keeper, tmp_path: Path) -> Path:
    """A backup of the keeper's home."""
    saved(keeper, tmp_path / "disk")
    return tmp_path / "disk"


@pytest.fixture
def fresh(another: Callable[[str], Keeper]) -> Keeper:
    """A home that isn't there yet."""
    return another("restored")


def saved(keeper: Keeper, disk: Path) -> str:
    name = back_up(keeper.home, open_target(str(disk), keeper.home.path, for_writing=True)).snapshot
    assert name is not None
    return name


def restored(home: Home, disk: Path, snapshot: str | None = None, *, dry_run: bool = False) -> Restoration:
    return restore(open_target(str(disk), home.path, for_writing=False), home, snapshot=snapshot, dry_run=dry_run)


def copy_in(disk: Path, path: Path) -> Path:
    return disk / "objects" / path.name[:2] / path.name


def test_a_restored_home_has_the_same_files_byte_for_byte(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    done = restored(fresh.home, disk)
    assert files_beneath(fresh.home.path) == keeper.truth()
    assert (len(done.restored), done.present, done.faults) == (len(keeper.truth()), 0, ())


def test_its_archive_verifies_and_its_objects_are_read_only(fresh: Keeper, disk: Path) -> None:
    restored(fresh.home, disk)
    assert verify_archive(Archive(fresh.home.archive)).faults == ()
    assert stat.S_IMODE(fresh.object(ONDO).stat().st_mode) == 0o444


def test_restoring_again_does_nothing(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    restored(fresh.home, disk)
    done = restored(fresh.home, disk)
    assert (done.restored, done.present) == ((), len(keeper.truth()))


def test_a_home_that_holds_a_part_gets_the_rest(keeper: Keeper, disk: Path) -> None:
    before = keeper.truth()
    keeper.object(ONDO).unlink()
    shutil.rmtree(keeper.home.sources)
    assert [f.path.rpartition("/")[2] for f in restored(keeper.home, disk).restored] == [
        keeper.object(ONDO).name,
        "harbour_log.toml",
    ]
    assert keeper.truth() == before


def test_a_home_that_went_on_since_gets_back_what_it_lost(keeper: Keeper, disk: Path) -> None:
    keeper.takes("no,who\n3,Tamo Keld\n")
    before = keeper.truth()
    keeper.object(ONDO).unlink()
    restored(keeper.home, disk)
    assert keeper.truth() == before


def test_an_earlier_snapshot_is_restored_by_the_beginning_of_its_name(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    before = keeper.truth()
    (first,) = (p.stem for p in (disk / "snapshots").iterdir())
    keeper.takes("no,who\n3,Tamo Keld\n")
    saved(keeper, disk)
    assert restored(fresh.home, disk, first[:22]).snapshot == first
    assert files_beneath(fresh.home.path) == before


@pytest.mark.parametrize(("name", "told"), [("1999", "no snapshot begins with"), ("2", "2 snapshots begin with")])
def test_a_name_that_fits_none_or_several_is_answered_with_those_there_are(
    keeper: Keeper, fresh: Keeper, disk: Path, name: str, told: str
) -> None:
    keeper.takes("no,who\n3,Tamo Keld\n")
    newest = saved(keeper, disk)
    with pytest.raises(CasualtyError, match=f"{told} '{name}': the newest of 2 are .*{newest}"):
        restored(fresh.home, disk, name)


@pytest.mark.parametrize("path", ["archive/objects", "archive/entries", "sources/harbour_log.toml"])
def test_a_file_with_other_bytes_is_never_overwritten_and_nothing_else_is_written(
    keeper: Keeper, fresh: Keeper, disk: Path, path: str
) -> None:
    source = keeper.home.path / path
    original = next(p for p in sorted(source.rglob("*")) if p.is_file()) if source.is_dir() else source
    relative = original.relative_to(keeper.home.path).as_posix()
    mine = fresh.writes(relative, "mine")
    with pytest.raises(CasualtyError, match=f"nothing was restored: {relative} has other bytes .* never overwrites"):
        restored(fresh.home, disk)
    assert files_beneath(fresh.home.path) == {relative: hashlib.sha256(b"mine").hexdigest()}
    assert mine.read_text() == "mine"


def test_another_home_is_refused(another: Callable[[str], Keeper], disk: Path) -> None:
    other = another("other")
    other.takes("no,who\n9,Brin Osk\n")
    before = files_beneath(other.home.path)
    with pytest.raises(CasualtyError, match=r"holds 1 entries that the snapshot doesn't .* another home"):
        restored(other.home, disk)
    assert files_beneath(other.home.path) == before


def test_a_flipped_bit_in_the_target_is_named_and_all_else_restored(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    flip_a_bit(copy_in(disk, keeper.object(ONDO)))
    done = restored(fresh.home, disk)
    assert kinds(done.faults) == [("damaged", keeper.object(ONDO).name)]
    assert keeper.truth().items() - files_beneath(fresh.home.path).items() == {
        (keeper.object(ONDO).relative_to(keeper.home.path).as_posix(), keeper.object(ONDO).name)
    }
    (fault,) = verify_archive(Archive(fresh.home.archive)).faults
    assert fault.kind == "missing"


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_object_missing_in_the_target_is_named(keeper: Keeper, fresh: Keeper, disk: Path, dry_run: bool) -> None:
    copy_in(disk, keeper.object(ONDO)).unlink()
    done = restored(fresh.home, disk, dry_run=dry_run)
    assert kinds(done.faults) == [("lost", keeper.object(ONDO).name)]
    assert len(done.restored) == len(keeper.truth()) - 1


def test_an_object_cut_short_in_the_target_is_named(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    copy_in(disk, keeper.object(ONDO)).write_text("no,")
    done = restored(fresh.home, disk)
    assert kinds(done.faults) == [("damaged", keeper.object(ONDO).name)]
    assert "3 bytes instead of 19" in done.faults[0].detail


def test_a_target_that_was_made_good_completes_the_restore(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    copy_in(disk, keeper.object(ONDO)).unlink()
    restored(fresh.home, disk)
    saved(keeper, disk)
    assert kinds(restored(fresh.home, disk).restored) == [("", keeper.object(ONDO).name)]
    assert files_beneath(fresh.home.path) == keeper.truth()


def test_a_damaged_snapshot_is_refused_and_the_one_before_it_named(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    (first,) = (p.stem for p in (disk / "snapshots").iterdir())
    keeper.takes("no,who\n3,Tamo Keld\n")
    flip_a_bit(disk / "snapshots" / f"{saved(keeper, disk)}.json")
    with pytest.raises(CasualtyError, match=f"is damaged.*the one before it: --snapshot {first}"):
        restored(fresh.home, disk)
    assert not fresh.home.path.exists()


@pytest.mark.parametrize("path", ["../../x", "/tmp/x", "sources/../../x", ".ssh/authorized_keys"])
def test_a_snapshot_that_names_a_file_outside_the_home_is_refused(fresh: Keeper, disk: Path, path: str) -> None:
    """Even one whose name fits its bytes: made by somebody who can write to the target."""
    (snapshot,) = (disk / "snapshots").iterdir()
    document = json.loads(snapshot.read_bytes())
    document["files"][0]["path"] = path
    body = json.dumps(document).encode()
    snapshot.unlink()
    snapshot.with_name(f"29990101T000000.000000Z-{hashlib.sha256(body).hexdigest()}.json").write_bytes(body)
    before = files_beneath(disk.parent)
    with pytest.raises(CasualtyError, match="which no backup of a home would hold: refused"):
        restored(fresh.home, disk)
    assert files_beneath(disk.parent) == before


@pytest.mark.parametrize("linked", ["archive/objects", "sources/harbour_log.toml", "archive/entries"])
def test_nothing_is_written_through_a_symbolic_link(fresh: Keeper, disk: Path, tmp_path: Path, linked: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (fresh.home.path / linked).parent.mkdir(parents=True)
    (fresh.home.path / linked).symlink_to(elsewhere if not linked.endswith(".toml") else elsewhere / "file")
    with pytest.raises(CasualtyError, match=f"nothing was restored: {linked} is a symbolic link"):
        restored(fresh.home, disk)
    assert list(elsewhere.iterdir()) == []


def test_an_archive_that_is_a_link_to_a_larger_disk_is_used_as_one(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    larger = fresh.home.path.parent / "larger"
    larger.mkdir()
    fresh.home.path.mkdir()
    fresh.home.archive.symlink_to(larger)
    restored(fresh.home, disk)
    assert len(files_beneath(larger)) == sum(path.startswith("archive/") for path in keeper.truth())
    saved(fresh, disk)


def test_a_dry_run_says_what_it_would_restore_and_writes_nothing(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    assert {f.path for f in restored(fresh.home, disk, dry_run=True).restored} == keeper.truth().keys()
    assert not fresh.home.path.exists()


def test_what_a_killed_restore_left_unfinished_is_cleared_away(keeper: Keeper, fresh: Keeper, disk: Path) -> None:
    fresh.writes(".restoring/half", "ha")
    restored(fresh.home, disk)
    assert files_beneath(fresh.home.path) == keeper.truth()


def test_nothing_can_be_restored_from_nothing(fresh: Keeper, tmp_path: Path) -> None:
    (tmp_path / "blank").mkdir()
    for disk in (tmp_path / "blank", tmp_path / "absent"):
        with pytest.raises(CasualtyError, match="holds no backup"):
            restored(fresh.home, disk)


def test_a_backup_that_was_never_completed_says_so(fresh: Keeper, disk: Path) -> None:
    shutil.rmtree(disk / "snapshots")
    with pytest.raises(CasualtyError, match="holds no snapshot: its first backup was never completed"):
        restored(fresh.home, disk)


def test_a_home_that_cannot_be_written_is_said_in_a_sentence(fresh: Keeper, disk: Path) -> None:
    fresh.home.path.write_text("a file where the home should be")
    with pytest.raises(CasualtyError, match=r"can't write to .*restored"):
        restored(fresh.home, disk)


def test_a_disk_that_takes_no_more_is_said_and_the_restore_goes_on_later(
    keeper: Keeper, fresh: Keeper, tmp_path: Path
) -> None:
    keeper.takes("x" * 100_000)
    saved(keeper, tmp_path / "disk")
    with no_file_larger_than(50_000), pytest.raises(CasualtyError, match=r"File too large\. .* run it again to go on"):
        restored(fresh.home, tmp_path / "disk")
    assert verify_archive(Archive(fresh.home.archive)).objects < 3
    assert restored(fresh.home, tmp_path / "disk").faults == ()
    assert files_beneath(fresh.home.path) == keeper.truth()
