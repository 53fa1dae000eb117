"""The home of an installation."""

import shutil
from pathlib import Path

import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import SETTINGS, Home, find_home

ATLANTIS = Path(__file__).parents[1] / "fixtures/profiles/atlantis"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_preparing_creates_what_is_missing_and_touches_nothing_that_is_there(home: Home) -> None:
    home.prepare()
    config = home.dagster / "dagster.yaml"
    config.write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    home.prepare()
    assert config.read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"
    assert all(p.is_dir() for p in (home.inbox, home.archive, home.sources, home.reports))


def test_a_home_can_be_moved(home: Home) -> None:
    """No file that the program writes into it names the place where it stands."""
    home.prepare()
    for path in home.path.rglob("*"):
        if path.is_file():
            assert str(home.path) not in path.read_text(encoding="utf-8")


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CasualtyError, match=r"can't prepare the home .*file"):
        Home(tmp_path / "file").prepare()


def test_the_home_given_wins_over_the_environment_and_that_over_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_home("given", "environment").path == tmp_path / "given"
    assert find_home(None, "~/environment").path == tmp_path / "environment"
    assert find_home(None, None).path == tmp_path / ".casualty"
    assert find_home(None, "").path == tmp_path / ".casualty"
    assert find_home("~nobody-of-that-name/home", None).path == tmp_path / "~nobody-of-that-name/home"


def test_without_settings_the_profile_is_syria_s(home: Home) -> None:
    assert home.profile.id == "syria"


@pytest.mark.parametrize("local", [True, False])
def test_a_profile_is_named_by_its_folder_in_the_home_or_anywhere(home: Home, local: bool) -> None:
    home.path.mkdir()
    if local:
        shutil.copytree(ATLANTIS, home.path / "mine")
    named = "mine" if local else ATLANTIS.as_posix()
    (home.path / SETTINGS).write_text(f'profile = "{named}"\n', encoding="utf-8")
    assert home.profile.id == "atlantis"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [(b"profile =", "not valid TOML"), (b"\xff", "not valid TOML"), (b'profile = "lemuria"', "no profile 'lemuria'")],
)
def test_settings_that_cannot_be_meant_are_refused(home: Home, settings: bytes, reason: str) -> None:
    home.path.mkdir()
    (home.path / SETTINGS).write_bytes(settings)
    with pytest.raises(CasualtyError, match=reason):
        assert home.profile
