"""The home of an installation: where everything lives, and its one settings file. Nothing else knows these paths."""

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import Profile, load_profile

SETTINGS = "casualty.toml"
LINKAGE_MODEL = "linkage-model.json"  # a model of linkage fitted for this home, in the place of the shipped one

DAGSTER_YAML = "dagster.yaml"
STORAGE = "CASUALTY_DAGSTER_STORAGE"  # where Dagster keeps its books in a home that is new: sqlite, or postgres
STORAGES = ("sqlite", "postgres")
_INSTANCE = Path(__file__).parent / "orchestration" / "instance_settings"

_WORKSPACE_YAML = """\
# The code location, named as in the source tree's workspace.yaml, so that schedules and sensors keep their state.
load_from:
  - python_module:
      module_name: casualty_pipeline.definitions
      location_name: casualty_pipeline
"""


@dataclass(frozen=True)
class Home:
    """A folder that holds `inbox/`, `archive/`, `sources/`, `reports/`, `published/`, `dagster/` and the warehouse."""

    path: Path

    @property
    def inbox(self) -> Path:
        """A folder per source; what lies in it is taken into the archive and stays where it is."""
        return self.path / "inbox"

    @property
    def archive(self) -> Path:
        """Objects by their SHA-256, and the entries that say how each came in."""
        return self.path / "archive"

    @property
    def sources(self) -> Path:
        """Declarations of this home's own sources; they win over those that the profile ships."""
        return self.path / "sources"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file; derived, may be deleted."""
        return self.path / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """What was published: a folder per month, a read-only folder per edition. Truth, like the archive."""
        return self.path / "published"

    @property
    def reports(self) -> Path:
        """The current, unpublished reports, a folder per month."""
        return self.path / "reports"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME: runs, events, schedules."""
        return self.path / "dagster"

    @property
    def logs(self) -> Path:
        """What happened, as JSON lines, and what runs cost. No names; may be deleted."""
        return self.path / "logs"

    @property
    def alerts(self) -> Path:
        """What was told to people and what waits to be: a file per alert. Deleted, old failures are told again."""
        return self.path / "alerts"

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """What casualty.toml says; nothing, where there is no such file."""
        settings = self.path / SETTINGS
        if not settings.is_file():
            return {}
        try:
            return tomllib.loads(settings.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise CasualtyError(f"{settings}: not valid TOML: {problem}") from problem

    @cached_property
    def profile(self) -> Profile:
        """The profile named in casualty.toml; `syria` where it names none. A path is relative to the home.

        `boundaries` in casualty.toml names a GeoJSON file (an official one, say) that maps are drawn from in the place
        of the profile's own drawing.
        """
        name = self.settings.get("profile", "syria")
        local = self.path / str(name)
        profile = load_profile(str(local.resolve()) if (local / "profile.toml").is_file() else str(name))
        boundaries = self.boundaries
        return profile if boundaries is None else replace(profile, boundaries=boundaries)

    @property
    def boundaries(self) -> Path | None:
        """The file that `boundaries` in casualty.toml names. Raises CasualtyError when it isn't there."""
        given = self.settings.get("boundaries")
        if given is None:
            return None
        path = self.path / str(given)
        if not path.is_file():
            raise CasualtyError(
                f"{self.path / SETTINGS}: boundaries = {given!r}: expected a GeoJSON file, found none at {path}"
            )
        return path

    @property
    def signing_key(self) -> Path | None:
        """The Ed25519 private key that editions are signed with: CASUALTY_SIGNING_KEY, or `signing_key` of [publication]."""
        given = os.environ.get("CASUALTY_SIGNING_KEY") or self.publication.get("signing_key")
        return self.path / Path(str(given)).expanduser() if given else None

    @property
    def publishes_on_schedule(self) -> bool:
        """Whether the scheduled run of a month also publishes it: `on_schedule` of [publication]."""
        return self.publication.get("on_schedule") is True

    @property
    def publication(self) -> Mapping[str, Any]:
        """The table [publication] of casualty.toml."""
        given = self.settings.get("publication", {})
        if not isinstance(given, dict):
            raise CasualtyError(f"{self.path / SETTINGS}: [publication]: expected a table with signing_key and on_schedule")
        return given

    def prepare(self) -> None:
        """Create what is missing. Safe to call any number of times; never touches what is there."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)  # names of people lie in it, in most of its folders
            for folder in (self.inbox, self.archive, self.sources, self.reports, self.dagster):
                folder.mkdir(parents=True, exist_ok=True)
            if not (self.dagster / DAGSTER_YAML).exists():
                self.keep_books_in(os.environ.get(STORAGE) or STORAGES[0])
            if not (self.dagster / "workspace.yaml").exists():
                self._write("workspace.yaml", _WORKSPACE_YAML)
        except OSError as problem:
            raise CasualtyError(f"can't prepare the home {self.path}: {problem.strerror}: {problem.filename}") from problem

    def keep_books_in(self, storage: str) -> None:
        """Write dagster.yaml for a storage, `sqlite` or `postgres`. Raises CasualtyError for any other."""
        self._write(DAGSTER_YAML, dagster_yaml(storage))

    def _write(self, name: str, text: str) -> None:
        """One of Dagster's settings, whole or not at all: half a file would be there, and never be written again."""
        temporary = self.dagster / f"{name}.tmp"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self.dagster / name)


def dagster_yaml(storage: str) -> str:
    """The settings of a home's Dagster, as the program writes them. Raises CasualtyError for a storage that there isn't."""
    if storage not in STORAGES:
        raise CasualtyError(f"Dagster's storage is {storage!r} ({STORAGE}): expected {' or '.join(STORAGES)}")
    return "".join((_INSTANCE / f"dagster.{part}.yaml").read_text(encoding="utf-8") for part in (storage, "common"))


def find_home(given: str | None, environment: str | None) -> Home:
    """The home given on the command line, else that of CASUALTY_HOME, else `.casualty` in the current folder."""
    path = Path(given or environment or ".casualty")
    with suppress(RuntimeError):  # `~somebody` who has no home on this machine: then it is the name of a folder
        path = path.expanduser()
    return Home(path.absolute())
