"""Bringing the linkage up to date gives, row for row, what everything at once gives."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from casualty_pipeline.linkage import pairs
from casualty_pipeline.linkage.update import update as bring_up_to_date
from casualty_pipeline.warehouse import Writing
from tests.unit.linkage.worlds import World, differences, empty, forget, grow, histories, look


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


@settings(SLOW, max_examples=12)
@given(worlds=histories(), cap=st.sampled_from([3, 60]), whole=st.sampled_from([3, 40]))
def test_additions_changes_removals_and_decisions_give_what_all_at_once_gives(
    write: Writing, worlds: list[World], cap: int, whole: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # Few enough that worlds of a dozen statements reach them.
        patch.setattr(pairs, "KEY_CAP", cap)
        patch.setattr(sys.modules[bring_up_to_date.__module__], "WHOLE_COMPONENT", whole)
        assert_as_from_nothing(write, worlds)
