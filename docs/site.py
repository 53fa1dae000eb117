"""What `make docs` adds to the pages beside this file: the reference, made from the code, and the list of decisions.

Links that lead out of docs/ (to code, to a test) work where the repository is looked at, and have no place in the site: what
they point to must exist, and then the link becomes plain text.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

DOCS = Path(__file__).parent
_LINK = re.compile(r"\[([^\]\[]+)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"(?m)^# (?:\d+\. )?(.+)$")


def on_config(config: Any) -> Any:
    """The decisions, by number."""
    decisions = []
    for page in sorted((DOCS / "adr").glob("*.md")):
        heading = _HEADING.search(page.read_text(encoding="utf-8"))
        if heading is None:
            raise ValueError(f"{page.name}: expected a heading in its first line")
        decisions.append({f"{page.name[:4]} {heading[1]}": f"adr/{page.name}"})
    config.nav.append({"Decisions": decisions})
    return config


def on_files(files: Files, config: Any) -> Files:
    """The reference pages."""
    from casualty_pipeline.reference import PAGES

    for name, make in PAGES.items():
        files.append(File.generated(config, f"reference/{name}.md", content=make()))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:  # noqa: ARG001
    """Links out of docs/ become text; one that leads nowhere stops the build."""
    folder = (DOCS / page.file.src_uri).parent

    def link(found: re.Match[str]) -> str:
        target = found[2].split("#")[0]
        if not target or "://" in target or (folder / target).resolve().is_relative_to(DOCS):
            return found[0]
        if not (folder / target).exists():
            raise ValueError(f"docs/{page.file.src_uri}: the link to {found[2]} leads nowhere")
        return found[1]

    return _LINK.sub(link, markdown)
