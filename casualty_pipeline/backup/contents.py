"""What of a home is backed up: everything that is truth and can't be rebuilt.

That is the archive (objects and entries), the home's own declarations of sources, its settings, a profile that lies in the
home, and published editions. Not the warehouse, current reports and Dagster's storage, which a run makes again; nor the
inbox, which isn't taken in yet.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from casualty_pipeline.backup.snapshot import ENTRIES, NEWEST, OBJECTS, Fault, File, is_plain
from casualty_pipeline.captures.archive import SEALED, Archive
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import LINKAGE_MODEL, SETTINGS, Home


@dataclass(frozen=True)
class Contents:
    """The files of a home by path; what was left out and why; the home's own profile, if it has one."""

    files: dict[str, File]
    faults: tuple[Fault, ...]
    profile: str


def contents_of(home: Home) -> Contents:
    """List a home's files. Objects are taken by their name, unread: they are hashed when they are sent.

    All else is hashed now, for it is small. Raises CasualtyError where there is no home, or nothing in it.
    """
    try:
        if not home.path.is_dir():
            raise CasualtyError(f"no home at {home.path}: say which with --home or CASUALTY_HOME")
        return _listed(home)
    except OSError as problem:
        raise CasualtyError(f"can't read {problem.filename or home.path}: {problem.strerror}") from None


def is_finished(name: str) -> bool:
    """Whether a file is one of the home's: not hidden, nor one that is still being written."""
    return not name.startswith(".") and not name.endswith(".tmp")


def hash_of(path: Path) -> tuple[str, int]:
    """The SHA-256 and the size of a file's bytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def _listed(home: Home) -> Contents:
    profile, faults = _own_profile(home)
    files: dict[str, File] = {}
    if (home.path / NEWEST).is_file():  # before the entries: one that comes meanwhile isn't vouched for yet, nothing worse
        files[NEWEST] = _hashed(home, NEWEST)
    # Entries first: an ingest that goes on meanwhile writes its objects before their entry, so each entry listed here has
    # its objects in the list that follows.
    folders = [ENTRIES, OBJECTS, "sources/", "published/", *([f"{profile}/"] if profile else [])]
    places = [place for folder in folders for place in _walk(home.path, folder.rstrip("/"), faults)]
    for settings in (SETTINGS, LINKAGE_MODEL):
        if (home.path / settings).is_symlink():
            faults.append(_link(settings))
        elif (home.path / settings).is_file():
            places.append(settings)
    for path in places:
        try:
            found = _object(home, path) if path.startswith(OBJECTS) else _hashed(home, path)
        except OSError as problem:
            faults.append(Fault("unreadable", path, f"{problem.strerror}: not backed up"))
            continue
        if found is None:
            faults.append(Fault("skipped", path, "not where an object of the archive lies: move it out of the archive"))
        else:
            files[path] = found
    if not files:
        raise CasualtyError(f"nothing to back up in {home.path}: take something in first (`casualty ingest`)")
    return Contents(files, tuple(faults), profile)


def _hashed(home: Home, path: str) -> File:
    return File(path, *hash_of(home.path / path))


def _object(home: Home, path: str) -> File | None:
    archive, address, sha256 = Archive(home.archive), home.path / path, path.rpartition("/")[2]
    if address.suffix == SEALED and archive.sealed_path(address.stem) == address:
        return _hashed(home, path)  # its name is that of what is inside; a backup needs no key, and so goes by these bytes
    if not re.fullmatch(r"[0-9a-f]{64}", sha256, re.ASCII) or archive.object_path(sha256) != address:
        return None
    return File(path, sha256, address.stat().st_size)


def _own_profile(home: Home) -> tuple[str, list[Fault]]:
    """The folder of the profile, beneath the home; empty when the profile is elsewhere: shipped, or somebody's checkout."""
    try:
        folder = home.profile.folder.resolve()
    except CasualtyError as problem:
        return "", [Fault("unreadable", SETTINGS, f"{problem}; a profile in the home is not backed up")]
    if folder == home.path.resolve():
        return "", [Fault("skipped", SETTINGS, "the profile is the home itself: move it to a folder of its own in the home")]
    if not folder.is_relative_to(home.path.resolve()):
        return "", []
    profile = folder.relative_to(home.path.resolve()).as_posix()
    if not is_plain(profile):
        return "", [Fault("skipped", SETTINGS, f"the profile's folder {profile!a} is hidden or oddly named: rename it")]
    return profile, []


def _walk(root: Path, folder: str, faults: list[Fault]) -> Iterator[str]:
    """Every file beneath a folder, as a path beneath the root, in order; never through a symbolic link.

    Hidden files and those that are still being written (`.tmp`) are left out without a word, all else with one.
    """

    def note(problem: OSError) -> None:
        if not isinstance(problem, FileNotFoundError):  # a home needn't have every folder
            faults.append(_unreadable(root, problem))

    for at, folders, names in os.walk(root / folder, onerror=note):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted([*names, *folders]):
            path = Path(at, name)
            if not is_finished(name) or (path.is_dir() and not path.is_symlink()):
                continue
            relative = path.relative_to(root).as_posix()
            if path.is_symlink() or not path.is_file():
                faults.append(_link(ascii(relative)[1:-1] if not is_plain(relative) else relative))
            elif not is_plain(relative):
                faults.append(Fault("skipped", ascii(relative)[1:-1], "no name that every system can hold: rename the file"))
            else:
                yield relative


def _link(path: str) -> Fault:
    return Fault("skipped", path, "a symbolic link or no file: put a copy of the file there instead")


def _unreadable(root: Path, problem: OSError) -> Fault:
    where = Path(str(problem.filename))
    path = where.relative_to(root).as_posix() if where.is_relative_to(root) else str(where)
    return Fault("unreadable", path, f"{problem.strerror}: what lies in it is not backed up")
