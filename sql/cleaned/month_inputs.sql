-- For each month a digest over its statements, when each was received and known, whether they are superseded, the statements
-- that they inherit from, what was decided on candidates and how their posts stand now, and the rules that read them
-- (`$rules`): equal digests, equal rows.
with shared as (
    select
        r.source,
        r.statement,
        r.source_key
    from captures.records as r
    group by r.source, r.statement, r.source_key
    having count(*) > 1
),

ranked as (
    select
        r.record_id,
        row_number() over (
            partition by r.source, r.statement, r.source_key
            order by r.received_at desc, r.file desc, r.row_number desc, r.record_id asc
        ) as recency
    from captures.records as r
    where (r.source, r.statement, r.source_key) in (select (h.source, h.statement, h.source_key) from shared as h)
),

latest as (
    select
        r.record_id,
        r.source,
        r.source_key,
        r.candidate,
        r.extra ->> 'post' as post,
        r.incident_ref,
        r.statement,
        r.documentation_month,
        r.received_at,
        r.known_at,
        coalesce(k.recency, 1) as recency
    from captures.records as r
    left join ranked as k on r.record_id = k.record_id
),

confirmation as (
    select
        d.subject,
        last(d.value order by d.decided_at, d.decision_id) as value
    from in_force as d
    where d.kind = 'candidate' and d.value <> 'unsure'
    group by d.subject
),

last_text as (
    select
        t.source,
        t.source_key,
        t.text_id
    from captures.texts as t
    qualify row_number() over (
        partition by t.source, t.source_key order by t.edited desc nulls last, t.received_at desc, t.text_id asc
    ) = 1
),

incident as (
    select
        l.source,
        l.incident_ref,
        first(l.record_id order by l.received_at desc, l.record_id asc) as record_id  -- as in statements.sql
    from latest as l
    where l.statement = 'incident' and l.recency = 1
    group by l.source, l.incident_ref
)

select
    l.documentation_month,
    count(*) as statements,
    sha256(
        $rules
        || string_agg(
            concat_ws('|', l.record_id, l.received_at, l.known_at, l.recency > 1, i.record_id, d.value, t.text_id),
            chr(10) order by l.record_id
        )
    ) as sha256
from latest as l
left join incident as i on l.source = i.source and l.incident_ref = i.incident_ref
left join confirmation as d on l.candidate and d.subject = 'record:' || l.source || '/' || l.source_key
left join last_text as t on l.candidate and l.source = t.source and l.post = t.source_key
group by l.documentation_month
