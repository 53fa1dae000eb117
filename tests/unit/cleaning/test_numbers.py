"""Ages and numbers of persons as sources write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.cleaning.numbers import BIRTH_YEARS, OLDEST, read_age, read_count

# text: lowest and highest age in completed years, rule
AGES = {
    "34": (34, 34, "years"),
    " 34.0 ": (34, 34, "years"),
    "٣٤": (34, 34, "years"),
    "0": (0, 0, "years"),
    "34.5": (34, 34, "years"),
    "aged 34": (34, 34, "years"),
    "twenty-five": (25, 25, "years"),
    "ثلاثة وعشرون": (23, 23, "years"),
    "خمسة عشر": (15, 15, "years"),
    "34 years old": (34, 34, "with_units"),
    "34 y/o": (34, 34, "with_units"),
    "18-month-old": (1, 1, "with_units"),
    "18-month-old baby": (1, 1, "with_units"),
    "7 سنوات": (7, 7, "with_units"),
    "عمره 5 سنوات": (5, 5, "with_units"),
    "سنتان": (2, 2, "with_units"),
    "3 days": (0, 0, "with_units"),
    "One hour old": (0, 0, "with_units"),
    "يومان": (0, 0, "with_units"),
    "يوم واحد": (0, 0, "with_units"),
    "three weeks": (0, 0, "with_units"),
    "18 months": (1, 1, "with_units"),
    "12 months": (1, 1, "with_units"),
    "٥ أشهر": (0, 0, "with_units"),
    "1 year, 3 months": (1, 1, "with_units"),
    "1 year 10 days old": (1, 1, "with_units"),
    "a year and a half": (1, 1, "with_units"),
    "1 and a half": (1, 1, "years"),
    "سنة ونصف": (1, 1, "with_units"),
    "سنة وثلاثة أشهر": (1, 1, "with_units"),
    "20-25": (20, 25, "range"),
    "20 to 25": (20, 25, "range"),
    "13 or 14": (13, 14, "range"),
    "31/32": (31, 32, "range"),
    "between 20 and 25": (20, 25, "range"),
    "من 20 إلى 25 سنة": (20, 25, "range"),
    "بين 20 و25": (20, 25, "range"),
    "7-9 months": (0, 0, "range"),
    "60s": (60, 69, "decade"),
    "in his thirties": (30, 39, "decade"),
    "في الثلاثينات": (30, 39, "decade"),
    "عشريني": (20, 29, "decade"),
    "العقد الثالث": (20, 29, "decade"),
    "late 40s": (47, 49, "decade"),
    "mid-late 20s": (24, 29, "decade"),
    "early to mid-thirties": (30, 36, "decade"),
    "over 60": (60, OLDEST, "at_least"),
    "70+": (70, OLDEST, "at_least"),
    "60 or older": (60, OLDEST, "at_least"),
    "أكثر من 60 سنة": (60, OLDEST, "at_least"),
    "under 10": (0, 9, "under"),
    "less than a year": (0, 0, "under"),
    "newborn": (0, 0, "word"),
    "A baby": (0, 1, "word"),
    "رضيع": (0, 1, "word"),
}
NO_AGES = {
    "121": "expected an age from 0 to 120",
    "2200": "expected an age from 0 to 120",
    "25-20": "the lower first",
    "63 or 54": "the lower first",
    "30-130": "expected ages from 0 to 120",
    "child": "an age group, which has a field of its own",
    "-5": "expected an age",
    "about 30": "expected an age",
    "25 m": "expected an age",  # months, or a man
    "5 3": "expected an age",
    "": "expected an age",
    "9" * 5000: "expected an age",
}
COUNTS = {"53": 53, "٥٣": 53, "5.0": 5, " 1 ": 1, "0": 0, "999999": 999_999}
NO_COUNTS = ("", "-1", "2.5", "several", "=1+1", "1e3", "1000000", "5-6", "9" * 5000)


@pytest.mark.parametrize("text", AGES)
def test_an_age_is_read_in_completed_years(text: str) -> None:
    reading = read_age(text)
    assert (reading.first, reading.last, reading.rule) == AGES[text]


@pytest.mark.parametrize("text", NO_AGES, ids=lambda text: text[:10])
def test_what_is_no_age_is_refused_not_guessed(text: str) -> None:
    reading = read_age(text)
    assert (reading.first, reading.rule, reading.birth_year) == (None, None, None)
    assert NO_AGES[text] in (reading.reason or "")


@pytest.mark.parametrize("text", ["late 40s", "infant", "toddler", "1983"])
def test_what_rests_on_a_convention_says_so(text: str) -> None:
    assert read_age(text).certainty == "assumed"


@pytest.mark.parametrize(("text", "year"), [("1983", 1983), ("٢٠١٢", 2012)])
def test_a_year_in_the_place_of_an_age_is_a_year_of_birth(text: str, year: int) -> None:
    reading = read_age(text)
    assert (reading.birth_year, reading.rule, reading.first, reading.reason) == (year, "birth_year_as_age", None, None)


@pytest.mark.parametrize("text", ["unborn", "Fetus", "جنين", "an unborn child"])
def test_who_was_not_born_has_no_age(text: str) -> None:
    reading = read_age(text)
    assert (reading.unborn, reading.first, reading.reason) == (True, None, None)


@pytest.mark.parametrize("text", COUNTS)
def test_a_number_of_persons_is_read(text: str) -> None:
    reading = read_count(text)
    assert (reading.first, reading.last, reading.reason) == (COUNTS[text], COUNTS[text], None)


@pytest.mark.parametrize("text", NO_COUNTS, ids=lambda text: text[:10])
def test_what_is_no_number_of_persons_is_refused(text: str) -> None:
    reading = read_count(text)
    assert (reading.first, reading.last, reading.reason) == (None, None, "expected a whole number of persons")


_PIECES = [
    *"0123456789٣-+., ",
    "year",
    "months",
    "days",
    "سنة",
    "شهر",
    "و",
    "نصف",
    "and a half",
    "twenty",
    "over",
    "late",
    "s",
]
_agelike = st.lists(st.sampled_from(_PIECES), max_size=7).map("".join) | st.lists(st.sampled_from(_PIECES)).map(" ".join)


@given(st.text() | _agelike)
def test_any_text_is_an_age_a_year_of_birth_an_unborn_child_or_a_reason(text: str) -> None:
    age, count = read_age(text), read_count(text)
    assert [age.first is not None, age.birth_year is not None, age.unborn, age.reason is not None].count(True) == 1
    assert (count.first is None) == (count.last is None) == (count.reason is not None)
    assert (age.rule is None) == (age.certainty is None) == (age.reason is not None)
    if age.first is not None and age.last is not None:
        assert 0 <= age.first <= age.last <= OLDEST
    assert age.birth_year is None or age.birth_year in BIRTH_YEARS


@given(_agelike)
def test_arabic_digits_mean_what_european_ones_mean(text: str) -> None:
    eastern = text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert read_age(eastern) == read_age(text)


@given(st.integers(0, OLDEST), st.integers(0, OLDEST))
def test_a_range_of_ages_is_read_back(one: int, other: int) -> None:
    first, last = sorted((one, other))
    reading = read_age(f"{first}-{last}")
    assert (reading.first, reading.last) == (first, last)
