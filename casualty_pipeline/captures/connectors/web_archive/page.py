"""A page as text: what a reader would see, and what the page says of itself.

One pass from left to right that takes what is broken as browsers do (what is never closed goes on to the end), so that its
time is proportional to the page's length whatever the page is; `html.parser` of Python 3.11 isn't (CVE-2025-6069).
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

_TAG_NAME = re.compile(r"/?[A-Za-z][^\s/>]*+")
_TO_TAG_END = re.compile(r"""[^"'>]*+(?:"[^"]*+"[^"'>]*+|'[^']*+'[^"'>]*+)*+>""")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)\s*+(?:=\s*+("[^"]*+"|'[^']*+'|[^\s>"']++))?+""")
_CHARSET = re.compile(rb"""<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]{1,40})""", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_BREAK = "\0"  # between blocks: no page holds it
_RAW = {"script", "style", "textarea", "title", "noscript", "iframe", "xmp"}  # hold text in which < opens no tag
_HIDDEN = {"template", "svg", "math", "object", "select", "button", "dialog"}
_CHROME = {"nav", "footer", "aside"}  # around the text: taken only where there is nothing else
_MAIN = {"article", "main"}
_LINES = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br caption dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
        "h5 h6 header hr li main nav ol p pre section table td th tr ul",
    )
)
_PUBLISHED = ("article:published_time", "og:published_time", "datepublished", "dc.date.issued", "dc.date", "date", "pubdate")
_EDITED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
_AUTHOR = ("author", "article:author", "dc.creator")
_LONGEST_LD = 1_000_000
# Codecs of Python that aren't charsets of pages; the first takes time by the square of the length.
_NO_CHARSETS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"}


@dataclass
class Page:
    """What a page says. `content` has a line for each block; moments are as the page gives them."""

    title: str | None = None
    published: str | None = None
    edited: str | None = None
    author: str | None = None
    canonical: str | None = None
    content: str = ""


@dataclass
class _Seen:
    """What was met on the way through."""

    text: list[str] = field(default_factory=list)
    main: list[str] = field(default_factory=list)
    chrome: list[str] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)  # how many elements of those that matter are open
    script: str = ""  # the type of the script that was opened last
    linked_data: list[str] = field(default_factory=list)
    canonical: str | None = None
    title: str | None = None
    time: str | None = None

    def __post_init__(self) -> None:
        self.into = [self.text]  # where text belongs at present

    def change(self, name: str, by: int) -> None:
        """An element that matters opens, or is closed."""
        self.open[name] = max(0, self.open.get(name, 0) + by)
        inside = {opened for opened, times in self.open.items() if times}
        if inside & _HIDDEN:
            self.into = []
        elif inside & _CHROME:
            self.into = [self.chrome]
        else:
            self.into = [self.text, self.main] if inside & _MAIN else [self.text]

    def add(self, text: str) -> None:
        """Take text in where it belongs."""
        for pieces in self.into:
            pieces.append(text)


def text_of(payload: bytes, declared: str) -> str:
    """A payload as text, by its mark, the charset that the server declared, or the page itself; else as UTF-8.

    Bytes that aren't of that charset become U+FFFD: the page is kept as it was, its text is for reading.
    """
    found = _CHARSET.search(payload[:4096])
    for charset in ("utf-8-sig" if payload.startswith(b"\xef\xbb\xbf") else "", declared, found and found[1].decode()):
        try:
            if charset and codecs.lookup(charset).name.replace("-", "_") not in _NO_CHARSETS:
                return payload.decode(charset, "replace")
        except (LookupError, ValueError):
            continue
    return payload.decode("utf-8", "replace")


def read_page(text: str) -> Page:
    """What an HTML page says. Never raises for what the text is."""
    seen = _Seen()
    for kind, given in _pieces(text.replace(_BREAK, "\ufffd")):
        if kind == "text":
            seen.add(given)
        else:
            _tag(seen, kind, given)
    told = _told(seen)
    everything, main = _lines(seen.text), _lines(seen.main)
    # An article is the page where it is most of it; teasers of other articles aren't.
    content = main if 2 * len(main) >= len(everything) else everything
    return Page(
        title=_clean(seen.meta.get("og:title") or seen.title),
        published=_clean(_first(seen.meta, _PUBLISHED) or told.get("datePublished") or seen.time),
        edited=_clean(_first(seen.meta, _EDITED) or told.get("dateModified")),
        author=_clean(_first(seen.meta, _AUTHOR) or told.get("author")),
        canonical=_clean(seen.canonical),
        content=content or _lines(seen.chrome),
    )


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Text, and tags by name with what stands in them; a raw element's content comes as `name=` before its end tag."""
    at, end = 0, len(text)
    while at < end:
        opens = text.find("<", at)
        if opens < 0:
            opens = end
        if opens > at:
            yield "text", _unescaped(text[at:opens])
        if opens == end:
            return
        at = opens + 1
        name = _TAG_NAME.match(text, at)
        if name:
            closes = _TO_TAG_END.match(text, name.end())
            if not closes:
                return
            at, tag = closes.end(), name.group().lower()
            yield tag, text[name.end() : at - 1]
            if tag in _RAW:
                found = re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE).search(text, at)
                yield f"{tag}=", text[at : found.start() if found else end]
                at = found.start() if found else end
        elif text.startswith(("!", "/", "?"), at):
            comment = text.startswith("!--", at)
            closes_at = text.find("-->" if comment else ">", at + (3 if comment else 1))
            if closes_at < 0:
                return
            at = closes_at + (3 if comment else 1)
        else:
            yield "text", "<"


def _tag(seen: _Seen, name: str, given: str) -> None:
    base = name.removeprefix("/")
    if base in _HIDDEN or base in _CHROME or base in _MAIN:
        seen.change(base, -1 if name.startswith("/") else 0 if given.endswith("/") else 1)
    if base in _LINES:
        seen.add(_BREAK)
    match name:
        case "meta":
            attributes = _attributes(given)
            told = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
            seen.meta.setdefault(told.lower(), attributes.get("content", ""))
        case "link":
            attributes = _attributes(given)
            if "canonical" in attributes.get("rel", "").lower().split():
                seen.canonical = seen.canonical or attributes.get("href")
        case "time":
            seen.time = seen.time or _attributes(given).get("datetime")
        case "title=":
            seen.title = seen.title or _unescaped(given)
        case "script":
            seen.script = _attributes(given).get("type", "").lower()
        case "script=":
            if seen.script == "application/ld+json" and len(given) <= _LONGEST_LD:
                seen.linked_data.append(given)
        case _:
            pass


def _attributes(given: str) -> dict[str, str]:
    found = dict[str, str]()
    for name, value in _ATTRIBUTE.findall(given[:20_000]):
        found.setdefault(name.lower(), _unescaped(value.strip("\"'")))
    return found


def _told(seen: _Seen) -> dict[str, str]:
    """What the page's JSON-LD says of the article that it is: the first object that gives a date."""
    for thing in _things(seen.linked_data):
        if isinstance(thing.get("datePublished"), str):
            author = thing.get("author")
            author = author[0] if isinstance(author, list) and author else author
            author = author.get("name") if isinstance(author, dict) else author
            said = {"author": author, **{name: thing.get(name) for name in ("datePublished", "dateModified")}}
            return {name: value for name, value in said.items() if isinstance(value, str)}
    return {}


def _things(linked_data: list[str]) -> Iterator[dict[str, Any]]:
    """The objects of JSON-LD scripts: alone, in a list, or in a graph."""
    for text in linked_data:
        try:
            given = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        for thing in given if isinstance(given, list) else [given]:
            if isinstance(thing, dict):
                graph = thing.get("@graph")
                yield thing
                yield from (t for t in graph if isinstance(t, dict)) if isinstance(graph, list) else ()


def _first(given: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((given[name] for name in names if given.get(name, "").strip()), None)


def _clean(text: str | None) -> str | None:
    return _SPACE.sub(" ", text).strip()[:2000] or None if text else None


def _lines(pieces: list[str]) -> str:
    """One line for each block, spaces as one, no empty lines."""
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(pieces).split(_BREAK))
    return "\n".join(line for line in lines if line)


def _unescaped(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # a character's number of thousands of digits
        return text
