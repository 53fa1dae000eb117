"""Whom a decision would be about, as the tables stand: victims and incidents by id, and the months that they count in.

Only ids, months and numbers: what a decision changes is known when it was computed.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from casualty_pipeline.captures.connectors.ledger import other_side
from casualty_pipeline.cleaning.places import place_key
from casualty_pipeline.linkage.resolving import resolve_all
from casualty_pipeline.warehouse import Reading

_RECORDS = """
    select r.record_id from captures.records as r
    where 'record:' || r.source || '/' || r.source_key in (select named from asked)
    union
    select r.record_id from captures.records as r where 'capture:' || r.capture_sha256 in (select named from asked)
    union
    select r.record_id from cleaned.records as r
    where 'source:' || r.source in (select named from asked) and r.known_at <= (select any_value(moment) from asked)
    union
    select r.record_id from cleaned.records as r where 'incident:' || r.incident_ref in (select named from asked)
    union
    select i.record_id from deduplicated.incident_records as i where i.incident_id in (select id from asked)
    union
    select v.record_id from deduplicated.victim_records as v where v.victim_id in (select id from asked)
    union
    select r.record_id from cleaned.records as r where r.place_key in (select place_key from asked)
    union
    select r.record_id from captures.records as r
    where 'place:' || r.place in (select named from asked) or 'place:' || r.place_ar in (select named from asked)
        or 'place:' || r.governorate in (select named from asked)
"""
_VICTIMS = """
    select distinct v.victim_id from deduplicated.victim_records as v semi join concerned as c on v.record_id = c.record_id
    union
    select v.victim_id from deduplicated.victims as v
    where v.incident_id in (select id from asked)
    order by victim_id
"""
_INCIDENTS = """
    select distinct i.incident_id from deduplicated.incident_records as i
    semi join concerned as c on i.record_id = c.record_id
    order by incident_id
"""
_MONTHS = """
    select distinct documentation_month from deduplicated.victims
    where victim_id in (select victim_id from victims_concerned)
    union
    select distinct documentation_month from cleaned.records where record_id in (select record_id from concerned)
    order by documentation_month
"""


@dataclass(frozen=True)
class Concerned:
    """Ids of victims and incidents, the months that they count in, and how many statements speak of them."""

    victims: tuple[str, ...]
    incidents: tuple[str, ...]
    months: tuple[str, ...]
    statements: int


def concerned(reading: Reading, kind: str, subject: str, value: str, moment: datetime) -> Concerned:
    """Whom a decision of this moment (UTC, without its zone) is about; nobody where the tables know nothing of it yet."""
    side = other_side({"kind": kind, "value": value})
    named = sorted({subject, side[1]} if side else {subject})
    ids = {n: n.partition(":")[2] for n in named if n.startswith(("victim:", "incident:I-"))}
    today = resolve_all(reading, ids.values())
    current = [found.current if (found := today.get(ids.get(n, ""))) else None for n in named]
    places = [place_key(n.removeprefix("place:")) if n.startswith("place:") else None for n in named]
    asked = {"named": named, "id": current, "place_key": places, "moment": [moment] * len(named)}
    texts = dict.fromkeys(("named", "id", "place_key"), pl.String)
    reading.register(asked=pl.DataFrame(asked, schema_overrides=texts))
    execute = reading.connection.execute
    execute(f"create or replace temp table concerned as {_RECORDS}")
    execute(f"create or replace temp table victims_concerned as {_VICTIMS}")

    def column(sql: str) -> tuple[str, ...]:
        return tuple(one for (one,) in execute(sql).fetchall())

    statements = execute("select count(*) from concerned").fetchall()[0][0]
    victims = column("select victim_id from victims_concerned order by victim_id")
    return Concerned(victims, column(_INCIDENTS), column(_MONTHS), statements)
