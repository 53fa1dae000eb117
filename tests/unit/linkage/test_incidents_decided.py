"""What people decide about incidents wins over places, days and victims; bit by bit or at once, it comes to the same."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.linkage.incidents import affected, assign_incidents
from casualty_pipeline.linkage.incidents.decided import DECIDED
from casualty_pipeline.warehouse import Reading
from tests.unit.linkage import test_incidents_incremental as incremental
from tests.unit.linkage.test_incidents_incremental import World, changes, frames, ids, stored, victims_of, worlds

reading = incremental.reading
PAIRS = st.tuples(ids, ids, st.sampled_from(["same", "apart", "apart"]))
DECISIONS = st.lists(PAIRS, max_size=5)


def table(pairs: list[tuple[str, str, str]]) -> pl.DataFrame:
    rows = sorted({(min(a, b), max(a, b), relation) for a, b, relation in pairs})
    return pl.DataFrame(rows, schema=DECIDED, orient="row")


def incidents(records: pl.DataFrame, links: pl.DataFrame, pairs: list[tuple[str, str, str]]) -> dict[str, str]:
    assigned = assign_incidents(records, links, decided=table(pairs))
    return dict(assigned.select("record_id", "incident_id").iter_rows())


@settings(max_examples=25, deadline=None)
@given(before=worlds, after=worlds, kept=st.sets(ids), was=DECISIONS, now=DECISIONS)
def test_decisions_that_come_and_go_give_bit_by_bit_what_they_give_at_once(
    reading: Reading, before: World, after: World, kept: set[str], was: Any, now: Any
) -> None:
    after = {k: v for k, v in after.items() if k not in kept} | {k: v for k, v in before.items() if k in kept}

    def standing(world: World, pairs: Any) -> pl.DataFrame:
        return table([p for p in pairs if p[0] in world and p[1] in world])

    decided_before, decided_after = standing(before, was), standing(after, now)
    assigned = assign_incidents(*frames(before), decided=decided_before)
    records, links = frames(after)
    pair = list(DECIDED)
    unlike = [
        decided_after.join(decided_before, on=pair, how="anti"),
        decided_before.join(decided_after, on=pair, how="anti"),
    ]
    anew = [r for frame in unlike for r in [*frame["record_a"], *frame["record_b"]]]
    with stored(
        reading, cleaned__records=records, deduplicated__incident_records=assigned, deduplicated__victim_records=links
    ):
        found = affected(
            reading,
            [*changes({k: s for k, (s, _) in before.items()}, {k: s for k, (s, _) in after.items()}), *anew],
            changes(victims_of(before), victims_of(after)),
        )
    again = assign_incidents(found.records, found.victim_records, decided=decided_after)
    rest = assigned.filter(~pl.col("record_id").is_in(found.record_ids.implode()))
    assert pl.concat([rest, again]).sort("record_id").equals(assign_incidents(records, links, decided=decided_after))


@settings(max_examples=25, deadline=None)
@given(world=worlds, pairs=DECISIONS)
def test_what_is_apart_is_never_one_and_what_is_the_same_is_unless_something_apart_forbids_it(
    world: World, pairs: Any
) -> None:
    records, links = frames(world)
    found = incidents(records, links, pairs)
    ref = dict(records.select("record_id", "incident_ref").iter_rows())
    unit = dict(assign_incidents(records, links).select("record_id", "unit_key").iter_rows())
    standing = [p for p in pairs if p[0] in world and p[1] in world]
    for a, b, relation in standing:
        if relation == "apart" and unit[a] != unit[b]:
            assert found[a] != found[b], (ref[a], ref[b])
        if relation == "same" and all(p[2] == "same" for p in standing):
            assert found[a] == found[b]


@settings(max_examples=30, deadline=None)
@given(world=worlds)
def test_decisions_about_nobody_change_nothing(world: World) -> None:
    records, links = frames(world)
    assert incidents(records, links, [("R-98", "R-99", "apart")]) == incidents(records, links, [])


def site(record: str, minute: int, victim: str, **said: Any) -> tuple[str, tuple[dict[str, Any], str]]:
    plain = dict.fromkeys(incremental.SCHEMA) | {"source": record, "incident_ref": "1", "governorate": "SY07"}
    plain |= {"place_key": "p", "mechanism": "airstrike", "incident_first": date(2020, 3, 1)}
    plain |= {"known_at": incremental.START + timedelta(minutes=minute)}
    return record, (plain | said, victim)


def test_of_an_incident_that_is_divided_each_report_goes_where_its_victims_are() -> None:
    world = dict([site("a", 0, "V-1"), site("b", 1, "V-2"), site("c", 2, "V-2"), site("d", 3, "V-3")])
    records, links = frames(world)
    assert len(set(incidents(records, links, []).values())) == 1
    found = incidents(records, links, [("a", "b", "apart")])
    assert found["a"] != found["b"]
    assert (found["c"], found["d"]) == (found["b"], found["a"])


@pytest.mark.parametrize("far", [{"governorate": "SY02"}, {"incident_first": date(2020, 3, 9)}])
def test_incidents_far_apart_are_one_when_people_say_so_under_the_older_id(far: dict[str, Any]) -> None:
    world = dict([site("a", 0, "V-1"), site("b", 1, "V-2", **far), site("c", 2, "V-3", **far, place_key="q")])
    records, links = frames(world)
    before = incidents(records, links, [])
    assert len(set(before.values())) == 3
    found = incidents(records, links, [(x, y, "same") for x, y in pairwise("abc")])
    assert set(found.values()) == {before["a"]}
