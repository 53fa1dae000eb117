-- Not a table of its own: the decisions in force, among those that captures.decisions holds. Neither what another
-- supersedes nor a withdrawal, which takes back what it supersedes and puts nothing in its place. What was superseded once
-- never returns. Whoever gives the decisions made up to a moment gets those in force at that moment; what a decision
-- supersedes needn't be there.
select
    d.decision_id,
    d.kind,
    d.subject,
    d.value,
    d.certainty,
    d.basis,
    d.reason,
    d.decided_by,
    d.decided_at,
    d.supersedes,
    d.source,
    d.capture_sha256,
    d.file,
    d.sheet,
    d.row_number,
    d.pointer
from captures.decisions as d
where
    d.value <> 'withdrawn'
    and d.decision_id not in (
        select l.supersedes from captures.decisions as l
        where l.supersedes is not null
    )
