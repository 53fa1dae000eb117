"""A home so small that a command on it takes a second, and what must be the same in two of them. For `crashes.py`.

What belongs here: the invented sources, and the fingerprint of a home: everything that is truth byte for byte, everything
derived but for the moments at which a clock was read and the ids of Dagster's runs.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from casualty_pipeline.tables import TABLES

MONTH, RECEIVED = "2020-01", "2020-06-01T08:00:00Z"
_SOURCE = """\
id = "{id}"
name = "{id} (invented)"
synthetic = true
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_ar = "name_ar"
sex = "sex"
age = "age"
death_date = "day"
incident_date = "day"
documented_date = "written"
governorate = "governorate"
place = "place"
party = "party"
"""
_HEADER = "no,name_ar,sex,age,day,written,governorate,place,party\n"
LISTS = {
    "field": (
        "1,وليد نجيب الحجري,m,20,2020-01-04,2020-01-05,Idlib,Saraqib,Russian forces\n"
        "2,سعاد محمود الرملي,f,34,2020-01-01,2020-01-02,Idlib,Saraqib,Syrian Regime forces\n"
        "3,رباح سليم التلي,m,41,2020-01-09,2020-01-10,Hama,,Russian forces\n"
    ),
    "press": (
        "1,وليد نجيب الحجري,m,20,2020-01-04,2020-01-06,Idlib,Saraqib,Syrian Regime forces\n"
        "2,غسان طارق العودي,m,30,2020-01-25,2020-01-26,Homs,,Syrian Regime forces\n"
        "3,رباح سليم التل,m,40,2020-01-09,2020-01-11,Hama,,Russian forces\n"
    ),
}
# What says when or in which run something was computed, not what.
_WALL_CLOCK = {"run_id", "found_at", "closed_at", "computed_at", "made_at"}
_LEFT_BY_KILLS = re.compile(
    r"(^|/)(incoming(/|$)|lock$|\.lock$|\.staging-|\.[a-z]+\.turn$|.*\.tmp$|\.decide-)|\.json#\d+$|#\d+$"
)


def write_sources(home: Path) -> None:
    """The declarations of the sources, and their files in `deliveries/` beside the home."""
    (home / "sources").mkdir(parents=True, exist_ok=True)
    deliveries = home.parent / "deliveries"
    for source, rows in LISTS.items():
        (home / "sources" / f"{source}.toml").write_text(_SOURCE.format(id=source), "utf-8")
        (deliveries / source).mkdir(parents=True, exist_ok=True)
        (deliveries / source / f"{source}.csv").write_text(_HEADER + rows, "utf-8")


def files_of(folder: Path) -> dict[str, str]:
    """Every file with its SHA-256, but for what a killed command may leave beside (it is cleared away, or never read)."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if not _LEFT_BY_KILLS.search(name):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def truth_of(home: Path) -> dict[str, str]:
    """Captures, entries, decisions (both in the archive), editions: what can't be computed again."""
    found = {}
    for folder in ("archive/objects", "archive/entries", "published"):
        for name, digest in files_of(home / folder).items():
            if folder != "published" or "/edition-" in name:
                found[f"{folder}/{name}"] = digest
    return found


def _tables(path: Path) -> Iterator[tuple[str, str]]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        for table in TABLES:
            columns = ", ".join(f'"{c.name}"' for c in table.columns if c.name not in _WALL_CLOCK)
            rows = connection.execute(f"select {columns} from {table.full_name}").fetchall()
            yield table.full_name, hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


def fingerprint(home: Path) -> dict[str, str]:
    """What two homes must have in common: to be called in a fork, since DuckDB starts threads."""
    found = truth_of(home)
    for folder in ("reports", "published"):
        found |= {f"{folder}/{name}": digest for name, digest in files_of(home / folder).items()}
    if (home / "warehouse.duckdb").exists():
        found |= dict(_tables(home / "warehouse.duckdb"))
    return found


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """The names of what isn't the same."""
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def copied(home: Path, to: Path) -> Path:
    """A copy of a home (and of what lies beside it) under `to`, read-only folders of editions too."""
    os.system(f"cp -a '{home.parent}' '{to}'")
    return to / home.name
