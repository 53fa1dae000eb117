"""The outbox: what people must be told, a file per alert in HOME/alerts, until every channel took it.

An alert is named by what it is about, so that the same failure, found again by a retry, another tick or after a kill, is the
same file. It is on the disk before anything is sent. Who is killed between a channel's answer and the note of it sends once
more: at least once, with an id by which receivers can tell.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.watching.delivering import UndeliveredError, deliver
from casualty_pipeline.watching.settings import Channels

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
PATIENCE = timedelta(days=7)  # then a channel is given up, and `casualty doctor` says so
BUDGET_SECONDS = 40.0  # a tick of a sensor may take 60


@dataclass(frozen=True)
class Sending:
    """How it stands with one channel. Moments are UTC, ISO 8601; empty: not yet."""

    sent_at: str = ""
    attempts: int = 0
    next_at: str = ""
    problem: str = ""
    given_up: bool = False

    @property
    def open(self) -> bool:
        """Whether it is still to be sent."""
        return not self.sent_at and not self.given_up


@dataclass(frozen=True)
class Alert:
    """What people must be told: no person and no value in it, only months, stages, rules, and what to do."""

    id: str
    kind: str  # failure, digest or test
    at: str
    subject: str
    text: str
    months: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    run: str = ""
    sending: Mapping[str, Sending] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """What a receiver gets."""
        given = asdict(self)
        del given["sending"]
        return given


@dataclass(frozen=True)
class Outbox:
    """The alerts of a home."""

    home: Home

    def put(self, alert: Alert) -> bool:
        """Keep an alert, unless one about the same is there. True where it is new."""
        with self._alone():
            path = self._path(alert.id)
            if path.exists():
                return False
            _write(path, asdict(alert))
            return True

    def has(self, alert_id: str) -> bool:
        """Whether an alert about the same was kept."""
        return self._path(alert_id).exists()

    def alerts(self) -> list[Alert]:
        """All of them, the oldest first. A file that isn't whole is left out: `casualty doctor` names it."""
        found = [alert for path in self._files() if (alert := _read(path)) is not None]
        return sorted(found, key=lambda alert: (alert.at, alert.id))

    def damaged(self) -> list[Path]:
        """Files that hold no alert."""
        return [path for path in self._files() if _read(path) is None]

    def waiting(self, channels: Channels) -> list[tuple[Alert, str]]:
        """What no channel has taken yet, with the channel."""
        none = Sending()
        return [(a, name) for a in self.alerts() for name in channels.names if a.sending.get(name, none).open]

    def send(self, channels: Channels, now: datetime) -> list[tuple[Alert, str, Sending]]:
        """Bring what is due to its channels; what fails waits, each time twice as long. Tells what came of it.

        Somebody else who is at it already does it: then nothing is done here.
        """
        done = []
        begun = datetime.now(UTC)
        with self._alone(wait=False) as alone:
            for alert, name in self.waiting(channels) if alone else ():
                before = alert.sending.get(name, Sending())
                if before.next_at > _text(now) or (datetime.now(UTC) - begun).total_seconds() > BUDGET_SECONDS:
                    continue
                after = self._try(channels, name, alert, before, now)
                current = _read(self._path(alert.id)) or alert
                _write(self._path(alert.id), asdict(replace(current, sending={**current.sending, name: after})))
                done.append((alert, name, after))
        return done

    def _try(self, channels: Channels, name: str, alert: Alert, before: Sending, now: datetime) -> Sending:
        attempts = before.attempts + 1
        try:
            deliver(self.home, channels, name, alert.told())
        except UndeliveredError as problem:
            wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
            late = now - datetime.fromisoformat(alert.at) > PATIENCE
            return Sending("", attempts, _text(now + wait), str(problem), given_up=late)
        return Sending(_text(now), attempts)

    def _files(self) -> list[Path]:
        return sorted(self.home.alerts.glob("*.json")) if self.home.alerts.is_dir() else []

    def _path(self, alert_id: str) -> Path:
        if not re.fullmatch(r"[a-zA-Z0-9-]{1,80}", alert_id):
            raise CasualtyError(f"{alert_id!a} can't be the id of an alert")
        return self.home.alerts / f"{alert_id}.json"

    @contextmanager
    def _alone(self, *, wait: bool = True) -> Iterator[bool]:
        try:
            self.home.alerts.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.home.alerts / ".lock").open("w")
        except OSError as problem:
            raise CasualtyError(f"can't write {self.home.alerts}: {problem.strerror}") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True


def moment(now: datetime) -> str:
    """A moment as alerts have it."""
    return _text(now)


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}+00:00"


def _read(path: Path) -> Alert | None:
    with suppress(OSError, ValueError, TypeError, AttributeError):
        given = json.loads(path.read_text(encoding="utf-8"))
        sending = {name: Sending(**one) for name, one in given.pop("sending", {}).items()}
        lists = {name: tuple(given.pop(name, ())) for name in ("months", "stages", "rules")}
        return Alert(**{**given, **lists, "sending": sending})
    return None


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all, and on the disk before anything else happens."""
    part = path.with_name(f".{path.name}.tmp")
    try:
        with part.open("w", encoding="utf-8") as file:
            part.chmod(0o600)
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as problem:
        raise CasualtyError(f"can't write {path}: {problem.strerror}") from None
