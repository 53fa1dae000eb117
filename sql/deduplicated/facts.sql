-- Not a table of its own: what two statements say together but for their names, as a level for each comparison; 0 where
-- one says nothing. `met` holds the pairs, `person` the facts. Names are compared by `compared.sql`, which takes far longer:
-- pairs whose facts no name could make up for never get there.
with spoken as (
    select
        *,
        substr(birth_written, 1, 4) || substr(birth_written, 7, 2) || substr(birth_written, 5, 2) as day_before_month
    from person
),

fact as (
    select
        m.a,
        m.b,
        x.person and y.person as persons,
        case when x.sex is null or y.sex is null then 0 when x.sex = y.sex then 1 else 2 end as sex,
        case
            when x.age_group is null or y.age_group is null then 0 when x.age_group = y.age_group then 1 else 2
        end as age_group,
        case
            when x.birth_first is null or y.birth_first is null
                then (greatest(x.age_first, y.age_first) - least(x.age_last, y.age_last)) * 365
            else date_diff('day', least(x.birth_last, y.birth_last), greatest(x.birth_first, y.birth_first))
        end as birth_gap,
        x.birth_written is not null and y.birth_written is not null as birthdays,
        x.birth_written as written_a,
        y.birth_written as written_b,
        x.day_before_month as swapped_a,
        x.birth_first as birth_a,
        y.birth_first as birth_b,
        case
            when x.day_first is not null and y.day_first is not null
                then date_diff('day', least(x.day_last, y.day_last), greatest(x.day_first, y.day_first))
        end as day_gap,
        greatest(date_diff('day', x.day_first, x.day_last), date_diff('day', y.day_first, y.day_last)) as day_width,
        case
            -- The governorate first: where it differs, places needn't be looked at.
            when x.governorate <> y.governorate and x.place_key = y.place_key then 7
            when x.governorate <> y.governorate then 6
            when coalesce(x.place_id = y.place_id, x.place_key = y.place_key) then 1
            when length(x.place_key) >= 6 and levenshtein(x.place_key, y.place_key) <= 2 then 2
            when
                x.governorate = y.governorate and coalesce(x.place_id = y.place_id, x.place_key = y.place_key) is null
                then 3
            when x.governorate = y.governorate then 4
            when not coalesce(x.place_id = y.place_id, x.place_key = y.place_key) then 5
            else 0
        end as place,
        case when x.occupation is null or y.occupation is null then 0 when x.occupation = y.occupation then 1 else 2 end
            as occupation,
        case
            when x.incident_ref = y.incident_ref then 1
            when x.listed_once and y.listed_once and x.source <> y.source then 2
            else 0
        end as list
    from met as m
    inner join spoken as x on m.a = x.record_no
    inner join spoken as y on m.b = y.record_no
)

select
    f.a,
    f.b,
    f.persons,
    cast(f.sex as utinyint) as sex,
    cast(f.age_group as utinyint) as age_group,
    f.birth_gap,
    cast(
        case
            when f.birthdays and f.written_a = f.written_b and substr(f.written_a, 5) <> '0101' then 1
            when f.birthdays and f.written_a = f.written_b then 2
            when
                f.birthdays
                and (
                    levenshtein(f.written_a, f.written_b) <= 1
                    or f.swapped_a = f.written_b
                    -- Two neighbouring digits of one part changed places.
                    or f.written_b in (
                        substr(f.written_a, 1, 1) || substr(f.written_a, 3, 1)
                        || substr(f.written_a, 2, 1) || substr(f.written_a, 4),
                        substr(f.written_a, 1, 2) || substr(f.written_a, 4, 1)
                        || substr(f.written_a, 3, 1) || substr(f.written_a, 5),
                        substr(f.written_a, 1, 4) || substr(f.written_a, 6, 1)
                        || substr(f.written_a, 5, 1) || substr(f.written_a, 7),
                        substr(f.written_a, 1, 6) || substr(f.written_a, 8, 1)
                        || substr(f.written_a, 7, 1) || substr(f.written_a, 9)
                    )
                )
                then 3
            when
                f.birthdays
                and cast(substr(f.written_a, 1, 4) = substr(f.written_b, 1, 4) as integer)
                + cast(substr(f.written_a, 5, 2) = substr(f.written_b, 5, 2) as integer)
                + cast(substr(f.written_a, 7, 2) = substr(f.written_b, 7, 2) as integer) = 2
                then 12
            when f.birth_gap is null then 0
            when f.birth_gap <= 366 and (not f.birthdays or dayofyear(f.birth_a) = 1 or dayofyear(f.birth_b) = 1) then 4
            when f.birthdays and f.birth_gap <= 366 then 5
            when f.birthdays and f.birth_gap <= 1827 then 6
            when f.birthdays then 7
            when f.birth_gap <= 731 then 8
            when f.birth_gap <= 1827 then 9
            when f.birth_gap <= 3653 then 10
            else 11
        end as utinyint
    ) as birth,
    cast(
        case
            when f.day_gap is null then 0
            when f.day_gap <= 0 and f.day_width <= 1 then 1
            when f.day_gap = 1 then 2
            when f.day_gap <= 0 and f.day_width <= 31 then 3
            when f.day_gap <= 0 then 4
            when f.day_gap <= 3 then 5
            when f.day_gap <= 31 then 6
            else 7
        end as utinyint
    ) as day,
    cast(f.place as utinyint) as place,
    cast(f.occupation as utinyint) as occupation,
    cast(f.list as utinyint) as list,
    f.day_gap
from fact as f
