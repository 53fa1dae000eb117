"""Backups: everything that can't be rebuilt, what is new only, and nothing wrong over anything right."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casualty_pipeline.backup import Backup, back_up, open_target, restore
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from tests.unit.backup.conftest import Keeper, files_beneath, flip_a_bit, kinds, no_file_larger_than

ONDO = "no,who\n1,Ondo Varr\n"


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """Where the backup goes: a folder that isn't there yet."""
    return tmp_path / "disk"


def backed_up(home: Home, disk: Path, *, full: bool = False, dry_run: bool = False) -> Backup:
    return back_up(home, open_target(str(disk), home.path, for_writing=True), full=full, dry_run=dry_run)


def snapshots(disk: Path) -> list[Path]:
    return sorted((disk / "snapshots").glob("*.json"))


def copy_in(disk: Path, path: Path) -> Path:
    """The target's copy of an archived object."""
    return disk / "objects" / path.name[:2] / path.name


def test_a_backup_holds_all_that_cannot_be_rebuilt_and_nothing_else(keeper: Keeper, disk: Path) -> None:
    made = backed_up(keeper.home, disk)
    (snapshot,) = snapshots(disk)
    listed = {f["path"]: f["sha256"] for f in json.loads(snapshot.read_bytes())["files"]}
    assert listed == keeper.truth()
    assert (made.fresh, made.files, made.faults) == (True, len(listed), ())
    assert {f"objects/{sha[:2]}/{sha}" for sha in listed.values()} == {
        path for path in files_beneath(disk) if path.startswith("objects/")
    }


def test_settings_and_a_profile_in_the_home_are_part_of_it(keeper: Keeper, disk: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "fixtures/profiles/atlantis", keeper.home.path / "atlantis")
    keeper.writes("casualty.toml", 'profile = "atlantis"\n')
    backed_up(keeper.home, disk)
    listed = {f["path"] for f in json.loads(snapshots(disk)[0].read_bytes())["files"]}
    assert {"casualty.toml", "atlantis/profile.toml"} <= listed
    assert listed == keeper.truth().keys()


def test_the_bytes_can_be_had_without_this_program(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    assert copy_in(disk, keeper.object(ONDO)).read_text() == ONDO


def test_a_second_backup_of_300_objects_sends_nothing_and_makes_no_snapshot(
    another: Callable[[str], Keeper], disk: Path
) -> None:
    keeper = another("many")
    keeper.takes(*(f"no,who\n{number},Ondo Varr\n" for number in range(300)))
    assert len(backed_up(keeper.home, disk).sent) == 302  # with the file of entries, and the name of the newest
    before = files_beneath(disk)
    again = backed_up(keeper.home, disk)
    assert (again.sent, again.fresh, again.faults) == ((), False, ())
    assert files_beneath(disk) == before


def test_only_what_is_new_is_sent_and_the_earlier_snapshot_stays(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    before = files_beneath(disk)
    keeper.takes("no,who\n3,Tamo Keld\n")
    keeper.writes("sources/harbour_log.toml", 'id = "harbour_log"\nname = "Renamed"\ntables = []\n')
    made = backed_up(keeper.home, disk)
    assert [f.path.split("/")[1] for f in made.sent] == ["last.json", "objects", "harbour_log.toml", "entries"]
    assert before.items() <= files_beneath(disk).items()
    first, second = snapshots(disk)
    assert json.loads(second.read_bytes())["previous"] == first.stem


def test_a_large_object_is_sent_in_parts(keeper: Keeper, disk: Path) -> None:
    large = "ء" * (6 << 20)
    keeper.takes(large)
    backed_up(keeper.home, disk)
    assert copy_in(disk, keeper.object(large)).read_bytes() == large.encode()


@pytest.mark.parametrize("text", [ONDO, "x" * (6 << 20)], ids=["small", "large"])
def test_an_object_with_wrong_bytes_is_not_sent(keeper: Keeper, disk: Path, text: str) -> None:
    keeper.takes(text, source="other")
    flip_a_bit(keeper.object(text))
    made = backed_up(keeper.home, disk)
    assert kinds(made.faults) == [("changed", keeper.object(text).name)]
    assert not copy_in(disk, keeper.object(text)).exists()
    assert keeper.object(text).name not in snapshots(disk)[0].read_text()


def test_an_object_cut_short_at_home_leaves_the_good_copy_and_stays_in_the_snapshot(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    keeper.object(ONDO).chmod(0o644)
    keeper.object(ONDO).write_text("no,who\n")
    made = backed_up(keeper.home, disk)
    assert (kinds(made.faults), made.fresh) == ([("changed", keeper.object(ONDO).name)], False)
    assert copy_in(disk, keeper.object(ONDO)).read_text() == ONDO


def test_an_object_that_the_home_lost_is_named_and_stays_in_new_snapshots(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    keeper.object(ONDO).unlink()
    keeper.takes("no,who\n3,Tamo Keld\n")
    made = backed_up(keeper.home, disk)
    assert (kinds(made.faults), made.fresh) == ([("missing", keeper.object(ONDO).name)], True)
    restore(open_target(str(disk), keeper.home.path, for_writing=False), keeper.home)
    assert keeper.object(ONDO).read_text() == ONDO


def test_an_edition_that_was_changed_after_publication_is_a_fault_and_the_first_bytes_are_kept(
    keeper: Keeper, disk: Path
) -> None:
    backed_up(keeper.home, disk)
    first = snapshots(disk)[0].read_bytes()
    keeper.writes("published/2001-07/edition-1/manifest.json", '{"altered": true}\n')
    made = backed_up(keeper.home, disk)
    assert (kinds(made.faults), made.fresh) == ([("changed", "manifest.json")], False)
    assert [p.read_bytes() for p in snapshots(disk)] == [first]


def test_a_full_check_finds_a_flipped_bit_in_the_target_and_sends_the_object_again(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    flip_a_bit(copy_in(disk, keeper.object(ONDO)))
    assert backed_up(keeper.home, disk).faults == ()  # the size is right, and without --full nothing is read
    made = backed_up(keeper.home, disk, full=True)
    assert kinds(made.faults) == [("replaced", keeper.object(ONDO).name)]
    assert copy_in(disk, keeper.object(ONDO)).read_text() == ONDO
    assert backed_up(keeper.home, disk, full=True).faults == ()


def test_what_neither_the_target_nor_the_home_has_any_more_is_lost_and_named(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    flip_a_bit(copy_in(disk, keeper.object(ONDO)))
    keeper.object(ONDO).unlink()
    made = backed_up(keeper.home, disk, full=True)
    assert ("lost", keeper.object(ONDO).name) in kinds(made.faults)


def test_an_object_that_went_missing_in_the_target_is_sent_again(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    copy_in(disk, keeper.object(ONDO)).unlink()
    made = backed_up(keeper.home, disk)
    assert [f.path.rpartition("/")[2] for f in made.sent] == [keeper.object(ONDO).name]
    assert not made.fresh


def test_an_earlier_snapshot_whose_objects_are_gone_is_found_by_a_full_check(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    old = next(p for p in (disk / "objects").rglob("*") if p.is_file() and b"The harbour's log" in p.read_bytes())
    keeper.writes("sources/harbour_log.toml", 'id = "harbour_log"\nname = "Renamed"\ntables = []\n')
    backed_up(keeper.home, disk)
    old.unlink()
    assert kinds(backed_up(keeper.home, disk, full=True).faults) == [("lost", "harbour_log.toml")]


def test_a_damaged_newest_snapshot_is_named_and_a_new_one_takes_its_place(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    keeper.takes("no,who\n3,Tamo Keld\n")
    newest = snapshots(disk)[0].with_name(f"{backed_up(keeper.home, disk).snapshot}.json")
    flip_a_bit(newest)
    made = backed_up(keeper.home, disk)
    assert (kinds(made.faults), made.fresh) == ([("damaged", newest.name)], True)
    target = open_target(str(disk), keeper.home.path, for_writing=False)
    assert restore(target, keeper.home).snapshot == made.snapshot


def test_a_target_whose_snapshots_are_all_damaged_is_left_alone(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    flip_a_bit(snapshots(disk)[0])
    before = files_beneath(disk)
    with pytest.raises(CasualtyError, match=r"none of the 1 snapshots in .* is whole"):
        backed_up(keeper.home, disk)
    assert files_beneath(disk) == before


def test_a_target_of_a_later_program_is_left_alone(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    body = snapshots(disk)[0].read_bytes().replace(b'"format":1', b'"format":2')
    later = f"29990101T000000.000000Z-{hashlib.sha256(body).hexdigest()}.json"
    (disk / "snapshots" / later).write_bytes(body)
    keeper.takes("no,who\n3,Tamo Keld\n")
    before = files_beneath(disk)
    with pytest.raises(CasualtyError, match="of format 2, this program reads format 1: use a newer one"):
        backed_up(keeper.home, disk)
    assert files_beneath(disk) == before


def test_two_homes_in_one_target_are_refused(keeper: Keeper, another: Callable[[str], Keeper], disk: Path) -> None:
    backed_up(keeper.home, disk)
    before = files_beneath(disk)
    other = another("other")
    other.takes("no,who\n9,Brin Osk\n")
    with pytest.raises(CasualtyError, match=r"1 entries that this home lacks .* a backup belongs to one home"):
        backed_up(other.home, disk)
    assert files_beneath(disk) == before


def test_a_copy_of_a_home_that_went_its_own_way_is_another_home(
    keeper: Keeper, another: Callable[[str], Keeper], disk: Path, tmp_path: Path
) -> None:
    shutil.copytree(keeper.home.path, tmp_path / "copy")
    keeper.takes("no,who\n3,Tamo Keld\n")
    backed_up(keeper.home, disk)
    with pytest.raises(CasualtyError, match="a backup belongs to one home"):
        backed_up(another("copy").home, disk)


def test_an_entry_that_was_altered_stops_the_backup(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    (entry,) = keeper.home.archive.glob("entries/*.jsonl")
    flip_a_bit(entry)
    with pytest.raises(CasualtyError, match=f"lacks or has otherwise, archive/entries/{entry.name} first"):
        backed_up(keeper.home, disk)


def test_a_dry_run_says_what_it_would_send_and_writes_nothing(keeper: Keeper, disk: Path) -> None:
    assert {f.path for f in backed_up(keeper.home, disk, dry_run=True).sent} == keeper.truth().keys()
    assert not disk.exists()


def test_links_and_what_does_not_belong_in_the_archive_are_named_and_left_out(keeper: Keeper, disk: Path) -> None:
    (keeper.home.sources / "linked.toml").symlink_to("/etc/hostname")
    (keeper.home.sources / "folder").symlink_to("/etc")
    keeper.writes("archive/objects/ab/notes.txt", "what is this?")
    os.mkfifo(keeper.home.sources / "pipe.toml")
    made = backed_up(keeper.home, disk)
    skipped = ["notes.txt", "folder", "linked.toml", "pipe.toml"]
    assert kinds(made.faults) == [("skipped", name) for name in skipped]
    assert len(made.sent) == len(keeper.truth()) - 2  # the link to a file, and the notes


@pytest.mark.parametrize(
    ("name", "told"), [(b"caf\xe9.toml", "no name that every system can hold"), (b"a\nb.toml", "no name that every system")]
)
def test_a_name_that_cannot_be_written_down_is_named_and_left_out(
    keeper: Keeper, disk: Path, name: bytes, told: str
) -> None:
    Path(os.fsdecode(os.fsencode(keeper.home.sources) + b"/" + name)).write_text("x")
    (fault,) = backed_up(keeper.home, disk).faults
    assert told in fault.detail
    assert fault.path.isprintable()


def test_a_profile_that_cannot_be_read_stops_no_backup(keeper: Keeper, disk: Path) -> None:
    keeper.writes("casualty.toml", "profile = \n")
    made = backed_up(keeper.home, disk)
    assert (kinds(made.faults), made.fresh) == ([("unreadable", "casualty.toml")], True)


def test_a_disk_that_was_formatted_is_an_empty_target(keeper: Keeper, disk: Path) -> None:
    (disk / "lost+found").mkdir(parents=True)
    (disk / ".Trash-1000").mkdir()
    assert backed_up(keeper.home, disk).fresh


def test_the_folder_that_a_backup_makes_is_for_its_owner_alone(keeper: Keeper, disk: Path) -> None:
    backed_up(keeper.home, disk)
    assert disk.stat().st_mode & 0o777 == 0o700


def test_two_backups_at_one_moment_have_their_order(keeper: Keeper, disk: Path) -> None:
    moment = datetime(2020, 3, 5, tzinfo=UTC)
    made = []
    for text in ("a", "b"):
        keeper.takes(text)
        made.append(back_up(keeper.home, open_target(str(disk), keeper.home.path, for_writing=True), now=moment).snapshot)
    assert made == [p.stem for p in snapshots(disk)]


WRONG = {
    "a file": ("file", "is a file: expected a folder"),
    "a folder within the home": ("home/copies", "lies within the home"),
    "the home": ("home", "lies within the home"),
    "a folder of something else": ("photos", r"holds something else than a backup \(holiday.jpg\)"),
    "a disk that isn't mounted": ("nowhere/disk", "nowhere doesn't exist: is the disk mounted"),
    "beneath a file": ("file/disk", "file doesn't exist|is not"),
    "links in a circle": ("circle", "can't use|is a file|Symlink loop"),
    "another scheme": ("gs://bucket/x", "gs:// is not a target: expected a folder, or s3://bucket/prefix"),
    "no bucket": ("s3:///x", "names no bucket"),
    "no credentials": ("s3://bucket/x", "no credentials for S3: set AWS_ACCESS_KEY_ID"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_target_is_refused_in_a_sentence(
    keeper: Keeper, tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    (tmp_path / "file").write_text("x")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/holiday.jpg").write_text("x")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    given, told = WRONG[case]
    with pytest.raises(CasualtyError, match=told):
        open_target(given if "://" in given else str(tmp_path / given), keeper.home.path, for_writing=True)


def test_credentials_on_the_command_line_are_refused_and_not_repeated(keeper: Keeper) -> None:
    with pytest.raises(CasualtyError) as refused:
        open_target("s3://key:hunter2@bucket/x", keeper.home.path, for_writing=True)
    assert "hunter2" not in str(refused.value)
    assert "AWS_SECRET_ACCESS_KEY" in str(refused.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused_in_a_sentence(keeper: Keeper, disk: Path) -> None:
    disk.mkdir(mode=0o500)
    with pytest.raises(CasualtyError, match="Permission denied"):
        backed_up(keeper.home, disk)


def test_no_home_and_an_empty_one_have_nothing_to_back_up(tmp_path: Path, disk: Path) -> None:
    with pytest.raises(CasualtyError, match="no home at"):
        backed_up(Home(tmp_path / "nowhere"), disk)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CasualtyError, match="nothing to back up"):
        backed_up(Home(tmp_path / "empty"), disk)
    assert not disk.exists()


def test_a_disk_that_takes_no_more_is_said_and_the_backup_goes_on_later(keeper: Keeper, disk: Path) -> None:
    keeper.takes("x" * 100_000)
    with no_file_larger_than(50_000), pytest.raises(CasualtyError, match=r"can't write to .*disk: File too large"):
        backed_up(keeper.home, disk)
    assert snapshots(disk) == []
    assert backed_up(keeper.home, disk).fresh
    assert backed_up(keeper.home, disk, full=True).faults == ()


def test_a_dry_run_tells_a_backup_that_lacks_only_its_list_from_one_that_is_complete(keeper: Keeper, disk: Path) -> None:
    """As a kill leaves it between the last object and the snapshot."""
    assert backed_up(keeper.home, disk, dry_run=True).fresh
    backed_up(keeper.home, disk)
    assert not backed_up(keeper.home, disk, dry_run=True).fresh
    (snapshot,) = (disk / "snapshots").iterdir()
    snapshot.unlink()
    told = backed_up(keeper.home, disk, dry_run=True)
    assert (told.sent, told.fresh, told.snapshot) == ((), True, None)
