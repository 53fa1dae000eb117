"""What befalls a home besides kills: a full disk, permissions taken away, flipped bits, a wrong clock. For `crashes.py`.

Each trial damages a copy of a home, looks at what the program says, mends the cause as a person would, and holds what
comes of it against the home that nothing befell. What belongs here: the damage. Kills are `crash_commands.py`'s.
"""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks.crash_commands import Command, Tally, Workshop, casualty
from benchmarks.crash_forks import Ended
from benchmarks.crash_home import MONTH, copied, differences, fingerprint, truth_of

_MEGABYTES = 48
_ROOM = (0, 16, 256, 4096)  # KiB that are left on the full disk


def _print(shop: Workshop, home: Path) -> dict[str, str]:
    return dict(shop.forks.run(partial(fingerprint, home), home).value or {})


def _go(shop: Workshop, command: Command, home: Path, *, powerless: bool = False) -> Ended:
    work = partial(casualty, *command.arguments(home), "--home", home)
    return shop.forks.run(work, home.parent, powerless=powerless)


def _unclean(ended: Ended) -> str:
    """What is wrong with an answer: a traceback, an error that nobody foresaw, a hang; empty where nothing is."""
    bad = ended.code not in {0, 1, 2} or "Traceback" in ended.said or "should not happen" in ended.said
    return f"gave {ended.code}: {ended.said[-700:]}" if bad else ""


def _held_against(shop: Workshop, command: Command, home: Path, expected: dict[str, str]) -> str:
    ended = _go(shop, command, home)
    unlike = differences(expected, _print(shop, home))
    return f"mended, gave {ended.code}, {len(unlike)} differ: {unlike[:5]} {ended.said[-300:]}" if unlike else ""


def _undisturbed(shop: Workshop, command: Command) -> dict[str, str]:
    home = shop.home("undisturbed", command.start)
    _go(shop, command, home)
    found = _print(shop, home)
    shutil.rmtree(home.parent)
    return found


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A disk in memory of a few megabytes; None where this user may not mount one."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        folder.rmdir()
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill_disk(shop: Workshop, commands: list[Command]) -> Tally:
    """Let each command run where the disk becomes full on its way; make room, and let it run again."""
    tally = Tally("disk full")
    for command in commands:
        expected = _undisturbed(shop, command)
        for room in _ROOM:
            with _small_disk(shop.folder / "disk") as disk:
                if disk is None:
                    tally.name += " (skipped: no permission to mount)"
                    return tally
                home = copied(command.start, disk / "home-parent")
                filler = disk / "filler"
                free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - room * 1024
                filler.write_bytes(bytes(max(0, free)))
                before = truth_of(home)
                problem = _unclean(_go(shop, command, home))
                filler.unlink()
                lost = [name for name, digest in before.items() if truth_of(home).get(name) != digest]
                problem = problem or (f"lost {lost[:3]}" if lost else _held_against(shop, command, home, expected))
                tally.kills += 1
                if problem:
                    tally.fault(f"{command.name}, {room} KiB left: {problem}")
    return tally


def take_permission(shop: Workshop, commands: list[Command]) -> Tally:
    """Let each command run as one who may write the home but for one part of it; give the permission back."""
    tally = Tally("no permission")
    for command in commands:
        expected = _undisturbed(shop, command)
        for part in (".", "archive", "archive/entries", "dagster", "reports", "published", "warehouse.duckdb"):
            home = shop.home("closed", command.start)
            if not (home / part).exists():
                shutil.rmtree(home.parent)
                continue
            closed, mode = home / part, (home / part).stat().st_mode
            closed.chmod(mode & ~0o222)
            before = truth_of(home)
            problem = _unclean(_go(shop, command, home, powerless=True))
            closed.chmod(mode)
            lost = [name for name, digest in before.items() if truth_of(home).get(name) != digest]
            problem = problem or (f"lost {lost[:3]}" if lost else _held_against(shop, command, home, expected))
            tally.kills += 1
            if problem:
                tally.fault(f"{command.name}, {part} closed: {problem}")
            shutil.rmtree(home.parent)
    return tally


def _flip(path: Path, chance: random.Random) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def flip_bits(shop: Workshop, published: Path, kinds: int, chance: random.Random) -> Tally:
    """Flip one bit of a file of each kind, `kinds` times; then mend it: from a backup, or by computing it again."""
    tally = Tally("a bit flipped")
    source = shop.home("backed-up", published)
    shop.done(source, "backup", source.parent / "backup")
    expected = _print(shop, source)
    truths = {
        "object": "archive/objects/*/*",
        "entries": "archive/entries/*.jsonl",
        "edition": "published/*/edition-*/*/*",
        "manifest": "published/*/edition-*/manifest.json",
    }
    for _ in range(kinds):
        for kind, pattern in truths.items():
            home = shop.home("flipped", source)
            path = chance.choice(sorted(p for p in home.glob(pattern) if p.is_file() and p.stat().st_size))
            _flip(path, chance)
            tally.kills += 1
            seen = shop.forks.run(partial(casualty, "verify", "--home", home), home)
            if seen.code != 1 or _unclean(seen):
                tally.fault(f"{kind} {path.name}: verify gave {seen.code}: {seen.said[-500:]}")
            if kind in {"edition", "manifest"}:
                path.parent.chmod(0o755)
            path.unlink()
            shop.forks.run(partial(casualty, "restore", home.parent / "backup", "--home", home), home)
            if unlike := differences(expected, _print(shop, home)):
                tally.fault(f"{kind} {path.name}: restored, {len(unlike)} differ: {unlike[:4]}")
            shutil.rmtree(home.parent)
        for kind, pattern in {"warehouse": "warehouse.duckdb", "dagster": "dagster/**/*.db"}.items():
            home = shop.home("flipped", source)
            path = chance.choice(sorted(home.glob(pattern)))
            _flip(path, chance)
            tally.kills += 1
            for look in (("status",), ("doctor",), ("run", "--month", MONTH)):
                seen = shop.forks.run(partial(casualty, *look, "--home", home), home, patience=120)
                if problem := _unclean(seen):
                    tally.fault(f"{kind} {path.name}: {look[0]} {problem}")
            _mend(home, kind)
            ended = shop.forks.run(partial(casualty, "run", "--month", MONTH, "--home", home), home)
            shop.forks.run(partial(casualty, "index", "--home", home), home)
            if unlike := differences(expected, _print(shop, home)):
                tally.fault(f"{kind} {path.name}: mended ({ended.code}), {len(unlike)} differ: {unlike[:4]}")
            shutil.rmtree(home.parent)
    return tally


def _mend(home: Path, kind: str) -> None:
    """As the messages say: what is derived is moved away, and computed again."""
    if kind == "warehouse":
        for left in home.glob("warehouse.duckdb*"):
            left.unlink()
    else:
        shutil.rmtree(home / "dagster")


def move_clock(shop: Workshop, commands: list[Command]) -> Tally:
    """Let each command run by a clock that is years wrong, then by the right one: what is computed doesn't depend on it."""
    tally = Tally("clock wrong")
    for command in commands:
        for days in (-2500, -400, -2, 2, 400):
            home = shop.home("moved", command.start)
            before = truth_of(home)
            moment = shop.forks.moment + timedelta(days=days)
            work = partial(casualty, *command.arguments(home), "--home", home)
            problem = _unclean(shop.forks.run(work, home.parent, moment=moment))
            doctor = shop.forks.run(partial(casualty, "doctor", "--home", home), home, moment=moment)
            problem = problem or _unclean(doctor)
            lost = [name for name, digest in before.items() if truth_of(home).get(name) != digest]
            problem = problem or (f"lost {lost[:3]}" if lost else "")
            for right in (("verify",), ("status",), ("run", "--month", MONTH), ("publish", "--month", MONTH), ("verify",)):
                seen = shop.forks.run(partial(casualty, *right, "--home", home), home)
                problem = problem or _unclean(seen)
            tally.kills += 1
            if problem:
                tally.fault(f"{command.name}, {days} days: {problem}")
            shutil.rmtree(home.parent)
    return tally
