"""The doctor: looks at a home and says, a sentence each, what is well and what isn't, with advice. Changes nothing.

What belongs here: the look at files, programs and tables. What Dagster knows (schedules, daemon) is in
`orchestration/checkup.py`, which gives answers of the same form. Nothing here needs a network.
"""

import importlib.metadata
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.verification import Sample, counts, verify_archive
from casualty_pipeline.editions.shelf import editions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.shipped import shipped
from casualty_pipeline.status import months_status
from casualty_pipeline.warehouse import NoWarehouseError, Warehouse
from casualty_pipeline.watching.backups import last_backup
from casualty_pipeline.watching.holders import holders
from casualty_pipeline.watching.outbox import Outbox
from casualty_pipeline.watching.settings import channels_of

Level = Literal["fine", "warning", "broken"]
LEAST_FREE = 200_000_000  # bytes: less, and the next run may not end
LITTLE_FREE = 2_000_000_000
OLD_BACKUP = timedelta(days=8)
_SAMPLE = (50, 64 << 20)  # objects, bytes
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right says less: this program is younger
_PYTHON = (3, 11)


@dataclass(frozen=True)
class Answer:
    """One look: what it was at, how that is, and what to do where it isn't fine."""

    subject: str
    level: Level
    sentence: str
    advice: str = ""


def examine(home: Home, now: datetime) -> Iterator[Answer]:
    """Everything that can be told without Dagster. A look that breaks is an answer, too."""
    looks: tuple[tuple[str, Callable[[Home, datetime], Answer]], ...] = (
        ("Python", _python),
        ("packages", _packages),
        ("home", _layout),
        ("permissions", _permissions),
        ("space", _space),
        ("clock", _clock),
        ("locks", _locks),
        ("warehouse", _warehouse),
        ("months", _months),
        ("archive", _archive),
        ("backup", _backup),
        ("alerts", _alerts),
    )
    for subject, look in looks:
        try:
            yield look(home, now)
        except CasualtyError as problem:
            yield Answer(subject, "broken", f"It can't be looked at: {problem}.", "Correct what the message names.")
        except OSError as problem:
            where = problem.filename or home.path
            yield Answer(subject, "broken", f"{where} can't be read: {problem.strerror}.", "Give this user the permission.")


def worst(answers: list[Answer]) -> int:
    """The exit code: 0 all is fine, 1 there are warnings, 2 something is broken."""
    order: tuple[Level, ...] = ("fine", "warning", "broken")
    return max((order.index(answer.level) for answer in answers), default=0)


def _python(_home: Home, _now: datetime) -> Answer:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _PYTHON:
        return Answer("Python", "broken", f"This is Python {version}.", "Install Python 3.11 or later.")
    return Answer("Python", "fine", f"This is Python {version}.")


def _packages(_home: Home, _now: datetime) -> Answer:
    lock = shipped("requirements") / "run.txt"
    if not lock.is_file():
        return Answer("packages", "warning", "There is no lock file to compare with.", "Install from requirements/run.txt.")
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]*))?", lock.read_text(encoding="utf-8"), re.M)
    others = []
    for name, version, marker in pinned:
        with suppress(importlib.metadata.PackageNotFoundError):
            found = importlib.metadata.version(name)
            if found != version and not marker:
                others.append(f"{name} {found} instead of {version}")
            continue
        if not marker:
            others.append(f"{name} is missing")
    if others:
        shown = ", ".join(others[:5]) + (f", and {len(others) - 5} more" if len(others) > 5 else "")
        return Answer(
            "packages",
            "warning",
            f"{len(others)} of {len(pinned)} packages aren't as locked: {shown}.",
            "Install with `pip install --require-hashes -r requirements/run.txt`.",
        )
    return Answer("packages", "fine", f"All {len(pinned)} packages are as locked.")


def _layout(home: Home, _now: datetime) -> Answer:
    if not home.path.is_dir():
        return Answer("home", "broken", f"There is no home at {home.path}.", "Say which with --home or CASUALTY_HOME.")
    wanted = (home.inbox, home.archive, home.sources, home.reports, home.dagster)
    missing = [folder.name for folder in wanted if not folder.is_dir()]
    settings, profile = dict(home.settings), home.profile.id  # both are read, so that a fault in them is told here
    if missing:
        return Answer(
            "home",
            "warning",
            f"The home lacks {', '.join(missing)}.",
            "Any command that writes makes them; or restore them.",
        )
    what = f"with {len(settings)} settings" if settings else "without settings of its own"
    return Answer("home", "fine", f"{home.path} is a home of the profile {profile}, {what}.")


def _permissions(home: Home, _now: datetime) -> Answer:
    places = [p for p in (home.path, home.archive, home.dagster, home.reports, home.warehouse) if p.exists()]
    closed = [p.name or str(p) for p in places if not os.access(p, os.R_OK | os.W_OK)]
    if closed:
        return Answer(
            "permissions", "broken", f"This user can't write {', '.join(closed)}.", "Run as the home's owner, or `chown` it."
        )
    mode = home.path.stat().st_mode
    if mode & stat.S_IRWXO:
        return Answer(
            "permissions",
            "warning",
            "Every user of this machine can look into the home, which holds names.",
            f"`chmod o-rwx {home.path}`",
        )
    return Answer("permissions", "fine", "This user can write the home; strangers can't look into it.")


def _space(home: Home, _now: datetime) -> Answer:
    usage = shutil.disk_usage(home.path)
    warehouse = home.warehouse.stat().st_size if home.warehouse.is_file() else 0
    free = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.0f} GB are free; the warehouse has {warehouse / 1e9:.2f} GB."
    advice = "Free space or move the home to a larger disk; `casualty backup` copies what can't be rebuilt."
    if usage.free < LEAST_FREE:
        return Answer("space", "broken", free, advice)
    if usage.free < max(LITTLE_FREE, 2 * warehouse):
        return Answer("space", "warning", free, advice)
    return Answer("space", "fine", free)


def _clock(home: Home, now: datetime) -> Answer:
    advice = "Set the clock (`timedatectl`): moments of receipt and of decisions come from it."
    if now < _EARLIEST:
        return Answer("clock", "broken", f"The clock says {now:%Y-%m-%d}, before this program was written.", advice)
    with tempfile.NamedTemporaryFile(dir=home.path) as made:
        drift = abs(Path(made.name).stat().st_mtime - time.time())
    if drift > 60:
        return Answer("clock", "warning", f"The disk's clock is {drift:.0f} s away from this machine's.", advice)
    newest = ""
    with suppress(NoWarehouseError), Warehouse(home.warehouse).reading() as reading:
        row = reading.connection.execute("select max(received_at) from captures.manifest").fetchone()
        if row and row[0] is not None and row[0].replace(tzinfo=UTC) > now + timedelta(minutes=5):
            newest = f"A capture was received at {row[0]:%Y-%m-%d %H:%M} UTC, which is still to come."
    later = [e for e in editions(home) if e.manifest.published_at.replace(tzinfo=UTC) > now + timedelta(minutes=5)]
    if later:
        newest = f"{len(later)} editions were published at a moment that is still to come."
    if newest:
        return Answer("clock", "warning", newest, advice)
    return Answer("clock", "fine", f"The clock says {now:%Y-%m-%d %H:%M} UTC; nothing in the home is later.")


def _locks(home: Home, _now: datetime) -> Answer:
    places = {
        "the warehouse": home.warehouse,
        "the command line": home.dagster / "command-line.lock",
        "the outbox": home.alerts / ".lock",
    }
    own = os.getpid()
    held = [f"{name} by {one}" for name, path in places.items() for one in holders(path) if one.pid != own]
    if held:
        return Answer("locks", "fine", f"Held: {'; '.join(held)}.", "Others wait for them; stop one only if it is stuck.")
    return Answer("locks", "fine", "Nobody holds a lock.")


def _warehouse(home: Home, _now: datetime) -> Answer:
    try:
        with Warehouse(home.warehouse).reading() as reading:
            row = reading.connection.execute("select count(*) from captures.manifest").fetchone()
    except NoWarehouseError:
        return Answer("warehouse", "warning", "There is no warehouse yet.", "`casualty run --month YYYY-MM` makes it.")
    return Answer("warehouse", "fine", f"The tables are those of this version; {row[0] if row else 0} captures are read.")


def _months(home: Home, _now: datetime) -> Answer:
    found = months_status(home)
    stale = [s.month for s in found if not s.current]
    if not stale:
        return Answer("months", "fine", f"All {len(found)} months are current.")
    shown = ", ".join(stale[:6]) + (f", and {len(stale) - 6} more" if len(stale) > 6 else "")
    through = f" --through {stale[-1]}" if len(stale) > 1 else ""
    return Answer(
        "months",
        "warning",
        f"{len(stale)} of {len(found)} months are stale: {shown}.",
        f"`casualty status` says why; `casualty run --month {stale[0]}{through}`, or let the sensor do it.",
    )


def _archive(home: Home, now: datetime) -> Answer:
    if not home.archive.is_dir():
        return Answer("archive", "warning", "There is no archive yet.", "`casualty ingest` makes it.")
    sample = Sample(f"{now:%Y-%m-%d}", objects=_SAMPLE[0], largest_bytes=_SAMPLE[1])
    result = verify_archive(Archive(home.archive), sample=sample)
    found = [f for f in result.faults if f.kind != "surplus"]  # an ingest that was killed leaves such; nothing is at risk
    if found:
        kinds = ", ".join(f"{kind}: {number}" for kind, number in counts(found).items())
        return Answer(
            "archive", "broken", f"The archive has faults ({kinds}).", "`casualty verify` names them; restore them."
        )
    return Answer("archive", "fine", f"{result.hashed} of {result.objects} captures re-hashed: as received.")


def _backup(home: Home, now: datetime) -> Answer:
    last = last_backup(home)
    if last is None:
        return Answer("backup", "warning", "No backup was ever made from here.", "`casualty backup DIR`, every night.")
    age = now - last
    if age > OLD_BACKUP:
        return Answer("backup", "warning", f"The last backup is {age.days} days old.", "`casualty backup DIR`, every night.")
    return Answer("backup", "fine", f"The last backup is of {last:%Y-%m-%d %H:%M} UTC.")


def _alerts(home: Home, _now: datetime) -> Answer:
    channels, outbox = channels_of(home), Outbox(home)
    if damaged := outbox.damaged():
        return Answer("alerts", "warning", f"{len(damaged)} files in {home.alerts} are no alerts.", "Move them away.")
    lost = [a.id for a in outbox.alerts() for s in a.sending.values() if s.given_up]
    late = [(a, s) for a in outbox.alerts() for s in a.sending.values() if s.open and s.attempts]
    if lost or late:
        problems = ", ".join(sorted({s.problem for _, s in late}))
        sentence = f"{len(lost)} alerts were given up, {len(late)} are still tried{f' ({problems})' if problems else ''}."
        return Answer("alerts", "warning", sentence, "`casualty alerts test` tries every channel.")
    if channels.names == ("log",):
        return Answer(
            "alerts",
            "warning",
            "Failures are only written to logs/.",
            "Set [alerts.webhook] or [alerts.email] (docs/watching.md).",
        )
    return Answer("alerts", "fine", f"Failures are told by {', '.join(channels.names)}; nothing waits.")
