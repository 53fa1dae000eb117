"""Whatever captures hold, every format shows it as text, or visibly cut: never as markup, as code or as a formula."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser

import openpyxl
import polars as pl
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.reporting import MonthReport
from casualty_pipeline.reporting.fonts import covered
from casualty_pipeline.reporting.open_data import open_bundle
from casualty_pipeline.reporting.pdf import _printable
from casualty_pipeline.reporting.readable import LONGEST, UNREADABLE, readable
from tests.unit.reporting import reporting_fixtures as invented

HOSTILE = {
    "html": '<script>alert("x")</script><img src=x onerror=alert(1)></bdi></p></style><!--',
    "typst": '#panic("typst") $x^2$ = h *b* _e_ `raw` @label <label> \\ ] } ") #image("/etc/passwd") // end',
    "escaped": '\\u{41} \\" \\n {{ 7*7 }} {% raw %} {toll} %s $toll &amp; &#60;b&#62;',
    "formula": '=HYPERLINK("http://example.org","x")',
    "formula at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula plus": "+1+1",
    "csv": 'a,"b"\r\nc;d\te',
    "json": '"}],"x":[{"</script><script>alert(2)</script>',
    "xml": "]]><x/><?php echo 1 ?> &xxe;",
    "bidi": "abc \u202edesrever\u202c \u2066x\u2069 \u202bמימין\u202c",
    "control": "a\x00b\x01c\x1b[31md\x7fe\x85f\u2028g",
    "surrogate": "a\ud800b\udfffc",
    "no character": "a\uffffb\ufdd0c\ue000d\U000e0001e",
    "emoji": "family 👩‍👩‍👧‍👦 flag 🇸🇾 and 😀",
    "other scripts": "漢字 हिन्दी ქართული עברית",
    "marks": "Z̷̡̧͉̩̹a̸̢̛̲l̵g̶o " + "e" + "\u0301" * 60,
    "long name": "Muhammad " * 1200,
    "long word": "x" * 10_000,
    "long arabic": "محمد" * 2_500,
    "empty": "",
    "spaces": " \t\n\u00a0\u3000 ",
}


class Elements(HTMLParser):
    """What a page consists of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.inside = tag
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in {"script", "style"}:
            self.words.append(data)


def hostile_month() -> MonthReport:
    """The invented month with every text where captures say who somebody worked for, and some as places and ids."""
    report = invented.march()
    texts = [HOSTILE[kind] for kind in ("html", "typst", "bidi", "control", "long arabic")]
    return replace(
        report,
        massacres=tuple(
            replace(m, incident_id=f"I-{number}{text}", place=text, place_ar=text, area_of_control=text)
            for number, (m, text) in enumerate(zip(report.massacres, texts, strict=True))
        ),
        affiliations=tuple(("medical", "extremist_islamist/hts", text, 1) for text in HOSTILE.values()),
    )


def with_labels(text: str) -> MonthReport:
    """The invented month of a profile whose labels hold the text."""
    report = invented.march()
    profile, both = report.profile, {"en": text, "ar": text}
    return replace(
        report,
        profile=replace(
            profile,
            organisation=both,
            parties=tuple(replace(p, label=both, long_label=both) for p in profile.parties),
            categories=tuple(replace(c, label=both) for c in profile.categories),
            governorates=tuple(replace(g, label=both) for g in profile.governorates),
        ),
    )


def words_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return re.sub(r"\s+", " ", " ".join(page.get_textpage().get_text_range() for page in pages))


def check(bundle: dict[str, bytes]) -> None:
    """What holds for every bundle, whatever text went in."""
    usual = {tag for language in ("en", "ar") for tag in Elements(bundle[f"report.{language}.html"].decode()).tags}
    assert not usual & {"img", "x", "b", "iframe", "object", "link", "base", "form"}
    for language in ("en", "ar"):
        assert Elements(bundle[f"report.{language}.html"].decode()).tags.count("script") == 1
    for name in ("figures.csv", "figures.hxl.csv"):
        cells = [cell for row in csv.reader(io.StringIO(bundle[name].decode())) for cell in row]
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in cells)
    with zipfile.ZipFile(io.BytesIO(bundle["figures.xlsx"])) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    openpyxl.load_workbook(io.BytesIO(bundle["figures.xlsx"]))
    assert pl.read_parquet(bundle["figures.parquet"]).height
    for name in ("figures.json", "governorates.geojson", "datapackage.json"):
        json.loads(bundle[name])


@pytest.fixture(scope="module")
def bundle() -> dict[str, bytes]:
    return open_bundle(hostile_month())


@pytest.fixture(scope="module")
def words(bundle: dict[str, bytes]) -> dict[str, str]:
    """What each page and each PDF says, as plain text."""
    found = {name: "".join(Elements(bundle[name].decode()).words) for name in ("report.en.html", "report.ar.html")}
    return found | {"report.en.pdf": words_of(bundle["report.en.pdf"])}


def test_a_bundle_with_hostile_text_is_whole(bundle: dict[str, bytes]) -> None:
    check(bundle)


@pytest.mark.parametrize("kind", HOSTILE)
def test_text_from_captures_appears_as_text_in_every_format(
    kind: str, bundle: dict[str, bytes], words: dict[str, str]
) -> None:
    shown = readable(HOSTILE[kind])
    assert shown in words["report.en.html"]
    assert shown in words["report.ar.html"]
    if kind in {"html", "typst", "escaped", "formula", "formula at", "json", "xml"}:
        # A line may break, and PDFium leaves out the hyphen of a break: compare what has ink.
        ink = re.sub(r"[\s\ufffe-]", "", shown)
        assert ink in re.sub(r"[\s\ufffe\u200b-]", "", words["report.en.pdf"])
    if kind.startswith("long"):
        assert shown.endswith("…")
        assert "…" in words["report.en.pdf"]
    # Places and organisations are of the report, not of the figures: no other file knows of them.
    if shown and kind != "formula plus":
        assert not any(shown.encode() in bundle[name] for name in bundle if not name.startswith("report."))


@pytest.mark.parametrize(
    "text",
    [
        "Forces of " * 20,
        "F" * 200,
        " ".join(
            HOSTILE[kind]
            for kind in ("formula", "html", "typst", "escaped", "json", "xml", "bidi", "emoji", "other scripts")
        ),
    ],
    ids=["200 characters", "200 in a word", "formula and markup"],
)
def test_labels_of_a_profile_appear_as_text_in_every_format(text: str) -> None:
    check(open_bundle(with_labels(text)))


@given(st.text(max_size=3 * LONGEST))
def test_readable_text_is_one_short_line_without_anything_that_turns_it_round(text: str) -> None:
    shown = readable(text)
    assert len(shown) <= LONGEST
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", shown)
    assert readable(shown) == shown
    shown.encode()


def test_what_cannot_be_read_is_seen_to_be_missing() -> None:
    assert readable("a\x00b\u202ec") == f"a{UNREADABLE}b{UNREADABLE}c"
    assert readable("x" * 201) == "x" * 199 + "…"
    assert readable("محمد عبد الله") == "محمد عبد الله"
    assert readable("x" * 200) == "x" * 200


@given(st.text())
def test_a_pdf_is_never_given_a_character_without_a_glyph(text: str) -> None:
    assert {ord(c) for c in _printable(text)} <= covered()


def test_a_character_that_the_fonts_lack_is_named() -> None:
    assert _printable("a😀b") == "a[U+1F600]b"
