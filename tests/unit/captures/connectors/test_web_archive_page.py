"""A page as text: what a reader would see, whatever the page is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.connectors.web_archive.page import read_page, text_of

WORDS = "ten people were killed"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>a</p><p>b", "a\nb"),
        ("a<br>b<div>c</div>d", "a\nb\nc\nd"),
        ("two\n  lines <b>and\n</b> more", "two lines and more"),
        ("a &amp; b &lt;c&gt; &#1605;", "a & b <c> م"),
        ("a < b and 3<4", "a < b and 3<4"),
        ("a<!-- <p>hidden --> b", "a b"),
        ("a<!doctype x> b<?php c ?> d", "a b d"),
        ("<script>if (a < b) '<p>c</p>'</script>d<style>e</style>", "d"),
        ("<SCRIPT>a</Script >b", "b"),
        ("<template>a</template><svg><text>b</text></svg>c", "c"),
        ("<p title='a > b'>c", "c"),
        ("<select><option>a</select><button>b</button>c", "c"),
        (f"<nav>Home</nav><p>{WORDS}</p><aside>More</aside><footer>(c)</footer>", WORDS),
        (f"<main><p>{WORDS}</main><p>Share this", WORDS),
        (f"<p>{WORDS}</p><article>Read</article>", f"{WORDS}\nRead"),
        ("<nav>all there is</nav>", "all there is"),
        ("<p>a\0b", "a\ufffdb"),
        ("a<!-- never closed <p>b", "a"),
        ("a<p title='never closed>b", "a"),
        ("a<script>never closed", "a"),
        ("a&#" + "9" * 5000 + ";", "a&#" + "9" * 5000 + ";"),
    ],
)
def test_text_is_what_a_reader_would_see(html: str, text: str) -> None:
    assert read_page(html).content == text


@pytest.mark.parametrize(
    ("html", "published"),
    [
        ('<meta property="article:published_time" content="2020-03-01T10:00:00Z">', "2020-03-01T10:00:00Z"),
        ("<META content='1 March 2020' NAME=date>", "1 March 2020"),
        ('<script type="application/ld+json">{"datePublished": "2020-03-01"}</script>', "2020-03-01"),
        ('<script type="application/ld+json">[{"@graph": [{"datePublished": "2020-03-01"}]}]</script>', "2020-03-01"),
        ('<script type="application/ld+json">{"@graph": [1, {"datePublished": "2020-03-01"}]}</script>', "2020-03-01"),
        ('<script type="application/ld+json">[1, {"datePublished": "2020-03-01"}]</script>', "2020-03-01"),
        ('<script type="application/ld+json">' + "[" * 100_000 + "</script>", None),
        ('<time datetime="2020-03-01">1 March</time>', "2020-03-01"),
        ('<meta name="date" content=" "><time>1 March</time>', None),
    ],
)
def test_the_date_is_the_one_that_the_page_gives(html: str, published: str | None) -> None:
    assert read_page(html).published == published


def test_the_title_author_and_address_are_those_that_the_page_gives() -> None:
    page = read_page(
        '<title>a &amp; b</title><meta name="author" content="Rima Example">'
        '<link rel="x canonical" href="https://a.example/"><svg><title>logo</title></svg>'
        '<script type="application/ld+json">{"datePublished": "2020", "author": [{"name": "R"}]}'
        "</script>"
    )
    assert (page.title, page.author, page.canonical) == ("a & b", "Rima Example", "https://a.example/")


@pytest.mark.parametrize(
    ("payload", "declared"),
    [
        ("مدني".encode(), ""),
        ("\ufeffمدني".encode(), "windows-1256"),
        ("مدني".encode("cp1256"), "windows-1256"),
        ("<meta charset=windows-1256>مدني".encode("cp1256"), ""),
        ('<meta http-equiv=x content="text/html; charset=windows-1256">مدني'.encode("cp1256"), "no such charset"),
    ],
)
def test_the_charset_is_the_one_that_the_server_or_the_page_declares(payload: bytes, declared: str) -> None:
    assert text_of(payload, declared).endswith("مدني")


PIECES = st.sampled_from(
    ["<", ">", "<p>", "</p>", "<!--", "-->", "<script>", "</script>", '"', "'", "=", " a", "&", "&#1605;", "<nav>", "</nav>",
     "<article>", "</article>", "<meta name=date content=", "\0", "\ud800", "<title>", "</title>", "<svg/>", "م", "\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_no_page_is_an_error_and_its_text_holds_no_line_that_is_blank(html: str) -> None:
    content = read_page(html).content
    assert all(line == line.strip() and line for line in content.split("\n")) or not content


@pytest.mark.parametrize("piece", ["<", "<a", "<!--", "</", "<a '", "<script>", '<p title="', "&", "&#", "<title>", "<nav>"])
def test_what_is_never_closed_takes_no_longer_than_the_page_is_long(piece: str) -> None:
    assert len(read_page(piece * 100_000).content) <= len(piece) * 100_000
