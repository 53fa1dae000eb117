"""Dagster's books in a real PostgreSQL: the same runs, sensors and schedules, also when it is restarted or gone.

Needs Debian's package `postgresql`; CASUALTY_NO_POSTGRES=1 leaves these tests out. The server is the tests' own, in a
temporary folder, and listens to a socket and a port of this machine.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.instance import POSTGRES_URL, open_instance
from casualty_pipeline.orchestration.pruning import prune
from casualty_pipeline.orchestration.resources import HomeResource
from tests.ticks import evaluated

pytestmark = pytest.mark.skipif(os.environ.get("CASUALTY_NO_POSTGRES") == "1", reason="CASUALTY_NO_POSTGRES=1")
REPOSITORY = Path(__file__).parents[2]
SECRET = "canary-of-a-password"
FIRST = datetime(2020, 3, 1, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Server:
    """A cluster of one database, with a password."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://casualty:{SECRET}@127.0.0.1:{self.port}/postgres"

    def do(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on the cluster, as a user that isn't root: it refuses to serve root."""
        as_user = ["runuser", "-u", _owner(), "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr + done.stdout

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.do("pg_ctl", "start", "-w", "-o", options, "-l", str(self.folder / "log"))

    def stop(self) -> None:
        self.do("pg_ctl", "stop", "-w", "-m", "immediate")  # as a power cut would


def _owner() -> str:
    known = Path("/etc/passwd").read_text("utf-8")
    return "postgres" if "\npostgres:" in known else "nobody"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A fresh cluster. Not in pytest's folder, which only its own user may enter."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "no PostgreSQL: apt-get install postgresql, or CASUALTY_NO_POSTGRES=1"
    folder = Path(tempfile.mkdtemp(prefix="casualty-pg-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Server(found[-1].parent, folder, port)
    password = folder / "password"
    password.write_text(SECRET, "utf-8")
    if os.geteuid() == 0:
        for path in (folder, password):
            shutil.chown(path, _owner())
    try:
        made.do("initdb", "-U", "casualty", "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync")
        password.unlink()
        made.start()
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def casualty(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line on a home whose Dagster keeps its books there."""
    home = tmp_path_factory.mktemp("postgres") / "home"
    environment = {**os.environ, "CASUALTY_HOME": str(home), POSTGRES_URL: server.url, "PYTHONPATH": str(REPOSITORY)}

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "casualty_pipeline.cli", *arguments]
        return subprocess.run(
            command, cwd=home.parent, env={**environment, **more}, capture_output=True, text=True, timeout=200, check=False
        )

    assert run("init", "--storage", "postgres").returncode == 0
    assert run("sample").returncode == 0
    first = run("run", "--month", "2020-01")
    assert first.returncode == 0, first.stderr
    return run


@pytest.fixture
def home(
    casualty: Callable[..., object],
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Home:
    """That home, with January run."""
    monkeypatch.setenv(POSTGRES_URL, server.url)
    return Home(max(tmp_path_factory.getbasetemp().glob("postgres*/home")))


def test_runs_and_events_are_in_postgresql_and_none_in_files(home: Home) -> None:
    with open_instance(home) as instance:
        (run,) = instance.get_runs()
        materialized = instance.get_latest_materialization_event(dg.AssetKey(["monthly", "figures"]))

    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert materialized is not None and materialized.run_id == run.run_id
    assert not list(home.dagster.rglob("*.db"))


def test_what_is_kept_outlasts_a_crash_of_the_server(home: Home, server: Server) -> None:
    with open_instance(home) as instance:
        before = [run.run_id for run in instance.get_runs()]
        server.stop()
        server.start()
        assert [run.run_id for run in instance.get_runs()] == before  # by the same instance, as the daemon's would be
        assert instance.all_asset_keys()


def test_sensors_and_the_schedule_work_on_it(home: Home) -> None:
    definitions = build_definitions(home)
    with open_instance(home) as instance:
        resources = {"home": HomeResource(path=str(home.path))}
        stale, inbox = (
            evaluated(definitions.resolve_sensor_def(name), dg.build_sensor_context(instance=instance, resources=resources))
            for name in ("stale_months", "inbox")
        )
        at = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=FIRST,
            resources=resources,
            repository_def=definitions.get_repository_def(),
        )
        (asked,) = evaluated(definitions.resolve_schedule_def("monthly"), at).run_requests or []

    assert [(r.tags["dagster/asset_partition_range_start"], r.run_key is not None) for r in stale.run_requests or []] == [
        ("2020-02", True)
    ]
    assert not inbox.run_requests
    assert asked.tags["due_months"] == "2020-02"


@pytest.mark.long
def test_a_server_that_is_gone_is_told_in_a_sentence_without_the_password(
    casualty: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    nowhere = f"postgresql://casualty:{SECRET}@127.0.0.1:1/postgres"
    result = casualty("run", "--month", "2020-02", **{POSTGRES_URL: nowhere})

    assert result.returncode == 2
    assert "storage doesn't answer" in result.stderr and "Traceback" not in result.stderr
    assert SECRET not in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("url", "reason"),
    [("", "isn't set"), ("mysql://user:word@host/db", "no address of PostgreSQL")],
    ids=["none", "another"],
)
def test_an_address_that_cannot_be_meant_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch, url: str, reason: str
) -> None:
    monkeypatch.setenv(POSTGRES_URL, url) if url else monkeypatch.delenv(POSTGRES_URL)
    with pytest.raises(CasualtyError, match=reason) as caught, open_instance(home):
        pass
    assert "word" not in str(caught.value)


def test_the_password_stands_in_no_file_and_no_tag(home: Home) -> None:
    assert not [p for p in home.path.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]
    with open_instance(home) as instance:
        assert SECRET not in "".join(
            str(run) + "".join(str(e) for e in instance.all_logs(run.run_id)) for run in instance.get_runs()
        )


def test_pruning_keeps_the_newest_of_every_month(home: Home) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    with open_instance(home) as instance:
        run = dg.materialize([other], instance=instance).run_id
        dg.materialize([other], instance=instance)
        done = prune(instance, home.dagster, later, print)

        assert done.runs == (run,)
        assert instance.get_run_by_id(run) is None
        assert instance.get_latest_materialization_event(dg.AssetKey(["monthly", "figures"])) is not None


@dg.asset
def other() -> None:
    """Nobody builds on it."""
