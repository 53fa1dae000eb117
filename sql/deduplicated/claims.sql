-- Not a table of its own: what each record says on the fields on which its victim's records say different things: a row per
-- record and field. `content` is what makes two statements the same, `value` how it is shown, `low` and `high` the bounds of
-- an age, a number or a date (in days since 1970), `parts` those of a name, `exactness` how exact it is: more is better.
with disputing as (
    select
        s.*,
        e.disputed,
        c.record_id is not null as copied
    from speaking as s
    inner join earliest as e on s.victim = e.victim
    left join copies as c on s.record_id = c.record_id
    where e.disputed is not null
)

select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'name_ar' as field,
    d.name_ar_key as content,
    d.name_ar as value,
    cast(null as bigint) as low,
    cast(null as bigint) as high,
    string_split(d.name_ar_key, ' ') as parts,
    len(string_split(d.name_ar_key, ' ')) as exactness,
    cast(null as varchar) as of_governorate,
    cast(null as varchar) as of_age
from disputing as d
where contains(d.disputed, ',name_ar,') and d.name_ar_key is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'name_en' as field,
    d.name_en_key as content,
    d.name_en as value,
    null as low,
    null as high,
    string_split(d.name_en_key, ' ') as parts,
    len(string_split(d.name_en_key, ' ')) as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',name_en,') and d.name_en_key is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'persons' as field,
    cast(d.persons as varchar) as content,
    cast(d.persons as varchar) as value,
    d.persons as low,
    d.persons as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',persons,') and cast(d.persons as varchar) is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'sex' as field,
    d.sex as content,
    d.sex as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',sex,') and d.sex is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'age' as field,
    d.age_first || '-' || d.age_last as content,
    case
        when d.age_first = d.age_last then cast(d.age_first as varchar)
        else d.age_first || '-' || d.age_last
    end as value,
    d.age_first as low,
    d.age_last as high,
    null as parts,
    d.age_first - d.age_last as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',age,') and d.age_first || '-' || d.age_last is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'age_group' as field,
    d.age_group as content,
    d.age_group as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    d.age_first || '-' || d.age_last as of_age
from disputing as d
where contains(d.disputed, ',age_group,') and d.age_group is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'status' as field,
    d.status as content,
    d.status as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',status,') and d.status is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'civilian_status' as field,
    d.civilian_status as content,
    d.civilian_status as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',civilian_status,') and d.civilian_status is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'governorate' as field,
    d.governorate as content,
    d.governorate as value,
    null as low,
    null as high,
    null as parts,
    d.place_precision as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',governorate,') and d.governorate is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'origin_governorate' as field,
    d.origin_governorate as content,
    d.origin_governorate as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',origin_governorate,') and d.origin_governorate is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'place' as field,
    lower(trim(d.place)) as content,
    d.place as value,
    null as low,
    null as high,
    null as parts,
    d.place_precision as exactness,
    d.governorate as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',place,') and lower(trim(d.place)) is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'place_ar' as field,
    lower(trim(d.place_ar)) as content,
    d.place_ar as value,
    null as low,
    null as high,
    null as parts,
    d.place_precision as exactness,
    d.governorate as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',place_ar,') and lower(trim(d.place_ar)) is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'death' as field,
    d.death_first || '/' || d.death_last as content,
    case
        when d.death_first = d.death_last then cast(d.death_first as varchar)
        else d.death_first || '/' || d.death_last
    end as value,
    date_diff('day', date '1970-01-01', d.death_first) as low,
    date_diff('day', date '1970-01-01', d.death_last) as high,
    null as parts,
    date_diff('day', d.death_last, d.death_first) as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',death,') and d.death_first || '/' || d.death_last is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'mechanism' as field,
    d.mechanism as content,
    d.mechanism as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',mechanism,') and d.mechanism is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'circumstance' as field,
    d.circumstance as content,
    d.circumstance as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',circumstance,') and d.circumstance is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'special_group' as field,
    d.special_group as content,
    d.special_group as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',special_group,') and d.special_group is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'affiliation' as field,
    lower(trim(d.affiliation)) as content,
    d.affiliation as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',affiliation,') and lower(trim(d.affiliation)) is not null
union all
select
    d.victim,
    d.record_id,
    d.source,
    d.origin,
    d.nth,
    d.copied,
    'occupation' as field,
    d.occupation_key as content,
    d.occupation as value,
    null as low,
    null as high,
    null as parts,
    0 as exactness,
    null as of_governorate,
    null as of_age
from disputing as d
where contains(d.disputed, ',occupation,') and d.occupation_key is not null
