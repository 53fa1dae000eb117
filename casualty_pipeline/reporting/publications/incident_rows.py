"""What a dossier is made from: the rows of one incident, by any id that it ever had. No wording."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.resolving import INCIDENT, WHAT, resolve
from casualty_pipeline.warehouse import Reading

Rows = Sequence[Mapping[str, Any]]
_INCIDENT = """
    select d.*, a.attribution, a.party, a.category, a.civilians, a.massacre, a.documentation_month as counted_in
    from deduplicated.incidents as d inner join attributed.incidents as a on d.incident_id = a.incident_id
    where d.incident_id = $id
"""
_VICTIMS = """
    select
        v.victim_id, v.documentation_month, v.documented_in, v.persons, v.demographic, v.in_civilians, v.in_torture,
        v.in_massacre, v.not_counted_reason, v.independent_sources, v.party, v.origin_governorate, v.special_group,
        d.name_ar, d.name_en, d.age_first, d.age_last, d.death_first, d.death_last, d.occupation
    from attributed.victims as v inner join deduplicated.victims as d on v.victim_id = d.victim_id
    where v.incident_id = $id
    order by d.death_first nulls last, v.victim_id
"""
# Of the incident itself and of its victims: a list may name a person without saying which incident it was.
_RECORDS = """
    with named as (
        select record_id from deduplicated.incident_records where incident_id = $id
        union
        select l.record_id from deduplicated.victim_records as l
        inner join attributed.victims as v on l.victim_id = v.victim_id
        where v.incident_id = $id
    )
    select
        r.record_id, r.source, r.source_key, r.incident_ref, r.file, r.sheet, r.row_number, r.capture_sha256,
        c.documented_on, c.latitude, c.longitude, c.place_precision
    from captures.records as r
    inner join named as n on r.record_id = n.record_id
    left join cleaned.records as c on r.record_id = c.record_id
    order by c.documented_on nulls last, r.source, r.record_id
"""
_TRANSITIONS = """
    select * from attributed.transitions where incident_id = $id
    order by known_at, victim_id nulls first, cause_id
"""
_DECISIONS = """
    select decision_id, kind, subject, value, certainty, reason, decided_by, decided_at, supersedes
    from captures.decisions
    where subject in (select unnest($subjects)) or (kind in ('link', 'merge') and value in (select unnest($values)))
    order by decided_at, decision_id
"""


@dataclass(frozen=True)
class IncidentRows:
    """`incident`: its row; `records`: the statements on it; `transitions`, `decisions`: in the order of time."""

    incident: Mapping[str, Any]
    victims: Rows
    records: Rows
    transitions: Rows
    decisions: Rows

    @property
    def id(self) -> str:
        """The incident's id in force."""
        return str(self.incident["incident_id"])

    @property
    def point(self) -> tuple[float, float] | None:
        """Longitude and latitude that most statements give, of equally many the first in order; None where none does."""
        found: dict[tuple[float, float], int] = {}
        for record in self.records:
            if record["latitude"] is not None and record["longitude"] is not None:
                place = (float(record["longitude"]), float(record["latitude"]))
                found[place] = found.get(place, 0) + 1
        return min(found, key=lambda place: (-found[place], place)) if found else None

    @property
    def fingerprint(self) -> str:
        """All rows as text: what the digest of a dossier is taken over."""
        rows = [self.incident, *self.victims, *self.records, *self.transitions, *self.decisions]
        return json.dumps(rows, default=str, ensure_ascii=False, sort_keys=True)


def incident_rows(reading: Reading, asked: str) -> IncidentRows:
    """The rows of an incident.

    Raises CasualtyError for what is no id of an incident, for one never given or retired, or a month that wasn't run.
    """
    if not asked.startswith(INCIDENT):
        raise CasualtyError(f"{asked!r} is no id of an incident: expected I-...; the monthly report names each massacre's")
    resolved = resolve(reading, asked)
    if resolved.current is None:
        raise CasualtyError(f"{asked} {WHAT[resolved.what].format(current=resolved.current)}: there is nothing to tell of")
    rows = reading.frame(_INCIDENT, {"id": resolved.current}).to_dicts()
    if not rows:
        raise CasualtyError(f"{asked}: its month wasn't run since it is known (`casualty status` says which)")
    bound = {"id": resolved.current}
    victims, records = reading.frame(_VICTIMS, bound).to_dicts(), reading.frame(_RECORDS, bound).to_dicts()
    told = {f"record:{r['source']}/{r['source_key']}" for r in records} | {f"victim:{v['victim_id']}" for v in victims}
    about = told | {f"incident:{r['incident_ref']}" for r in records if r["incident_ref"]}
    about |= {f"incident:{r['source']}/{r['incident_ref']}" for r in records if r["incident_ref"]}
    about |= {f"incident:{resolved.current}", f"incident:{asked}"}
    values = sorted(told | {f"into:{victim}" for victim in told})
    decisions = reading.frame(_DECISIONS, {"subjects": sorted(about), "values": values}).to_dicts()
    return IncidentRows(rows[0], victims, records, reading.frame(_TRANSITIONS, bound).to_dicts(), decisions)
