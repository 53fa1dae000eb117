"""What assets and checks are given: the home, and through it the warehouse and the profile."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from casualty_pipeline.captures.sources import Source, known_sources
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.launching import hold, release
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Warehouse


class HomeResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The home that a run works on."""

    path: str
    archive_sample: str = ""  # what a run re-hashes of the archive: objects (50), a share (5%) or all; empty: a small sample
    now: str = ""  # ISO 8601: the moment that sensors are tried for; empty: now
    dry_run: bool = False  # whether a sensor that does something itself only says what it would do
    _at_work: int = PrivateAttr(default=-1)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """A run says that it is at work. A sensor has no run."""
        if context.run is not None and self.home.dagster.is_dir():
            self._at_work = hold(self.home.dagster, context.run.run_id)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """It says so no more."""
        if context.run is not None and self._at_work >= 0:
            release(self.home.dagster, context.run.run_id, self._at_work)
            self._at_work = -1

    @property
    def home(self) -> Home:
        """The home itself."""
        return Home(Path(self.path))

    @property
    def moment(self) -> datetime:
        """The moment that sensors go by."""
        return datetime.fromisoformat(self.now).astimezone(UTC) if self.now else datetime.now(UTC)

    @property
    def warehouse(self) -> Warehouse:
        """The only door to DuckDB."""
        return Warehouse(self.home.warehouse)

    @property
    def profile(self) -> Profile:
        """The conflict's vocabulary and rules."""
        return self.home.profile

    @property
    def sources(self) -> list[Source]:
        """The declared sources."""
        return known_sources(self.home)
