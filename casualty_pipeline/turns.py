"""Taking turns: of two commands that change one home, the second waits, and says for whom.

The system gives a lock back however a process ends, so a turn never outlives its holder. Who holds it stands in the lock
file: the command (its name, never its arguments: these may name people), its process, since when. What belongs here: waiting
for other commands. The warehouse, the archive's journal and the shelf of editions have locks of their own beneath this one,
which also keep out what isn't a command: Dagster's runs.
"""

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from casualty_pipeline.errors import CasualtyError

PATIENCE_SECONDS = 3600.0  # a run over years may take so long; CASUALTY_TURN_PATIENCE sets it otherwise
_EVERY_SECONDS = 0.2


class Turn(Enum):
    """What of a home a command changes. Commands that change different things don't wait for each other."""

    ARCHIVE = ".archive.turn"  # captures and decisions come in
    FIGURES = ".figures.turn"  # warehouse, reports, editions


def turn_patience() -> float:
    """Seconds to wait for another command. Raises CasualtyError when CASUALTY_TURN_PATIENCE is no number of seconds."""
    text = os.environ.get("CASUALTY_TURN_PATIENCE", str(PATIENCE_SECONDS))
    if not re.fullmatch(r"\d{1,6}(?:\.\d+)?", text):
        raise CasualtyError(f"CASUALTY_TURN_PATIENCE is {text!r}: expected a number of seconds, for example 60")
    return float(text)


@contextmanager
def turn(home: Path, of: Turn, command: str, say: Callable[[str], None]) -> Iterator[None]:
    """Be the only command that changes this part of a home. On a home that isn't there yet, there is nobody to wait for.

    Waits and raises as `holding` does.
    """
    if not home.is_dir():
        yield
        return
    with holding(home / of.value, command, say):
        yield


@contextmanager
def holding(path: Path, command: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file. Waits for another process that holds it, having said for whom.

    Raises CasualtyError when the other one is still at work after CASUALTY_TURN_PATIENCE seconds, or when the file can't be
    written.
    """
    patience = turn_patience()
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as problem:
        raise CasualtyError(f"can't take a turn on {path.parent}: {problem.strerror}: {problem.filename}") from problem
    try:
        _wait(handle, patience, say)
        _sign(handle, command)
        yield
    finally:
        with suppress(OSError):
            os.ftruncate(handle, 0)
        os.close(handle)


def _wait(handle: int, patience: float, say: Callable[[str], None]) -> None:
    deadline, told = time.monotonic() + patience, ""
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(handle)
            if time.monotonic() >= deadline:
                raise CasualtyError(
                    f"{holder} is at work on this home: waited {patience:g} s; nothing was done; wait until it is done, or "
                    "stop it, then try again (CASUALTY_TURN_PATIENCE says how many seconds to wait)"
                ) from None
            if holder != told:
                say(f"{holder} is at work on this home: waiting for it to end")
                told = holder
            time.sleep(_EVERY_SECONDS)
        else:
            return


def _sign(handle: int, command: str) -> None:
    signature = {"command": command, "pid": os.getpid(), "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"}
    with suppress(OSError):  # a full disk: then the next one waits for somebody unknown
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(signature).encode(), 0)


def _holder(handle: int) -> str:
    for _ in range(5):  # who has just come may not have signed yet
        try:
            signed = json.loads(os.pread(handle, 1000, 0))
            return f"`{signed['command']}` (process {signed['pid']}, since {signed['since']})"
        except (ValueError, KeyError, TypeError):
            time.sleep(_EVERY_SECONDS / 10)
    return "another command"
