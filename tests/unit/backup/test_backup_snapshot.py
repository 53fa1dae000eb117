"""Snapshots: lists of files that can be written, proved and read back, and that are never believed."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.backup.snapshot import File, compose, is_name, never_changes, parse
from casualty_pipeline.errors import CasualtyError

NOON = datetime(2020, 3, 5, 12, tzinfo=UTC)
HASH = "ab" * 32
OBJECT = File(f"archive/objects/ab/{HASH}", HASH, 3)


def named(body: bytes) -> str:
    return f"20200305T120000.000000Z-{hashlib.sha256(body).hexdigest()}"


def listing(path: object = OBJECT.path, sha256: object = HASH, size: object = 3, profile: object = "") -> bytes:
    files = [{"path": path, "sha256": sha256, "size": size}]
    return json.dumps({"format": 1, "made_at": "", "previous": None, "profile": profile, "files": files}).encode()


def test_a_snapshot_reads_back_as_it_was_made() -> None:
    entry = File("archive/entries/20200305T120000-abc.jsonl", "cd" * 32, 7)
    made, body = compose([OBJECT, entry], "atlantis", None, "casualty", NOON)
    assert parse(made.name, body) == made
    assert made.entries == {entry.path: entry.sha256}


def test_its_name_is_its_moment_and_the_hash_of_its_bytes() -> None:
    made, body = compose([OBJECT], "", None, "casualty", NOON)
    assert made.name == named(body)
    assert is_name(made.name)


def test_equal_homes_at_equal_moments_give_equal_bytes() -> None:
    entry = File("archive/entries/1.jsonl", HASH, 3)
    assert compose([OBJECT, entry], "", None, "c", NOON) == compose([entry, OBJECT], "", None, "c", NOON)


def test_a_clock_that_was_set_back_makes_no_snapshot_look_old() -> None:
    first, _ = compose([OBJECT], "", None, "casualty", NOON)
    second, _ = compose([OBJECT], "", first.name, "casualty", NOON - timedelta(days=900))
    assert second.name > first.name
    assert second.made_at.startswith("2017")


def test_a_changed_snapshot_is_refused() -> None:
    made, body = compose([OBJECT], "", None, "casualty", NOON)
    with pytest.raises(CasualtyError, match="damaged: its bytes no longer have the hash in its name"):
        parse(made.name, body.replace(b'"size":3', b'"size":4'))


@pytest.mark.parametrize(
    "path",
    [
        *(
            "../../x",
            "/etc/passwd",
            "archive/entries/../../../x",
            "sources/./x",
            "sources//x",
            "sources/a\\..\\b",
            "sources/",
        ),
        *("sources/.ssh/authorized_keys", "sources/a\nb", "sources/a\0b", "warehouse.duckdb", "dagster/dagster.yaml"),
        *("inbox/a/b.csv", "archive/incoming/x", f"archive/objects/cd/{HASH}", "archive/objects/ab/x", "atlantis/x", ""),
        *(1, None, ["sources/x"]),
    ],
)
def test_a_file_that_no_home_would_hold_is_refused(path: object) -> None:
    body = listing(path)
    with pytest.raises(CasualtyError, match=r"refused|isn't a list of files"):
        parse(named(body), body)


@pytest.mark.parametrize("profile", ["..", "/", ".ssh", "a/../..", 1, ["x"]])
def test_a_profile_that_is_no_folder_of_the_home_is_refused(profile: object) -> None:
    body = listing(profile=profile)
    with pytest.raises(CasualtyError, match=r"refused|isn't a list of files"):
        parse(named(body), body)


@pytest.mark.parametrize(("sha256", "size"), [("AB" * 32, 3), ("ab", 3), (HASH, -1), (HASH, "3"), (HASH, 0.5), (None, 3)])
def test_a_file_without_hash_and_size_is_refused(sha256: object, size: object) -> None:
    body = listing("sources/x.toml", sha256, size)
    with pytest.raises(CasualtyError, match=r"refused|isn't a list of files"):
        parse(named(body), body)


def test_a_later_format_says_that_a_newer_program_is_needed() -> None:
    body = listing().replace(b'"format": 1', b'"format": 2')
    with pytest.raises(CasualtyError, match="of format 2, this program reads format 1: use a newer one"):
        parse(named(body), body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["format", "files", "path", "x"]), inner),
    max_leaves=4,
)


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_bytes_a_snapshot_has_it_is_read_or_refused(body: bytes) -> None:
    with pytest.raises(CasualtyError):
        parse(named(body), body)


@given(st.text(max_size=30))
def test_no_path_that_is_accepted_leaves_the_home(path: str) -> None:
    body = listing(f"sources/{path}")
    try:
        (file,) = parse(named(body), body).files
    except CasualtyError:
        return
    assert ".." not in file.path.split("/")
    assert not file.path.startswith("/")


def test_objects_and_editions_never_change_and_settings_may() -> None:
    assert never_changes(OBJECT.path)
    assert never_changes("published/2020-03/edition-1/open/figures.csv")
    assert not never_changes("published/index.html")
    assert not never_changes("sources/harbour_log.toml")
