"""Questions as a workbook or as CSV: what a reviewer opens. Only how it looks belongs here.

The same questions give the same bytes. Every value is written as a text, never as a formula or a link, whatever it begins
with: values come from captures, and these from anybody.
"""

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from casualty_pipeline.review.asked import KINDS, Asked
from casualty_pipeline.review.layout import ANSWER, CHECK, ID, KIND, OPEN, SIDES, WEIGHT, WHY, columns, field_of, values
from casualty_pipeline.review.words import LANGUAGES, wording

CREATED = datetime(2020, 1, 1)  # noqa: DTZ001 - a workbook names the moment of its making; this one is always the same
HEAD = 3  # rows above the first question: the columns' own names (hidden), their groups, their labels
_LISTS = "lists"
_YELLOW, _ORANGE, _GREY, _PALE, _RED = "#FFF7CC", "#FFD9B3", "#D9DEE4", "#EEF1F4", "#B00020"
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_WIDTHS = {ID: 18, ANSWER: 16, WHY: 32, "who": 14, "text": 70, "evidence": 48, "question": 36, "decisions": 48}
_NARROWEST, _WIDEST = 8, 30


def questions_csv(asked: Sequence[Asked]) -> bytes:
    """Questions of one kind: UTF-8 with a byte order mark, the columns' own names in the first row."""
    text, names = io.StringIO(), columns(asked)
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    for one in asked:
        weight = {} if one.weight is None else {WEIGHT: f"{one.weight:g}"}
        writer.writerow({name: _FORMULA.sub(r"'\g<0>", value) for name, value in (values(one) | weight).items()})
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def questions_xlsx(asked: Sequence[Asked], language: str) -> bytes:
    """A sheet that says what to do, then one per kind of question, right to left where the language is."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        title = wording(language)["about"]["title"]
        book.set_properties({"created": CREATED, "title": title, "status": wording(language)["confidential"]})
        writer = _Writer(book, language)
        writer.about([kind for kind in KINDS if any(one.kind == kind for one in asked)])
        for kind in KINDS:
            if of_kind := [one for one in asked if one.kind == kind]:
                writer.questions(kind, of_kind)
        writer.lists()
    return content.getvalue()


class _Writer:
    """One workbook while it is written. Formats are shared: a workbook has room for some thousands of them."""

    def __init__(self, book: xlsxwriter.Workbook, language: str) -> None:
        self.book, self.language, self.texts = book, language, wording(language)
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._choices: dict[tuple[str, ...], int] = {}  # lists of answers -> their row on the sheet of lists

    def format(self, **properties: Any) -> Format:
        """The format with these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"valign": "top", "text_wrap": True, **properties})
        return self._formats[key]

    def text_format(self, text: str, **properties: Any) -> Format:
        """The same, to the right where the text is Arabic, whichever way the sheet runs."""
        arabic = {"align": "right", "reading_order": 2} if _ARABIC.search(text) else {"align": "left", "reading_order": 1}
        return self.format(**arabic, **properties)

    def sheet(self, name: str) -> Worksheet:
        """A sheet that can be read and filtered, and changed only where a cell isn't locked."""
        sheet = self.book.add_worksheet(name)
        if self.texts["rtl"]:
            sheet.right_to_left()
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
        sheet.set_landscape()
        sheet.set_header("&C" + self.texts["confidential"].split(":")[0])
        return sheet

    def about(self, kinds: Sequence[str]) -> None:
        """What to do and what the answers mean, in every language, that of the workbook first."""
        sheet = self.sheet(self.texts["sheets"]["about"])
        sheet.set_column(0, len(LANGUAGES) - 1, 78)
        for column, language in enumerate(sorted(LANGUAGES, key=lambda known: known != self.language)):
            for row, (text, properties) in enumerate(_instructions(language, kinds)):
                sheet.write_string(row, column, text, self.text_format(text, **properties))

    def questions(self, kind: str, asked: Sequence[Asked]) -> None:
        """A sheet of questions."""
        sheet, names = self.sheet(self.texts["sheets"][kind]), columns(asked)
        self._head(sheet, names)
        for row, one in enumerate(asked, HEAD):
            self._row(sheet, row, names, one)
        for column, name in enumerate(names):
            hidden = {"hidden": True} if name in {KIND, CHECK} else {}
            sheet.set_column(column, column, self._width(name, asked), None, hidden)
        self._drop_downs(sheet, names.index(ANSWER), asked)
        sheet.freeze_panes(HEAD, len((ID, ANSWER)))
        sheet.autofilter(HEAD - 1, 0, HEAD - 1 + len(asked), len(names) - 1)

    def _head(self, sheet: Worksheet, names: Sequence[str]) -> None:
        head = self.format(bold=True, bg_color=_GREY, border=1, align="center")
        sheet.set_row(0, None, None, {"hidden": True})
        label = {name: self.texts["columns"].get(field_of(name)[0], name) for name in names}
        for column, name in enumerate(names):
            field, side = field_of(name)
            sheet.write_string(0, column, name)
            beneath = self.texts["words"][side.upper()] if side and field != "subject" else label[name]
            sheet.write_string(HEAD - 1, column, self.texts["columns"].get(name, beneath), head)
        warning = self.format(bold=True, font_color=_RED, text_wrap=False)
        sheet.write_string(1, 0, self.texts["confidential"].split(":")[0], warning)
        places = [(column, field_of(name)) for column, name in enumerate(names)]
        for field, group in groupby((p for p in places if p[1][1] and p[1][0] != "subject"), key=lambda place: place[1][0]):
            first, *rest = [column for column, _ in group]
            if rest:
                sheet.merge_range(1, first, 1, rest[-1], label[f"{field}_a"], head)

    def _row(self, sheet: Worksheet, row: int, names: Sequence[str], one: Asked) -> None:
        cells = values(one)
        for column, name in enumerate(names):
            field, side = field_of(name)
            if name in OPEN:
                sheet.write_blank(row, column, None, self.format(bg_color=_YELLOW, border=1, locked=False))
            elif name == WEIGHT and one.weight is not None:
                sheet.write_number(row, column, one.weight, self.format(align="left"))
            else:
                text = cells.get(name, "")
                colour = _ORANGE if field in one.differing else _PALE if side == SIDES[0] else ""
                tint = {"bg_color": colour} if colour else {}
                form = self.text_format(text, **tint)
                sheet.write_string(row, column, text, form) if text else sheet.write_blank(row, column, None, form)

    def _width(self, name: str, asked: Sequence[Asked]) -> int:
        longest = max((len(values(one).get(name, "")) for one in asked), default=0)
        return _WIDTHS.get(name, min(max(longest + 2, _NARROWEST), _WIDEST))

    def _drop_downs(self, sheet: Worksheet, column: int, asked: Sequence[Asked]) -> None:
        """The list of answers at every question; one rule for neighbours that share it."""
        numbered = enumerate((tuple(one.answers.values()) for one in asked), HEAD)
        texts = self.texts["validation"]
        for choices, group in groupby(numbered, key=lambda item: item[1]):
            rows = [row for row, _ in group]
            at = self._choices.setdefault(choices, len(self._choices))
            last = xlsxwriter.utility.xl_rowcol_to_cell(at, len(choices) - 1, row_abs=True, col_abs=True)
            rule = {"validate": "list", "source": f"={_LISTS}!$A${at + 1}:{last}"}
            rule |= {"error_title": texts["title"], "error_message": texts["message"]}
            sheet.data_validation(rows[0], column, rows[-1], column, rule)

    def lists(self) -> None:
        """The answers that the drop-downs offer, on a sheet that nobody sees: a rule itself holds 255 characters."""
        sheet = self.book.add_worksheet(_LISTS)
        for choices, row in self._choices.items():
            for column, choice in enumerate(choices):
                sheet.write_string(row, column, choice)
        sheet.very_hidden()


def _instructions(language: str, kinds: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """The lines of the first sheet in one language, each with how it is set."""
    texts = wording(language)
    about, heading = texts["about"], {"bold": True, "font_size": 14}
    lines: list[tuple[str, dict[str, Any]]] = [(about["title"], {"bold": True, "font_size": 18})]
    lines += [(texts["confidential"], {"bold": True, "font_color": _RED}), *((step, {}) for step in about["steps"])]
    lines.append((about["answers"], heading))
    for kind in kinds:
        lines.append((texts["kinds"][kind], {"bold": True, "bg_color": _GREY}))
        for key, meaning in about["meaning"].items():
            of, _, answer = key.partition("_")
            if of == kind:
                name = texts["answers"].get(answer, texts["columns"]["place"].split(" (")[0])
                lines.append((f"{name}: {meaning}", {}))
    return lines
