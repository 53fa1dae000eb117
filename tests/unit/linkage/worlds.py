"""Small worlds to link, made by chance: families whose sons share everything but a name, and what people decide about them.

Everybody in them is invented. Here belong the worlds and what is looked at afterwards; what has to hold is for the tests.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb
import polars as pl
from hypothesis import strategies as st

from casualty_pipeline.linkage import Constraints
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.questions import pair_questions
from casualty_pipeline.linkage.update import links, update
from casualty_pipeline.tables import STAGES, TABLES
from casualty_pipeline.warehouse import Writing
from tests.unit.linkage.conftest import START, statement_rows

MODEL = load()
Row = dict[str, Any]
Pair = tuple[str, str]
MOMENTS = [START + timedelta(days=31 * n) for n in range(5)]


@dataclass
class World:
    """What there is to know at a time: statements by id, decisions on pairs of ids with their moment, retractions."""

    rows: dict[str, Row] = field(default_factory=dict)
    must: dict[Pair, datetime | None] = field(default_factory=dict)
    cannot: dict[Pair, datetime | None] = field(default_factory=dict)
    retracted: dict[str, datetime] = field(default_factory=dict)
    one: dict[Pair, datetime | None] = field(default_factory=dict)

    @property
    def constraints(self) -> Constraints:
        moments = {pair: at for pair, at in (self.must | self.cannot | self.one).items() if at is not None}
        return Constraints(
            frozenset(self.must),
            frozenset(self.cannot),
            frozenset({"list"}),
            moments,
            dict(sorted(self.retracted.items())),
            frozenset(self.one),
        )

    def table(self, ids: Iterable[str] | None = None) -> pl.DataFrame:
        """cleaned.records of all statements, or of some."""
        return statement_rows(*({"id": i} | self.rows[i] for i in (self.rows if ids is None else ids)))


_IDS = [f"R-{n:02}" for n in range(14)]
_ROWS = st.fixed_dictionaries(
    {
        # Two families; brothers; a short form; a name that says nothing; nobody.
        "en": st.sampled_from(
            [
                *("Samir Khalil Darwish", "Sameer Darwish", "Samir Khaleel Hasan Darwish", "Ahmad Khalil Darwish"),
                *("Samir Khalil Darwish", "Ahmed Khalil Al-Darwish", "Samir", "Unidentified", "Nabil Faris Haddad"),
            ]
        ),
        "source": st.sampled_from(["list", "a", "b"]),
        "known_at": st.sampled_from(MOMENTS),
    },
    optional={
        "day": st.sampled_from(["2020-03-05", "2020-03-05", "2020-03-07", "2020-06-20"]),
        "sex": st.sampled_from(["male", "male", "female"]),
        "age": st.sampled_from([9, 30, 31]),
        "governorate": st.sampled_from(["SY07", "SY07", "SY02"]),
        "place_key": st.sampled_from(["kafr nabl", "saraqib"]),
        "statement": st.sampled_from(["person", "person", "group", "incident"]),
    },
)
_PAIRS = st.tuples(st.sampled_from(_IDS), st.sampled_from(_IDS))
_DECISIONS = st.dictionaries(_PAIRS, st.none() | st.sampled_from(MOMENTS), max_size=4)
_RETRACTED = st.dictionaries(st.sampled_from(_IDS), st.sampled_from(MOMENTS), max_size=2)
WORLDS = st.builds(
    World, st.dictionaries(st.sampled_from(_IDS), _ROWS, min_size=1), _DECISIONS, _DECISIONS, _RETRACTED, _DECISIONS
)


@st.composite
def histories(draw: st.DrawFn, steps: int = 3) -> list[World]:
    """A world, and what became of it step by step: statements that came, changed and went, decisions made and superseded."""
    worlds = [draw(WORLDS)]
    for _ in range(steps - 1):
        before = worlds[-1]
        gone = draw(st.sets(st.sampled_from(_IDS), max_size=3))
        came = draw(st.dictionaries(st.sampled_from(_IDS), _ROWS, max_size=5))
        rows = {i: row for i, row in before.rows.items() if i not in gone} | came
        worlds.append(
            World(
                rows,
                draw(_decided(before.must)),
                draw(_decided(before.cannot)),
                draw(_RETRACTED),
                draw(_decided(before.one)),
            )
        )
    return worlds


def _decided(before: Mapping[Pair, datetime | None]) -> st.SearchStrategy[dict[Pair, datetime | None]]:
    """Some decisions stay, some are superseded, some are new."""
    kept = st.sets(st.sampled_from(sorted(before))) if before else st.just(set[Pair]())
    return st.builds(lambda old, new: {p: before[p] for p in sorted(old)} | new, kept, _DECISIONS)


@contextmanager
def empty() -> Iterator[Writing]:
    """A warehouse in memory with every table and nothing in them."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; set disabled_optimizers = 'join_filter_pushdown'")
        for stage in STAGES:
            connection.execute(f"create schema {stage}")
        for table in TABLES:
            connection.execute(table.ddl())
        yield Writing(connection)


def forget(write: Writing) -> None:
    """Empty the tables of the stage."""
    for table in TABLES:
        if table.stage == "deduplicated":
            write.connection.execute(f"delete from {table.full_name}")


def grow(write: Writing, before: World, after: World, also: Iterable[str] = ()) -> pl.DataFrame:
    """Bring the linkage of `before` up to date with `after`; `also` are named though nothing about them changed."""

    def told(world: World, i: str) -> Any:
        return world.rows.get(i), world.retracted.get(i)

    changed = {i for i in after.rows if told(before, i) != told(after, i)} | (set(also) & after.rows.keys())
    gone = before.rows.keys() - after.rows.keys()
    return update(write, after.table(sorted(changed)), gone, after.constraints, MODEL)


_ON_RECORDS = "select p.record_id, t.* exclude (record_no) from deduplicated.{0} as t inner join deduplicated.people as p"
_LOOKS = {
    "people": """
        select p.* exclude (record_no, component), f.record_id as component
        from deduplicated.people as p
        inner join (select component, min(record_id) as record_id from deduplicated.people group by component) as f
        on p.component = f.component order by p.record_id
    """,
    "names": f"{_ON_RECORDS.format('names')} using (record_no) order by all",
    "keys": f"{_ON_RECORDS.format('keys')} using (record_no) order by all",
    "pairs": "select * exclude (a, b) from deduplicated.pairs order by record_a, record_b",
    "constraints": "from deduplicated.constraints order by all",
    "identity_events": "from deduplicated.identity_events order by all",
}


def look(write: Writing) -> dict[str, pl.DataFrame]:
    """All that linkage left in the warehouse, without the numbers that mean nothing elsewhere."""
    seen = {name: write.frame(sql) for name, sql in _LOOKS.items()}
    return seen | {"links": links(write), "questions": pair_questions(write, MODEL)}


def differences(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> dict[str, list[Any]]:
    """Rows that only one of two looks shows, by table; nothing where they are the same, order and all."""
    found: dict[str, list[Any]] = {}
    for name, rows in one.items():
        if not rows.equals(other[name]):
            left, right = rows.rows(), other[name].rows()
            found[name] = [*(("-", r) for r in left if r not in right), *(("+", r) for r in right if r not in left)]
            found[name] = found[name] or ["order"]
    return found
