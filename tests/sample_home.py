"""The sample's home, made once for a whole run of pytest: in several processes, each test process gets a copy of it."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from casualty_pipeline.home import Home

PROGRAM = Path(sys.executable).with_name("casualty")


def _make(home: Path) -> None:
    for arguments in (["sample"], ["run", "--month", "2020-01", "--through", "2020-03"]):
        done = subprocess.run(
            [PROGRAM, *arguments],
            env={**os.environ, "CASUALTY_HOME": str(home)},
            cwd=home.parent,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, run by `casualty run` for January to March 2020, in a folder of this process's own."""
    together = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        together = together.parent  # of all workers
    made, unfinished = together / "the-sample", together / "the-sample-unfinished"
    with (together / "the-sample.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _make(unfinished / "home")
            unfinished.rename(made)
    home = Path(shutil.copytree(made / "home", tmp_path_factory.mktemp("sample") / "home"))
    (home / "dagster" / "dagster.yaml").unlink()  # it names the folder that it was copied from
    Home(home).prepare()
    return home
