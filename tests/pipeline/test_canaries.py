"""Canaries: names, a contact, file names and stories are planted in every kind of capture, and looked for everywhere.

Everything that the commands write is searched: Dagster's books and logs, what the commands print, open publications (text
of PDF and workbooks, Parquet), the folder for temporary files. Where the owner is meant to see them (the archive, the
warehouse, crash reports, `confidential/`) they may stand, and nobody else may read these files.
"""

import io
import json
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import duckdb
import polars as pl
import pypdfium2
import pytest
from click.testing import CliRunner, Result

import assets.cleaned
from casualty_pipeline.cli import main
from casualty_pipeline.console import CRASHED
from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from tests.fixtures import forms, web_exports

LATIN, ARABIC = "Zarbek Quorlanim", "زرباك قورلانيم"
CONTACT, PHONE, STORY = "Informantia Velmoor", "+963944987123", "a lantern of blue glass"
FILE, TYPED = "zarbek-family-archive", "Ghostvalue-31"
CANARIES = (LATIN, ARABIC, CONTACT, PHONE, STORY, FILE, TYPED, "Quorlanim", "قورلانيم", "Velmoor")

_COUNCIL = """\
id = "council"
name = "Local council (invented)"
access_level = "confidential"
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_ar = "name"
name_en = "latin"
sex = "sex"
age = "age"
incident_date = "day"
documented_date = "entered"
governorate = "governorate"
party = "party"
narrative = "story"
"""
_ROWS = f"""\
no,name,latin,sex,age,day,entered,governorate,party,story,told by,phone
1,{ARABIC},{LATIN},m,34,2020-03-01,2020-03-02,Idlib,Russian forces,He carried {STORY},{CONTACT},{PHONE}
2,{ARABIC},{LATIN},m,{TYPED},2020-03-31,2020-03-05,Idlib,{TYPED},He carried {STORY},{CONTACT},{PHONE}
3,{ARABIC},{LATIN},m,20,2020-02-31,2020-03-05,{TYPED},Syrian Regime forces,{STORY},{CONTACT},{PHONE}
{LATIN},{ARABIC},{LATIN},m,20,2020-03-02,2020-03-05,Idlib,Syrian Regime forces,{STORY},{CONTACT},{PHONE}
"""


def _found(content: bytes, texts: Iterable[str]) -> set[str]:
    """Which texts occur in bytes: as UTF-8, UTF-16, or escaped as JSON, in capitals or not."""
    lower = content.lower()
    forms_of = {
        text: (text.lower().encode(), text.lower().encode("utf-16-le"), json.dumps(text.lower())[1:-1].encode())
        for text in texts
    }
    return {text for text, encoded in forms_of.items() if any(form in lower for form in encoded)}


def _readable(path: Path) -> bytes:
    """A file's bytes, and what stands in it once it is unpacked."""
    content = path.read_bytes()
    if path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(content)
        content += "".join(page.get_textpage().get_text_bounded() for page in document).encode()
    elif path.suffix == ".parquet":
        content += pl.read_parquet(path).write_ndjson().encode()
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(path) as package:
            content += b"".join(package.read(name) for name in package.namelist())
    return content


def _leaks(folder: Path, texts: Iterable[str] = CANARIES) -> dict[str, set[str]]:
    """The files beneath a folder that hold any of the texts, in their names or inside."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        relative = path.relative_to(folder).as_posix()
        if hit := _found(_readable(path) + relative.encode(), texts):
            found[relative] = hit
    return found


class Told:
    """A home full of canaries, and what each command printed."""

    def __init__(self, folder: Path) -> None:
        self.home, self.temporary = Home(folder / "home"), folder / "tmp"
        self.results: dict[str, Result] = {}
        self.temporary.mkdir()

    def __call__(self, *arguments: str | Path) -> Result:
        words = [*map(str, arguments), "--home", str(self.home.path)]
        result = CliRunner().invoke(main, words, prog_name="casualty")
        self.results[" ".join(words[:3])] = result
        return result

    def printed(self, *words: str) -> bytes:
        return "".join(r.output + r.stderr for name, r in self.results.items() if name.startswith(words)).encode()


def _plant(told: Told, outside: Path) -> None:
    home = told.home
    home.prepare()
    forms.write_inbox(home.inbox, home.sources)
    (home.sources / "council.toml").write_text(_COUNCIL, "utf-8")
    council = outside / "council"
    council.mkdir(parents=True)
    (council / f"{FILE}.csv").write_text(_ROWS, "utf-8")
    (council / f"{FILE}.jpg").write_bytes(web_exports.JPEG + STORY.encode())
    (council / f"{FILE}.xlsx").write_bytes(b"PK\x03\x04" + STORY.encode())  # no workbook: rejected
    (council / "custody.csv").write_text(
        f"file,original_url,collector,tool\n{FILE}.csv,https://example.org/{FILE},{CONTACT},{PHONE}\nnone.csv,,,\n", "utf-8"
    )
    form = forms.victim_form(
        90,
        name_ar=ARABIC,
        name_en=LATIN,
        narrative=STORY,
        sources=[{"name": CONTACT, "kind": PHONE}],
        confidential=["name_ar"],
    )
    (home.inbox / "victim_forms" / f"{FILE}.json").write_text(json.dumps(form, ensure_ascii=False), "utf-8")
    (home.inbox / "victim_forms" / f"broken-{FILE}.json").write_text('{"form": "' + LATIN, "utf-8")
    (home.inbox / "council").mkdir()
    (home.inbox / "council" / f"link-{FILE}.csv").symlink_to("/etc/hostname")
    for name, (connector, write) in {
        "network": ("telegram", web_exports.write_telegram),
        "pages": ("web_archive", web_exports.write_warc),
        "items": ("auto_archiver", web_exports.write_auto_archiver),
    }.items():
        declared = f'id = "{name}"\nname = "{name} (invented)"\nconnector = "{connector}"\nsynthetic = true\n'
        (home.sources / f"{name}.toml").write_text(declared, "utf-8")
        (outside / name).mkdir()
        made = write(outside / name)
        content = made.read_bytes()
        for was, now in ((b"Rima Example", CONTACT.encode()), (web_exports.ENGLISH.encode(), f"{LATIN}, {STORY}.".encode())):
            if len(was) == len(now) or name != "pages":  # a WARC record says its length
                content = content.replace(was, now)
        made.write_bytes(content)
        told("ingest", outside / name, "--source", name, "--received-at", "2020-04-10T08:00:00Z")
    told("ingest", council, "--source", "council", "--received-at", "2020-04-10T08:00:00Z")
    ledger = home.inbox / "decisions"
    ledger.mkdir()
    (ledger / f"{FILE}.csv").write_text(
        "decision_id,kind,subject,value,decided_by,decided_at,reason\n"
        f"d1,verification,V-aaaaaaaaaaaa,verified,{CONTACT},2020-05-01T08:00:00Z,{STORY}\n"
        f"d2,nonsense,{LATIN},{TYPED},{CONTACT},2020-05-01T08:00:00Z,{PHONE}\n",
        "utf-8",
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("canaries")
    told = Told(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(told.temporary))
        patch.setattr(tempfile, "tempdir", str(told.temporary))
        _plant(told, folder / "outside")
        told("run", "--month", "2020-03")
        told("publish", "--month", "2020-03", "--as-of", "2020-06-01T06:00:00Z")
        told("bulletin", "--day", "2020-03-05")
        told("report", "--period", "2020-H1")
        told("index")
        told("status", "--format", "json")
        told("figures", "--period", "2020-03", "--format", "json")
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(assets.cleaned, "clean_months", _quoting)
            told("run", "--month", "2020-04")
            broken.setattr(assets.cleaned, "clean_months", _complaining)
            told("run", "--month", "2020-05")
        yield told


def _quoting(*_args: object, **_options: object) -> Any:
    """As a column that nobody expected would: DuckDB's message quotes the cell."""
    return duckdb.sql(f"select cast('{LATIN} {PHONE}' as integer)").fetchall()


def _complaining(*_args: object, **_options: object) -> Any:
    try:
        _quoting()
    except duckdb.Error as problem:
        raise CasualtyError(f"{FILE}.csv, row 2: {ARABIC} isn't an age") from problem


def test_the_search_would_find_a_canary(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(json.dumps({"name": ARABIC}))
    (tmp_path / f"{FILE}.txt").write_text("nothing")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("cells", LATIN.upper())

    assert set(_leaks(tmp_path)) == {"log", f"{FILE}.txt", "book.xlsx"}


def test_the_canaries_came_in_and_are_counted(told: Told) -> None:
    assert _leaks(told.home.archive)
    assert told.results["run --month 2020-03"].exit_code == 0, told.results["run --month 2020-03"].output
    assert list(told.home.published.glob("2020-03/edition-1/open/*.pdf"))


def test_no_canary_is_in_what_dagster_keeps(told: Told) -> None:
    assert _leaks(told.home.dagster) == {}


def test_no_canary_is_in_what_is_published_for_all(told: Told) -> None:
    reports = [p for p in told.home.reports.iterdir() if p.name != "confidential"]
    opened = [*told.home.published.glob("*/edition-*/open"), *reports]
    assert len(opened) > 2
    assert [leak for folder in opened for leak in _leaks(folder).items()] == []
    pages = [p for p in told.home.published.iterdir() if p.is_file()]
    assert pages
    assert [p.name for p in pages if _found(_readable(p), CANARIES)] == []


@pytest.mark.parametrize("command", ["publish", "bulletin", "report", "index", "figures", "run --month 2020-04"])
def test_commands_that_need_not_name_anybody_print_no_canary(told: Told, command: str) -> None:
    names = [c for c in CANARIES if c != FILE] if command.startswith("run") else CANARIES  # run names files of the inbox
    assert _found(told.printed(command), names) == set()


def test_no_canary_is_left_in_the_folder_for_temporary_files(told: Told) -> None:
    assert _leaks(told.temporary) == {}


def test_an_unforeseen_error_is_kept_for_the_owner_and_told_by_reference(told: Told) -> None:
    result = told.results["run --month 2020-04"]
    reports = sorted((told.home.path / "crashes").iterdir())

    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "ConversionException" in result.output
    (named,) = [p for p in reports if p.stem in result.output]
    assert LATIN in named.read_text("utf-8")
    assert {stat.S_IMODE(p.stat().st_mode) for p in reports} == {0o600}
    assert stat.S_IMODE(named.parent.stat().st_mode) == 0o700


def test_the_operator_is_told_what_to_correct_and_dagster_is_not(told: Told) -> None:
    result = told.results["run --month 2020-05"]

    assert result.exit_code == 2
    assert f"{FILE}.csv, row 2: {ARABIC} isn't an age" in result.output


def test_a_command_that_crashes_says_where_and_keeps_what_was_said(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casualty_pipeline.figures.query.month_figures", _quoting)

    result = told("figures", "--period", "2020-02")

    assert result.exit_code == CRASHED
    assert "Traceback" not in result.output
    assert "ConversionException" in result.output
    assert _found(result.output.encode(), CANARIES) == set()
    del told.results["figures --period 2020-02"]


def test_every_body_that_dagster_calls_is_confidential(tmp_path: Path) -> None:
    repository = build_definitions(Home(tmp_path)).get_repository_def()
    bodies = {
        node.name: node.definition.compute_fn.decorated_fn  # type: ignore[attr-defined]
        for job in repository.get_all_jobs()
        for node in job.nodes
    }
    bodies |= {s.name: s._raw_fn for s in repository.sensor_defs if s.name in {"inbox", "stale_months", "publications"}}
    bodies |= {s.name: s._execution_fn.decorated_fn for s in repository.schedule_defs}  # type: ignore[union-attr]

    assert len(bodies) > 12
    assert [name for name, body in bodies.items() if not getattr(body, "confidential", False)] == []


def test_a_home_is_made_for_its_owner_alone(told: Told) -> None:
    assert stat.S_IMODE(told.home.path.stat().st_mode) == 0o700


def test_click_still_answers_wrong_use() -> None:
    assert CliRunner().invoke(main, ["run"]).exit_code == click.UsageError.exit_code
