"""Dates as sources write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.cleaning.calendar_words import MONTHS, folded
from casualty_pipeline.cleaning.date_points import EARLIEST_YEAR
from casualty_pipeline.cleaning.dates import PLACEHOLDERS, read_date, written

DAMASCUS = "Asia/Damascus"
START = date(2011, 3, 1)

# text: the rule by which it is 5 March 2020, and whether that is stated
ONE_DAY = {
    "2020-03-05": ("year_month_day", "stated"),
    "2020/3/5": ("year_month_day", "stated"),
    "2020.03.05": ("year_month_day", "stated"),
    "20200305": ("year_month_day", "stated"),
    "2020-03-05 14:30": ("year_month_day", "stated"),
    "2020-03-05 00:00:00": ("year_month_day", "stated"),
    "۲۰۲۰-۰۳-۰۵": ("year_month_day", "stated"),
    "5/3/2020": ("day_before_month", "assumed"),
    "05-03-2020": ("day_before_month", "assumed"),
    "5.3.2020": ("day_before_month", "assumed"),
    "٥/٣/٢٠٢٠": ("day_before_month", "assumed"),
    "Thu 05/03/2020": ("day_before_month", "stated"),  # the weekday settles it
    " 5 March 2020 ": ("month_name", "stated"),
    "5th of March 2020": ("month_name", "stated"),
    "5 Mar, 2020": ("month_name", "stated"),
    "March 5, 2020": ("month_name", "stated"),
    "MARCH 5 2020": ("month_name", "stated"),
    "on Thursday, 5 March 2020": ("month_name", "stated"),
    "5 March 2020, 2:30 pm": ("month_name", "stated"),
    "5 آذار 2020": ("month_name", "stated"),
    "5 اذار 2020": ("month_name", "stated"),
    "٥ مارس، ٢٠٢٠": ("month_name", "stated"),
    "الخميس 5 آذار/مارس 2020": ("month_name", "stated"),
    "بتاريخ 5 من آذار 2020 م": ("month_name", "stated"),
    "5-Mar-20": ("two_digit_year", "assumed"),
}
# text: what it can mean, by which rule, how certain
INTERVALS = {
    "2020-02": ("2020-02-01", "2020-02-29", "month", "stated"),
    "2/2019": ("2019-02-01", "2019-02-28", "month", "stated"),
    "شهر شباط 2020": ("2020-02-01", "2020-02-29", "month", "stated"),
    "كانون الأول 2012": ("2012-12-01", "2012-12-31", "month", "stated"),
    "2020": ("2020-01-01", "2020-12-31", "year", "stated"),
    "عام ٢٠٢٠": ("2020-01-01", "2020-12-31", "year", "stated"),
    "early March 2020": ("2020-03-01", "2020-03-10", "part", "assumed"),
    "mid-March 2020": ("2020-03-11", "2020-03-20", "part", "assumed"),
    "late February 2020": ("2020-02-21", "2020-02-29", "part", "assumed"),
    "أوائل آذار 2020": ("2020-03-01", "2020-03-10", "part", "assumed"),
    "منتصف آذار 2020": ("2020-03-11", "2020-03-20", "part", "assumed"),
    "أواخر شباط 2020": ("2020-02-21", "2020-02-29", "part", "assumed"),
    "1st week of March 2020": ("2020-03-01", "2020-03-07", "part", "assumed"),
    "last week of March 2020": ("2020-03-25", "2020-03-31", "part", "assumed"),
    "الأسبوع الثاني من آذار 2020": ("2020-03-08", "2020-03-14", "part", "assumed"),
    "second half of March 2020": ("2020-03-16", "2020-03-31", "part", "assumed"),
    "نهاية 2013": ("2013-09-01", "2013-12-31", "part", "assumed"),
    "5-7 March 2020": ("2020-03-05", "2020-03-07", "range", "stated"),
    "March 5–7, 2020": ("2020-03-05", "2020-03-07", "range", "stated"),
    "5/3/2020 - 7/3/2020": ("2020-03-05", "2020-03-07", "range", "assumed"),
    "2020-03-05/2020-03-07": ("2020-03-05", "2020-03-07", "range", "stated"),
    "between 5 and 7 March 2020": ("2020-03-05", "2020-03-07", "range", "stated"),
    "from 5 March 2020 to 7 March": ("2020-03-05", "2020-03-07", "range", "stated"),
    "28 February - 3 March 2020": ("2020-02-28", "2020-03-03", "range", "stated"),
    "بين 5 و7 آذار 2020": ("2020-03-05", "2020-03-07", "range", "stated"),
    "من 5 إلى 7 آذار 2020": ("2020-03-05", "2020-03-07", "range", "stated"),
    "March-April 2020": ("2020-03-01", "2020-04-30", "range", "stated"),
    "2019-2020": ("2019-01-01", "2020-12-31", "range", "stated"),
    "late February or early March 2020": ("2020-02-21", "2020-03-10", "either", "assumed"),
    "5 March 2020 or 3 March 2020": ("2020-03-03", "2020-03-05", "either", "stated"),
    "before 5 March 2020": ("2011-03-01", "2020-03-04", "before", "assumed"),
    "قبل 5 آذار 2020": ("2011-03-01", "2020-03-04", "before", "assumed"),
    "until 2012": ("2011-03-01", "2012-12-31", "before", "assumed"),
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
    "5/3/20": "the year has two digits",
    "43895": "a number of days, as spreadsheets count them (2020-03-05, or four years later in some)",
    "Friday 5 March 2020": "2020-03-05 was a Thursday, not a Friday",
    "7-5 March 2020": "2020-03-07 comes after 2020-03-05; expected the earlier first",
    "fifth week of February 2019": "2019-02 has only 28 days",
    "2020-03-05 25:10": "25:10 is no time of a day",
    "10 رمضان 1441": "looks like a date of the Hijri calendar",
    "1441-07-10": "a year of the Hijri calendar? Give it in the Gregorian one",
    "summer 2014": "a season has no first and last day",
    "صيف 2014": "a season has no first and last day",
    "after 2015": "open at its end",
    "بعد آذار 2020": "open at its end",
    "before 2005": "before 2011-03-01, where this profile starts",
    "about 5 March 2020": "how far 'about' reaches isn't stated",
    "حوالي 5 آذار 2020": "how far 'about' reaches isn't stated",
    "5 March": "not a date in any form that is known",
    "": "not a date in any form that is known",
    "2020-03-05 and 2020-03-06": "not a date in any form that is known",
    "5 March 2020 " * 1000: "not a date in any form that is known",
}
days = st.dates(date(EARLIEST_YEAR, 1, 1), date(2200, 12, 31))
_PIECES = [*MONTHS, *"0123456789٣٥-/., ", "2020", "early", "between", "and", "بين", "و", "من", "الى", "before", "week", "or"]
datelike = st.lists(st.sampled_from(_PIECES), max_size=8).map(" ".join) | st.lists(st.sampled_from(_PIECES)).map("".join)


@pytest.mark.parametrize("text", ONE_DAY)
def test_a_day_is_read_in_many_notations_each_by_a_rule(text: str) -> None:
    reading = read_date(text, timezone_name=DAMASCUS, start=START)
    assert (reading.first, reading.last, reading.reason) == (date(2020, 3, 5), date(2020, 3, 5), None)
    assert (reading.rule, reading.certainty) == ONE_DAY[text]


@pytest.mark.parametrize("text", INTERVALS)
def test_what_is_less_exact_than_a_day_is_an_interval(text: str) -> None:
    reading = read_date(text, start=START)
    assert (str(reading.first), str(reading.last), reading.rule, reading.certainty) == INTERVALS[text]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:30])
def test_what_cannot_be_meant_is_refused_with_the_reason(text: str) -> None:
    reading = read_date(text, start=START)
    assert (reading.first, reading.last, reading.rule, reading.certainty) == (None, None, None, None)
    assert REFUSED[text] in (reading.reason or "")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-03-05T22:30:00Z", 6),
        ("Thu, 05 Mar 2020 22:30:00 GMT", 6),
        ("2020-03-05T20:30:00Z", 5),
        ("2020-03-05T01:30:00+05:00", 4),
        ("2020-03-05 22:30", 5),
    ],
)
def test_an_instant_is_the_day_that_it_was_there(text: str, day: int) -> None:
    """Damascus was two hours before UTC in March 2020: an evening abroad is the next day at home."""
    assert read_date(text, timezone_name=DAMASCUS).first == date(2020, 3, day)


def test_a_placeholder_is_believed_of_a_birth() -> None:
    """Registries write the first of January where only the year is known."""
    assert read_date("1970-01-01", of_birth=True).first == date(1970, 1, 1)


def test_the_century_of_a_birth_is_not_guessed() -> None:
    assert "born in two centuries" in (read_date("5-Mar-20", of_birth=True).reason or "")


def test_nothing_closes_before_where_the_profile_s_start_means_nothing() -> None:
    for reading in (read_date("before 5 March 2020"), read_date("before 5 March 1990", of_birth=True, start=START)):
        assert "open at its beginning" in (reading.reason or "")


@given(days)
def test_every_day_written_by_others_is_read_back(day: date) -> None:
    for text in (day.isoformat(), f"{day.day}/{day.month}/{day.year}", f"{day:%d %B %Y}", f"{day:%B %d, %Y}"):
        reading = read_date(text, of_birth=True)
        assert (reading.first, reading.last) == (day, day)
        assert (read_date(text).first is None) == (day in PLACEHOLDERS)


@given(days, days)
def test_every_interval_that_we_write_is_read_back(one: date, other: date) -> None:
    first, last = sorted((one, other))
    reading = read_date(written(first, last), of_birth=True)
    assert (reading.first, reading.last, reading.certainty) == (first, last, "stated")


@given(st.integers(EARLIEST_YEAR, 2200), st.integers(1, 12))
def test_months_and_years_are_written_short(year: int, month: int) -> None:
    for text in (f"{year:04d}", f"{year:04d}-{month:02d}"):
        reading = read_date(text)
        assert reading.first is not None and reading.last is not None
        assert written(reading.first, reading.last) == text


@given(st.text() | datelike)
def test_any_text_is_an_interval_with_a_rule_or_a_reason(text: str) -> None:
    reading = read_date(text, timezone_name=DAMASCUS, start=START)
    assert (reading.reason is None) != (reading.first is None)
    assert (reading.first is None) == (reading.last is None) == (reading.rule is None) == (reading.certainty is None)
    if reading.first is not None and reading.last is not None:
        assert reading.first <= reading.last


@given(datelike)
def test_arabic_digits_mean_what_european_ones_mean(text: str) -> None:
    eastern = text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert read_date(eastern, start=START) == read_date(folded(text), start=START)


@given(st.sampled_from(sorted(MONTHS)), st.integers(1, 28), st.integers(2011, 2030))
def test_a_day_in_a_month_of_any_name_is_in_that_month(name: str, day: int, year: int) -> None:
    reading = read_date(f"{day} {name} {year}")
    assert reading.first == reading.last == date(year, MONTHS[name], day)


@given(days, st.integers(0, 400))
def test_a_range_is_what_lies_between_its_ends(first: date, length: int) -> None:
    last = min(first + timedelta(days=length), date(2200, 12, 31))
    for text in (f"{first} - {last}", f"{first:%d %B %Y} to {last:%d %B %Y}", f"between {first} and {last}"):
        reading = read_date(text, of_birth=True)
        assert (reading.first, reading.last) == (first, last)
