"""The figures inside a PDF: the table that is attached to it, against the month's.

Nothing that runs here reads the text of a PDF; it is set from the very document that the page is made from. A test reads
it back with PDFium, number by number.
"""

import io
import re
import zlib
from collections.abc import Iterator

import polars as pl

from casualty_pipeline.tables import FIGURE_COLUMNS

_FILE = re.compile(rb"<<[^>]*/EmbeddedFile\b[^>]*/FlateDecode\b.{0,400}?>>\s*stream\r?\n", re.DOTALL)


def attached_figures(pdf: bytes, figures: pl.DataFrame) -> Iterator[str]:
    """Sentences on every figure that the PDF's own table has otherwise; one where it has none."""
    held = next((table for table in map(_table, _attached(pdf)) if table is not None), None)
    if held is None:
        yield "no table of figures that could be read is attached: expected figures.csv"
        return
    address = list(FIGURE_COLUMNS[:-1])
    there = figures.select(FIGURE_COLUMNS).with_columns(pl.col(address).fill_null(""))
    both = there.join(held, on=address, how="full", coalesce=True, suffix="_held", nulls_equal=True)
    wrong = both.filter(pl.col("value").ne_missing(pl.col("value_held"))).sort(address)
    for row in wrong.iter_rows(named=True):
        named = ":".join(row[name] for name in address)
        yield f"the attached figures.csv says {_plain(row['value_held'])} of {named}, which is {_plain(row['value'])}"


def _attached(pdf: bytes) -> Iterator[bytes]:
    """The files inside, as far as they can be unpacked."""
    for match in _FILE.finditer(pdf):
        try:
            yield zlib.decompressobj().decompress(pdf[match.end() :])
        except zlib.error:
            continue


def _table(content: bytes) -> pl.DataFrame | None:
    if not content.startswith(",".join(FIGURE_COLUMNS).encode()):
        return None
    texts = dict.fromkeys(FIGURE_COLUMNS[:-1], pl.String)
    try:
        table = pl.read_csv(io.BytesIO(content), schema_overrides={**texts, "value": pl.Float64})
    except pl.exceptions.PolarsError:
        return None
    return table.with_columns(pl.col(list(texts)).fill_null("")) if set(FIGURE_COLUMNS) <= set(table.columns) else None


def _plain(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
