-- Incidents with the party that most of their counted civilians are attributed to, and whether they are massacres (R20).
with death as (
    select
        v.*,
        row_number() over (
            partition by v.incident_id
            order by v.in_civilians desc, v.not_counted_reason is null desc, v.victim_id
        ) as place_in_incident
    from resolved_victims as v
),

toll as (
    select
        v.incident_id,
        sum(v.persons) filter (where v.in_civilians) as civilians,
        bool_or(v.in_massacre) as massacre,
        max(v.massacre_month) as massacre_month
    from resolved_victims as v
    group by v.incident_id
)

select
    i.incident_id,
    coalesce(t.massacre_month, i.documentation_month) as documentation_month,
    i.incident_first,
    i.incident_last,
    i.place,
    i.place_ar,
    d.attribution,
    d.party,
    d.actor,
    d.category,
    cast(coalesce(t.civilians, 0) as integer) as civilians,
    t.massacre,
    i.area_of_control,
    coalesce(i.governorate, d.governorate, 'unknown') as governorate
from deduplicated.incidents as i
inner join death as d on i.incident_id = d.incident_id and d.place_in_incident = 1
inner join toll as t on i.incident_id = t.incident_id
