"""What of this program decides the bytes of an edition, as hashes, so that a rebuild can say which version it needs."""

import hashlib
import importlib.metadata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from casualty_pipeline import __version__
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import of_home
from casualty_pipeline.shipped import shipped

_LIBRARIES = (
    "cryptography",
    "duckdb",
    "jinja2",
    "polars",
    "pyarrow",
    "rapidfuzz",
    "typst",
    "vl-convert-python",
    "xlsxwriter",
)


def versions(home: Home) -> dict[str, Any]:
    """Program, code, lock, libraries that write files, profile and model of linkage: names to versions and hashes."""
    return {
        "program": __version__,
        "code": code_digest(),
        "lock": hashlib.sha256((shipped("requirements") / "run.txt").read_bytes()).hexdigest(),
        "libraries": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        "profile": home.profile.id,
        "profile_digest": home.profile.digest,
        "linkage_model": of_home(home).digest,
    }


@cache
def code_digest() -> str:
    """SHA-256 over the program itself: the domain, its SQL and its templates. Profiles have a digest of their own."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for name, root in (("casualty_pipeline", package), ("sql", shipped("sql")), ("templates", shipped("templates"))):
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            skipped = {"__pycache__", "_shipped", "profiles", "orchestration"} & set(inside.parts)
            if path.is_file() and not skipped:
                digest.update(f"{name}/{inside.as_posix()}".encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def differences(published: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """What of an edition's versions isn't as it is here, in sentences. Empty where the bytes must come out the same."""
    found = []
    for name in ("program", "code", "lock", "profile", "profile_digest", "linkage_model"):
        if published.get(name) != here.get(name):
            found.append(
                f"{name.replace('_', ' ')}: published with {_short(published.get(name))}, here {_short(here[name])}"
            )
    theirs, ours = published.get("libraries", {}), here["libraries"]
    found += [
        f"{name}: published with {theirs.get(name)}, here {ours.get(name)}"
        for name in sorted({*theirs, *ours})
        if theirs.get(name) != ours.get(name)
    ]
    return found


def _short(text: object) -> str:
    shown = str(text)
    return f"{shown[:12]}..." if len(shown) == 64 else shown
