-- Not a table of its own: what `typed.sql` starts from. Statements of the months, persons and groups with what the statement
-- on their incident adds; a later statement of the same source under the same key supersedes the earlier one.
-- Most share their key with none. Ranking goes over those that share one with a statement of the months, wherever they are,
-- and takes only ids along.
with shared as (
    select
        r.source,
        r.statement,
        r.source_key
    from captures.records as r
    group by r.source, r.statement, r.source_key
    having count(*) > 1
),

asked as (
    select
        r.source,
        r.statement,
        r.source_key
    from captures.records as r
    where
        list_contains($months, r.documentation_month)
        and (r.source, r.statement, r.source_key) in (select (h.source, h.statement, h.source_key) from shared as h)
),

ranked as (
    select
        r.record_id,
        row_number() over (
            partition by r.source, r.statement, r.source_key
            order by r.received_at desc, r.file desc, r.row_number desc, r.record_id asc
        ) as recency
    from captures.records as r
    where (r.source, r.statement, r.source_key) in (select (a.source, a.statement, a.source_key) from asked as a)
),

ranked_incident as (
    select
        r.record_id,
        row_number() over (
            partition by r.source, r.source_key
            order by r.received_at desc, r.file desc, r.row_number desc, r.record_id asc
        ) as recency
    from captures.records as r
    where r.statement = 'incident' and r.incident_ref is not null
),

-- What people decided on candidates.
confirmation as (
    select
        d.subject,
        d.value
    from in_force as d
    where d.kind = 'candidate' and d.value <> 'unsure'
    qualify row_number() over (partition by d.subject order by d.decided_at desc, d.decision_id desc) = 1
),

-- The last version of every post: what an earlier one said and this one doesn't is superseded.
last_text as (
    select
        t.source,
        t.source_key,
        t.capture_sha256,
        t.pointer
    from captures.texts as t
    qualify row_number() over (
        partition by t.source, t.source_key order by t.edited desc nulls last, t.received_at desc, t.text_id asc
    ) = 1
),

edited_away as (
    select r.record_id
    from captures.records as r
    inner join last_text as t on r.source = t.source and (r.extra ->> 'post') = t.source_key
    left join captures.records as still
        on
            t.source = still.source
            and t.capture_sha256 = still.capture_sha256
            and t.pointer is not distinct from still.pointer
            and r.source_key = still.source_key
    where r.candidate and still.record_id is null
),

latest as (
    select
        r.*,
        coalesce(k.recency, 1) as recency,
        d.value as decided
    from captures.records as r
    left join ranked as k on r.record_id = k.record_id
    left join confirmation as d on r.candidate and d.subject = 'record:' || r.source || '/' || r.source_key
    where list_contains($months, r.documentation_month)
),

incident as (
    select r.*
    from captures.records as r
    inner join ranked_incident as k on r.record_id = k.record_id
    where k.recency = 1
    qualify row_number() over (partition by r.source, r.incident_ref order by r.received_at desc, r.record_id asc) = 1
)

select
    l.record_id,
    l.source,
    l.source_key,
    l.statement,
    l.capture_sha256,
    l.file,
    l.sheet,
    l.row_number,
    l.pointer,
    l.documentation_month,
    l.received_at,
    l.known_at,
    l.recency > 1 or l.record_id in (select e.record_id from edited_away as e) as superseded,
    case when l.candidate then coalesce(l.decided, 'unconfirmed') end as candidate,
    i.record_id as incident_record_id,
    l.incident_ref,
    l.name_ar,
    l.name_en,
    l.sex,
    l.age,
    l.age_group,
    l.birth_date,
    l.persons,
    l.status,
    l.civilian_status,
    l.death_date,
    l.injury_date,
    l.arrest_date,
    l.found_date,
    l.reported_date,
    coalesce(l.incident_date, i.incident_date) as incident_date,
    coalesce(l.incident_date_end, i.incident_date_end) as incident_date_end,
    coalesce(l.incident_time, i.incident_time) as incident_time,
    coalesce(l.documented_date, i.documented_date) as documented_date,
    coalesce(l.governorate, i.governorate) as governorate,
    l.origin_governorate,
    coalesce(l.place, i.place) as place,
    coalesce(l.place_ar, i.place_ar) as place_ar,
    coalesce(l.latitude, i.latitude) as latitude,
    coalesce(l.longitude, i.longitude) as longitude,
    coalesce(l.party, i.party) as party,
    coalesce(l.certainty, i.certainty) as certainty,
    coalesce(l.assessment, i.assessment) as assessment,
    coalesce(l.mechanism, i.mechanism) as mechanism,
    coalesce(l.circumstance, i.circumstance) as circumstance,
    l.special_group,
    l.affiliation,
    l.occupation,
    l.marital_status,
    coalesce(l.area_of_control, i.area_of_control) as area_of_control,
    l.original_source,
    l.countable_media,
    l.killed_min,
    l.killed_max,
    l.children_min,
    l.women_min,
    l.men_min,
    l.narrative,
    l.url
from latest as l
left join incident as i on l.source = i.source and l.incident_ref = i.incident_ref and l.statement <> 'incident'
