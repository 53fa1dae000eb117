"""Months as keys."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import check_month, contiguous, months_between, next_month, year_to

months = st.builds("{:04d}-{:02d}".format, st.integers(1, 2999), st.integers(1, 12))


@pytest.mark.parametrize(
    "text", ["2020-13", "2020-00", "2020-3", "202-03", "2020/03", "March", "", "2020-03-05", "2020-03\n", "٢٠٢٠-03"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(CasualtyError, match="is not a month; expected YYYY-MM"):
        check_month(text)


def test_a_year_ends_with_december() -> None:
    assert next_month("2019-12") == "2020-01"
    assert months_between("2019-11", "2020-02") == ["2019-11", "2019-12", "2020-01", "2020-02"]
    assert year_to("2020-03") == ["2020-01", "2020-02", "2020-03"]


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(CasualtyError, match=r"ends \(2020-01\) before it begins \(2020-03\)"):
        months_between("2020-03", "2020-01")


@given(months)
def test_the_next_month_is_the_least_later_one(month: str) -> None:
    assert month < next_month(month)
    assert months_between(month, next_month(month)) == [month, next_month(month)]


@given(st.sets(st.builds("{:04d}-{:02d}".format, st.integers(2018, 2021), st.integers(1, 12))))
def test_ranges_hold_exactly_the_months_and_are_as_few_as_can_be(chosen: set[str]) -> None:
    ranges = contiguous(chosen)
    held = [month for first, last in ranges for month in months_between(first, last)]
    assert held == sorted(chosen)
    assert all(next_month(last) < first for (_, last), (first, _) in pairwise(ranges))
