"""Sealing an archive anew: what lies in the clear, or under an older key, comes under the first key of the ring.

Each file is sealed beside and renamed over the old one, so that a kill at any moment leaves every object readable with the
keys of the ring; what is done already, its header says, and the next call goes on with the rest. Nothing is ever opened onto
a disk. What is damaged is left as it is and told.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from casualty_pipeline.captures.archive import SEALED, Archive
from casualty_pipeline.captures.entries import flush
from casualty_pipeline.errors import CasualtyError, OperationalError
from casualty_pipeline.sealing import HEADER, KEY_FILE, SealError, is_sealed, key_id


@dataclass(frozen=True)
class Resealed:
    """How many files came under the first key now, how many were there already, and sentences about those that can't."""

    sealed: int
    already: int
    problems: tuple[str, ...]


def reseal(archive: Archive, progress: Callable[[int, int], None] | None = None) -> Resealed:
    """Seal every object and every file of entries with the first key. `progress` is told (files done, files in all).

    Holds the archive's lock: what is taken in meanwhile waits. Raises OperationalError without a key, CasualtyError where
    the archive can't be written to.
    """
    if not archive.keys:
        raise OperationalError(f"{KEY_FILE} is not set: make a key with `casualty new-key FILE` and name the file there")
    done, already, problems = 0, 0, list[str]()
    with archive.journal.locked():
        files = sorted(_files(archive))
        for number, path in enumerate(files, start=1):
            try:
                with path.open("rb") as file:
                    header = file.read(HEADER)
                if is_sealed(header) and _may_be_sealed(path) and key_id(header) == archive.keys.ids[0]:
                    already += 1
                else:
                    _reseal(archive, path)
                    done += 1
            except SealError as problem:
                problems.append(f"{path.relative_to(archive.root)}: {problem}")
            except OSError as problem:
                raise CasualtyError(f"can't seal {path}: {problem.strerror}; run the command again") from problem
            if progress is not None:
                progress(number, len(files))
    return Resealed(done, already, tuple(problems))


def _files(archive: Archive) -> Iterator[Path]:
    """Every object, and every file of entries; what isn't one is for a verification to tell."""
    for path in (archive.root / "objects").glob("??/*"):
        sha256 = path.name.removesuffix(SEALED)
        if path in (archive.object_path(sha256), archive.sealed_path(sha256)) and not path.is_symlink():
            yield path
    yield from (archive.journal.folder / name for name in archive.journal.names())


def _may_be_sealed(path: Path) -> bool:
    """An object in the clear may hold a sealed file that somebody sent: only its name says what it is."""
    return path.suffix in {SEALED, ".jsonl"}


def _reseal(archive: Archive, path: Path) -> None:
    is_object = path.suffix != ".jsonl"
    sha256 = path.name.removesuffix(SEALED) if is_object else None
    target = archive.sealed_path(sha256) if sha256 is not None else path
    beside = archive.root / "incoming" / f"reseal-{token_hex(8)}"
    beside.parent.mkdir(exist_ok=True)
    digest = hashlib.sha256()
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "wb") as file:
            sealing = archive.keys.sealing(file.write)
            for chunk in _opened(archive, path):
                digest.update(chunk)
                sealing.write(chunk)
            sealing.close()
            file.flush()
            os.fsync(file.fileno())
        if sha256 is not None and digest.hexdigest() != sha256:
            raise SealError("its bytes are not those of its name: `casualty verify` says more")
        beside.replace(target)
        flush(target.parent)
        if target != path:
            path.unlink()
            flush(path.parent)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def _opened(archive: Archive, path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        if _may_be_sealed(path) and is_sealed(file.read(HEADER)):
            file.seek(0)
            yield from archive.keys.opened(file.read)
            return
        file.seek(0)
        while chunk := file.read(1 << 20):
            yield chunk
