-- What each month's attributed rows come from, one item a row: victims and incidents, each with a digest of all that is
-- attributed to it; the decisions that concern them (`concerning`: decision_id, victim_id, incident_id, record_id), whether
-- in force or not; and the captures whose records speak of them.
with victim as (
    select
        v.documentation_month,
        v.victim_id,
        v.incident_id,
        md5_number_lower(cast(v as varchar)) as digest
    from resolved_victims as v
),

incident as (
    select
        i.documentation_month,
        i.incident_id,
        md5_number_lower(cast(i as varchar)) as digest
    from resolved_incidents as i
),

decision as (
    select
        v.documentation_month,
        c.decision_id
    from concerning as c
    inner join victim as v on c.victim_id = v.victim_id
    union
    select
        i.documentation_month,
        c.decision_id
    from concerning as c
    inner join incident as i on c.incident_id = i.incident_id
    union
    select
        r.documentation_month,
        c.decision_id
    from concerning as c
    inner join captures.records as r on c.record_id = r.record_id
    union
    select
        v.documentation_month,
        c.decision_id
    from concerning as c
    inner join deduplicated.identity_events as e on c.record_id = e.record_id
    inner join victim as v on e.victim_id = v.victim_id
),

capture as (
    select
        v.documentation_month,
        r.capture_sha256
    from victim as v
    inner join deduplicated.victim_records as l on v.victim_id = l.victim_id
    inner join captures.records as r on l.record_id = r.record_id
    union
    select
        i.documentation_month,
        r.capture_sha256
    from incident as i
    inner join deduplicated.incident_records as l on i.incident_id = l.incident_id
    inner join captures.records as r on l.record_id = r.record_id
)

select
    documentation_month,
    'victim' as kind,
    victim_id as item_id,
    digest
from victim
union all
select
    documentation_month,
    'incident' as kind,
    incident_id as item_id,
    digest
from incident
union all
select
    documentation_month,
    'decision' as kind,
    decision_id as item_id,
    cast(0 as ubigint) as digest
from decision
union all
select
    documentation_month,
    'capture' as kind,
    capture_sha256 as item_id,
    cast(0 as ubigint) as digest
from capture
