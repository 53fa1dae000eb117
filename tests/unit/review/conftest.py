"""A small home through all stages up to the queue, without Dagster; and its questions, whatever the weights of the day."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from casualty_pipeline.captures.inbox import take_inbox
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.cleaning.stage import clean_months
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.review.export import Exported, export_questions
from casualty_pipeline.review.importing import Imported, import_answers
from casualty_pipeline.warehouse import Warehouse
from tests.fixtures import web_exports

MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
FIRST = 4  # the row of the first question
SOURCE = """\
id = "{id}"
name = "{name}"
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_ar = "name_ar"
name_en = "name"
sex = "sex"
age = "age"
death_date = "day"
incident_date = "day"
documented_date = "written"
governorate = "governorate"
place = "place"
party = "party"
"""
HEADER = "no,name_ar,name,sex,age,day,written,governorate,place,party\n"
FIELD = """\
1,وليد نجيب الحجري,,m,20,2020-03-04,2020-03-05,Idlib,Saraqib,Russian forces
2,سعاد محمود الرملي,,f,34,2020-03-01,2020-03-02,Idlib,Saraqib,Syrian Regime forces
3,رباح سليم التلي,,m,41,2020-03-09,2020-03-10,Hama or Idlib,,Russian forces
4,ليلى أحمد النبعي,,f,7,2020-03-11,2020-03-12,Idlib,Binnish,Russian forces
"""
PRESS = """\
1,وليد نجيب الحجري,Walid Najib al-Hajari,m,20,2020-03-04,2020-03-06,Idlib,Saraqib,Russian forces
2,,"=HYPERLINK(""http://x"")",m,55,2020-03-20,2020-03-21,Aleppo,Aleppo,Russian forces
3,غسان طارق العودي,Ghassan Tariq,m,30,2020-03-25,2020-03-26,Homs,,Syrian Regime forces
"""
# Pairs that are asked about: clearly one person, and clearly two; a decision must win over either.
PAIRS = {"alike": ("field/1", "press/1"), "unlike": ("field/2", "press/2"), "third": ("field/4", "press/3")}


@dataclass(frozen=True)
class Desk:
    """A home as reviewers meet it, with what they do at it."""

    home: Home
    folder: Path

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        with Warehouse(self.home.warehouse).reading() as reading:
            return reading.frame(sql, parameters).to_dicts()

    def record(self, key: str) -> str:
        """The id of a record, by SOURCE/KEY."""
        (row,) = self.rows("select record_id from cleaned.records where source || '/' || source_key = $key", key=key)
        return str(row["record_id"])

    def victims(self, *keys: str) -> int:
        """Of how many victims these records speak."""
        ids = [self.record(key) for key in keys]
        sql = "select distinct victim_id from deduplicated.victim_records where record_id in (select unnest($ids))"
        return len(self.rows(sql, ids=ids))

    def run(self, clean: bool = False) -> None:
        """What a run does up to the queue; decisions on links don't change what is cleaned."""
        warehouse, sources = Warehouse(self.home.warehouse), known_sources(self.home)
        with warehouse.writing() as write:
            read_archive(self.home, write)
        if clean:
            clean_months(warehouse, ["2020-03", "2020-04"], self.home.profile, sources)
        with warehouse.writing() as write:
            deduplicate(write, sources, self.home.profile, load())

    def ask(self, kind: str, **pairs: tuple[str, str]) -> None:
        """Put questions on pairs of records into the queue, beside those that it has."""
        with Warehouse(self.home.warehouse).writing() as write:
            schema = write.table("deduplicated.review_queue").schema
            asked = [
                {
                    "question_id": f"Q-{name}",
                    "kind": kind,
                    "subject": "|".join(sorted(self._id(write, key) for key in keys)),
                    "question": "Are these two records one person?",
                    "weight": float(number),
                    "records": 2,
                    "rank": number + 1,
                }
                for number, (name, keys) in enumerate(pairs.items())
            ]
            rows = [{column: row.get(column) for column in schema} for row in asked]
            write.append("deduplicated.review_queue", pl.DataFrame(rows, schema=schema))

    @staticmethod
    def _id(write: Any, key: str) -> str:
        sql = "select record_id from cleaned.records where source || '/' || source_key = $key"
        return str(write.frame(sql, {"key": key})["record_id"][0])

    def export(self, name: str = "review.xlsx", **options: Any) -> Exported:
        (self.folder / name).unlink(missing_ok=True)
        return export_questions(self.home, self.folder / name, **options)

    def take(self, name: str = "review.xlsx", who: str = "analyst 2", **options: Any) -> Imported:
        return import_answers(self.home, self.folder / name, who, options.pop("decided_at", MOMENT), **options)

    def book(self, name: str = "review.xlsx") -> openpyxl.Workbook:
        return openpyxl.load_workbook(self.folder / name)

    def answer(self, answers: Mapping[str, str | Mapping[str, str]], name: str = "review.xlsx") -> None:
        """Write answers into a workbook by question id: an answer alone, or cells by their columns."""
        book = self.book(name)
        for sheet in book.worksheets:
            columns = columns_of(sheet)
            for row in range(FIRST, sheet.max_row + 1) if "question_id" in columns else ():
                given = answers.get(str(sheet.cell(row, columns["question_id"]).value))
                for column, value in ({"answer": given} if isinstance(given, str) else given or {}).items():
                    sheet.cell(row, columns[column]).value = value
        book.save(self.folder / name)

    def decide(self, *rows: Sequence[str]) -> None:
        """Put decisions (id, subject, value) on links into the inbox, a minute apart, and take them in."""
        folder = self.home.inbox / "decisions"
        folder.mkdir(exist_ok=True)
        lines = "".join(
            f"{one},link,{subject},{value},team,2020-04-01T08:{minute:02}:00Z\n"
            for minute, (one, subject, value) in enumerate(rows)
        )
        header = "decision_id,kind,subject,value,decided_by,decided_at\n"
        (folder / f"{rows[0][0]}.csv").write_text(header + lines, encoding="utf-8")
        take_inbox(self.home)


def columns_of(sheet: Any) -> dict[str, int]:
    """The columns of a sheet by their own names, which stand in its first row."""
    return {str(cell.value): cell.column for cell in sheet[1] if cell.value}


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that ran, with three questions on pairs, and what free text and places left to ask. For copying only."""
    home = Home(tmp_path_factory.mktemp("review") / "home")
    home.prepare()
    for source, name, rows in (("field", "Field teams", FIELD), ("press", "Press", PRESS)):
        (home.sources / f"{source}.toml").write_text(SOURCE.format(id=source, name=name), encoding="utf-8")
        (home.inbox / source).mkdir()
        (home.inbox / source / "march.csv").write_text(HEADER + rows, encoding="utf-8")
    (home.sources / "channel.toml").write_text(
        'id = "channel"\nname = "A channel"\nconnector = "telegram"\n', encoding="utf-8"
    )
    (home.inbox / "channel").mkdir()
    web_exports.write_telegram(home.inbox / "channel")
    desk = Desk(home, home.path.parent)
    take_inbox(home)
    desk.run(clean=True)
    desk.ask("pair", **PAIRS)
    return home.path


@pytest.fixture
def desk(asked: Path, tmp_path: Path) -> Desk:
    """A copy of that home, to work at."""
    return Desk(Home(Path(shutil.copytree(asked, tmp_path / "home"))), tmp_path)


@pytest.fixture
def answered(desk: Desk) -> Callable[..., Imported]:
    """Exports pairs, writes the answers, imports the file."""

    def go(answers: Mapping[str, str | Mapping[str, str]], **options: Any) -> Imported:
        desk.export(kind="pair")
        desk.answer(answers)
        return desk.take(**options)

    return go
