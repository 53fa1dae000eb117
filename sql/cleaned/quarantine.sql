-- One row per doubt. `unreadable` holds the strings of decisive fields that could not be read. What the governorate's field
-- doesn't say, the place may.
with doubt as (
    select
        u.record_id,
        'unreadable_' || u.field as rule,
        u.field,
        u.value,
        u.reason
    from unreadable as u
    inner join typed as t on u.record_id = t.record_id
    where u.field <> 'governorate' or (t.governorate is null and coalesce(len(t.governorates), 0) < 2)
    union all
    select
        t.record_id,
        'superseded' as rule,
        'source_key' as field,
        t.source_key,
        'a later statement of this source has the same key; this one is kept here'
    from typed as t
    where t.superseded
    union all
    select
        t.record_id,
        'candidate_' || t.candidate as rule,
        'narrative' as field,
        null as value,
        case t.candidate
            when 'refused' then 'read by rule from free text; a person looked at it and refused it'
            else 'read by rule from free text: it counts only once a person has confirmed it (`casualty review list`)'
        end
    from typed as t
    where t.candidate in ('unconfirmed', 'refused')
    union all
    select
        t.record_id,
        'place_abroad' as rule,
        'place' as field,
        coalesce(t.place, t.place_ar, t.governorate_raw),
        t.place_reason
    from typed as t
    where t.place_rule = 'abroad'
    union all
    select
        t.record_id,
        'death_before_incident' as rule,
        'death_date' as field,
        t.death_date_raw,
        'the death comes before the incident of ' || t.incident_first || ': one of the two dates is wrong'
    from typed as t
    where t.death_last < t.incident_first
    union all
    select
        t.record_id,
        'documented_before_incident' as rule,
        'documented_date' as field,
        cast(t.documented_on as varchar),
        'documented before it happened (' || coalesce(t.incident_first, t.death_first) || '): one of the two dates is wrong'
    from typed as t
    where t.documented_on < coalesce(t.incident_first, t.death_first) - interval 1 day
    union all
    select
        t.record_id,
        'documented_in_the_future' as rule,
        'documented_date' as field,
        cast(t.documented_on as varchar),
        'documented after it was received (' || cast(t.received_at as date) || ')'
    from typed as t
    where t.documented_on > cast(t.received_at as date)
    union all
    select
        t.record_id,
        'happened_in_the_future' as rule,
        case when t.death_date_raw is null then 'incident_date' else 'death_date' end,
        coalesce(t.death_date_raw, t.incident_date_raw),
        'happened after it was received (' || cast(t.received_at as date) || ')'
    from typed as t
    where t.death_first > cast(t.received_at as date) + interval 1 day
    union all
    select
        t.record_id,
        'documented_before_the_conflict' as rule,
        'documented_date' as field,
        cast(t.documented_on as varchar),
        'documented before ' || $start_month || ', where this profile starts'
    from typed as t
    where strftime(t.documented_on, '%Y-%m') < $start_month
    union all
    select
        t.record_id,
        'incident_ends_before_it_begins' as rule,
        'incident_date_end' as field,
        t.incident_date_end_raw,
        'the incident begins on ' || t.incident_first || ', later than it ends: one of the two dates is wrong'
    from typed as t
    where t.incident_last < t.incident_first
    union all
    select
        t.record_id,
        'death_before_birth' as rule,
        case when t.birth_date_raw is null then 'age' else 'birth_date' end,
        coalesce(t.birth_date_raw, t.age_raw),
        'born after the death on ' || t.death_last
    from typed as t
    where t.birth_first > t.death_last
    union all
    select
        t.record_id,
        'no_persons' as rule,
        'persons' as field,
        cast(t.persons as varchar),
        'expected one person or more'
    from typed as t
    where t.persons < 1
)

select
    d.record_id,
    d.rule,
    s.source,
    s.capture_sha256,
    s.file,
    s.sheet,
    s.row_number,
    s.pointer,
    s.documentation_month,
    d.field,
    left(d.value, 200) as value,
    d.reason
from doubt as d
inner join statements as s on d.record_id = s.record_id
