-- Which records speak of whom. Who is listed with somebody rests on the records that say how many they were; a counted
-- remainder on the statement that counts it.
select
    l.record_id,
    l.victim_id,
    l.linked_by
from links as l
union all
select
    unnest(c.record_ids) as record_id,
    p.victim_id,
    'listed_with' as linked_by
from persons_listed as p
inner join composition as c on p.listed_with = c.victim_id
union all
select
    r.record_id,
    r.victim_id,
    'remainder' as linked_by
from remainder as r
