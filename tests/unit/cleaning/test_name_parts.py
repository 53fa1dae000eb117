"""The parts of a name and their roles. All names are invented."""

from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from casualty_pipeline.cleaning.names import arabic_normal, latin_normal, name_parts

_ROLES = ("title", "kunya", "given", "father", "grandfather", "forefathers", "family", "nisba")


def parts(en: str | None = None, ar: str | None = None) -> dict[str, Any]:
    struct = pl.select(name_parts(pl.lit(ar, pl.String), pl.lit(en, pl.String))).item()
    suffix = "_en" if en is not None else "_ar"
    return {field.removesuffix(suffix): v for field, v in struct.items() if field.endswith(suffix) and v is not None}


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("Samir", {"given": "samir", "told": "one word"}),
        ("Samir Darwish", {"given": "samir", "family": "darwish", "told": "two words"}),
        ("Samir Ali Darwish", {"given": "samir", "father": "ali", "family": "darwish", "told": "three words"}),
        (
            "Samir Ali Hasan Darwish",
            {"given": "samir", "father": "ali", "grandfather": "hasan", "family": "darwish", "told": "four words"},
        ),
        ("Abd al-Rahman Darwish", {"given": "abdalrahman", "family": "darwish", "told": "two words"}),
    ],
)
def test_words_are_told_by_their_position(name: str, roles: dict[str, str]) -> None:
    assert parts(en=name) == roles


def test_forefathers_stand_between_grandfather_and_family() -> None:
    read = parts(en="Samir Ali Hasan Omar Salim Darwish")
    assert (read["grandfather"], read["forefathers"], read["family"]) == ("hasan", "omar salim", "darwish")


@pytest.mark.parametrize("name", ["Samir bin Ali Darwish", "Samir, son of Ali Darwish", "Samir ibn Ali Darwish"])
def test_a_particle_marks_the_father(name: str) -> None:
    assert parts(en=name) == {"given": "samir", "father": "ali", "family": "darwish", "told": "particle"}


def test_particles_mark_father_and_grandfather_in_arabic() -> None:
    roles = {"given": "سمير", "father": "علي", "grandfather": "حسن", "family": "درويش", "told": "particle"}
    assert parts(ar="سمير بن علي بن حسن درويش") == roles


def test_a_name_that_begins_like_the_particle_is_none() -> None:
    assert parts(ar="سمير بندر بنان")["father"] == "بندر"


def test_a_family_name_with_the_article_may_stand_before_the_father() -> None:
    roles = {"given": "samir", "father": "hasan", "family": "alkhatib", "told": "particle"}
    assert parts(en="Samir al-Khatib, son of Hasan") == roles


@pytest.mark.parametrize("name", ["أبو عمر", "ابوعمر", "أم عمر"])
def test_a_kunya_alone_is_all_that_is_told(name: str) -> None:
    assert set(parts(ar=name)) == {"kunya", "told"}


def test_behind_a_kunya_one_word_is_the_family_name_and_more_are_a_name() -> None:
    assert parts(en="Abu Omar al-Halabi") == {"kunya": "abuomar", "family": "alhalabi", "told": "kunya"}
    assert parts(en="Abu Omar Samir Darwish") == {
        "kunya": "abuomar",
        "given": "samir",
        "family": "darwish",
        "told": "two words",
    }


def test_abu_at_the_end_is_the_family_name_unless_one_stands_before_it() -> None:
    assert parts(en="Samir Ali Abu Darwish")["family"] == "abudarwish"
    assert parts(en="Samir al-Ahmad Abu Omar") == {
        "kunya": "abuomar",
        "given": "samir",
        "family": "alahmad",
        "told": "two words",
    }


@pytest.mark.parametrize("name", ["أمين درويش", "أمل درويش"])
def test_names_that_begin_like_umm_are_no_kunyas(name: str) -> None:
    assert "kunya" not in parts(ar=name)


def test_a_nisba_stands_beside_a_family_name_and_alone_is_one() -> None:
    assert parts(en="Samir Ali al-Ahmad al-Halabi") == {
        "given": "samir",
        "father": "ali",
        "family": "alahmad",
        "nisba": "alhalabi",
        "told": "three words",
    }
    assert parts(ar="سمير علي الحلبي")["family"] == "الحلبي"


def test_titles_go_in_front_and_belong_to_the_family_name_behind() -> None:
    assert parts(en="Haj Samir Ali Darwish")["title"] == "haj"
    assert parts(en="Samir al-Haj Ali")["family"] == "alhaj ali"


@pytest.mark.parametrize(
    ("name", "given_name"),
    [("محمد خير علي درويش", "محمد خير"), ("نور الهدى درويش", "نور الهدي"), ("محمد علي درويش", "محمد")],
)
def test_known_compounds_are_one_given_name(name: str, given_name: str) -> None:
    assert parts(ar=name)["given"] == given_name


def test_abd_before_a_name_of_god_is_one_word_and_else_a_name_by_itself() -> None:
    assert parts(ar="سمير علي عبد الرحمن درويش")["grandfather"] == "عبدالرحمن"
    assert parts(ar="سمير علي عبد درويش")["grandfather"] == "عبد"


@pytest.mark.parametrize("name", ["Wife of Samir Darwish", "53 Unidentified", "Member of the Darwish family"])
def test_who_is_described_and_not_named_has_no_parts(name: str) -> None:
    assert parts(en=name) == {}


def test_each_script_has_its_own_parts() -> None:
    both = pl.select(name_parts(pl.lit("سمير علي درويش"), pl.lit("Samir Darwish"))).item()
    assert (both["father_ar"], both["father_en"]) == ("علي", None)


def test_nothing_has_no_parts() -> None:
    assert set(pl.select(name_parts(pl.lit(None, pl.String), pl.lit("", pl.String))).item().values()) == {None}


_WORDS = st.lists(
    st.sampled_from(["Samir", "al-Khatib", "Abu", "Um", "bin", "Ali", "Haj", "Abd", "al-Halabi", "Nour", "al Huda"])
    | st.sampled_from(["سمير", "الخطيب", "أبو", "أم", "بن", "علي", "الحاج", "عبد", "الحلبي", "نور", "ابن", "الهدى"]),
    min_size=1,
    max_size=8,
).map(" ".join)


@settings(max_examples=6, deadline=None)
@given(st.lists(_WORDS, min_size=30, max_size=60))
@example(["Abu al-Khatib Haj Ali", "عبد أبو أم علي"])
def test_but_for_particles_the_parts_hold_every_letter_of_the_normal_form_and_no_more(names: list[str]) -> None:
    name = pl.col("name")
    read = pl.DataFrame({"name": names}).select(parts=name_parts(name, name), ar=arabic_normal(name), en=latin_normal(name))
    for row in read.unnest("parts").iter_rows(named=True):
        for script in ("ar", "en"):
            if row[f"told_{script}"] not in {None, "particle"}:
                letters = "".join(row[f"{role}_{script}"] or "" for role in _ROLES)
                assert sorted(letters.replace(" ", "")) == sorted(row[script].replace(" ", ""))
