-- Not a table of its own: questions of linkage for the review queue, by id, without names. Pairs too close to call;
-- pairs that speak for one person but were kept apart; pairs that only the day of death keeps apart; decisions that
-- contradict each other.
with near as (
    select p.*
    from deduplicated.pairs as p
    where p.verdict in ('same', 'different') and (p.refused is not null or p.hard is not null or abs(p.weight) <= $band)
),

pair as (
    select
        p.*,
        x.victim_id as victim_a,
        y.victim_id as victim_b,
        x.victim_id = y.victim_id as together
    from near as p
    inner join deduplicated.people as x on p.a = x.record_no and x.victim_id is not null
    inner join deduplicated.people as y on p.b = y.record_no and y.victim_id is not null
    anti join unsure as u on p.record_a = u.record_a and p.record_b = u.record_b
),

asked_about as (
    select p.victim_a as victim_id from pair as p
    union
    select p.victim_b as victim_id from pair as p
),

size as (
    select
        p.victim_id,
        count(*) as records
    from deduplicated.people as p
    semi join asked_about as a on p.victim_id = a.victim_id
    group by p.victim_id
),

asked as (
    select
        p.record_a,
        p.record_b,
        p.weight,
        p.victim_a,
        p.victim_b,
        case
            when p.refused is not null and not p.together
                then
                    'These two records speak for one person, but their victims were kept apart: '
                    || case p.refused
                        when 'different' then 'people held another record of the one apart from a record of the other'
                        when 'source' then 'their source guarantees one row per person, and lists both'
                        when 'others' then 'other records of theirs are of two people'
                        when 'sex' then 'the sexes differ'
                        when 'age_group' then 'one is a child and the other an adult'
                        when 'birth' then 'the ages differ too much'
                        when 'day' then 'the days of death are too far apart'
                        else 'the evidence on ' || p.refused || ' excludes it'
                    end
                    || '. Which is right?'
            when p.hard = 'day' and p.days_apart <= $ask_days and not p.together
                then
                    'Are these two records one person? Only the days of death, ' || p.days_apart || ' apart, are against it.'
            when p.hard is not null or abs(p.weight) > $band then null
            when p.together and p.weight >= 0
                then 'Are these two records one person? The evidence is close; they count as one for now.'
            when not p.together
                then 'Are these two records one person? The evidence is close; they count as two for now.'
        end as question
    from pair as p
)

select
    'pair' as kind,
    a.record_a || '|' || a.record_b as subject,
    a.question,
    'Q-' || substr(sha256('pair|' || a.record_a || '|' || a.record_b), 1, 12) as question_id,
    a.weight,
    cast(x.records + case when a.victim_a = a.victim_b then 0 else y.records end as integer) as records
from asked as a
inner join size as x on a.victim_a = x.victim_id
inner join size as y on a.victim_b = y.victim_id
where a.question is not null
union all
select
    'contradiction' as kind,
    c.record_a || '|' || c.record_b as subject,
    'One decision says that these two records are one person; another, directly or through other records, that they are '
    || 'two. They count as two until a later decision supersedes one of them.' as question,
    'Q-' || substr(sha256('contradiction|' || c.record_a || '|' || c.record_b), 1, 12) as question_id,
    cast(null as double) as weight,
    2 as records
from deduplicated.constraints as c
where c.contradicted
