"""`casualty ingest` and `casualty verify` as people use them: what is said, and with which exit."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "photo.jpg").write_bytes(b"%PDF-1.7 not a photo")
    (folder / "custody.csv").write_text("file,original_url\nphoto.jpg,https://example.org/1\nlost.jpg,\n")
    (folder / "SHA256SUMS").write_text("0" * 64 + "  photo.jpg\n")
    return folder


def test_what_does_not_fit_is_told_with_exit_1_and_everything_is_taken_in(empty: Any, delivery: Path) -> None:
    told = empty("ingest", delivery, "--source", "airwars", "--tool", "scanner 2", "--access-level", "restricted")
    assert told.returncode == 1
    assert "3 of 3 files are new in the archive" in told.stderr
    assert "warning: photo.jpg: its name promises image/jpeg, its bytes are application/pdf" in told.stderr
    assert "custody.csv, line 3: the file 'lost.jpg' is not in this delivery" in told.stderr
    assert "SHA256SUMS, line 1: sha256 of 'photo.jpg' doesn't fit: claimed 0000" in told.stderr
    (listed,) = (empty.home / "archive" / "entries").glob("*.jsonl")
    entries = {e["original_name"]: e for e in map(json.loads, listed.read_text().splitlines()[1:])}
    photo = entries["photo.jpg"]
    assert (photo["original_url"], photo["tool"], photo["access_level"]) == (
        "https://example.org/1",
        "scanner 2",
        "restricted",
    )
    assert [c["verified"] for c in photo["claimed_hashes"]] == [False]

    verified = empty("verify", "--format", "json")
    found = json.loads(verified.stdout)
    assert (verified.returncode, found["objects"], found["entries"], found["faults"]) == (0, 3, 3, [])
    assert found["head"] == hashlib.sha256(listed.read_bytes()).hexdigest()

    path = empty.home / "archive" / "objects" / photo["sha256"][:2] / photo["sha256"]
    path.chmod(0o644)
    path.write_bytes(b"%PDF-1.7 not a phot0")
    told = empty("verify", "--head", "f" * 64)
    assert told.returncode == 1
    assert {line.partition("  ")[0] for line in told.stdout.splitlines()} == {"changed", "writable", "entries missing"}
    assert "airwars/photo.jpg" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (
            ("ingest", "{delivery}", "--source", "airwars", "--access-level", "secret"),
            "access level 'secret': expected one of",
        ),
        (("verify", "--sample", "some"), "sample 'some': expected a number of objects (50), a share of them (5%), or all"),
    ],
)
def test_wrong_use_is_answered_in_a_sentence(empty: Any, delivery: Path, arguments: tuple[str, ...], answer: str) -> None:
    told = empty(*(a.format(delivery=delivery) for a in arguments))
    assert told.returncode == 2
    assert answer in told.stderr
    assert "Traceback" not in told.stderr
