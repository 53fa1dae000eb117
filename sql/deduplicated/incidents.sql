-- Incidents, one value per field: that of the record that was known first and has one.
select
    i.incident_id,
    cast(to_json(list_sort(list(distinct r.incident_ref) filter (where r.incident_ref is not null))) as varchar) as refs,
    cast(count(*) as integer) as records,
    min(r.documentation_month) as documentation_month,
    first(r.incident_first order by r.known_at, r.record_id) filter (where r.incident_first is not null) as incident_first,
    first(r.incident_last order by r.known_at, r.record_id) filter (where r.incident_last is not null) as incident_last,
    min(r.incident_time) as incident_time,
    first(r.governorate order by r.known_at, r.record_id) filter (where r.governorate is not null) as governorate,
    first(r.place order by r.known_at, r.record_id) filter (where r.place is not null) as place,
    first(r.place_ar order by r.known_at, r.record_id) filter (where r.place_ar is not null) as place_ar,
    first(r.mechanism order by r.known_at, r.record_id) filter (where r.mechanism is not null) as mechanism,
    first(r.area_of_control order by r.known_at, r.record_id) filter (where r.area_of_control is not null)
        as area_of_control,
    max(r.killed_min) as killed_min,
    max(r.killed_max) as killed_max,
    coalesce(bool_and(r.assessment = 'discounted') filter (where r.assessment is not null), false) as discounted,
    first(r.narrative order by r.known_at, r.record_id) filter (where r.narrative is not null) as narrative
from deduplicated.incident_records as i
inner join cleaned.records as r on i.record_id = r.record_id
group by i.incident_id
