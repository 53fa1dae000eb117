-- Not a table of its own: victims as far as records list them. Who is listed with a named person ("and his two children") is
-- a row of its own for each kind, and `listed_with` that person; so are the kinds of an unnamed group after the first.
-- Together these rows have the persons that were stated.
with described as (
    select
        k.*,
        f.persons as first_persons,
        f.demographic as first_kind,
        coalesce(f.unnamed and f.persons < k.persons, false) as mixed,
        case
            when not f.unnamed then k.sex
            when f.persons < k.persons then f.sex
            else coalesce(k.sex, f.sex)
        end as known_sex,
        -- A named person stands alone, once it is known who the others are.
        coalesce(not f.unnamed, false) as alone
    from known as k
    left join kinds as f on k.victim_id = f.victim_id and f.place = 1
)

select
    d.victim_id,
    cast(null as varchar) as listed_with,
    d.documentation_month,
    d.known_at,
    d.incident_id,
    d.records,
    d.independent_sources,
    d.sources_known_of,
    d.name_ar,
    d.name_en,
    d.unnamed,
    cast(case when d.alone then 1 when d.mixed then d.first_persons else d.persons end as integer) as persons,
    cast(case when d.alone then 1 when d.mixed then d.first_persons else d.persons_min end as integer) as persons_min,
    cast(case when d.alone then 1 when d.mixed then d.first_persons else d.persons_max end as integer) as persons_max,
    d.known_sex as sex,
    d.age_first,
    d.age_last,
    d.age_min,
    d.age_max,
    d.status,
    d.civilian_status,
    d.governorate,
    d.origin_governorate,
    d.place,
    d.place_ar,
    d.death_first,
    d.death_last,
    d.death_min,
    d.death_max,
    d.mechanism,
    d.circumstance,
    d.special_group,
    d.affiliation,
    d.occupation,
    d.countable_media,
    d.counted_by_source,
    d.narrative,
    case
        -- "X and Y": what is said of X isn't said of the other.
        when d.persons > 1 and not d.unnamed and not d.alone then 'unknown'
        when d.mixed or (d.unnamed and d.first_kind <> 'unknown') then d.first_kind
        when
            d.age_group = 'child'
            then case d.known_sex when 'male' then 'child_male' when 'female' then 'child_female' else 'child' end
        when d.age_group = 'adult' and d.known_sex = 'male' then 'man'
        when d.age_group = 'adult' and d.known_sex = 'female' then 'woman'
        else 'unknown'
    end as demographic
from described as d
union all
select
    'V-' || substr(sha256(p.victim_id || '|' || p.demographic), 1, 12) as victim_id,
    p.victim_id as listed_with,
    p.documentation_month,
    p.known_at,
    k.incident_id,
    p.records,
    p.independent_sources,
    'victim' as sources_known_of,
    cast(null as varchar) as name_ar,
    cast(null as varchar) as name_en,
    true as unnamed,
    p.persons,
    p.persons as persons_min,
    p.persons as persons_max,
    p.sex,
    cast(null as integer) as age_first,
    cast(null as integer) as age_last,
    cast(null as integer) as age_min,
    cast(null as integer) as age_max,
    k.status,
    nullif(k.civilian_status, 'combatant') as civilian_status,
    k.governorate,
    cast(null as varchar) as origin_governorate,
    k.place,
    k.place_ar,
    k.death_first,
    k.death_last,
    k.death_min,
    k.death_max,
    k.mechanism,
    k.circumstance,
    cast(null as varchar) as special_group,
    cast(null as varchar) as affiliation,
    cast(null as varchar) as occupation,
    p.countable_media,
    p.counted_by_source,
    cast(null as varchar) as narrative,
    p.demographic
from kinds as p
inner join known as k on p.victim_id = k.victim_id
where p.place > 1 or not k.unnamed
