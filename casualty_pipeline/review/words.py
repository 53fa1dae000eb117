"""What reviewers read, in each language: `wording/<language>.toml`. Reading it belongs here; laying it out doesn't."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError

_FOLDER = Path(__file__).parent / "wording"
LANGUAGES = tuple(sorted((path.stem for path in _FOLDER.glob("*.toml")), key=lambda name: (name != "en", name)))


@cache
def wording(language: str) -> Mapping[str, Any]:
    """The texts of a language, as its file groups them. Raises CasualtyError for a language that there isn't."""
    if language not in LANGUAGES:
        raise CasualtyError(f"no language {language!r} for reviewers; expected one of {', '.join(LANGUAGES)}")
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def label(labels: Mapping[str, str], language: str) -> str:
    """What a profile calls something in a language, or in its first where it has none in this one."""
    return labels.get(language) or next(iter(labels.values()))
