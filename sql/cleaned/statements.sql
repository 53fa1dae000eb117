-- Not a table of its own: what `typed.sql` starts from. Statements of the months, persons and groups with what the statement
-- on their incident adds; a later statement of the same source under the same key supersedes the earlier one.
-- Ranking goes over every statement there is, so it takes nothing but the ids along.
with ranked as (
    select
        r.record_id,
        row_number() over (
            partition by r.source, r.statement, r.source_key
            order by r.received_at desc, r.file desc, r.row_number desc, r.record_id asc
        ) as recency
    from captures.records as r
),

latest as (
    select
        r.*,
        k.recency
    from captures.records as r
    inner join ranked as k on r.record_id = k.record_id
    where r.documentation_month in (select unnest($months))
),

incident as (
    select r.*
    from captures.records as r
    inner join ranked as k on r.record_id = k.record_id
    where r.statement = 'incident' and k.recency = 1 and r.incident_ref is not null
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
    l.documentation_month,
    l.received_at,
    l.known_at,
    l.recency > 1 as superseded,
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
