"""An older home is brought to the present: nothing of the archive, no decision and no id is lost, and the figures are right.

The older home is `tests/fixtures/older_home/version-1.tar.xz`: archive, sources and warehouse as commit 3d3e33a left them
after `casualty sample`, the files of hospitals, field teams and decisions of January 2020 alone in the inbox, and
`casualty run --month 2020-01`. All of its names are invented.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from casualty_pipeline import migrating, schema_version
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.resolving import resolve_all
from casualty_pipeline.migrating import STEPS, Step, migrate
from casualty_pipeline.schema_version import VERSION
from casualty_pipeline.warehouse import Warehouse
from tests.pipeline.conftest import opened

REPOSITORY = Path(__file__).parents[2]
OLDER = REPOSITORY / "tests/fixtures/older_home/version-1.tar.xz"
FIGURES = "from monthly.figures order by all"
VICTIMS = "from attributed.victims order by all"


def quiet(_line: str) -> None:
    """Nobody listens."""


@pytest.fixture
def older(tmp_path: Path) -> Home:
    """The older home, unpacked."""
    with tarfile.open(OLDER) as packed:
        packed.extractall(tmp_path / "home", filter="data")
    return Home(tmp_path / "home")


def rows(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def bytes_of(folder: Path) -> Mapping[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


def test_an_older_warehouse_is_not_opened_and_the_message_says_what_to_do(older: Home) -> None:
    for door in (Warehouse(older.warehouse).reading, Warehouse(older.warehouse).writing):
        with (
            pytest.raises(
                CasualtyError, match=rf"version 1 of the tables, this program version {VERSION}: run `casualty migrate`"
            ),
            door(),
        ):
            pass


def test_a_dry_run_says_the_steps_and_writes_nothing(older: Home) -> None:
    before = bytes_of(older.path)

    done = migrate(older, quiet, dry_run=True)

    assert ([step.to for step in done.steps], done.backup) == (list(range(2, VERSION + 1)), None)
    assert bytes_of(older.path) == before


def test_a_migrated_home_keeps_archive_decisions_and_ids_and_gives_the_figures_of_a_new_one(
    older: Home, tmp_path: Path
) -> None:
    truth = bytes_of(older.archive)
    decisions = rows(older, "select decision_id, kind, subject, value from captures.decisions order by all")
    ids = [victim for (victim,) in rows(older, "select victim_id from deduplicated.victims order by all")]
    migrate(older, quiet)
    new = Home(tmp_path / "new")
    new.prepare()
    for folder in ("archive", "sources"):
        shutil.copytree(older.path / folder, new.path / folder, dirs_exist_ok=True)
    for home in (older, new):
        with opened(home) as run_home:
            run_home.take_in()
            run_home.compute("2020-01", "2020-01")

    assert bytes_of(older.archive) == truth
    assert rows(older, "select decision_id, kind, subject, value from captures.decisions order by all") == decisions
    assert rows(older, FIGURES) == rows(new, FIGURES) != []
    assert rows(older, VICTIMS) == rows(new, VICTIMS) != []
    with Warehouse(older.warehouse).reading() as reading:
        resolved = resolve_all(reading, ids)
    assert len(ids) > 100 and all(resolved[victim].current for victim in ids)


def test_the_older_file_is_backed_up_row_for_row_and_can_be_put_back(older: Home) -> None:
    before = rows(older, "select * from deduplicated.victims order by all")

    done = migrate(older, quiet)

    assert done.backup is not None
    shutil.copy(done.backup, older.warehouse)
    assert rows(older, "select * from deduplicated.victims order by all") == before
    with duckdb.connect(str(older.warehouse), read_only=True) as connection:
        assert schema_version.found(connection).version == 1


def test_migrating_what_is_current_does_nothing(older: Home) -> None:
    migrate(older, quiet)
    before = bytes_of(older.path)

    assert migrate(older, quiet).steps == ()
    assert bytes_of(older.path) == before


def test_a_warehouse_of_today_from_before_versions_were_written_is_taken_as_it_is(older: Home) -> None:
    migrate(older, quiet)
    with duckdb.connect(str(older.warehouse)) as connection:
        connection.execute("drop table main.warehouse_version")

    with Warehouse(older.warehouse).reading():
        pass
    with Warehouse(older.warehouse).writing():
        pass
    assert rows(older, "select version from main.warehouse_version") == [(schema_version.VERSION,)]


def test_a_newer_warehouse_is_refused_with_the_version_that_is_needed(older: Home) -> None:
    migrate(older, quiet)
    with duckdb.connect(str(older.warehouse)) as connection:
        connection.execute("update main.warehouse_version set version = 7, program = '3.1.0'")
    before = bytes_of(older.path)

    needed = r"version 7 of the tables, written by casualty-pipeline 3\.1\.0.*install casualty-pipeline 3\.1\.0 or newer"
    with pytest.raises(CasualtyError, match=needed), Warehouse(older.warehouse).reading():
        pass
    with pytest.raises(CasualtyError, match=needed + ".*rebuilt from the archive"):
        migrate(older, quiet)
    assert bytes_of(older.path) == before


def test_tables_of_no_known_version_are_refused_and_the_way_out_is_to_rebuild(older: Home) -> None:
    with duckdb.connect(str(older.warehouse)) as connection:
        connection.execute("alter table monthly.figures add column mood varchar")

    with pytest.raises(CasualtyError, match=r"no version that this program knows.*rebuilt from the archive"):
        migrate(older, quiet)
    assert not (older.path / migrating.BACKUPS).exists()


def test_a_step_that_fails_leaves_the_file_at_the_step_before(older: Home) -> None:
    broken = Step(VERSION + 1, "breaks", ("delete from monthly.figures", "drop table monthly.nothing"))
    figures = rows(older, "select count(*) from monthly.figures")

    with pytest.raises(
        CasualtyError, match=rf"the step to version {VERSION + 1} failed .*; the file stays at version {VERSION}"
    ):
        migrate(older, quiet, steps=(*STEPS, broken))

    assert rows(older, "select version from main.warehouse_version") == [(VERSION,)]
    assert rows(older, "select count(*) from monthly.figures") == figures


_KILLED = """
import os, signal, sys
from pathlib import Path
from casualty_pipeline import migrating
from casualty_pipeline.home import Home

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(migrating.{module}, {name!r}, die)
migrating.migrate(Home(Path(sys.argv[1])), print)
"""


@pytest.mark.parametrize(("module", "name"), [("shutil", "disk_usage"), ("os", "fsync"), ("schema_version", "state")])
def test_a_migration_that_is_killed_is_run_again(older: Home, module: str, name: str) -> None:
    """Before the backup, while it is written, and in the middle of a step."""
    victims = rows(older, "select * from deduplicated.victims order by all")
    program = [sys.executable, "-c", _KILLED.format(module=module, name=name), str(older.path)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    killed = subprocess.run(program, env=environment, cwd=REPOSITORY, capture_output=True, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL

    migrate(older, quiet)

    assert rows(older, "select version from main.warehouse_version") == [(VERSION,)]
    assert rows(older, "select * from deduplicated.victims order by all") == victims
    assert not list((older.path / migrating.BACKUPS).glob("*.tmp*"))


def test_the_declared_tables_are_those_of_the_version() -> None:
    """Who changes a column raises VERSION, sets FINGERPRINT and adds a step: else older homes would have no way on."""
    assert schema_version.fingerprint(schema_version.declared()) == schema_version.FINGERPRINT
    assert [step.to for step in STEPS] == list(range(2, schema_version.VERSION + 1))
