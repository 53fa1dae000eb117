-- Not a table of its own: how many sources, independent of each other, speak of each victim (R8), and whether that is known
-- of the victim or only of the incident. A copy adds nobody. Who said it first is known per record where the record names
-- it; else those count whom its source cites for the incident; and an assessment of its own by which two or more sources
-- speak of the incident is two.
with citation as (
    select distinct
        k.source || '/' || k.incident_ref as incident_ref,
        coalesce(c.source, lower(trim(k.cited_source))) as origin
    from captures.citations as k
    left join source_called as c on lower(trim(k.cited_source)) = c.called
    where k.cited_source is not null
),

heard as (
    select
        s.victim_id,
        s.corroborated,
        k.origin is not null as cited,
        coalesce(k.origin, s.origin) as origin
    from speaking as s
    left join citation as k on case when not s.origin_stated then s.incident_ref end = k.incident_ref
    where s.record_id not in (select d.record_id from copies as d)
),

counted as (
    select
        h.victim_id,
        count(distinct h.origin) filter (where not h.cited) as of_victim,
        greatest(count(distinct h.origin), 2 * cast(bool_or(h.corroborated) as integer)) as of_incident
    from heard as h
    group by h.victim_id
)

select
    c.victim_id,
    cast(c.of_incident as integer) as independent_sources,
    case when c.of_incident > c.of_victim then 'incident' else 'victim' end as sources_known_of
from counted as c
