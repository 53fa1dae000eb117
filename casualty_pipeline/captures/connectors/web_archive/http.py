"""The HTTP response in a WARC record: its head, the payload as the server meant it."""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from casualty_pipeline.captures.connectors.web_archive.streams import LONGEST_LINE, BrokenError

_LARGEST_HEAD = 1 << 18
_MOST_CHUNKS = 1_000_000  # of a payload: servers send kilobytes in each
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Head:
    """Status and headers, with names in lower case."""

    status: int
    headers: Mapping[str, str]

    @property
    def chunked(self) -> bool:
        """Whether the payload stands in chunks."""
        return "chunked" in self.headers.get("transfer-encoding", "").lower()


def read_head(pieces: Iterator[bytes]) -> tuple[Head | None, bytes]:
    """The head of a response, and what was read of its payload. A request, or what is no response, has no head."""
    read = b""
    for piece in pieces:
        read += piece
        end = _END.search(read, max(0, len(read) - len(piece) - 3))
        if end:
            return _head(read[: end.start()]), read[end.end() :]
        if len(read) > _LARGEST_HEAD:
            break
    return None, read


def _head(given: bytes) -> Head | None:
    first, *lines = given.splitlines() or [b""]
    status = _STATUS.match(first)
    if not status:
        return None
    headers = dict[str, str]()
    for line in lines:
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Head(int(status.group(1)), headers)


def unchunked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The payload without the sizes of its chunks. What isn't in chunks, as when a tool removed them, stays as it is.

    Raises BrokenError where they are too many.
    """
    source = iter(pieces)
    held = next(source, b"")
    if not re.match(rb"[0-9A-Fa-f]{1,15}[ \t]*(?:;[^\r\n]*)?(?:\r?\n|\r?\Z)", held):
        yield held
        yield from source
        return
    at = 0  # in what is held: cutting it off chunk by chunk would take time by the square of their number
    for _ in range(_MOST_CHUNKS):
        while (end := held.find(b"\n", at)) < 0:
            piece = next(source, b"")
            if not piece or len(held) - at > LONGEST_LINE:
                return
            held, at = held[at:] + piece, 0
        try:
            left = int(held[at:end].split(b";")[0].strip() or b"0", 16)
        except ValueError:
            return
        if left <= 0:
            return
        at = end + 1
        while left:
            if at == len(held):
                held, at = next(source, b""), 0
                if not held:
                    return
            piece = held[at : at + left]
            at, left = at + len(piece), left - len(piece)
            yield piece
        while len(held) - at < 2 and (piece := next(source, b"")):
            held, at = held[at:] + piece, 0
        at += held.startswith(b"\r", at)
        at += held.startswith(b"\n", at)
    raise BrokenError(f"a payload in more than {_MOST_CHUNKS:,} chunks")


def decoded(payload: bytes, head: Head | None, most: int) -> bytes:
    """The payload without its Content-Encoding. Raises BrokenError for one that isn't known, or more than `most` bytes."""
    for coding in reversed((head.headers.get("content-encoding", "") if head else "").lower().split(",")):
        match coding.strip():
            case "" | "identity":
                continue
            case "gzip" | "x-gzip" | "deflate":
                payload = _unpacked(payload, most)
            case other:
                raise BrokenError(f"a page in the encoding {other[:20]!r}, which isn't read here: archive it without")
    return payload


def _unpacked(payload: bytes, most: int) -> bytes:
    """Unpack gzip or deflate. Bytes that aren't packed stay: some tools unpack them and leave the header."""
    for bits in (32 + zlib.MAX_WBITS, -zlib.MAX_WBITS):
        unpacker = zlib.decompressobj(bits)
        try:
            found = unpacker.decompress(payload, most + 1)
        except zlib.error:
            continue
        if len(found) > most:
            raise BrokenError(f"a page of more than {most:,} bytes when unpacked")
        return found
    return payload
