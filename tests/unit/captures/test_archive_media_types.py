"""The bytes say what a file is, not its name; and a name that says otherwise is told."""

import gzip
import io
import sqlite3
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.captures.media_types import contradiction, sniff

OFFICE = "application/vnd.openxmlformats-officedocument."
XLSX = f"{OFFICE}spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def packed(*names: str, first: tuple[str, str] | None = None, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        if first is not None:
            package.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name in names:
            package.writestr(name, "content of no interest")
        package.comment = comment
    return out.getvalue()


def told(content: bytes, name: str) -> str:
    return sniff(content[:4096], name, lambda: io.BytesIO(content))


@pytest.mark.parametrize(
    ("head", "name", "media_type"),
    [
        (b"no,who\n", "a.csv", "text/csv"),
        (b"no,who\n", "A.CSV", "text/csv"),
        (b"no,who\n", "a.html", "text/plain"),
        ("no,who\n".encode("utf-16"), "a.csv", "text/csv"),
        (b"", "a.csv", "text/csv"),
        (b"no\0who", "a.csv", "application/octet-stream"),
        (b'{"name": "Telegram"}', "result.json", "application/json"),
        (b'\xef\xbb\xbf [\n {"a": 1}]', "a", "application/json"),
        (b"[1, 2]", "a", "application/json"),
        (b"{curly} text", "a", "text/plain"),
        (b'["a",b\n', "a.csv", "text/csv"),
        (b"<!-- saved --><!DOCTYPE HTML><p>", "a.csv", "text/html"),
        (b"\n<html lang=ar>", "a", "text/html"),
        (b"\x89PNG\r\n\x1a\n", "a.csv", "image/png"),
        (b"\xff\xd8\xff\xe0", "a.csv", "image/jpeg"),
        (b"GIF89a", "a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a.jpg", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a", "audio/wav"),
        (b"RIFF\0\0\0\0AVI LIST", "a", "video/x-msvideo"),
        (b"\0\0\0\x18ftypheic", "a.jpg", "image/heic"),
        (b"II*\0", "a", "image/tiff"),
        (b"MM\0*", "a", "image/tiff"),
        (b"\0\0\0\x18ftypmp42", "a", "video/mp4"),
        (b"\0\0\0\x18ftypisom", "a.mov", "video/mp4"),
        (b"\0\0\0\x18ftypqt  ", "a", "video/quicktime"),
        (b"\0\0\0\x18ftyp3gp5", "a", "video/3gpp"),
        (b"\0\0\0\x18ftypM4A ", "a", "audio/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "a", "video/webm"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "a", "video/x-matroska"),
        (b"OggS\0\x02" + bytes(22) + b"OpusHead", "a.ogg", "audio/opus"),
        (b"OggS\0\x02" + bytes(22) + b"\x01vorbis", "a", "audio/ogg"),
        (b"ID3\x04", "a", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "a", "audio/mpeg"),
        (b"%PDF-1.7", "a.xlsx", "application/pdf"),
        (b"SQLite format 3\0", "a", "application/vnd.sqlite3"),
        (b"WARC/1.1\r\n", "a", "application/warc"),
        (gzip.compress(b"WARC/1.1\r\nWARC-Type: warcinfo", mtime=0), "a.gz", "application/warc+gzip"),
        (gzip.compress(b"no,who\n", mtime=0), "a.csv", "application/gzip"),
        (b"\x1f\x8bnothing", "a", "application/gzip"),
        (
            b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01",
            "a",
            "application/vnd.opentimestamps.v1",
        ),
    ],
)
def test_a_format_is_known_by_its_first_bytes(head: bytes, name: str, media_type: str) -> None:
    assert told(head, name) == media_type


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (packed("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), XLSX),
        (packed("[Content_Types].xml", "xl/workbook.xml", comment=b"a comment " * 900), XLSX),
        (packed("[Content_Types].xml", "word/document.xml"), f"{OFFICE}wordprocessingml.document"),
        (packed("[Content_Types].xml", "ppt/presentation.xml"), f"{OFFICE}presentationml.presentation"),
        (packed("content.xml", first=("mimetype", ODS)), ODS),
        (packed("datapackage.json", "archive/data.warc.gz", "indexes/index.cdx"), "application/wacz"),
        (packed("photo.jpg"), "application/zip"),
    ],
)
def test_a_package_is_known_by_what_it_holds_whatever_it_is_called(content: bytes, media_type: str) -> None:
    assert {told(content, name) for name in ("a", "a.zip", "a.csv", "a.xlsx")} == {media_type}


def test_a_package_that_cannot_be_opened_is_what_it_was_meant_to_be_for_its_reader_to_refuse() -> None:
    assert told(b"PK\x03\x04nothing more", "a.xlsx") == XLSX
    assert told(b"PK\x03\x04nothing more", "a.csv") == "application/zip"
    assert told(packed("xl/workbook.xml"), "a.xlsx") == XLSX
    assert told(packed("xl/workbook.xml"), "a.csv") == "application/zip"


def test_a_real_database_is_known(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("create table t (x)")
    database.close()
    assert told((tmp_path / "a.db").read_bytes(), "a.db") == "application/vnd.sqlite3"


@pytest.mark.parametrize(
    ("name", "media_type", "promised"),
    [
        ("a.jpg", "image/png", "image/jpeg"),
        ("a.JPG", "application/pdf", "image/jpeg"),
        ("a.xlsx", "text/csv", XLSX),
        ("a.csv", XLSX, "text/csv"),
        ("a.jpg", "image/jpeg", None),
        ("a.mov", "video/mp4", None),
        ("a.heic", "image/heif", None),
        ("a.warc.gz", "application/warc+gzip", None),
        ("a.unheard-of", "image/png", None),
        ("no extension", "image/png", None),
    ],
)
def test_a_name_that_promises_something_else_is_told(name: str, media_type: str, promised: str | None) -> None:
    assert contradiction(name, media_type) == promised


@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.builds(
            lambda start, rest: start + rest,
            st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08", b"RIFF", b"\x30\x82", b"OggS", b"\0\0\0\x18ftyp", b"<!--"]),
            st.binary(max_size=300),
        ),
        st.builds(
            lambda at, byte: (p := bytearray(packed("[Content_Types].xml", "xl/a")))[: at % len(p)] + bytes([byte]) + p[at:],
            st.integers(0, 400),
            st.integers(0, 255),
        ),
    ),
    name=st.sampled_from(["a", "a.csv", "a.xlsx", "a.tsr"]),
)
def test_no_bytes_are_too_strange_to_be_told(content: bytes, name: str) -> None:
    assert "/" in told(bytes(content), name)
