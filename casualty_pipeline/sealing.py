"""Encryption at rest: keys, and files sealed with them (AES-256-GCM). ADR 13 says why so; docs/security.md what it is for.

A sealed file is a header (what it is, which key, a salt) and chunks of 1 MiB, each encrypted and authenticated by itself, so
that a large file needs no memory. The key of the file comes from the key and the salt (HKDF-SHA256). A chunk's nonce is its
number and whether it is the last: chunks left out, swapped or cut off don't open.

What belongs here: keys, and turning bytes into sealed bytes and back. Which files are sealed, the archive decides.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes, token_hex

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casualty_pipeline.errors import CasualtyError, OperationalError

CHUNK = 1 << 20
_MAGIC = b"casualty sealed 1\n"
_ID, _SALT, _TAG = 8, 32, 16
HEADER = len(_MAGIC) + _ID + _SALT
KEY, KEY_FILE = "CASUALTY_KEY", "CASUALTY_KEY_FILE"


class SealError(CasualtyError):
    """Sealed bytes that don't open: the key isn't here, or they were damaged or altered."""


def _derived(key: bytes, info: str, length: int = 32, salt: bytes | None = None) -> bytes:
    return HKDF(SHA256(), length, salt, f"casualty/1/{info}".encode()).derive(key)


@dataclass(frozen=True, repr=False)
class Keyring:
    """Keys of 32 bytes: the first one seals, every one opens. None at all: nothing is sealed. Never shown by `repr`."""

    keys: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.keys)

    @property
    def ids(self) -> tuple[str, ...]:
        """What each key is called where it may be told: derived from it, and no help in finding it."""
        return tuple(_derived(key, "id", _ID).hex() for key in self.keys)

    def for_warehouse(self) -> tuple[str, ...]:
        """The keys of the warehouse, in hexadecimal, in the order of the ring: other ones than those of files."""
        return tuple(_derived(key, "warehouse").hex() for key in self.keys)

    def sealing(self, write: Callable[[bytes], object]) -> "Sealing":
        """A stream that seals with the first key what it is given, and hands it on to `write`."""
        salt = token_bytes(_SALT)
        header = _MAGIC + bytes.fromhex(self.ids[0]) + salt
        write(header)
        return Sealing(AESGCM(_derived(self.keys[0], "file", salt=salt)), header, write)

    def opened(self, read: Callable[[int], bytes]) -> Iterator[bytes]:
        """What was sealed, a chunk at a time; `read` gives so many bytes, fewer only at the end. Raises SealError."""
        header = read(HEADER)
        if len(header) < HEADER or not is_sealed(header):
            raise SealError("expected a sealed file")
        cipher = AESGCM(_derived(self._of(header), "file", salt=header[-_SALT:]))
        number, chunk = 0, read(CHUNK + _TAG)
        while True:
            later = read(CHUNK + _TAG) if len(chunk) == CHUNK + _TAG else b""
            try:
                yield cipher.decrypt(_nonce(number, last=not later), chunk, header)
            except InvalidTag:
                raise SealError("damaged, or altered after it was sealed: bring it back from a backup") from None
            if not later:
                return
            number, chunk = number + 1, later

    def _of(self, header: bytes) -> bytes:
        wanted = key_id(header)
        for name, key in zip(self.ids, self.keys, strict=True):
            if name == wanted:
                return key
        have = f"has {', '.join(self.ids)}" if self.keys else f"is not set, nor is {KEY}"
        raise SealError(f"sealed with the key {wanted}: {KEY_FILE} {have}. Add that key to it")

    def seal(self, content: bytes) -> bytes:
        """Some bytes, sealed."""
        parts: list[bytes] = []
        with_key = self.sealing(parts.append)
        with_key.write(content)
        with_key.close()
        return b"".join(parts)

    def open(self, content: bytes) -> bytes:
        """The bytes that were sealed; bytes that aren't sealed as they are. Raises SealError."""
        if not is_sealed(content):
            return content
        view = memoryview(content)
        at = 0

        def read(size: int) -> bytes:
            nonlocal at
            at += size
            return bytes(view[at - size : at])

        return b"".join(self.opened(read))


@dataclass
class Sealing:
    """A stream being sealed. It is whole only once it is closed: the last chunk says that it is the last."""

    cipher: AESGCM
    header: bytes
    to: Callable[[bytes], object]
    number: int = 0
    waiting: bytes = b""

    def write(self, content: bytes) -> None:
        """Seal some more bytes."""
        self.waiting += content
        while len(self.waiting) > CHUNK:
            self._chunk(self.waiting[:CHUNK], last=False)
            self.waiting = self.waiting[CHUNK:]

    def close(self) -> None:
        """Seal what is left, as the end."""
        self._chunk(self.waiting, last=True)

    def _chunk(self, content: bytes, last: bool) -> None:
        self.to(self.cipher.encrypt(_nonce(self.number, last), content, self.header))
        self.number += 1


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def is_sealed(content: bytes) -> bool:
    """Whether bytes begin as a sealed file does."""
    return content.startswith(_MAGIC)


def key_id(header: bytes) -> str:
    """Which key sealed the file that begins so."""
    return header[len(_MAGIC) : len(_MAGIC) + _ID].hex()


def size_opened(size: int) -> int:
    """The bytes that a sealed file of this size holds."""
    body = size - HEADER
    return body - _TAG * max(1, -(-body // (CHUNK + _TAG)))


def keyring() -> Keyring:
    """The keys of CASUALTY_KEY_FILE or CASUALTY_KEY; none where neither is set.

    Raises OperationalError where the file can't be read, others than its owner may read it, or it holds something else than
    keys: 64 hexadecimal digits each, a line each (or, in CASUALTY_KEY, separated by commas); what follows `#` is a comment.
    """
    file, text = os.environ.get(KEY_FILE), os.environ.get(KEY)
    if file and text:
        raise OperationalError(f"both {KEY_FILE} and {KEY} are set: unset one of them")
    if file:
        return Keyring(_parse(_text_of(Path(file)).splitlines(), KEY_FILE))
    return Keyring(_parse(text.split(","), KEY)) if text else Keyring()


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise OperationalError(f"{KEY_FILE}: others than its owner can read the file of keys: chmod 600 it")
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it isn't text"
        raise OperationalError(f"{KEY_FILE}: the file of keys can't be read: {why}") from None


def _parse(lines: Iterable[str], where: str) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for number, line in enumerate(lines, start=1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        if not re.fullmatch(r"[0-9a-fA-F]{64}", word):  # never quoted: it may be a key with a slip in it
            raise OperationalError(f"{where}: key {number} isn't 64 hexadecimal digits (`casualty new-key FILE` makes one)")
        found.append(bytes.fromhex(word))
    if not found or len(set(found)) < len(found):
        raise OperationalError(f"{where}: expected one or more keys, each once")
    return tuple(found)


def add_key(file: Path) -> Keyring:
    """Put a new key on top of a file of keys, which is made if it isn't there. Returns all of them.

    The old ones stay: they open what is still sealed with them. Raises OperationalError as `keyring` does.
    """
    before = _text_of(file) if file.exists() else ""
    earlier = _parse(before.splitlines(), str(file)) if before.strip() else ()
    beside = file.with_name(f".{file.name}.{token_hex(4)}")
    new = token_bytes(32)
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as target:
            target.write(f"{new.hex()}\n{before}")
            target.flush()
            os.fsync(target.fileno())
        beside.replace(file)
    except OSError as problem:
        raise OperationalError(f"{file}: a key can't be written there: {problem.strerror}") from None
    return Keyring((new, *earlier))
