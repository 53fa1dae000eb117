-- Not a table of its own: for each month, how many incidents may count in it, and a sum of hashes over all that decides how:
-- the incident, its victims, what is claimed of it (`claims_told`), and every decision on them (`ever_decided`). Equal sums,
-- equal rows in `month_digest.sql`, for a fraction of its work.
with until as (
    select
        d.supersedes as decision_id,
        min(d.decided_at) as decided_at
    from captures.decisions as d
    where d.supersedes is not null
    group by d.supersedes
),

told as (
    select
        i.incident_id,
        hash('incident', i) as said
    from deduplicated.incidents as i
    union all
    select
        v.incident_id,
        hash('victim', v)
    from deduplicated.victims as v
    union all
    select
        c.incident_id,
        hash('claim', c)
    from claims_told as c
    union all
    select
        coalesce(d.incident_id, v.incident_id) as incident_id,
        hash('decision', d.decision_id, d.kind, d.value, d.certainty, d.decided_at, d.of_victim, d.victim_id, u.decided_at)
    from ever_decided as d
    left join deduplicated.victims as v on d.victim_id = v.victim_id
    left join until as u on d.decision_id = u.decision_id
),

state as (
    select
        t.incident_id,
        sum(t.said) as said
    from told as t
    group by t.incident_id
),

counting as (
    select
        v.documentation_month as month,
        v.incident_id
    from deduplicated.victims as v
    union
    select
        i.documentation_month,
        i.incident_id
    from deduplicated.incidents as i
)

select
    c.month,
    count(*) as incidents,
    sum(hash(s.incident_id, s.said)) as state
from counting as c
inner join state as s on c.incident_id = s.incident_id
group by c.month
