"""Figures as CSV and XLSX. What belongs here: formats for programs and spreadsheets. What doesn't: pages for readers.

A cell that a spreadsheet would take for a formula is never written as one: CSV puts an apostrophe before it, XLSX
writes every text as a text.
"""

import io
from datetime import datetime

import polars as pl

from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.reporting.figures_view import Numbers
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.texts import catalogue
from casualty_pipeline.tables import FIGURE_COLUMNS, TABLE

_TEXTS = FIGURE_COLUMNS[:-1]


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


def figures_xlsx(report: MonthReport) -> bytes:
    """Sheets: notice (where the data is synthetic), figures, codebook. The file's own date is the month's first day."""
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
        sheet = book.add_worksheet("figures")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 4, 24)
        for column, name in enumerate(FIGURE_COLUMNS):
            sheet.write_string(0, column, name, bold)
        figures = list(Numbers(sorted_figures(report.figures)))
        for row, figure in enumerate(figures, 1):
            for column, name in enumerate(_TEXTS):
                sheet.write_string(row, column, getattr(figure, name))
            sheet.write_number(row, len(_TEXTS), figure.value)
        sheet.autofilter(0, 0, len(figures), len(_TEXTS))
        sheet = book.add_worksheet("codebook")
        sheet.set_column(0, 3, 48)
        for row, cells in enumerate(codebook(report.profile)):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text, *([bold] if row == 0 else []))
    return buffer.getvalue()


def notices(profile: Profile) -> tuple[str, ...]:
    """The warning that the data is synthetic, in each language."""
    return tuple(catalogue(language)["synthetic"] for language in profile.languages)


def codebook(profile: Profile) -> list[tuple[str, ...]]:
    """Rows (column, value, meaning in each language): the columns, then the ids that stand in them."""
    described = {c.name: c.description for c in TABLE["monthly.figures"].columns}
    rows: list[tuple[str, ...]] = [("column", "value", *profile.languages)]
    rows += [(name, "", described[name]) for name in FIGURE_COLUMNS]
    for name, known in (
        ("population", [(g.id, g.label) for g in profile.special_groups]),
        ("party", [(p.id, p.label) for p in profile.reported_parties()]),
        ("category", [(c.id, c.label) for c in profile.categories]),
        ("governorate", [(g.pcode, g.label) for g in profile.governorates]),
    ):
        rows += [(name, key, *(label[language] for language in profile.languages)) for key, label in known]
    return rows
