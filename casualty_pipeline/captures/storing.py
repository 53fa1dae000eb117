"""Copying into the archive: a file is hashed while it is copied, and comes to its address whole or not at all.

Files are copied beside, several at once; then all of them are flushed to the disk together, since waiting for the disk after
every file takes longer than hashing it; only then do they get their addresses, by rename. A copy that was killed leaves
files in `incoming/`, which the next one clears away, or whole objects that no entry names yet.
"""

import ctypes
import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from casualty_pipeline.captures.entries import flush
from casualty_pipeline.captures.media_types import HEAD, sniff
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.sealing import Keyring

if TYPE_CHECKING:  # the archive stores, by this
    from casualty_pipeline.captures.archive import Archive

_CHUNK = 1 << 20
_TOGETHER = 1_000  # files that are flushed together: bounds what a full disk, or a kill, makes copy again
_WORKERS = min(8, (os.cpu_count() or 1) + 1)  # one waits for the disk while the others hash


@dataclass(frozen=True)
class Stored:
    """One file as it was read: `digests` by the name of the algorithm, in hexadecimal, SHA-256 among them."""

    sha256: str
    size_bytes: int
    media_type: str
    digests: dict[str, str]


@dataclass(frozen=True)
class Request:
    """One file to take in: where it lies, what it is called, which hashes are wanted besides SHA-256.

    `held` says that its bytes are probably in the archive: then it is read first and copied only if they aren't.
    """

    path: Path
    name: str
    algorithms: Collection[str] = ()
    held: bool = False


def store(archive: "Archive", requests: Sequence[Request]) -> list[Stored]:
    """Bring the bytes of every file to their address. Returns what was read, in the order of the requests.

    With a key they are sealed on the way, so that they never lie in the archive as they came. Raises CasualtyError, naming
    the file, for what can't be read or isn't a regular file; what was copied before it stays.
    """
    stored: list[Stored] = []
    rest, number = iter(requests), 0
    address = archive.sealed_path if archive.keys else archive.object_path
    with (
        _workplace(archive.root, archive.journal.locked) as place,
        ThreadPoolExecutor(_WORKERS) as pool,
        ThreadPoolExecutor(1) as disk,
    ):
        flushed: Future[None] | None = None
        folders: set[Path] = set()
        while group := list(islice(rest, _TOGETHER)):
            copies = [place / f"{number + position:09d}" for position in range(len(group))]
            number += len(group)
            done = list(pool.map(partial(_take, archive), group, copies))
            if flushed is not None:
                flushed.result()  # one group waits for the disk while the next is hashed, never more
            # What is here already, in whichever form, stays as it is: the target of its copy is that.
            here = [archive.object_path(one.sha256) for one in done]
            targets = [p if p.is_file() else address(one.sha256) for p, one in zip(here, done, strict=True)]
            flushed = disk.submit(_to_address, place, copies, targets, folders)
            stored += done
        if flushed is not None:
            flushed.result()
        _flush(place, sorted(folders))  # once for all groups: nearly each of them touches every folder
    return stored


def _to_address(place: Path, copies: Sequence[Path], targets: Sequence[Path], folders: set[Path]) -> None:
    """Bring copies to their addresses when their bytes are flushed; `folders` gets those whose names changed."""
    made = [(copy, target) for copy, target in zip(copies, targets, strict=True) if copy.exists()]
    _flush(place, [copy for copy, _ in made])
    try:
        for copy, target in made:
            if target.exists():
                copy.unlink()
                continue
            if not target.parent.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                folders |= {target.parent.parent, target.parent.parent.parent}
            copy.replace(target)
            folders.add(target.parent)
    except OSError as problem:
        raise _unwritable(problem) from problem


def _unwritable(problem: OSError) -> CasualtyError:
    return CasualtyError(f"can't write to the archive: {problem.strerror}: {problem.filename}")


@contextmanager
def _workplace(root: Path, lock: Callable[[], AbstractContextManager[None]]) -> Iterator[Path]:
    """A folder in `incoming/` for one ingest, held by a lock on it; those that nobody holds any more are cleared away."""
    incoming = root / "incoming"
    with lock():
        incoming.mkdir(parents=True, exist_ok=True)
        for left in sorted(incoming.iterdir()):
            _clear(left)
        place = incoming / secrets.token_hex(8)
        place.mkdir()
        handle = os.open(place, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(handle)


def _clear(left: Path) -> None:
    if not left.is_dir():
        left.unlink(missing_ok=True)
        return
    with suppress(FileNotFoundError):
        handle = os.open(left, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another ingest is at work in it
        finally:
            os.close(handle)
        shutil.rmtree(left, ignore_errors=True)


def _take(archive: "Archive", request: Request, copy: Path) -> Stored:
    if request.held:
        read = _read(request, None, archive.keys)
        if archive.holds(read.sha256):
            return read
    return _read(request, copy, archive.keys)


def _read(request: Request, copy: Path | None, keys: Keyring) -> Stored:
    """Hash a file in one pass, and copy it where a place for the copy is given, sealed where there is a key."""
    path = request.path
    try:
        origin = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        target = -1
        try:
            if not stat.S_ISREG(os.fstat(origin).st_mode):
                raise CasualtyError(f"{path} is not a file")
            if copy is not None:
                target = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
            digests = {name: hashlib.new(name, usedforsecurity=False) for name in {"sha256", *request.algorithms}}
            head, size = b"", 0
            write = partial(_write, target)
            sealing = keys.sealing(write) if copy is not None and keys else None
            while chunk := os.read(origin, _CHUNK):
                head = head or chunk[:HEAD]
                size += len(chunk)
                for digest in digests.values():
                    digest.update(chunk)
                if sealing is not None:
                    sealing.write(chunk)
                elif copy is not None:
                    write(chunk)
            if sealing is not None:
                sealing.close()
            if target >= 0:
                os.fchmod(target, 0o444)
        finally:
            os.close(origin)
            if target >= 0:
                os.close(target)
        found = {name: digest.hexdigest() for name, digest in sorted(digests.items())}
        return Stored(found["sha256"], size, sniff(head, request.name, lambda: path.open("rb")), found)
    except OSError as problem:
        raise CasualtyError(f"can't take in {path}: {problem.strerror}") from problem


def _write(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _flush(place: Path, paths: Sequence[Path]) -> None:
    """Make files, or the names in folders, last through a power cut: before entries name them."""
    try:
        if sys.platform != "linux" or len(paths) <= 16:  # a few are sooner flushed than the whole file system
            for path in paths:
                flush(path)
            return
        handle = os.open(place, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(handle):
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number), str(place))
        finally:
            os.close(handle)
    except OSError as problem:
        raise _unwritable(problem) from problem
