"""What auto-archiver says of one item: where it was, what it said, what was kept of it and with which hashes.

Here belongs the meaning of its fields, in its metadata (`status`, `metadata`, `media`) and in the rows of its sheet.
"""

import mimetypes
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

COLUMNS = {
    "url": "link",
    "status": "archive status",
    "archive": "archive location",
    "timestamp": "upload timestamp",
    "title": "upload title",
    "text": "text content",
    "screenshot": "screenshot",
    "thumbnail": "thumbnail",
    "wacz": "wacz",
    "hash": "hash",
}
_HASH = re.compile(r"(SHA-?1|SHA-?256|SHA-?512|SHA3-?256|SHA3-?512|MD5)\s*:\s*([0-9a-f]+)", re.IGNORECASE)
_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128, "sha3_256": 64, "sha3_512": 128}
_URL = re.compile(r"""https?://[^\s"']+""")
_ROLES = {"image": "photo", "video": "video", "audio": "audio", "application": "document"}
_TYPES = mimetypes.MimeTypes()  # those that Python knows, not those of the machine


class ItemError(Exception):
    """Something that isn't an item, or that auto-archiver couldn't archive. `column` is to blame."""

    def __init__(self, column: str, reason: str, value: object = "") -> None:
        super().__init__(reason)
        self.column = column
        try:
            self.value = "" if value is None else str(value)
        except RecursionError:  # JSON may be nested as deep as can just be read, and no deeper
            self.value = ""


@dataclass(frozen=True)
class Kept:
    """A file that was kept of an item: a row of ATTACHMENT_FIELDS, and a hash that can't be read."""

    fields: Mapping[str, str | None]
    strange_hash: str | None = None


@dataclass(frozen=True)
class Item:
    """An archived item: its address is its key, so that archiving it again supersedes."""

    key: str
    fields: Mapping[str, str | None]
    files: tuple[Kept, ...]


def item_of_metadata(given: Any, folder: str) -> Item:
    """The item that auto-archiver's metadata describe. Raises ItemError. `folder`: where they lie in the delivery."""
    if not isinstance(given, dict) or not isinstance(given.get("metadata"), dict):
        raise ItemError("metadata", "expected auto-archiver's metadata: an object with status, metadata and media")
    metadata, media = given["metadata"], given.get("media", [])
    url = _archived(metadata.get("url"), given.get("status"))
    if not isinstance(media, list):
        raise ItemError("media", "expected a list of media", media)
    files = tuple(_media(media, folder, depth=0))
    final = next((m for m in media if isinstance(m, dict) and _property(m, "id") == "_final_media"), {})
    return Item(
        url,
        {
            "published": _moment(metadata.get("timestamp")),
            "author": _text(metadata, "author", "uploader", "channel"),
            "url": url,
            "archive_url": next(iter(_urls(final)), None),
            "title": _text(metadata, "title"),
            "content": _text(metadata, "content"),
        },
        files,
    )


def item_of_row(row: Mapping[str, str]) -> Item:
    """The item that a row of the sheet describes, by the names of COLUMNS. Raises ItemError."""
    url = _archived(row.get("url"), row.get("status"))
    archived = [line.strip() for line in row.get("archive", "").splitlines() if line.strip()]
    files = list[Kept]()
    if archived:
        hashed, strange = _hash(row.get("hash", ""))
        files.append(Kept({"role": "file", "name": _base(archived[0]), "url": archived[0], **hashed}, strange))
    for column, role in (("screenshot", "screenshot"), ("thumbnail", "photo"), ("wacz", "file")):
        found = _URL.findall(row.get(column, "")) or [line for line in row.get(column, "").splitlines() if line.strip()]
        files += [Kept({"role": role, "name": _base(address), "url": address}) for address in found[:1]]
    return Item(
        url,
        {
            "published": _moment(row.get("timestamp")),
            "url": url,
            "archive_url": archived[0] if archived else None,
            "title": row.get("title"),
            "content": row.get("text"),
        },
        tuple(files),
    )


def _archived(url: object, status: object) -> str:
    """The address of an item that was archived."""
    if not isinstance(url, str) or not url.strip():
        raise ItemError("url", "no address: without one nothing says where the item was", url)
    if not isinstance(status, str) or not status.strip() or "in progress" in status.lower():
        raise ItemError("status", "not archived yet: send the output when auto-archiver is through", status)
    if "success" not in status.lower():
        raise ItemError("status", f"auto-archiver kept nothing of it: {status.strip()[:300]}", url)
    return url.strip()


def _media(given: list[Any], folder: str, depth: int) -> Iterator[Kept]:
    """The files of an item; and those made of them, such as the frames of a video, that stand among their properties."""
    for media in given:
        if not isinstance(media, dict):
            raise ItemError("media", "expected an object for each file", media)
        name = next((n for n in (media.get("key"), media.get("filename")) if isinstance(n, str) and n.strip()), None)
        urls = _urls(media)
        if name or urls:
            hashed, strange = _hash(_property(media, "hash"))
            where = _within(folder, name) if name else _base(urls[0])
            yield Kept({"role": _role(media, where), "name": where, "url": next(iter(urls), None), **hashed}, strange)
        properties = media.get("properties")
        if isinstance(properties, dict) and depth < 2:
            for inner in properties.values():
                inner_media = inner if isinstance(inner, list) else [inner]
                yield from _media([m for m in inner_media if isinstance(m, dict) and "filename" in m], folder, depth + 1)


def _property(media: Mapping[str, Any], name: str) -> str:
    properties = media.get("properties")
    value = properties.get(name) if isinstance(properties, dict) else None
    return value if isinstance(value, str) else ""


def _urls(media: Mapping[str, Any]) -> list[str]:
    given = media.get("urls")
    return [u for u in given if isinstance(u, str) and u.strip()] if isinstance(given, list) else []


def _role(media: Mapping[str, Any], name: str) -> str:
    if _property(media, "id").startswith("screenshot"):
        return "screenshot"
    mime = media.get("_mimetype")
    mime = mime if isinstance(mime, str) else _TYPES.guess_type(name, strict=False)[0] or ""
    return _ROLES.get(mime.partition("/")[0], "file")


def _within(folder: str, name: str) -> str:
    """A name relative to the delivery. One that leads elsewhere, such as to a temporary folder, is but its last part."""
    joined = posixpath.normpath(posixpath.join(folder, name.replace("\\", "/").removeprefix("./")))
    return _base(name) if joined.startswith(("/", "..")) or ":" in joined else joined


def _base(address: str) -> str:
    """The last part of an address or path."""
    try:
        path = urlsplit(address.strip()).path if "://" in address else address.strip()
    except ValueError:
        path = address
    return posixpath.basename(unquote(path).replace("\\", "/").rstrip("/")) or address.strip()


def _hash(given: str) -> tuple[dict[str, str], str | None]:
    """Algorithm and hash as fields of an attachment; or, where it can't be read, what was given."""
    text = given.strip()
    if not text or text == "not-calculated":
        return {}, None
    found = _HASH.fullmatch(text)
    algorithm = found[1].lower().replace("sha3-", "sha3_").replace("-", "") if found else "sha256"
    digest = found[2].lower() if found else text.lower()
    # A hash without its algorithm is of auto-archiver's default, if it is as long.
    if len(digest) != _LENGTHS.get(algorithm) or not re.fullmatch("[0-9a-f]+", digest):
        return {}, text
    return {"claimed_algorithm": algorithm, "claimed_hash": digest}, None


def _moment(given: object) -> str | None:
    """A moment in ISO 8601: as given; a number is in seconds since 1970, as dataclasses-json writes moments."""
    if isinstance(given, datetime):
        return given.isoformat()
    if isinstance(given, int | float) and not isinstance(given, bool):
        try:
            return datetime.fromtimestamp(given, UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            return str(given)
    return given.strip() or None if isinstance(given, str) else None


def _text(given: Mapping[str, Any], *names: str) -> str | None:
    return next((given[n] for n in names if isinstance(given.get(n), str) and given[n].strip()), None)
