"""Declarations of sources: what is wrong in one is named."""

from pathlib import Path

import pytest

from casualty_pipeline.captures.sources import DECISIONS, known_sources, load_source
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home

GOOD = """\
id = "field"
name = "Field teams"
[[tables]]
file = "*.CSV"
statement = "person"
key = ["no"]
[tables.columns]
name_en = ["name", "latin name"]
age = "age"
"""
WRONG = {
    "broken TOML": (("[[tables]]", "[[tables]"), "not valid TOML"),
    "no name": (('name = "Field teams"\n', ""), "expected the key 'name'"),
    "another id": (('id = "field"', 'id = "press"'), "the id is 'press', the file says 'field'"),
    "no key": (('key = ["no"]\n', ""), "table 1: expected the key 'key'"),
    "an unknown statement": (('"person"', '"martian"'), "statement 'martian'; expected one of person, group, incident"),
    "an unknown field": (("age =", "shoe_size ="), "unknown field 'shoe_size'; expected one of affiliation, age"),
    "a field of persons for a citation": (('"person"', '"citation"'), "unknown field 'age'"),
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.sources.mkdir()
    (made.sources / "field.toml").write_text(GOOD, encoding="utf-8")
    return made


def test_a_declaration_is_read(home: Home) -> None:
    source = load_source(home, "field")
    (table,) = source.tables_for("deep/in/Folders.csv")
    assert table.columns == {"name_en": ("name", "latin name"), "age": ("age",)}
    assert source.tables_for("people.xlsx") == ()
    assert (source.unnamed_counted, source.one_row_per_person, source.access_level) == (False, False, "confidential")


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_declaration_is_named(home: Home, case: str) -> None:
    (old, new), reason = WRONG[case]
    (home.sources / "field.toml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(CasualtyError) as caught:
        load_source(home, "field")
    assert reason in str(caught.value)
    assert "field.toml" in str(caught.value)


@pytest.mark.parametrize("name", ["rumours", "../field", "sources/field", ""])
def test_an_unknown_source_is_answered_with_those_there_are(home: Home, name: str) -> None:
    with pytest.raises(
        CasualtyError, match=rf"no source .*: expected one of airwars, field, {DECISIONS}, or a declaration at"
    ):
        load_source(home, name)


def test_a_changed_declaration_is_another_version_so_that_captures_are_read_again(home: Home) -> None:
    before = load_source(home, "field").version
    (home.sources / "field.toml").write_text(GOOD.replace('"age"', '"years"'), encoding="utf-8")
    assert load_source(home, "field").version != before


def test_the_home_s_declaration_wins_over_the_profile_s(home: Home) -> None:
    assert {s.id: s.name for s in known_sources(home)} == {"airwars": "Airwars, Syria", "field": "Field teams"}
    (home.sources / "airwars.toml").write_text(GOOD.replace('"field"', '"airwars"'), encoding="utf-8")
    assert load_source(home, "airwars").name == "Field teams"
