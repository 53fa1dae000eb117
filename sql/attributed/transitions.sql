-- How who is held responsible came to be: every change of the attribution of an incident, and of victims about whom people
-- decided apart, with its cause (R13: the two exits from a joint responsibility; R14: the return from "other parties").
-- The temporary tables: `incidents_told`; `rulings`, every attribution ever decided on what is an incident or a victim
-- today, with the moment until which it held; `attributions_then`, what the claims known at each moment gave.
with subject as (
    select
        i.incident_id,
        cast(null as varchar) as victim_id
    from incidents_told as i
    union
    select
        v.incident_id,
        v.victim_id
    from rulings as r
    inner join deduplicated.victims as v on r.victim_id = v.victim_id
    inner join incidents_told as i on v.incident_id = i.incident_id
    where r.of_victim
),

event as (
    select
        s.incident_id,
        s.victim_id,
        c.known_at as moment,
        'claim' as cause,
        c.record_id as cause_id
    from subject as s
    inner join claims_made as c on s.incident_id = c.incident_id
    union
    select
        s.incident_id,
        s.victim_id,
        r.decided_at,
        'decision',
        r.decision_id
    from subject as s
    inner join rulings as r on s.incident_id = r.incident_id
    union
    select
        s.incident_id,
        s.victim_id,
        r.decided_at,
        'decision',
        r.decision_id
    from subject as s
    inner join rulings as r on s.victim_id = r.victim_id
    where r.of_victim
),

-- Of what happened at one moment, a decision is the cause before a claim.
moment as (
    select
        e.incident_id,
        e.victim_id,
        e.moment,
        max(e.cause) as cause,
        arg_min(e.cause_id, (e.cause = 'claim', e.cause_id)) as cause_id
    from event as e
    group by e.incident_id, e.victim_id, e.moment
),

-- What people had decided at each moment: on the incident, or on the victim. Not one join with `or`, which would compare
-- every moment with every ruling.
holding as (
    select
        m.incident_id,
        m.victim_id,
        m.moment,
        r.decision_id,
        r.value,
        r.certainty,
        r.decided_at,
        r.of_victim,
        r.until
    from moment as m
    inner join rulings as r on m.incident_id = r.incident_id and m.moment >= r.decided_at
    union all
    select
        m.incident_id,
        m.victim_id,
        m.moment,
        r.decision_id,
        r.value,
        r.certainty,
        r.decided_at,
        r.of_victim,
        r.until
    from moment as m
    inner join rulings as r on m.victim_id = r.victim_id and m.moment >= r.decided_at
    where r.of_victim
),

ruled as (
    select
        h.incident_id,
        h.victim_id,
        h.moment,
        arg_max(h.value, (h.of_victim, h.decided_at, h.decision_id)) as claim,
        arg_max(coalesce(h.certainty, 'established'), (h.of_victim, h.decided_at, h.decision_id)) as certainty
    from holding as h
    where h.value <> 'withdrawn' and h.moment < coalesce(h.until, timestamp 'infinity')
    group by h.incident_id, h.victim_id, h.moment
),

state as (
    select
        m.*,
        case when r.claim is not null then 'decision' else coalesce(a.basis, 'none') end as basis,
        attribution_status(coalesce(r.claim, a.claim, 'unidentified'), coalesce(r.certainty, a.certainty)) as attribution,
        attributed_party(coalesce(r.claim, a.claim, 'unidentified'), p.reported_as) as party
    from moment as m
    left join ruled as r
        on m.incident_id = r.incident_id and m.victim_id is not distinct from r.victim_id and m.moment = r.moment
    left join attributions_then as a on m.incident_id = a.incident_id and m.moment = a.moment
    left join party_settings as p on coalesce(r.claim, a.claim) = p.id
),

changed as (
    select
        s.*,
        lag(s.attribution) over known as attribution_before,
        lag(s.party) over known as party_before
    from state as s
    window known as (partition by s.incident_id, s.victim_id order by s.moment)
)

select
    i.documentation_month,
    c.incident_id,
    c.victim_id,
    c.moment as known_at,
    c.attribution,
    c.party,
    c.attribution_before,
    c.party_before,
    c.basis,
    c.cause,
    c.cause_id,
    case
        when c.attribution_before is null then 'first'
        when c.attribution_before = 'joint_pending' and c.attribution = 'joint_proved' then 'joint_proved'
        when c.attribution_before = 'joint_pending' and c.attribution in ('established', 'believed') then 'joint_resolved'
        when c.attribution in ('undetermined', 'unidentified') then 'reopened'
        when c.attribution_before in ('undetermined', 'unidentified') then 'determined'
        when c.party <> c.party_before then 'other_party'
        else 'certainty'
    end as change
from changed as c
inner join incidents_told as i on c.incident_id = i.incident_id
where
    c.attribution is distinct from c.attribution_before
    or c.party is distinct from c.party_before
