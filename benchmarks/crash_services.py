"""Dagster's own processes and PostgreSQL, killed while a run is at work. For `crashes.py`.

What belongs here: starting real processes (daemon with code location and run worker; a cluster of PostgreSQL in a temporary
folder), killing them, and waiting until the home has healed by itself or by the next command.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.crash_commands import Tally, Workshop, casualty, problems_after
from benchmarks.crash_forks import Ended
from benchmarks.crash_home import MONTH, differences, fingerprint, truth_of

_PATIENCE = 240.0  # for a daemon to come to its work, on a busy machine


def children_of(process: int) -> list[int]:
    """All processes beneath one, the nearest first."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, ValueError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found, todo = list[int](), [process]
    while todo:
        below = parents.get(todo.pop(0), [])
        found += below
        todo += below
    return found


def _kill(processes: list[int]) -> None:
    for one in processes:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


@dataclass
class Cluster:
    """PostgreSQL with one database, trusted on a socket and a port of this machine."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://casualty@127.0.0.1:{self.port}/postgres"

    def do(self, program: str, *arguments: str) -> bool:
        as_user = ["runuser", "-u", _owner(), "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return done.returncode == 0

    def start(self) -> None:
        """Start it; after a kill its backends may take a moment to notice."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        for _ in range(20):
            if self.do("pg_ctl", "start", "-w", "-o", options, "-l", str(self.folder / "log")):
                return
            time.sleep(0.5)
        raise RuntimeError("PostgreSQL doesn't start again: " + (self.folder / "log").read_text("utf-8")[-1000:])

    def kill(self, whole: bool) -> None:
        """Kill the server: all of its processes, or the first alone, which the others notice."""
        first = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        _kill([first, *(children_of(first) if whole else [])])


def _owner() -> str:
    return "postgres" if "\npostgres:" in Path("/etc/passwd").read_text("utf-8") else "nobody"


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster | None]:
    """A fresh one; None where PostgreSQL isn't installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        yield None
        return
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if os.geteuid() == 0:
        shutil.chown(folder, _owner())
        folder.parent.chmod(0o755)
    made = Cluster(found[-1].parent, folder, port)
    if not made.do("initdb", "-U", "casualty", "--auth=trust"):
        raise RuntimeError("initdb failed")
    made.start()
    try:
        yield made
    finally:
        made.do("pg_ctl", "stop", "-m", "immediate")


def kill_postgres(shop: Workshop, taken: Path, kills: int, chance: random.Random, until: float) -> Tally:
    """Kill PostgreSQL while a run writes to it; start it again; run again; compare with a run that nobody disturbed."""
    tally = Tally("PostgreSQL beneath a run")
    with cluster(shop.folder / "postgres") as server:
        if server is None:
            tally.name += " (skipped: not installed)"
            return tally
        environment = {"CASUALTY_POSTGRES_URL": server.url, "CASUALTY_DAGSTER_STORAGE": "postgres"}
        start = shop.home("on-postgres", taken)
        (start / "dagster/dagster.yaml").unlink(missing_ok=True)

        def run(home: Path, death: bool = False) -> Ended:
            work = partial(casualty, "run", "--month", MONTH, "--home", home)
            if not death:
                return shop.forks.run(work, home, environment=environment)
            delay, whole = chance.random() * tally.seconds, chance.random() < 0.5
            killer = os.fork()
            if killer == 0:
                time.sleep(delay)
                server.kill(whole)
                os._exit(0)
            ended = shop.forks.run(work, home, environment=environment, patience=120)
            os.waitpid(killer, 0)
            server.start()
            return ended

        home = shop.home("undisturbed", start)
        run(home)
        shutil.rmtree(home.parent)
        home = shop.home("undisturbed", start)
        undisturbed = run(home)
        tally.seconds = undisturbed.seconds
        expected = shop.forks.run(partial(fingerprint, home), home).value
        shutil.rmtree(home.parent)
        while tally.kills < kills and time.monotonic() < until:
            home = shop.home("killed", start)
            for _ in range(min(3, kills - tally.kills)):
                before = truth_of(home)
                ended = run(home, death=True)
                tally.kills += 1
                if ended.code == -signal.SIGALRM or ended.code == 3 or "Traceback" in ended.said:
                    tally.fault(f"the run gave {ended.code}: {ended.said[-500:]}")
                for problem in problems_after(shop, home, before, "PostgreSQL was killed"):
                    tally.fault(problem)
            ended = run(home)
            found = shop.forks.run(partial(fingerprint, home), home).value or {}
            if ended.code not in {0, 1} or differences(expected, found):
                tally.fault(f"let through: {ended.code}, {differences(expected, found)[:5]}: {ended.said[-400:]}")
            tally.homes += 1
            shutil.rmtree(home.parent)
    return tally


def kill_daemon(shop: Workshop, taken: Path, kills: int, chance: random.Random, until: float) -> Tally:
    """Kill daemon, code location, run worker, or all three, while the daemon's own run is at work; then see the months.

    What was killed is started again, as systemd would. The daemon has to end what is lost, and to run what is stale,
    by itself.
    """
    tally = Tally("daemon, code location, run worker")
    while tally.kills < kills and time.monotonic() < until:
        home = shop.home("served", taken)
        (home / "dagster").mkdir(exist_ok=True)
        shop.forks.run(partial(casualty, "init", "--home", home), home)
        settings = home / "dagster/dagster.yaml"
        text = settings.read_text("utf-8").replace("run_monitoring:\n", "run_monitoring:\n  poll_interval_seconds: 5\n")
        settings.write_text(text.replace("run_end_seconds: 60", "run_end_seconds: 5"), "utf-8")
        daemon = _start(home)
        try:
            for _ in range(min(3, kills - tally.kills)):
                before = truth_of(home)
                worker = _worker(home, daemon)
                if worker is None:
                    break  # nothing is left to do
                time.sleep(chance.random() * 4)
                which = chance.choice(("worker", "code", "daemon", "all"))
                below = children_of(daemon.pid)
                _kill({"worker": [worker], "code": below, "daemon": [daemon.pid], "all": [daemon.pid, *below]}[which])
                tally.kills += 1
                if which in {"code", "daemon"}:  # what the unit would take with it, too
                    _kill([daemon.pid, *below])
                if which != "worker":
                    daemon.wait()
                    daemon = _start(home)
                for problem in problems_after(shop, home, before, f"{which} killed"):
                    tally.fault(problem)
            if not _healed(shop, home):
                log = (home.parent / "daemon.log").read_text("utf-8", errors="replace")
                tally.fault(f"not healed in {_PATIENCE:.0f} s: {log[-1500:]}")
        finally:
            _kill([*children_of(daemon.pid), daemon.pid])
            daemon.wait()
        tally.homes += 1
        shutil.rmtree(home.parent, ignore_errors=True)
    return tally


def _start(home: Path) -> "subprocess.Popen[bytes]":
    program = [sys.executable, "-m", "dagster._daemon", "run", "-w", str(home / "dagster/workspace.yaml")]
    environment = {**os.environ, "CASUALTY_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    with (home.parent / "daemon.log").open("ab") as log:
        return subprocess.Popen(program, cwd=home, env=environment, stdout=log, stderr=log, start_new_session=True)


def _worker(home: Path, daemon: "subprocess.Popen[bytes]") -> int | None:
    """The process of a run that is at work; None where there is none for long."""
    end = time.monotonic() + _PATIENCE / 2
    while time.monotonic() < end and daemon.poll() is None:
        if list((home / "dagster").glob("at-work/*")):
            below = children_of(daemon.pid)
            return below[-1] if below else None
        time.sleep(0.2)
    return None


def _healed(shop: Workshop, home: Path) -> bool:
    """Whether every month becomes current."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        seen = shop.forks.run(partial(casualty, "status", "--home", home), home)
        if MONTH in seen.said and "stale" not in seen.said and "current" in seen.said:
            return True
        time.sleep(3)
    return False
