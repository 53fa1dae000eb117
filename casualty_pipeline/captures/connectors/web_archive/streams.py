"""Bytes read forward only, with the offset of every byte: of a file, and of the gzip members in it.

Here belongs what bounds reading: how long a line may be, how much may come out of how little.
"""

import zlib
from collections.abc import Callable
from typing import Protocol

CHUNK = 1 << 16
LONGEST_LINE = 1 << 16
_GZIP = b"\x1f\x8b\x08"
_TRIED, _MOST_TRIED = 1024, 1000  # bytes of what may be a member, and how often: by chance there is one in 16 MB


class BrokenError(Exception):
    """Bytes that aren't what they should be, or end too soon. Says what was expected and found."""


class Readable(Protocol):
    """A file, or a file in a package: `read` gives at most so many bytes, none at the end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes."""


class Bytes:
    """Bytes that come from `more`, piece by piece (nothing at the end), and can be put back."""

    def __init__(self, more: Callable[[], bytes]) -> None:
        self._more, self._held = more, b""
        self.offset = 0  # of the next byte

    def read(self, most: int) -> bytes:
        """The next bytes, at most so many; nothing at the end only."""
        if not self._held:
            self._held = self._more()
        found, self._held = self._held[:most], self._held[most:]
        self.offset += len(found)
        return found

    def put_back(self, given: bytes) -> None:
        """Give back what was read last."""
        self._held = given + self._held
        self.offset -= len(given)

    def line(self) -> bytes:
        """The next line with its end, or what is left. Raises BrokenError for one longer than LONGEST_LINE."""
        pieces, length = list[bytes](), 0
        while piece := self.read(CHUNK):
            end = piece.find(b"\n") + 1
            if end:
                self.put_back(piece[end:])
                piece = piece[:end]
            pieces.append(piece)
            length += len(piece)
            if length > LONGEST_LINE:
                raise BrokenError(f"expected a line, found more than {LONGEST_LINE:,} bytes without an end")
            if end:
                break
        return b"".join(pieces)

    def drain(self) -> None:
        """Pass everything that is left."""
        while self.read(CHUNK):
            pass

    def skip_to(self, pattern: bytes) -> bool:
        """Pass everything before the next occurrence of a pattern. Whether there is one."""
        held = b""
        while piece := self.read(CHUNK):
            held += piece
            at = held.find(pattern)
            if at >= 0:
                self.put_back(held[at:])
                return True
            held = held[-(len(pattern) - 1) :]
        return False


def of_file(file: Readable) -> Bytes:
    """The bytes of a file, from where it stands."""
    return Bytes(lambda: file.read(CHUNK))


def is_gzip(given: Bytes) -> bool:
    """Whether a gzip member begins here."""
    head = given.read(len(_GZIP))
    if head and len(head) < len(_GZIP):
        head += given.read(len(_GZIP) - len(head))
    given.put_back(head)
    return head == _GZIP


def skip_to_member(given: Bytes, begins: bytes) -> bool:
    """Pass everything before a gzip member whose content begins so. Whether there is one, among what looks like one."""
    for _ in range(_MOST_TRIED):
        if not given.skip_to(_GZIP):
            return False
        head = given.read(_TRIED)
        given.put_back(head)
        try:
            if zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, len(begins)) == begins:
                return True
        except zlib.error:
            pass
        given.read(1)
    return False


class Budget:
    """How many bytes may still come out: a gzip bomb makes a thousand of each that goes in."""

    def __init__(self, most: int) -> None:
        self.most, self.left = most, most

    def spend(self, size: int) -> None:
        """Take so many bytes off. Raises BrokenError when none are left."""
        self.left -= size
        if self.left < 0:
            raise BrokenError(f"more than {self.most:,} bytes when unpacked: too much for a file of this size")


def member_of(given: Bytes, budget: Budget) -> Bytes:
    """What the gzip member that begins here holds. Its bytes raise BrokenError where it is damaged or breaks off."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def more() -> bytes:
        while not unpacker.eof:
            packed = unpacker.unconsumed_tail or given.read(CHUNK)
            if not packed:
                raise BrokenError("the gzip member breaks off")
            try:
                found = unpacker.decompress(packed, CHUNK)
            except zlib.error as problem:
                given.put_back(packed)
                raise BrokenError(f"the gzip member is damaged ({problem})") from problem
            if unpacker.unused_data:  # at its end: the next member
                given.put_back(unpacker.unused_data)
            budget.spend(len(found))
            if found:
                return found
        return b""

    return Bytes(more)
