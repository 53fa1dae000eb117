"""Ages and numbers of persons as sources write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.cleaning.numbers import OLDEST, NumberReading, read_age, read_count

AGES = {
    "34": (34, 34),
    " 34.0 ": (34, 34),
    "٣٤": (34, 34),
    "34 years old": (34, 34),
    "7 سنوات": (7, 7),
    "0": (0, 0),
    "20-25": (20, 25),
    "20 to 25": (20, 25),
    "3 days": (0, 0),
    "18 months": (1, 1),
    "٥ أشهر": (0, 0),
}
NO_AGES = {
    "1983": "looks like a year of birth",
    "121": "expected an age from 0 to 120",
    "25-20": "the lower first",
    "30-130": "expected a range of ages from 0 to 120",
    "-5": "expected an age",
    "about 30": "expected an age",
    "": "expected an age",
    "9" * 5000: "expected an age",
}
COUNTS = {"53": 53, "٥٣": 53, "5.0": 5, " 1 ": 1, "0": 0, "999999": 999_999}
NO_COUNTS = ("", "-1", "2.5", "several", "=1+1", "1e3", "1000000", "5-6", "9" * 5000)


@pytest.mark.parametrize("text", AGES)
def test_an_age_is_read(text: str) -> None:
    assert read_age(text) == NumberReading(*AGES[text], None)


@pytest.mark.parametrize("text", NO_AGES, ids=lambda text: text[:10])
def test_what_is_no_age_is_refused_not_guessed(text: str) -> None:
    reading = read_age(text)
    assert reading.first is None
    assert NO_AGES[text] in (reading.reason or "")


@pytest.mark.parametrize("text", COUNTS)
def test_a_number_of_persons_is_read(text: str) -> None:
    assert read_count(text) == NumberReading(COUNTS[text], COUNTS[text], None)


@pytest.mark.parametrize("text", NO_COUNTS, ids=lambda text: text[:10])
def test_what_is_no_number_of_persons_is_refused(text: str) -> None:
    assert read_count(text) == NumberReading(None, None, "expected a whole number of persons")


_NUMBERISH = st.from_regex(r"[-+]?\d{1,3}( ?(-|to|years?|months?|days?|سنة|شهر) ?\d{0,3})?", fullmatch=True)


@given(st.text() | _NUMBERISH)
def test_any_text_is_a_number_or_a_reason(text: str) -> None:
    for reading in (read_age(text), read_count(text)):
        assert (reading.first is None) == (reading.last is None) == (reading.reason is not None)
        if reading.first is not None and reading.last is not None:
            assert 0 <= reading.first <= reading.last


@given(st.integers(0, OLDEST), st.integers(0, OLDEST))
def test_a_range_of_ages_is_read_back(one: int, other: int) -> None:
    first, last = sorted((one, other))
    assert read_age(f"{first}-{last}") == NumberReading(first, last, None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1.5", 1, 1),  # completed years
        ("2.5 years", 2, 2),
        ("60s", 60, 69),
        ("31/32", 31, 32),
        ("13 or 14", 13, 14),
        ("5 months old", 0, 0),
        ("20 days old", 0, 0),
    ],
)
def test_ages_as_recorders_write_them_are_intervals(text: str, first: int, last: int) -> None:
    assert (read_age(text).first, read_age(text).last) == (first, last)


def test_of_two_ages_the_higher_first_is_a_mistake_to_ask_about() -> None:
    assert read_age("63 or 54").reason is not None
