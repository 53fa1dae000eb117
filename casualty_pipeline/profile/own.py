"""A profile of one's own: a copy of a shipped one in the home, to change there. What a profile means is in `loader.py`."""

import re
import shutil
from pathlib import Path

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import SETTINGS, Home
from casualty_pipeline.profile.loader import Profile, load_profile

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SET = re.compile(r"(?m)^profile\s*=.*$")


def copy_profile(home: Home, name: str, of: str) -> Path:
    """Copy the shipped profile `of` into the folder `name` of the home, and let casualty.toml name it.

    Nothing of the home is computed again by that alone: an unchanged copy gives the same figures. Raises CasualtyError for a
    name that isn't one, for a folder that exists, and for an unknown profile.
    """
    if not _NAME.fullmatch(name):
        raise CasualtyError(f"{name!r}: expected small letters, digits and _, a letter first, as the folder of the profile")
    target = home.path / name
    if target.exists():
        raise CasualtyError(f"{target} exists; edit it, or give the copy another name")
    shipped = load_profile(of).folder
    home.prepare()
    unfinished = target.with_name(f".{name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(shipped, unfinished)
    unfinished.rename(target)
    settings = home.path / SETTINGS
    text = settings.read_text(encoding="utf-8") if settings.is_file() else ""
    line = f'profile = "{name}"'
    text = _SET.sub(line, text, count=1) if _SET.search(text) else f"{line}\n{text}"
    written = settings.with_name(f".{SETTINGS}.unfinished")
    written.write_text(text, encoding="utf-8")
    written.replace(settings)
    return target


def summary(profile: Profile) -> str:
    """What a profile holds, in a line. One that can be loaded is valid: `load_profile` says what is wrong with another."""
    parts = (
        f"{len(profile.parties)} parties",
        f"{len(profile.categories)} categories",
        f"{len(profile.governorates)} governorates",
        f"{len(profile.special_groups)} special groups",
        f"languages {', '.join(profile.languages)}",
        f"methodology {profile.methodology_version}",
    )
    return f"{profile.id}: {'; '.join(parts)}"
