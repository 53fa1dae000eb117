"""Renders a document as one self-contained HTML page. What belongs here: Jinja2. What doesn't: wording or figures.

The page holds a script, which sorts tables and shows what a number counts; without it everything can still be read. A
content security policy in the page allows that one script and no request to anywhere.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from html import unescape
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from casualty_pipeline.reporting.document import Document
from casualty_pipeline.reporting.runs import value
from casualty_pipeline.reporting.texts import catalogue
from casualty_pipeline.shipped import shipped

_WORDS = ("sort_by", "figure_panel", "figure_value", "figure_definition", "figure_address", "figure_trace", "figure_close")
_ADDRESS = re.compile(r'data-figure="([^"]*)"')
_NO_LABELS: Mapping[str, str] = MappingProxyType({})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["is_text"] = lambda cell: value(cell) is None
    return environment


@cache
def _script() -> tuple[Markup, str]:
    """The script and its hash, as a content security policy names it."""
    text = (shipped("templates") / "page.js").read_text(encoding="utf-8").strip()  # validators hash it without white space
    return Markup(text), "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()  # noqa: S704 - our own


def render(document: Document, labels: Mapping[str, str] = _NO_LABELS) -> str:
    """The page: no request to anywhere. `labels` say in words, by address, what figures count; those not on it are left out.

    Raises CasualtyError for a word of the page that the language lacks.
    """
    texts = catalogue(document.language)
    script, digest = _script()
    page = _environment().get_template("page.html.j2")
    return page.render(
        page=document,
        words=_data({name: str(texts[name]) for name in _WORDS}),
        labels=_data({address: labels[address] for address in sorted(_addresses(document)) if address in labels}),
        script=script,
        script_digest=digest,
    )


def _addresses(document: Document) -> set[str]:
    """The addresses of the figures that the page states."""
    return {unescape(address) for text in _texts(document) for address in _ADDRESS.findall(text)}


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif is_dataclass(part):
        for field in fields(part):
            yield from _texts(getattr(part, field.name))
    elif isinstance(part, Sequence):
        for inner in part:
            yield from _texts(inner)


def _data(given: Mapping[str, str]) -> Markup:
    """JSON that can stand in an attribute between single quotes: nothing in it can end one. Most of it is double quotes."""
    text = json.dumps(dict(given), ensure_ascii=False, separators=(",", ":"))
    for character in "&'<>":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - as it says
