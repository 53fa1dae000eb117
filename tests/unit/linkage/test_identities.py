"""Ids depend only on who founded what they name; no id is lost without a trace; the history tells what became of each."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.linkage.clusters import Pair, Statement, cluster
from casualty_pipeline.linkage.identities import IDENTITY_SQL, Decided, Event, founded, history, identity
from tests.unit.linkage.test_clusters import START, Component, components

Told = tuple[str, str, str | None, str, str]


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def statements(*days: int) -> list[Statement]:
    """R-0, R-1, ..., known on these days."""
    return [Statement(n, f"R-{n}", day(d)) for n, d in enumerate(days)]


def told(events: Sequence[Event]) -> list[Told]:
    """Events with founders instead of ids."""
    founder = {identity("V-", f"R-{n}"): f"R-{n}" for n in range(9)}
    return [(e.event, founder[e.victim_id], founder.get(e.other_id or ""), e.record_id, e.cause) for e in events]


def test_an_id_is_a_hash_of_the_founding_record() -> None:
    assert identity("V-", "R-1") == "V-v3svj3mnw736"
    assert identity("I-", "R-2").startswith("I-")


@settings(deadline=None)
@given(st.text(min_size=1).filter(lambda s: "\0" not in s and s.isprintable()))
def test_sql_makes_the_same_ids(founder: str) -> None:
    made = duckdb.execute(f"select {IDENTITY_SQL.format(prefix='V-', founder='$founder')}", {"founder": founder}).fetchall()
    assert made == [(identity("V-", founder),)]


def test_the_founder_is_the_first_known() -> None:
    members = pl.DataFrame({"record_id": ["R-3", "R-2", "R-1"], "known_at": [day(0), day(0), day(1)], "group": [0, 0, 0]})
    assert founded(members, "V-")["founder"].unique().to_list() == ["R-2"]


def test_the_first_statement_on_a_victim_creates_it_and_later_ones_join() -> None:
    assert told(history(statements(0, 0, 1), dict.fromkeys([(0, 1), (0, 2), (1, 2)], Pair(5.0)))) == [
        ("created", "R-0", None, "R-0", "evidence"),
        ("joined", "R-0", None, "R-1", "evidence"),
        ("joined", "R-0", None, "R-2", "evidence"),
    ]


def test_two_victims_that_prove_to_be_one_are_merged_into_the_older() -> None:
    pairs = {(0, 1): Pair(-1.0), (0, 2): Pair(5.0), (1, 2): Pair(4.0)}
    assert told(history(statements(0, 1, 2), pairs)) == [
        ("created", "R-0", None, "R-0", "evidence"),
        ("created", "R-1", None, "R-1", "evidence"),
        ("joined", "R-0", None, "R-2", "evidence"),
        ("merged", "R-0", "R-1", "R-1", "evidence"),
    ]


def test_a_decision_splits_a_victim_and_the_founder_s_part_keeps_the_id() -> None:
    pairs = {(0, 1): Pair(5.0)}
    assert told(history(statements(0, 1), pairs, [Decided((0, 1), False, day(7))])) == [
        ("created", "R-0", None, "R-0", "evidence"),
        ("joined", "R-0", None, "R-1", "evidence"),
        ("split", "R-1", "R-0", "R-1", "decision"),
    ]


def test_a_decision_merges_two_victims() -> None:
    assert told(history(statements(0, 1), {}, [Decided((1, 0), True, day(7))]))[2:] == [
        ("merged", "R-0", "R-1", "R-1", "decision")
    ]


def test_when_the_founder_is_retracted_the_old_id_resolves_to_the_rest() -> None:
    assert told(history(statements(0, 1), {(0, 1): Pair(5.0)}, retired={0: day(7)}))[2:] == [
        ("created", "R-1", None, "R-1", "evidence"),
        ("merged", "R-1", "R-0", "R-0", "retraction"),
    ]


def test_when_its_last_statement_is_retracted_a_victim_is_retired() -> None:
    assert told(history(statements(0), {}, retired={0: day(7)}))[1:] == [("retired", "R-0", None, "R-0", "retraction")]


def _decided(component: Component, at: Sequence[int]) -> list[Decided]:
    ruled = [(p, True) for p in component.must] + [(p, False) for p in component.cannot]
    return [Decided(pair, same, day(d)) for (pair, same), d in zip(ruled, at, strict=False)]


_DAYS = st.lists(st.integers(0, 9), min_size=6, max_size=6)
_RETIRED = st.dictionaries(st.integers(0, 7), st.integers(0, 9).map(day), max_size=2)


@given(components(), _DAYS, _RETIRED)
def test_following_the_events_gives_today_s_victims_and_every_id_ever_given_resolves(
    component: Component, at: list[int], retired: dict[int, datetime]
) -> None:
    retired = {n: moment for n, moment in retired.items() if n < len(component.statements)}
    decided = _decided(component, at)
    standing: set[str] = set()
    resolves: dict[str, str | None] = {}
    for event in history(component.statements, component.pairs, decided, retired):
        if event.event in {"created", "split"}:
            assert event.victim_id not in standing, "an id that stands is never given again"
            assert event.event == "created" or event.other_id in resolves
            standing.add(event.victim_id)
            resolves[event.victim_id] = event.victim_id
        elif event.event in {"merged", "retired"}:
            gone = event.other_id if event.event == "merged" else event.victim_id
            assert gone in standing
            standing.remove(gone)
            resolves[gone] = event.victim_id if event.event == "merged" else None
        else:
            assert event.victim_id in standing
    numbers = {s.number for s in component.statements} - retired.keys()
    known = [s for s in component.statements if s.number in numbers]
    groups = cluster(
        known,
        {p: e for p, e in component.pairs.items() if numbers.issuperset(p)},
        [d.pair for d in decided if d.same and numbers.issuperset(d.pair)],
        [d.pair for d in decided if not d.same and numbers.issuperset(d.pair)],
    ).groups
    first = {s.number: (s.known_at, s.record_id) for s in known}
    assert standing == {identity("V-", min(first[n] for n in group)[1]) for group in groups}


@given(components(), _DAYS)
def test_what_happened_doesn_t_change_when_more_is_learnt(component: Component, at: list[int]) -> None:
    """Only what was decided later than the statements were known, so that the past is the same."""
    until = day(1)
    decided = _decided(component, at)
    whole = history(component.statements, component.pairs, decided)
    early = component.until(until)
    numbers = {s.number for s in early.statements}
    then = history(early.statements, early.pairs, [d for d in decided if d.at <= until and numbers.issuperset(d.pair)])
    assert [(e.event, e.victim_id, e.other_id, e.record_id) for e in whole if e.at <= until] == [
        (e.event, e.victim_id, e.other_id, e.record_id) for e in then
    ]
