"""Making a backup: sends what the target lacks, then writes the list of what the home consists of.

The order makes it safe to kill: every object first, the snapshot last. Until then the snapshots before it are what they
were, and what was sent is not sent again.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from casualty_pipeline import __version__
from casualty_pipeline.backup.contents import Contents, contents_of
from casualty_pipeline.backup.snapshot import (
    ENTRIES,
    DamagedSnapshotError,
    Fault,
    File,
    Snapshot,
    compose,
    never_changes,
    parse,
)
from casualty_pipeline.backup.target import NotHeldError, Target
from casualty_pipeline.backup.transfer import Meter, Progress, at_once
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """What a backup did, or in a dry run would do."""

    snapshot: str | None  # the newest one; None when there is none yet
    fresh: bool  # it was made now; in a dry run: one would be made, for the newest isn't of what the home is now
    files: int
    size: int  # bytes, of all files of the home
    sent: tuple[File, ...]
    faults: tuple[Fault, ...]


class _WrongBytesError(Exception):
    """A file's bytes don't have the expected hash, or can't be read: the reason."""


def back_up(
    home: Home,
    target: Target,
    *,
    full: bool = False,
    dry_run: bool = False,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Backup:
    """Bring everything of the home that the target lacks there, and list it in a new snapshot unless nothing changed.

    `full` re-hashes everything that the target holds, sends again what is damaged there, and checks every snapshot. An
    object of the home whose bytes don't have the hash in its name is never sent: a fault. So is a file that may never change
    and did, or is gone: the target's copy then stays part of the snapshot. `progress` is told (what is being done, bytes
    done, bytes in all).

    Raises CasualtyError where nothing can be done: no home; the target can't be used or is full; none of its snapshots is
    whole; or the home lacks entries that the newest one has, which makes it another home, or one that lost something.
    """
    contents = contents_of(home)
    faults = list(contents.faults)
    names = target.snapshots()
    previous = _newest_sound(target, names, faults)
    if previous is not None:
        _refuse_other_home(target, previous, contents)
    held = target.sizes()
    spoilt: set[str] = set()
    if full:
        spoilt = _check_target(target, held, names, contents, faults, progress)
    kept = {sha256: size for sha256, size in held.items() if sha256 not in spoilt}

    lacking: dict[str, File] = {}
    for file in contents.files.values():
        if kept.get(file.sha256) != file.size:
            lacking.setdefault(file.sha256, file)
    to_send = sorted(lacking.values(), key=lambda f: (f.path.startswith(ENTRIES), f))  # what is sent last is what counts
    if dry_run:
        would_hold = kept | {file.sha256: file.size for file in to_send}
        fresh = not _is_of(previous, names, _to_list(contents, previous, would_hold, set(), faults), contents.profile)
        return _outcome(names[-1] if names else None, fresh, contents, to_send, faults)

    if target.empty:
        target = target.begun()
    sent, refused = _send(home, target, to_send, held, faults, progress)
    for file in sent:
        kept[file.sha256] = file.size
    files = _to_list(contents, previous, kept, refused, faults)
    if previous is not None and _is_of(previous, names, files, contents.profile):
        return _outcome(previous.name, False, contents, sent, faults)
    made, body = compose(
        files, contents.profile, names[-1] if names else None, f"casualty {__version__}", now or datetime.now(UTC)
    )
    parse(made.name, body)  # a list that couldn't be read back must never be written
    target.place_snapshot(made.name, body)
    return _outcome(made.name, True, contents, sent, faults)


def _is_of(previous: Snapshot | None, names: list[str], files: tuple[File, ...], profile: str) -> bool:
    """Whether the newest sound snapshot lists these files already.

    A snapshot that is damaged, and newer than it, calls for another, so that a restore finds that one first.
    """
    return previous is not None and previous.name == names[-1] and (previous.files, previous.profile) == (files, profile)


def _outcome(name: str | None, fresh: bool, contents: Contents, sent: list[File], faults: list[Fault]) -> Backup:
    size = sum(f.size for f in contents.files.values())
    return Backup(name, fresh, len(contents.files), size, tuple(sent), tuple(sorted(set(faults))))


def _newest_sound(target: Target, names: list[str], faults: list[Fault]) -> Snapshot | None:
    for name in reversed(names):
        try:
            return target.snapshot(name)
        except DamagedSnapshotError as problem:
            faults.append(Fault("damaged", f"snapshots/{name}.json", f"{problem} (in the target)"))
    if names:
        raise CasualtyError(
            f"none of the {len(names)} snapshots in {target.where} is whole, so it can't be told whose backup it is: keep "
            "it as it is, and give another folder"
        )
    return None


def _refuse_other_home(target: Target, previous: Snapshot, contents: Contents) -> None:
    for fault in contents.faults:
        if fault.kind == "unreadable" and f"{fault.path}/".startswith(ENTRIES):
            raise CasualtyError(
                f"{fault.path} of the home can't be read, so it can't be told whose backup this is: {fault.detail}"
            )
    lost = sorted(
        path
        for path, sha256 in previous.entries.items()
        if path not in contents.files or contents.files[path].sha256 != sha256
    )
    if lost:
        raise CasualtyError(
            f"{target.where} has {len(lost)} entries that this home lacks or has otherwise, {lost[0]} first. If it is the "
            "backup of another home, give another folder: a backup belongs to one home. If this home lost them, move what "
            "is changed away and bring them back with `casualty restore`"
        )


def _check_target(
    target: Target,
    held: Mapping[str, int],
    names: list[str],
    contents: Contents,
    faults: list[Fault],
    progress: Progress | None,
) -> set[str]:
    """Re-hash what the target holds. Returns the hashes of what is damaged; notes what the home can't make good."""
    meter = Meter(progress, "checking", sum(held.values()))

    def sound(sha256: str) -> bool:
        digest = hashlib.sha256()
        try:
            for chunk in target.fetch(sha256):
                digest.update(chunk)
                meter.add(len(chunk))
        except NotHeldError:
            return False
        return digest.hexdigest() == sha256

    spoilt = {sha256 for sha256, good in at_once(sound, sorted(held)) if not good}
    needed: dict[str, str] = {}
    noted = {f.path for f in faults}
    for name in names:
        try:
            needed.update((f.sha256, f.path) for f in target.snapshot(name).files)
        except DamagedSnapshotError as problem:
            if f"snapshots/{name}.json" not in noted:
                faults.append(Fault("damaged", f"snapshots/{name}.json", f"{problem} (in the target)"))
    at_home = {f.sha256 for f in contents.files.values()}
    for sha256 in sorted({*spoilt, *needed.keys() - held.keys()} - at_home):
        kind = "damaged" if sha256 in spoilt else "lost"
        path = needed.get(sha256, f"objects/{sha256[:2]}/{sha256}")
        faults.append(Fault(kind, path, f"the target's copy of {sha256}, and the home has none to send again"))
    return spoilt


def _send(
    home: Home,
    target: Target,
    files: list[File],
    held: Mapping[str, int],
    faults: list[Fault],
    progress: Progress | None,
) -> tuple[list[File], set[str]]:
    """Send files, hashing what is sent. Returns those that arrived, and the paths of those whose bytes are wrong."""
    meter = Meter(progress, "sending", sum(f.size for f in files))

    def send(file: File) -> str | None:
        try:
            target.send(file.sha256, file.size, _reading(home.path / file.path, file, meter))
        except _WrongBytesError as problem:
            return str(problem)
        return None

    sent, refused = [], set()
    for file, problem in at_once(send, files):
        if problem is not None:
            refused.add(file.path)
            advice = "see `casualty verify`" if never_changes(file.path) else "run the backup again"
            faults.append(Fault("changed", file.path, f"{problem}: not sent; {advice}"))
            continue
        sent.append(file)
        if file.sha256 in held:
            faults.append(
                Fault("replaced", file.path, "the target's copy was damaged and was sent again: mistrust that disk")
            )
    return sent, refused


def _reading(path: Path, file: File, meter: Meter) -> Iterator[bytes]:
    """The bytes of a file; at their end, before the target shows them, _WrongBytesError if they aren't those named."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as origin:
            while chunk := origin.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                meter.add(len(chunk))
                yield chunk
    except OSError as problem:
        raise _WrongBytesError(f"can't be read ({problem.strerror})") from None
    if digest.hexdigest() != file.sha256 or size != file.size:
        raise _WrongBytesError(f"its bytes now have the hash {digest.hexdigest()}")


def _to_list(
    contents: Contents, previous: Snapshot | None, kept: Mapping[str, int], refused: set[str], faults: list[Fault]
) -> tuple[File, ...]:
    """The files of the new snapshot: what the home has and the target holds, and what the home should still have."""
    files = {path: file for path, file in contents.files.items() if kept.get(file.sha256) == file.size}
    for old in previous.files if previous is not None else ():
        now = contents.files.get(old.path)
        if not never_changes(old.path) or (old.path in files and now == old):
            continue
        if kept.get(old.sha256) != old.size:
            faults.append(Fault("lost", old.path, f"the home has no good copy of {old.sha256}, nor has the target"))
            continue
        if now is None:
            detail = "gone from the home; the backup has it, `casualty restore` brings it back"
            faults.append(Fault("missing", old.path, detail))
        elif now != old and old.path not in refused:
            detail = f"it may never change, but differs from the backup, which keeps what it had ({old.sha256})"
            faults.append(Fault("changed", old.path, detail))
        files[old.path] = old
    return tuple(sorted(files.values()))
