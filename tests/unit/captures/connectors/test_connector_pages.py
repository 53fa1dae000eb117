"""Every connector that this program offers has its page, with a declaration that works; and every page can be found."""

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from casualty_pipeline.captures.connectors.registry import GROUP, connector
from tests.fixtures.reading import source_of

DOCS = Path(__file__).parents[4] / "docs"
PAGES = DOCS / "connectors"
OURS = sorted(p.name for p in entry_points(group=GROUP) if p.value.startswith("casualty_pipeline."))
# Formats that the connector of tables reads by a declaration of their own, and the page for those who write a connector.
TABLES, FOR_AUTHORS = ("airwars", "civil-registry"), "your-own"


def declarations(page: str) -> list[str]:
    """The declarations of sources on a page, as they stand there."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    return [block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if block.startswith("id = ")]


def test_the_connectors_are_those_that_the_requirements_name() -> None:
    assert OURS == ["auto_archiver", "kobo", "tabular", "telegram", "victim_form", "web_archive"]


@pytest.mark.parametrize("name", OURS)
def test_every_connector_is_one_and_has_its_page_with_a_declaration_that_works(tmp_path: Path, name: str) -> None:
    assert connector(name).version
    (declared,) = declarations(name.replace("_", "-"))
    assert source_of(tmp_path, declared).connector == name


@pytest.mark.parametrize("page", TABLES)
def test_so_has_every_format_that_is_read_as_tables(tmp_path: Path, page: str) -> None:
    (declared,) = declarations(page)
    source = source_of(tmp_path, declared)
    assert (source.connector, bool(source.tables)) == ("tabular", True)


def test_no_page_speaks_of_a_connector_that_is_not_there() -> None:
    expected = {name.replace("_", "-") for name in OURS} | {*TABLES, FOR_AUTHORS}
    assert {page.stem for page in PAGES.glob("*.md")} == expected


def test_each_page_is_linked_from_the_page_on_sources_and_in_the_table_of_contents() -> None:
    sources, contents = (DOCS / "sources.md").read_text(encoding="utf-8"), (DOCS.parent / "mkdocs.yml").read_text("utf-8")
    for page in PAGES.glob("*.md"):
        assert f"(connectors/{page.name})" in sources, page.name
        assert f": connectors/{page.name}\n" in contents, page.name
