"""Where bounds say nothing: the solver's word counts only with a proof in whole numbers."""

import pytest

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.network import Network
from casualty_pipeline.figures.identities.propagation import Intervals, Reasons
from casualty_pipeline.figures.identities.relaxation import solve

PAIRS = (("a", "b"), ("b", "c"), ("a", "c"))
ALL = Reasons(frozenset({9}), frozenset({"all"}))


def solved(pair_sum: tuple[int, int | None], total: tuple[int, int | None] = (0, None)) -> tuple[bool | None, Reasons]:
    """Three unknowns, each two of which add up to something, all three to something."""
    made = Network()
    at = {name: Address("2020-03", name) for name in "abc"}
    for number, (one, two) in enumerate(PAIRS):
        made.add("pairs", [(at[one], 1), (at[two], 1)], *pair_sum, number)
    made.add("total", [(address, 1) for address in at.values()], *total)
    intervals = Intervals(made)
    intervals.propagate()
    return solve(made, intervals, ALL)


def test_a_point_that_satisfies_every_row_is_consistent() -> None:
    assert solved((4, 4)) == (True, ALL)


def test_multipliers_name_the_rows_of_a_contradiction() -> None:
    """Three pairs of 5 or more need 15 in two times the total, which is at most 7."""
    consistent, why = solved((5, None), (0, 7))
    assert consistent is False
    assert why == Reasons(frozenset({0, 1, 2}), frozenset({"pairs", "total"}))


@pytest.mark.parametrize("odd", [3, 7])
def test_what_only_fractions_solve_is_closed_case_by_case(odd: int) -> None:
    assert solved((odd, odd)) == (False, ALL)
