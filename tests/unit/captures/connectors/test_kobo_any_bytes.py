"""Whatever the bytes of an export are, every row of it is a statement, a rejection, blank, or a parent of such rows."""

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.connectors.batch import Batch
from casualty_pipeline.captures.sources import Source
from tests.fixtures import forms
from tests.fixtures.reading import read_file, source_of

DECLARED = """\
id = "forms"
name = "Forms"
connector = "kobo"
[options]
validation = "{validation}"
[[tables]]
file = "*"
sheet = "victims"
statement = "person"
key = ["key"]
[tables.columns]
name_en = ["name", "../name"]
age = "age"
[[tables]]
file = "*"
statement = "incident"
key = ["key"]
[tables.columns]
incident_date = "day"
"""
quiet = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Headers that mean something to a connector, to Polars or to Python, and what else people write.
HEADERS = st.sampled_from(
    [
        *("key", "name", "age", "day", "g/key", "g/name", "g.name", "g-age", "g/age/x", "day/1", "../name"),
        *("_index", "_parent_index", "_parent_table_name", "KEY", "PARENT_KEY", "_uuid", "_submission__uuid"),
        *("_validation_status", "ReviewState", "_attachments", "photo", "photo_URL", "_position", "^.*$", "*", "\x01row"),
    ]
) | st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=6)
CELLS = st.sampled_from(
    ["", " ", "0", "1", "2", "TRUE", "approved", "form", "a.jpg", "[]", '[{"filename": "a.jpg"}]']
) | st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=6)


@st.composite
def tables(draw: st.DrawFn, known: tuple[str, ...]) -> list[list[str]]:
    """A table with the columns that can be joined and mapped, half of the time, and others."""
    core = list(known) if draw(st.booleans()) else []
    others = draw(st.lists(HEADERS, min_size=1, max_size=5, unique_by=str.strip))
    header = [*core, *(h for h in others if h.strip() not in core)]
    return [header, *draw(st.lists(st.lists(CELLS, min_size=len(header), max_size=len(header)), max_size=5))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kobo")


@pytest.fixture(scope="module")
def sources(folder: Path) -> list[Source]:
    return [source_of(folder, DECLARED.format(validation=validation)) for validation in ("any", "approved")]


def read(source: Source, folder: Path, name: str, content: bytes) -> Batch:
    path = folder / name
    path.write_bytes(content)
    batch = read_file(source, path)
    batch.all_statements()
    assert batch.attachments["name"].null_count() == 0
    return batch


def rows_told(batch: Batch, sheet: str | None) -> set[int]:
    stated = batch.all_statements()
    here = stated.filter(stated["sheet"].eq_missing(sheet))["row_number"].drop_nulls().to_list()
    return {*here, *(r.row_number for _, r in batch.rejections if r.sheet == sheet and r.row_number)}


def balanced(batch: Batch, sheet: str, rows: list[list[str]]) -> bool:
    """Whether every row that isn't blank is told, or the table as a whole is rejected."""
    whole = any(r.row_number is None and r.sheet in {sheet, None} for _, r in batch.rejections)
    filled = {number for number, row in enumerate(rows[1:], start=2) if any(cell.strip() for cell in row)}
    return whole or filled <= rows_told(batch, sheet)


def csv_of(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@quiet
@given(content=st.binary(max_size=200) | st.text(max_size=100).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_rows_or_reasons(folder: Path, sources: list[Source], content: bytes) -> None:
    for name in ("form.xlsx", "form.csv", "form.zip", "form"):
        for head in (b"", b"PK\x03\x04"):
            batch = read(sources[0], folder, name, head + content)
            assert batch.rejections or batch.all_statements().height or name == "form.csv"


@quiet
@given(main=tables(("key", "day", "_index", "_validation_status")), victims=tables(("key", "name", "age", "_parent_index")))
def test_the_books_of_a_zip_balance(
    folder: Path, sources: list[Source], main: list[list[str]], victims: list[list[str]]
) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as zipped:
        zipped.writestr("form.csv", csv_of(main))
        zipped.writestr("victims.csv", csv_of(victims))
    for source in sources:
        batch = read(source, folder, "form.zip", package.getvalue())
        assert balanced(batch, "victims.csv", victims)
        assert balanced(batch, "form.csv", main)
        assert batch.all_statements().equals(read(source, folder, "form.zip", package.getvalue()).all_statements())


@pytest.fixture(scope="module")
def whole(folder: Path) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in (forms.write_kobo_xlsx(folder), forms.write_odk_zip(folder))]


@settings(quiet, max_examples=15)
@given(place=st.integers(min_value=0), byte=st.integers(0, 255), cut=st.integers(min_value=0))
def test_a_damaged_workbook_or_zip_never_raises(
    folder: Path, sources: list[Source], whole: list[tuple[str, bytes]], place: int, byte: int, cut: int
) -> None:
    for name, content in whole:
        damaged = bytearray(content)
        damaged[place % len(damaged)] = byte
        read(sources[0], folder, name, bytes(damaged))
        read(sources[0], folder, name, bytes(damaged[: cut % len(damaged)]))


def test_a_workbook_with_names_that_mean_something_elsewhere_is_read(folder: Path, sources: list[Source]) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "victims"
    sheet.append(["key", "name", "age", "^.*$", "*", "_parent_index", "_parent_table_name"])
    sheet.append(["k-1", "Tamo", 3, "x", "y", 1, "victims"])
    path = folder / "odd.xlsx"
    workbook.save(path)
    batch = read_file(sources[0], path)
    assert "a repeat group whose parent 'victims' is not here" in batch.rejections[0][1].reason
