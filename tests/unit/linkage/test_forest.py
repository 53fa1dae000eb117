"""What is joined to what: one by one, and all at once for many."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.linkage import forest

NUMBERS = st.integers(0, 60)
LINKS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=80)


def _frame(links: list[tuple[int, int]]) -> tuple[pl.Series, pl.DataFrame]:
    schema = {"a": pl.Int32, "b": pl.Int32}
    return pl.Series("record_no", range(61), dtype=pl.Int32), pl.DataFrame(links, schema=schema, orient="row")


@given(LINKS)
@settings(deadline=None)  # the first of many links loads SciPy
def test_few_and_many_links_give_the_same_components(links: list[tuple[int, int]]) -> None:
    few = forest.components(*_frame(links))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forest, "FEW", -1)
        many = forest.components(*_frame(links))
    assert few.to_list() == many.to_list() and few.dtype == many.dtype


@given(LINKS)
def test_every_number_is_known_by_the_smallest_that_links_lead_to(links: list[tuple[int, int]]) -> None:
    of = forest.components(*_frame(links)).to_list()
    assert all(of[a] == of[b] for a, b in links)
    assert all(root <= number and of[root] == root for number, root in enumerate(of))
