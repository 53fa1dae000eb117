-- Every victim with the responsible party, the category, and whether it counts, or why not; and in which month.
-- Rules: R2, R4, R6-R8, R10, R12-R16, R20. `methodologies` holds the counting rules in force, by month. Of the incidents in
-- `incidents_resolved`: nothing here depends on more than one incident.
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

-- Everybody whom any claim names, and everybody whom the decision names, which stands in its place.
named as (
    select
        c.incident_id,
        cast(null as varchar) as decision_id,
        unnest(string_split(replace(c.claim, '+', '|'), '|')) as party
    from claims_made as c
    union all
    select
        null,
        d.decision_id,
        unnest(string_split(replace(d.value, '+', '|'), '|'))
    from attribution_decision as d
),

alleged as (
    select
        n.incident_id,
        n.decision_id,
        list_sort(list_distinct(list(split_part(coalesce(p.reported_as, 'other'), '/', 1)))) as parties
    from named as n
    left join party_settings as p on n.party = p.id
    where n.party <> 'unidentified'
    group by n.incident_id, n.decision_id
),

claimed as (
    select
        v.victim_id,
        v.documentation_month,
        v.incident_id,
        v.persons,
        v.demographic,
        v.origin_governorate,
        v.mechanism,
        v.circumstance,
        v.special_group,
        v.affiliation,
        v.independent_sources,
        v.status,
        v.unnamed,
        m.version as methodology,
        m.massacre_threshold,
        m.counts_in_civilian_total,
        m.torture_includes_combatants,
        coalesce(g.parties, h.parties, []) as alleged_parties,
        coalesce(v.governorate, i.governorate, 'unknown') as killed_in,
        coalesce(i.governorate, v.governorate, 'unknown') as attacked_in,
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
    -- Two joins, not one with `or`, which would compare every victim with every claim.
    left join alleged as g on d.decision_id = g.decision_id
    left join alleged as h on case when d.decision_id is null then v.incident_id end = h.incident_id
    -- By the month in which the victim was documented, also for the few who count in another.
    asof inner join methodologies as m on v.documentation_month >= m.applies_from
    where v.incident_id in (select s.incident_id from incidents_resolved as s)
),

attributed as (
    select
        c.*,
        attribution_status(c.claim, c.certainty) as attribution,
        attributed_party(c.claim, p.reported_as) as party,
        p.id as actor,
        case
            when c.status <> 'killed' then 'status_' || c.status
            when c.circumstance = 'natural_death' then 'natural_death'
            when c.discounted then 'discounted_by_source'
            when c.combatant and not (c.torture and c.torture_includes_combatants) then 'combatant'
            when not c.decided_verified and c.unnamed then 'unnamed_without_countable_media'
            when not c.decided_verified then 'too_few_independent_sources'
        end as not_counted_reason
    from claimed as c
    left join party_settings as p on c.claim = p.id
),

-- Looked up once for what victims have in common, since many of them have it.
category_of as (
    select
        o.attribution,
        o.actor,
        o.mechanism,
        o.circumstance,
        arg_min(k.id, k.rule) as category
    from (select distinct
        a.attribution,
        a.actor,
        a.mechanism,
        a.circumstance
    from attributed as a
    where a.party = 'other') as o
    inner join category_settings as k
        on
            (k.status = '' or o.attribution = k.status)
            and (k.actor = '' or o.actor = k.actor)
            and (k.mechanism = '' or o.mechanism = k.mechanism)
            and (k.circumstance = '' or o.circumstance = k.circumstance)
    group by o.attribution, o.actor, o.mechanism, o.circumstance
),

categorised as (
    select
        a.*,
        k.category
    from attributed as a
    left join category_of as k
        on
            a.party = 'other'
            and a.attribution = k.attribution
            and a.actor is not distinct from k.actor
            and a.mechanism is not distinct from k.mechanism
            and a.circumstance is not distinct from k.circumstance
),

counted as (
    select
        c.*,
        c.not_counted_reason is null and not c.combatant and (not c.torture or c.counts_in_civilian_total) as in_civilians,
        c.not_counted_reason is null and c.torture as in_torture,
        c.not_counted_reason is null and not c.combatant and not c.torture as killed_in_attack
    from categorised as c
),

-- A massacre counts in one month, with its dead: the first that documented enough of them by itself, each victim in its own;
-- where none did, the late deaths count with the first of the dead, since it is they who make it a massacre (R10, R20).
toll as (
    select
        c.incident_id,
        c.documentation_month,
        max(c.massacre_threshold) as threshold,
        sum(c.persons) as persons
    from counted as c
    where c.killed_in_attack
    group by c.incident_id, c.documentation_month
),

massacre as (
    select
        t.incident_id,
        min(t.documentation_month) as first_month,
        min(t.documentation_month) filter (where t.persons >= t.threshold) as whole_month
    from toll as t
    group by t.incident_id
    having sum(t.persons) >= max(t.threshold)
)

select
    c.victim_id,
    case
        when c.killed_in_attack and s.incident_id is not null and s.whole_month is null then s.first_month
        else c.documentation_month
    end as documentation_month,
    c.documentation_month as documented_in,
    c.methodology,
    c.incident_id,
    c.persons,
    c.demographic,
    -- A massacre counts in one governorate, with its dead, even where people decided that it reached over a border.
    case when c.killed_in_attack and s.incident_id is not null then c.attacked_in else c.killed_in end as governorate,
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
    c.killed_in_attack and s.incident_id is not null as in_massacre,
    c.not_counted_reason,
    c.alleged_parties,
    coalesce(s.whole_month, s.first_month) as massacre_month
from counted as c
left join massacre as s on c.incident_id = s.incident_id
