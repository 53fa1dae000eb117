"""Entries: what is known of each item as received, and the journal that keeps them, one file of lines per delivery.

Each file of the journal opens with a line that names the files before it, with their SHA-256: all those that no other file
names yet. So every file vouches for what came before it, and one that is altered, or taken away, is missed by a later one.
`last.json` beside the entries names the newest, so that its loss too is noticed. Files from before there was this line are
read as they are; the first file after them vouches for all of them.

What belongs here: the form of an entry, and reading, adding to and proving the journal. What an entry says is decided by
`archive.py`, `custody.py` and `proofs.py`.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.sealing import Keyring, SealError, keyring

ACCESS_LEVELS = ("open", "restricted", "confidential")
_PREVIOUS = "previous"
_LAST = "last.json"


@dataclass(frozen=True)
class Entry:
    """One item as received."""

    entry_id: str
    sha256: str
    source: str
    delivery_id: str
    original_name: str
    received_at: str  # UTC, ISO 8601
    media_type: str
    size_bytes: int
    access_level: str
    collector: str
    # or "checksums", "proof": what came along to say something of other captures; or "redacted": a copy
    role: str = "capture"
    original_url: str | None = None
    archive_url: str | None = None
    tool: str | None = None
    claimed_hashes: tuple[Mapping[str, Any], ...] = ()
    proofs: tuple[Mapping[str, Any], ...] = ()
    derived_from: str | None = None  # of a redacted copy: the SHA-256 of the untouched capture
    reason: str | None = None  # and why it was made

    @classmethod
    def of(cls, line: str) -> "Entry":
        """The entry that a line of an entries file holds. Raises ValueError or TypeError where it holds none."""
        given = json.loads(line)
        return cls(**given | {name: tuple(given.get(name, ())) for name in ("claimed_hashes", "proofs")})


@dataclass(frozen=True)
class JournalFile:
    """One file of the journal as it is now: its hash, its entries, and the files that it vouches for (name, SHA-256)."""

    name: str
    sha256: str
    entries: tuple[Entry, ...]
    previous: tuple[tuple[str, str], ...]
    chained: bool  # whether it says what came before it; False for files from before this was done


@dataclass(frozen=True)
class Journal:
    """The folder `entries/` of an archive, and beside it `last.json` and the lock."""

    root: Path

    @cached_property
    def keys(self) -> Keyring:
        """The keys that its files are sealed with, if any. Hashes in the chain are of what was sealed, whatever the key."""
        return keyring()

    @property
    def folder(self) -> Path:
        """Where the files of the journal are."""
        return self.root / "entries"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the archive's lock: one process at a time adds to the journal. A killed process gives it back."""
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def names(self) -> list[str]:
        """The files of the journal, by name."""
        return sorted(path.name for path in self.folder.glob("*.jsonl"))

    def read(self, name: str) -> JournalFile:
        """One file of the journal. Raises CasualtyError when it is no list of entries."""
        path = self.folder / name
        try:
            content = self.keys.open(path.read_bytes())
            lines = content.decode("utf-8").rstrip("\n").split("\n") if content else []  # a name may hold U+2028
            opening = json.loads(lines[0]) if lines else {}
            before: Sequence[Mapping[str, str]] = opening.get(_PREVIOUS, ()) if isinstance(opening, dict) else ()
            chained = isinstance(opening, dict) and _PREVIOUS in opening
            return JournalFile(
                name,
                hashlib.sha256(content).hexdigest(),
                tuple(Entry.of(line) for line in lines[chained:]),
                tuple((given["file"], given["sha256"]) for given in before),
                chained,
            )
        except SealError as problem:
            raise CasualtyError(f"{path}: {problem}") from None
        except (ValueError, TypeError, KeyError) as problem:
            raise CasualtyError(f"{path}: not a list of archive entries ({problem}); restore it from a backup") from problem
        except OSError as problem:
            raise CasualtyError(f"{path} can't be read: {problem.strerror}") from problem

    def files(self) -> list[JournalFile]:
        """Every file of the journal, by name."""
        return [self.read(name) for name in self.names()]

    def add(self, name: str, entries: Sequence[Entry], files: Sequence[JournalFile]) -> None:
        """Write a file of entries that vouches for those that no other does; `files` is the journal up to now.

        To be called under the lock. Written beside, flushed to the disk, renamed: whoever reads sees all of it or nothing.
        """
        before = self._tips(files)
        if (last := self.last()) is not None and last[0] not in _vouched(files):
            before[last[0]] = last[1]  # as it was: were it altered or gone by now, the new file would else hide that
        previous = [{"file": file, "sha256": sha256} for file, sha256 in sorted(before.items())]
        lines = [{_PREVIOUS: previous}, *(_told(entry) for entry in entries)]
        content = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines).encode()
        place(self.folder / name, self.keys.seal(content) if self.keys else content)
        self._set_last(name, hashlib.sha256(content).hexdigest())

    def settle(self, files: Sequence[JournalFile]) -> None:
        """Name the newest file where an ingest was killed before it could, and clear away what it left half written.

        To be called under the lock. Does nothing where a file is missing or altered: that is for a verification to tell.
        """
        for left in [*self.root.glob("*.tmp"), *self.folder.glob("*.tmp")]:
            left.unlink(missing_ok=True)
        last, tips = self.last(), [file for file in files if file.chained and file.name in self._tips(files)]
        if len(tips) == 1 and (last is None or last in {pair for file in files for pair in file.previous}):
            self._set_last(tips[0].name, tips[0].sha256)

    @staticmethod
    def _tips(files: Sequence[JournalFile]) -> dict[str, str]:
        """The files that no other vouches for, with their hashes."""
        vouched = _vouched(files)
        return {file.name: file.sha256 for file in files if file.name not in vouched}

    def _set_last(self, name: str, sha256: str) -> None:
        place(self.root / _LAST, (json.dumps({"file": name, "sha256": sha256}, sort_keys=True) + "\n").encode())

    def last(self) -> tuple[str, str] | None:
        """The newest file (name, SHA-256) as `last.json` has it; None where there is none yet.

        Raises CasualtyError when it can't be read.
        """
        path = self.root / _LAST
        try:
            given = json.loads(path.read_text(encoding="utf-8"))
            return str(given["file"]), str(given["sha256"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as problem:
            raise CasualtyError(
                f"{path}: expected the name and the SHA-256 of the newest file of entries ({problem}); "
                "restore it from a backup"
            ) from problem


def _told(entry: Entry) -> dict[str, Any]:
    """An entry as a line says it; what only a redacted copy has is left out of others, as before there were any."""
    return {k: v for k, v in asdict(entry).items() if v is not None or k not in {"derived_from", "reason"}}


def _vouched(files: Sequence[JournalFile]) -> set[str]:
    return {name for file in files for name, _ in file.previous}


def place(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and for good: written beside, flushed, renamed, and the folder flushed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)  # of one that was killed: read-only, perhaps
    with temporary.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    temporary.chmod(0o444)
    temporary.replace(path)
    flush(path.parent)


def flush(path: Path) -> None:
    """Make the bytes of a file, or the names in a folder, last through a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
