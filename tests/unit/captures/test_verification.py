"""The archive is proved to hold what was received, and what isn't so is named."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.entries import Journal
from casualty_pipeline.captures.verification import Sample, Verification, verify_archive
from casualty_pipeline.captures.verified import Verified
from casualty_pipeline.errors import CasualtyError

NOON = datetime(2020, 3, 5, 12, tzinfo=UTC)


def filled(folder: Path, contents: dict[str, bytes], archive: Archive | None = None) -> Archive:
    archive = archive or Archive(folder / "archive")
    files = []
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        files.append((folder / name, name))
    archive.take(files, "field_teams")
    return archive


def only_object(archive: Archive) -> Path:
    (path,) = (archive.root / "objects").glob("??/*")
    return path


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(0o444)


def kinds(result: Verification) -> list[str]:
    return [f.kind for f in result.faults]


def test_an_untouched_archive_has_no_faults(tmp_path: Path) -> None:
    archive = filled(tmp_path, {"a.csv": b"one", "b.csv": b"two", "copy of a.csv": b"one"})
    result = verify_archive(archive)
    assert (result.objects, result.entries, result.size_bytes, result.faults) == (2, 3, 6, ())
    assert (result.hashed, result.hashed_bytes, result.journal_files) == (2, 6, 1)


def test_an_archive_that_is_not_there_yet_has_none_either(tmp_path: Path) -> None:
    result = verify_archive(Archive(tmp_path / "archive"))
    assert (result.objects, result.entries, result.head, result.faults) == (0, 0, None, ())
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return filled(tmp_path_factory.mktemp("flip"), {"a.jpg": bytes(range(256))})


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 255), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found_and_its_capture_named(photo: Archive, position: int, bit: int) -> None:
    flipped = bytearray(range(256))
    flipped[position] ^= 1 << bit
    overwrite(only_object(photo), bytes(flipped))
    (fault,) = verify_archive(photo).faults
    assert (fault.kind, fault.sha256) == ("changed", only_object(photo).name)
    assert "field_teams/a.jpg" in fault.detail


@pytest.mark.parametrize("content", [b"", b"on", b"one and more"])
def test_an_object_of_another_size_is_named_once_also_beside_a_sample(tmp_path: Path, content: bytes) -> None:
    archive = filled(tmp_path, {"a.csv": b"one"})
    overwrite(only_object(archive), content)
    for sample in (None, Sample("2020-03", objects=0)):
        (fault,) = verify_archive(archive, sample=sample).faults
        assert fault.kind == "changed"
        assert f"it had 3 bytes and now has {len(content)} (field_teams/a.csv)" in fault.detail


def test_a_missing_object_is_named_with_the_captures_that_it_was(tmp_path: Path) -> None:
    archive = filled(tmp_path, {"a.csv": b"one"})
    only_object(archive).unlink()
    (fault,) = verify_archive(archive).faults
    assert fault.kind == "missing"
    assert "field_teams/a.csv" in fault.detail


def test_an_object_without_an_entry_is_surplus_until_it_is_taken_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patched, pytest.raises(KilledError):
        patched.setattr(Journal, "add", killed)
        filled(tmp_path, {"a.csv": b"one"})
    archive = Archive(tmp_path / "archive")
    assert kinds(verify_archive(archive)) == ["surplus"]
    archive.take([(tmp_path / "a.csv", "a.csv")], "field_teams")
    assert verify_archive(archive).faults == ()


@pytest.mark.parametrize("name", ["objects/notes.txt", "objects/ab/notes.txt", "objects/00/" + "11" * 32, "objects/a/b/c"])
def test_what_is_no_object_is_surplus(tmp_path: Path, name: str) -> None:
    archive = filled(tmp_path, {"a.csv": b"one"})
    (archive.root / name).parent.mkdir(parents=True, exist_ok=True)
    (archive.root / name).write_bytes(b"one")
    assert kinds(verify_archive(archive)) == ["surplus"]


def test_a_link_in_the_place_of_an_object_is_told(tmp_path: Path) -> None:
    archive = filled(tmp_path, {"a.csv": b"one"})
    path = only_object(archive)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert kinds(verify_archive(archive)) == ["surplus", "missing"]


def test_an_object_that_can_be_written_to_is_told(tmp_path: Path) -> None:
    archive = filled(tmp_path, {"a.csv": b"one"})
    only_object(archive).chmod(0o644)
    assert kinds(verify_archive(archive)) == ["writable"]


# --- the journal vouches for itself


@pytest.fixture
def three(tmp_path: Path) -> Archive:
    """Three deliveries, one after the other."""
    archive = Archive(tmp_path / "archive")
    for number in range(3):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(b"%d" % number)
        archive.take([(path, path.name)], "field_teams", NOON + timedelta(days=number))
    return archive


def entries(archive: Archive) -> list[Path]:
    return sorted((archive.root / "entries").iterdir())


def alter(path: Path) -> None:
    overwrite(path, path.read_bytes().replace(b"field_teams", b"field_reams"))


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_changed_file_of_entries_is_named(three: Archive, which: int) -> None:
    alter(entries(three)[which])
    assert set(kinds(verify_archive(three))) - {"missing", "surplus"} == {"entries changed"}


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_file_of_entries_that_is_gone_is_named(three: Archive, which: int) -> None:
    gone = entries(three)[which]
    gone.unlink()
    found = verify_archive(three).faults
    assert next(f.kind for f in found if f.kind != "surplus") == "entries missing"
    assert gone.name in found[0].detail


def test_a_file_of_entries_that_can_no_longer_be_read_is_a_fault_and_the_rest_is_verified(three: Archive) -> None:
    overwrite(entries(three)[1], b"\xff{")
    result = verify_archive(three)
    assert kinds(result) == ["entries changed", "surplus"]
    assert (result.objects, result.hashed, result.entries) == (3, 3, 2)


def test_a_file_of_entries_that_no_ingest_wrote_is_named(three: Archive) -> None:
    line = json.loads(entries(three)[0].read_text().splitlines()[1]) | {"entry_id": "smuggled", "original_name": "x.csv"}
    (three.root / "entries" / "20200306T000000-smuggled.jsonl").write_text(json.dumps(line) + "\n")
    assert kinds(verify_archive(three)) == ["entries unvouched"]


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"file": "x"}', b"\xff"])
def test_the_loss_of_the_name_of_the_newest_entries_is_told(three: Archive, content: bytes | None) -> None:
    if content is None:
        (three.root / "last.json").unlink()
    else:
        overwrite(three.root / "last.json", content)
    assert any(f.kind.startswith("entries") and "last.json" in f.detail for f in verify_archive(three).faults)


def test_a_file_of_entries_that_can_be_written_to_is_named(three: Archive) -> None:
    entries(three)[1].chmod(0o644)
    assert kinds(verify_archive(three)) == ["entries writable"]


def test_the_loss_of_the_newest_entries_and_of_their_trace_is_found_by_who_wrote_down_their_hash(three: Archive) -> None:
    head = verify_archive(three).head
    assert head is not None
    assert verify_archive(three, head=head).faults == ()
    entries(three)[2].unlink()
    (three.root / "last.json").unlink()
    for path in (three.root / "objects").glob("??/*"):
        if path.read_bytes() == b"2":
            path.unlink()
    assert "entries missing" in kinds(verify_archive(three, head=head))


@pytest.mark.parametrize("kept", [0, 1])
def test_an_ingest_that_was_killed_before_it_named_the_newest_entries_is_no_fault(three: Archive, kept: int) -> None:
    named = [json.loads(p.read_text().splitlines()[0])["previous"] for p in entries(three)]
    overwrite(three.root / "last.json", json.dumps(named[kept + 1][0]).encode())
    assert verify_archive(three).faults == ()


def test_entries_from_before_they_vouched_for_each_other_are_accepted_and_vouched_for_from_then_on(
    three: Archive, tmp_path: Path
) -> None:
    for path in entries(three):
        path.chmod(0o644)
        path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    (three.root / "last.json").unlink()
    assert verify_archive(three).faults == ()
    filled(tmp_path, {"new.csv": b"new"}, three)
    assert verify_archive(three).faults == ()
    alter(entries(three)[0])
    assert kinds(verify_archive(three)) == ["entries changed"]


# --- samples and interrupted passes


def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another(tmp_path: Path) -> None:
    archive = filled(tmp_path, {f"{number}.csv": b"%d" % number for number in range(40)})
    changed = sorted((archive.root / "objects").glob("??/*"))[7]
    overwrite(changed, b"x" * changed.stat().st_size)

    def found(seed: str) -> bool:
        sample = Sample.parse("10%", seed)
        result = verify_archive(archive, sample=sample)
        assert result.hashed == 4
        return bool(result.faults)

    months = [f"2020-{month:02d}" for month in range(1, 13)] + [f"2021-{month:02d}" for month in range(1, 13)]
    verdicts = [found(month) for month in months]
    assert verdicts == [found(month) for month in months]
    assert 0 < sum(verdicts) < len(months)


def test_a_sample_stays_below_its_size(tmp_path: Path) -> None:
    archive = filled(tmp_path, {f"{number}.csv": b"x" * (10 + number) for number in range(20)})
    result = verify_archive(archive, sample=Sample("2020-03", objects=50, largest_bytes=60))
    assert 0 < result.hashed_bytes <= 60


@pytest.mark.parametrize(
    ("text", "hashed"), [("3", 3), ("50", 5), ("1%", 1), ("60%", 3), ("100%", 5), ("0.5%", 1), ("all", 5)]
)
def test_a_sample_is_a_number_or_a_share(tmp_path: Path, text: str, hashed: int) -> None:
    archive = filled(tmp_path, {f"{number}.csv": b"%d" % number for number in range(5)})
    assert verify_archive(archive, sample=Sample.parse(text, "2020-03")).hashed == hashed


@pytest.mark.parametrize("text", ["", "0", "-1", "some", "0%", "101%", "5 %", "٥", "1e3"])
def test_a_sample_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CasualtyError, match=r"expected a number of objects \(50\), a share of them \(5%\), or all"):
        Sample.parse(text, "2020-03")


class StoppedError(BaseException):
    pass


def interrupted_at(position: int) -> Callable[[int, int], None]:
    calls = iter(range(1_000_000))

    def progress(done: int, of: int) -> None:
        assert 0 < done <= of
        if next(calls) == position:
            raise StoppedError

    return progress


def test_a_pass_that_is_interrupted_goes_on_where_it_was(tmp_path: Path) -> None:
    archive = filled(tmp_path, {f"{number}.csv": b"%d" % number for number in range(30)})
    state = tmp_path / "verified.txt"
    verified = Verified(state, NOON)
    with pytest.raises(StoppedError):
        verify_archive(archive, interrupted_at(20), verified=verified)
    verified.close()
    result = verify_archive(archive, verified=Verified(state, NOON + timedelta(hours=1)))
    assert (result.hashed, result.verified_before, result.faults) == (10, 20, ())
    assert not state.exists()
    assert verify_archive(archive, verified=Verified(state, NOON)).hashed == 30


def test_what_changed_during_the_interruption_is_hashed_again(tmp_path: Path) -> None:
    archive = filled(tmp_path, {f"{number}.csv": b"%d" % number for number in range(10, 40)})
    state = tmp_path / "verified.txt"
    verified = Verified(state, NOON)
    with pytest.raises(StoppedError):
        verify_archive(archive, interrupted_at(20), verified=verified)
    verified.close()
    overwrite(sorted((archive.root / "objects").glob("??/*"))[3], b"xx")
    assert kinds(verify_archive(archive, verified=Verified(state, NOON))) == ["changed"]


@pytest.mark.parametrize(
    "spoilt", ["", "not a state", '{"began": 3}\n', '{"began": "2020-02-01T00:00:00+00:00"}\nabc 1 2 3 .\n']
)
def test_a_state_that_is_old_or_none_begins_anew(tmp_path: Path, spoilt: str) -> None:
    state = tmp_path / "verified.txt"
    state.write_text(spoilt)
    assert Verified(state, NOON).known == set()
    state.write_text(json.dumps({"began": (NOON - timedelta(days=6)).isoformat()}) + "\nabc 1 2 3 .\n\nabc 1 2 3")
    assert Verified(state, NOON).known == {("abc", 1, 2, 3)}
    assert Verified(state, NOON, resume=False).known == set()


@pytest.mark.parametrize("harm", [Path.unlink, alter])
def test_a_later_ingest_doesn_t_hide_that_the_newest_entries_are_gone_or_altered(
    three: Archive, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    harm(entries(three)[2])
    filled(tmp_path, {"new.csv": b"new"}, three)
    assert {k for k in kinds(verify_archive(three)) if k.startswith("entries")} == (
        {"entries missing"} if harm is Path.unlink else {"entries changed"}
    )
