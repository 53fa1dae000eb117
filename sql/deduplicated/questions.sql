-- Not a table of its own: questions for the review queue that statements raise, by id, without names. Candidates read from
-- free text that nobody has confirmed or refused; places that aren't known, with what is near, or that may be in several
-- governorates; incidents whose sources hold different parties responsible (`claims_made`), while nobody decided on all of
-- their victims (`attribution_decided`: victim_id).
with candidate as (
    select
        q.record_id,
        r.persons,
        r.status
    from cleaned.quarantine as q
    inner join captures.records as r on q.record_id = r.record_id
    where
        q.rule = 'candidate_unconfirmed'
        and q.record_id not in (
            select s.record_id from cleaned.quarantine as s
            where s.rule = 'superseded'
        )
),

place as (
    select
        p.place_text_id,
        sum(p.statements) as statements,
        any_value(p.proposals) as proposals,
        any_value(p.governorates) as governorates
    from cleaned.places as p
    where len(p.governorates) > 1 or (p.governorate is null and p.proposals is not null)
    group by p.place_text_id
),

claim as (
    select
        c.incident_id,
        c.claim,
        count(distinct c.voice) as voices
    from claims_made as c
    group by c.incident_id, c.claim
),

attribution as (
    select
        c.incident_id,
        string_agg(
            c.claim || ' (' || c.voices || case when c.voices = 1 then ' source)' else ' sources)' end,
            ', ' order by c.voices desc, c.claim asc
        ) as claims
    from claim as c
    where
        c.incident_id in (
            select v.incident_id from deduplicated.victims as v
            where v.victim_id not in (select d.victim_id from attribution_decided as d)
        )
    group by c.incident_id
    having count(*) > 1
)

select
    'candidate' as kind,
    c.record_id as subject,
    'free text speaks of ' || coalesce(c.persons, 'a person or several') || ' (' || coalesce(c.status, 'killed')
    || '): confirmed or refused? `casualty review list` shows the passage' as question,
    'Q-' || substr(sha256('candidate|' || c.record_id), 1, 12) as question_id,
    cast(null as double) as weight
from candidate as c
union all
select
    'place' as kind,
    p.place_text_id as subject,
    'a place of ' || p.statements || ' statements may be in '
    || case
        when len(p.governorates) > 1 then array_to_string(p.governorates, ' or ')
        else coalesce(p.proposals ->> '$[0].governorate', '?') || ' (a name is near)'
    end
    || ': which is meant? `casualty review list` shows it' as question,
    'Q-' || substr(sha256('place|' || p.place_text_id), 1, 12) as question_id,
    cast(null as double) as weight
from place as p
union all
select
    'attribution' as kind,
    'incident:' || a.incident_id as subject,
    'sources disagree on who is responsible: ' || a.claims || '. Who is? Until somebody decides, whom most sources name'
        as question,
    'Q-' || substr(sha256('attribution|' || a.incident_id), 1, 12) as question_id,
    cast(null as double) as weight
from attribution as a
