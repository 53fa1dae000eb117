"""Writes files whose bytes depend on their content alone: CSV, XLSX and TOML, each by temporary file and rename."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import xlsxwriter

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.sample.sources import Layout

# A workbook names the moment of its making; this one is always the same.
CREATED = dt.datetime(2020, 4, 1, tzinfo=dt.UTC).replace(tzinfo=None)


def write_bytes(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; True when its content changed.

    Raises CasualtyError when it can't be written.
    """
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
    except OSError as problem:
        raise CasualtyError(f"can't write {path}: {problem.strerror}; choose a home that can be written to") from problem
    return True


def csv_bytes(headings: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheets expect of Arabic; one row per line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def xlsx_bytes(sheets: Sequence[tuple[Layout, Sequence[Mapping[str, str]]]]) -> bytes:
    """A workbook with a right-to-left sheet per layout. Numbers in ASCII digits are numbers, all else is text."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"created": CREATED, "title": "Synthetic sample"})
    bold = book.add_format({"bold": True})
    for layout, rows in sheets:
        sheet = book.add_worksheet(layout.sheet)
        sheet.right_to_left()
        for column, heading in enumerate(layout.headings):
            sheet.write_string(0, column, heading, bold)
            for number, row in enumerate(rows, start=1):
                value = row.get(heading, "")
                if value.isascii() and value.isdigit():
                    sheet.write_number(number, column, int(value))
                elif value:
                    sheet.write_string(number, column, value)
    book.close()
    return content.getvalue()
