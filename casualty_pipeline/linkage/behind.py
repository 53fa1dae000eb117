"""What the `deduplicated` stage has yet to follow: records that it hasn't read, decisions that it hasn't applied.

Here belongs the comparison of what linkage was computed from with what stands now, without computing anything of it: the
level by which somebody knows that a run is needed though nothing that was linked has changed yet.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from casualty_pipeline.captures.sources import Source
from casualty_pipeline.linkage.decisions import decided
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.stage import linkage_settings
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Reading

# As `cleaned` holds the months, and as they were when they were linked.
_MONTHS = """
    select coalesce(r.documentation_month, l.documentation_month) as month, coalesce(m.sha256, '') as sha256
    from (select distinct documentation_month from cleaned.records) as r
    left join cleaned.month_inputs as m on r.documentation_month = m.documentation_month
    full join deduplicated.linked_months as l on r.documentation_month = l.documentation_month
    where l.sha256 is distinct from $settings || ' ' || m.sha256
    order by month
"""
# Records about which people decided something else than what linkage applied.
_RECORDS = """
    with now as (
        select
            g.record_a, g.record_b, g.relation, coalesce(g.decided_at, greatest(x.known_at, y.known_at)) as decided_at
        from decided_now as g
        inner join deduplicated.people as x on g.record_a = x.record_id
        inner join deduplicated.people as y on g.record_b = y.record_id
    ),
    was as (select record_a, record_b, relation, decided_at from deduplicated.constraints),
    altered as ((from now except from was) union (from was except from now)),
    of_incidents as (
        (from incidents_now except from deduplicated.incident_constraints)
        union
        (from deduplicated.incident_constraints except from incidents_now)
    ),
    withdrawn as (
        (
            select n.record_id, n.decided_at from retracted_then as n
            except
            select i.record_id, i.retracted_at from deduplicated.inputs as i
        )
        union
        select i.record_id, i.retracted_at from deduplicated.inputs as i
        where i.retracted_at is not null and i.record_id not in (select n.record_id from retracted_then as n)
    )
    select record_a as record_id, concat_ws('|', record_a, record_b, relation, decided_at) as what from altered
    union
    select record_b, concat_ws('|', record_a, record_b, relation, decided_at) from altered
    union
    select record_a, concat_ws('|', record_a, record_b, relation) from of_incidents
    union
    select record_b, concat_ws('|', record_a, record_b, relation) from of_incidents
    union
    select record_id, concat_ws('|', record_id, decided_at) from withdrawn
"""
# The months of these records, and of the victims whom they speak of.
_THEIR_MONTHS = """
    select r.documentation_month as month, o.what from records_behind as o
    inner join cleaned.records as r on o.record_id = r.record_id
    union
    select v.documentation_month, o.what from records_behind as o
    inner join deduplicated.victim_records as l on o.record_id = l.record_id
    inner join deduplicated.victims as v on l.victim_id = v.victim_id
    order by all
"""


@dataclass(frozen=True)
class Behind:
    """Months that linkage has to look at again, each with a digest of what it has to follow there.

    `resettled`: its model, the profile or what a source guarantees changed, so that it is made anew as a whole.
    """

    months: dict[str, str]
    resettled: bool


def behind(reading: Reading, sources: Sequence[Source], profile: Profile, model: Model) -> Behind:
    """What linkage has to follow. Nothing, when running it again would change nothing."""
    settings = linkage_settings(sources, profile, model)
    found: dict[str, list[str]] = {}
    for month, sha256 in reading.connection.execute(_MONTHS, {"settings": settings}).fetchall():
        found.setdefault(month, []).append(f"{settings} {sha256}")
    linked = reading.frame("select sha256 from deduplicated.linked_months")["sha256"]
    decisions = decided(reading, frozenset(s.id for s in sources if s.one_row_per_person))
    reading.register(
        decided_now=decisions.constraints.rows(),
        incidents_now=decisions.incidents,
        retracted_then=pl.DataFrame(
            sorted(decisions.constraints.retracted.items()),
            schema={"record_id": pl.String, "decided_at": pl.Datetime("us")},
            orient="row",
        ),
    )
    reading.register(records_behind=reading.frame(_RECORDS))
    for month, what in reading.connection.execute(_THEIR_MONTHS).fetchall():
        found.setdefault(month, []).append(what)
    return Behind(
        {month: hashlib.sha256("\n".join(whats).encode()).hexdigest() for month, whats in found.items()},
        bool(linked.len()) and not linked.str.starts_with(settings).all(),
    )
