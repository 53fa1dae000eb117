"""Renders a document as PDF, by Typst: tagged for screen readers (PDF/UA-1), fit for archives (PDF/A-3a).

What belongs here: turning a document into plain values, and calling Typst. What doesn't: how a page looks
(templates/typst/report.typ), wording, figures. The template is the only code that Typst compiles: every text reaches it
as a value in JSON, where no markup and no code can begin, whatever it holds. Only the fonts that come with this program
and with Typst are used, and no clock: the same document gives the same bytes everywhere.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from html import escape, unescape
from typing import Any, assert_never

from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting.document import (
    Block,
    Bullets,
    Code,
    Document,
    Grid,
    Heading,
    Item,
    Paragraph,
    Picture,
)
from casualty_pipeline.reporting.fonts import covered, font_folder
from casualty_pipeline.reporting.readable import UNREADABLE
from casualty_pipeline.reporting.runs import Run, picture_words, plain, runs, value
from casualty_pipeline.shipped import shipped

STANDARDS = ["a-3a", "ua-1"]
_MEDIA = {"csv": "text/csv", "json": "application/json"}
_LONG, _BREAK_AFTER = 65, 30  # characters without a space: from how many on a line may break, and after how many
_WIDE = 36  # characters of a word that needs more than an equal share of a table: addresses of figures, ids
# Classes of the Unicode bidirectional algorithm.
_RIGHT = frozenset({"R", "AL"})
_NUMBER = frozenset({"EN", "CS", "ES"})
_ZERO_WIDTH_SPACE = "\u200b"
# A word with a vowel sign is written with its text beside its glyphs; PDFium (Chrome) then copies and searches it back to
# front. The signs are optional in Arabic, and stay in the HTML.
_VOWEL_SIGNS = re.compile("[\u064b-\u0652\u0670]")
# Choose between forms of an emoji, which the fonts don't have; in a drawing Typst refuses them.
_SELECTORS = re.compile("[\u200d\ufe00-\ufe0f]")
_LONG_WORD = re.compile(rf"\S{{{_LONG},}}")
_PIECE = re.compile(rf"(.{{{_BREAK_AFTER}}})")


@dataclass(frozen=True)
class _Place:
    """Where a text stands: the anchors that it can lead to, and whether the page runs from right to left."""

    anchors: frozenset[str]
    rtl: bool


def render_pdf(document: Document, running: str, day: datetime, attached: Mapping[str, bytes]) -> bytes:
    """The document as PDF/A-3a and PDF/UA-1, with bookmarks.

    `running` stands at the head of every page but the first; `day` is the date of the file (UTC); `attached` are files of
    text (CSV, JSON) to put inside, by name. Raises CasualtyError where Typst refuses the document, for example for a
    picture without a description.
    """
    import typst

    page = {
        **_page(document),
        "running": _printable(running),
        "day": [day.year, day.month, day.day],
        "attached": [{"name": name, "media": _MEDIA[name.rpartition(".")[2]]} for name in attached],
    }
    try:
        content: bytes = typst.compile(  # type: ignore[call-overload]  # its stub takes a list of literals only
            (shipped("templates") / "typst" / "report.typ").read_bytes(),
            font_paths=fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={
                "page": json.dumps(page, ensure_ascii=False),
                **{f"attached:{name}": data.decode() for name, data in attached.items()},
            },
            pdf_standards=STANDARDS,
            timestamp=day.astimezone(UTC),
        )
    except typst.TypstError as problem:
        hints = "; ".join(problem.hints)
        raise CasualtyError(
            f"the PDF of {plain(document.title)!r} can't be made: {problem.message}{f' ({hints})' if hints else ''}"
        ) from problem
    return content


@cache
def fonts() -> Any:
    """The fonts that come with this program and with Typst, and no others."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[font_folder()])


def _page(document: Document) -> dict[str, Any]:
    place = _Place(frozenset(section.anchor for section in document.sections), document.direction == "rtl")
    return {
        "language": document.language,
        "direction": document.direction,
        "kind": _runs(document.kind, place),
        "title": _runs(document.title, place),
        "title_text": _printable(plain(document.title)),
        "subtitle": _runs(document.subtitle, place),
        "notices": [
            {"language": language, "direction": direction, "text": _printable(text)}
            for language, direction, text in document.notices
        ],
        "short_notice": _printable(plain(document.short_notice)),
        "contents": _runs(document.contents, place),
        "sections": [
            {
                "anchor": section.anchor,
                "heading": _runs(section.heading, place),
                "blocks": [_block(block, place) for block in section.blocks],
            }
            for section in document.sections
        ],
        "footer": _runs(document.footer, place),
    }


def _block(block: Block, place: _Place) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"kind": "paragraph", "style": block.style, "text": _runs(block.text, place)}
        case Heading():
            return {"kind": "heading", "text": _runs(block.text, place)}
        case Bullets():
            return {"kind": "bullets", "items": _items(block.items, place)}
        case Grid():
            return _grid(block, place)
        case Picture():
            title, description = picture_words(block.svg)
            return {
                "kind": "picture",
                "svg": drawing(str(block.svg)),
                "alt": ". ".join(_printable(text) for text in (title, description) if text),
                "table": _grid(block.table, place),
            }
        case Code():
            return {"kind": "code", "text": _printable(block.text)}
        case _:
            assert_never(block)


def _items(items: Sequence[Item], place: _Place) -> list[dict[str, Any]]:
    return [{"text": _runs(item.text, place), "items": _items(item.items, place)} for item in items]


def _grid(grid: Grid, place: _Place) -> dict[str, Any]:
    return {
        "kind": "grid",
        "caption": _runs(grid.caption, place),
        "columns": [_runs(column, place) for column in grid.columns],
        "wide": [
            any(len(word) > _WIDE for row in grid.rows for word in plain(row.cells[number]).split())
            for number in range(len(grid.columns) - 1)
        ],
        "rows": [
            {
                "header": _runs(row.header, place),
                "cells": [{"runs": _runs(cell, place), "number": value(cell) is not None} for cell in row.cells],
                "level": row.level,
                "total": row.total,
            }
            for row in grid.rows
        ],
    }


def _runs(text: Markup, place: _Place) -> list[Run]:
    return [_set(run, place) for run in runs(text)]


def _set(run: Run, place: _Place) -> Run:
    """A run as the template takes it. A link leads to a page of the web or into the document, else it is only text."""
    if run["kind"] == "text":
        return {"kind": "text", "text": _printable(re.sub(r"\s+", " ", run["text"]))}
    inner = [_set(r, place) for r in run["runs"]]
    if run["kind"] == "link":
        to = run["to"]
        if to.startswith("#") and to[1:] in place.anchors:
            return {"kind": "jump", "to": to[1:], "runs": inner}
        if not to.startswith(("https://", "http://", "mailto:")):
            return {"kind": "plain", "runs": inner}
        return {"kind": "link", "to": to, "runs": inner}
    if run["kind"] == "isolated":
        text = "".join(_flat(inner))
        return {
            "kind": "apart" if _turns(text, place.rtl) else "plain",
            "runs": inner,
            "direction": _direction(text, place.rtl),
        }
    return {"kind": run["kind"], "runs": inner}


def _flat(given: Sequence[Run]) -> Iterator[str]:
    for run in given:
        if run["kind"] == "text":
            yield run["text"]
        else:
            yield from _flat(run["runs"])


def _turns(text: str, rtl: bool) -> bool:
    """Whether a text must be set apart, since it would change the order of what stands around it, or be changed by it.

    Setting apart costs line breaks, and PDFium then reads the Arabic words beside it back to front: so only where needed.
    """
    kinds = [unicodedata.bidirectional(c) for c in text]
    right, left = not _RIGHT.isdisjoint(kinds), "L" in kinds
    if right and left:
        return True
    if not right and not left:
        return not set(kinds) <= _NUMBER
    if right == rtl:
        return False
    own = _RIGHT if right else {"L"}
    return kinds[0] not in own or kinds[-1] not in own | {"EN"}


def _direction(text: str, rtl: bool) -> str:
    """The direction of the first character that has one, else that of the page."""
    for kind in map(unicodedata.bidirectional, text):
        if kind == "L" or kind in _RIGHT:
            return "ltr" if kind == "L" else "rtl"
    return "rtl" if rtl else "ltr"


def _printable(text: str) -> str:
    """The text as the fonts can set it: `[U+1F600]` for a character that they lack; long words may break."""
    glyphs = covered()
    text = _SELECTORS.sub("", _VOWEL_SIGNS.sub("", text))
    text = _LONG_WORD.sub(lambda word: _PIECE.sub(rf"\1{_ZERO_WIDTH_SPACE}", word[0]), text)
    if all(ord(c) in glyphs for c in text):
        return text
    return "".join(c if ord(c) in glyphs else UNREADABLE if ord(c) < 0x20 else f"[U+{ord(c):04X}]" for c in text)


def drawing(svg: str) -> str:
    """The drawing with a font that comes with this program, and no character that it lacks."""

    def shown(match: re.Match[str]) -> str:
        return f">{escape(_printable(unescape(match[1])), quote=False)}<"

    svg = re.sub(r"<(title|desc)[^>]*>[^<]*</\1>", "", svg)
    return re.sub(r">([^<]+)<", shown, svg).replace('font-family="sans-serif"', 'font-family="Amiri"', 1)
