"""A month as of a moment is what the replay of the whole warehouse gives, row by row."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl
import pytest

from benchmarks.restatement_world import build
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.figures.months import months_between, year_to
from casualty_pipeline.history import Replay, as_of, month_at, replaying
from casualty_pipeline.history.part import copy_part
from casualty_pipeline.history.scratch import scratch
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import of_home
from casualty_pipeline.warehouse import Warehouse

MONTHS = months_between("2019-10", "2020-05")
TABLES = ("attributed.victims", "attributed.incidents", "attributed.transitions")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A hundred victims of eight months, and decisions on half of them."""
    return build(tmp_path_factory.mktemp("world"), 100, 50, MONTHS)


def rows(replay: Replay, month: str) -> Mapping[str, pl.DataFrame]:
    with replay.reading() as reading:
        found = {
            table: reading.frame(
                f"from {table} where documentation_month in (select unnest($months)) order by all",
                {"months": year_to(month)},
            )
            for table in TABLES
        }
    return found | {"monthly.figures": replay.figures(month)}


@pytest.mark.parametrize(
    ("month", "moment"),
    [
        pytest.param("2019-12", datetime.fromisoformat("2020-01-03T00:00"), marks=pytest.mark.long),
        ("2019-12", datetime.fromisoformat("2020-08-01T00:00")),
        ("2020-03", datetime.fromisoformat("2020-04-02T12:00")),
        pytest.param("2020-05", datetime.fromisoformat("2026-01-01T00:00"), marks=pytest.mark.long),
    ],
)
def test_a_month_at_a_moment_is_that_of_the_whole_replay(world: Home, month: str, moment: datetime) -> None:
    with month_at(world, month, moment) as part:
        found = rows(part, month)
    with replaying(world) as whole:
        whole.move(as_of(whole.known, moment))
        whole.attribute([month])
        expected = rows(whole, month)
    assert found["attributed.victims"].height > 0
    for table, frame in expected.items():
        assert frame.equals(found[table]), table


def copied(home: Home, moment: datetime) -> bool:
    with scratch() as warehouse, warehouse.writing() as write:
        Warehouse(home.warehouse).lend(write, "home")
        return copy_part(write, "2020-03", moment, known_sources(home), home.profile, of_home(home))


def test_the_part_is_taken_where_the_past_only_knew_less(world: Home) -> None:
    assert copied(world, datetime.fromisoformat("2020-04-02T12:00"))


def test_the_whole_is_replayed_where_a_retraction_was_not_decided_yet(world: Home) -> None:
    with Warehouse(world.warehouse).writing() as write:
        write.connection.execute(
            "update captures.decisions set kind = 'retraction', value = 'retracted'"
            " where decision_id = (select min(decision_id) from captures.decisions where kind = 'verification')"
        )
    assert not copied(world, datetime.fromisoformat("2019-01-01T00:00"))
