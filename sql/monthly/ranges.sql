-- For each period and party, the civilians counted, and the least and the most that the claims allow: whom every claim holds
-- that party responsible for, and whom any does (requirements, section 4: minimum and maximum beside the count).
with civilian as (
    select
        v.documentation_month,
        v.persons,
        case when contains(v.party, '+') then v.party else split_part(v.party, '/', 1) end as party,
        v.alleged_parties as named
    from attributed.victims as v
    where v.in_civilians
),

possible as (
    select
        c.documentation_month,
        c.persons,
        c.party,
        c.named,
        unnest(list_distinct(list_append(c.named, c.party))) as alleged
    from civilian as c
),

-- Whether anybody else is named, too: of a joint pair, somebody who isn't one of the two.
told as (
    select
        p.*,
        len(p.named) > len(list_intersect(p.named, string_split(p.alleged, '+'))) as disputed
    from possible as p
)

select
    t.month,
    t.period,
    'civilians' as population,
    o.alleged as party,
    cast(coalesce(sum(o.persons) filter (where o.party = o.alleged and not o.disputed), 0) as double) as minimum,
    cast(coalesce(sum(o.persons) filter (where o.party = o.alleged), 0) as double) as value,
    cast(sum(o.persons) as double) as maximum
from told as o
inner join targets as t on o.documentation_month = t.input_month
group by t.month, t.period, o.alleged
