"""Homes for the tests that go through Dagster itself.

`filled` is the sample, run once for January to March 2020; nobody may change it. Tests that change something take `small`:
a home with one invented source, which runs in a fraction of the time.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.attribution import attribute, digest_months
from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.cleaning.stage import clean
from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.figures.months import months_between
from casualty_pipeline.figures.stage import compute_figures
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.orchestration.command_line import run_months
from casualty_pipeline.orchestration.jobs import MATERIALIZE_MONTH
from casualty_pipeline.reporting.stage import write_reports
from casualty_pipeline.sample import write_sample
from casualty_pipeline.staleness import remember_attributed, remember_figures
from casualty_pipeline.warehouse import Warehouse

REPOSITORY = Path(__file__).parents[2]

_TIP_LINE = """\
id = "tip_line"
name = "Tip line (invented for this test)"
synthetic = true
unnamed = "counted"

[[tables]]
file = "*.csv"
statement = "group"
key = ["call"]
[tables.columns]
persons = "persons"
incident_date = "day"
death_date = "day"
documented_date = "day"
governorate = "where"
party = "who"
countable_media = "media"
known_date = "day"
"""


@dataclass
class RunHome:
    """A home with its own Dagster instance, and the ways in which the tests run it."""

    home: Home
    instance: dg.DagsterInstance

    def run(self, first: str, last: str, job: str = MATERIALIZE_MONTH) -> dg.ExecuteInProcessResult:
        """One run over a range of months, as the sensors and the command line ask for it."""
        return (
            build_definitions(self.home)
            .resolve_job_def(job)
            .execute_in_process(
                instance=self.instance,
                tags={"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last},
                raise_on_error=False,
            )
        )

    def tip(self, call: str, day: str, persons: int) -> None:
        """A call to the tip line, taken into the archive: so many dead on that day. A later one corrects an earlier."""
        file = self.home.path / f"call-{len(list(self.home.archive.rglob('*')))}.csv"
        file.write_text(f"call,day,persons,where,who,media\n{call},{day},{persons},Idlib,Syrian regime,yes\n", "utf-8")
        Archive(self.home.archive).take(files_of([file]), "tip_line", datetime(2020, 6, 1, tzinfo=UTC))
        file.unlink()

    def take_in(self) -> None:
        """Read what the archive holds, without Dagster."""
        with Warehouse(self.home.warehouse).writing() as write:
            read_archive(self.home, write)

    def compute(self, first: str, last: str) -> None:
        """Bring months up to date without Dagster and without checks, for tests of what is asked for afterwards."""
        months, profile, sources = months_between(first, last), self.home.profile, known_sources(self.home)
        with Warehouse(self.home.warehouse).writing() as write:
            clean(write, months, profile, sources)
            deduplicate(write, sources, profile, load())
            digest_months(write, profile)
            attribute(write, months, profile)
            remember_attributed(write, months)
            compute_figures(write, months, profile)
            remember_figures(write, months)
        write_reports(self.home, months, sources)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query on the warehouse."""
        with Warehouse(self.home.warehouse).reading() as reading:
            return reading.connection.execute(sql).fetchall()

    def states(self, check: dg.AssetCheckKey, months: list[str]) -> Mapping[str, str]:
        """For each month, the state of a check as the UI shows it: SUCCEEDED, FAILED, PLANNED or none."""
        found = self.instance.event_log_storage.get_asset_check_partition_info([check])
        status = {info.partition_key: info.latest_execution_status.value for info in found}
        return {m: status.get(m, "none") for m in months}


@contextmanager
def opened(home: Home) -> Iterator[RunHome]:
    """The home with its own Dagster storage."""
    home.prepare()
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        yield RunHome(home, instance)


@pytest.fixture(autouse=True, scope="session")
def _environment() -> Iterator[None]:
    """What the command line leaves in the environment doesn't outlive these tests."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The sample, run by `casualty run` for January to March 2020. Not to be changed."""
    home = Home(tmp_path_factory.mktemp("filled"))
    home.prepare()
    write_sample(home.path, home.profile, 2020)
    outcome = run_months(home, "2020-01", "2020-03", lambda _line: None)
    assert outcome.success, outcome.findings
    return home


@pytest.fixture
def small(tmp_path: Path) -> Iterator[RunHome]:
    """A home with the tip line as its only source, and one call in each month from January to March 2020."""
    home = Home(tmp_path / "home")
    home.prepare()
    (home.sources / "tip_line.toml").write_text(_TIP_LINE, "utf-8")
    with opened(home) as run_home:
        for number, month in enumerate(("2020-01", "2020-02", "2020-03"), start=1):
            run_home.tip(f"call-{number}", f"{month}-1{number}", number + 1)
        yield run_home


@pytest.fixture(scope="session")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """The definitions as they are for any home with the Syria profile."""
    return build_definitions(Home(tmp_path_factory.mktemp("any")))


@pytest.fixture(scope="session")
def in_repository(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], dict[str, str]]:
    """The environment of a program that is started in the repository with an empty home."""

    def environment() -> dict[str, str]:
        home = tmp_path_factory.mktemp("empty")
        return {**os.environ, "CASUALTY_HOME": str(home), "DAGSTER_HOME": str(home)}

    return environment
