"""Work in a fork that dies: at a moment, or before one of its changes to files. For `crashes.py`.

The process that forks has every module loaded and no thread at work, so that a command costs what it does and not what
Python's start costs, and a kill falls into the work. What belongs here: forking, killing, the clock. What is done in a fork:
`crash_home.py` and `crash_commands.py`.
"""

import ctypes
import importlib
import json
import os
import pkgutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

_OURS = ("casualty_pipeline", "assets", "checks")
_HEAVY = ("pandas", "dagster._daemon", "numpy", "pyarrow", "sqlalchemy", "alembic", "openpyxl")
# What Python tells of before it happens (`sys.addaudithook`), where it changes files.
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.link", "sqlite3.connect"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class Death:
    """When a fork is killed: so many seconds after its start, or before its n-th change to files beneath `root`."""

    after: float = 0.0
    change: int = 0


@dataclass(frozen=True)
class Ended:
    """How a fork ended: its exit code (-9: killed), what it said, what it gave back, seconds, changes to files."""

    code: int
    said: str
    value: Any
    seconds: float
    changes: int

    @property
    def killed(self) -> bool:
        """Whether it was killed before it came to its end."""
        return self.code == -signal.SIGKILL


def load_everything() -> None:
    """Import all of the program, so that a fork needn't. Starts no thread but those that imports start."""
    for name in _OURS:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith(("__main__", "lint")):
                importlib.import_module(found.name)
    for name in _HEAVY:
        importlib.import_module(name)


class _Kind(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


def stop_clock(moment: datetime) -> None:
    """Let this process believe that it is always `moment`: `datetime.now` is where the program takes its moments from."""

    class Stopped(datetime, metaclass=_Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return moment.astimezone(tz) if tz is not None else moment.astimezone(UTC).replace(tzinfo=None)

    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _OURS and getattr(module, "datetime", None) is datetime:
            vars(module)["datetime"] = Stopped


@dataclass
class Forks:
    """Forks with a folder for what they say."""

    folder: Path
    moment: datetime
    environment: Mapping[str, str] = field(default_factory=dict)
    _number: int = 0

    def run(
        self,
        work: Callable[[], Any],
        root: Path,
        death: Death | None = None,
        *,
        moment: datetime | None = None,
        powerless: bool = False,
        patience: float = 300.0,
        environment: Mapping[str, str] | None = None,
    ) -> Ended:
        """Do the work in a fork, and kill it (and what it started) as `death` says. One that hangs is killed: code -14."""
        self._number += 1
        said = self.folder / f"{self._number:06d}"
        begun = time.perf_counter()
        child = os.fork()
        if child == 0:
            self._be_child(work, root, death, said, moment or self.moment, powerless, environment or {})
        with suppress(OSError):  # it does so too: whoever is first
            os.setpgid(child, child)
        os_code = self._wait(child, death, patience)
        seconds = time.perf_counter() - begun
        value, changes = _answer(said.with_suffix(".json"))
        text = said.read_text("utf-8", errors="replace") if said.exists() else ""
        for left in (said, said.with_suffix(".json")):
            left.unlink(missing_ok=True)
        return Ended(os_code, text, value, seconds, changes)

    @staticmethod
    def _wait(child: int, death: Death | None, patience: float) -> int:
        end = time.monotonic() + (death.after if death is not None and death.after else patience)
        while True:
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() >= end:
                break
            time.sleep(min(0.002, max(0.0, end - time.monotonic())) or 0.0005)
        os.killpg(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        return os.waitstatus_to_exitcode(status) if death is not None and death.after else -signal.SIGALRM

    def _be_child(
        self,
        work: Callable[[], Any],
        root: Path,
        death: Death | None,
        said: Path,
        moment: datetime,
        powerless: bool,
        environment: Mapping[str, str],
    ) -> None:
        code, value, changes = 70, None, [0]
        try:
            os.setpgid(0, 0)
            handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            answer = os.open(said.with_suffix(".json"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            os.environ.update({**self.environment, **environment})
            if powerless:
                _give_up_capabilities()
            stop_clock(moment)
            _die_at(root, death.change if death is not None else 0, changes)
            code, value = 0, work()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException as problem:
            print(f"Traceback: {problem!r}", flush=True)
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os.write(answer, json.dumps([value, changes[0]]).encode())
            os._exit(code)


def _give_up_capabilities() -> None:
    """Root, too, is bound by permissions without these. (Another user may not be able to read Python itself.)"""
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()  # _LINUX_CAPABILITY_VERSION_3
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")


def _die_at(root: Path, change: int, count: list[int]) -> None:
    """Count this process's changes to files beneath `root`; before the one asked for it kills itself and all it started."""
    beneath = f"{root}/"

    def heard(event: str, told: Sequence[Any]) -> None:
        if event == "open":
            if not isinstance(told[2], int) or not told[2] & _WRITES:
                return
        elif event not in _CHANGES:
            return
        if str(told[0] if not isinstance(told[0], bytes) else told[0].decode()).startswith(beneath):
            count[0] += 1
            if count[0] == change:
                os.killpg(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)


def _answer(path: Path) -> tuple[Any, int]:
    try:
        value, changes = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None, 0
    return value, int(changes)
