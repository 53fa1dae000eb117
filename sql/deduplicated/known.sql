-- Not a table of its own: victims with one value per field: what all their records say, else the value that survives
-- (`victim_values.sql`).
with taken as (
    select
        v.victim_id,
        max(v.value) filter (where v.field = 'name_ar') as name_ar,
        max(v.value) filter (where v.field = 'name_en') as name_en,
        max(v.value) filter (where v.field = 'persons') as persons,
        max(v.value) filter (where v.field = 'sex') as sex,
        max(v.value) filter (where v.field = 'age') as age,
        max(v.value) filter (where v.field = 'age_group') as age_group,
        max(v.value) filter (where v.field = 'status') as status,
        max(v.value) filter (where v.field = 'civilian_status') as civilian_status,
        max(v.value) filter (where v.field = 'governorate') as governorate,
        max(v.value) filter (where v.field = 'origin_governorate') as origin_governorate,
        max(v.value) filter (where v.field = 'place') as place,
        max(v.value) filter (where v.field = 'place_ar') as place_ar,
        max(v.value) filter (where v.field = 'death') as death,
        max(v.value) filter (where v.field = 'mechanism') as mechanism,
        max(v.value) filter (where v.field = 'circumstance') as circumstance,
        max(v.value) filter (where v.field = 'special_group') as special_group,
        max(v.value) filter (where v.field = 'affiliation') as affiliation,
        max(v.value) filter (where v.field = 'occupation') as occupation
    from values_disputed as v
    where v.chosen
    group by v.victim_id
)

select
    e.victim_id,
    e.records,
    e.documentation_month,
    e.known_at,
    e.incident_id,
    e.unnamed,
    e.countable_media,
    e.counted_by_source,
    r.narrative,
    e.persons_min,
    e.persons_max,
    e.age_min,
    e.age_max,
    e.death_min,
    e.death_max,
    o.independent_sources,
    o.sources_known_of,
    coalesce(t.name_ar, e.name_ar) as name_ar,
    coalesce(t.name_en, e.name_en) as name_en,
    coalesce(cast(t.persons as integer), e.persons) as persons,
    coalesce(t.sex, e.sex) as sex,
    coalesce(cast(split_part(t.age, '-', 1) as integer), e.age_first) as age_first,
    coalesce(cast(split_part(t.age, '-', -1) as integer), e.age_last) as age_last,
    coalesce(t.age_group, e.age_group) as age_group,
    coalesce(t.status, e.status) as status,
    coalesce(t.civilian_status, e.civilian_status) as civilian_status,
    coalesce(t.governorate, e.governorate) as governorate,
    coalesce(t.origin_governorate, e.origin_governorate) as origin_governorate,
    coalesce(t.place, e.place) as place,
    coalesce(t.place_ar, e.place_ar) as place_ar,
    coalesce(cast(split_part(t.death, '/', 1) as date), e.death_first) as death_first,
    coalesce(cast(split_part(t.death, '/', -1) as date), e.death_last) as death_last,
    coalesce(t.mechanism, e.mechanism) as mechanism,
    coalesce(t.circumstance, e.circumstance) as circumstance,
    coalesce(t.special_group, e.special_group) as special_group,
    coalesce(t.affiliation, e.affiliation) as affiliation,
    coalesce(t.occupation, e.occupation) as occupation
from earliest as e
inner join independence as o on e.victim_id = o.victim_id
left join taken as t on e.victim_id = t.victim_id
left join cleaned.records as r on e.narrated_by = r.record_id
