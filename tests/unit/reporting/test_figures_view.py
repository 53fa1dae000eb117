"""Figures are looked up, never guessed."""

import polars as pl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import Address
from casualty_pipeline.reporting.figures_view import Figure, Numbers
from tests.unit.reporting import reporting_fixtures as invented


@pytest.fixture(scope="module")
def march() -> Numbers:
    return Numbers(invented.march().figures)


def test_a_figure_is_found_by_what_it_counts(march: Numbers) -> None:
    russian = march.get("2020-03", "civilians", "russia")
    assert (russian.count, russian.address) == (19, "2020-03:civilians:russia")
    assert march.among(russian, "child").address == "2020-03:civilians:russia:::child"


def test_a_missing_figure_is_an_error_that_names_it(march: Numbers) -> None:
    with pytest.raises(CasualtyError, match=r"2020-03:civilians:nobody.*missing"):
        march.get("2020-03", "civilians", "nobody")


def test_a_stated_zero_is_a_figure(march: Numbers) -> None:
    assert march.get("2020-03", "civilians", "isis").count == 0


def test_two_values_at_one_address_are_refused() -> None:
    figures = invented.march().figures
    with pytest.raises(CasualtyError, match="given twice"):
        Numbers(pl.concat([figures, figures.head(1)]))


def test_a_frame_without_the_schema_is_refused() -> None:
    with pytest.raises(CasualtyError, match="missing: value"):
        Numbers(invented.march().figures.drop("value"))


def test_half_a_person_is_refused() -> None:
    with pytest.raises(CasualtyError, match="whole number"):
        Figure(Address("2020-03", "civilians"), 1.5).count  # noqa: B018
