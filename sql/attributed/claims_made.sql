-- Not a table of its own: what each record of an incident claims of who is responsible, and who is its voice: a source that
-- passes on another's statement speaks with that one's voice (R8). Of the incidents in `incidents_resolved`.
select
    i.incident_id,
    r.record_id,
    r.claim,
    r.known_at,
    lower(trim(coalesce(r.original_source, r.source))) as voice,
    r.certainty is null or r.certainty = 'established' as certain
from deduplicated.incident_records as i
inner join cleaned.records as r on i.record_id = r.record_id
where
    r.claim is not null and r.claim <> 'unidentified'
    and i.incident_id in (select a.incident_id from incidents_resolved as a)
