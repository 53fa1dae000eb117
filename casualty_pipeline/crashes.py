"""Crash reports: what an unexpected exception said, in a file that only the owner can read.

Messages of DuckDB, Polars or a parser quote what they stumbled over ("Could not convert string '...'"), and that may be a
name. So a message goes nowhere but here: the console, and Dagster, are told the exception's type, the line of this program,
and the reference under which the rest stands.
"""

import os
import secrets
import tempfile
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from casualty_pipeline.errors import CasualtyError, OperationalError

FOLDER = "crashes"  # beneath a home
KEPT = 200  # reports; the oldest go


@dataclass(frozen=True)
class Crash:
    """A report that was kept: its reference, where it lies (None where it couldn't be written), what may be told of it."""

    reference: str
    path: Path | None
    told: str


def keep(problem: BaseException, home: Path | None) -> Crash:
    """Write down an exception with its traceback. Never raises: this is the last thing that a program does.

    Without a home, or where that can't be written to, the report goes to the system's folder for temporary files.
    """
    reference = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    text = "".join(traceback.format_exception(problem))
    for folder in (home / FOLDER if home is not None and home.is_dir() else None, Path(tempfile.gettempdir())):
        if folder is None:
            continue
        try:
            if folder.name == FOLDER:
                folder.mkdir(mode=0o700, exist_ok=True)
                _forget(folder)
            path = folder / f"{'' if folder.name == FOLDER else 'casualty-crash-'}{reference}.txt"
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return Crash(reference, path, told(problem))
    return Crash(reference, None, told(problem))


def told(problem: BaseException) -> str:
    """What may be told of an exception to anybody: its type, and the last line of this program that it came through."""
    if isinstance(problem, OperationalError):
        return str(problem)
    ours = ("casualty_pipeline", "assets", "checks")
    at = ""
    for frame in traceback.extract_tb(problem.__traceback__):
        parts = Path(frame.filename).parts
        start = next((len(parts) - 1 - parts[::-1].index(name) for name in ours if name in parts[:-1]), None)
        if start is not None:
            at = f" at {'/'.join(parts[start:])}:{frame.lineno}"
    kind = "what was given can't be used" if isinstance(problem, CasualtyError) else type(problem).__name__
    return f"{kind}{at}"


def _forget(folder: Path) -> None:
    """Only the newest reports stay: each may hold what a retention rule wants gone."""
    for old in sorted(folder.glob("*.txt"))[: -KEPT + 1]:
        old.unlink(missing_ok=True)
