"""The inbox: files that lie there go into the archive, under the source that their folder names.

Here belongs what looks at folders and file names. No file's content is read, but to be hashed by the archive.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from casualty_pipeline.captures.archive import Archive, Entry, refuse_link
from casualty_pipeline.captures.custody import Given, access_level
from casualty_pipeline.captures.sources import DECISIONS, load_source
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home

_IGNORED = (".tmp", ".part", ".crdownload", ".lock")


@dataclass(frozen=True)
class InboxProblem:
    """Something in the inbox that can't be taken in, and why."""

    path: str  # beneath the inbox
    reason: str


def files_of(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """The files at or beneath the given paths, with their names relative to what was given, in order of name.

    Raises CasualtyError for what doesn't exist, a symbolic link, or no file at all.
    """
    found: list[tuple[Path, str]] = []
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise CasualtyError(f"{path} doesn't exist")
        if path.is_dir() and not path.is_symlink():
            for file in sorted(path.rglob("*")):
                if not _ignored(file) and (file.is_symlink() or not file.is_dir()):
                    refuse_link(file)
                    found.append((file, _name(file, path)))
        else:
            refuse_link(path)
            found.append((path, _name(path, path.parent)))
    if not found:
        raise CasualtyError(f"no files in {', '.join(map(str, paths))}")
    return found


def _name(file: Path, folder: Path) -> str:
    """The name of a file beneath a folder. Bytes in it that are no UTF-8 are written as \\xe9: every name is text."""
    return os.fsencode(file.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")


def _ignored(file: Path) -> bool:
    return file.name.startswith((".", "~$")) or file.name.endswith(_IGNORED)


def _scan(home: Home) -> tuple[dict[str, list[tuple[Path, str]]], list[InboxProblem]]:
    """What lies in the inbox: for each declared source its files with their names, and what can't be taken in."""
    found, problems = dict[str, list[tuple[Path, str]]](), list[InboxProblem]()
    for folder in sorted(home.inbox.iterdir()) if home.inbox.is_dir() else []:
        if _ignored(folder):
            continue
        if folder.is_symlink() or not folder.is_dir():
            reason = "expected a folder named as a source, with its files in it"
            problems.append(InboxProblem(folder.name, reason))
            continue
        try:
            if folder.name != DECISIONS:
                access_level(load_source(home, folder.name).access_level)
        except CasualtyError as problem:
            problems.append(InboxProblem(folder.name, str(problem)))
            continue
        files = found.setdefault(folder.name, [])
        for file in sorted(folder.rglob("*")):
            name = _name(file, home.inbox)
            if file.is_symlink():
                problems.append(InboxProblem(name, "a symbolic link: put a copy of the file there instead"))
            elif _ignored(file) or file.is_dir():
                continue
            elif file.is_file():
                files.append((file, _name(file, folder)))
            else:
                problems.append(InboxProblem(name, "not a file: expected a CSV or XLSX file"))
    return found, problems


def take_inbox(home: Home) -> tuple[list[Entry], list[InboxProblem]]:
    """Take every file of `inbox/<source>/` into the archive. What can't be taken is reported, the rest goes on."""
    found, problems = _scan(home)
    archive = Archive(home.archive)
    entries: list[Entry] = []
    for source, files in found.items():
        level = None if source == DECISIONS else load_source(home, source).access_level
        entries += archive.receive(files, source, Given(access_level=level, collector="inbox")).entries
    return entries, problems


def inbox_problems(home: Home) -> list[InboxProblem]:
    """What lies in the inbox and can't be taken in. For people: paths may hold names, so they never reach Dagster's logs."""
    return _scan(home)[1]


def inbox_waits(home: Home) -> list[str]:
    """Files of the inbox, beneath it, that the archive doesn't hold under their name and size. Reads no file's content."""
    known = {(e.source, e.original_name, e.size_bytes) for e in Archive(home.archive).entries()}
    return [
        _name(file, home.inbox)
        for source, files in _scan(home)[0].items()
        for file, name in files
        if (source, name, file.stat().st_size) not in known
    ]
