-- Not a table of its own: who is responsible for each incident, by the claims of independent voices that were known at the
-- moments in `moments` (incident_id, moment). Where they disagree, whom most of them name (requirements, section 4).
-- A decision wins over this in `victims.sql` and `transitions.sql`.
with vote as (
    select
        m.incident_id,
        m.moment,
        c.claim,
        count(distinct c.voice) as voices,
        bool_or(c.certain) as certain
    from moments as m
    inner join claims_made as c on m.incident_id = c.incident_id and m.moment >= c.known_at
    group by m.incident_id, m.moment, c.claim
),

ranked as (
    select
        v.*,
        max(v.voices) over (partition by v.incident_id, v.moment) as most,
        count(*) over (partition by v.incident_id, v.moment) as claims_made
    from vote as v
),

leader as (
    select
        r.incident_id,
        r.moment,
        list(r.claim order by r.claim) as claims,
        bool_or(r.certain) as certain,
        any_value(r.claims_made) as claims_made
    from ranked as r
    where r.voices = r.most
    group by r.incident_id, r.moment
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
    n.moment,
    case
        when len(n.claims) = 1 and not contains(n.claims[1], '+') then n.claims[1]
        when array_to_string(n.parties, '+') in (select j.pair from joint_pairs as j) then array_to_string(n.parties, '+')
        else array_to_string(n.parties, '|')
    end as claim,
    case when n.certain then 'established' else 'believed' end as certainty,
    case when len(n.claims) > 1 then 'tie' when n.claims_made > 1 then 'majority' else 'claims' end as basis
from named as n
