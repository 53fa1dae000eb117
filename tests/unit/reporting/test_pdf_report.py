"""The report as PDF: whole, tagged, in the right order of reading, in both languages."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting import Written
from casualty_pipeline.reporting.document import Picture
from casualty_pipeline.reporting.fonts import covered
from casualty_pipeline.reporting.pdf import render_pdf
from casualty_pipeline.reporting.runs import runs
from casualty_pipeline.reporting.sections import MonthPage
from tests.unit.reporting import reporting_fixtures as invented

DAY = datetime(2020, 3, 1, tzinfo=UTC)


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return re.sub(r"\s+", " ", " ".join(page.get_textpage().get_text_range() for page in pages))


@pytest.fixture(scope="module")
def pdfs(march_files: dict[str, Written]) -> dict[str, bytes]:
    return {language: march_files[f"report.{language}.pdf"].path.read_bytes() for language in ("en", "ar")}


def test_a_pdf_declares_both_standards_its_language_and_its_month(pdfs: dict[str, bytes]) -> None:
    for language, content in pdfs.items():
        assert b"<pdfaid:part>3</pdfaid:part>" in content
        assert b"<pdfaid:conformance>A</pdfaid:conformance>" in content
        assert b"<pdfuaid:part>1</pdfuaid:part>" in content
        assert f"<rdf:li>{language}</rdf:li>".encode() in content
        assert pypdfium2.PdfDocument(content).is_tagged()
        assert pypdfium2.PdfDocument(content).get_metadata_dict()["CreationDate"].startswith("D:20200301")


def test_a_pdf_carries_the_figures(pdfs: dict[str, bytes], march_files: dict[str, Written]) -> None:
    for content in pdfs.values():
        pdf = pypdfium2.PdfDocument(content)
        attached = {
            a.get_name(): bytes(a.get_data()) for n in range(pdf.count_attachments()) if (a := pdf.get_attachment(n))
        }
        assert attached == {name: march_files[name].path.read_bytes() for name in ("figures.csv", "figures.json")}


def test_every_section_has_a_bookmark(pdfs: dict[str, bytes]) -> None:
    for language, content in pdfs.items():
        titles = {mark.get_title() for mark in pypdfium2.PdfDocument(content).get_toc()}
        sections = MonthPage(invented.march(), language).document().sections
        unvowelled = {re.sub("[\u064b-\u0652]", "", section.heading.unescape()) for section in sections}
        assert unvowelled <= titles


def test_the_english_text_can_be_read_back(pdfs: dict[str, bytes]) -> None:
    text = text_of(pdfs["en"])
    assert "the documentation team documented the deaths of 145 civilians, including 28 children and 16 women" in text
    assert "Syrian Regime forces 36 5 3 24.83" in text


def test_arabic_text_and_figures_come_back_in_the_right_order(pdfs: dict[str, bytes]) -> None:
    text = text_of(pdfs["ar"])
    assert "مقتل 145 مدنيا، بينهم 28 طفلا و16 سيدة" in text
    assert "541" not in text
    assert "قوات النظام السوري" in text
    assert re.search(r"إدلب 41 0 0", text)


def test_no_arabic_word_comes_back_in_reverse(pdfs: dict[str, bytes], march_files: dict[str, Written]) -> None:
    html = march_files["report.ar.html"].path.read_text(encoding="utf-8")
    words = set(re.findall(r"[\u0621-\u064a]{3,}", re.sub("[\u064b-\u0652]", "", html)))
    found = set(re.findall(r"[\u0621-\u064a]{3,}", text_of(pdfs["ar"])))
    assert len(found & words) > 400
    assert [word for word in found - words if word[::-1] in words] == []


def test_an_arabic_name_comes_back_in_the_right_order() -> None:
    report = invented.march()
    massacres = (replace(report.massacres[0], place_ar="تل المثال الشرقي"), *report.massacres[1:])
    content = render_pdf(MonthPage(replace(report, massacres=massacres), "ar").document(), "تقرير", DAY, {})
    assert "تل المثال الشرقي" in text_of(content)


def test_a_month_with_nobody_with_one_and_with_ten_thousand_has_a_pdf() -> None:
    one = invented.figures(invented.march().profile, {"civilians": {("russia", ""): (1, 0, 0)}}, {"SY07": 1}, {})
    many = invented.figures(invented.march().profile, {"civilians": {("russia", ""): (10_000, 0, 0)}}, {"SY07": 10_000}, {})
    for frame, words in ((one, "One civilian"), (many, "10,000")):
        report = replace(invented.march(), figures=frame, months=invented.months(frame), massacres=(), affiliations=())
        text = text_of(render_pdf(MonthPage(report, "en").document(), "March 2020", DAY, {}))
        assert words in text or words.replace(",", "") in text
    assert "No Civilians" in text_of(render_pdf(MonthPage(invented.empty(), "en").document(), "January 2020", DAY, {}))


def test_a_picture_without_a_description_is_refused() -> None:
    document = MonthPage(invented.march(), "en").document()
    toll = document.sections[1]
    picture = next(block for block in toll.blocks if isinstance(block, Picture))
    bare = replace(picture, svg=Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"></svg>'))
    document = replace(document, sections=(replace(toll, blocks=(bare,)),))
    with pytest.raises(CasualtyError, match=r"can't be made: .*alt"):
        render_pdf(document, "March 2020", DAY, {})


def test_the_shipped_fonts_have_arabic_latin_and_no_emoji() -> None:
    assert {ord(c) for c in "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإآؤئ،؛؟٠١٢٣٤٥٦٧٨٩پچژگ"} <= covered()
    assert {ord(c) for c in "AZaz09ğüşçéÉ–—“”«»%·…\ufffd"} <= covered()
    assert ord("😀") not in covered()


def test_runs_keep_what_is_strong_small_linked_or_set_apart() -> None:
    text = Markup('<strong>A</strong> <data value="1" title="x">one &lt;b&gt;</data> <a href="#toll"><bdi>c</bdi></a>')
    assert runs(text) == [
        {"kind": "strong", "runs": [{"kind": "text", "text": "A"}]},
        {"kind": "text", "text": " "},
        {"kind": "text", "text": "one <b>"},
        {"kind": "text", "text": " "},
        {"kind": "link", "to": "#toll", "runs": [{"kind": "isolated", "runs": [{"kind": "text", "text": "c"}]}]},
    ]
