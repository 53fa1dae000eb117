-- For each month, a digest over the rows that the attributed tables would hold if they were computed now. Equal digests,
-- equal rows: a month is stale exactly when something in it would change.
with item as (
    select
        v.documentation_month as month,
        v.victim_id as item_id,
        cast(v as varchar) as content
    from resolved_victims as v
    union all
    select
        i.documentation_month,
        i.incident_id,
        cast(i as varchar)
    from resolved_incidents as i
    union all
    -- How the attribution came to be is told, too: it may change where who is responsible now doesn't.
    select
        t.documentation_month,
        concat_ws('|', t.incident_id, t.victim_id, t.known_at),
        cast(t as varchar)
    from resolved_transitions as t
)

select
    i.month,
    count(*) as rows,
    sha256($rules || string_agg(i.content, chr(10) order by i.item_id)) as sha256
from item as i
group by i.month
