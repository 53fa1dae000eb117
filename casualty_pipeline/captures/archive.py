"""The archive: objects addressed by their SHA-256, never changed; and entries that say when and whence each came.

Layout: `objects/ab/abcd...` (read-only bytes; `abcd....sealed` where there is a key), `entries/<delivery>.jsonl` (a file of
the journal for each delivery, written last, by rename: a killed ingest leaves at most objects without an entry, and taking
the files in again completes it), `last.json` (the newest of these), `incoming/` (copies at work) and `lock`.

What belongs here: the order of the steps by which a delivery comes in. The steps are elsewhere: `storing.py` copies,
`custody.py` and `proofs.py` read what came along, `delivery.py` brings both together, `entries.py` keeps the journal.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from casualty_pipeline.captures import custody
from casualty_pipeline.captures.custody import Given, read_accompanying
from casualty_pipeline.captures.delivery import Delivery, Work
from casualty_pipeline.captures.entries import Entry, Journal
from casualty_pipeline.captures.storing import store
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.sealing import Keyring, SealError, keyring

__all__ = ["Archive", "Delivery", "Entry", "refuse_link"]

SEALED = ".sealed"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Archive:
    """A folder of objects and entries."""

    root: Path

    @cached_property
    def keys(self) -> Keyring:
        """The keys that objects are sealed with, if any."""
        return keyring()

    @cached_property
    def journal(self) -> Journal:
        """The files that hold the entries."""
        return Journal(self.root)

    def object_path(self, sha256: str) -> Path:
        """Where the bytes of a capture are, unless they are sealed."""
        return self.root / "objects" / sha256[:2] / sha256

    def sealed_path(self, sha256: str) -> Path:
        """Where they are when they are sealed. The name is that of the bytes inside (ADR 13)."""
        return self.root / "objects" / sha256[:2] / f"{sha256}{SEALED}"

    def holds(self, sha256: str) -> bool:
        """Whether the bytes of a capture are here, sealed or not."""
        return self.object_path(sha256).is_file() or self.sealed_path(sha256).is_file()

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a capture, piece by piece. Raises OSError where there are none, SealError where they don't open."""
        sealed = self.sealed_path(sha256)
        with (sealed if sealed.is_file() else self.object_path(sha256)).open("rb") as file:
            if sealed.is_file():
                yield from self.keys.opened(file.read)
            else:
                while chunk := file.read(_CHUNK):
                    yield chunk

    @contextmanager
    def opened(self, sha256: str) -> Iterator[Path]:
        """A path at which the bytes of a capture can be read, for as long as the context lasts.

        What is sealed is opened in memory, never on a disk. Raises SealError where it doesn't open, or holds other bytes
        than its name says.
        """
        if not self.sealed_path(sha256).is_file():
            yield self.object_path(sha256)
            return
        handle, digest = os.memfd_create("casualty", os.MFD_CLOEXEC), hashlib.sha256()
        try:
            with os.fdopen(os.dup(handle), "wb") as memory:
                for chunk in self.chunks(sha256):
                    digest.update(chunk)
                    memory.write(chunk)
            if digest.hexdigest() != sha256:
                raise SealError(f"the object {sha256} holds other bytes: `casualty verify` says more")
            yield Path(f"/proc/self/fd/{handle}")
        finally:
            os.close(handle)

    def each(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Path]]:
        """Entries with a path at which each can be read until the next is asked for."""
        for entry in entries:
            with self.opened(entry.sha256) as path:
                yield entry, path

    def entries(self) -> Iterator[Entry]:
        """Every entry ever made, oldest first."""
        found = [entry for file in self.journal.files() for entry in file.entries]
        yield from sorted(found, key=lambda e: (e.received_at, e.entry_id))

    def take(
        self,
        files: Sequence[tuple[Path, str]],
        source: str,
        received_at: datetime | None = None,
        access_level: str = "confidential",
        collector: str = "casualty ingest",
    ) -> list[Entry]:
        """Take files in as `receive` does; returns the new entries alone."""
        given = Given(received_at=received_at, access_level=access_level, collector=collector)
        return self.receive(files, source, given).entries

    def receive(self, files: Sequence[tuple[Path, str]], source: str, given: Given) -> Delivery:
        """Take files, given with their original names, into the archive as one delivery.

        `given` is what is said of the whole delivery (access level confidential and received now, where it says nothing);
        what `custody.csv` among the files says of one of them goes before it. What the archive already holds from this
        source under the same name is not entered again, so that taking a folder twice does nothing. A hash or a timestamp
        that doesn't fit is a finding and keeps nothing out. Raises CasualtyError for what isn't a regular file, and for an
        access level that there isn't; then nothing is entered.
        """
        custody.access_level(given.access_level or "confidential")
        for path, _ in files:
            refuse_link(path)
        along = read_accompanying(files)
        before = {file.name: file for file in self.journal.files()}
        work = Work(self, source, given, along, [name for _, name in files], before)
        work.stored = store(self, work.requests([path for path, _ in files]))
        claimed, proved = work.claims(), work.proofs()
        with self.journal.locked():
            for name in self.journal.names():  # what other ingests entered meanwhile
                if name not in before:
                    before[name] = self.journal.read(name)
            self.journal.settle(list(before.values()))
            work.enter(list(before.values()), claimed, proved)
        return work.delivery

    def digest(self, sha256: str, algorithm: str) -> str | None:
        """The digest of an object by another algorithm; None when either isn't here."""
        if algorithm == "sha256":
            return sha256
        try:
            digest = hashlib.new(algorithm, usedforsecurity=False)
            for chunk in self.chunks(sha256):
                digest.update(chunk)
            return digest.hexdigest()
        except (ValueError, TypeError, OSError, SealError):  # TypeError: an algorithm whose digests have no fixed length
            return None


def refuse_link(path: Path) -> None:
    """A symbolic link could bring in any file of the machine: it is refused, as is what isn't a regular file."""
    if path.is_symlink():
        raise CasualtyError(f"{path} is a symbolic link: put a copy of the file there instead")
    if not path.is_file():
        raise CasualtyError(f"{path} is not a file")
