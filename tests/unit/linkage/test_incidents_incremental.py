"""Computing only what changed gives what computing everything gives, to the byte."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.linkage.incidents import affected, assign_incidents, incident_questions
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading

START = datetime.fromisoformat("2020-04-01")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "record_id": pl.String,
    "known_at": pl.Datetime("us"),
    "source": pl.String,
    "incident_ref": pl.String,
    "claim": pl.String,
    "certainty": pl.String,
    "governorate": pl.String,
    "place_key": pl.String,
    "mechanism": pl.String,
    "incident_time": pl.String,
    "incident_first": pl.Date,
    "incident_last": pl.Date,
    "death_first": pl.Date,
    "death_last": pl.Date,
}
TABLES = ("cleaned.records", "deduplicated.incident_records", "deduplicated.victim_records")
World = dict[str, tuple[dict[str, Any], str]]

days = st.integers(1, 4).map(lambda n: date(2020, 3, n))
statements = st.fixed_dictionaries(
    {
        "known_at": st.integers(0, 3).map(lambda n: START + timedelta(hours=n)),
        "source": st.sampled_from("ab"),
        "incident_ref": st.sampled_from([None, None, "1", "2"]),
        "claim": st.sampled_from([None, "russia", "syrian_regime", "russia+syrian_regime", "unidentified"]),
        "certainty": st.sampled_from([None, None, "contested"]),
        "governorate": st.sampled_from([None, "SY02", "SY07", "SY07"]),
        "place_key": st.sampled_from([None, "p", "p", "q"]),
        "mechanism": st.sampled_from([None, "airstrike", "airstrike"]),
        "incident_time": st.sampled_from([None, "02:05", "02:27", "14:10", "morning"]),
        "incident_first": st.none() | days,
        "incident_last": st.none(),
        "death_first": days,
        "death_last": days,
    }
)
ids = st.integers(0, 11).map(lambda n: f"R-{n}")
worlds = st.dictionaries(ids, st.tuples(statements, st.sampled_from(["V-1", "V-2", "V-3", "V-4"])), max_size=12)


def frames(world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = []
    for record_id, (said, _) in world.items():
        ref = said["incident_ref"] and f"{said['source']}/{said['incident_ref']}"
        rows.append(said | {"record_id": record_id, "incident_ref": ref})
    victims = [(record_id, victim) for record_id, (_, victim) in world.items()]
    return pl.DataFrame(rows, schema=SCHEMA), pl.DataFrame(victims, schema=["record_id", "victim_id"], orient="row").cast(
        pl.String
    )


@pytest.fixture(scope="module")
def reading() -> Iterator[Reading]:
    with duckdb.connect() as connection:
        for schema in ("cleaned", "deduplicated"):
            connection.execute(f"create schema {schema}")
        for table in TABLES:
            connection.execute(TABLE[table].ddl().replace(" not null", ""))
        yield Reading(connection)


@contextmanager
def stored(reading: Reading, **tables: pl.DataFrame) -> Iterator[None]:
    """These rows in the warehouse's tables, for the time of one example."""
    for name, rows in tables.items():
        table = name.replace("__", ".")
        reading.connection.execute(f"delete from {table}")
        reading.register(rows=rows)
        reading.connection.execute(f"insert into {table} by name from rows")
    yield


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def victims_of(world: World) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for record_id, (_, victim) in sorted(world.items()):
        held.setdefault(victim, []).append(record_id)
    return held


@settings(max_examples=20, deadline=None)
@given(before=worlds, after=worlds, kept=st.sets(ids))
def test_additions_changes_and_removals_give_what_all_at_once_gives(
    reading: Reading, before: World, after: World, kept: set[str]
) -> None:
    after = {k: v for k, v in after.items() if k not in kept} | {k: v for k, v in before.items() if k in kept}
    assigned = assign_incidents(*frames(before))
    records, links = frames(after)
    with stored(
        reading, cleaned__records=records, deduplicated__incident_records=assigned, deduplicated__victim_records=links
    ):
        found = affected(
            reading,
            changes({k: s for k, (s, _) in before.items()}, {k: s for k, (s, _) in after.items()}),
            changes(victims_of(before), victims_of(after)),
        )
    again = assign_incidents(found.records, found.victim_records)
    rest = assigned.filter(~pl.col("record_id").is_in(found.record_ids.implode()))
    assert pl.concat([rest, again]).sort("record_id").equals(assign_incidents(records, links))


@settings(max_examples=20, deadline=None)
@given(world=worlds, order=st.randoms(use_true_random=False))
def test_the_order_of_the_input_is_no_matter(world: World, order: Any) -> None:
    shuffled = list(world.items())
    order.shuffle(shuffled)
    (records, links), (other_records, other_links) = frames(world), frames(dict(shuffled))
    assigned = assign_incidents(records, links)
    assert assigned.equals(assign_incidents(other_records, other_links))
    assert incident_questions(records, assigned).equals(incident_questions(other_records, assigned))


@settings(max_examples=20, deadline=None)
@given(world=worlds)
def test_a_component_computed_alone_gives_what_it_gives_among_all(world: World) -> None:
    records, links = frames(world)
    assigned = assign_incidents(records, links)
    for _, component in assigned.group_by("component"):
        alone = records.join(component, on="record_id", how="semi")
        assert assign_incidents(alone, links).equals(component.sort("record_id"))


def test_nothing_changed_affects_nothing(reading: Reading) -> None:
    world: World = {"R-1": (dict.fromkeys(SCHEMA) | {"source": "a", "known_at": START}, "V-1")}
    records, links = frames(world)
    assigned = assign_incidents(records, links)
    with stored(
        reading, cleaned__records=records, deduplicated__incident_records=assigned, deduplicated__victim_records=links
    ):
        found = affected(reading, [], [])
    assert (found.record_ids.len(), found.records.height, found.victim_records.height) == (0, 0, 0)
    assert assign_incidents(found.records, found.victim_records).schema == assigned.schema
