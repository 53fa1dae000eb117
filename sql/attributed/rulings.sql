-- Not a table of its own: every attribution ever decided (`ever_decided`), with the moment at which a later decision
-- superseded it. A withdrawal is one of them: it rules nothing, but it is a moment.
select
    e.decision_id,
    e.value,
    e.certainty,
    e.decided_at,
    e.incident_id,
    e.victim_id,
    e.of_victim,
    (
        select min(d.decided_at) from captures.decisions as d
        where d.supersedes = e.decision_id
    ) as until
from ever_decided as e
