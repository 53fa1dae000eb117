"""How many persons a name stands for, and what it says of them. All names are invented."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.cleaning.names import is_unnamed, stated_demographics, stated_persons, uncounted_companions


def persons(en: str | None = None, ar: str | None = None) -> int:
    return int(pl.select(stated_persons(pl.lit(en, pl.String), pl.lit(ar, pl.String))).item())


def demographics(en: str | None = None, ar: str | None = None) -> dict[str, int]:
    read = pl.select(stated_demographics(pl.lit(en, pl.String), pl.lit(ar, pl.String))).item()
    return {field: number for field, number in read.items() if number}


def uncounted(en: str | None = None, ar: str | None = None) -> bool:
    return bool(pl.select(uncounted_companions(pl.lit(en, pl.String), pl.lit(ar, pl.String))).item())


@pytest.mark.parametrize(
    ("name", "number", "said"),
    [
        ("53 Unidentified", 53, {}),
        ("Wife and three kids of Samir Darwish", 4, {"children": 3, "women": 1, "female": 1}),
        ("Samir Darwish's wife and two sons", 3, {"women": 1, "female": 1, "male": 2}),
        ("Two girls and a boy", 3, {"children": 3, "female": 2, "male": 1}),
        ("Two women and three children of the Darwish family", 5, {"children": 3, "women": 2, "female": 2}),
        ("3 unidentified women and 2 children", 5, {"children": 2, "women": 3, "female": 3}),
        ("Three female civilians", 3, {"female": 3}),
        ("Wife of Samir Darwish and her two children", 3, {"children": 2, "women": 1, "female": 1}),
        ("Mother of Samir and her daughter", 2, {"women": 1, "female": 2}),
        ("His parents", 2, {"women": 1, "men": 1, "female": 1, "male": 1}),
        # Of a daughter the sex is said, not the age; and a number behind the noun is an ordinal.
        ("daughters of Samir Darwish 1", 1, {"female": 1}),
        ("Unidentified 30 year old female", 1, {"female": 1}),
        ("Baby girl of Samir", 1, {"children": 1, "female": 1}),
        ("Son/daughter of Samir 1", 1, {}),
        ("Samir Darwish", 1, {}),
        # A named person and companions: of the named person, the name says nothing.
        ("Samir Darwish and his two children", 3, {"children": 2}),
        ("Samir Darwish and his wife and two children", 4, {"children": 2, "women": 1, "female": 1}),
        ("Samir and Basel Darwish", 2, {}),
        ("9999 martyrs", 1, {}),
    ],
)
def test_persons_and_what_is_said_of_them(name: str, number: int, said: dict[str, int]) -> None:
    assert (persons(en=name), demographics(en=name)) == (number, said)


@pytest.mark.parametrize(
    ("name", "number", "said"),
    [
        ("٥٣ مجهول الهوية", 53, {}),
        ("ثلاثة أطفال من عائلة درويش", 3, {"children": 3}),
        ("سمير درويش وطفلاه", 3, {"children": 2}),
        ("سمير درويش وزوجته وأطفاله الثلاثة", 5, {"children": 3, "women": 1, "female": 1}),
        ("زوجة سمير وطفليها", 3, {"children": 2, "women": 1, "female": 1}),
        ("امرأة وطفلان", 3, {"children": 2, "women": 1, "female": 1}),
        ("ابنة سمير", 1, {"female": 1}),
        ("سمير درويش وابنه", 2, {"male": 1}),
        ("جثة طفلة", 1, {"children": 1, "female": 1}),
        # Child, son of Samir: nouns in a row are one person.
        ("طفل ابن سمير", 1, {"children": 1}),
        ("وليد وحيد والي", 1, {}),
    ],
)
def test_the_same_in_arabic(name: str, number: int, said: dict[str, int]) -> None:
    assert (persons(ar=name), demographics(ar=name)) == (number, said)


def test_the_script_that_states_more_persons_speaks() -> None:
    assert persons(en="Child of Samir", ar="٣ بنات") == 3
    assert demographics(en="Child of Samir", ar="٣ بنات") == {"female": 3}


def test_arabic_speaks_where_english_says_nothing() -> None:
    assert demographics(en="Unidentified", ar="امرأة مجهولة") == {"women": 1, "female": 1}


@pytest.mark.parametrize(
    "name",
    ["Samir Darwish and his family", "Darwish family", "Children of Samir Darwish", "Nasim Darwish and Wahhab"],
)
def test_persons_without_a_number_are_said_to_be_uncounted(name: str) -> None:
    assert uncounted(en=name)
    assert persons(en=name) == 1


def test_uncounted_companions_in_arabic() -> None:
    assert uncounted(ar="سمير درويش وعائلته")


@pytest.mark.parametrize(
    "name",
    [
        "Daughters of Samir 2",
        "One of the sons of Samir",
        "Member of the Darwish family",
        "Samir, father of two girls",
        "Samir",
    ],
)
def test_one_of_many_is_one_person(name: str) -> None:
    assert not uncounted(en=name)
    assert persons(en=name) == 1


def test_who_is_named_with_companions_is_named() -> None:
    assert not pl.select(is_unnamed(pl.lit("Samir Darwish and his two children"), pl.lit(None, pl.String))).item()


_PHRASES = st.lists(
    st.sampled_from(
        ["two", "3", "11", "and", "his", "wife", "girls", "children", "of", "Samir", "woman", "'s", ",", "family"]
    )
    | st.sampled_from(["ثلاث", "طفلين", "وطفلاه", "نساء", "وزوجته", "سمير", "من", "٧", "جثث", "بنات", "ابن"]),
    max_size=9,
).map(" ".join)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(_PHRASES, _PHRASES), min_size=30, max_size=60))
def test_demographics_never_exceed_the_persons(names: list[tuple[str, str]]) -> None:
    frame = pl.DataFrame(names, schema=["en", "ar"], orient="row")
    en, ar = pl.col("en"), pl.col("ar")
    read = frame.select(persons=stated_persons(en, ar), said=stated_demographics(en, ar)).unnest("said")
    assert (read["persons"] >= 1).all()
    assert (read["persons"] >= read["children"] + read["women"] + read["men"]).all()
    assert (read["persons"] >= read["female"] + read["male"]).all()
