-- Not a table of its own: victims as far as records list them, one value per field. Survivorship: the value of the record
-- that was known first and has one. `links` says which records speak of whom.
with record as (
    select
        r.*,
        l.victim_id,
        i.incident_id,
        coalesce(o.unnamed_counted, false) as unnamed_counted,
        coalesce(list_contains(o.corroborated_by, r.assessment), false) as corroborated
    from links as l
    inner join cleaned.records as r on l.record_id = r.record_id
    inner join deduplicated.incident_records as i on l.record_id = i.record_id
    left join source_settings as o on r.source = o.source
),

-- Independence, not number (R8): reposts count as their original; where a source cites others, those are counted; where its
-- own assessment says that two or more sources speak of it, that is two.
origin as (
    select
        r.victim_id,
        greatest(
            count(distinct lower(trim(coalesce(c.cited_source, r.original_source, r.source)))),
            2 * cast(bool_or(r.corroborated) as integer)
        ) as independent_sources
    from record as r
    left join captures.citations as c on r.source = c.source and r.incident_ref = c.source || '/' || c.incident_ref
    group by r.victim_id
),

survivor as (
    select
        r.victim_id,
        cast(count(*) as integer) as records,
        min(r.documentation_month) as documentation_month,
        min(r.known_at) as known_at,
        first(r.incident_id order by r.known_at, r.record_id) as incident_id,
        first(r.name_ar order by r.known_at, r.record_id) filter (where r.name_ar is not null) as name_ar,
        first(r.name_en order by r.known_at, r.record_id) filter (where r.name_en is not null) as name_en,
        bool_and(r.unnamed) as unnamed,
        first(r.persons order by r.known_at, r.record_id) as persons,
        first(r.sex order by r.known_at, r.record_id) filter (where r.sex is not null) as sex,
        first(r.age_first order by r.known_at, r.record_id) filter (where r.age_first is not null) as age_first,
        first(r.age_last order by r.known_at, r.record_id) filter (where r.age_last is not null) as age_last,
        first(r.age_group order by r.known_at, r.record_id) filter (where r.age_group is not null) as age_group,
        case
            when bool_or(r.status = 'killed') then 'killed'
            when bool_or(r.status = 'injured') then 'injured'
            when bool_or(r.status = 'unborn') then 'unborn'
            else 'unknown'
        end as status,
        first(r.civilian_status order by r.known_at, r.record_id) filter (where r.civilian_status is not null)
            as civilian_status,
        first(r.governorate order by r.known_at, r.record_id) filter (where r.governorate is not null) as governorate,
        first(r.origin_governorate order by r.known_at, r.record_id) filter (where r.origin_governorate is not null)
            as origin_governorate,
        first(r.place order by r.known_at, r.record_id) filter (where r.place is not null) as place,
        first(r.place_ar order by r.known_at, r.record_id) filter (where r.place_ar is not null) as place_ar,
        first(r.death_first order by r.known_at, r.record_id) filter (where r.death_first is not null) as death_first,
        first(r.death_last order by r.known_at, r.record_id) filter (where r.death_last is not null) as death_last,
        first(r.mechanism order by r.known_at, r.record_id) filter (where r.mechanism is not null) as mechanism,
        first(r.circumstance order by r.known_at, r.record_id) filter (where r.circumstance is not null) as circumstance,
        first(r.special_group order by r.known_at, r.record_id) filter (where r.special_group is not null) as special_group,
        first(r.affiliation order by r.known_at, r.record_id) filter (where r.affiliation is not null) as affiliation,
        first(r.occupation order by r.known_at, r.record_id) filter (where r.occupation is not null) as occupation,
        bool_or(r.countable_media or r.unnamed_counted) as countable_media,
        first(r.narrative order by r.known_at, r.record_id) filter (where r.narrative is not null) as narrative
    from record as r
    group by r.victim_id
)

select
    s.victim_id,
    s.documentation_month,
    s.known_at,
    s.incident_id,
    s.records,
    cast(o.independent_sources as integer) as independent_sources,
    s.name_ar,
    s.name_en,
    s.unnamed,
    s.persons,
    s.sex,
    s.age_first,
    s.age_last,
    s.status,
    s.civilian_status,
    s.governorate,
    s.origin_governorate,
    s.place,
    s.place_ar,
    s.death_first,
    s.death_last,
    s.mechanism,
    s.circumstance,
    s.special_group,
    s.affiliation,
    s.occupation,
    s.countable_media,
    s.narrative,
    case
        -- "X and his two children": what is said of X isn't said of the others.
        when s.persons > 1 and not s.unnamed then 'unknown'
        when
            s.age_group = 'child'
            then case s.sex when 'male' then 'child_male' when 'female' then 'child_female' else 'child' end
        when s.age_group = 'adult' and s.sex = 'male' then 'man'
        when s.age_group = 'adult' and s.sex = 'female' then 'woman'
        else 'unknown'
    end as demographic
from survivor as s
inner join origin as o on s.victim_id = o.victim_id
