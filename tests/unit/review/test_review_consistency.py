"""Answers that can't all be right together, through whatever chain."""

from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.review.consistency import Link, contradicting


def link(number: int | None, a: str, b: str, same: bool) -> Link:
    return Link(a, b, same, f"row {number}" if number is not None else f"decision {a}{b}", number)


def test_a_chain_that_comes_back_on_itself_is_refused_whole() -> None:
    links = [link(1, "a", "b", True), link(2, "b", "c", True), link(3, "c", "a", False), link(4, "c", "d", True)]
    refused = contradicting(links)
    assert set(refused) == {1, 2, 3}
    assert set(refused[3]) == {"row 1", "row 2"}


def test_decisions_that_contradict_each_other_are_not_the_files_fault() -> None:
    assert contradicting([link(None, "a", "b", True), link(None, "b", "a", False), link(1, "c", "d", True)]) == {}


def test_only_the_files_rows_are_refused_and_the_decision_is_named() -> None:
    assert contradicting([link(None, "a", "b", False), link(1, "b", "a", True)]) == {1: ["decision ab"]}


NODES = st.sampled_from("abcdef")
LINKS = st.lists(st.tuples(NODES, NODES, st.booleans(), st.booleans()).filter(lambda t: t[0] != t[1]), max_size=12)


@given(LINKS)
def test_what_is_left_adds_no_contradiction(drawn: list[tuple[str, str, bool, bool]]) -> None:
    links = [link(n if of_file else None, a, b, same) for n, (a, b, same, of_file) in enumerate(drawn)]
    refused = contradicting(links)
    left = [one for one in links if one.row not in refused or one.row is None]
    assert contradicting(left) == {}
    assert all(row in {one.row for one in links} for row in refused)
