"""One home with the sample run for the whole session, and the real `casualty` program to ask it with."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from casualty_pipeline.warehouse import Warehouse
from tests.sample_home import PROGRAM, sample_home


@dataclass(frozen=True)
class Casualty:
    """The `casualty` program on one home."""

    home: Path

    def __call__(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, whatever its exit code."""
        return subprocess.run(
            [PROGRAM, *map(str, arguments)],
            env={**os.environ, "CASUALTY_HOME": str(self.home), **environment},
            cwd=self.home.parent,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    def killed(self, *arguments: str, at: str) -> None:
        """Start one command and kill it, with all that it started, as soon as a line of its messages holds `at`."""
        environment = {**os.environ, "CASUALTY_HOME": str(self.home)}
        with subprocess.Popen(
            [PROGRAM, *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if at in line:
                    break
            os.killpg(process.pid, signal.SIGKILL)
        assert at in said[-1], said

    def done(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one command that must end well."""
        result = self(*arguments)
        assert result.returncode == 0, result.stderr
        return result


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Casualty:
    """The sample, run from January to March 2020. For reading only: who changes something takes `copied`."""
    return Casualty(sample_home(tmp_path_factory))


@pytest.fixture(scope="session")
def copied(sample: Casualty, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Casualty]:
    """Copies of that home, to change."""

    def copy() -> Casualty:
        return Casualty(shutil.copytree(sample.home, tmp_path_factory.mktemp("copied") / "home"))

    return copy


@pytest.fixture(scope="session")
def published(copied: Callable[[], Casualty]) -> Path:
    """Every publication of the sample that is for anyone: March's edition, a bulletin, a report, a dossier, the index.

    For reading only.
    """
    casualty = copied()
    casualty.done("publish", "--month", "2020-03", "--as-of", "2020-04-01T06:00:00Z")
    casualty.done("index")
    out = casualty.home / "published"
    casualty.done("bulletin", "--day", "2020-03-05", "--out", out / "bulletin")
    casualty.done("report", "--period", "2020-H1", "--out", out / "half-year")
    with Warehouse(casualty.home / "warehouse.duckdb").reading() as reading:
        (incident,) = reading.connection.execute(
            "select incident_id from attributed.incidents where massacre and documentation_month = '2020-03' "
            "order by incident_id limit 1"
        ).fetchall()
    casualty.done("dossier", incident[0], "--out", out / "dossier")
    return out


@pytest.fixture
def empty(tmp_path: Path) -> Casualty:
    """A home in which nothing happened yet."""
    return Casualty(tmp_path / "home")
