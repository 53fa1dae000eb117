"""Writes a month's files. What belongs here: which files there are, and that none is ever half written."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from casualty_pipeline.beside import beside
from casualty_pipeline.reporting.comparison import comparison_document
from casualty_pipeline.reporting.html import render
from casualty_pipeline.reporting.model import MonthReport, Written
from casualty_pipeline.reporting.open_data import Geometry, open_bundle


def write_month(
    report: MonthReport,
    folder: Path,
    published: pl.DataFrame | None,
    *,
    contradictions: Sequence[Mapping[str, str]] = (),
    geometry: Geometry | None = None,
) -> list[Written]:
    """Write a month's open bundle and, in every language of its profile, its comparison with published figures.

    The same input gives the same bytes. Every file is made before the first is written and is put in place by a
    rename; what an earlier run wrote and this one doesn't is taken away. `contradictions` map languages to sentences,
    `geometry` a p-code to its boundary. Raises CasualtyError for a missing figure, label or text.
    """
    contents = open_bundle(report, geometry)
    if published is not None:
        for language in report.profile.languages:
            document = comparison_document(report, published, contradictions, language)
            contents[f"comparison.{language}.html"] = render(document).encode()

    folder.mkdir(parents=True, exist_ok=True)
    for path in (folder / "NOTICE.txt", *folder.glob("comparison.*.html"), *folder.glob("charts/*.svg")):
        if path.relative_to(folder).as_posix() not in contents:
            path.unlink(missing_ok=True)
    return [
        Written(
            put(folder / name, content),
            _language(name, report),
            _format(name),
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
        for name, content in contents.items()
    ]


def _language(name: str, report: MonthReport) -> str:
    """The language in a file's name: `report.ar.pdf`; `all` where there is none."""
    parts = name.split(".")
    return parts[-2] if len(parts) > 2 and parts[-2] in report.profile.languages else "all"


def _format(name: str) -> str:
    return name.rpartition(".")[2] if "." in name else "sha256"


def put(path: Path, content: bytes, *, private: bool = False) -> Path:
    """Write beside, then rename: a reader sees the old file or the new one. `private`: only the owner may read it."""
    path.parent.mkdir(exist_ok=True)
    made = beside(path)
    try:
        made.touch(mode=0o600 if private else 0o666)
        made.write_bytes(content)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    return path
