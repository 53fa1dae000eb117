-- Not a table of its own: for each statement of the table `probes` the one that is nearest by name among those that no key
-- and no evidence brought near it: of the same family, or killed in the same governorate at about the same time, in the
-- same script.
with reach as (
    select cast($days as integer) as days
),

named as (
    select
        p.record_no,
        u.record_id,
        u.victim,
        p.governorate,
        p.day_first,
        p.day_last,
        p.source,
        p.listed_once,
        n.script,
        n.family,
        n.whole
    from deduplicated.people as p
    inner join unaided as u on p.record_no = u.record_no
    inner join deduplicated.names as n on p.record_no = n.record_no
    where p.person
),

probe as (
    select n.* from named as n
    where n.record_id in (select b.unit from probes as b)
),

candidate as (
    select
        p.record_no as a,
        o.record_no as b
    from probe as p
    inner join named as o on p.script = o.script and p.family = o.family
    union
    select
        p.record_no as a,
        o.record_no as b
    from probe as p
    cross join reach as r
    inner join named as o
        on
            p.governorate = o.governorate
            and p.script = o.script
            and o.day_first <= p.day_last + r.days
            and o.day_last >= p.day_first - r.days
),

compared as (
    select
        p.record_id as unit,
        o.record_id as other,
        max(jaro_winkler_similarity(p.whole, o.whole)) as likeness
    from candidate as c
    inner join probe as p on c.a = p.record_no
    inner join named as o on c.b = o.record_no and p.script = o.script
    where
        p.victim <> o.victim
        and not (p.listed_once and o.listed_once and p.source = o.source)
        and least(p.victim, o.victim) || '|' || greatest(p.victim, o.victim) not in (
            select m.unit from near_misses as m
        )
    group by p.record_id, o.record_id
)

select
    c.unit,
    first(c.other order by c.likeness desc, c.other asc) as other
from compared as c
group by c.unit
