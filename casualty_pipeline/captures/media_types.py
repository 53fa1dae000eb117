"""Media types, told from the bytes: what a file is called, or said to be, is only compared with them.

A table of our own, for the formats that documentation teams send; the libraries on the package index know neither web
archives nor timestamps, or have been left alone for years. The name decides only where the bytes leave it open: which kind
of plain text it is, and what a package was meant to be that can't be opened.
"""

import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

HEAD = 4096  # as many bytes of a file as `sniff` is to be given

BYTES = "application/octet-stream"
CSV, PLAIN = "text/csv", "text/plain"
OTS = "application/vnd.opentimestamps.v1"
TOKEN, REPLY = "application/vnd.etsi.timestamp-token", "application/timestamp-reply"
PROOFS = {OTS, TOKEN, REPLY}
_OFFICE = "application/vnd.openxmlformats-officedocument."
XLSX = f"{_OFFICE}spreadsheetml.sheet"

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"WARC/", "application/warc"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),  # XLS, DOC and PPT of before 2007
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94", OTS),
    (b"\xff\xfe", CSV),  # UTF-16 with its mark: what Excel saves as "Unicode text"
    (b"\xfe\xff", CSV),
)
_BRANDS = {
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"avif": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
}
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
# What a zip package holds says what it is: the first of these that one of its names begins with.
_PACKAGES = (
    ("xl/", XLSX),
    ("word/", f"{_OFFICE}wordprocessingml.document"),
    ("ppt/", f"{_OFFICE}presentationml.presentation"),
)
_TIMESTAMP = bytes.fromhex("060b2a864886f70d0109100104")  # the object identifier of a TSTInfo (RFC 3161, section 2.4.2)
_JSON = re.compile(rb'\s*(\{\s*("|\})|\[\s*([\[\]{"]|-?\d|true|false|null))')
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_BOM = b"\xef\xbb\xbf"

# What an extension promises: media types that don't contradict it. An extension that isn't here promises nothing.
_PROMISED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("csv", "tsv", "txt"), (CSV, PLAIN)),
    **dict.fromkeys(("json", "geojson"), ("application/json",)),
    "jsonl": ("application/json", PLAIN),
    **dict.fromkeys(("html", "htm"), ("text/html", PLAIN)),
    **dict.fromkeys(("jpg", "jpeg"), ("image/jpeg",)),
    **{kind: (f"image/{kind}",) for kind in ("png", "gif", "webp", "avif")},
    **dict.fromkeys(("tif", "tiff"), ("image/tiff",)),
    **dict.fromkeys(("heic", "heif"), ("image/heic", "image/heif")),
    **dict.fromkeys(("mp4", "m4v"), ("video/mp4", "video/3gpp")),
    "mov": ("video/quicktime", "video/mp4"),
    "3gp": ("video/3gpp", "video/mp4"),
    "webm": ("video/webm",),
    "mkv": ("video/x-matroska", "video/webm"),
    "avi": ("video/x-msvideo",),
    "mp3": ("audio/mpeg",),
    "m4a": ("audio/mp4", "video/mp4"),
    "wav": ("audio/wav",),
    **dict.fromkeys(("ogg", "oga"), ("audio/ogg", "audio/opus", "application/ogg")),
    "opus": ("audio/opus", "audio/ogg"),
    **dict.fromkeys(("xlsx", "xlsm"), (XLSX,)),
    "docx": (f"{_OFFICE}wordprocessingml.document",),
    "pptx": (f"{_OFFICE}presentationml.presentation",),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet",),
    "odt": ("application/vnd.oasis.opendocument.text",),
    "pdf": ("application/pdf",),
    "wacz": ("application/wacz",),
    "warc": ("application/warc",),
    "gz": ("application/gzip", "application/warc+gzip"),
    "zip": ("application/zip", "application/wacz"),
    "ots": (OTS,),
    **dict.fromkeys(("tsr", "tst"), (REPLY, TOKEN)),
    **dict.fromkeys(("sqlite", "sqlite3"), ("application/vnd.sqlite3",)),
    "parquet": ("application/vnd.apache.parquet",),
}


def sniff(head: bytes, name: str, reopen: Callable[[], BinaryIO] | None = None) -> str:
    """The media type of a file whose first bytes (`HEAD` of them) are given.

    `reopen` gives the whole file, for packages: only their list of contents is read, and no more than a part of a long one.
    """
    if head.startswith(b"PK\x03\x04"):
        return _package(head, name, reopen)
    if head.startswith(b"\x1f\x8b"):
        return _gzipped(head)
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    return _container(head) or _timestamp(head) or _text(head, name)


def contradiction(name: str, media_type: str) -> str | None:
    """What the extension of a name promises, when the bytes are something else; None when nothing contradicts."""
    promised = _PROMISED.get(_extension(name))
    return promised[0] if promised and media_type not in promised else None


def _extension(name: str) -> str:
    return Path(name).suffix[1:].lower()


def _container(head: bytes) -> str | None:
    """Formats whose sign doesn't stand at the very beginning, or that hold several kinds."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/3gpp" if head[8:11] in {b"3gp", b"3g2"} else "video/mp4")
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], BYTES)
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:4] == b"OggS":
        kinds = ((b"OpusHead", "audio/opus"), (b"\x01vorbis", "audio/ogg"), (b"Speex", "audio/ogg"))
        return next((media_type for sign, media_type in kinds if sign in head[:128]), "application/ogg")
    if len(head) > 2 and head[0] == 0xFF and head[1] in {0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3}:
        return "audio/mpeg"
    return None


def _timestamp(head: bytes) -> str | None:
    """A timestamp of RFC 3161 in DER: the bare token (a ContentInfo), or the authority's whole answer."""
    if head[:1] != b"\x30" or _TIMESTAMP not in head:
        return None
    inside = 2 + (head[1] & 0x7F if head[1] & 0x80 else 0)
    return TOKEN if head[inside : inside + 1] == b"\x06" else REPLY


def _gzipped(head: bytes) -> str:
    try:
        start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 16)
    except zlib.error:
        return "application/gzip"
    return "application/warc+gzip" if start.startswith(b"WARC/") else "application/gzip"


def _package(head: bytes, name: str, reopen: Callable[[], BinaryIO] | None) -> str:
    if head[30:38] == b"mimetype":  # OpenDocument and EPUB say it themselves, unpacked, in their first file
        size = int.from_bytes(head[18:22], "little")
        said = head[38 : 38 + size].decode("ascii", "replace")
        if re.fullmatch(r"application/[\w.+-]{1,80}", said):
            return said
    names = _contents(reopen) if reopen is not None else []
    meant = _extension(name) in {"xlsx", "xlsm"}
    if not names:  # can't be opened: then it is what it was meant to be, for its reader to refuse with the reason
        return XLSX if meant else "application/zip"
    if "[Content_Types].xml" in names or meant:
        for start, media_type in _PACKAGES:
            if any(n.startswith(start) for n in names):
                return media_type
    if "datapackage.json" in names and any(n.startswith("archive/") for n in names):
        return "application/wacz"
    return "application/zip"


def _contents(reopen: Callable[[], BinaryIO]) -> list[str]:
    """The first names in a zip file's central directory: what lies at its end, and at most a megabyte of it."""
    with reopen() as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))  # the end record, and the longest comment that may follow it
        tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) < end + 20:
            return []
        start = int.from_bytes(tail[end + 16 : end + 20], "little")
        if start == 0xFFFFFFFF:  # zip64: the true place stands in a record of its own, before this one
            record = tail.rfind(b"PK\x06\x06", 0, end)
            start = int.from_bytes(tail[record + 48 : record + 56], "little") if record >= 0 else size
        if start >= size:
            return []
        file.seek(start)
        directory = file.read(1 << 20)
    names, at = [], 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(directory):
        lengths = [int.from_bytes(directory[at + i : at + i + 2], "little") for i in (28, 30, 32)]
        names.append(directory[at + 46 : at + 46 + lengths[0]].decode("utf-8", "replace"))
        at += 46 + sum(lengths)
    return names


def _text(head: bytes, name: str) -> str:
    if b"\0" in head:
        return BYTES
    text = head.removeprefix(_BOM)
    if _HTML.match(text):
        return "text/html"
    tabular = _extension(name) in {"csv", "tsv", "txt"}
    if _JSON.match(text) and not tabular:
        return "application/json"
    return CSV if tabular else PLAIN
