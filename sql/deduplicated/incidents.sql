-- Incidents, one value per field: that of the record that was known first and has one. `incidents_concerned` says which.
with spoken as (
    select
        i.incident_id,
        r.*,
        row(r.known_at, r.record_id) as known
    from deduplicated.incident_records as i
    inner join cleaned.records as r on i.record_id = r.record_id
    semi join incidents_concerned as c on i.incident_id = c.incident_id
),

-- A source's attack is one code of it, at the earliest time said under it; without a code, one time.
timed as (
    select
        s.incident_id,
        s.source,
        s.incident_ref,
        s.known,
        strftime(try_cast(regexp_extract(s.incident_time, '^\d{1,2}:\d{2}') as time) + date '2000-01-01', '%H:%M') as clock
    from spoken as s
    where s.incident_time is not null
),

listed as (
    select
        t.incident_id,
        t.source,
        min(t.known) as known,
        min(t.clock) as clock
    from timed as t
    where t.clock is not null
    group by t.incident_id, t.source, t.incident_ref, case when t.incident_ref is null then t.clock end
),

-- Of the sources, the one that lists most; sources add nothing to each other, since two times may be of one attack (R20).
attack as (
    select
        l.incident_id,
        list_sort(list(distinct l.clock)) as clocks
    from listed as l
    group by l.incident_id, l.source
    qualify row_number() over (partition by l.incident_id order by count(distinct l.clock) desc, min(l.known)) = 1
)

select
    s.incident_id,
    cast(to_json(list_sort(list(distinct s.incident_ref) filter (where s.incident_ref is not null))) as varchar) as refs,
    cast(count(*) as integer) as records,
    min(s.documentation_month) as documentation_month,
    arg_min(s.incident_first, s.known) as incident_first,
    arg_min(s.incident_last, s.known) as incident_last,
    coalesce(any_value(a.clocks[1]), min(s.incident_time)) as incident_time,
    cast(coalesce(any_value(len(a.clocks)), 1) as integer) as attacks,
    coalesce(any_value(a.clocks), []) as attack_times,
    arg_min(s.governorate, s.known) as governorate,
    arg_min(s.place, s.known) as place,
    arg_min(s.place_ar, s.known) as place_ar,
    arg_min(s.mechanism, s.known) as mechanism,
    arg_min(s.area_of_control, s.known) as area_of_control,
    max(s.killed_min) as killed_min,
    max(s.killed_max) as killed_max,
    coalesce(bool_and(s.assessment = 'discounted') filter (where s.assessment is not null), false) as discounted,
    arg_min(s.narrative, s.known) as narrative
from spoken as s
left join attack as a on s.incident_id = a.incident_id
group by s.incident_id
