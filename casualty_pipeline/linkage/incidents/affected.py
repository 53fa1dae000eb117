"""What has to be computed again: the records whose incidents can change when some records or victims have changed.

It leans on what `assign_incidents` stored with every record: a component is closed over units, sites and shared victims, so
that whatever is new can only reach out from what changed. That makes it one step, not a search.
"""

import polars as pl

from casualty_pipeline.linkage.incidents.units import COLUMNS, units_of
from casualty_pipeline.warehouse import Reading

# Records of victims that gained or lost one.
_SEED = """
    select c.record_id from changed_incident_records as c
    union
    select v.record_id from deduplicated.victim_records as v
    where v.victim_id in (select c.victim_id from changed_incident_victims as c)
"""
# Units that gain or lose a record; the site of a code can be another then.
_UNITS = """
    select i.unit_key from deduplicated.incident_records as i
    where i.record_id in (select c.record_id from changed_incident_records as c)
    union
    select 'ref:' || r.incident_ref from {records} as r
    where r.incident_ref is not null and r.record_id in (select c.record_id from changed_incident_records as c)
"""
_MEMBERS = """
    select {columns} from {records} as r
    where r.record_id in (
        select c.record_id from changed_incident_records as c
        union all
        select i.record_id from deduplicated.incident_records as i
        where i.unit_key in (select u.unit_key from changed_incident_units as u)
    )
"""
_AFFECTED = """
    with touched as (
        select distinct i.component from deduplicated.incident_records as i
        where
            i.record_id in (select s.record_id from changed_incident_seed as s)
            or i.unit_key in (select u.unit_key from changed_incident_units as u)
            or i.site in (select s.site from changed_incident_sites as s)
    )
    select i.record_id from deduplicated.incident_records as i where i.component in (select t.component from touched as t)
    union
    select s.record_id from changed_incident_seed as s
    order by record_id
"""


def affected(
    reading: Reading, changed_records: pl.Series, changed_victims: pl.Series, records: str = "cleaned.records"
) -> pl.Series:
    """The ids of all records whose row in deduplicated.incident_records can change, in order.

    `changed_records` are the ids of records that are new, changed or gone since those rows were written; `changed_victims`
    those of every victim that has gained or lost a record, or is new or gone. deduplicated.victim_records must already hold
    the victims as they are now, and `records` names the relation of cleaned.records without what was retracted.

    `assign_incidents` on those of these records that still are in `records`, with their victims, gives the rows that it
    gives from nothing; rows of all others stay as they are, byte for byte. Records that are gone are among the ids: their
    rows are to be deleted.
    """
    reading.register(
        changed_incident_records=pl.DataFrame({"record_id": changed_records.cast(pl.String)}),
        changed_incident_victims=pl.DataFrame({"victim_id": changed_victims.cast(pl.String)}),
    )
    seed = reading.frame(_SEED)
    units = reading.frame(_UNITS.format(records=records))
    reading.register(changed_incident_units=units)
    members = reading.frame(_MEMBERS.format(records=records, columns=", ".join(f"r.{column}" for column in COLUMNS)))
    _, touched = units_of(members, {})
    reading.register(changed_incident_seed=seed, changed_incident_sites=touched.select("site").drop_nulls().unique())
    return reading.frame(_AFFECTED)["record_id"]
