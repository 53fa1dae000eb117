"""Where the SQL and the templates are: at the top of a source tree, inside the package in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(folder: str) -> Path:
    """The path of `sql`, `templates` or `requirements`. Raises FileNotFoundError when the installation is incomplete."""
    for candidate in (_PACKAGE / "_shipped" / folder, _PACKAGE.parent / folder):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the installation lacks its folder {folder!r}: reinstall casualty-pipeline")
