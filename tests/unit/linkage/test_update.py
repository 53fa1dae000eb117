"""Bringing the linkage up to date gives, row for row, what everything at once gives."""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from casualty_pipeline.linkage import pairs
from casualty_pipeline.linkage.questions import pair_questions
from casualty_pipeline.linkage.update import update as bring_up_to_date
from casualty_pipeline.warehouse import Writing
from tests.unit.linkage.worlds import MODEL, MOMENTS, Pair, Row, World, differences, empty, forget, grow, histories, look


@pytest.fixture(scope="module")
def write() -> Iterator[Writing]:
    with empty() as warehouse:
        yield warehouse


def assert_as_from_nothing(write: Writing, worlds: list[World]) -> None:
    """Going through the worlds one after the other leaves what the last one leaves by itself."""
    forget(write)
    before = World()
    for world in worlds:
        grow(write, before, world)
        before = world
    step_by_step = look(write)
    forget(write)
    grow(write, World(), worlds[-1])
    assert differences(step_by_step, look(write)) == {}


# A warehouse is slow to ask: what fails is told as it was found, not made smaller.
SLOW = settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])


@settings(SLOW, max_examples=2)
@given(worlds=histories(), cap=st.sampled_from([3, 60]), whole=st.sampled_from([3, 40]))
def test_additions_changes_removals_and_decisions_give_what_all_at_once_gives(
    write: Writing, worlds: list[World], cap: int, whole: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # Few enough that worlds of a dozen statements reach them.
        patch.setattr(pairs, "KEY_CAP", cap)
        patch.setattr(sys.modules[bring_up_to_date.__module__], "WHOLE_COMPONENT", whole)
        assert_as_from_nothing(write, worlds)


SITE: Row = {"day": "2020-03-05", "governorate": "SY07", "place_key": "kafr nabl", "source": "a", "known_at": MOMENTS[0]}


def test_what_comes_again_unchanged_changes_nothing(write: Writing) -> None:
    names = ["Samir Khalil Darwish", "Sameer Darwish", "Ahmad Khalil Darwish", "Unidentified"]
    world = World({f"R-{n}": SITE | {"en": name} for n, name in enumerate(names)}, must={("R-0", "R-3"): None})
    forget(write)
    grow(write, World(), world)
    before = {table: write.frame(f"from deduplicated.{table} order by all") for table in _TABLES}
    assert grow(write, world, world, also=world.rows).is_empty(), "no victim is concerned"
    assert {table: write.frame(f"from deduplicated.{table} order by all") for table in _TABLES}.keys() == before.keys()
    for table, rows in before.items():
        assert write.frame(f"from deduplicated.{table} order by all").equals(rows), table


_TABLES = ("people", "names", "keys", "pairs", "patterns", "levels", "constraints", "identity_events")


def _namesakes(count: int, **changes: Row) -> World:
    """Statements on namesakes, one a minute, by their number."""
    rows = {
        f"R-{n:02}": SITE | {"en": "Mohammad Ahmad", "known_at": MOMENTS[1] + timedelta(minutes=n)} for n in range(count)
    }
    return World(rows | changes)


def _without(world: World, *gone: str) -> World:
    return World({i: row for i, row in world.rows.items() if i not in gone})


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(_without(_namesakes(8), "R-00"), id="one of the first goes, and another moves up"),
        pytest.param(_without(_namesakes(8), "R-00", "R-01", "R-02", "R-03"), id="no more than the cap are left"),
        pytest.param(_namesakes(8, early=SITE | {"en": "Mohammad Ahmad"}), id="one comes that was known before all"),
        pytest.param(
            _namesakes(8, **{"R-01": SITE | {"en": "Mohammad Ahmad", "known_at": MOMENTS[4]}}), id="one moves back"
        ),
        pytest.param(_namesakes(9), id="a later one comes"),
    ],
)
def test_under_a_key_that_too_many_share_the_first_meet_whoever_came_when(write: Writing, after: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "KEY_CAP", 5)
        assert_as_from_nothing(write, [_namesakes(8), after])


def test_a_statement_on_a_person_that_becomes_one_on_an_incident_leaves_no_victim(write: Writing) -> None:
    row = SITE | {"en": "Samir Khalil Darwish"}
    assert_as_from_nothing(write, [World({"R-0": row}), World({"R-0": row | {"statement": "incident"}})])
    assert write.frame("from deduplicated.people").is_empty()


def test_a_superseded_decision_leaves_no_pair_behind(write: Writing) -> None:
    rows = {
        "R-0": SITE | {"en": "Samir Khalil Darwish"},
        "R-1": {"en": "Nabil Haddad", "source": "b", "known_at": MOMENTS[0]},
    }
    assert_as_from_nothing(write, [World(rows, must={("R-0", "R-1"): MOMENTS[2]}), World(rows)])


def test_a_contradiction_stays_reported_when_something_else_comes(write: Writing) -> None:
    rows = {f"R-{n}": SITE | {"en": "Unidentified"} for n in range(3)}
    must: dict[Pair, datetime | None] = {("R-0", "R-1"): None, ("R-1", "R-2"): None}
    cannot: dict[Pair, datetime | None] = {("R-0", "R-2"): None}
    more = rows | {"R-9": SITE | {"en": "Nabil Haddad"}}
    assert_as_from_nothing(write, [World(rows, must, cannot), World(more, must, cannot)])
    assert write.frame("select count(*) from deduplicated.constraints where contradicted").item() == 1


def test_the_retraction_of_the_only_statement_on_somebody_retires_the_victim(write: Writing) -> None:
    rows = {"R-0": SITE | {"en": "Samir Khalil Darwish"}}
    assert_as_from_nothing(write, [World(rows), World(rows, retracted={"R-0": MOMENTS[3]})])
    events = write.frame("select event, cause from deduplicated.identity_events order by event")
    assert events.rows() == [("created", "evidence"), ("retired", "retraction")]


def test_thousands_under_one_name_stay_few_pairs_and_are_asked(write: Writing) -> None:
    """A placeholder for a name, say: what is compared stays bounded, and the question tells how many there are."""
    forget(write)
    days = [f"2020-03-{1 + n % 28:02}" for n in range(3_000)]
    rows = {f"R-{n:04}": SITE | {"en": "Mohammad Ahmad", "day": day} for n, day in enumerate(days)}
    grow(write, World(), World(rows))
    keys = write.frame("select count(distinct (scheme, key)) from deduplicated.keys").item()
    assert write.frame("select count(*) from deduplicated.pairs").item() <= keys * pairs.KEY_CAP**2 / 2
    asked = pair_questions(write, MODEL).filter(pl.col("kind") == "blocking")
    assert max(asked["records"]) >= 3_000
    assert "commonest by 3000" in " ".join(asked["question"])
