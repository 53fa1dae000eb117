"""A register of deaths through the tabular connector: Arabic headers, and a name that stands in parts."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.sources import Source
from casualty_pipeline.errors import CasualtyError
from tests.fixtures import forms
from tests.fixtures.reading import read_file, source_of, told


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("registry")


@pytest.fixture(scope="module")
def source(folder: Path) -> Source:
    return source_of(folder, forms.DECLARATIONS["civil_registry"])


def test_parts_of_a_name_are_joined_and_blank_ones_left_out(source: Source, folder: Path) -> None:
    rows = read_file(source, forms.write_civil_registry(folder)).all_statements()
    assert rows["name_ar"].to_list() == [
        "تامو فارو كيدو أوندي",
        "سيلا تامو أوندي",
        "ميرو تال رام كاندو",
        "دالو سول رام باردي",
    ]
    assert rows["source_key"].to_list() == ["1201", "1202", "1203", "1204"]


def test_the_mother_and_the_place_and_number_of_the_register_are_kept(source: Source, folder: Path) -> None:
    first = read_file(source, forms.write_civil_registry(folder)).all_statements().row(0, named=True)
    assert json.loads(first["extra"]) == {"اسم الأم": "نالا", "محل القيد": "كفر وهمية", "الخانة": "14"}


def test_an_entry_without_its_number_is_rejected(source: Source, folder: Path) -> None:
    found = told(read_file(source, forms.write_civil_registry(folder)))
    assert found == [(None, 6, "no key: without one the row can't be told from others")]


def test_every_part_of_a_joined_field_must_be_there(source: Source, folder: Path) -> None:
    content = forms.write_civil_registry(folder).read_text(encoding="utf-8").replace("اسم الجد", "الجد", 1)
    path = folder / "changed.csv"
    path.write_text(content, encoding="utf-8")
    assert "expected the column 'اسم الجد' (a part of name_ar)" in told(read_file(source, path))[0][2]


@pytest.mark.parametrize("wrong", ["{join = []}", "{joined = ['a']}", "7", "[]", "{join = 'a'}", "[1]"])
def test_what_is_neither_a_column_nor_several_is_refused(tmp_path: Path, wrong: str) -> None:
    declaration = forms.DECLARATIONS["civil_registry"].replace('"الجنس"', wrong)
    with pytest.raises(CasualtyError, match=r"table 1: sex is .* expected a column, a list of columns, or \{join"):
        source_of(tmp_path, declaration)


def test_a_key_may_be_one_column_but_not_none(tmp_path: Path) -> None:
    declaration = forms.DECLARATIONS["civil_registry"]
    assert source_of(tmp_path, declaration.replace('["رقم القيد"]', '"رقم القيد"')).tables[0].key == ("رقم القيد",)
    with pytest.raises(CasualtyError, match=r"the key is \[\]; expected a column"):
        source_of(tmp_path, declaration.replace('["رقم القيد"]', "[]"))


PARTS = st.lists(st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs")), max_size=6), min_size=4, max_size=4)


@settings(max_examples=20, deadline=None)
@given(PARTS)
def test_a_joined_name_is_its_parts_with_single_spaces_between(source: Source, folder: Path, parts: list[str]) -> None:
    header = ["رقم القيد", "الاسم", "اسم الأب", "اسم الجد", "النسبة", "الجنس", "محافظة القيد", "تاريخ الولادة"]
    rest = ["تاريخ الوفاة", "مكان الوفاة", "سبب الوفاة", "تاريخ التسجيل"]
    path = forms.write_csv(folder / "one.csv", [[*header, *rest], ["1", *parts, *[""] * 7]])
    expected = " ".join(part.strip() for part in parts if part.strip()) or None
    assert read_file(source, path).all_statements()["name_ar"].to_list() == [expected]
