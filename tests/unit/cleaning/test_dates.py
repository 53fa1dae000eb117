"""Dates as sources write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.cleaning.dates import EARLIEST_YEAR, PLACEHOLDERS, read_date

ONE_DAY = (
    *("2020-03-05", "2020/3/5", "2020.03.05", "2020-03-05T14:30:00Z", "2020-03-05 14:30", "2020-03-05 00:00:00"),
    *(
        "5/3/2020",
        "05-03-2020",
        "5.3.2020",
        " 5 March 2020 ",
        "5th of March 2020",
        "5 Mar, 2020",
        "March 5, 2020",
        "MARCH 5 2020",
    ),
    *("٥/٣/٢٠٢٠", "۲۰۲۰-۰۳-۰۵", "5 آذار 2020", "٥ مارس، ٢٠٢٠", "5 اذار 2020"),
)
INTERVALS = {
    "2020-02": (date(2020, 2, 1), date(2020, 2, 29)),
    "2019-02": (date(2019, 2, 1), date(2019, 2, 28)),
    "شباط 2020": (date(2020, 2, 1), date(2020, 2, 29)),
    "2020": (date(2020, 1, 1), date(2020, 12, 31)),
    "early March 2020": (date(2020, 3, 1), date(2020, 3, 10)),
    "mid March 2020": (date(2020, 3, 11), date(2020, 3, 20)),
    "late February 2020": (date(2020, 2, 21), date(2020, 2, 29)),
    "كانون الأول 2012": (date(2012, 12, 1), date(2012, 12, 31)),
}
REFUSED = {
    "31 February 2020": "there is no day 31 in month 2 of 2020",
    "29/2/2019": "there is no day 29 in month 2 of 2019",
    "2020-00-10": "there is no month 0",
    "3/25/2020": "there is no month 25; expected year-month-day, or day/month/year",
    "1970-01-01": "what software writes for a missing date",
    "1/1/1900": "what software writes for a missing date",
    "0020-03-05": "the year 20 can't be meant",
    "9999": "the year 9999 can't be meant",
    "5 March": "not a date in any form that is known",
    "43895": "not a date in any form that is known",
    "": "not a date in any form that is known",
    "2020-03-05 and 2020-03-06": "not a date in any form that is known",
}
days = st.dates(date(EARLIEST_YEAR, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize("text", ONE_DAY)
def test_a_day_is_read_in_many_notations(text: str) -> None:
    reading = read_date(text)
    assert (reading.first, reading.last, reading.reason) == (date(2020, 3, 5), date(2020, 3, 5), None)


@pytest.mark.parametrize("text", INTERVALS)
def test_what_is_less_exact_than_a_day_is_an_interval(text: str) -> None:
    reading = read_date(text)
    assert (reading.first, reading.last) == INTERVALS[text]


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_meant_is_refused_with_the_reason(text: str) -> None:
    reading = read_date(text)
    assert (reading.first, reading.last) == (None, None)
    assert REFUSED[text] in (reading.reason or "")


def test_people_are_born_on_the_first_of_january() -> None:
    """Registries write it where only the year is known: of a birth it is believed."""
    assert read_date("1970-01-01", of_birth=True).first == date(1970, 1, 1)


@given(days)
def test_every_day_written_by_us_is_read_back(day: date) -> None:
    for text in (day.isoformat(), f"{day.day}/{day.month}/{day.year}", f"{day:%d %B %Y}", f"{day:%B %d, %Y}"):
        reading = read_date(text, of_birth=True)
        assert (reading.first, reading.last) == (day, day)
        assert (read_date(text).first is None) == (day in PLACEHOLDERS)


@given(st.text() | st.from_regex(r"[\d٠-٩]{1,4}[-/. ]([\d]{1,2}|march|آذار)[-/. ][\d]{1,4}", fullmatch=True))
def test_any_text_is_an_interval_or_a_reason(text: str) -> None:
    reading = read_date(text)
    assert (reading.first is None) == (reading.last is None) == (reading.reason is not None)
    if reading.first is not None and reading.last is not None:
        assert timedelta(0) <= reading.last - reading.first <= timedelta(365)
