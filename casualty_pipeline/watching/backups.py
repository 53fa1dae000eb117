"""When this home was last backed up: a moment in HOME/logs, noted by `casualty backup`. Where to is nobody's business."""

import json
from contextlib import suppress
from datetime import UTC, datetime

from casualty_pipeline.home import Home

_NOTE = "last-backup.json"


def note_backup(home: Home, at: datetime, snapshot: str | None) -> None:
    """Remember that a backup without faults ended. Never raises: the backup is made, whether or not it can be noted."""
    with suppress(OSError):
        home.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = home.logs / f".{_NOTE}.tmp"
        part.write_text(json.dumps({"at": at.astimezone(UTC).isoformat(), "snapshot": snapshot}), encoding="utf-8")
        part.replace(home.logs / _NOTE)


def last_backup(home: Home) -> datetime | None:
    """When it was; none where there was none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads((home.logs / _NOTE).read_text(encoding="utf-8"))["at"])
    return None
