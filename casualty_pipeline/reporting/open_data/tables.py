"""Figures as files for programs: CSV with HXL tags, Parquet, JSON. What belongs here: one table in several formats."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from casualty_pipeline.reporting.exports import codebook, figures_csv, sorted_figures
from casualty_pipeline.reporting.figures_view import Numbers
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.texts import catalogue
from casualty_pipeline.reporting.voice import Voice
from casualty_pipeline.tables import FIGURE_COLUMNS

# Humanitarian Exchange Language 1.1 (hxlstandard.org): a tag for each column of the figure schema.
HXL_TAGS = {
    "period": "#date+period",
    "population": "#affected+population+code",
    "party": "#org+responsible+code",
    "category": "#cause+category+code",
    "governorate": "#adm1+code",
    "demographic": "#affected+demographic+code",
    "measure": "#indicator+measure+code",
    "value": "#indicator+value+num",
}


def hxl_csv(figures: pl.DataFrame) -> bytes:
    """figures.csv with the row of HXL tags beneath its header."""
    header, _, rows = figures_csv(figures).partition(b"\n")
    tags = ",".join(HXL_TAGS[column] for column in FIGURE_COLUMNS).encode()
    return header + b"\n" + tags + b"\n" + rows


def parquet(report: MonthReport) -> bytes:
    """The figures with their types: text, and `value` as a double. The file's metadata say month, digest and method."""
    buffer = io.BytesIO()
    about = {"month": report.month, "digest": report.digest, "methodology": report.profile.methodology_version}
    if report.synthetic:
        about["notice"] = catalogue(report.profile.languages[0])["synthetic"]
    sorted_figures(report.figures).write_parquet(buffer, compression="zstd", metadata=about)
    return buffer.getvalue()


def figures_json(report: MonthReport, voices: Sequence[Voice], labels: Mapping[str, Mapping[str, str]]) -> bytes:
    """Every figure with its address and its name in each language; the method; the codebook.

    `labels` say by language and address what a figure counts.
    """
    profile = report.profile
    columns = FIGURE_COLUMNS[:-1]
    header, *rows = codebook(profile)
    content: dict[str, Any] = {
        "month": report.month,
        "digest": report.digest,
        "notice": {v.language: v.texts["synthetic"] for v in voices} if report.synthetic else None,
        "country": {v.language: v.country for v in voices},
        "organisation": {v.language: v.organisation for v in voices},
        "methodology": {
            "version": profile.methodology_version,
            "counting": asdict(profile.counting),
            "rounding": dict(profile.rounding),
        },
        "codebook": [dict(zip(header, row, strict=True)) for row in rows],
        "figures": [
            {
                "address": figure.address,
                **{column: getattr(figure.what, column) for column in columns},
                "value": int(figure.value) if figure.value.is_integer() else figure.value,
                "label": {v.language: labels[v.language][figure.address] for v in voices},
            }
            for figure in Numbers(sorted_figures(report.figures))
        ],
    }
    # A figure on a line of its own: two editions compare line by line.
    lines = ",\n".join(json.dumps(figure, ensure_ascii=False) for figure in content.pop("figures"))
    head = json.dumps(content, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{head},\n "figures": [\n{lines}\n]\n}}\n'.encode()
