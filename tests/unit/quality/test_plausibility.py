"""Plausibility: clean months are warned of as seldom as declared; what is broken is seen; few months say nothing."""

import math

import numpy as np
import pytest

from casualty_pipeline.quality.plausibility import LEAST, MOST, RATE, qn, unusual_counts, unusual_shares

MONTHS, SERIES, FIELDS = 300, 20, 25


def _counts(rng: np.random.Generator, dispersion: float, months: int) -> dict[str, list[int]]:
    """Clean months: negative binomial about a level that stays, from one a month to five hundred."""
    levels = 10 ** rng.uniform(0, 2.7, SERIES)
    rates = levels[:, None] * rng.gamma(dispersion, 1 / dispersion, (SERIES, months + 1))
    return {str(n): row for n, row in enumerate(rng.poisson(rates).tolist())}


def _shares(rng: np.random.Generator, dispersion: float, months: int) -> dict[str, list[tuple[int, int]]]:
    found = {}
    for name in range(FIELDS):
        usual, among = rng.uniform(0.02, 0.98), rng.integers(15, 300, months + 1)
        part = rng.binomial(among, rng.beta(usual * dispersion, (1 - usual) * dispersion, months + 1))
        found[str(name)] = list(zip(part.tolist(), among.tolist(), strict=True))
    return found


@pytest.mark.parametrize("dispersion", [3, 20])
@pytest.mark.parametrize("months", [LEAST, MOST])
def test_clean_months_are_warned_of_as_seldom_as_declared(dispersion: float, months: int) -> None:
    rng = np.random.default_rng(2020)
    counts = sum(bool(unusual_counts(_counts(rng, dispersion, months))) for _ in range(MONTHS))
    shares = sum(bool(unusual_shares(_shares(rng, 10 * dispersion, months))) for _ in range(MONTHS // 2))

    # The declared rate, and three standard errors of so many months.
    assert counts / MONTHS <= RATE + 3 * math.sqrt(RATE / MONTHS)
    assert shares / (MONTHS // 2) <= RATE + 3 * math.sqrt(RATE / (MONTHS // 2))


def test_a_source_that_went_quiet_and_one_that_swelled_are_seen_among_others() -> None:
    rng = np.random.default_rng(3)
    series = {f"source-{n}": rng.poisson(120, MOST + 1).tolist() for n in range(6)}
    series["source-2"][-1], series["source-4"][-1] = 0, 900

    quiet, swollen = unusual_counts(series)

    assert (quiet.series, quiet.value) == ("source-2", 0)
    assert (swollen.series, swollen.value) == ("source-4", 900)
    assert quiet.sentence.startswith("source-2: 0, where it was 1")


def test_one_wild_month_of_the_past_hides_nothing() -> None:
    history = [118, 125, 121, 130, 2000, 119, 127, 0, 122, 124, 126, 120]
    assert [one.series for one in unusual_counts({"source": [*history, 3]})] == ["source"]


def test_a_column_that_comes_empty_is_seen_and_a_small_shift_isn_t() -> None:
    usual = [(180 + n % 5, 200) for n in range(MOST)]
    found = unusual_shares({"a sex": [*usual, (2, 190)], "a age": [*usual, (168, 200)]})

    assert [(one.series, one.sentence) for one in found] == [
        (
            "a sex",
            "a sex: 1 %, where it was 91 % in the middle of the months before (90 to 92 %)".replace("(90 to", "(90 % to"),
        )
    ]


def test_with_few_months_before_or_nobody_ever_nothing_is_said() -> None:
    assert unusual_counts({"new": [100] * (LEAST - 1) + [0], "never": [0] * (MOST + 1)}) == []
    assert unusual_shares({"new": [(90, 100)] * (LEAST - 1) + [(0, 100)], "no month": [(90, 100)] * MOST + [(0, 0)]}) == []


def test_qn_estimates_a_standard_deviation_whatever_a_few_values_are() -> None:
    rng = np.random.default_rng(4)
    clean = rng.normal(0, 3, 400)
    assert qn(clean.tolist()) == pytest.approx(3, rel=0.1)
    assert qn([*clean.tolist(), *[1e9] * 40]) == pytest.approx(3, rel=0.3)
    assert qn([1.0]) == 0
