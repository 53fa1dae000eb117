"""What the warehouse says that editions said is compared with the editions: a number altered on either side is found."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from casualty_pipeline.editions.manifest import Manifest
from casualty_pipeline.editions.shelf import hashes, place
from casualty_pipeline.editions.vintages import misstated
from casualty_pipeline.home import Home
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Reading, Warehouse, Writing

FIGURES = [("2020-03", "civilians", "", "", "", "all", "count"), ("2020-03", "civilians", "russia", "", "", "all", "count")]
EDITIONS = {1: [145.0, 19.0], 2: [147.0, 21.0], 3: [147.0, 20.0]}


NOW = datetime(2020, 4, 1)  # noqa: DTZ001 - UTC without its zone, as the warehouse has moments


def _published(home: Home, number: int, values: list[float]) -> None:
    """An edition that holds figures and nothing else."""
    contents = {"open/figures.csv": _figures(values).write_csv().encode()}
    manifest = Manifest(
        month="2020-03",
        edition=number,
        as_of=NOW,
        published_at=NOW,
        synthetic=True,
        methodology="2020.1",
        versions={},
        content="",
        previous="",
        replaces="",
        captures=(),
        decisions={},
        files=hashes(contents),
        quality={},
    )
    place(home, manifest, contents, None)


def _figures(values: list[float]) -> pl.DataFrame:
    rows = [(*address, value) for address, value in zip(FIGURES, values, strict=True)]
    return pl.DataFrame(rows, schema=list(FIGURE_COLUMNS), orient="row")


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Writing]:
    home = Home(tmp_path / "home")
    home.prepare()
    home.published.mkdir(parents=True, exist_ok=True)
    for number, values in EDITIONS.items():
        _published(home, number, values)
    with Warehouse(home.warehouse).writing() as writing:
        for number, values in EDITIONS.items():
            of = (pl.lit("2020-03").alias("month"), pl.lit(number, pl.Int32).alias("edition"))
            writing.append("monthly.vintages", _figures(values).with_columns(*of, as_of=pl.lit(NOW)))
        writing.connection.execute(
            """
            insert into reports.editions by name select '2020-03' as month, unnest([1, 2, 3]) as edition,
                timestamp '2020-04-01' as as_of, timestamp '2020-04-02' as published_at, '2020.1' as methodology,
                true as synthetic, 0 as figures_changed, 1 as captures, 1 as decisions, false as signed,
                unnest(['a', 'b', 'c']) as manifest, '' as previous, 'published' as folder;
            insert into monthly.restatements by name select '2020-03' as month, unnest([2, 2, 3]) as edition,
                '2020-03' as period, 'civilians' as population, unnest(['', 'russia', 'russia']) as party, '' as category,
                '' as governorate, 'all' as demographic, 'count' as measure, 0 as before, 0 as after,
                'decision' as cause, 'D' as cause_id, 1 as place, unnest([2, 2, -1]) as share;
            """
        )
        yield writing


def _told(reading: Reading, tmp_path: Path) -> list[str]:
    return [one.sentence for one in misstated(Home(tmp_path / "home"), reading)]


def test_what_is_as_the_editions_say_passes(write: Writing, tmp_path: Path) -> None:
    assert _told(write, tmp_path) == []


def test_a_number_altered_in_the_warehouse_is_named_with_both(write: Writing, tmp_path: Path) -> None:
    write.connection.execute("update monthly.vintages set value = 22 where edition = 2 and party = 'russia'")
    assert _told(write, tmp_path) == ["edition 2 says 21 of 2020-03:civilians:russia; monthly.vintages 22"]


def test_figures_that_are_missing_or_too_many_are_found(write: Writing, tmp_path: Path) -> None:
    write.connection.execute("update monthly.vintages set party = 'isis' where edition = 2 and party = 'russia'")
    assert set(_told(write, tmp_path)) == {
        "edition 2 says 21 of 2020-03:civilians:russia; monthly.vintages nothing",
        "edition 2 says nothing of 2020-03:civilians:isis; monthly.vintages 21",
    }


def test_first_published_against_current_is_what_the_restatements_add_up_to(write: Writing, tmp_path: Path) -> None:
    write.connection.execute("update monthly.restatements set share = 3 where edition = 2 and party = ''")
    assert _told(write, tmp_path) == [
        "2020-03:civilians changed by +2 from the first edition of 2020-03 to the newest; the restatements tell of +3"
    ]
