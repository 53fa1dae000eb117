"""The journal: what happened, one JSON object per line in HOME/logs/events.jsonl, rotated by size.

What belongs here: the line, the rotation, and the door that keeps people's names out. What is written is decided elsewhere.
The door is the second barrier; the first is that messages are made of counts and ids. It takes away what could be a value
of a cell: whatever stands in quotes, letters outside of ASCII, addresses, long numbers, paths, capitalised words inside of a
sentence. It can't know a name that somebody writes in small Latin letters without quotes: never put foreign text in here.
"""

import fcntl
import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casualty_pipeline.home import Home

EVENTS = "events.jsonl"
LARGEST = 5_000_000  # bytes of a file of the journal, before it is put aside
KEPT = 5  # files that were put aside: events.jsonl.1 is the newest of them
GONE = "[...]"

_OURS = re.compile(r"Dagster|DuckDB|UTC|[A-Z][A-Za-z]*(?:Error|Exception|Failure)")  # capitalised, and no name
_FOREIGN = re.compile(
    r"""
    '[^'\n]*' | "[^"\n]*" | «[^»\n]*»                     # quoted: a value, nearly always
    | [\w.+-]+@[\w-]+\.[\w.-]+                             # an address of e-mail
    | \b\w+://\S+                                          # a URL
    | (?<![\w.])~?/[^\s:;,]+                               # a path
    | (?<![\w-])\+?\d(?:[\s()-]?\d){7,}(?![\w-])           # a number of a telephone, or of a document
    | [^\x00-\x7f]+(?:\s+[^\x00-\x7f]+)*                   # letters that none of our messages is written in
    """,
    re.VERBOSE,
)
_NAME = r"[A-Z][A-Za-z]+(?:['-][A-Za-z]+)*"
_NAMES = re.compile(rf"(?<![\w.-]){_NAME}(?:\s+{_NAME})+|(?<=[\w,;:)\]] ){_NAME}(?![\w.-]*[_/.]\w)")


def redact(text: str) -> str:
    """The text without anything that could be a value of a cell, `[...]` in its place."""

    def capitalised(found: re.Match[str]) -> str:
        return found[0] if _OURS.fullmatch(found[0]) else GONE

    return _NAMES.sub(capitalised, _FOREIGN.sub(GONE, text))


def event(
    home: Home,
    level: str,
    message: str,
    *,
    run: str = "",
    months: Sequence[str] = (),
    asset: str = "",
    facts: Mapping[str, int | float] | None = None,
) -> None:
    """Write one event. `facts` are numbers. Never raises for a disk that is full or read-only: a run goes on without it."""
    line = {
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "level": level,
        "run": run,
        "months": list(months) if len(months) <= 2 else [months[0], "..", months[-1]],
        "asset": asset,
        "message": redact(message),
        **({"facts": dict(facts)} if facts else {}),
    }
    append(home.logs / EVENTS, line)


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Add a line to a file of lines, putting the file aside first where it is large. Only its owner can read it."""
    body = (json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n").encode()
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (path.parent / f".{path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists() and path.stat().st_size + len(body) > LARGEST:
                _put_aside(path)
            file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                size = os.fstat(file).st_size
                cut_short = size > 0 and os.pread(file, 1, size - 1) != b"\n"  # by a kill, or by a disk that was full
                os.write(file, b"\n" * cut_short + body)
            finally:
                os.close(file)


def _put_aside(path: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))


def lines(path: Path) -> list[dict[str, Any]]:
    """Every whole line of a file and of those put aside, the oldest first. A line cut short by a kill is left out."""
    found: list[dict[str, Any]] = []
    for file in [*(path.with_name(f"{path.name}.{n}") for n in range(KEPT, 0, -1)), path]:
        with suppress(OSError):
            for text in file.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError):
                    given = json.loads(text)
                    if isinstance(given, dict):
                        found.append(given)
    return found
