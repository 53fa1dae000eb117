"""Web archives, WARC and WACZ: each page a post, each image, video or document an attachment, each where it stands.

Here belongs what becomes a post and what an attachment. Records, packages and pages are read in the other modules. The page
docs/connectors/web-archive.md says what is read and what is refused.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import Batch, Position
from casualty_pipeline.captures.connectors.web_archive import http, wacz
from casualty_pipeline.captures.connectors.web_archive.page import Page, read_page, text_of
from casualty_pipeline.captures.connectors.web_archive.streams import BrokenError, Readable
from casualty_pipeline.captures.connectors.web_archive.warc import (
    LARGEST_KEPT,
    Damage,
    Record,
    digest_of,
    read_records,
)
from casualty_pipeline.captures.prose import READER_VERSION
from casualty_pipeline.captures.sources import Source

LONGEST_TEXT = 200_000  # characters of a page's text
_HTML = {"text/html", "application/xhtml+xml"}
_SAYING = {"response", "resource", "conversion"}
_ROLES = {"image": "photo", "video": "video", "audio": "audio"}
_DOCUMENTS = {"application/pdf", "application/msword", "application/rtf", "application/zip"}
_OFFICE = ("application/vnd.openxmlformats-officedocument", "application/vnd.ms-", "application/vnd.oasis")
_SUFFIXES = (".warc", ".warc.gz", ".wacz")


class WebArchive:
    """The connector of web archives."""

    version = f"1+{READER_VERSION}"  # a better reader of free text reads old posts again

    def reads(self, source: Source, entry: Entry) -> bool:  # noqa: ARG002 - the contract
        """WARC and WACZ files, by name."""
        return entry.original_name.lower().endswith(_SUFFIXES)

    def read(self, source: Source, entry: Entry, path: Path, batch: Batch) -> None:
        """Read one archive into the batch, by what its bytes are. Never raises for what they are."""
        batch.read.setdefault(entry.entry_id, 0)
        reading = _Reading(source, entry, batch)
        with path.open("rb") as file:
            head = file.read(5)
            file.seek(0)
            if head.startswith(b"PK"):
                _read_package(reading, path)
            elif head.startswith((b"WARC/", b"\x1f\x8b")) or (self.reads(source, entry) and head):
                reading.warc(file, path.stat().st_size, "")
            else:
                batch.reject(entry, f"expected a WARC file (plain or gzip) or a WACZ package; the bytes begin {head!r}")


CONNECTOR = WebArchive()


def _read_package(reading: "_Reading", path: Path) -> None:
    try:
        with wacz.opened(path) as package:
            found = wacz.inspect(package)
            for name, problem in found.problems:
                reading.reject(name, problem)
            for name in found.warcs:
                try:
                    with wacz.member(package, name) as file:
                        reading.warc(file, package.getinfo(name).compress_size, name)
                except wacz.PackageError as problem:
                    reading.reject(name, str(problem))
            for url in sorted({page.partition("#")[0] for page in found.pages} - reading.targets):
                reading.batch.reject(
                    reading.entry, "a page of pages/pages.jsonl that no record holds", value=url, column_name="url"
                )
            if not found.warcs and not found.problems:
                reading.batch.reject(reading.entry, "the package holds no WARC file in archive/")
    except wacz.PackageError as problem:
        reading.batch.reject(reading.entry, str(problem))


def _wanted(record: Record) -> bool:
    """Whether a record's payload is text to be read."""
    return record.kind in _SAYING and (record.media_type in _HTML or record.media_type == "text/plain") and _is_found(record)


def _is_found(record: Record) -> bool:
    """Whether the server had the page: a redirection or an error says nothing of its subject."""
    return record.http is None or record.http.status // 100 == 2


@dataclass
class _Reading:
    """The way through one capture. `targets` are the URLs of what it holds, without fragments."""

    source: Source
    entry: Entry
    batch: Batch

    def __post_init__(self) -> None:
        self.targets = set[str]()

    def reject(self, pointer: str, reason: str) -> None:
        """Reject what stands at a place in the capture."""
        self.batch.reject(self.entry, reason, Position(pointer=pointer))

    def warc(self, file: Readable, size: int, inside: str) -> None:
        """Read a WARC file, itself a capture or `inside` one."""
        for found in read_records(file, size, _wanted):
            pointer = f"{inside}#offset:{found.offset}" if inside else f"offset:{found.offset}"
            if isinstance(found, Damage):
                self.reject(pointer, found.reason)
                continue
            if found.kind in _SAYING or found.kind == "revisit":
                self.targets.add(found.target.partition("#")[0])
            self.record(found, pointer)

    def record(self, record: Record, pointer: str) -> None:
        """Take in a record: a page or text, a revisit of one, a file, or nothing that says anything."""
        if record.kind == "continuation" or "warc-segment-number" in record.headers:
            self.reject(pointer, "a record in several segments, which aren't joined here: write the WARC file without")
        elif not _is_found(record) or record.target.startswith(("urn:text:", "urn:pageinfo:")):
            return  # the crawler's own notes repeat what its records hold
        elif record.kind == "revisit":
            self.revisit(record, pointer)
        elif record.kind not in _SAYING:
            return
        elif not record.target:
            self.reject(pointer, "expected the record's WARC-Target-URI: without it nobody said this")
        elif _wanted(record):
            self.text(record, pointer)
        elif role := _role(record):
            self.file(record, role, pointer)

    def text(self, record: Record, pointer: str) -> None:
        """Take in a page or a plain text as a post."""
        if record.payload is None:
            self.reject(pointer, f"a page of {record.size:,} bytes; at most {LARGEST_KEPT:,} are read")
            return
        try:
            payload = http.decoded(record.payload, record.http, LARGEST_KEPT)
        except BrokenError as problem:
            self.reject(pointer, str(problem))
            return
        if cut := record.headers.get("warc-truncated"):
            self.reject(
                pointer, f"the tool that archived the page cut it off (WARC-Truncated: {cut[:50]}); what it kept is read"
            )
        text = text_of(payload, _charset(record))
        page = read_page(text) if record.media_type in _HTML else Page(content=text.strip())
        if len(page.content) > LONGEST_TEXT:
            self.reject(
                pointer, f"of the page's text of {len(page.content):,} characters the first {LONGEST_TEXT:,} are read"
            )
        self.post(
            record,
            pointer,
            {
                "published": page.published,
                "edited": page.edited,
                "author": page.author,
                "original_source": _elsewhere(page.canonical, record.target),
                "title": page.title,
                "content": page.content[:LONGEST_TEXT],
            },
        )

    def revisit(self, record: Record, pointer: str) -> None:
        """Take in that a page was found again as it was: a post without text, which names the one that has it."""
        if record.media_type not in _HTML:
            return
        first = record.headers.get("warc-refers-to-target-uri", record.target)
        when = record.headers.get("warc-refers-to-date", "")
        self.post(record, pointer, {"original_source": _key(first, when)})

    def post(self, record: Record, pointer: str, fields: Mapping[str, str | None]) -> None:
        """Hand on a post of this record."""
        key = _key(record.target, record.headers.get("warc-date", ""))
        urls = {"url": record.target, "archive_url": self.entry.archive_url}
        self.batch.post(self.source, self.entry, key, {**fields, **urls}, Position(pointer=pointer))

    def file(self, record: Record, role: str, pointer: str) -> None:
        """Hand on a file that stays in the archive. Its name says where it is there."""
        algorithm, digest = digest_of(record.headers.get("warc-payload-digest", ""))
        fields = {
            "role": role,
            "name": pointer if "#" in pointer else f"{posixpath.basename(self.entry.original_name)}#{pointer}",
            "url": record.target,
            "claimed_algorithm": algorithm or None,
            "claimed_hash": digest.hex() or None,
        }
        key = _key(record.target, record.headers.get("warc-date", ""))
        self.batch.attach(self.source, self.entry, key, fields, Position(pointer=pointer))


def _key(url: str, date: str) -> str:
    """A page as it was at a moment."""
    return f"{url}@{date}" if date else url


def _role(record: Record) -> str | None:
    """What kind of file a record holds; None for what only makes pages work (scripts, styles, fonts, data)."""
    if record.target.startswith(("urn:view:", "urn:fullPage:", "urn:thumbnail:")):
        return "screenshot"
    if record.media_type in _DOCUMENTS or record.media_type.startswith(_OFFICE):
        return "document"
    return _ROLES.get(record.media_type.split("/")[0])


def _charset(record: Record) -> str:
    given = record.http.headers.get("content-type", "") if record.http else record.headers.get("content-type", "")
    return given.lower().partition("charset=")[2].split(";")[0].strip(" \"'")


def _elsewhere(canonical: str | None, url: str) -> str | None:
    """The address that a page names as its own, where that is another site's: the page repeats what stands there (R8)."""
    try:
        theirs, ours = urlsplit(canonical or "").hostname, urlsplit(url).hostname
    except ValueError:
        return None
    return canonical if theirs and theirs.removeprefix("www.") != (ours or "").removeprefix("www.") else None
