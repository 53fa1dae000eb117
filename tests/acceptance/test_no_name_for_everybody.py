"""No name of the sample stands in anything that is for anyone: every file is opened, in its own format, and searched."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from pathlib import Path

import polars as pl
import pypdfium2
import pytest

from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty

LONGEST = 9  # words of a name
_WORD = re.compile(r"[^\W\d_]+")


def folded(text: str) -> str:
    """The words alone, as somebody who searches for a name would want them: no marks, one form of a letter."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(str.maketrans("أإآٱىة", "اااايه", "\u0640"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(_WORD.findall(letters))


def _text(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8")


def _html(content: bytes) -> Iterator[str]:
    page = content.decode("utf-8")
    yield unescape(page)
    yield unescape(re.sub(r"<[^>]*>", "", page))  # a word that elements cut in two


def _pdf(content: bytes) -> Iterator[str]:
    pdf = pypdfium2.PdfDocument(content)
    for page in pdf:
        yield page.get_textpage().get_text_range()
    yield " ".join(pdf.get_metadata_dict().values())
    for number in range(pdf.count_attachments()):
        yield bytes(pdf.get_attachment(number).get_data()).decode("utf-8")


def _xlsx(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for part in book.namelist():
            yield unescape(book.read(part).decode("utf-8"))


def _parquet(content: bytes) -> Iterator[str]:
    yield pl.read_parquet(content).write_csv()
    yield " ".join(pl.read_parquet_metadata(content).values())


READERS: Mapping[str, Callable[[bytes], Iterator[str]]] = {
    **dict.fromkeys((".csv", ".json", ".geojson", ".svg", ".txt", ".xml", ""), _text),
    ".html": _html,
    ".pdf": _pdf,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
}


def names_in(file: Path, names: set[str]) -> set[str]:
    """Those of the names that stand in a file. A format that nobody can open here is an error: nothing goes unsearched."""
    firsts, found = {name.partition(" ")[0] for name in names}, set[str]()
    for part in READERS[file.suffix](file.read_bytes()):
        words = folded(part).split()
        for at in (at for at, word in enumerate(words) if word in firsts):
            found |= names & {" ".join(words[at : at + n]) for n in range(2, LONGEST + 1)}
    return found


@pytest.fixture(scope="module")
def names(sample: Casualty) -> set[str]:
    """Every name of the sample, folded: as its sources wrote it, and as it was read: given name with what follows it."""
    with Warehouse(sample.home / "warehouse.duckdb").reading() as reading:
        written = reading.frame("select name_ar as n from captures.records union select name_en from captures.records")
        read = reading.frame("select distinct given, father, family, nisba from cleaned.names where given is not null")
    found = {folded(name) for name in written["n"].drop_nulls()}
    for given, father, family, nisba in read.iter_rows():
        found |= {folded(f"{given} {last}") for last in (father, family, nisba) if last}
        found |= {folded(f"{given} {father} {last}") for last in (family, nisba) if last and father}
    assert max(name.count(" ") for name in found) < LONGEST
    return {name for name in found if " " in name}


@pytest.fixture(scope="module")
def open_files(sample: Casualty, published: Path) -> list[Path]:
    """Everything for anyone: the bundles that each run writes, and all that is published but what is closed."""
    beneath = [*(sample.home / "reports").rglob("*"), *published.rglob("*")]
    closed = {"partner", "confidential"}
    found = [p for p in beneath if p.is_file() and not p.name.startswith((".", "manifest")) and closed.isdisjoint(p.parts)]
    assert {p.suffix for p in found} >= {".html", ".pdf", ".xlsx", ".parquet", ".json", ".geojson", ".csv", ".svg"}
    return found


def test_the_search_would_find_a_name(names: set[str], sample: Casualty, published: Path) -> None:
    assert len(names) > 2000
    confidential = published / "2020-03/edition-1/confidential/tables/deduplicated.victims.parquet"
    assert len(names_in(confidential, names)) > 100


def test_no_name_stands_in_anything_that_is_for_anyone(names: set[str], open_files: list[Path]) -> None:
    found = {file.name: names_in(file, names) for file in open_files}
    assert {file: told for file, told in found.items() if told} == {}
