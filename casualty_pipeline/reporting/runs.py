"""Takes the inline HTML of a document's texts apart, for formats that aren't HTML.

What belongs here: `Markup` in, plain values out. What doesn't: how a format shows them. The texts are made by `voice.py`
and `sections.py`: a handful of elements, everything from data escaped. What isn't known here is shown as its text.
"""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup

Run = dict[str, Any]  # {"kind": "text", "text": ...} or {"kind": ..., "runs": [...]}, a link with "to"
_KINDS = {"strong": "strong", "b": "strong", "em": "emphasis", "i": "emphasis", "small": "small", "bdi": "isolated"}
_KINDS |= {"code": "code", "a": "link"}
_VALUE = re.compile(r'^<data value="(-?\d+(?:\.\d+)?)"[^>]*>[^<]*</data>$')


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root: list[Run] = []
        self._open: list[tuple[str, list[Run]]] = [("", self.root)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given, runs = dict(attrs), self._open[-1][1]
        if tag == "br":
            runs.append({"kind": "text", "text": " "})
            return
        inner = runs
        row = tag == "a" and given.get("class") == "figure"  # to the row of a figure, which only the page has
        if tag in _KINDS and not row:
            inner = []
            runs.append({"kind": _KINDS[tag], "runs": inner})
            if tag == "a":
                runs[-1]["to"] = given.get("href") or ""
        elif "verdict" in (given.get("class") or "").split() and "different" in (given.get("class") or ""):
            inner = []
            runs.append({"kind": "strong", "runs": inner})
        self._open.append((tag, inner))

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1][1].append({"kind": "text", "text": data})


def runs(text: Markup | str) -> list[Run]:
    """The text as runs: `text`, or `strong`, `emphasis`, `small`, `isolated`, `code`, `link` with runs inside."""
    reader = _Reader()
    reader.feed(str(Markup.escape(text)))
    reader.close()
    return reader.root


def plain(text: Markup | str) -> str:
    """The text alone, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", str(Markup.escape(text)))).split())


def value(text: Markup) -> float | None:
    """The number that a table cell states, or None where it states none."""
    found = _VALUE.match(str(text))
    return float(found[1]) if found else None


def picture_words(svg: Markup) -> tuple[str, str]:
    """The title and the description of a drawing, which stand at its beginning."""
    found = [re.search(rf"<{tag}[^>]*>([^<]*)</{tag}>", str(svg)) for tag in ("title", "desc")]
    title, description = (unescape(match[1]).strip() if match else "" for match in found)
    return title, description
