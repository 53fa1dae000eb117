-- The listed victims, and the counted remainder of incidents that list fewer than they count; and whether each is verified
-- by the rules for the unnamed (R7) and the named (R8), with the reason. A person's decision comes on top, in
-- `attributed.victims`.
with victim as (
    select
        p.victim_id,
        p.listed_with,
        p.documentation_month,
        p.known_at,
        p.incident_id,
        p.records,
        p.independent_sources,
        p.sources_known_of,
        p.name_ar,
        p.name_en,
        p.unnamed,
        p.persons,
        p.persons_min,
        p.persons_max,
        p.sex,
        p.age_first,
        p.age_last,
        p.age_min,
        p.age_max,
        p.demographic,
        p.status,
        p.civilian_status,
        p.governorate,
        p.origin_governorate,
        p.place,
        p.place_ar,
        p.death_first,
        p.death_last,
        p.death_min,
        p.death_max,
        p.mechanism,
        p.circumstance,
        p.special_group,
        p.affiliation,
        p.occupation,
        p.countable_media,
        p.counted_by_source,
        p.narrative
    from persons_listed as p
    union all
    select
        r.victim_id,
        cast(null as varchar) as listed_with,
        r.documentation_month,
        r.known_at,
        r.incident_id,
        r.records,
        greatest(1, r.cited_sources) as independent_sources,
        'incident' as sources_known_of,
        cast(null as varchar) as name_ar,
        cast(null as varchar) as name_en,
        true as unnamed,
        r.persons,
        r.persons as persons_min,
        r.persons as persons_max,
        r.sex,
        cast(null as integer) as age_first,
        cast(null as integer) as age_last,
        cast(null as integer) as age_min,
        cast(null as integer) as age_max,
        r.demographic,
        'killed' as status,
        'civilian' as civilian_status,
        r.governorate,
        cast(null as varchar) as origin_governorate,
        r.place,
        r.place_ar,
        r.death_first,
        r.death_last,
        r.death_first as death_min,
        r.death_last as death_max,
        r.mechanism,
        r.circumstance,
        cast(null as varchar) as special_group,
        cast(null as varchar) as affiliation,
        cast(null as varchar) as occupation,
        false as countable_media,
        true as counted_by_source,
        cast(null as varchar) as narrative
    from remainder as r
)

select
    v.victim_id,
    v.listed_with,
    v.documentation_month,
    v.known_at,
    v.incident_id,
    v.records,
    v.independent_sources,
    v.sources_known_of,
    v.name_ar,
    v.name_en,
    v.unnamed,
    v.persons,
    v.persons_min,
    v.persons_max,
    v.sex,
    v.age_first,
    v.age_last,
    v.age_min,
    v.age_max,
    v.demographic,
    v.status,
    v.civilian_status,
    v.governorate,
    v.origin_governorate,
    v.place,
    v.place_ar,
    v.death_first,
    v.death_last,
    v.death_min,
    v.death_max,
    v.mechanism,
    v.circumstance,
    v.special_group,
    v.affiliation,
    v.occupation,
    v.narrative,
    v.countable_media or v.counted_by_source as countable_media,
    case
        when v.unnamed then v.countable_media or v.counted_by_source or not $unnamed_needs_countable_media
        else v.independent_sources >= $min_independent_sources
    end as verified,
    case
        when v.unnamed and v.countable_media then 'unnamed, bodies counted in media'
        when v.unnamed and v.counted_by_source then 'unnamed, counted by the source itself'
        when v.unnamed and not $unnamed_needs_countable_media then 'unnamed, media not asked for'
        when v.unnamed then 'unnamed, no media in which bodies can be counted'
        else
            'named, ' || v.independent_sources
            || case when v.independent_sources = 1 then ' source' else ' independent sources' end
            || case v.sources_known_of when 'incident' then ' of the incident' else '' end
            || case
                when verified then ''
                else ' where ' || $min_independent_sources || ' independent of each other are needed'
            end
    end as verified_reason
from victim as v
