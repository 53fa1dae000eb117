"""The archive: objects addressed by their SHA-256, never changed; and entries that say when and whence each came.

Layout: `objects/ab/abcd...` (read-only bytes) and `entries/<delivery>.jsonl` (one line per file of a delivery, written
last, by rename: a killed ingest leaves at most objects without an entry, and taking the files in again completes it).
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError

_CHUNK = 1 << 20


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
    role: str = "capture"  # or "checksums", "proof": what came along to say something of other captures
    original_url: str | None = None
    archive_url: str | None = None
    tool: str | None = None
    claimed_hashes: tuple[Mapping[str, Any], ...] = ()
    proofs: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, line: str) -> "Entry":
        """The entry that a line of an entries file holds. Raises ValueError or TypeError where it holds none."""
        given = json.loads(line)
        return cls(**given | {name: tuple(given.get(name, ())) for name in ("claimed_hashes", "proofs")})


def sniff(head: bytes, name: str) -> str:
    """Media type from the first bytes; the name only tells text formats apart."""
    if head.startswith(b"PK\x03\x04"):
        xlsx = name.lower().endswith((".xlsx", ".xlsm"))
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" if xlsx else "application/zip"
    for magic, media_type in ((b"%PDF", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png")):
        if head.startswith(magic):
            return media_type
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 with its mark: what Excel saves as "Unicode text"
        return "text/csv"
    if b"\0" in head:
        return "application/octet-stream"
    return "text/csv" if name.lower().endswith((".csv", ".tsv", ".txt")) else "text/plain"


@dataclass(frozen=True)
class Archive:
    """A folder of objects and entries."""

    root: Path

    def object_path(self, sha256: str) -> Path:
        """Where the bytes of a capture are."""
        return self.root / "objects" / sha256[:2] / sha256

    def entries(self) -> Iterator[Entry]:
        """Every entry ever made, oldest first."""
        found = []
        for path in sorted((self.root / "entries").glob("*.jsonl")):
            try:
                found += [Entry.of(line) for line in path.read_text(encoding="utf-8").splitlines()]
            except (ValueError, TypeError) as problem:
                raise CasualtyError(
                    f"{path}: not a list of archive entries ({problem}); restore it from a backup"
                ) from problem
        yield from sorted(found, key=lambda e: (e.received_at, e.entry_id))

    def take(
        self,
        files: Sequence[tuple[Path, str]],
        source: str,
        received_at: datetime | None = None,
        access_level: str = "confidential",
        collector: str = "casualty ingest",
    ) -> list[Entry]:
        """Take files, given with their original names, into the archive as one delivery.

        What the archive already holds from this source under the same name is not entered again, so that taking a
        folder twice does nothing. Returns the new entries. Raises CasualtyError for what isn't a regular file.
        """
        known = {(e.source, e.original_name, e.sha256) for e in self.entries()}
        moment = (received_at or datetime.now(UTC)).astimezone(UTC)
        fresh: list[tuple[str, str, int, str]] = []
        for path, name in files:
            refuse_link(path)
            sha256, size, head = self._store(path)
            if (source, name, sha256) not in known:
                known.add((source, name, sha256))
                fresh.append((name, sha256, size, sniff(head, name)))
        if not fresh:
            return []
        identity = "\0".join([source, moment.isoformat(), *(f"{name}\0{sha}" for name, sha, _, _ in fresh)])
        delivery = hashlib.sha256(identity.encode()).hexdigest()[:16]
        entries = [
            Entry(
                entry_id=f"{delivery}-{number:05d}",
                sha256=sha256,
                source=source,
                delivery_id=delivery,
                original_name=name,
                received_at=moment.isoformat(),
                media_type=media_type,
                size_bytes=size,
                access_level=access_level,
                collector=collector,
            )
            for number, (name, sha256, size, media_type) in enumerate(fresh)
        ]
        lines = "".join(json.dumps(asdict(e), ensure_ascii=False, sort_keys=True) + "\n" for e in entries)
        stamp = moment.strftime("%Y%m%dT%H%M%S")
        self._place(self.root / "entries" / f"{stamp}-{delivery}.jsonl", [lines.encode()])
        return entries

    def _store(self, path: Path) -> tuple[str, int, bytes]:
        """Copy a file to its address; returns its hash, size and first bytes. Hashes what it writes, in one pass."""
        digest, size, head = hashlib.sha256(), 0, b""
        incoming = self.root / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=incoming)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as target, path.open("rb") as origin:
                while chunk := origin.read(_CHUNK):
                    head = head or chunk[:4096]
                    digest.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            address = self.object_path(digest.hexdigest())
            if not address.exists():
                address.parent.mkdir(parents=True, exist_ok=True)
                temporary.chmod(0o444)
                temporary.replace(address)
        except OSError as problem:
            raise CasualtyError(f"can't take in {path}: {problem.strerror}") from problem
        finally:
            temporary.unlink(missing_ok=True)
        return digest.hexdigest(), size, head

    @staticmethod
    def _place(path: Path, chunks: Iterable[bytes]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as target:
            for chunk in chunks:
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(path)


def refuse_link(path: Path) -> None:
    """A symbolic link could bring in any file of the machine: it is refused, as is what isn't a regular file."""
    if path.is_symlink():
        raise CasualtyError(f"{path} is a symbolic link: put a copy of the file there instead")
    if not path.is_file():
        raise CasualtyError(f"{path} is not a file")
