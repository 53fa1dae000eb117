"""Proof that the archive still holds what was received: every object is re-hashed, every entry has its object.

What belongs here: reading and comparing. Nothing is ever repaired: a wrong byte is for a backup to replace, and for people
to explain.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from casualty_pipeline.captures.archive import Archive

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: `changed`, `missing`, `unreadable` or `surplus`, and where."""

    kind: str
    sha256: str
    detail: str


@dataclass(frozen=True)
class Verification:
    """What was looked at, and what was found."""

    objects: int
    size_bytes: int
    entries: int
    faults: tuple[Fault, ...]


def verify_archive(archive: Archive, progress: Callable[[int, int], None] | None = None) -> Verification:
    """Re-hash every object, on all cores (hashing releases the interpreter's lock), and compare with the entries.

    A surplus object is one that no entry names: an ingest that was killed leaves such, and taking the files in again
    gives it its entry. `progress` is told (bytes hashed, bytes in all). Raises CasualtyError when the entries themselves
    can't be read.
    """
    named: dict[str, list[str]] = {}
    entries = 0
    for entry in archive.entries():
        entries += 1
        named.setdefault(entry.sha256, []).append(f"{entry.source}/{entry.original_name}")
    paths = sorted(p for p in (archive.root / "objects").glob("??/*") if p.is_file())
    total, done = sum(p.stat().st_size for p in paths), 0
    faults: list[Fault] = []
    with ThreadPoolExecutor() as pool:
        for path, found in zip(paths, pool.map(_digest, paths), strict=True):
            done += path.stat().st_size
            if progress is not None:
                progress(done, total)
            where = ", ".join(named.get(path.name, ["no entry"]))
            if found is None:
                faults.append(Fault("unreadable", path.name, f"can't be read ({where})"))
            elif found != path.name:
                faults.append(Fault("changed", path.name, f"its bytes now have the hash {found} ({where})"))
            elif path.name not in named:
                faults.append(Fault("surplus", path.name, "no entry says whence it came; take the files in again"))
    present = {p.name for p in paths}
    faults += [
        Fault("missing", sha256, f"the object of {', '.join(names)} is gone; restore it from a backup")
        for sha256, names in sorted(named.items())
        if sha256 not in present
    ]
    return Verification(len(paths), total, entries, tuple(faults))


def _digest(path: Path) -> str | None:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest()
