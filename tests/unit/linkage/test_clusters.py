"""Clustering one component: what people decided, what one person can be, and nothing that depends on the order of things."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.linkage.clusters import APART, Clusters, Pair, Statement, cluster

START = datetime.fromisoformat("2020-03-01")
Numbers = tuple[int, int]


@dataclass(frozen=True)
class Component:
    statements: list[Statement]
    pairs: dict[Numbers, Pair]
    must: list[Numbers]
    cannot: list[Numbers]

    def clustered(self) -> Clusters:
        return cluster(self.statements, self.pairs, self.must, self.cannot)

    def until(self, moment: datetime) -> "Component":
        """The component as it was known then."""
        known = [s for s in self.statements if s.known_at <= moment]
        numbers = {s.number for s in known}
        return Component(
            known,
            {p: e for p, e in self.pairs.items() if numbers.issuperset(p)},
            [p for p in self.must if numbers.issuperset(p)],
            [p for p in self.cannot if numbers.issuperset(p)],
        )


_WEIGHTS = st.sampled_from([-30.0, -6.0, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 1.0, 4.0, 9.0])
_PAIRS = st.builds(Pair, _WEIGHTS, st.sampled_from([None, None, None, None, "sex", "day"]))


@st.composite
def components(draw: st.DrawFn) -> Component:
    count = draw(st.integers(1, 8))
    statements = [
        Statement(n, f"R-{n}", START + timedelta(days=draw(st.integers(0, 3))), draw(st.sampled_from([None, None, "list"])))
        for n in range(count)
    ]
    everyone = list(combinations(range(count), 2))
    few = st.lists(st.sampled_from(everyone), max_size=3) if everyone else st.just(list[Numbers]())
    pairs = draw(st.dictionaries(st.sampled_from(everyone), _PAIRS)) if everyone else {}
    return Component(statements, pairs, draw(few), draw(few))


def together(found: Clusters) -> dict[int, int]:
    return {number: group[0] for group in found.groups for number in group}


@given(components())
def test_every_statement_is_in_exactly_one_group(component: Component) -> None:
    found = component.clustered()
    for groups in (found.groups, found.decided):
        assert sorted(n for group in groups for n in group) == [s.number for s in component.statements]


@given(components())
def test_statements_held_apart_are_never_in_one_group(component: Component) -> None:
    of = together(component.clustered())
    assert all(of[a] != of[b] for a, b in component.cannot)


@given(components())
def test_statements_that_people_joined_are_in_one_group_or_the_contradiction_is_reported(component: Component) -> None:
    found = component.clustered()
    of = together(found)
    assert {p for p in component.must if of[p[0]] != of[p[1]]} == set(found.contradicted)
    assert not found.contradicted or component.cannot, "only people contradict people"


@given(components())
def test_a_source_that_lists_each_person_once_is_twice_in_a_group_by_decision_alone(component: Component) -> None:
    found = component.clustered()
    of, decided = together(found), {n: group[0] for group in found.decided for n in group}
    listed = [s.number for s in component.statements if s.listed_by]
    for a, b in combinations(listed, 2):
        assert of[a] != of[b] or decided[a] == decided[b]


@given(components())
def test_what_one_person_can_t_show_is_within_a_group_by_decision_alone(component: Component) -> None:
    found = component.clustered()
    of, alone = together(found), {n for group in found.decided if len(group) == 1 for n in group}
    for (a, b), pair in component.pairs.items():
        if (pair.hard or pair.weight <= APART) and {a, b} <= alone:
            assert of[a] != of[b]


@given(components())
def test_a_refused_pair_spoke_for_one_person_and_says_why_it_was_kept_apart(component: Component) -> None:
    found = component.clustered()
    of = together(found)
    for pair, reason in found.refused.items():
        assert of[pair[0]] != of[pair[1]]
        assert component.pairs[pair].weight >= 0
        assert reason in {"different", "source", "others", "sex", "day"}
    for pair, evidence in component.pairs.items():
        assert of[pair[0]] == of[pair[1]] or evidence.weight < 0 or evidence.hard or pair in found.refused


@given(components(), st.data())
def test_neither_order_nor_numbers_of_the_statements_matter(component: Component, data: st.DataObject) -> None:
    """Numbers are given as statements arrive: month by month, others than all at once."""
    count = len(component.statements)
    number = dict(enumerate(data.draw(st.permutations(range(count)))))

    def renamed(pair: Numbers) -> Numbers:
        a, b = number[pair[0]], number[pair[1]]
        return min(a, b), max(a, b)

    def shuffled(items: list[Any]) -> list[Any]:
        return data.draw(st.permutations(items)) if items else []

    other = Component(
        shuffled([replace(s, number=number[s.number]) for s in component.statements]),
        {renamed(p): e for p, e in shuffled(list(component.pairs.items()))},
        [renamed(p) for p in shuffled(component.must)],
        [(b, a) for a, b in map(renamed, shuffled(component.cannot))],
    ).clustered()
    found = component.clustered()
    assert sorted(sorted(number[n] for n in group) for group in found.groups) == other.groups
    assert sorted(sorted(number[n] for n in group) for group in found.decided) == other.decided
    assert {renamed(p): reason for p, reason in found.refused.items()} == other.refused
    assert {renamed(p) for p in found.contradicted} == set(other.contradicted)


@given(components(), st.integers(0, 3))
def test_what_was_one_victim_stays_one_whatever_comes_later_but_for_decisions(component: Component, days: int) -> None:
    """Earlier clusters are the seeds of later ones."""
    early = component.until(START + timedelta(days=days))
    numbers = {s.number for s in early.statements}
    late = [p for p in component.must + component.cannot if not numbers.issuperset(p)]
    whole = replace(component, must=early.must, cannot=early.cannot).clustered() if late else component.clustered()
    of = together(whole)
    for group in early.clustered().groups:
        assert len({of[n] for n in group}) == 1


def _statements(*days: int) -> list[Statement]:
    return [Statement(n, f"R-{n}", START + timedelta(days=day)) for n, day in enumerate(days)]


def test_the_strongest_pair_is_joined_first() -> None:
    found = cluster(_statements(0, 0, 0), {(0, 1): Pair(3.0), (1, 2): Pair(5.0), (0, 2): Pair(-9.0)})
    assert found.groups == [[0], [1, 2]]
    assert found.refused == {(0, 1): "others"}


def test_a_pair_that_was_known_earlier_is_joined_before_a_stronger_one() -> None:
    found = cluster(_statements(0, 0, 1), {(0, 1): Pair(3.0), (1, 2): Pair(5.0), (0, 2): Pair(-9.0)})
    assert found.groups == [[0, 1], [2]]


def test_two_that_never_met_under_a_key_speak_a_little_against_each_other() -> None:
    assert cluster(_statements(0, 0, 0), {(0, 1): Pair(2.0), (1, 2): Pair(2.0)}).groups == [[0, 1], [2]]
    assert cluster(_statements(0, 0, 0), {(0, 1): Pair(4.0), (1, 2): Pair(4.0)}).groups == [[0, 1, 2]]


def test_of_statements_that_people_joined_the_one_that_speaks_best_speaks_for_all() -> None:
    pairs = {(0, 2): Pair(4.0), (1, 2): Pair(-9.0, "sex")}
    assert cluster(_statements(0, 0, 0), pairs, must_link=[(1, 0)]).groups == [[0, 1, 2]]


def test_in_a_cycle_of_decisions_the_one_that_the_others_forbid_is_reported() -> None:
    found = cluster(_statements(0, 0, 0), {}, must_link=[(0, 1), (1, 2)], cannot_link=[(2, 0)])
    assert found.groups == [[0, 1], [2]]
    assert found.contradicted == [(1, 2)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_evidence_that_adds_up_to_nothing_doesn_t_depend_on_what_is_added_first(order: tuple[int, int, int]) -> None:
    """0.1 + 0.2 - 0.3 isn't 0 for a computer, and is below it in one order."""
    weights = [0.1, 0.2, -0.3]
    pairs = {(0, 3): Pair(weights[order[0]]), (1, 3): Pair(weights[order[1]]), (2, 3): Pair(weights[order[2]])}
    firm = dict.fromkeys([(0, 1), (0, 2), (1, 2)], Pair(9.0))
    assert cluster(_statements(0, 0, 0, 1), pairs | firm).groups == [[0, 1, 2, 3]]
