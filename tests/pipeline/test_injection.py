"""Hostile words against every input: paths, SQL, templates, formulas. docs/security.md lists what is tried here.

Each is refused with a message (exit 1 or 2), or taken as the plain text that it is; none crashes the program (exit 3), reads
or writes a file outside of the home, changes a table, or is computed.
"""

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import dagster as dg
import openpyxl
import pypdfium2
import pytest
from click.testing import CliRunner

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.cli import main
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.reporting.texts import Catalogue
from casualty_pipeline.warehouse import Warehouse
from tests.pipeline.conftest import RunHome

SECRET, COMPUTED = "canary-of-a-file-outside", "9359"  # 7 * 7 * 191
PATHS = (
    *("..", ".", "../../outside", "../../outside.toml", "/etc/hostname", "a/../../../outside", "2020-03/../../../outside"),
    *("2020-03\n", "2020-03\x00", "\x00", "~root", "x" * 5000, "٢٠٢٠-٠٣", "%2e%2e%2foutside", "..\\..\\outside", "-", " "),
)
SQL = (
    *("' or 1=1 --", "'; drop table captures.records; --", '"; drop schema captures cascade; --', "$months", "?", "\\'"),
    *("2020-03' union select name_en from captures.records --", "2020-03:civilians:' or '1'='1", "%", "_"),
    *("2020-03:civilians'; attach '{outside}/x.db' as x; --", "(select content from read_text('{outside}/outside'))"),
)
TEMPLATES = (
    *("{{ 7*7*191 }}", "{% include '/etc/hostname' %}", "${7*7*191}", "#{7*7*191}", "{figure.__class__}", "{0.__class__}"),
    *(
        "<script>alert(7*7*191)</script>",
        '#import "/etc/hostname"',
        '#eval("7*7*191")',
        "=7*7*191",
        "@SUM(1)",
        "\x1b[31mred",
    ),
)
WORDS = (*PATHS, *SQL, *TEMPLATES)
FEW = ["../../outside.toml", "x" * 5000, SQL[1], TEMPLATES[0]]
COMMANDS: dict[str, tuple[str, ...]] = {
    "the source of an ingest": ("ingest", "{file}", "--source", "{word}"),
    "the level of an ingest": ("ingest", "{file}", "--source", "tips", "--access-level", "{word}"),
    "the moment of an ingest": ("ingest", "{file}", "--source", "tips", "--received-at", "{word}"),
    "the month of a run": ("run", "--month", "{word}"),
    "a period": ("figures", "--period", "{word}"),
    "a moment": ("figures", "--period", "2020-03", "--as-of", "{word}"),
    "a figure": ("trace", "{word}"),
    "a party in a figure": ("trace", "2020-03:civilians:{word}"),
    "a record": ("explain", "{word}"),
    "a key of a source": ("explain", "tips/{word}"),
    "two records": ("explain", "{word}", "{word}"),
    "a victim": ("why", "V-{word}"),
    "a field": ("terms", "--field", "{word}"),
    "a question": ("review", "list", "--about", "{word}"),
    "a month to publish": ("publish", "--month", "{word}", "--dry-run"),
    "months to compare": ("diff", "--month", "{word}"),
    "a month to rebuild": ("rebuild", "--month", "{word}", "--edition", "1"),
    "an edition": ("rebuild", "--month", "2020-03", "--edition", "{word}"),
    "a day": ("bulletin", "--day", "{word}"),
    "a half year": ("report", "--period", "{word}"),
    "an incident": ("dossier", "{word}"),
    "an incident's number": ("dossier", "I-{word}"),
    "a form": ("un-form", "V-{word}"),
    "a decision's subject": ("decide", "verification", "{word}", "verified", "--reason", "x", "--who", "x", "--dry-run"),
    "a decision's kind": ("decide", "{word}", "V-aaaaaaaaaaaa", "verified", "--reason", "x", "--who", "x", "--dry-run"),
    "a snapshot": ("restore", "{outside}", "--snapshot", "{word}", "--dry-run"),
    "a profile": ("audit", "{file}", "--profile", "{word}"),
    "a sample": ("verify", "--sample", "{word}"),
}
_SOURCE = """\
id = "tips"
name = "{{ 7*7*191 }}<script>alert(7*7*191)</script>"
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_en = "name"
name_ar = "arabic"
age = "age"
incident_date = "day"
documented_date = "day"
governorate = "where"
place = "place"
party = "who"
narrative = "story"
mechanism = "how"
"""


class Target:
    """A home with hostile captures, and beside it what must not be read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, Home(folder / "home")
        self.outside = folder / "outside"

    def __call__(self, *arguments: str) -> Any:
        return CliRunner().invoke(main, [*arguments, "--home", str(self.home.path)])

    def state(self) -> str:
        """A hash over the archive, the warehouse's rows, and everything outside of the home."""
        digest = hashlib.sha256()
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            if path.is_relative_to(self.home.archive) or not path.is_relative_to(self.home.path):
                digest.update(str(path).encode() + path.read_bytes())
        with Warehouse(self.home.warehouse).reading() as reading:
            for table in ("captures.records", "captures.manifest", "deduplicated.victims", "monthly.figures"):
                digest.update(reading.table(table).write_ndjson().encode())
        return digest.hexdigest()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    target = Target(tmp_path_factory.mktemp("injection"))
    target.home.prepare()
    target.outside.mkdir()
    for path in (target.folder / "outside.toml", target.outside / "outside"):
        path.write_text(SECRET)
    (target.home.sources / "tips.toml").write_text(_SOURCE, "utf-8")
    file = target.folder / "tips.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["no", "name", "arabic", "age", "day", "where", "place", "who", "story", "how"])
        rows.writerow(["plain", "Miro Kando", "ميرو كاندو", "30", "2020-03-01", "Idlib", "Idlib", "Russian forces", "", ""])
        for word in WORDS:
            hostile = word.replace("\x00", "").strip() or "x"
            rows.writerow(
                [hostile, hostile, hostile, "30", "2020-03-01", "Idlib", hostile, "Russian forces", hostile, hostile]
            )
            rows.writerow([f"b{hostile}", "Miro", "", hostile, "2020-03-02", hostile, "Idlib", hostile, hostile, hostile])
    Archive(target.home.archive).take(files_of([file]), "tips", datetime(2020, 6, 1, tzinfo=UTC))
    run = RunHome(target.home, cast(dg.DagsterInstance, None))
    run.take_in()
    run.compute("2020-01", "2020-03")
    yield target


def test_hostile_rows_are_statements_like_others(target: Target) -> None:
    with Warehouse(target.home.warehouse).reading() as reading:
        names = [r["name_en"] for r in reading.frame("select name_en from captures.records").to_dicts()]
    assert "'; drop table captures.records; --" in names
    assert "Miro Kando" in names
    assert len(names) > len(WORDS)


@pytest.mark.parametrize("what", COMMANDS)
@pytest.mark.parametrize("words", [pytest.param(FEW, id="few"), pytest.param(WORDS, id="all", marks=pytest.mark.long)])
def test_no_hostile_word_crashes_a_command_or_reaches_beyond_the_home(target: Target, what: str, words: list[str]) -> None:
    before = target.state()
    wrong = []
    for word in words:
        if "\x00" in word:  # no program can be called with one; the system refuses it
            continue
        parts = {"file": str(target.folder / "tips.csv"), "outside": str(target.outside)}
        said = word.replace("{outside}", str(target.outside))
        arguments = [
            a.replace("{word}", said).format_map(parts) if "{word}" not in a else a.replace("{word}", said)
            for a in COMMANDS[what]
        ]
        result = target(*arguments)
        if result.exit_code not in {0, 1, 2} or SECRET in result.output or "Traceback" in result.output:
            wrong.append((word[:60], result.exit_code, result.output[-300:], repr(result.exception)))
    assert wrong == []
    assert target.state() == before


def test_reports_show_hostile_words_as_text_or_not_at_all(target: Target) -> None:
    for path in sorted(target.home.reports.rglob("*.html")):
        page = path.read_text("utf-8")
        assert "<script>alert" not in page, path
        assert COMPUTED not in page, path


def test_a_dossier_and_a_form_show_them_as_text(target: Target, tmp_path: Path) -> None:
    with Warehouse(target.home.warehouse).reading() as reading:
        victims = reading.frame("select victim_id from deduplicated.victims where name_en like '%script%'").to_dicts()
        incidents = reading.frame("select incident_id from attributed.incidents").to_dicts()
    assert victims
    for number, victim in enumerate(victims[:2]):
        result = target("un-form", victim["victim_id"], "--out", str(tmp_path / f"{number}.html"))
        assert result.exit_code == 0, result.output
    if incidents:
        result = target("dossier", incidents[0]["incident_id"], "--confidential", "--out", str(tmp_path / "dossier"))
        assert result.exit_code == 0, result.output
    pages = list(tmp_path.rglob("*.html"))
    assert pages
    for page in pages:
        assert "<script>alert" not in page.read_text("utf-8")
        assert COMPUTED not in page.read_text("utf-8")


def test_a_pdf_computes_nothing_of_a_name(target: Target, tmp_path: Path) -> None:
    with Warehouse(target.home.warehouse).reading() as reading:
        hostile = "name_en like '%eval%' or name_en like '%import%' or name_en like '%script%'"
        victims = reading.frame(f"select victim_id from deduplicated.victims where {hostile}").to_dicts()
    pages = 0
    for victim in victims:
        result = target("un-form", victim["victim_id"], "--out", str(tmp_path / "form.pdf"))
        if result.exit_code == 2 and "R29" in result.output:  # what is no name makes a victim without one
            continue
        assert result.exit_code == 0, result.output
        document = pypdfium2.PdfDocument(tmp_path / "form.pdf")
        assert COMPUTED not in "".join(page.get_textpage().get_text_bounded() for page in document)
        pages += len(document)
    assert pages


def test_questions_for_people_hold_no_formula(target: Target, tmp_path: Path) -> None:
    made = target("review", "export", "--out", str(tmp_path / "review.xlsx"))
    if not (tmp_path / "review.xlsx").exists():
        pytest.fail(made.output)
    book = openpyxl.load_workbook(tmp_path / "review.xlsx")
    formulas = [c.value for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert [f for f in formulas if "191" in str(f) or "SUM(1)" in str(f)] == []


@pytest.mark.parametrize("text", ["{n.__class__}", "{n[0]}", "{n.real.__doc__} dead", "{0}", "{}", "{n!r}"])
def test_a_text_that_reaches_into_what_fills_it_is_refused(text: str) -> None:
    with pytest.raises(CasualtyError, match="key"):
        Catalogue("en", {"key": text}, Path("en.toml"))


@pytest.mark.parametrize(
    "home", ["\n", "home\x1b[31m", "x" * 300, "/dev/null", "/proc/self/mem", "/etc/hostname/x", "file:///etc"]
)
def test_a_home_that_cannot_be_one_is_refused(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["status"], ["figures", "--period", "2020-03"], ["sample"]):
        result = CliRunner().invoke(main, [*command, "--home", home])
        assert result.exit_code in {0, 2}, (command, result.output, result.exception)


def test_a_decision_in_the_inbox_is_data(target: Target) -> None:
    ledger = target.home.inbox / "decisions"
    ledger.mkdir()
    rows = [
        {"decision_id": f"x{n}", "kind": w, "subject": w, "value": w, "decided_by": w, "decided_at": w}
        for n, w in enumerate(WORDS)
    ]
    (ledger / "hostile.json").write_text(json.dumps(rows), "utf-8")
    files = files_of([ledger])
    Archive(target.home.archive).take(files, "decisions", datetime(2020, 6, 2, tzinfo=UTC))
    run = RunHome(target.home, cast(dg.DagsterInstance, None))
    run.take_in()

    assert run.rows("select count(*) from captures.decisions") == [(0,)]
    assert run.rows("select count(*) from captures.rejected where source = 'decisions'")[0][0] >= 1
