"""What a disk or its permissions refuse is told in a sentence, and the same command goes on once that is mended."""

import errno
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy.exc

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.instance import open_instance

_REFUSED = """
import sys
from casualty_pipeline.console import answering

@answering
def command():
    raise OSError(int(sys.argv[1]), "refused", "/home/archive/lock")

command()
"""


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "no space left on the disk: /home/archive/lock"),
        (errno.EACCES, "no permission to read or write: /home/archive/lock"),
        (errno.EROFS, "the disk can only be read: /home/archive/lock"),
    ],
)
def test_what_a_disk_refuses_is_no_crash(number: int, told: str) -> None:
    done = subprocess.run([sys.executable, "-c", _REFUSED, str(number)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert told in done.stderr and "should not happen" not in done.stderr


def test_a_storage_that_fails_on_the_way_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    home = Home(tmp_path / "home")
    home.prepare()
    full = sqlalchemy.exc.OperationalError("insert", {}, sqlite3.OperationalError("database or disk is full"))
    with (
        pytest.raises(CasualtyError, match=r"failed on the way .*disk isn't full.*: run again"),
        open_instance(home),
    ):
        raise full
