"""Other names that a name holds. All names are invented."""

import polars as pl
import pytest

from casualty_pipeline.cleaning.names import other_names


def others(en: str | None = None, ar: str | None = None) -> list[str]:
    return list(pl.select(other_names(pl.lit(ar, pl.String), pl.lit(en, pl.String))).item())


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Samir Darwish (Abu Omar)", "Abu Omar"),
        ('Samir Darwish "al-Badawi"', "al-Badawi"),
        ('Samir Darwish "Abu Omar', "Abu Omar"),
        ("Samir [Basel] Darwish", "Basel"),
        ("Samir Darwish, aka Abu Omar", "Abu Omar"),
        ("Samir Darwish also known as George", "George"),
        ("Samir Darwish, nicknamed Abu Omar", "Abu Omar"),
        ("Samir Darwish / Abu Omar", "Abu Omar"),
    ],
)
def test_nicknames_kunyas_and_other_families_are_found_as_given(name: str, other: str) -> None:
    assert others(en=name) == [other]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("سمير درويش (أبو عمر)", "أبو عمر"),
        ("سمير درويش المعروف بـ الشامي", "الشامي"),
        ("سمير درويش الملقب بالشامي", "الشامي"),
    ],
)
def test_the_same_in_arabic(name: str, other: str) -> None:
    assert others(ar=name) == [other]


@pytest.mark.parametrize(
    "name",
    [
        "Rahaf Darwish (wife of Samir)",
        "Samir Darwish (65 years)",
        'Samir Darwish "child"',
        "Samir Darwish (from Kafr Ghazal)",
        "Samir Darwish (and family)",
        "Samir Darwish, Omar's son",
        "Samir al-Ma'rouf",
        # A name in quotation marks as a whole is the name.
        'The child "Samir Darwish"',
        # What stands beside a description is the other person's.
        "Wife of Samir Darwish (Abu Omar)",
        None,
    ],
)
def test_remarks_are_no_names(name: str | None) -> None:
    assert others(en=name) == []


def test_a_family_called_maarouf_is_not_known_as_anything() -> None:
    assert others(ar="سمير المعروف") == []


def test_both_scripts_are_read_each_name_once() -> None:
    assert others(en='Samir (Abu Omar) "Abu Omar"', ar="سمير (أبو عمر)") == ["أبو عمر", "Abu Omar"]


def test_rows_keep_their_places() -> None:
    frame = pl.DataFrame({"ar": [None, "سمير (الشامي)", None], "en": ["Samir (Basel)", None, "Samir"]})
    assert frame.select(other_names(pl.col("ar"), pl.col("en"))).to_series().to_list() == [["Basel"], ["الشامي"], []]
