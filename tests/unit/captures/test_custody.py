"""What senders say of their files is read, compared with the bytes, and kept whether it fits or not."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.archive import Archive, Delivery
from casualty_pipeline.captures.custody import Given, read_accompanying
from casualty_pipeline.captures.entries import Entry
from casualty_pipeline.captures.inbox import files_of

NOON = datetime(2020, 3, 5, 12, tzinfo=UTC)
PHOTO, VIDEO = b"\xff\xd8\xff photo", b"\0\0\0\x18ftypmp42 video"


def digest(content: bytes, algorithm: str = "sha256") -> str:
    return hashlib.new(algorithm, content).hexdigest()


def receive(folder: Path, contents: Mapping[str, Any], given: Given | None = None, to: str = "first") -> Delivery:
    delivered = folder / to
    for name, content in contents.items():
        path = delivered / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Archive(folder / "archive").receive(files_of([delivered]), "field", given or Given(received_at=NOON))


def named(delivery: Delivery, name: str) -> Entry:
    (entry,) = [e for e in delivery.entries if e.original_name == name]
    return entry


def verdicts(delivery: Delivery, name: str) -> list[tuple[str, bool]]:
    return [(c["algorithm"], c["verified"]) for c in named(delivery, name).claimed_hashes]


# --- custody.csv


def test_custody_csv_says_of_each_file_where_it_comes_from(tmp_path: Path) -> None:
    rows = (
        "file,original_url,archive_url,collector,tool,access_level,received_at\n"
        "a.jpg,https://example.org/1,https://archive.example/1,Sela,camera 2.1,open,2020-03-01T08:00:00+03:00\n"
    )
    given = Given(collector="desk", tool="scanner", access_level="restricted", received_at=NOON)
    delivery = receive(tmp_path, {"a.jpg": PHOTO, "b.mp4": VIDEO, "custody.csv": rows}, given)
    told, untold, custody = (named(delivery, name) for name in ("a.jpg", "b.mp4", "custody.csv"))
    assert (told.original_url, told.archive_url) == ("https://example.org/1", "https://archive.example/1")
    assert (told.collector, told.tool, told.access_level) == ("Sela", "camera 2.1", "open")
    assert told.received_at == "2020-03-01T05:00:00+00:00"
    assert (untold.original_url, untold.collector, untold.tool) == (None, "desk", "scanner")
    assert (untold.access_level, untold.received_at) == ("restricted", NOON.isoformat())
    assert (told.role, untold.role, custody.role) == ("capture", "capture", "checksums")
    assert delivery.findings == []


def test_a_wrong_row_is_refused_with_its_line_and_its_file_is_taken_in(tmp_path: Path) -> None:
    rows = (
        "file,original_url,access_level,received_at,sha256\n"
        "a.jpg,not an address,,,\n"
        "b.jpg,,secret,,\n"
        "c.jpg,,,yesterday,\n"
        "d.jpg,,,,12\n"
        "e.jpg,https://example.org/5,,,\n"
        "e.jpg,https://example.org/6,,,\n"
        "f.jpg,,,,\n"
    )
    contents = {f"{letter}.jpg": PHOTO + letter.encode() for letter in "abcde"}
    delivery = receive(tmp_path, {**contents, "custody.csv": rows})
    assert len(delivery.entries) == 6
    assert [finding.partition(":")[0] for finding in delivery.findings] == [
        f"custody.csv, line {n}" for n in (2, 3, 4, 5, 7, 8)
    ]
    assert "access level 'secret': expected one of open, restricted, confidential" in delivery.findings[1]
    assert "received_at 'yesterday': expected ISO 8601" in delivery.findings[2]
    assert named(delivery, "e.jpg").original_url == "https://example.org/5"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name,url\na.jpg,x\n", "expected the column 'file'"),
        (b"", "expected the column 'file'"),
        (b"file,colour\na.jpg,red\n", "unknown column 'colour' is not read"),
        (b"file\n\xe9.jpg\n", "expected text in UTF-8"),
    ],
)
def test_a_custody_csv_that_cannot_be_read_is_told_and_kept(tmp_path: Path, content: bytes, reason: str) -> None:
    delivery = receive(tmp_path, {"a.jpg": PHOTO, "custody.csv": content})
    assert len(delivery.entries) == 2
    assert reason in delivery.findings[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_custody_csv_may_come_as_excel_saves_it(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = separator.join(("file", "collector", "tool")) + "\r\n" + separator.join(("صورة.jpg", "Sela", "")) + "\r\n"
    delivery = receive(tmp_path, {"صورة.jpg": PHOTO, "custody.csv": rows.encode(encoding)})
    assert named(delivery, "صورة.jpg").collector == "Sela"


def test_what_is_said_later_of_a_file_that_came_earlier_is_kept_where_it_stands(tmp_path: Path) -> None:
    receive(tmp_path, {"a.jpg": PHOTO})
    late = receive(tmp_path, {"custody.csv": "file,tool\na.jpg,camera\n"})
    assert [e.original_name for e in late.entries] == ["custody.csv"]
    assert late.warnings == ["a.jpg: came earlier; what is now said of it stands in the list, not at it"]


# --- lists of hashes


@pytest.mark.parametrize(
    ("name", "content", "algorithms"),
    [
        ("SHA256SUMS", f"{digest(PHOTO)}  a.jpg\n", ["sha256"]),
        ("sha256sum.txt", f"{digest(PHOTO)} *./a.jpg\r\n", ["sha256"]),
        ("MD5SUMS", f"{digest(PHOTO, 'md5').upper()}  a.jpg\n", ["md5"]),
        ("checksums.txt", f"# by hand\n{digest(PHOTO, 'sha1')} a.jpg\n{digest(PHOTO)} a.jpg\n", ["sha1", "sha256"]),
        ("a.jpg.sha512", digest(PHOTO, "sha512"), ["sha512"]),
        ("a.jpg.md5", f"{digest(PHOTO, 'md5')}\n", ["md5"]),
        ("delivery.sha256", f"SHA256 (a.jpg) = {digest(PHOTO)}\n", ["sha256"]),
        ("checksums", f"SHA2-256(a.jpg)= {digest(PHOTO)}\nSHA1(a.jpg)= {digest(PHOTO, 'sha1')}\n", ["sha256", "sha1"]),
        ("hashdeep.txt", f"%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## $ hashdeep\n9,{digest(PHOTO, 'md5')},"
         f"{digest(PHOTO)},a.jpg\n", ["md5", "sha256"]),
    ],
)  # fmt: skip
def test_a_list_of_hashes_is_read_as_its_tool_writes_it(
    tmp_path: Path, name: str, content: str, algorithms: list[str]
) -> None:
    delivery = receive(tmp_path, {"a.jpg": PHOTO, name: content})
    assert delivery.findings == []
    assert sorted(verdicts(delivery, "a.jpg")) == sorted((algorithm, True) for algorithm in algorithms)
    assert named(delivery, name).role == "checksums"


def test_a_bagit_manifest_speaks_of_its_payload(tmp_path: Path) -> None:
    manifest = f"{digest(PHOTO)}  data/a%25.jpg\n{digest(VIDEO)}  data/sub/b.mp4\n"
    contents = {"bag/data/a%.jpg": PHOTO, "bag/data/sub/b.mp4": VIDEO, "bag/manifest-sha256.txt": manifest}
    delivery = receive(tmp_path, contents)
    assert delivery.findings == []
    assert verdicts(delivery, "bag/data/a%.jpg") == verdicts(delivery, "bag/data/sub/b.mp4") == [("sha256", True)]


def test_a_name_may_be_escaped_or_decomposed(tmp_path: Path) -> None:
    lines = f"\\{digest(PHOTO)}  two\\nlines.jpg\n{digest(VIDEO)}  cafe\u0301.mp4\n"
    delivery = receive(tmp_path, {"two\nlines.jpg": PHOTO, "caf\u00e9.mp4": VIDEO, "SHA256SUMS": lines})
    assert delivery.findings == []
    assert verdicts(delivery, "two\nlines.jpg") == verdicts(delivery, "caf\u00e9.mp4") == [("sha256", True)]


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_a_hash_that_does_not_fit_is_told_and_recorded_and_the_file_taken_in(tmp_path: Path, algorithm: str) -> None:
    claimed = digest(b"what the sender had", algorithm)
    delivery = receive(tmp_path, {"a.jpg": PHOTO, "a.jpg." + algorithm: f"{claimed}  a.jpg\n"})
    entry = named(delivery, "a.jpg")
    assert Archive(tmp_path / "archive").object_path(entry.sha256).read_bytes() == PHOTO
    assert entry.claimed_hashes == (
        {"algorithm": algorithm, "value": claimed, "given_by": f"a.jpg.{algorithm}", "verified": False},
    )
    assert delivery.findings == [
        f"a.jpg.{algorithm}, line 1: {algorithm} of 'a.jpg' doesn't fit: claimed {claimed}, "
        f"the bytes have {digest(PHOTO, algorithm)}"
    ]


def test_a_hash_that_does_not_fit_is_told_again_as_long_as_the_folder_is_as_it_was(tmp_path: Path) -> None:
    contents = {"a.jpg": PHOTO, "MD5SUMS": f"{digest(VIDEO, 'md5')}  a.jpg\n"}
    assert len(receive(tmp_path, contents).findings) == 1
    again = receive(tmp_path, contents)
    assert (again.entries, len(again.findings)) == ([], 1)


def test_a_list_may_come_after_its_files(tmp_path: Path) -> None:
    receive(tmp_path, {"a.jpg": PHOTO, "b.mp4": VIDEO})
    lines = f"{digest(PHOTO, 'sha1')}  a.jpg\n{digest(PHOTO, 'sha1')}  b.mp4\n{digest(PHOTO, 'sha1')}  c.jpg\n"
    late = receive(tmp_path, {"SHA1SUMS": lines}, to="second")
    said = [(c["file"], c["verified"]) for c in named(late, "SHA1SUMS").claimed_hashes]
    assert said == [("a.jpg", True), ("b.mp4", False), ("c.jpg", None)]
    assert "it came earlier, and its bytes have" in late.findings[0]
    assert "there is no such file, in this delivery or from this source before" in late.findings[1]


def test_a_list_may_come_with_files_that_came_before(tmp_path: Path) -> None:
    contents = {"a.jpg": PHOTO, "b.mp4": VIDEO}
    receive(tmp_path, contents)
    again = receive(tmp_path, {**contents, "SHA256SUMS": f"{digest(PHOTO)}  a.jpg\n{digest(PHOTO)}  b.mp4\n"})
    (entry,) = again.entries
    assert [(c["file"], c["verified"]) for c in entry.claimed_hashes] == [("a.jpg", True), ("b.mp4", False)]
    assert len(again.findings) == 1


def test_lines_that_are_none_are_told_with_their_number(tmp_path: Path) -> None:
    lines = f"not a hash\n{digest(PHOTO)[:40]}  a.jpg\n{digest(PHOTO)}  SHA256SUMS\n{digest(PHOTO)}  a.jpg\n"
    delivery = receive(tmp_path, {"a.jpg": PHOTO, "SHA256SUMS": lines})
    assert [finding.partition(":")[0] for finding in delivery.findings] == [f"SHA256SUMS, line {n}" for n in (1, 2, 3)]
    assert verdicts(delivery, "a.jpg") == [("sha256", True)]


def test_what_is_only_named_like_a_list_is_a_capture(tmp_path: Path) -> None:
    delivery = receive(tmp_path, {"notes.md5": "a letter\n"})
    assert named(delivery, "notes.md5").role == "capture"
    assert "named as a list of hashes, but holds none" in delivery.findings[-1]


def test_a_name_that_points_outside_of_the_delivery_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(PHOTO)
    lines = f"{digest(PHOTO)}  ../secret\n{digest(PHOTO)}  {tmp_path}/secret\n"
    delivery = receive(tmp_path, {"a.jpg": VIDEO, "SHA256SUMS": lines})
    assert [c["verified"] for c in named(delivery, "SHA256SUMS").claimed_hashes] == [None, None]


_LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.builds("{}  {}".format, st.text("0123456789abcdef", min_size=30, max_size=66), st.text(max_size=12)),
        st.sampled_from(
            ["%%%% size,md5,sha256,filename", "1,2,3,4", "file,sha256", '"a', "SHA256 (a) = 00", "\0", "\\" * 40]
        ),
    ),
    max_size=8,
).map("\n".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=200), _LINES.map(lambda text: text.encode("utf-8", "surrogatepass"))))
@pytest.mark.parametrize("name", ["SHA256SUMS", "checksums", "manifest-md5.txt", "hashdeep.log", "custody.csv"])
def test_no_list_is_too_strange_to_be_told(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = read_accompanying([(tmp_path / name, name), (tmp_path / "a.jpg", "a.jpg")])
    assert all(len(claim.value) in {32, 40, 56, 64, 96, 128} for claim in found.claims)
    assert all(problem.startswith(name) for problem in found.problems)
