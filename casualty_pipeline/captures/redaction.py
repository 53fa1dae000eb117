"""Redacted copies: a capture in which something is blacked out, derived from the untouched one, which stays as it is.

What belongs here: making the copy of a text, taking a copy in, and which of both somebody may see. A copy is an entry of the
archive with the role `redacted`, which says from which capture it is derived, why and by which role; no connector reads it,
so it never becomes a second statement. Pictures, films and workbooks are redacted with a tool for that, and taken in.
"""

import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.custody import Given, access_level
from casualty_pipeline.captures.entries import ACCESS_LEVELS, Entry
from casualty_pipeline.captures.sight import ROLES
from casualty_pipeline.errors import CasualtyError

BLACK = "[redacted]"
REDACTED = "redacted"  # the role of such an entry
_LARGEST = 256 << 20


@dataclass(frozen=True)
class Rules:
    """What to black out of a text: matches of patterns, whole columns of a CSV, values at pointers in JSON (RFC 6901)."""

    patterns: Sequence[str] = ()
    columns: Sequence[str] = ()
    pointers: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.patterns or self.columns or self.pointers)


def redact(content: bytes, rules: Rules) -> bytes:
    """The text with that blacked out. A rule that finds nothing is refused: nobody should believe that it did.

    Raises CasualtyError for what is no UTF-8 text, for a rule that can't be one, and for one that finds nothing.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CasualtyError(
            "not a text in UTF-8: redact it with a tool for its kind, and take that in with --with"
        ) from None
    if rules.pointers:
        text = _in_json(text, rules.pointers)
    if rules.columns:
        text = _in_csv(text, rules.columns)
    for number, pattern in enumerate(rules.patterns, start=1):
        try:
            text, found = re.subn(pattern, BLACK, text)
        except re.error as problem:
            raise CasualtyError(f"--pattern {number} is no regular expression: {problem}") from None
        if not found:
            raise CasualtyError(f"--pattern {number} matches nothing in this capture")
    return text.encode()


def _in_csv(text: str, columns: Sequence[str]) -> str:
    dialect: Any = csv.excel
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), dialect, delimiter=delimiter))
    header = [name.strip() for name in rows[0]] if rows else []
    missing = [name for name in columns if name not in header]
    if missing:
        raise CasualtyError(f"--column {missing[0]!r}: expected one of {', '.join(header)}")
    black = [n for n, name in enumerate(header) if name in columns]
    for row in rows[1:]:
        for position in black:
            if position < len(row) and row[position]:
                row[position] = BLACK
    out = io.StringIO(newline="")
    csv.writer(out, dialect, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def _in_json(text: str, pointers: Sequence[str]) -> str:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise CasualtyError("--pointer: this capture is not JSON") from None
    for pointer in pointers:
        *way, last = _steps(pointer)
        try:
            at = document
            for step in way:
                at = at[int(step)] if isinstance(at, list) else at[step]
            key: Any = int(last) if isinstance(at, list) else last
            at[key]  # it must be there
            at[key] = BLACK
        except (KeyError, IndexError, TypeError, ValueError):
            raise CasualtyError(f"--pointer {pointer}: nothing stands there in this capture") from None
    return json.dumps(document, ensure_ascii=False, indent=1)


def _steps(pointer: str) -> list[str]:
    if not pointer.startswith("/"):
        raise CasualtyError(f"--pointer {pointer!r}: expected a JSON pointer, for example /sources/0/name")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]


def take_redacted(
    archive: Archive, capture: str, copy: bytes | Path | Rules, who: str, reason: str, level: str = "restricted"
) -> Entry:
    """Take a redacted copy of a capture into the archive, made by rules or elsewhere. Returns its entry.

    Raises CasualtyError where the archive doesn't hold the capture, the copy is the original itself, or nobody says who
    made it and why.
    """
    original = _entry_of(archive, capture)
    access_level(level)
    if not who.strip() or not reason.strip():
        raise CasualtyError("a redaction needs --who (a role or initials) and --reason: they stand in the archive for good")
    with tempfile.TemporaryDirectory(dir=_beside(archive)) as folder:
        suffix = Path(original.original_name).suffix if original.media_type != "application/octet-stream" else ""
        file = Path(folder) / f"redacted-{original.sha256[:16]}{suffix}"  # not its name, which may be a person's
        file.write_bytes(_copy(archive, original, copy))
        if file.stat().st_size == original.size_bytes and file.read_bytes() == b"".join(archive.chunks(original.sha256)):
            raise CasualtyError("the copy is the original, byte for byte: nothing is redacted in it")
        said = Given(
            collector=who.strip(),
            access_level=level,
            tool="casualty redact",
            received_at=datetime.now(UTC),
            derived_from=original.sha256,
            reason=reason.strip(),
        )
        made = archive.receive([(file, file.name)], original.source, said).entries
    if not made:
        raise CasualtyError("this very copy was taken in before")
    return made[0]


def _copy(archive: Archive, original: Entry, copy: bytes | Path | Rules) -> bytes:
    if isinstance(copy, bytes):
        return copy
    if isinstance(copy, Path):
        try:
            return copy.read_bytes()
        except OSError as problem:
            raise CasualtyError(f"{copy} can't be read: {problem.strerror}") from None
    if original.size_bytes > _LARGEST:
        raise CasualtyError(
            f"larger than {_LARGEST:,} bytes: redact it with a tool for its kind, and take that in with --with"
        )
    return redact(b"".join(archive.chunks(original.sha256)), copy)


def _beside(archive: Archive) -> Path:
    """A folder on the archive's own disk, for its owner; what a kill left there, not yet blacked out perhaps, goes first."""
    folder = archive.root / "redacting"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def shown_to(archive: Archive, capture: str, role: str) -> Entry:
    """The entry that a role may see of a capture: itself, else its newest redacted copy that it may see.

    Raises CasualtyError where it may see none, or there is no such capture.
    """
    if role not in ROLES:
        raise CasualtyError(f"--role {role!r}: expected one of {', '.join(ROLES)}")
    original = _entry_of(archive, capture)
    copies = [e for e in archive.entries() if e.role == REDACTED and e.derived_from == original.sha256]
    for entry in (original, *reversed(copies)):
        if ACCESS_LEVELS.index(entry.access_level) <= ACCESS_LEVELS.index(ROLES[role]):
            return entry
    raise CasualtyError(
        f"{original.sha256} is {original.access_level}, and there is no redacted copy for the role {role!r}: make one with "
        "`casualty redact`, or ask somebody who may see it"
    )


def _entry_of(archive: Archive, capture: str) -> Entry:
    """The entry of a capture by its SHA-256, or by the beginning of it; the strictest level that it ever came in with."""
    if not re.fullmatch(r"[0-9a-f]{8,64}", capture, re.ASCII):
        raise CasualtyError(f"{capture[:80]!r}: expected the SHA-256 of a capture, or at least 8 digits of it")
    found = [e for e in archive.entries() if e.sha256.startswith(capture)]
    if not found:
        raise CasualtyError(f"the archive holds no capture {capture}")
    if len({e.sha256 for e in found}) > 1:
        raise CasualtyError(f"{capture} is the beginning of several captures: give more of it")
    return max(found, key=lambda e: ACCESS_LEVELS.index(e.access_level))
