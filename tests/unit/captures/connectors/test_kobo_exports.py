"""KoBoToolbox and ODK exports: an entry of a repeat group is a person, and knows what its submission says."""

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from casualty_pipeline.captures.connectors.batch import Batch
from casualty_pipeline.captures.connectors.kobo import exports
from casualty_pipeline.captures.sources import Source
from tests.fixtures import forms
from tests.fixtures.reading import read_delivery, read_file, source_of, told

OF_INCIDENT = ["incident_date", "documented_date", "governorate", "party"]


def declared(folder: Path, name: str, *changes: tuple[str, str]) -> Source:
    text = forms.DECLARATIONS[name]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return source_of(folder, text)


def stated(batch: Batch) -> pl.DataFrame:
    return batch.all_statements()


def books(batch: Batch) -> tuple[int, int]:
    return stated(batch).height, len(batch.rejections)


def test_the_fixtures_say_of_themselves_how_many_rows_are_read_and_refused(tmp_path: Path) -> None:
    assert books(read_file(declared(tmp_path, "kobo_forms"), forms.write_kobo_xlsx(tmp_path))) == (4, 11)
    assert books(read_file(declared(tmp_path, "odk_forms"), forms.write_odk_zip(tmp_path))) == (2, 3)
    (tmp_path / "set").mkdir()
    forms.write_kobo_csv_set(tmp_path / "set")
    assert books(read_delivery(declared(tmp_path, "kobo_csv"), tmp_path / "set", tmp_path)) == (4, 10)


def test_the_same_fixture_is_the_same_bytes(tmp_path: Path) -> None:
    for write in (forms.write_kobo_xlsx, forms.write_odk_zip, forms.write_civil_registry, forms.write_victim_forms):
        assert write(tmp_path).read_bytes() == write(tmp_path).read_bytes()


def test_a_person_inherits_what_the_submission_says(tmp_path: Path) -> None:
    rows = stated(read_file(declared(tmp_path, "kobo_forms"), forms.write_kobo_xlsx(tmp_path)))
    assert rows["name_en"].to_list() == ["Tamo Varo Ondi", "Sela Varo Ondi", "Miro Tal Kando", "Neva Kor Mandi"]
    assert rows.row(1, named=True) | {"extra": None} == rows.row(1, named=True) | {
        "extra": None,
        "sheet": "victims",
        "row_number": 3,
        "source_key": "uuid-1/2",
        "age": "7",
        "incident_date": "2020-03-05",
        "documented_date": "2020-03-12T09:30:00",
        "governorate": "Idlib",
        "party": "Russian forces",
        "mechanism": "airstrike",
    }


def test_doubtful_values_go_on_as_they_were_given(tmp_path: Path) -> None:
    """31 February, a year of birth as an age, an unknown party: quarantine is where they are shown."""
    rows = stated(read_file(declared(tmp_path, "kobo_forms"), forms.write_kobo_xlsx(tmp_path)))
    assert rows["incident_date"].to_list()[2:] == ["2020-02-31", "2020-03-07"]
    assert rows.row(3, named=True)["age"] == "1983"
    assert rows.row(3, named=True)["party"] == "the hill people"


def test_every_rejected_row_has_its_place_and_reason(tmp_path: Path) -> None:
    found = told(read_file(declared(tmp_path, "kobo_forms"), forms.write_kobo_xlsx(tmp_path)))
    expected = [
        ("casualty_form", 4, "found validation_status_not_approved"),
        ("casualty_form", 5, "found validation_status_on_hold"),
        ("casualty_form", 8, "the _index 7 stands 2 times"),
        ("casualty_form", 9, "the _index 7 stands 2 times"),
        ("casualty_form", 7, "no row of victims belongs to it"),
        ("victims", 5, "row 4 of casualty_form, which it belongs to, isn't read: not counted"),
        ("victims", 6, "row 5 of casualty_form, which it belongs to, isn't read: not counted"),
        ("victims", 8, "no row of casualty_form has the _index 99"),
        ("victims", 10, "the _index 7 stands 2 times in casualty_form"),
        ("victims", 9, "two columns answer it differently (victims/age, victims/about/age)"),
        ("witnesses", None, "no table of the source's declaration speaks of 'witnesses'; expected victims"),
    ]
    assert [(sheet, row) for sheet, row, _ in found] == [(sheet, row) for sheet, row, _ in expected]
    assert all(part in reason for (_, _, reason), (_, _, part) in zip(found, expected, strict=True))


def test_what_is_not_mapped_is_kept_with_the_submission_s_columns_named_as_the_parent_s(tmp_path: Path) -> None:
    extra = json.loads(stated(read_file(declared(tmp_path, "kobo_forms"), forms.write_kobo_xlsx(tmp_path)))["extra"][0])
    assert extra["../__version__"] == "v2"
    assert extra["../_uuid"] == "uuid-1"
    assert extra["_parent_index"] == "1"
    assert "victims/name_ar" not in extra
    assert "victims/age" not in extra


def test_any_status_is_read_where_the_declaration_says_so(tmp_path: Path) -> None:
    source = declared(tmp_path, "kobo_forms", ("[options]", '[options]\nvalidation = "any"'))
    assert books(read_file(source, forms.write_kobo_xlsx(tmp_path))) == (6, 7)


def test_an_export_that_does_not_say_what_was_approved_is_refused(tmp_path: Path) -> None:
    path = forms.write_csv(tmp_path / "form.csv", [["_uuid", "name"], ["u-1", "Tamo"]])
    source = one_table(tmp_path, 'key = ["_uuid"]', 'name_en = "name"', options='validation = "approved"')
    batch = read_file(source, path)
    assert books(batch) == (0, 1)
    assert "expected a column _validation_status or ReviewState" in told(batch)[0][2]


@pytest.mark.parametrize("said", ["Approved", "approved", " validation_status_approved "])
def test_a_status_may_be_a_label(tmp_path: Path, said: str) -> None:
    path = forms.write_csv(tmp_path / "form.csv", [["_uuid", "name", "_validation_status"], ["u-1", "Tamo", said]])
    source = one_table(tmp_path, 'key = ["_uuid"]', 'name_en = "name"', options="")
    assert books(read_file(source, path)) == (1, 0)


def one_table(
    folder: Path, key: str, columns: str, options: str = 'validation = "any"', sheet: str = "", statement: str = "person"
) -> Source:
    """A declaration of one table: of the submissions themselves, or of a repeat group."""
    named = f'sheet = "{sheet}"\n' if sheet else ""
    return source_of(
        folder,
        f'id = "forms"\nname = "Forms"\nconnector = "kobo"\n[options]\n{options}\n[[tables]]\nfile = "*"\n{named}'
        f'statement = "{statement}"\n{key}\n[tables.columns]\n{columns}\n',
    )


def read_rows(folder: Path, rows: list[list[object]], columns: str, options: str = 'validation = "any"') -> Batch:
    path = forms.write_csv(folder / "form.csv", rows)
    return read_file(one_table(folder, 'key = ["_uuid"]', columns, options), path)


@pytest.mark.parametrize("separator", ["/", ".", "-"])
def test_a_question_is_found_without_its_groups(tmp_path: Path, separator: str) -> None:
    header = separator.join(["form", "person", "name"])
    batch = read_rows(tmp_path, [["_uuid", header], ["u-1", "Tamo"]], 'name_en = "name"')
    assert stated(batch)["name_en"].to_list() == ["Tamo"]


def test_a_whole_header_wins_over_a_question_of_that_name_in_a_group(tmp_path: Path) -> None:
    rows: list[list[object]] = [["_uuid", "reporter/name", "name"], ["u-1", "Sela", "Tamo"]]
    assert stated(read_rows(tmp_path, rows, 'name_en = "name"'))["name_en"].to_list() == ["Tamo"]
    assert stated(read_rows(tmp_path, rows, 'name_en = "reporter/name"'))["name_en"].to_list() == ["Sela"]


def test_a_group_with_the_name_of_a_question_is_not_taken_for_it(tmp_path: Path) -> None:
    rows: list[list[object]] = [["_uuid", "name/confirmed", "victim/name"], ["u-1", "1", "Tamo"]]
    assert stated(read_rows(tmp_path, rows, 'name_en = "name"'))["name_en"].to_list() == ["Tamo"]


def test_labels_may_be_headers(tmp_path: Path) -> None:
    rows: list[list[object]] = [["_uuid", "الضحية/ما اسم الضحية؟"], ["u-1", "تامو"]]
    assert stated(read_rows(tmp_path, rows, 'name_ar = "ما اسم الضحية؟"'))["name_ar"].to_list() == ["تامو"]


def test_versions_of_a_form_may_ask_in_different_groups_if_a_row_has_one_answer(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["_uuid", "__version__", "old/age", "new/age"],
        ["u-1", "v1", "30", ""],
        ["u-2", "v2", "", "31"],
        ["u-3", "v2", "32", "32"],
        ["u-4", "v2", "33", "34"],
    ]
    batch = read_rows(tmp_path, rows, 'age = "age"')
    assert stated(batch)["age"].to_list() == ["30", "31", "32"]
    assert [(row, reason[:35]) for _, row, reason in told(batch)] == [(5, "two columns answer it differently (")]


def test_a_field_that_a_version_does_not_ask_is_missing_only_where_the_declaration_allows_it(tmp_path: Path) -> None:
    rows: list[list[object]] = [["_uuid", "name"], ["u-1", "Tamo"]]
    columns = 'name_en = "name"\naffiliation = "organisation"'
    assert "expected the column 'organisation' (mapped to affiliation)" in told(read_rows(tmp_path, rows, columns))[0][2]
    allowed = 'validation = "any"\noptional = ["affiliation"]'
    assert stated(read_rows(tmp_path, rows, columns, allowed))["affiliation"].to_list() == [None]


SUMMARY = ["burns", "burns shrapnel", ""]
OPTIONS = [("1", "0"), ("1", "1"), ("0", "0")]
WORDS = [("TRUE", "FALSE"), ("True", "True"), ("", "")]


@pytest.mark.parametrize("style", ["one column", "a column each", "a column each, in words", "both"])
def test_several_answers_are_the_same_in_each_style_of_export(tmp_path: Path, style: str) -> None:
    header, cells = ["person/injuries"], [[summary] for summary in SUMMARY]
    if style != "one column":
        flags = WORDS if style.endswith("words") else OPTIONS
        header = [*(header if style == "both" else []), "person/injuries/burns", "person/injuries/shrapnel"]
        cells = [[*(row if style == "both" else []), *pair] for row, pair in zip(cells, flags, strict=True)]
    rows: list[list[object]] = [["_uuid", *header]]
    rows += [[f"u-{n}", *row] for n, row in enumerate(cells)]
    batch = read_rows(tmp_path, rows, 'circumstance = "injuries"')
    assert stated(batch)["circumstance"].to_list() == ["burns", "burns shrapnel", None]
    assert stated(batch)["extra"].to_list() == [None] * 3


def test_answers_that_contradict_their_options_are_rejected(tmp_path: Path) -> None:
    rows: list[list[object]] = [["_uuid", "injuries", "injuries/burns", "injuries/shrapnel"], ["u-1", "burns", "1", "1"]]
    batch = read_rows(tmp_path, rows, 'circumstance = "injuries"')
    assert books(batch) == (0, 1)
    assert "the column 'injuries' and the columns of its options say different things" in told(batch)[0][2]


def test_a_repeat_group_hides_its_submission_s_question_of_the_same_name(tmp_path: Path) -> None:
    """`../name` is the submission's own, as XLSForm writes it."""
    path = forms.write_workbook(
        tmp_path / "form.xlsx",
        {
            "form": [["name", "_uuid", "_index"], ["Reporter", "u-1", 1]],
            "victims": [["name", "_parent_index"], ["Tamo", 1], ["", 1]],
        },
    )
    columns = 'name_en = "name"\noriginal_source = "../name"'
    batch = read_file(one_table(tmp_path, 'key = ["_uuid", "_position"]', columns, sheet="victims"), path)
    found = stated(batch).select("source_key", "name_en", "original_source").rows()
    assert found == [("u-1/1", "Tamo", "Reporter"), ("u-1/2", None, "Reporter")]


def test_a_repeat_group_in_a_repeat_group_knows_both_above_it(tmp_path: Path) -> None:
    path = forms.write_workbook(
        tmp_path / "form.xlsx",
        {
            "form": [["day", "_uuid", "_index"], ["2020-03-05", "u-1", 1], ["2020-03-06", "u-2", 2]],
            "strikes": [
                ["target", "_index", "_parent_table_name", "_parent_index"],
                ["school", 1, "form", 2],
                ["road", 2, "form", 1],
            ],
            "victims": [["name", "_parent_table_name", "_parent_index"], ["Tamo", "strikes", 2], ["Sela", "strikes", 1]],
        },
    )
    columns = 'name_en = "name"\nplace = "target"\nincident_date = "day"'
    batch = read_file(one_table(tmp_path, 'key = ["_uuid", "_position"]', columns, sheet="victims"), path)
    found = stated(batch).select("source_key", "name_en", "place", "incident_date").rows()
    assert found == [("u-1/1", "Tamo", "road", "2020-03-05"), ("u-2/1", "Sela", "school", "2020-03-06")]
    assert books(batch) == (2, 0)


def test_two_entries_with_one_key_are_not_one_person(tmp_path: Path) -> None:
    """Brothers in one submission: a key without `_position` would make one person of them (C7)."""
    path = forms.write_workbook(
        tmp_path / "form.xlsx",
        {
            "form": [["_uuid", "_index"], ["u-1", 1]],
            "victims": [["name", "_parent_index"], ["Tamo", 1], ["Sela", 1]],
        },
    )
    batch = read_file(one_table(tmp_path, 'key = ["_uuid"]', 'name_en = "name"', sheet="victims"), path)
    assert books(batch) == (1, 1)
    assert "its key stands in row 2 already" in told(batch)[0][2]


def test_rows_of_two_exports_are_not_joined(tmp_path: Path) -> None:
    """`_index` counts anew in each export: the uuid tells that this victim is of another submission."""
    path = forms.write_workbook(
        tmp_path / "form.xlsx",
        {
            "form": [["_uuid", "_index"], ["u-2", 1]],
            "victims": [["name", "_parent_index", "_submission__uuid"], ["Tamo", 1, "u-1"]],
        },
    )
    batch = read_file(one_table(tmp_path, 'key = ["_uuid"]', 'name_en = "name"', sheet="victims"), path)
    assert ("victims", 2, "it is of submission u-1, but row 2 of form is of u-2: these are not of one export") in told(batch)


def test_csv_files_of_a_folder_belong_together_and_those_of_another_folder_do_not(tmp_path: Path) -> None:
    for name in ("march", "april"):
        (tmp_path / "sent" / name).mkdir(parents=True)
        forms.write_kobo_csv_set(tmp_path / "sent" / name)
    (tmp_path / "sent/april/casualty_form.csv").unlink()
    batch = read_delivery(declared(tmp_path, "kobo_csv"), tmp_path / "sent", tmp_path)
    assert stated(batch)["file"].unique().to_list() == ["march/victims.csv"]
    reasons = [(e.original_name, r.reason) for e, r in batch.rejections if e.original_name.startswith("april")]
    assert [name for name, _ in reasons] == ["april/victims.csv"]
    assert "a repeat group whose parent 'casualty_form' is not here" in reasons[0][1]


def test_photographs_are_named_relative_to_the_delivery_where_the_form_names_them(tmp_path: Path) -> None:
    batch = read_file(declared(tmp_path, "kobo_forms"), forms.write_kobo_xlsx(tmp_path), "march/casualty_form.xlsx")
    first = batch.attachments.row(0, named=True)
    assert (first["name"], first["role"], first["source_key"]) == ("march/1700001.jpg", "photo", "uuid-1/1")
    assert (first["sheet"], first["row_number"]) == ("casualty_form", 2)
    assert first["url"] == "https://kobo.example/media/1700001.jpg"


def test_a_list_of_attachments_is_read_and_one_that_cannot_be_is_told(tmp_path: Path) -> None:
    good = json.dumps([{"filename": "team/attachments/a/b/1.mp4", "download_url": "https://kobo.example/1"}])
    rows: list[list[object]] = [
        ["_uuid", "_attachments"],
        ["u-1", good],
        ["u-2", "[{'filename': 1}]"],
        ["u-3", '[{"filename": "../../etc/passwd"}]'],
        ["u-4", "[" * 5_000],
    ]
    batch = read_rows(tmp_path, rows, "")
    assert batch.attachments.select("name", "role", "url").rows() == [
        ("team/attachments/a/b/1.mp4", "video", "https://kobo.example/1")
    ]
    assert [row for _, row, _ in told(batch)] == [3, 4, 5]
    assert books(batch) == (4, 3)  # the statements stand: only their files can't be matched


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"notes.txt": "x"}, "no CSV file in this ZIP"),
        ({f"{n}.csv": "a\n1\n" for n in range(101)}, "expected at most 100 CSV files"),
        ({"a.csv": "name\n1\n", "b/a.csv": "name\n2\n"}, "two files of this export are called 'a'"),
    ],
)
def test_a_zip_that_is_no_export_is_refused(tmp_path: Path, members: dict[str, str | bytes], reason: str) -> None:
    batch = read_file(one_table(tmp_path, 'key = ["name"]', ""), forms.write_zip(tmp_path / "export.zip", members))
    assert books(batch) == (0, 1)
    assert reason in told(batch)[0][2]


def test_a_zip_bomb_is_refused_by_what_it_says_and_by_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "LARGEST_WORKBOOK", 1_000_000)
    bomb = forms.write_zip(tmp_path / "bomb.zip", {"a.csv": "name\n" + "x\n" * 1_000_000})
    source = one_table(tmp_path, 'key = ["name"]', "")
    assert "2,000,005 bytes when unpacked" in told(read_file(source, bomb))[0][2]
    with zipfile.ZipFile(bomb) as package:
        (member,) = package.infolist()
        size = member.file_size.to_bytes(4, "little")
    lying = tmp_path / "lying.zip"
    lying.write_bytes(bomb.read_bytes().replace(size, (5).to_bytes(4, "little")))
    batch = read_file(source, lying)
    assert books(batch) == (0, 1)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ('validate = "any"', "the option 'validate'; expected validation, ignore, optional"),
        ("validation = true", "validation = True; expected 'approved' or 'any'"),
        ('ignore = "vehicles"', "ignore = 'vehicles'; expected a list of names"),
    ],
)
def test_wrong_options_are_told(tmp_path: Path, options: str, reason: str) -> None:
    path = forms.write_csv(tmp_path / "form.csv", [["name"], ["x"]])
    batch = read_file(one_table(tmp_path, 'key = ["name"]', "", options), path)
    assert reason in told(batch)[0][2]


def test_a_file_that_no_table_fits_is_refused(tmp_path: Path) -> None:
    batch = read_file(declared(tmp_path, "odk_forms"), forms.write_csv(tmp_path / "form.csv", [["a"], ["1"]]))
    assert told(batch) == [(None, None, "no table of the source's declaration fits this file name; expected *.zip")]
