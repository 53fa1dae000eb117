"""What has to be computed again: the records whose incidents can change when some records or victims have changed.

It leans on what `assign_incidents` stored with every record: a component is closed over units, sites and shared victims, so
that whatever is new can only reach out from what changed. That makes it two steps, not a search.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from casualty_pipeline.linkage.incidents.units import COLUMNS, units_of
from casualty_pipeline.warehouse import Reading

_RECORDS = f"""
    select {", ".join(f"r.{column}" for column in COLUMNS)}
    from {{records}} as r
    where r.record_id in (select w.value from incident_wanted as w)
"""
_RECORDS_OF_VICTIMS = """
    select v.record_id as value from deduplicated.victim_records as v
    where v.victim_id in (select w.value from incident_wanted as w)
"""
_VICTIM_RECORDS = """
    select v.record_id, v.victim_id from deduplicated.victim_records as v
    where v.record_id in (select w.value from incident_wanted as w)
"""
_COMPONENTS = """
    with touched as (select distinct i.component from deduplicated.incident_records as i where {reached})
    select i.record_id, i.unit_key, i.site
    from deduplicated.incident_records as i
    where i.component in (select t.component from touched as t)
"""


@dataclass(frozen=True)
class Affected:
    """`record_ids`, in order: whose rows of deduplicated.incident_records to delete, records that are gone among them.

    `records` and `victim_records` are what `assign_incidents` needs to give the rows to put in their place.
    """

    record_ids: pl.Series
    records: pl.DataFrame
    victim_records: pl.DataFrame


def affected(
    reading: Reading, changed_records: Iterable[str], changed_victims: Iterable[str], records: str = "cleaned.records"
) -> Affected:
    """All records whose row in deduplicated.incident_records can change.

    `changed_records` are the ids of records that are new, changed or gone since those rows were written; `changed_victims`
    those of every victim that has gained or lost a record, or is new or gone. deduplicated.victim_records must already hold
    the victims as they are now, and `records` names the relation of cleaned.records without what was retracted.

    `assign_incidents(found.records, found.victim_records)` gives the rows that it gives from nothing; the rows of all other
    records stay as they are, byte for byte.
    """
    changed = _texts(changed_records)
    seed = pl.concat([changed, _asked(reading, _RECORDS_OF_VICTIMS, _texts(changed_victims))["value"]]).unique()
    now = _asked(reading, _RECORDS.format(records=records), changed)
    refs = "ref:" + now["incident_ref"].drop_nulls().unique()
    asked = _sites(now)
    reached = _components(reading, record_id=seed, unit_key=refs, site=asked)

    # A code that gains or loses a record may be of another site than before, and than what the new records say alone.
    ids = pl.concat([seed, reached["record_id"]]).unique()
    said = _asked(reading, _RECORDS.format(records=records), ids)
    before = reached.filter(pl.col("record_id").is_in(changed.implode()))["unit_key"]
    coded = ("ref:" + pl.col("incident_ref")).is_in(pl.concat([refs, before]).unique().implode())
    others = _sites(said.filter(coded))
    others = others.filter(~others.is_in(pl.concat([asked, reached["site"].drop_nulls()]).implode()))
    if others.len():
        further = _components(reading, site=others)["record_id"]
        further = further.filter(~further.is_in(ids.implode()))
        ids = pl.concat([ids, further])
        said = pl.concat([said, _asked(reading, _RECORDS.format(records=records), further)])
    return Affected(ids.sort(), said.sort("record_id"), _asked(reading, _VICTIM_RECORDS, ids).sort("record_id", "victim_id"))


def _sites(records: pl.DataFrame) -> pl.Series:
    """The sites of the units of these records."""
    _, units = units_of(records, {})
    return units["site"].drop_nulls().unique()


def _texts(values: Iterable[str]) -> pl.Series:
    return pl.Series("value", values, dtype=pl.String)


def _asked(reading: Reading, query: str, wanted: pl.Series) -> pl.DataFrame:
    reading.register(incident_wanted=wanted.alias("value").to_frame())
    return reading.frame(query)


def _components(reading: Reading, **reached: pl.Series) -> pl.DataFrame:
    """The stored rows of all components with a row that has one of these values in the column of that name."""
    conditions = []
    for column, values in reached.items():
        reading.register(**{f"incident_reached_{column}": values.alias("value").to_frame()})
        conditions.append(f"i.{column} in (select r.value from incident_reached_{column} as r)")
    return reading.frame(_COMPONENTS.format(reached=" or ".join(conditions)))
