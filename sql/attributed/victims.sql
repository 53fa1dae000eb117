-- Every victim with the responsible party, the category, and whether it counts, or why not.
-- Rules: R2, R4, R6-R8, R12-R16, R20.
with attribution_decision as (
    select d.*
    from decided as d
    where d.kind = 'attribution' and d.victim_id is not null
    qualify row_number() over (
        partition by d.victim_id order by d.of_victim desc, d.decided_at desc, d.decision_id desc
    ) = 1
),

verification_decision as (
    select d.*
    from decided as d
    where d.kind = 'verification' and d.victim_id is not null
    qualify row_number() over (
        partition by d.victim_id order by d.of_victim desc, d.decided_at desc, d.decision_id desc
    ) = 1
),

claimed as (
    select
        v.*,
        coalesce(v.governorate, i.governorate, 'unknown') as killed_in,
        i.discounted,
        coalesce(d.value, a.claim, 'unidentified') as claim,
        case when d.decision_id is not null then coalesce(d.certainty, 'established') else a.certainty end as certainty,
        case when d.decision_id is not null then 'decision' else coalesce(a.basis, 'none') end as attribution_basis,
        d.decision_id,
        coalesce(y.value = 'verified', v.verified) as decided_verified,
        coalesce(v.circumstance, '') = 'torture' as torture,
        coalesce(v.civilian_status, '') = 'combatant' as combatant
    from deduplicated.victims as v
    inner join deduplicated.incidents as i on v.incident_id = i.incident_id
    left join attributions as a on v.incident_id = a.incident_id
    left join attribution_decision as d on v.victim_id = d.victim_id
    left join verification_decision as y on v.victim_id = y.victim_id
),

attributed as (
    select
        c.*,
        case
            when c.claim = 'unidentified' then 'unidentified'
            when contains(c.claim, '|') then 'undetermined'
            when contains(c.claim, '+') then case when c.certainty = 'proved' then 'joint_proved' else 'joint_pending' end
            when c.certainty = 'believed' then 'believed'
            else 'established'
        end as attribution,
        case
            when contains(c.claim, '+') then c.claim
            else coalesce(p.reported_as, 'other')
        end as party,
        p.id as actor,
        case
            when c.status <> 'killed' then 'status_' || c.status
            when c.circumstance = 'natural_death' then 'natural_death'
            when c.discounted then 'discounted_by_source'
            when c.combatant and not (c.torture and $torture_includes_combatants) then 'combatant'
            when not c.decided_verified and c.unnamed then 'unnamed_without_countable_media'
            when not c.decided_verified then 'too_few_independent_sources'
        end as not_counted_reason
    from claimed as c
    left join party_settings as p on c.claim = p.id
),

categorised as (
    select
        a.*,
        k.id as category
    from attributed as a
    left join category_settings as k
        on
            a.party = 'other'
            and (k.status = '' or a.attribution = k.status)
            and (k.actor = '' or a.actor = k.actor)
            and (k.mechanism = '' or a.mechanism = k.mechanism)
            and (k.circumstance = '' or a.circumstance = k.circumstance)
    qualify row_number() over (partition by a.victim_id order by k.rule) = 1
),

counted as (
    select
        c.*,
        c.not_counted_reason is null and not c.combatant and (not c.torture or $counts_in_civilian_total) as in_civilians,
        c.not_counted_reason is null and c.torture as in_torture,
        c.not_counted_reason is null and not c.combatant and not c.torture as killed_in_attack
    from categorised as c
)

select
    c.victim_id,
    c.documentation_month,
    c.incident_id,
    c.persons,
    c.demographic,
    c.killed_in as governorate,
    c.origin_governorate,
    c.attribution,
    c.party,
    c.actor,
    c.mechanism,
    c.circumstance,
    c.category,
    c.attribution_basis,
    c.decision_id,
    c.special_group,
    c.affiliation,
    c.independent_sources,
    c.decided_verified as verified,
    c.in_civilians,
    c.in_torture,
    c.killed_in_attack
    and sum(case when c.killed_in_attack then c.persons else 0 end) over (partition by c.incident_id) >= $massacre_threshold
        as in_massacre,
    c.not_counted_reason
from counted as c
