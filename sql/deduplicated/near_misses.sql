-- Not a table of its own: every two victims that the machine kept apart though something brought two of their statements
-- near each other, with the strongest of these pairs of statements. By what brought them near: `refused`, the pair speaks
-- for one person, but other evidence didn't let them join; `close`, it is too close to call; `excluded`, something that one
-- person can't show is all that is against it; `kin`, another given name in one line of fathers.
with size as (
    select
        victim,
        count(*) as records
    from unaided
    group by victim
),

pair as (
    select
        p.record_a,
        p.record_b,
        p.weight,
        least(x.victim, y.victim) as victim_a,
        greatest(x.victim, y.victim) as victim_b,
        case
            when p.weight >= 0 and p.hard is null then 1
            when p.kin then 4
            when p.hard is null then 2
            else 3
        end as nearness
    from unaided_pairs as p
    inner join unaided as x on p.a = x.record_no
    inner join unaided as y on p.b = y.record_no
    where x.victim <> y.victim
),

strongest as (
    select
        victim_a,
        victim_b,
        first(nearness order by nearness asc, weight desc, record_a asc, record_b asc) as nearness,
        first(record_a order by nearness asc, weight desc, record_a asc, record_b asc) as record_a,
        first(record_b order by nearness asc, weight desc, record_a asc, record_b asc) as record_b
    from pair
    group by victim_a, victim_b
)

select
    s.victim_a || '|' || s.victim_b as unit,
    case s.nearness when 1 then 'refused' when 2 then 'close' when 3 then 'excluded' else 'kin' end as stratum,
    cast(x.records * y.records as double) as size,
    s.record_a,
    s.record_b
from strongest as s
inner join size as x on s.victim_a = x.victim
inner join size as y on s.victim_b = y.victim
