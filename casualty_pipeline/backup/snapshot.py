"""A snapshot: the list of every file that a home consisted of, with sizes and hashes, and the name of the list before it.

What belongs here: writing that list, and reading one without believing it. The name of a snapshot ends in the SHA-256 of its
own bytes, so that a changed list is noticed, and whoever keeps the name can prove the whole chain before it.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from casualty_pipeline.errors import CasualtyError

FORMAT = 1
ENTRIES, OBJECTS = "archive/entries/", "archive/objects/"
NEWEST = "archive/last.json"  # which file of entries is the newest: changes with every ingest
SETTINGS_AND_FOLDERS = ("casualty.toml", "linkage-model.json", NEWEST, ENTRIES, OBJECTS, "sources/", "published/")
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-([0-9a-f]{64})", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class DamagedSnapshotError(CasualtyError):
    """A snapshot whose bytes aren't those it is named for, or can't be read: a disk's doing; an older one may serve."""


@dataclass(frozen=True, order=True)
class File:
    """One file of a home: its path beneath the home, the hash of its bytes, their number."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, order=True)
class Fault:
    """Something that a person has to look at: what kind, which file, what to do.

    At home: `changed`, `missing`, `unreadable`, `skipped`. In the target: `damaged` (and no good copy is at hand), `lost`,
    `replaced` (damaged or lost, and sent again).
    """

    kind: str
    path: str
    detail: str


@dataclass(frozen=True)
class Snapshot:
    """What a home consisted of. `profile` is the folder of a profile that lies in the home itself, else empty."""

    name: str
    made_at: str  # UTC, ISO 8601, by the clock of the machine that made it
    previous: str | None
    profile: str
    files: tuple[File, ...]  # by path

    @property
    def entries(self) -> dict[str, str]:
        """The archive's entries with their hashes: by them a home is recognised, since entries are only ever added."""
        return entries_of(self.files)


def entries_of(files: Iterable[File]) -> dict[str, str]:
    """Of these files, the archive's entries, with their hashes."""
    return {f.path: f.sha256 for f in files if f.path.startswith(ENTRIES)}


def never_changes(path: str) -> bool:
    """Whether a file, once there, stays as it is for ever: an archived object, or a file of a published edition."""
    return path.startswith(OBJECTS) or re.match(r"published/[^/]+/edition-[^/]+/", path) is not None


def compose(
    files: Iterable[File], profile: str, previous: str | None, made_by: str, now: datetime
) -> tuple[Snapshot, bytes]:
    """A new snapshot and its bytes: canonical JSON, so that equal homes at equal moments give equal names."""
    stamp = now.astimezone(UTC)
    if previous is not None:
        # The newest snapshot is the last by name. A clock that was set back must not make a new one look old; what the
        # clock said stands in made_at.
        stamp = max(stamp, stamp_of(previous) + timedelta(microseconds=1))
    ordered = tuple(sorted(files))
    document = {
        "format": FORMAT,
        "made_at": now.astimezone(UTC).isoformat(),
        "made_by": made_by,
        "previous": previous,
        "profile": profile,
        "files": [{"path": f.path, "sha256": f.sha256, "size": f.size} for f in ordered],
    }
    body = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    name = f"{stamp.strftime(_STAMP)}-{hashlib.sha256(body).hexdigest()}"
    return Snapshot(name, str(document["made_at"]), previous, profile, ordered), body


def is_name(text: str) -> bool:
    """Whether that is how a snapshot is named."""
    return _NAME.fullmatch(text) is not None


def stamp_of(name: str) -> datetime:
    """The moment in a snapshot's name."""
    return datetime.strptime(name[: name.index("-")], _STAMP).replace(tzinfo=UTC)


def parse(name: str, body: bytes) -> Snapshot:
    """Read a snapshot. Raises DamagedSnapshotError when its bytes aren't those it is named for; and CasualtyError when it is
    of a later format, or names a file that no backup would hold: outside the home, or where derived things lie.
    """
    if hashlib.sha256(body).hexdigest() != name[-64:]:
        raise DamagedSnapshotError(f"snapshot {name} is damaged: its bytes no longer have the hash in its name")
    try:
        document = json.loads(body)
        if document["format"] != FORMAT:
            raise CasualtyError(
                f"snapshot {name} is of format {document['format']!r}, this program reads format {FORMAT}: use a newer one"
            )
        profile = document["profile"]
        if profile and not is_plain(profile):
            raise CasualtyError(f"snapshot {name} names the profile {profile!r}, which isn't a folder of a home: refused")
        previous = document["previous"]
        if previous is not None and not is_name(previous):
            raise CasualtyError(f"snapshot {name} names {previous!r} as the one before it, which is no snapshot: refused")
        files = tuple(_file(name, f["path"], f["sha256"], f["size"], profile) for f in document["files"])
        snapshot = Snapshot(name, str(document["made_at"]), previous, profile, files)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise CasualtyError(f"snapshot {name} isn't a list of files as this program writes it ({problem!r})") from problem
    if len({f.path for f in files}) != len(files):
        raise CasualtyError(f"snapshot {name} names one file twice: refused")
    return snapshot


def _file(name: str, path: str, sha256: str, size: int, profile: str) -> File:
    if not _SHA256.fullmatch(sha256) or not isinstance(size, int) or size < 0:
        raise CasualtyError(f"snapshot {name}: {path!r} has no hash and size: refused")
    roots = (*SETTINGS_AND_FOLDERS, f"{profile}/") if profile else SETTINGS_AND_FOLDERS
    expected = any(path.startswith(root) if root.endswith("/") else path == root for root in roots)
    sealed = re.fullmatch(rf"{OBJECTS}([0-9a-f]{{2}})/\1[0-9a-f]{{62}}\.sealed", path, re.ASCII) is not None
    misplaced = path.startswith(OBJECTS) and path != f"{OBJECTS}{sha256[:2]}/{sha256}" and not sealed
    if not is_plain(path) or not expected or misplaced:
        raise CasualtyError(f"snapshot {name} names the file {path!r}, which no backup of a home would hold: refused")
    return File(path, sha256, size)


def is_plain(path: str) -> bool:
    """Whether a path stays beneath the folder that it is meant for, on any system, hides nothing and can be written down."""
    return (
        not any(part == "" or part.startswith(".") for part in path.split("/"))
        and "\\" not in path
        and not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in path)
    )
