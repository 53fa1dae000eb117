-- Not a table of its own: the decisions `in_force`, with the victims and incidents that their subject names. `subject_ids`
-- says what ids mean today: an id that was merged away stands for what it was merged into. Subjects are taken apart, since
-- decisions are fewer than the records whose subjects would have to be put together; no source has a slash in its name.
with of_record as (
    select
        d.decision_id,
        split_part(substr(d.subject, 8), '/', 1) as source,
        substr(d.subject, 8 + strpos(substr(d.subject, 8), '/')) as source_key
    from in_force as d
    where starts_with(d.subject, 'record:')
),

of_code as (
    select
        d.decision_id,
        substr(d.subject, 10) as incident_ref
    from in_force as d
    where starts_with(d.subject, 'incident:')
),

incident_subject as (
    select distinct
        d.decision_id,
        i.incident_id
    from of_code as d
    inner join cleaned.records as r on d.incident_ref = r.incident_ref
    inner join deduplicated.incident_records as i on r.record_id = i.record_id
    union
    select
        d.decision_id,
        n.incident_id
    from in_force as d
    inner join subject_ids as n on d.subject = n.subject
    where n.incident_id is not null
),

victim_subject as (
    select distinct
        d.decision_id,
        v.victim_id
    from of_record as d
    inner join cleaned.records as r on d.source = r.source and d.source_key = r.source_key
    inner join deduplicated.victim_records as v on r.record_id = v.record_id
    union
    select
        d.decision_id,
        v.victim_id
    from in_force as d
    inner join subject_ids as n on d.subject = n.subject
    inner join deduplicated.victims as v on n.victim_id = v.victim_id
    union
    select
        s.decision_id,
        v.victim_id
    from incident_subject as s
    inner join deduplicated.victims as v on s.incident_id = v.incident_id
)

select
    d.decision_id,
    d.kind,
    d.value,
    d.certainty,
    d.decided_at,
    s.incident_id,
    cast(null as varchar) as victim_id,
    false as of_victim
from in_force as d
inner join incident_subject as s on d.decision_id = s.decision_id
union all
select
    d.decision_id,
    d.kind,
    d.value,
    d.certainty,
    d.decided_at,
    null,
    s.victim_id,
    not starts_with(d.subject, 'incident:')
from in_force as d
inner join victim_subject as s on d.decision_id = s.decision_id
