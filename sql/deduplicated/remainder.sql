-- Not a table of its own: the dead of an incident that its source counts beyond those that it lists, by demographic as far
-- as the source says (R7: group rows carry an explicit number of persons). Only of sources that are declared to count them.
with stated as (
    select
        r.*,
        i.incident_id
    from cleaned.records as r
    inner join deduplicated.incident_records as i on r.record_id = i.record_id
    inner join source_settings as o on r.source = o.source
    where
        r.statement = 'incident' and o.unlisted_remainder and r.killed_min > 0
        and i.incident_id in (select t.incident_id from incidents_touched as t)
    qualify row_number() over (partition by i.incident_id order by r.killed_min desc, r.record_id asc) = 1
),

-- Those that are computed now, and those that stay as they were.
listed_victim as (
    select
        p.incident_id,
        p.demographic,
        p.status,
        p.persons
    from persons_listed as p
    union all
    select
        v.incident_id,
        v.demographic,
        v.status,
        v.persons
    from deduplicated.victims as v
    where v.incident_id in (select t.incident_id from incidents_touched as t)
),

listed as (
    select
        p.incident_id,
        sum(p.persons) as persons,
        sum(p.persons) filter (where p.demographic in ('child', 'child_male', 'child_female')) as children,
        sum(p.persons) filter (where p.demographic = 'woman') as women,
        sum(p.persons) filter (where p.demographic = 'man') as men
    from listed_victim as p
    where p.status = 'killed'
    group by p.incident_id
),

missing as (
    select
        s.*,
        greatest(0, s.killed_min - coalesce(l.persons, 0)) as remaining,
        greatest(0, coalesce(s.children_min, 0) - coalesce(l.children, 0)) as children_missing,
        greatest(0, coalesce(s.women_min, 0) - coalesce(l.women, 0)) as women_missing,
        greatest(0, coalesce(s.men_min, 0) - coalesce(l.men, 0)) as men_missing
    from stated as s
    left join listed as l on s.incident_id = l.incident_id
),

allotted as (
    select
        m.*,
        least(m.remaining, m.children_missing) as children,
        least(m.remaining - children, m.women_missing) as women,
        least(m.remaining - children - women, m.men_missing) as men,
        m.remaining - children - women - men as others
    from missing as m
),

part as (
    select
        *,
        'child' as part,
        cast(null as varchar) as part_sex,
        children as part_persons
    from allotted
    union all
    select
        *,
        'woman',
        'female',
        women
    from allotted
    union all
    select
        *,
        'man',
        'male',
        men
    from allotted
    union all
    select
        *,
        'unknown',
        null,
        others
    from allotted
)

select
    p.record_id,
    p.documentation_month,
    p.known_at,
    p.incident_id,
    1 as records,
    cast((
        select count(distinct lower(trim(c.cited_source)))
        from captures.citations as c
        where p.source = c.source and p.incident_ref = c.source || '/' || c.incident_ref
    ) as integer) as cited_sources,
    cast(p.part_persons as integer) as persons,
    p.part_sex as sex,
    p.part as demographic,
    p.governorate,
    p.place,
    p.place_ar,
    p.death_first,
    p.death_last,
    p.mechanism,
    p.circumstance,
    'V-' || substr(sha256(p.record_id || '|' || p.part), 1, 12) as victim_id
from part as p
where p.part_persons > 0
