"""Kill it, at any moment, and see what is left: every command, Dagster's processes, PostgreSQL; and what else befalls disks.

    python -m benchmarks.crashes --kills 320 --seed 2020
    python -m benchmarks.crashes --only ingest,run --kills 20

Commands work on a home of two invented lists, in forks of a process that has all modules loaded. Half of the kills (SIGKILL)
come from outside at a moment of a command's time, half before one of its changes to files. After each: what was there
of captures, decisions and editions is there byte for byte, `casualty verify` finds no fault, `casualty status` answers.
After some in a row the command is let through, and the home compared with one where nothing was killed: archive, editions
and reports byte for byte, every table but for the columns of the clock. Prints tables for docs/evaluation.md; exits with 1
where anything didn't hold.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

# Threads of linear algebra would be there before the first fork.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from benchmarks.crash_commands import COMMANDS, Tally, Workshop, kill_again_and_again
from benchmarks.crash_damage import fill_disk, flip_bits, move_clock, take_permission
from benchmarks.crash_forks import Forks, load_everything
from benchmarks.crash_services import kill_daemon, kill_postgres

# Of all kills: cheap commands more often.
SHARES = {
    "ingest": 0.16,
    "decide": 0.16,
    "review import": 0.12,
    "backup": 0.12,
    "index": 0.10,
    "migrate": 0.10,
    "publish first": 0.06,
    "publish next": 0.05,
    "run": 0.13,
}
SERVICES = {"postgres": (kill_postgres, 0.05), "daemon": (kill_daemon, 0.03)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=320, help="in all, shared out among the commands")
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--minutes", type=float, default=60.0, help="no new home after these")
    parser.add_argument("--damage", action="store_true", help="instead of kills: full disk, permissions, bits, the clock")
    parser.add_argument("--only", default="", help="commands by name, with commas; the default is all")
    given = parser.parse_args(arguments)
    shares = SHARES | {name: share for name, (_, share) in SERVICES.items()}
    chosen = [name.strip() for name in given.only.split(",")] if given.only else list(shares)
    if unknown := sorted(set(chosen) - shares.keys()):
        parser.error(f"{', '.join(unknown)}: expected some of {', '.join(shares)}")
    until = time.monotonic() + given.minutes * 60
    load_everything()
    folder = Path(tempfile.mkdtemp(prefix="casualty-crashes-"))
    try:
        (folder / "said").mkdir()
        shop = Workshop(folder, Forks(folder / "said", datetime.now(UTC).replace(microsecond=0)))
        whole, tallies = sum(shares[name] for name in chosen), list[Tally]()
        kills = {name: max(1, round(given.kills * shares[name] / whole)) for name in chosen}
        print("| killed | seconds undisturbed | kills | homes compared | faults |\n|---|---|---|---|---|", flush=True)
        if given.damage:
            return int(any(t.faults for t in _damage(shop, given.seed, chosen)))
        for name in COMMANDS:
            if name in chosen:
                chance = random.Random(f"{given.seed}/{name}")
                tallies.append(_told(kill_again_and_again(shop, shop.command(name), kills[name], chance, until)))
        for name, (kill, _) in SERVICES.items():
            if name in chosen:
                chance = random.Random(f"{given.seed}/{name}")
                tallies.append(_told(kill(shop, shop.taken, kills[name], chance, until)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{sum(t.kills for t in tallies)} kills, seed {given.seed}")
    return int(any(t.faults for t in tallies))


def _damage(shop: Workshop, seed: int, chosen: list[str]) -> list[Tally]:
    """Every kind of damage, to the commands that were chosen."""
    some = [shop.command(name) for name in COMMANDS if name in chosen and name != "migrate"]
    return [
        _told(fill_disk(shop, some)),
        _told(take_permission(shop, some)),
        _told(flip_bits(shop, shop.published, 4, random.Random(f"{seed}/bits"))),
        _told(move_clock(shop, [c for c in some if c.name not in {"backup", "index"}])),
    ]


def _told(tally: Tally) -> Tally:
    print(f"| {tally.name} | {tally.seconds:.1f} | {tally.kills} | {tally.homes} | {len(tally.faults)} |", flush=True)
    return tally


if __name__ == "__main__":
    sys.exit(main())
