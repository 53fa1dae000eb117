"""What a WARC file or WACZ package says, record by record, and what of it is refused."""

import base64
import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from casualty_pipeline.captures.connectors.batch import Batch
from casualty_pipeline.captures.connectors.web_archive import CONNECTOR, LONGEST_TEXT
from casualty_pipeline.captures.connectors.web_archive.warc import LARGEST_KEPT, Damage, Record, read_records
from tests.fixtures import web_exports as exports

HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("web_archive")


def read(folder: Path, content: bytes, name: str = "crawl.warc.gz") -> Batch:
    path = folder / "capture"
    path.write_bytes(content)
    return exports.read_capture(CONNECTOR, path, name)


def record(block: bytes, length: int | None = None, **headers: str) -> bytes:
    """A response record as it stands in a plain WARC file."""
    fields = {
        "WARC_Type": "response",
        "WARC_Target_URI": exports.PAGE_URL,
        "WARC_Date": exports.CAPTURED,
        "Content_Type": "application/http; msgtype=response",
        "Content_Length": str(len(block) if length is None else length),
    } | headers
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def page(html: str | bytes, headers: bytes = b"") -> bytes:
    return HTTP + headers + b"\r\n" + (html if isinstance(html, bytes) else html.encode())


def sha1(content: bytes) -> str:
    return f"sha1:{base64.b32encode(hashlib.sha1(content).digest()).decode()}"


def reasons(batch: Batch) -> list[tuple[str | None, str]]:
    return [(r.pointer, r.reason) for _, r in batch.rejections]


@pytest.mark.parametrize("packed", [True, False])
def test_records_and_offsets_are_those_that_warcio_finds(packed: bool) -> None:
    content = exports.warc_bytes(gzip=packed)
    ours = [r for r in read_records(io.BytesIO(content), len(content), lambda _: True) if isinstance(r, Record)]
    theirs = []
    iterator = ArchiveIterator(io.BytesIO(content))
    for one in iterator:
        payload = one.content_stream().read()
        theirs.append((iterator.get_record_offset(), one.rec_type, one.rec_headers["WARC-Target-URI"] or "", payload))
    assert [(r.offset, r.kind, r.target, r.payload) for r in ours] == theirs


@pytest.mark.parametrize("packed", [True, False])
def test_a_page_is_a_post_with_its_text_and_what_it_says_of_itself(folder: Path, packed: bool) -> None:
    batch = read(folder, exports.warc_bytes(gzip=packed))
    assert not batch.rejections
    post = batch.texts.row(0, named=True)
    assert post["source_key"] == f"{exports.PAGE_URL}@{exports.CAPTURED}"
    assert (post["title"], post["author"], post["published"]) == (
        "قصف على كفرنتين",
        "Rima Example",
        "2020-03-01T10:15:00+02:00",
    )
    assert post["content"].splitlines() == [
        "قصف على كفرنتين",
        f"{exports.ARABIC}.",
        f'{exports.ENGLISH} "They were at home", said a relative.',
    ]


def test_the_pointer_is_the_offset_at_which_the_record_begins(folder: Path) -> None:
    content = exports.warc_bytes()
    pointer = read(folder, content).texts["pointer"][0]
    begins = gzip.GzipFile(fileobj=io.BytesIO(content[int(pointer.removeprefix("offset:")) :])).read(400)
    assert exports.PAGE_URL.encode() in begins


def test_a_revisit_is_a_post_without_text_that_names_the_first_visit(folder: Path) -> None:
    post = read(folder, exports.warc_bytes()).texts.row(1, named=True)
    assert (post["source_key"], post["content"]) == (f"{exports.PAGE_URL}@2020-03-03T08:00:00Z", None)
    assert post["original_source"] == f"{exports.PAGE_URL}@{exports.CAPTURED}"


def test_an_image_is_an_attachment_that_stays_in_the_archive(folder: Path) -> None:
    [image] = read(folder, exports.warc_bytes()).attachments.to_dicts()
    assert (image["role"], image["url"]) == ("photo", exports.IMAGE_URL)
    assert image["name"] == f"crawl.warc.gz#{image['pointer']}"
    assert (image["claimed_algorithm"], image["claimed_hash"]) == ("sha1", hashlib.sha1(exports.JPEG).hexdigest())


def test_a_plain_text_is_a_post_and_an_error_page_is_none(folder: Path) -> None:
    urls = read(folder, exports.warc_bytes()).texts["url"].to_list()
    assert urls == [exports.PAGE_URL, exports.PAGE_URL, "https://news.example/statement.txt"]


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_of_a_file_that_breaks_off_the_complete_records_are_read(packed: bool, share: float) -> None:
    content = exports.warc_bytes(gzip=packed)
    whole = list(read_records(io.BytesIO(content), len(content), lambda _: True))
    cut = int(len(content) * share)
    part = list(read_records(io.BytesIO(content[:cut]), cut, lambda _: True))
    assert part[:-1] == whole[: len(part) - 1]
    assert isinstance(part[-1], Damage)
    assert part[-1].offset == whole[len(part) - 1].offset


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(exports.warc_bytes()) - 1), bit=st.integers(0, 7))
def test_one_flipped_bit_costs_one_record_at_most_and_is_named(at: int, bit: int) -> None:
    content = bytearray(exports.warc_bytes())
    whole = list(read_records(io.BytesIO(content), len(content), lambda _: True))
    content[at] ^= 1 << bit
    found = list(read_records(io.BytesIO(content), len(content), lambda _: True))
    lost = [r for r in whole if r not in found]
    assert len(lost) <= 1
    assert all(any(isinstance(d, Damage) and d.offset == r.offset for d in found) for r in lost)


@pytest.mark.parametrize(
    "digest", [sha1, lambda c: f"sha256:{hashlib.sha256(c).hexdigest()}", lambda c: f"sha-1:{hashlib.sha1(c).hexdigest()}"]
)
def test_a_wrong_digest_is_a_rejection_with_the_offset(folder: Path, digest: object) -> None:
    assert callable(digest)
    block = page("<p>Five civilians were killed.")
    right = record(block, WARC_Block_Digest=digest(block))
    wrong = record(block.replace(b"Five", b"Nine"), WARC_Block_Digest=digest(block))
    batch = read(folder, right + wrong + right)
    assert batch.texts.height == 2
    [(pointer, reason)] = reasons(batch)
    assert pointer == f"offset:{len(right)}"
    assert reason.startswith("the WARC-Block-Digest is wrong")


def test_a_payload_digest_is_verified_of_the_payload(folder: Path) -> None:
    payload = b"<p>Five"
    assert not read(folder, record(page(payload), WARC_Payload_Digest=sha1(payload))).rejections
    [(_, reason)] = reasons(read(folder, record(page(b"<p>Nine"), WARC_Payload_Digest=sha1(payload))))
    assert reason.startswith("the WARC-Payload-Digest is wrong")


@pytest.mark.parametrize("digested", [b"5\r\n<p>Fi\r\n2\r\nve\r\n0\r\n\r\n", b"<p>Five"])
def test_a_payload_in_chunks_is_read_whichever_way_its_digest_was_taken(folder: Path, digested: bytes) -> None:
    block = page(b"5\r\n<p>Fi\r\n2\r\nve\r\n0\r\n\r\n", b"Transfer-Encoding: chunked\r\n")
    batch = read(folder, record(block, WARC_Payload_Digest=sha1(digested)))
    assert batch.texts["content"].to_list() == ["Five"]


@pytest.mark.parametrize("packed", [gzip.compress(b"<p>Five", mtime=0), b"<p>Five"])
def test_a_packed_payload_is_unpacked_unless_a_tool_did_so_before(folder: Path, packed: bytes) -> None:
    assert read(folder, record(page(packed, b"Content-Encoding: gzip\r\n"))).texts["content"].to_list() == ["Five"]


def test_an_encoding_that_isnt_read_here_is_named(folder: Path) -> None:
    [(pointer, reason)] = reasons(read(folder, record(page(b"x", b"Content-Encoding: br\r\n"))))
    assert (pointer, "'br'" in reason) == ("offset:0", True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "expected a WARC file"),
        (b"<html>", "expected a gzip member"),
        (b"<html>WARC/1.0", "expected a WARC record"),
        (b"WARC/1.0", "the record's headers break off"),
        (b"WARC/one\r\n\r\n", "expected a WARC record"),
        (b"WARC/1.0\r\nContent-Length: -1\r\n\r\n", "expected the record's Content-Length"),
        (b"WARC/1.0\r\nContent-Length: 5\r\n\r\nab", "the record breaks off: expected 5 bytes, found 2"),
        (b"WARC/1.0\r\nno colon\r\n\r\n", "expected a header as `Name: value`"),
        (b"WARC/1.0\r\nX: " + b"x" * 200_000, "expected a line, found more than 65,536 bytes"),
        (gzip.compress(record(page("a")) * 2, mtime=0), "more than one record in a gzip member"),
        (gzip.compress(b"not a record", mtime=0), "expected a WARC record"),
        (record(page("<p>a"), length=len(page(""))), "expected an empty line after the record, found b'<p>a'"),
        (record(page("<p>a"), WARC_Truncated="length"), "the tool that archived the page cut it off"),
        (record(page("<p>a"), WARC_Target_URI=""), "expected the record's WARC-Target-URI"),
        (record(page("<p>a"), WARC_Segment_Number="1"), "a record in several segments"),
    ],
)
def test_what_isnt_a_record_is_rejected_with_what_was_expected(folder: Path, content: bytes, reason: str) -> None:
    assert reasons(read(folder, content))[0][1].startswith(reason)


def test_a_file_of_another_kind_is_no_archive(folder: Path) -> None:
    assert reasons(read(folder, b"<html>", "page.html"))[0][1].startswith("expected a WARC file (plain or gzip) or a WACZ")


def test_a_long_page_is_cut_and_the_cut_is_said(folder: Path) -> None:
    batch = read(folder, record(page("<p>" + "x" * (LONGEST_TEXT + 5))))
    assert len(batch.texts["content"][0]) == LONGEST_TEXT
    assert reasons(batch) == [("offset:0", "of the page's text of 200,005 characters the first 200,000 are read")]


def test_a_page_too_large_to_be_one_is_rejected(folder: Path) -> None:
    packed = gzip.compress(b"x" * (LARGEST_KEPT + 1))
    [(_, reason)] = reasons(read(folder, record(page(packed, b"Content-Encoding: gzip\r\n"))))
    assert reason.startswith("a page of more than 16,777,216 bytes when unpacked")


def test_a_gzip_bomb_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casualty_pipeline.captures.connectors.web_archive.warc._ROOM", 1 << 20)
    [(pointer, reason)] = reasons(read(folder, gzip.compress(record(b"\0" * 3_000_000))))
    assert pointer == "offset:0"
    assert "bytes when unpacked: too much for a file of this size" in reason


def test_damage_without_end_is_given_up(folder: Path) -> None:
    batch = read(folder, b"WARC/1.0\r\n\r\n" * 5_000)
    assert len(batch.rejections) == 1001
    assert batch.rejections[-1][1].reason.startswith("nothing is read from here on")


def test_a_package_is_read_as_the_files_in_it_with_pointers_into_them(folder: Path) -> None:
    batch = read(folder, exports.wacz_bytes(), "page.wacz")
    assert not batch.rejections
    plain = read(folder, exports.warc_bytes())
    assert batch.texts["content"].to_list() == plain.texts["content"].to_list()
    assert batch.texts["pointer"].to_list() == [f"archive/data.warc.gz#{p}" for p in plain.texts["pointer"]]
    assert batch.attachments["name"].to_list() == batch.attachments["pointer"].to_list()


@pytest.mark.parametrize(
    ("files", "pointer", "reason"),
    [
        ({"archive/data.warc.gz": exports.warc_bytes()[:-1]}, "archive/data.warc.gz", "its hash is wrong"),
        ({"pages/pages.jsonl": b"{}"}, "pages/pages.jsonl", "its hash is wrong"),
        ({"archive/more.warc.gz": b""}, "archive/more.warc.gz", "not listed in datapackage.json"),
        ({"../../evil.warc.gz": b""}, "../../evil.warc.gz", "a name that leads out of the package"),
        ({"datapackage.json": b"{}"}, None, "datapackage.json against datapackage-digest.json: its hash is wrong"),
        ({"datapackage-digest.json": b"[1]"}, None, "datapackage.json against datapackage-digest.json: no hash in it"),
    ],
)
def test_a_package_is_verified_against_its_list_of_hashes(
    folder: Path, files: dict[str, bytes], pointer: str | None, reason: str
) -> None:
    found = reasons(read(folder, exports.wacz_bytes(**files), "page.wacz"))
    assert (found[0][0], found[0][1].startswith(reason)) == (pointer, True)


def test_a_page_that_a_package_promises_and_doesnt_hold_is_named(folder: Path) -> None:
    batch = read(folder, exports.wacz_bytes(warc=record(page("<p>x"), WARC_Target_URI="https://other.example/")), "p.wacz")
    [(_, rejection)] = batch.rejections
    assert (rejection.value, rejection.reason) == (exports.PAGE_URL, "a page of pages/pages.jsonl that no record holds")


def test_a_zip_without_hashes_isnt_a_package(folder: Path) -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as target:
        target.writestr("archive/data.warc.gz", exports.warc_bytes())
    assert reasons(read(folder, output.getvalue(), "p.wacz"))[0][1].startswith("expected a datapackage.json")


def test_a_zip_bomb_isnt_unpacked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casualty_pipeline.captures.connectors.web_archive.wacz._ROOM", 1 << 20)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("archive/data.warc", b"\0" * 10_000_000)
    [(_, reason)] = reasons(read(folder, output.getvalue(), "p.wacz"))
    assert reason == "10,000,000 bytes when unpacked: too much for a package of this size"


FORMATS = {
    "crawl.warc": exports.warc_bytes(gzip=False),
    "crawl.warc.gz": exports.warc_bytes(),
    "page.wacz": exports.wacz_bytes(),
}


@settings(max_examples=80, deadline=None)
@given(name=st.sampled_from(sorted(FORMATS)), data=st.data())
def test_whatever_the_bytes_are_reading_comes_to_an_end_without_an_error(
    folder: Path, name: str, data: st.DataObject
) -> None:
    original = FORMATS[name]
    at, size = data.draw(st.integers(0, len(original))), data.draw(st.integers(0, 300))
    tokens = st.sampled_from(
        [b"\x1f\x8b\x08", b"WARC/1.0\r\n", b"\r\n\r\n", b"PK\x03\x04", b"\0", b"Content-Length: 9999999\r\n"]
    )
    content = original[:at] + data.draw(st.binary(max_size=12) | tokens) + original[at + size :]
    batch = read(folder, content, name)
    assert batch.texts.height or batch.rejections
