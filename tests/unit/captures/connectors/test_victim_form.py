"""The victim form: what its schema allows is stated, with a pointer to the place; what it doesn't is told, all of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from casualty_pipeline.captures.connectors.batch import Batch
from casualty_pipeline.captures.connectors.victim_form import connector as victim_form
from casualty_pipeline.captures.connectors.victim_form.connector import CONNECTOR, SCHEMA, schema
from casualty_pipeline.captures.connectors.victim_form.strict_json import NotJsonError, faults, parse
from casualty_pipeline.captures.sources import Source
from casualty_pipeline.tables import STATEMENT_FIELDS
from tests.fixtures import forms
from tests.fixtures.reading import entry_of, read_file, source_of, told

DATES_TO_COME = {"injury_date", "arrest_date", "found_date", "reported_date"}
quiet = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forms")


@pytest.fixture(scope="module")
def source(folder: Path) -> Source:
    return source_of(folder, forms.DECLARATIONS["victim_forms"])


def read(source: Source, folder: Path, content: object, name: str = "form.json") -> Batch:
    path = folder / Path(name).name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read_file(source, path, name)


def faults_of(batch: Batch) -> list[tuple[str | None, str]]:
    return [(r.pointer, r.reason) for _, r in batch.rejections]


def test_the_schema_is_one_and_its_items_are_fields_of_statements() -> None:
    Draft202012Validator.check_schema(schema())
    items = set(schema()["properties"]) - {"form", "id", "sources", "attachments", "other", "confidential"}
    assert items - {c.name for c in STATEMENT_FIELDS} <= DATES_TO_COME
    assert set(schema()["properties"]["confidential"]["items"]["enum"]) == items | {"sources", "attachments", "other"}
    assert SCHEMA.name == "victim-form.schema.json"


def test_the_fixture_says_of_itself_how_many_forms_are_read_and_refused(tmp_path: Path, source: Source) -> None:
    batch = read_file(source, forms.write_victim_forms(tmp_path))
    assert (batch.all_statements().height, len(batch.rejections)) == (5, 3)


def test_a_form_is_a_statement_of_one_person_with_values_as_given(source: Source, folder: Path) -> None:
    content = (
        b'{"form": "victim-form/1", "id": " VF-9 ", "age": 34, "latitude": 35.930, "countable_media": true, "sex": null}'
    )
    row = read(source, folder, content).all_statements().row(0, named=True)
    assert (row["statement"], row["source_key"].strip(), row["candidate"]) == ("person", "VF-9", False)
    assert (row["age"], row["latitude"], row["countable_media"], row["sex"]) == ("34", "35.930", "yes", None)


@pytest.mark.parametrize(
    ("name", "content", "at"),
    [
        ("form.json", json.dumps(forms.victim_form(1)), [(None, "")]),
        ("form.json", json.dumps([forms.victim_form(1), forms.victim_form(2)], indent=1), [(None, "/0"), (None, "/1")]),
        (
            "form.jsonl",
            "\n".join(["", json.dumps(forms.victim_form(1)), json.dumps(forms.victim_form(2))]),
            [(2, ""), (3, "")],
        ),
        ("form.json", "\n".join(json.dumps(forms.victim_form(n)) for n in (1, 2)), [(1, ""), (2, "")]),
    ],
    ids=["one form", "an array", "lines", "lines by another name"],
)
def test_a_file_is_a_form_or_an_array_or_lines(
    source: Source, folder: Path, name: str, content: str, at: list[tuple[int | None, str]]
) -> None:
    batch = read(source, folder, content.encode("utf-8-sig"), name)
    assert faults_of(batch) == []
    assert batch.all_statements().select("row_number", "pointer").rows() == at


def test_what_is_confidential_is_kept_for_redaction(source: Source, folder: Path) -> None:
    form = forms.victim_form(
        1, sources=[{"name": "His brother"}], confidential=["name_ar", "sources"], other={"mother": "N."}
    )
    extra = json.loads(read(source, folder, form).all_statements()["extra"][0])
    assert extra == {
        "sources": [{"name": "His brother"}],
        "confidential": ["name_ar", "sources"],
        "other": {"mother": "N."},
    }


def test_dates_without_a_column_of_their_own_are_kept(source: Source, folder: Path) -> None:
    row = read(source, folder, forms.victim_form(1, arrest_date="2019")).all_statements().row(0, named=True)
    kept = row["arrest_date"] if "arrest_date" in row else json.loads(row["extra"])["arrest_date"]
    assert kept == "2019"


def test_attachments_come_with_their_hashes_relative_to_the_delivery(source: Source, folder: Path) -> None:
    attachment = {"name": "photos/1.jpg", "role": "photo", "hash_algorithm": "sha256", "hash": "ab" * 32}
    batch = read(source, folder, [forms.victim_form(1, attachments=[attachment])], "march/form.json")
    found = batch.attachments.row(0, named=True)
    assert (found["name"], found["pointer"]) == ("march/photos/1.jpg", "/0/attachments/0")
    assert (found["claimed_algorithm"], found["claimed_hash"]) == ("sha256", "ab" * 32)


WRONG: dict[str, tuple[object, str, str]] = {
    "another version": (
        forms.victim_form(1, form="victim-form/2"),
        "/0/form",
        "expected 'victim-form/1'",
    ),
    "no id": ({"form": "victim-form/1"}, "/0", "'id' is a required property"),
    "a blank id": (forms.victim_form(1, id=" "), "/0/id", "expected pattern"),
    "a wrong type": (forms.victim_form(1, age=[1]), "/0/age", "expected string or number or null, found array"),
    "an unknown item": (
        forms.victim_form(1, **{"a/b~": 1}),
        "/0/a~1b~0",
        "no item of the form; what it has no place for: other",
    ),
    "a long name": (forms.victim_form(1, name_en="x" * 1001), "/0/name_en", "1,001 characters; expected at most 1,000"),
    "an unknown confidential item": (forms.victim_form(1, confidential=["nme"]), "/0/confidential/0", "expected one of"),
    "a path that leads out": (
        forms.victim_form(1, attachments=[{"name": "../x"}]),
        "/0/attachments/0/name",
        "expected pattern",
    ),
    "an absolute path": (
        forms.victim_form(1, attachments=[{"name": "/etc/x"}]),
        "/0/attachments/0/name",
        "expected pattern",
    ),
    "a hash of nothing": (
        forms.victim_form(1, attachments=[{"name": "x", "hash": "ab" * 32}]),
        "/0/attachments/0",
        "dependency",
    ),
    "no form": (5, "/0", "expected object, found number"),
    "too deep": (forms.victim_form(1, other=json.loads("[" * 50 + "]" * 50)), "/0/other" + "/0" * 8, "nested too deep"),
    "half a character": (forms.victim_form(1, name_ar="\ud8aa"), "/0/name_ar", "holds half of a character"),
    "half a character in a key": (forms.victim_form(1, **{"\ud8aa": 1}), "/0/\ufffd", "its key: holds half of a character"),
    "NUL": (forms.victim_form(1, name_en="a\0b"), "/0/name_en", "holds a NUL character"),
    "a very long text": (forms.victim_form(1, narrative="x" * 100_001), "/0/narrative", "100,001 characters"),
    "too many values": (forms.victim_form(1, other=list(range(3_000))), "/0", "more than 2,000 values"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_its_place(source: Source, folder: Path, case: str) -> None:
    form, pointer, reason = WRONG[case]
    batch = read(source, folder, [form])
    found = faults_of(batch)
    assert batch.all_statements().height == 0
    assert found[0][0] == pointer
    assert reason in found[0][1]
    assert all(len(r.value or "") <= 200 for _, r in batch.rejections)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (b'"age": 1, "age": 2', "the key 'age' stands twice in one object"),
        (b'"age": NaN', "expected a number or null, found NaN"),
        (b'"age": -Infinity', "expected a number or null, found -Infinity"),
        (b'"age": 1e999', "too large"),
        (b'"age": ' + b"9" * 5_000, "a number of 5000 digits; expected at most 15"),
        (b'"name_en": "\\ud800"', "lone surrogate"),
    ],
)
def test_json_that_says_two_things_or_nothing_is_refused(source: Source, folder: Path, item: bytes, reason: str) -> None:
    batch = read(source, folder, b'[{"form": "victim-form/1", "id": "a", ' + item + b"}]")
    assert batch.all_statements().height == 0
    assert reason in faults_of(batch)[0][1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON: Expecting value at line 1, column 1"),
        (b"[]", "an empty list; expected forms"),
        (b"[" * 100_000, "nested too deep"),
        ('{"id": "تامو"}'.encode("cp1256"), "not UTF-8 (byte 0x"),
        ('{"id": "x"}'.encode("utf-16"), "not UTF-8"),
        (b'{"id": "x', "not JSON: Unterminated string"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(source: Source, folder: Path, content: bytes, reason: str) -> None:
    assert reason in faults_of(read(source, folder, content))[0][1]


def test_a_broken_line_is_rejected_alone(source: Source, folder: Path) -> None:
    lines: list[str | bytes] = [
        json.dumps(forms.victim_form(1)),
        '{"id": ',
        "x" * 1_000_001,
        '"é'.encode("latin-1"),
        json.dumps(forms.victim_form(2)),
    ]
    content = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    batch = read(source, folder, content, "forms.jsonl")
    assert batch.all_statements()["row_number"].to_list() == [1, 5]
    assert [row for _, row, _ in told(batch)] == [2, 3, 4]


def test_an_id_that_stands_twice_is_refused_since_one_would_supersede_the_other(source: Source, folder: Path) -> None:
    batch = read(source, folder, [forms.victim_form(1), forms.victim_form(1, age=99)])
    assert faults_of(batch) == [("/1/id", "this id stands at /0 already: which form is meant?")]
    assert batch.all_statements()["age"].to_list() == ["34"]


def test_a_file_that_is_too_large_is_refused_unread(source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(victim_form, "LARGEST_FILE", 10)
    assert faults_of(read(source, folder, [1, 2, 3, 4, 5])) == [
        (None, "15 bytes; expected at most 10: send forms in lines (.jsonl)")
    ]


def test_twenty_things_are_told_of_one_form_and_that_there_are_more(source: Source, folder: Path) -> None:
    found = faults_of(read(source, folder, [forms.victim_form(1, **{f"x{n}": n for n in range(30)})]))
    assert len(found) == 21
    assert found[-1] == ("/0", "at least 10 more things are wrong in this form")


def test_what_is_no_file_of_forms_is_given_up(source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(victim_form, "MOST_FAULTS_OF_A_FILE", 10)
    found = faults_of(read(source, folder, [1] * 1_000))
    assert len(found) == 11
    assert found[-1] == ("/10", "more than 10 things are wrong here: not a file of forms")


def test_only_json_is_asked_for_and_a_declaration_needs_nothing_more(source: Source, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"{}")
    assert CONNECTOR.reads(source, entry_of(source, tmp_path / "a", "Forms/A.JSON"))
    assert not CONNECTOR.reads(source, entry_of(source, tmp_path / "a", "a.jpg"))
    other = source_of(tmp_path, forms.DECLARATIONS["victim_forms"] + '[options]\nform = "2"\n')
    assert "neither tables nor options" in faults_of(read(other, folder, {}))[0][1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
ITEMS = st.dictionaries(st.sampled_from(sorted(schema()["properties"])), JSON | st.text(max_size=5), max_size=6)


@quiet
@given(forms_made=st.lists(ITEMS.map(lambda items: forms.victim_form(1, **items)) | JSON, min_size=1, max_size=4))
def test_every_form_is_a_statement_or_told(source: Source, folder: Path, forms_made: list[Any]) -> None:
    batch = read(source, folder, forms_made)
    stated = batch.all_statements()["pointer"].to_list()
    refused = {(r.pointer or "").split("/")[1] for _, r in batch.rejections}
    assert sorted([*(p[1:] for p in stated), *refused]) == sorted(str(n) for n in range(len(forms_made)))


@quiet
@given(content=st.binary(max_size=80) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"{}\n{}")
@example(b"\xef\xbb\xbf")
def test_any_bytes_are_forms_or_reasons(source: Source, folder: Path, content: bytes) -> None:
    for name in ("form.json", "form.jsonl", "form.txt"):
        batch = read(source, folder, content, name)
        assert batch.all_statements().height or batch.rejections or not content.strip()


@quiet
@given(JSON)
def test_a_document_without_faults_can_be_written_as_utf_8(value: Any) -> None:
    try:
        read_back = parse(json.dumps(value, allow_nan=False))
    except (NotJsonError, ValueError):
        return
    if not list(faults(read_back)):
        assert read_back == value
        json.dumps(read_back, ensure_ascii=False).encode("utf-8")
