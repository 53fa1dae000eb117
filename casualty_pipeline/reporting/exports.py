"""Figures as CSV and XLSX. What belongs here: formats for programs and spreadsheets. What doesn't: pages for readers.

A cell that a spreadsheet would take for a formula is never written as one: CSV puts an apostrophe before it, XLSX
writes every text as a text.
"""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.reporting.document import Document, Grid, Picture
from casualty_pipeline.reporting.figures_view import Numbers
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.runs import plain, value
from casualty_pipeline.reporting.texts import catalogue
from casualty_pipeline.tables import FIGURE_COLUMNS, TABLE

_TEXTS = FIGURE_COLUMNS[:-1]
_LONGEST_CELL = 32_767  # characters, a limit of the format


def sorted_figures(figures: pl.DataFrame) -> pl.DataFrame:
    """The columns of the figure schema, in an order that depends on nothing but the figures."""
    return figures.select(*(pl.col(c).fill_null("") for c in _TEXTS), pl.col("value").cast(pl.Float64)).sort(_TEXTS)


def figures_csv(figures: pl.DataFrame) -> bytes:
    """UTF-8, one header row, the columns FIGURE_COLUMNS, whole numbers without a decimal point."""
    value = pl.col("value")
    whole = value == value.floor()
    return (
        sorted_figures(figures)
        .with_columns(
            pl.col(_TEXTS).str.replace(r"^([=+\-@\t\r])", "'${1}"),
            pl.when(whole).then(value.cast(pl.Int64).cast(pl.String)).otherwise(value.cast(pl.String)).alias("value"),
        )
        .write_csv()
        .encode()
    )


def figures_xlsx(report: MonthReport, documents: Mapping[str, Document]) -> bytes:
    """Sheets: notice (where the data is synthetic), the tables of the report in each language, figures, codebook.

    `documents` are the report's pages by language; a sheet runs the way its language does. The file's own date is the
    month's first day.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime.strptime(report.month, "%Y-%m")})  # noqa: DTZ007 - a date, no moment
        bold = book.add_format({"bold": True})
        if report.synthetic:
            sheet = book.add_worksheet("notice")
            sheet.set_column(0, 0, 120)
            for row, text in enumerate(notices(report.profile)):
                sheet.write_string(row, 0, text, bold)
        for language, document in documents.items():
            _tables(book, str(catalogue(language)["language_name"]), document)
        sheet = book.add_worksheet("figures")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 4, 24)
        for column, name in enumerate(FIGURE_COLUMNS):
            sheet.write_string(0, column, name, bold)
        figures = list(Numbers(sorted_figures(report.figures)))
        for row, figure in enumerate(figures, 1):
            for column, name in enumerate(_TEXTS):
                sheet.write_string(row, column, _cell(getattr(figure, name)))
            sheet.write_number(row, len(_TEXTS), figure.value)
        sheet.autofilter(0, 0, len(figures), len(_TEXTS))
        sheet = book.add_worksheet("codebook")
        sheet.set_column(0, 3, 48)
        for row, cells in enumerate(codebook(report.profile)):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, _cell(text), *([bold] if row == 0 else []))
    return buffer.getvalue()


def _cell(text: str) -> str:
    """A text that a cell can hold: a spreadsheet takes no longer one, and the library would leave it out silently."""
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def _tables(book: Any, name: str, document: Document) -> None:
    """A sheet with every table of a page, one below the other."""
    title, head = book.add_format({"bold": True, "font_size": 12}), book.add_format({"bold": True, "bottom": 1})
    total = book.add_format({"bold": True, "top": 1})
    within, usual = book.add_format({"indent": 1}), book.add_format()
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 5, 14)
    if document.direction == "rtl":
        sheet.right_to_left()
    row = 0
    for grid in (
        block.table if isinstance(block, Picture) else block
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Picture | Grid)
    ):
        sheet.write_string(row, 0, _cell(plain(grid.caption)), title)
        for column, heading in enumerate(grid.columns):
            sheet.write_string(row + 1, column, _cell(plain(heading)), head)
        row += 2
        for line in grid.rows:
            look = total if line.total else usual
            sheet.write_string(row, 0, _cell(plain(line.header)), within if line.level else look)
            for column, cell in enumerate(line.cells, 1):
                number = value(cell)
                if number is None:
                    sheet.write_string(row, column, _cell(plain(cell)), look)
                else:
                    sheet.write_number(row, column, number, look)
            row += 1
        row += 1


def notices(profile: Profile) -> tuple[str, ...]:
    """The warning that the data is synthetic, in each language."""
    return tuple(catalogue(language)["synthetic"] for language in profile.languages)


def codebook(profile: Profile) -> list[tuple[str, ...]]:
    """Rows (column, value, meaning in each language): the columns, then the ids that stand in them."""
    described = {c.name: c.description for c in TABLE["monthly.figures"].columns}
    rows: list[tuple[str, ...]] = [("column", "value", *profile.languages)]
    more = ("",) * (len(profile.languages) - 1)  # the columns are described in English only
    rows += [(name, "", described[name], *more) for name in FIGURE_COLUMNS]
    for name, known in (
        ("population", [(g.id, g.label) for g in profile.special_groups]),
        ("party", [(p.id, p.label) for p in profile.reported_parties()]),
        ("category", [(c.id, c.label) for c in profile.categories]),
        ("governorate", [(g.pcode, g.label) for g in profile.governorates]),
    ):
        rows += [(name, key, *(label[language] for language in profile.languages)) for key, label in known]
    return rows
