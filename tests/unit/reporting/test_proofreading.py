"""Reports read back: what they print is what the figures say; whoever alters one number is found, with the sentence."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random

import polars as pl
import pypdfium2
import pytest

from casualty_pipeline.reporting import MonthReport, Written
from casualty_pipeline.reporting.html import render
from casualty_pipeline.reporting.model import Cause, LastEdition, Restatement
from casualty_pipeline.reporting.proofreading import proofread
from casualty_pipeline.reporting.proofreading.page import sentences
from casualty_pipeline.reporting.sections import MonthPage
from tests.unit.reporting import reporting_fixtures as invented

Files = dict[str, bytes]
_BARE = re.compile(r"(?<=>)[^<>]*(?=<)")
# What a reader sees of digits that count nobody: ids, digests, versions, dates, the classes of a map.
_COUNTS_NOBODY = re.compile(
    r"<bdi>[^<]*</bdi>|<code>[^<]*</code>|&#\d+;|\d+–\d+|\d{4}\.\d|digest \w+|البصمة \w+|March \d+|\d+ آذار"
)
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
ALTERED = 20


@pytest.fixture(scope="module")
def files(march_files: dict[str, Written]) -> Files:
    return {name: f.path.read_bytes() for name, f in march_files.items() if name.startswith("report.")}


@pytest.fixture(scope="module")
def march() -> MonthReport:
    return invented.march()


def test_what_was_written_is_what_the_figures_say(march: MonthReport, files: Files) -> None:
    assert set(files) == {f"report.{language}.{form}" for language in ("en", "ar") for form in ("html", "pdf")}
    assert proofread(march, files) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_whichever_number_is_altered_is_found_with_its_sentence(march: MonthReport, files: Files, language: str) -> None:
    name, chance = f"report.{language}.html", Random(2020)
    page = files[name].decode()
    hidden = {at for m in _COUNTS_NOBODY.finditer(page) for at in range(*m.span())}
    texts = list(_BARE.finditer(page, page.index("<body"), page.index("</main>")))
    spots = [(t.start() + m.start(), t.start() + m.end()) for t in texts for m in _NUMBER.finditer(t[0])]

    for start, end in chance.sample([spot for spot in spots if spot[0] not in hidden], ALTERED):
        other = int(page[start:end]) + chance.choice([-1, 1, 2, 10, 300])
        found = proofread(march, {name: f"{page[:start]}{abs(other)}{page[end:]}".encode()})

        assert found, page[start - 80 : end + 40]
        assert all(fault.file == name and "“" in fault.sentence for fault in found)


@pytest.mark.parametrize(
    ("language", "printed", "instead", "told"),
    [
        ("en", ">Two Medical Personnel<", ">Three Medical Personnel<", "states 3; the figure 2020-03:medical is 2"),
        ("en", ">five children<", ">no children<", "states 0; the figure 2020-03:civilians:syrian_regime:::child is 5"),
        ("ar", ">مجزرتان<", ">ثلاث مجازر<", "states 3; the figure 2020-03:massacres:russia is 2"),
        ("en", 'value="145"', 'value="146"', "is marked as 146"),
        ("en", 'data-figure="2020-03:medical"', 'data-figure="2020-03:nurses"', "there is no figure '2020-03:nurses'"),
        ("en", "(adult females)", "(adult females), two of them doctors", "2 is no figure"),
        ("en", "and seven women. ", "and eight women. ", "the record of I-0002 says 7"),
        ("en", ">76 (52.41%)<", ">76 (54.21%)<", "54.21 isn't in the table beside the drawing"),
    ],
)
def test_an_altered_word_is_told_with_the_figure_that_it_should_be(
    march: MonthReport, files: Files, language: str, printed: str, instead: str, told: str
) -> None:
    page = files[f"report.{language}.html"].decode()
    assert printed in page

    found = proofread(march, {f"report.{language}.html": page.replace(printed, instead, 1).encode()})

    assert any(told in fault.sentence for fault in found), [fault.sentence for fault in found]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_month_s_toll_that_could_be_a_year_is_read_back_as_a_toll(march: MonthReport, language: str) -> None:
    tolls = {"2020-01": 1001.0, "2020-02": 2020.0}
    toll = (pl.col("population") == "civilians") & (pl.col("demographic") == "all") & pl.col("period").is_in(list(tolls))
    value = pl.when(toll).then(pl.col("period").replace_strict(tolls, default=None)).otherwise(pl.col("value"))
    report = replace(march, months=march.months.with_columns(value=value))
    name, page = f"report.{language}.html", render(MonthPage(report, language).document())

    assert proofread(report, {name: page.encode()}) == []

    described = re.search(r"<desc[^>]*>[^<]*(1,?001)", page)
    assert described is not None
    altered = f"{page[: described.start(1)]}{described[1].replace('001', '003')}{page[described.end(1) :]}"
    assert any("leaves out 1001" in f.sentence or "1003" in f.sentence for f in proofread(report, {name: altered.encode()}))


def test_changes_since_an_edition_are_read_back_too(march: MonthReport) -> None:
    changes = (
        Restatement(
            "2020-03:civilians:russia",
            17,
            19,
            (Cause("decision", "D-1", date(2020, 4, 2), 5), Cause("capture", "0" * 64, None, -1)),
        ),
        Restatement("2020-03:civilians:russia::::percent", None, 13.1, (Cause("method", "2020.2", None, 13.1),)),
    )
    report = replace(march, edition=2, last_edition=LastEdition(1, date(2020, 4, 1)), restatements=changes)
    pages = {f"report.{language}.html": render(MonthPage(report, language).document()) for language in ("en", "ar")}

    assert proofread(report, {name: page.encode() for name, page in pages.items()}) == []

    altered = pages["report.en.html"].replace(">17</td>", ">16</td>", 1)
    assert altered != pages["report.en.html"]
    (fault,) = proofread(report, {"report.en.html": altered.encode()})
    assert "2020-03:civilians:russia was restated with 1, 5, 17, 19, not 1, 5, 16, 19" in fault.sentence


def test_a_pdf_whose_own_table_is_another_is_found(march: MonthReport, files: Files) -> None:
    figures = march.figures.filter(march.figures["population"] != "medical")
    found = proofread(replace(march, figures=figures), {"report.en.pdf": files["report.en.pdf"]})

    assert {f.place for f in found} == {"figures.csv"}
    assert any("medical" in f.sentence and "which is nothing" in f.sentence for f in found)
    assert "no table" in proofread(march, {"report.en.pdf": b"%PDF-1.7 without anything"})[0].sentence


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_number_of_the_page_can_be_read_from_the_real_pdf(files: Files, language: str) -> None:
    pdf = pypdfium2.PdfDocument(files[f"report.{language}.pdf"])
    printed = " ".join(page.get_textpage().get_text_range() for page in pdf)
    digits = re.compile(r"\d+")
    stated = Counter(
        number
        for sentence in sentences(files[f"report.{language}.html"].decode())
        for piece in sentence.data
        for number in digits.findall(piece.text)
    )

    assert stated.total() > 100
    assert stated - Counter(digits.findall(printed)) == Counter()
