"""What the pages of these connectors show as working, works."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from casualty_pipeline.captures.connectors.victim_form.connector import schema
from tests.fixtures.reading import source_of

PAGES = Path(__file__).parents[4] / "docs" / "connectors"
DECLARED = {
    "kobo": ("kobo", 1),
    "victim-form": ("victim_form", 0),
    "civil-registry": ("tabular", 1),
    "tabular": ("tabular", 1),
    "airwars": ("tabular", 2),
}


def shown(page: str, language: str) -> str:
    (block,) = re.findall(rf"```{language}\n(.*?)```", (PAGES / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL)
    return str(block)


@pytest.mark.parametrize("page", DECLARED)
def test_the_declaration_on_a_page_is_one(tmp_path: Path, page: str) -> None:
    source = source_of(tmp_path, shown(page, "toml"))
    assert (source.connector, len(source.tables)) == DECLARED[page]


def test_the_form_on_the_page_is_one() -> None:
    Draft202012Validator(schema()).validate(json.loads(shown("victim-form", "json")))


@pytest.mark.parametrize("page", DECLARED)
def test_what_a_page_links_to_is_there(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (PAGES / target).resolve().is_file(), target
