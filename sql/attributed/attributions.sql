-- Not a table of its own: who is responsible for each incident, by the claims of independent sources. A decision wins over
-- this in `victims.sql` and `incidents.sql`.
with vote as (
    select
        i.incident_id,
        r.claim,
        count(distinct lower(trim(coalesce(r.original_source, r.source)))) as voters,
        bool_or(r.certainty is null or r.certainty = 'established') as certain
    from deduplicated.incident_records as i
    inner join cleaned.records as r on i.record_id = r.record_id
    where r.claim is not null and r.claim <> 'unidentified'
    group by i.incident_id, r.claim
),

leader as (
    select
        v.incident_id,
        list(v.claim order by v.claim) as claims,
        bool_or(v.certain) as certain,
        (
            select count(*) from vote as a
            where a.incident_id = v.incident_id
        ) as claims_made
    from vote as v
    where
        v.voters = (
            select max(a.voters) from vote as a
            where a.incident_id = v.incident_id
        )
    group by v.incident_id
),

-- A tie names everybody whom the tied claims name.
named as (
    select
        l.*,
        list_sort(list_distinct(string_split(replace(array_to_string(l.claims, '|'), '+', '|'), '|'))) as parties
    from leader as l
)

select
    n.incident_id,
    case
        when len(n.claims) = 1 and not contains(n.claims[1], '+') then n.claims[1]
        when array_to_string(n.parties, '+') in (select j.pair from joint_pairs as j) then array_to_string(n.parties, '+')
        else array_to_string(n.parties, '|')
    end as claim,
    case when n.certain then 'established' else 'believed' end as certainty,
    case when len(n.claims) > 1 then 'tie' when n.claims_made > 1 then 'majority' else 'claims' end as basis
from named as n
