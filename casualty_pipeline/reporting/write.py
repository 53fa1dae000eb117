"""Writes a month's files. What belongs here: which files there are, and that none is ever half written."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from casualty_pipeline.reporting.comparison import comparison_document
from casualty_pipeline.reporting.exports import figures_csv, figures_xlsx, notices
from casualty_pipeline.reporting.html import render
from casualty_pipeline.reporting.model import MonthReport, Written
from casualty_pipeline.reporting.sections import MonthPage


def write_month(
    report: MonthReport,
    folder: Path,
    published: pl.DataFrame | None,
    *,
    contradictions: Sequence[Mapping[str, str]] = (),
) -> list[Written]:
    """Write a month's report in every language of its profile, its figures and its comparison with published figures.

    The same input gives the same bytes. Every file is made before the first is written and is put in place by a
    rename; what an earlier run wrote and this one doesn't is taken away. `contradictions` map languages to sentences.
    Raises CasualtyError for a missing figure, label or text.
    """
    languages = report.profile.languages
    contents: dict[str, tuple[bytes, str, str]] = {
        f"report.{language}.html": (render(MonthPage(report, language).document()).encode(), language, "html")
        for language in languages
    }
    contents["figures.csv"] = (figures_csv(report.figures), "all", "csv")
    contents["figures.xlsx"] = (figures_xlsx(report), "all", "xlsx")
    if published is not None:
        for language in languages:
            document = comparison_document(report, published, contradictions, language)
            contents[f"comparison.{language}.html"] = (render(document).encode(), language, "html")
    if report.synthetic:
        contents["NOTICE.txt"] = ("\n".join(notices(report.profile)).encode() + b"\n", "all", "txt")

    folder.mkdir(parents=True, exist_ok=True)
    for name in ("NOTICE.txt", *(f"comparison.{language}.html" for language in languages)):
        if name not in contents:
            (folder / name).unlink(missing_ok=True)
    return [Written(_put(folder / name, content), language, kind) for name, (content, language, kind) in contents.items()]


def _put(path: Path, content: bytes) -> Path:
    """Write beside, then rename: a reader sees the old file or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path
