"""Bringing a backup back: into a home that is empty, or holds a part of it, and never over a file with other bytes.

Every file is written beside its place, hashed while it is written, brought to the disk, and only then given its name. So a
restore can be killed at any point, and running it again goes on from there.
"""

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from casualty_pipeline.backup.contents import hash_of, is_finished
from casualty_pipeline.backup.snapshot import ENTRIES, NEWEST, OBJECTS, DamagedSnapshotError, Fault, File, Snapshot
from casualty_pipeline.backup.target import NotHeldError, Target
from casualty_pipeline.backup.transfer import Meter, Progress, at_once
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home

_UNFINISHED = ".restoring"  # in the home; holds files that aren't whole yet
_NAMED = 5  # files that a message names before it counts the rest


@dataclass(frozen=True)
class Restoration:
    """What a restore did, or in a dry run would do."""

    snapshot: str
    made_at: str
    present: int  # files that were there already, and right
    restored: tuple[File, ...]
    faults: tuple[Fault, ...]


def restore(
    target: Target, home: Home, *, snapshot: str | None = None, dry_run: bool = False, progress: Progress | None = None
) -> Restoration:
    """Bring the newest snapshot, or the one named (the beginning of its name will do), into the home.

    What the target lost or holds damaged is reported, and all else restored. `progress` is told (what is being done, bytes
    done, bytes in all).

    Raises CasualtyError, before anything is written, where there is no such snapshot or it is damaged; where a file of the
    home has other bytes, or is a symbolic link; where the home holds entries that the snapshot doesn't, and lacks some that
    it does: another home. And later, when the disk is full or the target stops answering.
    """
    chosen = _chosen(target, snapshot)
    try:
        newer = _refuse_other_home(home, chosen)
        absent, present = _compare(home, chosen, newer, progress)
    except OSError as problem:
        raise CasualtyError(f"can't read {problem.filename or home.path}: {problem.strerror}") from None
    held = target.sizes()
    faults, to_fetch = [], []
    for file in absent:
        if file.sha256 not in held:
            faults.append(Fault("lost", file.path, f"{target.where} no longer has {file.sha256}"))
        elif held[file.sha256] != file.size:
            size = f"{held[file.sha256]:,} bytes instead of {file.size:,}"
            faults.append(Fault("damaged", file.path, f"{target.where} has {size} of {file.sha256}"))
        else:
            to_fetch.append(file)
    if not dry_run:
        # Entries last: a home with objects that no entry names is incomplete, one with entries without objects looks broken.
        to_fetch.sort(key=lambda f: (f.path.startswith(ENTRIES), f.path == NEWEST, f))
        to_fetch = _fetch_all(target, home, to_fetch, faults, progress)
    return Restoration(chosen.name, chosen.made_at, present, tuple(sorted(to_fetch)), tuple(sorted(faults)))


def _chosen(target: Target, wanted: str | None) -> Snapshot:
    names = target.snapshots()
    if not names:
        raise CasualtyError(f"{target.where} holds no snapshot: its first backup was never completed; run `casualty backup`")
    fitting = [n for n in names if n.startswith(wanted)] if wanted is not None else names[-1:]
    if len(fitting) != 1:
        known = ", ".join(names[-_NAMED:])
        what = "no snapshot begins with" if not fitting else f"{len(fitting)} snapshots begin with"
        raise CasualtyError(f"{what} {wanted!r}: the newest of {len(names)} are {known}")
    try:
        return target.snapshot(fitting[0])
    except DamagedSnapshotError as problem:
        before = [n for n in names if n < fitting[0]]
        advice = f"; the one before it: --snapshot {before[-1]}" if before else ""
        raise DamagedSnapshotError(f"{problem}{advice}") from None


def _refuse_other_home(home: Home, snapshot: Snapshot) -> bool:
    """Whether the home holds entries that came after the snapshot."""
    folder = home.path / ENTRIES
    here = {ENTRIES + p.name for p in folder.iterdir() if is_finished(p.name)} if folder.is_dir() else set()
    more, fewer = here - snapshot.entries.keys(), snapshot.entries.keys() - here
    if more and fewer:
        raise CasualtyError(
            f"{home.path} holds {len(more)} entries that the snapshot doesn't ({min(more)}) and lacks {len(fewer)} that it "
            "does: another home. Restore into an empty one (--home DIR)"
        )
    return bool(more)


def _compare(home: Home, snapshot: Snapshot, newer: bool, progress: Progress | None) -> tuple[list[File], int]:
    """The files that the home lacks, and the number of those that it has. Refuses when one has other bytes."""

    def state(file: File) -> str:
        path = home.path / file.path
        if (link := _link_on(home.path, file.path)) is not None:
            return f"{link} is a symbolic link"
        if not path.exists():
            return "absent"
        if not path.is_file():
            return f"{file.path} isn't a file"
        try:
            same = path.stat().st_size == file.size and hash_of(path)[0] == file.sha256
        except OSError as problem:
            return f"{file.path}: {problem.strerror}"
        meter.add(file.size)
        if file.path == NEWEST and not same:  # the one file of the archive that changes
            return "same" if newer else "absent"
        return "same" if same else f"{file.path} has other bytes than the snapshot"

    there = [f for f in snapshot.files if (home.path / f.path).is_file()]
    meter = Meter(progress, "comparing", sum(f.size for f in there))
    absent, present, conflicts = list[File](), 0, list[str]()
    for file, found in at_once(state, snapshot.files):
        if found == "absent":
            absent.append(file)
        elif found == "same":
            present += 1
        else:
            conflicts.append(found)
    if conflicts:
        more = f"; and {len(conflicts) - _NAMED} more" if len(conflicts) > _NAMED else ""
        raise CasualtyError(
            f"nothing was restored: {'; '.join(conflicts[:_NAMED])}{more}. A restore never overwrites: move these away, or "
            "restore into an empty home (--home DIR)"
        )
    return absent, present


def _link_on(root: Path, relative: str) -> str | None:
    """The first symbolic link on the way to a file. The folders in the home itself may be links: to a larger disk, say."""
    parts = relative.split("/")
    for count in range(2 if len(parts) > 1 else 1, len(parts) + 1):
        if root.joinpath(*parts[:count]).is_symlink():
            return "/".join(parts[:count])
    return None


def _fetch_all(
    target: Target, home: Home, files: Sequence[File], faults: list[Fault], progress: Progress | None
) -> list[File]:
    meter = Meter(progress, "restoring", sum(f.size for f in files))
    unfinished = home.path / _UNFINISHED

    def fetch(file: File) -> str | None:
        return _fetch(target, file, home.path / file.path, unfinished, meter)

    restored = []
    try:
        shutil.rmtree(unfinished, ignore_errors=True)  # left by a restore that was killed
        unfinished.mkdir(parents=True)
        for file, problem in at_once(fetch, files):
            if problem is None:
                restored.append(file)
            else:
                faults.append(Fault("damaged", file.path, f"{problem}: not restored"))
        for folder in {(home.path / f.path).parent for f in restored}:
            _sync_folder(folder)
    except OSError as problem:
        raise CasualtyError(
            f"can't write to {home.path}: {problem.strerror}. {len(restored)} of {len(files)} files are restored; run it "
            "again to go on from there"
        ) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return restored


def _fetch(target: Target, file: File, place: Path, unfinished: Path, meter: Meter) -> str | None:
    """Bring one file to its place; or say what is wrong with the target's copy, and leave nothing."""
    digest = hashlib.sha256()
    temporary = unfinished / hashlib.sha256(file.path.encode()).hexdigest()
    try:
        with temporary.open("xb") as out:
            for chunk in target.fetch(file.sha256):
                digest.update(chunk)
                out.write(chunk)
                meter.add(len(chunk))
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != file.sha256:
            return f"the bytes of {file.sha256} in {target.where} have the hash {digest.hexdigest()}"
        if file.path.startswith((OBJECTS, ENTRIES, NEWEST)):
            temporary.chmod(0o444)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary.rename(place)
    except NotHeldError as problem:
        return str(problem)
    finally:
        temporary.unlink(missing_ok=True)
    return None


def _sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, not the bytes alone."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
