"""Whatever lies in the inbox: good rows are counted, bad ones wait with file, row, column, value and reason."""

import csv
import io
import json
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty

DECLARATION = """\
id = "council"
name = "A town council (invented)"
synthetic = true

[[tables]]
file = "*.*"
statement = "person"
key = ["no"]
[tables.columns]
{columns}
"""
FIELDS = (
    *("name_en", "persons", "age", "sex", "death_date", "documented_date", "governorate", "place", "party", "mechanism"),
    *("special_group", "affiliation", "area_of_control", "countable_media", "narrative"),
)
HEADER = ("no", *FIELDS)

# Five bodies that can be counted, so that one row is five counted civilians and a massacre (R7, R20).
GOOD = {
    "persons": "5",
    "death_date": "2020-01-05",
    "documented_date": "2020-01-28",
    "governorate": "Idlib",
    "place": "Tall Nasim",
    "party": "Russian forces",
    "mechanism": "airstrike",
    "countable_media": "yes",
}


def row(number: str, **changes: str) -> str:
    out = io.StringIO()
    given = {**GOOD, "no": number, **changes}
    csv.writer(out, lineterminator="\n").writerow([given.get(column, "") for column in HEADER])
    return out.getvalue()


def table(*rows: str) -> str:
    return ",".join(HEADER) + "\n" + "".join(rows)


# Text that a page must not run and a spreadsheet must not compute.
HOSTILE = {
    "good-1": {"place": '<script>alert("place")</script>', "area_of_control": "<img src=x onerror=alert(1)>"},
    "good-2": {"place": "=1+1", "death_date": "2020-01-07", "party": "syrian regime", "area_of_control": "@SUM(1+1)"},
    "good-3": {"place": "+cmd|' /C calc'!A0", "death_date": "2020-01-09", "governorate": "Aleppo"},
    "good-4": {
        **{"persons": "1", "special_group": "doctor", "affiliation": '=HYPERLINK("http://example.org")'},
        **{"death_date": "2020-01-11", "governorate": "Homs"},
    },
    "good-5": {
        **{"persons": "1", "special_group": "journalist", "affiliation": "</td><script>alert(2)</script>"},
        **{"death_date": "2020-01-13", "governorate": "Hama", "narrative": "{{ 7 * 7 }}"},
    },
}
COUNTED = 5 + 5 + 5 + 1 + 1 + 5  # the hostile rows, and the one in UTF-16


def _claims_to_be_huge() -> bytes:
    """A workbook whose directory declares four gigabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    packed = bytearray(out.getvalue())
    directory = packed.index(b"PK\x01\x02")
    packed[directory + 24 : directory + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    return bytes(packed)


GOOD_ROW = row("beside")  # a file that is refused is refused whole, its good rows too
BAD_FILES: Mapping[str, tuple[bytes, str]] = {
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(100), "expected a CSV or XLSX file; the bytes are image/png"),
    "cp1256.csv": (table(row("1", place="تل نسيم")).encode("cp1256"), "not UTF-8 (byte 0x"),
    "utf16-without-mark.csv": (table(GOOD_ROW).encode("utf-16-le"), "the bytes are application/octet-stream"),
    "empty.csv": (b"", "the file is empty"),
    "blank.csv": (b"\n\n\n", "the first row is empty"),
    "missing-column.csv": (
        table(GOOD_ROW).replace(",age,", ",years,").encode(),
        "expected the column 'age' (mapped to age); found: no, name_en, persons, years",
    ),
    "missing-key.csv": (table(GOOD_ROW).replace("no,", "number,").encode(), "expected the column 'no' (its key)"),
    "doubled-header.csv": (
        table(GOOD_ROW).replace(",age,", ",sex,").encode(),
        "the column 'sex' stands twice in the header",
    ),
    "nul.csv": (b"x" * 5000 + b"\0" + table(GOOD_ROW).encode(), "holds a NUL byte"),
    "broken-quotes.csv": (table(GOOD_ROW, '2,"Tall" Nasim,1\n').encode(), "not a CSV file, from row 3 on"),
    "open-quote.csv": (table(GOOD_ROW, '2,"Tall Nasim,1\n', GOOD_ROW).encode(), "not a CSV file, from row 3 on"),
    "not-a-zip.xlsx": (b"PK\x03\x04" + b"nothing more", "not a workbook that can be read"),
    "huge.xlsx": (_claims_to_be_huge(), "4,294,967,280 bytes when unpacked, of"),
}
ONE_LINE = "one-line.csv"
BAD_ROWS: Mapping[str, tuple[str, str | None, str]] = {  # row, column, reason
    row("ragged").rstrip("\n") + ",surplus\n": ("ragged", None, "expected 16 columns as in the header, found 17"),
    row(""): ("", "no", "no key: without one the row can't be told from others"),
}
# Values that can't be believed: the change to a good row, and the field, value and reason found in quarantine.
DOUBTS: Mapping[str, tuple[Mapping[str, str], str, str]] = {
    "31 February": ({"death_date": "31 February 2020"}, "death_date", "there is no day 31 in month 2 of 2020"),
    "a placeholder": ({"death_date": "1970-01-01"}, "death_date", "what software writes for a missing date"),
    "a month 13": ({"death_date": "2020-13-01"}, "death_date", "there is no month 13"),
    "born after the death": ({"age": "2044"}, "age", "born after the death"),
    "an endless age": ({"age": "9" * 5000}, "age", "expected an age"),
    "an unknown party": ({"party": "Martian forces"}, "party", "no party that the profile knows"),
    "an unknown governorate": ({"governorate": "Mars"}, "governorate", "not a governorate that the profile knows"),
    "half a person": ({"persons": "2.5"}, "persons", "expected a whole number of persons"),
    "no persons": ({"persons": "0"}, "persons", "expected one person or more"),
    "an unknown sex": ({"sex": "?"}, "sex", "no sex that the profile knows"),
    "an unknown group": ({"special_group": "astronaut"}, "special_group", "no special group that the profile knows"),
    "neither yes nor no": ({"countable_media": "perhaps"}, "countable_media", "expected yes or no"),
    "a formula": ({"persons": "=1+1"}, "persons", "expected a whole number of persons"),
    "a script": ({"governorate": "<script>alert(3)</script>"}, "governorate", "not a governorate"),
    "documented before the death": ({"death_date": "2020-01-30"}, "documented_date", "documented before it happened"),
    "a death to come": ({"death_date": "2199-01-01"}, "death_date", "happened after it was received"),
}


@dataclass(frozen=True)
class Bad:
    """The home after its run, and what the program said."""

    casualty: Casualty
    run: subprocess.CompletedProcess[str]

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        with Warehouse(self.casualty.home / "warehouse.duckdb").reading() as reading:
            return reading.frame(sql, parameters).to_dicts()


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Bad:
    """January run on all of it together, with an empty February after it."""
    casualty = Casualty(tmp_path_factory.mktemp("bad") / "home")
    inbox, sources = casualty.home / "inbox/council", casualty.home / "sources"
    inbox.mkdir(parents=True)
    sources.mkdir()
    columns = "\n".join(f'{field} = "{field}"' for field in FIELDS)
    (sources / "council.toml").write_text(DECLARATION.format(columns=columns), encoding="utf-8")

    good = [row(number, **changes) for number, changes in HOSTILE.items()]
    (inbox / "good.csv").write_text(table(*good, *BAD_ROWS), encoding="utf-8")
    doubts = [row(f"doubt-{n}", **changes) for n, (changes, _, _) in enumerate(DOUBTS.values())]
    (inbox / "doubts.csv").write_text(table(*doubts), encoding="utf-8")
    (inbox / "utf16.csv").write_text(table(row("good-6", death_date="2020-01-15", governorate="Raqqa")), encoding="utf-16")
    for name, (content, _) in BAD_FILES.items():
        (inbox / name).write_bytes(content)
    with (inbox / ONE_LINE).open("wb") as file:
        for _ in range(200):
            file.write(b"x" * 1_000_000)
    outside = casualty.home.parent / "outside.csv"
    outside.write_text(table(row("stolen")), encoding="utf-8")
    (inbox / "link.csv").symlink_to(outside)
    return Bad(casualty, casualty("run", "--month", "2020-01", "--through", "2020-02"))


def test_the_run_ends_well_and_says_what_was_left_out(bad: Bad) -> None:
    assert bad.run.returncode == 0, bad.run.stderr
    assert "Traceback" not in bad.run.stderr
    assert "inbox/council/link.csv was not taken in: a symbolic link" in bad.run.stderr
    assert "nothing_is_rejected" in bad.run.stderr


def test_the_good_rows_beside_the_bad_ones_are_counted(bad: Bad) -> None:
    (figure,) = bad.rows(
        "from monthly.figures where period = '2020-01' and population = 'civilians' and party = '' and governorate = '' "
        "and demographic = 'all' and measure = 'count'"
    )
    assert figure["value"] == COUNTED


@pytest.mark.parametrize("name", [*BAD_FILES, ONE_LINE])
def test_a_file_that_cannot_be_read_is_rejected_with_the_reason(bad: Bad, name: str) -> None:
    expected = BAD_FILES[name][1] if name in BAD_FILES else "line 1 is longer than 1,000,000 characters"
    (rejected,) = bad.rows("from captures.rejected where file = $file", file=name)
    assert expected in rejected["reason"]
    assert bad.rows("from captures.records where file = $file", file=name) == []
    (manifest,) = bad.rows("from captures.manifest where original_name = $file", file=name)
    assert (manifest["statements"], manifest["rejected"]) == (0, 1)


def test_a_row_that_cannot_be_read_is_rejected_with_its_number(bad: Bad) -> None:
    rejected = bad.rows("from captures.rejected where file = 'good.csv' order by row_number")
    assert [r["row_number"] for r in rejected] == [len(HOSTILE) + 2, len(HOSTILE) + 3]
    for found, (start, column, reason) in zip(rejected, BAD_ROWS.values(), strict=True):
        assert reason in found["reason"]
        assert found["column_name"] == column
        assert (found["value"] or "").startswith(start)


@pytest.mark.parametrize("case", DOUBTS)
def test_a_value_that_cannot_be_believed_waits_in_quarantine(bad: Bad, case: str) -> None:
    changes, field, reason = DOUBTS[case]
    number = list(DOUBTS).index(case)
    found = bad.rows(
        "from cleaned.quarantine where file = 'doubts.csv' and row_number = $row and field = $field",
        row=number + 2,
        field=field,
    )
    assert [(f["value"], reason in f["reason"]) for f in found] == [({**GOOD, **changes}[field][:200], True)]


def test_the_books_balance(bad: Bad) -> None:
    """Principle 3: records in = cleaned + quarantined; rows of a file = statements + rejected."""
    (books,) = bad.rows(
        """
        select
            (select count(*) from captures.records) as statements,
            (select sum(statements) from captures.manifest) as by_manifest,
            (select count(*) from cleaned.records) as cleaned,
            (select count(distinct record_id) from cleaned.quarantine) as quarantined,
            (select count(*) from captures.rejected) as rejected,
            (select sum(rejected) from captures.manifest) as rejected_by_manifest
        """
    )
    assert books["statements"] == books["by_manifest"] == len(HOSTILE) + len(DOUBTS) + 1
    assert books["statements"] == books["cleaned"] + books["quarantined"]
    assert books["quarantined"] == len(DOUBTS)
    assert books["rejected"] == books["rejected_by_manifest"] == len(BAD_FILES) + 1 + len(BAD_ROWS)


def test_the_state_counts_what_waits_for_people(bad: Bad) -> None:
    status = json.loads(bad.casualty.done("status", "--format", "json").stdout)
    assert status["rejected_rows"] == len(BAD_FILES) + 1 + len(BAD_ROWS)
    assert status["statements_in_quarantine"] == len(DOUBTS)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.text: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        (self.scripts if self._in_script else self.text).append(data)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_text_of_captures_is_only_text_in_the_report(bad: Bad, language: str) -> None:
    page = _Page()
    page.feed((bad.casualty.home / f"reports/2020-01/report.{language}.html").read_text(encoding="utf-8"))
    assert not [s for s in page.scripts if "alert" in s]
    assert page.handlers == []
    assert '<script>alert("place")</script>' in "".join(page.text)


def test_text_of_captures_is_no_formula_in_the_tables(bad: Bad) -> None:
    folder = bad.casualty.home / "reports/2020-01"
    workbook = openpyxl.load_workbook(folder / "figures.xlsx")
    formulas = [c.coordinate for sheet in workbook for cells in sheet.iter_rows() for c in cells if c.data_type == "f"]
    assert formulas == []
    with (folder / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
        assert not [cell for cells in csv.reader(file) for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_a_month_without_captures_is_a_report_of_zeros(bad: Bad) -> None:
    figures = bad.rows("from monthly.figures where period = '2020-02'")
    assert {f["value"] for f in figures} == {0}
    since_january = bad.rows(
        "from monthly.figures where period = '2020-01..2020-02' and population = 'civilians' and party = '' "
        "and governorate = '' and demographic = 'all' and measure = 'count'"
    )
    assert [f["value"] for f in since_january] == [COUNTED]
    assert (bad.casualty.home / "reports/2020-02/report.en.html").stat().st_size > 0


@pytest.mark.long
def test_a_home_into_which_nothing_ever_came_gives_a_report_of_zeros(tmp_path: Path) -> None:
    casualty = Casualty(tmp_path / "home")
    casualty.done("run", "--month", "2020-01")
    report = (casualty.home / "reports/2020-01/report.en.html").read_text(encoding="utf-8")
    assert "documented no deaths of civilians" in report


def test_taking_in_a_symbolic_link_is_refused(bad: Bad, tmp_path: Path) -> None:
    """A link could bring in any file of the machine."""
    (tmp_path / "secret.csv").write_text(table(row("secret")), encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/link.csv").symlink_to(tmp_path / "secret.csv")
    result = bad.casualty("ingest", tmp_path / "folder", "--source", "council")
    assert (result.returncode, result.stdout) == (2, "")
    assert "link.csv is a symbolic link: put a copy of the file there instead" in result.stderr


def test_taking_in_a_bad_file_says_at_once_what_is_wrong(bad: Bad, tmp_path: Path) -> None:
    (tmp_path / "late.csv").write_text(table(row("late"), row("short").replace(",", "", 1)), encoding="utf-8")
    result = bad.casualty("ingest", tmp_path / "late.csv", "--source", "council")
    assert (result.returncode, result.stdout) == (1, "")
    assert "late.csv, row 3: expected 16 columns as in the header, found 15" in result.stderr
    assert "Traceback" not in result.stderr
