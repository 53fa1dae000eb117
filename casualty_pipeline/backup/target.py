"""Where a backup is kept: a folder (an external disk, a network share) or S3-compatible storage.

What belongs here: the only place that speaks to obstore, and that turns what goes wrong there into a sentence. Credentials,
endpoint and region come from the standard AWS_* environment variables; none of them is ever printed.
"""

import errno
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, MemoryStore, S3Store

from casualty_pipeline.backup.snapshot import DamagedSnapshotError, Snapshot, is_name, parse
from casualty_pipeline.errors import CasualtyError

if TYPE_CHECKING:
    from obstore.store import S3Config

MARKER = "casualty-backup.json"
_MARK = {
    "format": 1,
    "about": "Made by `casualty backup`; `casualty restore` brings it back. objects/ holds every file under its SHA-256; "
    "snapshots/ says which files a home consisted of: path, SHA-256, size. Nothing here is ever changed or deleted.",
}
_PART = 5 << 20  # bytes; the smallest part that S3 takes. What is no larger goes in one request
_READ = 1 << 20
_FOUND_ON_DISKS = {"lost+found", "System Volume Information", "$RECYCLE.BIN"}  # beside hidden files
_CREDENTIALS = (  # any of these
    *("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
)


class NotHeldError(Exception):
    """The target doesn't hold that object, or can't read it: bad sectors of a disk spoil some objects, not all."""


@dataclass(frozen=True)
class Target:
    """An opened target. `where` names it in messages; `folder` is None when it isn't on a disk of this machine."""

    store: LocalStore | S3Store | MemoryStore
    where: str
    folder: Path | None = None
    empty: bool = False  # nothing lies there yet: no backup, nor anything else

    def begun(self) -> "Target":
        """This target, marked as a backup, so that a first backup that was killed can go on. Makes the folder if need be."""
        begun = self
        if self.folder is not None:
            with self._speaking("write to"):
                self.folder.mkdir(mode=0o700, exist_ok=True)
                begun = Target(LocalStore(self.folder), self.where, self.folder)
        begun._put(MARKER, json.dumps(_MARK, indent=1).encode() + b"\n")
        return begun

    def sizes(self) -> dict[str, int]:
        """Every object that the target holds, with its size."""
        with self._speaking("list"):
            batches = obstore.list(self.store, "objects", chunk_size=1000)
            found = {meta["path"]: meta["size"] for batch in batches for meta in batch}
        named = ((path.rpartition("/")[2], path, size) for path, size in found.items())
        return {sha256: size for sha256, path, size in named if path == _key(sha256)}

    def snapshots(self) -> list[str]:
        """The names of all snapshots, the oldest first."""
        with self._speaking("list"):
            batches = obstore.list(self.store, "snapshots", chunk_size=1000)
            names = [meta["path"].rpartition("/")[2].removesuffix(".json") for batch in batches for meta in batch]
        return sorted(filter(is_name, names))

    def snapshot(self, name: str) -> Snapshot:
        """Read one snapshot. Raises DamagedSnapshotError when it is gone or damaged; CasualtyError when it names what no
        backup would hold, is of a later format, or the storage doesn't answer.
        """
        try:
            with self._speaking("read from"):
                body = bytes(obstore.get(self.store, f"snapshots/{name}.json").bytes())
        except NotHeldError:
            raise DamagedSnapshotError(f"snapshot {name} is gone from {self.where}") from None
        except CasualtyError as problem:
            if self.folder is None:
                raise
            raise DamagedSnapshotError(f"snapshot {name}: {problem}") from None
        return parse(name, body)

    def place_snapshot(self, name: str, body: bytes) -> None:
        """Write a snapshot: the last act of a backup."""
        self._put(f"snapshots/{name}.json", body)

    def send(self, sha256: str, size: int, chunks: Iterable[bytes]) -> None:
        """Send an object. It is seen in the target only once `chunks` has come to its end without raising.

        What `chunks` raises is passed on, and leaves nothing behind but an object of the same name that was there before.
        """
        self._put(_key(sha256), b"".join(chunks) if size <= _PART else iter(chunks))

    def fetch(self, sha256: str) -> Iterator[bytes]:
        """The bytes of an object, in chunks. Raises NotHeldError, with the reason, when the target can't give them."""
        try:
            with self._speaking("read from"):
                yield from map(bytes, obstore.get(self.store, _key(sha256)).stream(min_chunk_size=_READ))
        except NotHeldError:
            raise NotHeldError(f"{sha256} is gone from {self.where}") from None
        except CasualtyError as problem:
            if self.folder is None:  # the storage doesn't answer, or refuses: then it does so for every object
                raise
            raise NotHeldError(f"{sha256}: {problem}") from None

    def _put(self, key: str, data: bytes | Iterator[bytes]) -> None:
        with self._speaking("write to"):
            obstore.put(self.store, key, data, chunk_size=_PART, max_concurrency=2)
            if self.folder is not None:  # obstore leaves it to the system when bytes reach the disk
                _sync(self.folder / key)

    @contextmanager
    def _speaking(self, doing: str) -> Iterator[None]:
        """Turn what the storage says into a sentence."""
        try:
            yield
        except FileNotFoundError as problem:
            if doing == "read from" and "NoSuchBucket" not in str(problem):
                raise NotHeldError from None
            raise CasualtyError(self._sentence(problem, doing)) from None
        except (BaseError, OSError) as problem:
            raise CasualtyError(self._sentence(problem, doing)) from None

    def _sentence(self, problem: Exception, doing: str) -> str:
        text = str(problem)
        code = re.search(r"<Code>(\w+)</Code>", text)
        system = re.search(r"\(os error (\d+)\)", text)
        number = problem.errno if isinstance(problem, OSError) and problem.errno else int(system[1]) if system else 0
        if code is not None and code[1] == "NoSuchBucket":
            return f"{self.where}: there is no such bucket; create it, or correct its name"
        if code is not None or isinstance(problem, PermissionDeniedError | UnauthenticatedError):
            said = code[1] if code is not None else type(problem).__name__
            return (
                f"{self.where}: the storage refused this ({said}). Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
                "AWS_REGION, and that they allow listing, reading and writing there"
            )
        if number:
            hint = "; make room, then run it again: it goes on from there" if number == errno.ENOSPC else ""
            return f"can't {doing} {self.where}: {os.strerror(number)}{hint}"
        if "HTTP error" in text:
            return f"{self.where}: no answer from the storage. Check AWS_ENDPOINT_URL and the network, then run it again"
        status = re.search(r"status code: (\d+ [\w ]+)", text)
        return f"can't {doing} {self.where}: {status[1] if status else text.splitlines()[0][:200]}"


def open_target(given: str, home: Path, *, for_writing: bool) -> Target:
    """Open the target given as a folder or as `s3://bucket/prefix`.

    Raises CasualtyError, saying what to do, for: another scheme; a file; a folder within the home, or whose parent doesn't
    exist (a disk that isn't mounted); a place that holds something else than a backup; for restoring, one that holds
    nothing; storage that doesn't answer or refuses.
    """
    target = _bucket(given) if "://" in given else _folder(given, home)
    with target._speaking("list"):
        found = obstore.list_with_delimiter(target.store)
        names = {m["path"].rstrip("/").rpartition("/")[2] for m in found["objects"]}
        folders = {p.rstrip("/").rpartition("/")[2] for p in found["common_prefixes"]}
    present = {n for n in names | folders if not n.startswith(".")} - _FOUND_ON_DISKS
    if MARKER in names:
        return target
    if present:
        raise CasualtyError(
            f"{target.where} holds something else than a backup ({', '.join(sorted(present)[:3])}): "
            "give an empty folder or prefix, or one that `casualty backup` filled"
        )
    if not for_writing:
        raise CasualtyError(f"{target.where} holds no backup")
    return Target(target.store, target.where, target.folder, empty=True)


def _folder(given: str, home: Path) -> Target:
    folder = Path(given).absolute()
    try:
        if folder.resolve().is_relative_to(home.resolve()):
            raise CasualtyError(f"{folder} lies within the home {home}: what destroys the home would destroy its backup")
        if folder.is_dir():
            return Target(LocalStore(folder), str(folder), folder)
        if folder.exists():
            raise CasualtyError(f"{folder} is a file: expected a folder, or s3://bucket/prefix")
        if not folder.parent.is_dir():
            raise CasualtyError(f"{folder.parent} doesn't exist: is the disk mounted?")
    except (OSError, RuntimeError, ValueError) as problem:  # no permission; links in a circle; a NUL
        raise CasualtyError(f"can't use {folder}: {getattr(problem, 'strerror', None) or problem}") from None
    return Target(MemoryStore(), str(folder), folder)


def _bucket(given: str) -> Target:
    url = urlsplit(given)
    if url.scheme != "s3":
        raise CasualtyError(f"{url.scheme}:// is not a target: expected a folder, or s3://bucket/prefix")
    if "@" in url.netloc or ":" in url.netloc or url.query:
        raise CasualtyError(
            "expected s3://bucket/prefix and no more: credentials and endpoint are read from AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL, so that no list of processes or history of a shell shows them"
        )
    if not url.netloc:
        raise CasualtyError(f"{given} names no bucket: expected s3://bucket/prefix")
    if not any(os.environ.get(name) for name in _CREDENTIALS):
        raise CasualtyError("no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
    config: S3Config = {}
    if endpoint := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        config["endpoint"] = endpoint
    if region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
        config["region"] = region
    prefix = url.path.strip("/")
    try:
        store = S3Store(
            url.netloc,
            prefix=prefix or None,
            config=config,
            client_options={
                "allow_http": bool(endpoint and endpoint.startswith("http://")),
                "timeout": timedelta(minutes=10),  # lines in the field are slow
                "connect_timeout": timedelta(seconds=10),
            },
            retry_config={"max_retries": 5, "retry_timeout": timedelta(minutes=1)},
        )
    except (BaseError, ValueError) as problem:
        raise CasualtyError(f"{given} can't be opened: {str(problem).splitlines()[0][:200]}") from None
    return Target(store, f"s3://{url.netloc}/{prefix}".rstrip("/"))


def _key(sha256: str) -> str:
    return f"objects/{sha256[:2]}/{sha256}"


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
