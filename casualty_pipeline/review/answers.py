"""Answered files as they come back: each answered row with where it stands. Nothing is judged here but the file's form.

A file is read by the house's own reader of sheets, which never raises for what the bytes are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from casualty_pipeline.captures.connectors.sheets import Sheet, read_sheets
from casualty_pipeline.captures.media_types import CSV, HEAD, PLAIN, XLSX, sniff
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.review.layout import ANSWER, CHECK, ID, KIND, WHO, WHY
from casualty_pipeline.review.words import LANGUAGES, wording

_NEEDED = (ID, ANSWER, KIND, CHECK)
_SHEETS = {wording(language)["sheets"][kind] for language in LANGUAGES for kind in wording(language)["kinds"]}
_HEADINGS = {wording(language)["columns"][ID] for language in LANGUAGES}


@dataclass(frozen=True)
class Place:
    """Where something stands in a file: its sheet (None in CSV) and row, counted from 1."""

    sheet: str | None
    row: int | None

    def __str__(self) -> str:
        parts = [f"sheet {self.sheet}" if self.sheet else "", f"row {self.row}" if self.row else ""]
        return ", ".join(part for part in parts if part) or "the file"


@dataclass(frozen=True)
class Finding:
    """A row, or a whole sheet, that was refused: what was expected there, what was found, and what to do."""

    place: Place
    column: str | None
    expected: str
    found: str
    advice: str

    def __str__(self) -> str:
        where = f"{self.place}, column {self.column}" if self.column else str(self.place)
        found = f", found {self.found[:200]!r}" if self.found else ""
        return f"{where}: expected {self.expected}{found}: {self.advice}"


@dataclass(frozen=True)
class Answered:
    """One answered row: its cells by the columns' own names, each on one line."""

    place: Place
    cells: Mapping[str, str]
    shown_as_written: bool  # a spreadsheet rewrites the dates and numbers of a CSV file, but not of a workbook

    def __getitem__(self, column: str) -> str:
        """The cell of a column; nothing where the file lacks the column."""
        return self.cells.get(column, "")


@dataclass
class AnsweredFile:
    """What a file holds: answered rows, how many were left without an answer, and what was refused."""

    answered: list[Answered] = field(default_factory=list)
    unanswered: int = 0
    findings: list[Finding] = field(default_factory=list)


def read_answers(path: Path, name: str) -> AnsweredFile:
    """Read an answered file. Raises CasualtyError when no sheet of it is one of questions."""
    with path.open("rb") as file:
        media_type = sniff(file.read(HEAD), name, lambda: path.open("rb"))
    if media_type not in {CSV, PLAIN, XLSX}:
        raise CasualtyError(f"{name}: expected an answered XLSX or CSV file of `casualty review export`, found {media_type}")
    read, ours = AnsweredFile(), 0
    for sheet in read_sheets(path, media_type):
        if not {ID, ANSWER} & set(sheet.header):
            if sheet.name in _SHEETS or sheet.name is None:
                read.findings += _without_header(sheet)
            continue
        ours += 1
        missing = [column for column in _NEEDED if column not in sheet.header]
        if missing:
            advice = (
                "the first row, which is hidden, names the columns: answer a fresh export, and keep its rows and columns"
            )
            lacking = f"no {', '.join(missing)}"
            read.findings.append(Finding(Place(sheet.name, 1), None, f"the columns {', '.join(_NEEDED)}", lacking, advice))
            continue
        _read_sheet(sheet, media_type == XLSX, read)
    if not ours:
        why = "; ".join(str(finding) for finding in read.findings) or "none of its sheets holds questions"
        raise CasualtyError(f"{name}: not an answered file of `casualty review export`: {why}")
    return read


def _without_header(sheet: Sheet) -> list[Finding]:
    place, advice = Place(sheet.name, None), "answer a fresh export, and keep its first row, which is hidden"
    if not sheet.header:  # it couldn't be read at all
        return [Finding(place, None, "a table", r.reason, "save it anew as XLSX") for r in sheet.rejections]
    return [Finding(place, None, f"the columns {', '.join(_NEEDED)} in the first row", "", advice)]


def _read_sheet(sheet: Sheet, shown_as_written: bool, read: AnsweredFile) -> None:
    for rejection in sheet.rejections:
        place = Place(sheet.name, rejection.row_number)
        advice = "nothing may stand beside the table"
        read.findings.append(Finding(place, rejection.column_name, "a row as exported", rejection.reason, advice))
    for number, row in zip(sheet.row_numbers, sheet.rows, strict=True):
        cells = {name: " ".join(text.split()) for name, text in zip(sheet.header, row, strict=True)}
        place, question, filled = Place(sheet.name, number), cells[ID], cells[ANSWER] or cells.get(WHY)
        if question in _HEADINGS or (not question.startswith("Q-") and not filled):
            continue  # the labels and groups above the questions
        if not question.startswith("Q-"):
            advice = "its row was changed: answer the question in a fresh export"
            read.findings.append(Finding(place, ID, "the id of a question (Q-...)", question, advice))
        elif cells[ANSWER]:
            read.answered.append(Answered(place, cells, shown_as_written))
        elif cells.get(WHY):
            advice = f"a reason without an answer decides nothing: choose an answer, or empty `{WHY}`"
            read.findings.append(Finding(place, ANSWER, "an answer", "", advice))
        else:
            read.unanswered += 1


def answer_of(text: str, answers: Mapping[str, str]) -> str | None:
    """The answer that a text gives, as the ledger calls it: by its own name, or by its label in any language."""
    wanted = text.casefold()
    for language in LANGUAGES:
        labels: Mapping[str, str] = wording(language)["answers"]
        for answer in answers:
            known = {answer, answers[answer], labels.get(answer, answer)}
            if wanted in {name.casefold() for name in known}:
                return answer
    return None


def decider(row: Answered, who: str) -> str:
    """Who answered: as the row says, else as whoever imports it says."""
    return row[WHO] or who
