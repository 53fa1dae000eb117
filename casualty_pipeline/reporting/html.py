"""Renders a document as one self-contained HTML page. What belongs here: Jinja2. What doesn't: wording or figures."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from casualty_pipeline.reporting.document import Document
from casualty_pipeline.shipped import shipped


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(document: Document) -> str:
    """The page: no script, no request to anywhere."""
    return _environment().get_template("page.html.j2").render(page=document)
