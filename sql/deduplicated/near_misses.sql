-- Not a table of its own: every two victims that the machine kept apart though something brought two of their statements
-- near each other. By what brought them near: `refused`, a pair of statements speaks for one person, but other evidence
-- didn't let them join; `close`, a pair is too close to call; `excluded`, all that is against it is something that one
-- person can't show; `kin`, another given name in one line of fathers.
with size as (
    select
        victim,
        count(*) as records
    from unaided
    group by victim
),

nearest as (
    select
        victim_a,
        victim_b,
        min(case
            when weight >= 0 and hard is null then 1
            when kin then 4
            when hard is null then 2
            else 3
        end) as nearness
    from paired_victims
    where victim_a <> victim_b
    group by victim_a, victim_b
)

select
    n.victim_a || '|' || n.victim_b as unit,
    case n.nearness when 1 then 'refused' when 2 then 'close' when 3 then 'excluded' else 'kin' end as stratum,
    cast(x.records * y.records as double) as size
from nearest as n
inner join size as x on n.victim_a = x.victim
inner join size as y on n.victim_b = y.victim
