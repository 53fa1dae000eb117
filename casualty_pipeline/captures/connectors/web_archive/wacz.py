"""WACZ packages: a ZIP of WARC files with a list of their hashes and of the pages that were meant to be archived.

Here belongs the package; its WARC files are read as any are. Nothing is ever unpacked to a folder, so that the names in it
reach no disk.
"""

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from casualty_pipeline.captures.connectors.packages import packing_problem
from casualty_pipeline.captures.connectors.web_archive.streams import Readable

_CHUNK = 1 << 20
_LARGEST_JSON = 16 << 20
_MOST_MEMBERS = 100_000
_ROOM, _RATIO = 1 << 29, 200  # what may be unpacked: half a gigabyte, or 200 times the package


class PackageError(Exception):
    """A package, or a file in it, that can't be relied on. Says why."""


@dataclass
class Package:
    """What a package holds, after its hashes were verified."""

    warcs: list[str] = field(default_factory=list)  # names of its WARC files that have the listed hash, sorted
    pages: list[str] = field(default_factory=list)  # URLs of the pages that it says it holds
    problems: list[tuple[str, str]] = field(default_factory=list)  # name of a file in it, and what is wrong


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The package as a ZIP file of bounded size. Raises PackageError where it isn't one."""
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        raise PackageError(f"not a WACZ package: its ZIP file is damaged or breaks off ({problem})") from problem
    with package:
        members = package.infolist()
        most = max(_ROOM, _RATIO * path.stat().st_size)
        if len(members) > _MOST_MEMBERS:
            raise PackageError(f"{len(members):,} files in the package; expected at most {_MOST_MEMBERS:,}")
        if reason := packing_problem(members):
            raise PackageError(reason)
        if (unpacked := sum(m.file_size for m in members)) > most:
            raise PackageError(f"{unpacked:,} bytes when unpacked: too much for a package of this size")
        yield package


class _Member:
    """A file of a package. Whatever goes wrong in unpacking it, which depends on how the sender packed it, is one error."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int, /) -> bytes:
        """The next bytes. Raises PackageError where they can't be had."""
        try:
            return self._file.read(size)
        except Exception as problem:
            raise PackageError(f"can't be unpacked: {problem}") from problem


@contextmanager
def member(package: zipfile.ZipFile, name: str) -> Iterator[Readable]:
    """A file of the package. Raises PackageError where it can't be opened."""
    try:
        file = package.open(name)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError) as problem:
        raise PackageError(f"can't be unpacked: {problem}") from problem
    with file:
        yield _Member(file)


def inspect(package: zipfile.ZipFile) -> Package:
    """Verify a package against the hashes in its datapackage.json. Raises PackageError where it has none."""
    found = Package()
    names = Counter(m.filename for m in package.infolist() if not m.filename.endswith("/"))
    sound = set[str]()
    for name, times in names.items():
        if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
            found.problems.append((name, "a name that leads out of the package: the file isn't read"))
        elif times > 1:
            found.problems.append((name, "two files of the package have this name: neither can be relied on"))
        else:
            sound.add(name)
    listed = _listed(package, sound, found)
    for name in sorted(sound):
        if name in listed:
            problem = _problem(package, name, listed[name])
            if problem:
                found.problems.append((name, problem))
            elif _is_warc(name):
                found.warcs.append(name)
        elif _is_warc(name):
            found.problems.append((name, "not listed in datapackage.json: without its hash it isn't read"))
    found.problems += [
        (name, "listed in datapackage.json, but not in the package") for name in sorted(set(listed) - set(names))
    ]
    if "pages/pages.jsonl" in sound:
        found.pages = list(_pages(package, found))
    return found


def _is_warc(name: str) -> bool:
    return name.startswith("archive/") and name.lower().endswith((".warc", ".warc.gz"))


def _listed(package: zipfile.ZipFile, sound: set[str], found: Package) -> dict[str, str]:
    """The hash of each file, by name, as datapackage.json gives it, after that file's own hash was verified."""
    if "datapackage.json" not in sound:
        raise PackageError("expected a datapackage.json with the hashes of the files: a WACZ package has one")
    if "datapackage-digest.json" in sound:
        claimed = _json(package, "datapackage-digest.json")
        claimed = claimed.get("hash") if isinstance(claimed, dict) else None
        problem = _problem(package, "datapackage.json", claimed) if isinstance(claimed, str) else "no hash in it"
        if problem:
            raise PackageError(f"datapackage.json against datapackage-digest.json: {problem}")
    given = _json(package, "datapackage.json")
    resources = given.get("resources") if isinstance(given, dict) else None
    if not isinstance(resources, list):
        raise PackageError("datapackage.json: expected a list of resources")
    listed = dict[str, str]()
    for number, resource in enumerate(resources):
        path, claimed = (resource.get(n) if isinstance(resource, dict) else None for n in ("path", "hash"))
        if isinstance(path, str) and isinstance(claimed, str):
            listed[path] = claimed
        else:
            found.problems.append((f"datapackage.json#/resources/{number}", "expected a path and a hash"))
    return listed


def _problem(package: zipfile.ZipFile, name: str, claimed: str) -> str | None:
    """What is wrong with a file's hash, given as `sha256:hex`; None where it is right."""
    algorithm, _, digest = claimed.partition(":")
    if algorithm not in {"md5", "sha1", "sha256", "sha512"}:
        return f"expected a hash as sha256:hex, found {claimed[:100]!r}"
    hashed = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with member(package, name) as file:
            while chunk := file.read(_CHUNK):
                hashed.update(chunk)
    except PackageError as problem:
        return str(problem)
    if hashed.hexdigest() == digest.strip().lower():
        return None
    return f"its hash is wrong: it was changed after it was packed, or damaged; the package says {claimed[:100]}"


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    with member(package, name) as file:
        text = file.read(_LARGEST_JSON + 1)
    if len(text) > _LARGEST_JSON:
        raise PackageError(f"{name}: more than {_LARGEST_JSON:,} bytes")
    return text


def _json(package: zipfile.ZipFile, name: str) -> Any:
    try:
        return json.loads(_read(package, name))
    except (ValueError, RecursionError) as problem:
        raise PackageError(f"{name}: not JSON ({type(problem).__name__})") from problem


def _pages(package: zipfile.ZipFile, found: Package) -> Iterator[str]:
    """The URLs of pages/pages.jsonl: one object to a line, the first of which describes the list."""
    name = "pages/pages.jsonl"
    try:
        lines = _read(package, name).splitlines()
    except PackageError as problem:
        found.problems.append((name, str(problem)))
        return
    for number, line in enumerate(lines, start=1):
        try:
            page: Mapping[str, Any] = json.loads(line) if line.strip() else {}
            url = page.get("url")
        except (ValueError, RecursionError, AttributeError):
            found.problems.append((f"{name}, line {number}", "expected a JSON object with the url of a page"))
            continue
        if isinstance(url, str):
            yield url
