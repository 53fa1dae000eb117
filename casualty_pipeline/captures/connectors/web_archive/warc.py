"""WARC files (ISO 28500): records one by one, with their offsets, their digests verified.

Read by this module and not with warcio, which stops without a word at damaged gzip and reads lines of any length; the tests
compare the two on files that warcio wrote. What a record's content says is for the other modules.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from casualty_pipeline.captures.connectors.web_archive import http
from casualty_pipeline.captures.connectors.web_archive.streams import (
    CHUNK,
    BrokenError,
    Budget,
    Bytes,
    Readable,
    is_gzip,
    member_of,
    of_file,
    skip_to_member,
)

LARGEST_KEPT = 16 << 20  # bytes of a payload that are kept to be read; more isn't a page
_LARGEST_HEAD = 1 << 20  # bytes of a record's own headers
_MOST_LINES = 1000  # of them
_ROOM, _RATIO = 1 << 29, 200  # what may come out of gzip: half a gigabyte, or 200 times what went in
_MOST_DAMAGES = 1000
_VERSION_BEGINS = b"WARC/1."
_VERSION = re.compile(rb"WARC/\d\.\d+\s*\Z")
_WITH_PAYLOAD = {"response", "resource", "conversion"}
_ALGORITHMS = {"md5", "sha1", "sha256", "sha384", "sha512"}


class RecordError(BrokenError):
    """A record that isn't one, breaks off or has a wrong digest, in bytes that are sound as such."""


@dataclass(frozen=True)
class Record:
    """A record whose digests are right, or that has none. `payload` is None where it isn't wanted or too large."""

    offset: int
    headers: Mapping[str, str]  # names in lower case
    http: http.Head | None
    payload: bytes | None
    size: int  # bytes of the payload

    @property
    def kind(self) -> str:
        """The type of the record: response, resource, conversion, revisit..."""
        return self.headers.get("warc-type", "").lower()

    @property
    def target(self) -> str:
        """The URL. Wget writes it in angle brackets."""
        return self.headers.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">")

    @property
    def media_type(self) -> str:
        """The media type of the payload, in lower case, without parameters."""
        given = self.http.headers.get("content-type", "") if self.http else self.headers.get("content-type", "")
        return given.split(";")[0].strip().lower()


@dataclass(frozen=True)
class Damage:
    """Bytes that aren't a record that can be relied on, and why."""

    offset: int
    reason: str


def read_records(file: Readable, size: int, wanted: Callable[[Record], bool]) -> Iterator[Record | Damage]:
    """The records of a file of so many bytes, plain or each in a gzip member of its own, in order.

    After damage, reading goes on at the next record that can be found. `wanted` says of a record, whose payload isn't
    read yet, whether the payload is to be kept. Memory: LARGEST_KEPT.
    """
    given, damages = of_file(file), 0
    packed = _is_packed(given)
    budget = Budget(max(_ROOM, _RATIO * size))
    while _skip_blank(given):
        offset = given.offset
        try:
            for found in _read_member(given, offset, budget, wanted) if packed else (_read(given, offset, wanted),):
                damages += isinstance(found, Damage)
                yield found
        except BrokenError as problem:
            damages += 1
            yield Damage(offset, str(problem))
            if given.offset <= offset:
                given.read(1)
            if budget.left < 0 or not (skip_to_member(given, _VERSION_BEGINS) if packed else given.skip_to(_VERSION_BEGINS)):
                return
        if damages >= _MOST_DAMAGES:
            yield Damage(given.offset, f"nothing is read from here on: {damages:,} records before it are damaged")
            return


def _is_packed(given: Bytes) -> bool:
    """Whether the records are in gzip members; also of a file whose very first bytes are damaged."""
    head = given.read(CHUNK)
    given.put_back(head)
    return is_gzip(given) or b"WARC/" not in head


def _read_member(given: Bytes, offset: int, budget: Budget, wanted: Callable[[Record], bool]) -> Iterator[Record | Damage]:
    """The record in a gzip member. Raises BrokenError where the gzip itself is damaged."""
    if not is_gzip(given):
        raise BrokenError("expected a gzip member, one for each record")
    member = member_of(given, budget)
    if not _skip_blank(member):
        return
    try:
        yield _read(member, offset, wanted)
    except RecordError as problem:
        yield Damage(offset, str(problem))
    else:
        if _skip_blank(member):
            yield Damage(
                offset,
                "more than one record in a gzip member: all but the first have no offset, and aren't read. "
                "Unpack the file and send it plain, or run `warcio recompress`",
            )
    member.drain()


def _skip_blank(given: Bytes) -> bool:
    """Pass blank lines. Whether anything is left."""
    while piece := given.read(CHUNK):
        rest = piece.lstrip(b"\r\n")
        if rest:
            given.put_back(rest)
            return True
    return False


def _read(given: Bytes, offset: int, wanted: Callable[[Record], bool]) -> Record:
    """The record that begins here. Raises RecordError where it isn't one, breaks off, or has a wrong digest."""
    version = given.line()
    if not _VERSION.match(version):
        raise RecordError(f"expected a WARC record, found {version[:20]!r}")
    headers = _headers(given)
    length = headers.get("content-length", "")
    if not length.isdecimal() or len(length) > 15:
        raise RecordError(f"expected the record's Content-Length, found {length[:20]!r}")
    block = _Digested(_exactly(given, int(length)), headers.get("warc-block-digest", ""))
    pieces = iter(block)
    head, first = None, b""
    if headers.get("content-type", "").lower().startswith("application/http"):
        head, first = http.read_head(pieces)
    record = Record(offset, headers, head, None, 0)
    keep = wanted(record)
    # A request's payload is nobody's page, and a revisit claims the digest of a payload that it doesn't hold.
    claimed = headers.get("warc-payload-digest", "") if record.kind in _WITH_PAYLOAD else ""
    payload = _Digested(_with(first, pieces), claimed)
    unchunked = _Digested(http.unchunked(payload), claimed) if head and head.chunked else payload
    kept, size = list[bytes](), 0
    for piece in unchunked:
        size += len(piece)
        if keep and size <= LARGEST_KEPT:
            kept.append(piece)
    for _ in payload:  # what stands behind the last chunk belongs to the block all the same
        pass
    if after := given.line().strip():
        raise RecordError(f"expected an empty line after the record, found {after[:20]!r}: its Content-Length is wrong")
    _verify("WARC-Block-Digest", block)
    # Some tools take it of the payload as it was sent, in chunks; the standard says: with these removed.
    if not unchunked.right:
        _verify("WARC-Payload-Digest", payload)
    return Record(offset, headers, head, b"".join(kept) if keep and size <= LARGEST_KEPT else None, size)


def _headers(given: Bytes) -> dict[str, str]:
    headers, size, name = dict[str, str](), 0, ""
    for _ in range(_MOST_LINES):
        line = given.line()
        size += len(line)
        if not line.endswith(b"\n") or size > _LARGEST_HEAD:
            raise RecordError("the record's headers break off, or are too long")
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            return headers
        if text[0] in " \t" and name:
            headers[name] += " " + text.strip()
            continue
        name, colon, value = text.partition(":")
        if not colon:
            raise RecordError(f"expected a header as `Name: value`, found {text[:100]!r}")
        name = name.strip().lower()
        headers[name] = value.strip()
    raise RecordError(f"more than {_MOST_LINES:,} lines of headers in one record")


def _exactly(given: Bytes, length: int) -> Iterator[bytes]:
    left = length
    while left:
        piece = given.read(min(left, CHUNK))
        if not piece:
            raise RecordError(f"the record breaks off: expected {length:,} bytes, found {length - left:,}")
        left -= len(piece)
        yield piece


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


class _Digested:
    """Pieces of bytes that are hashed as they pass, by the algorithm that `sha1:...` claims. Passed once."""

    def __init__(self, pieces: Iterable[bytes], claimed: str) -> None:
        self._pieces, self.claimed = iter(pieces), claimed
        algorithm, self._given = digest_of(claimed)
        self._digest = hashlib.new(algorithm, usedforsecurity=False) if algorithm else None

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if self._digest:
                self._digest.update(piece)
            yield piece

    @property
    def right(self) -> bool:
        """Whether all that passed has the digest. True as well where none was claimed that can be verified."""
        return self._digest is None or self._digest.digest() == self._given


def digest_of(claimed: str) -> tuple[str, bytes]:
    """Algorithm (as hashlib names it) and digest of `sha1:BASE32` or `sha256:hex`. Two empty ones where it can't be read."""
    label, _, text = claimed.strip().partition(":")
    algorithm = label.lower().replace("-", "")
    if algorithm not in _ALGORITHMS:
        return "", b""
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    for decode in (bytes.fromhex, _base32):
        try:
            digest = decode(text)
        except ValueError:
            continue
        if len(digest) == size:
            return algorithm, digest
    return "", b""


def _base32(text: str) -> bytes:
    return base64.b32decode(text.upper().rstrip("=") + "=" * (-len(text.rstrip("=")) % 8))


def _verify(name: str, digested: _Digested) -> None:
    if not digested.right:
        raise RecordError(
            f"the {name} is wrong: the record was changed after it was made, or damaged; it says {digested.claimed[:100]}"
        )
