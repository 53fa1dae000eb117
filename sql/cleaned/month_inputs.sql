-- For each month a digest over its statements, whether they are superseded, the statements that they inherit from, and the
-- rules that read them (`$rules`): equal digests, equal rows.
with latest as (
    select
        r.record_id,
        r.source,
        r.incident_ref,
        r.statement,
        r.documentation_month,
        row_number() over (
            partition by r.source, r.statement, r.source_key
            order by r.received_at desc, r.file desc, r.row_number desc, r.record_id asc
        ) as recency
    from captures.records as r
),

incident as (
    select
        l.source,
        l.incident_ref,
        min(l.record_id) as record_id
    from latest as l
    where l.statement = 'incident' and l.recency = 1
    group by l.source, l.incident_ref
)

select
    l.documentation_month,
    count(*) as statements,
    sha256(
        $rules || string_agg(concat_ws('|', l.record_id, l.recency > 1, i.record_id), chr(10) order by l.record_id)
    ) as sha256
from latest as l
left join incident as i on l.source = i.source and l.incident_ref = i.incident_ref
group by l.documentation_month
