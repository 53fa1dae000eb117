-- What people are asked, in the order in which an answer teaches or changes: first decisions that contradict each
-- other; then pairs of victims who would be counted, the closest call first, the larger victim first of those as
-- close; then what free text leaves open, who is responsible where sources are at odds, incidents, places and codes,
-- and keys that are too common; last, the random sample by which linkage is measured, in its order.
with asked as (
    select
        q.question_id,
        q.kind,
        q.subject,
        q.question,
        q.weight,
        q.records
    from asked_of_pairs as q
    union all
    select
        q.question_id,
        q.kind,
        q.subject,
        q.question,
        q.weight,
        q.records
    from asked_of_quality as q
    union all
    select
        q.question_id,
        q.kind,
        q.subject,
        q.question,
        q.weight,
        1 as records
    from asked_of_cleaned as q
    union all
    select
        q.question_id,
        q.kind,
        q.subject,
        q.question,
        q.weight,
        1 as records
    from asked_of_incidents as q
    union all
    select
        q.question_id,
        q.kind,
        q.subject,
        q.question,
        q.weight,
        1 as records
    from asked_before as q
),

counted as (
    select p.record_id
    from deduplicated.people as p
    inner join deduplicated.victims as v on p.victim_id = v.victim_id
    where v.status = 'killed' and v.civilian_status is distinct from 'combatant'
),

weighed as (
    select
        a.*,
        s.place,
        case a.kind
            when 'contradiction' then 1
            when 'pair'
                then case
                    when
                        split_part(a.subject, '|', 1) in (select c.record_id from counted as c)
                        and split_part(a.subject, '|', 2) in (select c.record_id from counted as c) then 2
                    else 3
                end
            when 'candidate' then 3
            when 'attribution' then 4
            when 'incident' then 4
            when 'place' then 5
            when 'quality' then 7
            else 6
        end as urgency
    from asked as a
    left join asked_of_quality as s on a.question_id = s.question_id
)

select
    question_id,
    kind,
    subject,
    question,
    weight,
    cast(records as integer) as records,
    cast(row_number() over (
        order by urgency asc, place asc nulls first, abs(weight) asc nulls last, records desc, kind asc, question_id asc
    ) as integer) as rank
from weighed
