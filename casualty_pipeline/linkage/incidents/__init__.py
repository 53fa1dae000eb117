"""Incidents: which records speak of one, which can change when records or victims do, and what sources contradict.

units (what is one without condition) -> sites (what shares place, day and mechanism) -> joining (what shares victims) ->
decided (what people said), a module each; this one puts them together. `affected` finds what has to be computed again,
`questions` what to ask people.
What an incident is made of, one value per field, stands in `sql/deduplicated/incidents.sql`; who is responsible, and
whether it was a massacre, belongs to `attribution`.
"""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from casualty_pipeline.linkage.incidents.affected import Affected, affected
from casualty_pipeline.linkage.incidents.decided import DECIDED, under_decisions
from casualty_pipeline.linkage.incidents.joining import join_by_victims
from casualty_pipeline.linkage.incidents.questions import incident_questions
from casualty_pipeline.linkage.incidents.sites import blocks_of
from casualty_pipeline.linkage.incidents.units import incident_ids, units_of

__all__ = ["Affected", "affected", "assign_incidents", "incident_questions"]

_NO_PARTS: Mapping[str, str] = MappingProxyType({})
_NOTHING_DECIDED = pl.DataFrame(schema=DECIDED)


def assign_incidents(
    records: pl.DataFrame,
    victim_records: pl.DataFrame,
    part_of: Mapping[str, str] = _NO_PARTS,
    decided: pl.DataFrame = _NOTHING_DECIDED,
) -> pl.DataFrame:
    """The incident of each of `records` (columns of cleaned.records, all statements), as in deduplicated.incident_records.

    `victim_records` has `record_id` and `victim_id`; records of it that aren't in `records` are ignored. `part_of` says
    which parties are a part of which (the militias of a state), beside those whose id says so (`a/b` is a part of `a`).

    Joined are, in this order: records with one `incident_ref`; records without a ref that share exact day, governorate,
    place, mechanism and party; units of such a site whose parties don't contradict each other, where each source has but
    one ref, or times of day at most an hour apart (a double tap, R20); records of one victim, whatever the parties. Only the
    first two are unconditional: no other joins incidents in different governorates, more than a day apart, or listed by
    one source at two places, not even through a third. At last, `decided` (columns of `decided.DECIDED`) joins or holds
    apart the incidents of pairs of records, whatever all that says; what is one code stays one.

    Returns `record_id`, `incident_id` ("I-" and the identity of the founding record: the first by (known_at, record_id)),
    `unit_key`, `site` and `component`, by record_id: the same in any order of the input. Two records whose incidents can
    influence each other share the `component`, so that a component computed alone gives what it gives among all.
    """
    members, units = units_of(records, part_of)
    links = members.join(victim_records.select("record_id", "victim_id"), on="record_id")
    shared = links.select("victim_id", "unit").unique().filter(pl.len().over("victim_id") > 1).sort("victim_id", "unit")
    blocks = blocks_of(units, shared)
    groups = under_decisions(members, join_by_victims(members, blocks, shared), shared, decided)
    ids = incident_ids(groups)
    return (
        members.select("record_id", "unit")
        .join(groups.select("unit", "unit_key", "site", "group", "component"), on="unit")
        .join(ids.select("group", incident_id="id"), on="group")
        .join(ids.select("number", component="group"), on="component")
        .select("record_id", "incident_id", "unit_key", "site", component="number")
        .sort("record_id")
    )
