-- Which records speak of whom; a counted remainder rests on the statement that counts it.
select
    l.record_id,
    l.victim_id,
    l.linked_by
from links as l
union all
select
    r.record_id,
    r.victim_id,
    'remainder' as linked_by
from remainder as r
