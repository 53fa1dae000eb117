"""Proof that the archive still holds what was received: objects are re-hashed, the journal is proved, each has the other.

What belongs here: reading and comparing. Nothing is ever repaired: a wrong byte is for a backup to replace, and for people
to explain. What was verified before an interruption is remembered by `verified.py`.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from casualty_pipeline.captures.archive import SEALED, Archive
from casualty_pipeline.captures.entries import Entry, Journal, JournalFile
from casualty_pipeline.captures.verified import Verified
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.sealing import Keyring, SealError, size_opened

_CHUNK = 1 << 20
_TOGETHER = 1_000  # objects given to the workers at a time
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where.

    Of an object: `changed`, `missing`, `unreadable`, `surplus` or `writable`. Of a file of entries, whose recorded hash is
    then given: `entries changed`, `entries missing`, `entries unvouched` or `entries writable`.
    """

    kind: str
    sha256: str
    detail: str


@dataclass(frozen=True)
class Sample:
    """Which objects are re-hashed: the first of an order that `seed` decides, up to a number or a share, and to a size.

    An object larger than `largest_bytes` in all is left to a full verification.
    """

    seed: str
    objects: int | None = None
    percent: float | None = None
    largest_bytes: int | None = None

    @classmethod
    def parse(cls, text: str, seed: str) -> "Sample | None":
        """A sample as people write it: `50` objects, `5%` of them, or `all`, which is none.

        Raises CasualtyError for anything else.
        """
        if text == "all":
            return None
        number, percent = text.removesuffix("%"), text.endswith("%")
        if re.fullmatch(r"[0-9]{1,9}", number) and not percent and int(number):
            return cls(seed, objects=int(number))
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", number) and percent and 0 < float(number) <= 100:
            return cls(seed, percent=float(number))
        raise CasualtyError(f"sample {text!r}: expected a number of objects (50), a share of them (5%), or all")

    def of(self, found: Sequence["_Object"]) -> list["_Object"]:
        """The sample, the same for the same archive and seed."""
        ordered = sorted(found, key=lambda o: hashlib.sha256(f"{self.seed}\0{o.sha256}".encode()).digest())
        wanted = len(ordered) if self.objects is None else self.objects
        if self.percent is not None:
            wanted = min(wanted, -int(-len(ordered) * self.percent // 100))
        chosen, room = list[_Object](), self.largest_bytes
        for one in ordered:
            if len(chosen) >= wanted:
                break
            if room is not None:
                if one.size > room:
                    continue
                room -= one.size
            chosen.append(one)
        return sorted(chosen, key=lambda o: o.sha256)


@dataclass(frozen=True)
class Verification:
    """What was looked at, and what was found. Sizes in bytes."""

    objects: int  # in the archive
    size_bytes: int
    hashed: int  # of them, now
    hashed_bytes: int
    verified_before: int  # of them, in the pass that this one takes up again
    entries: int
    journal_files: int
    head: str | None  # SHA-256 of the newest file of entries: it vouches for all before it
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class _Object:
    path: Path
    sha256: str
    size: int  # of what was received
    stamp: tuple[int, int]  # when the file, and its bytes, were last changed: nanoseconds


@dataclass
class _Told:
    """What the journal says: its files, what each object is called, how large it was."""

    files: list[JournalFile] = field(default_factory=list)
    named: dict[str, list[str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def hear(self, entry: Entry) -> None:
        self.named.setdefault(entry.sha256, []).append(f"{entry.source}/{entry.original_name}")
        self.sizes[entry.sha256] = entry.size_bytes


def verify_archive(
    archive: Archive,
    progress: Callable[[int, int], None] | None = None,
    sample: Sample | None = None,
    verified: Verified | None = None,
    head: str | None = None,
) -> Verification:
    """Re-hash the objects (or a sample), on all cores, and compare with the journal, which is proved itself.

    Every object is looked at for its presence, size and permissions, also beside a sample. A surplus object is one that no
    entry names: an ingest that was killed leaves such, and taking the files in again gives it its entry. `progress` is told
    (bytes hashed, bytes in all). `verified` remembers what was found right, for a pass that is interrupted. `head` is the
    hash of a file of entries that somebody wrote down: it must still be there. What is wrong is a fault, never an exception.
    """
    told = _told(archive.journal, head)
    faults, found = list(told.faults), list[_Object]()
    for path in sorted(_files(archive.root / "objects")):
        one = _look(archive, path, told, faults)
        if one is not None:
            found.append(one)
    chosen = found if sample is None else sample.of(found)
    waiting = [o for o in chosen if verified is None or not verified.knows(o.sha256, o.size, o.stamp)]
    total, done = sum(o.size for o in waiting), 0
    for one, digest in _digests(archive.keys, waiting):
        done += one.size
        if progress is not None:
            progress(done, total)
        where = ", ".join(told.named.get(one.sha256, ["no entry"]))
        if digest is None:
            faults.append(Fault("unreadable", one.sha256, f"can't be read ({where})"))
        elif digest != one.sha256 and one.size == told.sizes.get(one.sha256, one.size):  # else it was told from its size
            faults.append(Fault("changed", one.sha256, f"its bytes now have the hash {digest} ({where})"))
        elif digest == one.sha256 and verified is not None:
            verified.add(one.sha256, one.size, one.stamp)
    if verified is not None:
        verified.close(complete=True)
    present = {o.sha256 for o in found}
    faults += [
        Fault("missing", sha256, f"the object of {', '.join(names)} is gone; restore it from a backup")
        for sha256, names in sorted(told.named.items())
        if sha256 not in present
    ]
    return Verification(
        objects=len(found),
        size_bytes=sum(o.size for o in found),
        hashed=len(waiting),
        hashed_bytes=total,
        verified_before=len(chosen) - len(waiting),
        entries=sum(len(file.entries) for file in told.files),
        journal_files=len(told.files),
        head=_head(told.files),
        faults=tuple(faults),
    )


def _files(folder: Path) -> Iterator[Path]:
    for base, _, names in os.walk(folder):
        yield from (Path(base, name) for name in names)


def _look(archive: Archive, path: Path, told: _Told, faults: list[Fault]) -> _Object | None:
    """What can be told of an object without reading it. None for what is no object, which is a fault."""
    state = path.lstat()
    sha256 = path.name.removesuffix(SEALED)
    sealed = path == archive.sealed_path(sha256)
    if (path != archive.object_path(sha256) and not sealed) or not stat.S_ISREG(state.st_mode):
        faults.append(Fault("surplus", path.name, f"{path} is no object of an archive"))
        return None
    where = ", ".join(told.named.get(sha256, ["no entry"]))
    size = size_opened(state.st_size) if sealed else state.st_size
    if sealed and archive.object_path(sha256).is_file():
        detail = f"it also lies here as it came, not sealed: `casualty rotate-key` ends that ({where})"
        faults.append(Fault("surplus", sha256, detail))
        return None  # one of both is enough to be hashed
    if sha256 not in told.named:
        faults.append(
            Fault("surplus", sha256, "no entry says whence it came: take the files in again, unless an ingest is at work")
        )
    elif size != told.sizes[sha256]:
        said = f"it had {told.sizes[sha256]:,} bytes and now has {size:,} ({where})"
        faults.append(Fault("changed", sha256, said))
    if state.st_mode & _WRITABLE:
        faults.append(Fault("writable", sha256, f"can be written to: expected it read-only ({where})"))
    return _Object(path, sha256, size, (state.st_ctime_ns, state.st_mtime_ns))


def _digests(keys: Keyring, objects: Sequence[_Object]) -> Iterator[tuple[_Object, str | None]]:
    """The SHA-256 of each object now, in order; hashing releases the interpreter's lock, so that all cores work."""
    rest = iter(objects)
    with ThreadPoolExecutor() as pool:
        while group := list(islice(rest, _TOGETHER)):
            yield from zip(group, pool.map(partial(_digest, keys), [o.path for o in group]), strict=True)


def _digest(keys: Keyring, path: Path) -> str | None:
    digest = hashlib.sha256()
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            for chunk in keys.opened(file.read) if path.suffix == SEALED else iter(partial(file.read, _CHUNK), b""):
                digest.update(chunk)
    except SealError as problem:
        return f"can't be told: {problem}"
    except OSError:
        return None
    return digest.hexdigest()


def _told(journal: Journal, head: str | None) -> _Told:
    """Read the journal and prove it: every file that another vouches for is there, with the hash that it had."""
    told = _Told()
    for name in journal.names():
        try:
            file = journal.read(name)
        except CasualtyError as problem:
            told.faults.append(Fault("entries changed", "", f"{problem}; objects that only it names are told as surplus"))
            continue
        told.files.append(file)
        for entry in file.entries:
            told.hear(entry)
    now = {file.name: file.sha256 for file in told.files}
    broken = set(journal.names()) - now.keys()
    vouched = {(name, sha256): file.name for file in told.files for name, sha256 in file.previous}
    last = None
    try:
        last = journal.last()
    except CasualtyError as problem:
        told.faults.append(Fault("entries changed", "", str(problem)))
    if last is not None:
        vouched.setdefault(last, "last.json")
    for (name, sha256), by in sorted(vouched.items()):
        if name in now and now[name] != sha256:
            told.faults.append(Fault("entries changed", sha256, f"entries/{name} isn't what {by} says it was"))
        elif name not in now and name not in broken:
            told.faults.append(Fault("entries missing", sha256, f"entries/{name} is gone; {by} says that it was there"))
    if head is not None and head not in now.values():
        told.faults.append(Fault("entries missing", head, "no file of entries has the hash that was written down"))
    if not broken:  # what can't be read may be what speaks for others
        told.faults += _unvouched(journal, told.files, {name for name, _ in vouched}, last)
    return told


def _unvouched(
    journal: Journal, files: Sequence[JournalFile], vouched: set[str], last: tuple[str, str] | None
) -> Iterator[Fault]:
    """Files that nothing speaks for, and those that can be written to, in a journal that has begun to vouch."""
    chained = {file.name: file for file in files if file.chained}
    if not chained:
        return
    newest = [file for file in chained.values() if file.name not in vouched]
    # An ingest that was killed between its entries and last.json leaves one file that nothing names yet.
    named = {name for file in files for name, _ in file.previous}
    expected = {f.name for f in newest if len(newest) == 1 and (last is None or last[0] in named)}
    for file in files:
        if file.name not in vouched | expected:
            detail = f"entries/{file.name} was not written by an ingest, or what followed it is gone: nothing speaks for it"
            yield Fault("entries unvouched", file.sha256, detail)
        elif file.name in chained and (journal.folder / file.name).stat().st_mode & _WRITABLE:
            detail = f"entries/{file.name} can be written to: expected it read-only"
            yield Fault("entries writable", file.sha256, detail)
    if last is None and len(chained) > 1:
        yield Fault("entries missing", "", "without last.json, whether the newest file of entries is there can't be told")


def _head(files: Sequence[JournalFile]) -> str | None:
    named = {name for file in files for name, _ in file.previous}
    newest = [file.sha256 for file in files if file.chained and file.name not in named]
    return newest[0] if len(newest) == 1 else None


def counts(faults: Sequence[Fault]) -> Mapping[str, int]:
    """How many faults of each kind there are."""
    found: dict[str, int] = {}
    for fault in faults:
        found[fault.kind] = found.get(fault.kind, 0) + 1
    return dict(sorted(found.items()))
