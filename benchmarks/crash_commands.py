"""Every command that changes a home, killed again and again on its way, then let through. For `crashes.py`.

What belongs here: the commands with the homes that they start from, and what must hold after each kill. Dagster's own
processes and PostgreSQL are in `crash_services.py`.
"""

import csv
import random
import re
import shutil
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from benchmarks.crash_forks import Death, Ended, Forks
from benchmarks.crash_home import MONTH, RECEIVED, copied, differences, files_of, fingerprint, truth_of, write_sources

IN_A_ROW = 3  # kills of one command on one home, before it is let through
_OLDER = Path(__file__).parents[1] / "tests/fixtures/older_home/version-1.tar.xz"
DECIDE = ("decide", "verification", "record:field/3", "verified", "--reason", "seen", "--who", "AB")


@dataclass
class Tally:
    """What became of one command's kills."""

    name: str
    kills: int = 0
    homes: int = 0  # let through after them, and compared
    seconds: float = 0.0  # that it takes undisturbed
    faults: list[str] = field(default_factory=list)

    def fault(self, what: str) -> None:
        """Note what didn't hold, and say so at once: the whole takes long."""
        self.faults.append(what)
        print(f"{self.name}: {what}", file=sys.stderr, flush=True)


def casualty(*arguments: object) -> None:
    """The command line, in this process."""
    from casualty_pipeline.cli import main

    main([str(a) for a in arguments], prog_name="casualty")


@dataclass
class Command:
    """A command on a home (`arguments` of it), the home that it starts from, and what two homes must have in common."""

    name: str
    start: Path
    arguments: Callable[[Path], tuple[object, ...]]
    print_of: Callable[[Path], dict[str, str]] = fingerprint


@dataclass
class Workshop:
    """A folder with the homes that commands start from, and forks."""

    folder: Path
    forks: Forks

    def done(self, home: Path, *arguments: object, good: tuple[int, ...] = (0,)) -> Ended:
        """A command that must succeed."""
        ended = self.forks.run(partial(casualty, *arguments, "--home", home), home)
        if ended.code not in good:
            raise RuntimeError(f"{arguments} gave {ended.code}: {ended.said[-2000:]}")
        return ended

    def home(self, name: str, of: Path | None = None) -> Path:
        """A new home: a copy of another, or one with the two sources alone."""
        if of is not None:
            return copied(of, self.folder / name)
        home = self.folder / name / "home"
        home.mkdir(mode=0o700, parents=True)
        write_sources(home)
        return home

    @cached_property
    def empty(self) -> Path:
        """A home with the two sources and nothing else."""
        return self.home("empty")

    @cached_property
    def taken(self) -> Path:
        """Both lists are in the archive."""
        home = self.home("taken", self.empty)
        for source in ("field", "press"):
            self.done(home, *_ingest(source)(home))
        return home

    @cached_property
    def computed(self) -> Path:
        """The month was run, and questions on it answered in a file beside the home."""
        home = self.home("computed", self.taken)
        self.done(home, "run", "--month", MONTH)
        answers = home.parent / "answers.csv"
        self.done(home, "review", "export", "--kind", "quality", "--out", answers)
        _answer(answers)
        return home

    @cached_property
    def published(self) -> Path:
        """The month was published."""
        home = self.home("published", self.computed)
        self.done(home, "publish", "--month", MONTH)
        return home

    @cached_property
    def decided(self) -> Path:
        """After that something was decided, and run."""
        home = self.home("decided", self.published)
        self.done(home, *DECIDE)
        self.done(home, "run", "--month", MONTH)
        return home

    @cached_property
    def older(self) -> Path:
        """A home of the first version of the tables."""
        home = self.home("older-parent")
        with tarfile.open(_OLDER) as packed:
            packed.extractall(home, filter="tar")
        for kept in (home / "archive").rglob("*"):
            kept.chmod(0o755 if kept.is_dir() else 0o444)  # as the program left them; the filter made them writable
        return home

    def command(self, name: str) -> Command:
        """One of COMMANDS. Makes the home that it starts from."""
        start, arguments = COMMANDS[name]
        print_of = _of_backup if name == "backup" else fingerprint
        return Command(name, getattr(self, start), arguments, print_of)


def _ingest(source: str) -> Callable[[Path], tuple[object, ...]]:
    def arguments(home: Path) -> tuple[object, ...]:
        return ("ingest", home.parent / "deliveries" / source, "--source", source or "field", "--received-at", RECEIVED)

    return arguments


# Of each command: the home that it starts from, and its arguments.
COMMANDS: dict[str, tuple[str, Callable[[Path], tuple[object, ...]]]] = {
    "ingest": ("empty", _ingest("")),
    "decide": ("computed", lambda _: DECIDE),
    "review import": ("computed", lambda home: ("review", "import", home.parent / "answers.csv", "--who", "AB")),
    "backup": ("published", lambda home: ("backup", home.parent / "backup")),
    "index": ("published", lambda _: ("index",)),
    "migrate": ("older", lambda _: ("migrate",)),
    "publish first": ("computed", lambda _: ("publish", "--month", MONTH)),
    "publish next": ("decided", lambda _: ("publish", "--month", MONTH)),
    "run": ("taken", lambda _: ("run", "--month", MONTH)),
}


def _answer(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    at = {name: number for number, name in enumerate(rows[0])}
    for row in rows[1:]:
        if row and row[at["question_id"]].startswith("Q-"):
            row[at["answer"]], row[at["why"]] = "different", "a call with the family"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _of_backup(home: Path) -> dict[str, str]:
    """The home, and the backup beside it: its objects and its newest snapshot. Of a killed one, an older may stay."""
    found = fingerprint(home)
    kept = files_of(home.parent / "backup")
    newest = max((name for name in kept if name.startswith("snapshots/")), default="")
    return found | {f"backup/{n}": d for n, d in kept.items() if not n.startswith("snapshots/") or n == newest}


def look(home: Path) -> dict[str, Any]:
    """What a person would look at after a crash: in a fork."""
    found: dict[str, Any] = {}
    for command in ("verify", "status"):
        try:
            casualty(command, "--home", home)
            found[command] = 0
        except SystemExit as end:
            found[command] = end.code
    return found


def problems_after(
    shop: Workshop, home: Path, before: dict[str, str], context: str, *, migrated: bool = True
) -> Iterator[str]:
    """What doesn't hold after a kill: truth that was there is gone or altered, a look at the home that breaks."""
    now = truth_of(home)
    lost = [name for name, digest in before.items() if now.get(name) != digest]
    if lost:
        yield f"{context}: lost or altered {lost[:3]}"
    seen = shop.forks.run(partial(look, home), home)
    codes = seen.value or {}
    if (
        codes.get("verify") not in _verdicts(seen.said)
        or codes.get("status") not in ({0, 1} if migrated else {0, 1, 2})
        or "Traceback" in seen.said
    ):
        yield f"{context}: verify, status gave {codes} (fork: {seen.code}): {seen.said[-600:]}"


def _verdicts(said: str) -> set[int]:
    """What `verify` may answer: objects that no entry names yet are told, and nothing else may be wrong."""
    surplus = [line for line in said.splitlines() if line.startswith("surplus ")]
    faults = sum(int(n) for n in re.findall(r"(\d+) faults$", said, re.M))
    return {1} if surplus and faults == len(surplus) else {0}


def kill_again_and_again(shop: Workshop, command: Command, kills: int, chance: random.Random, until: float) -> Tally:
    """Kill a command `kills` times (or until a moment of the monotonic clock) and compare what comes of it in the end."""
    tally, forks = Tally(command.name), shop.forks

    def go(home: Path, death: Death | None = None) -> Ended:
        return forks.run(partial(casualty, *command.arguments(home), "--home", home), home.parent, death)

    home = shop.home("undisturbed", command.start)
    undisturbed = go(home)
    tally.seconds = undisturbed.seconds
    if undisturbed.code not in {0, 1}:
        tally.fault(f"undisturbed: {undisturbed.code}: {undisturbed.said[-1500:]}")
        kills = 0
    expected = forks.run(partial(command.print_of, home), home).value
    shutil.rmtree(home.parent)
    while tally.kills < kills and time.monotonic() < until:
        home, deaths = shop.home("killed", command.start), list[Death]()
        for _ in range(min(IN_A_ROW, kills - tally.kills)):
            if chance.random() < 0.5:
                death = Death(change=chance.randint(1, max(undisturbed.changes, 1)))
            else:
                death = Death(after=max(0.002, chance.random() * undisturbed.seconds))
            before, deaths = truth_of(home), [*deaths, death]
            ended = go(home, death)
            if not ended.killed:
                if ended.code != undisturbed.code:
                    tally.fault(f"after {deaths}: gave {ended.code}: {ended.said[-600:]}")
                break
            tally.kills += 1
            for problem in problems_after(shop, home, before, f"after {deaths}", migrated=command.name != "migrate"):
                tally.fault(problem)
        before = truth_of(home)
        ended = go(home)
        if ended.code != undisturbed.code:
            tally.fault(f"let through after {deaths}: gave {ended.code}: {ended.said[-1500:]}")
        for problem in problems_after(shop, home, before, f"let through after {deaths}"):
            tally.fault(problem)
        found = forks.run(partial(command.print_of, home), home)
        if unlike := differences(expected, found.value or {}):
            tally.fault(f"after {deaths} {len(unlike)} differ: {unlike[:6]} {found.said[-300:]}")
        tally.homes += 1
        shutil.rmtree(home.parent)
    return tally
