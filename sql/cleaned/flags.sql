-- One row per doubt that doesn't stop a statement from counting. `doubtful` holds the strings that were read by a convention
-- or in part, and those of harmless fields that could not be read.
with other_date as (
    select
        t.record_id,
        'injury_date' as field,
        t.injury_date_raw as value,
        t.injury_first as first,
        t.injury_last as last,
        t.birth_first as not_before,
        'birth' as not_before_what,
        coalesce(t.death_last, cast(t.received_at as date) + 1) as not_after,
        case when t.death_last is null then 'receipt, a day allowed' else 'death' end as not_after_what
    from typed as t
    union all
    select
        t.record_id,
        'arrest_date' as field,
        t.arrest_date_raw,
        t.arrest_first,
        t.arrest_last,
        t.birth_first,
        'birth' as not_before_what,
        coalesce(t.death_last, cast(t.received_at as date) + 1),
        case when t.death_last is null then 'receipt, a day allowed' else 'death' end
    from typed as t
    union all
    select
        t.record_id,
        'found_date' as field,
        t.found_date_raw,
        t.found_first,
        t.found_last,
        t.death_first,
        'death' as not_before_what,
        cast(t.received_at as date) + 1,
        'receipt, a day allowed' as not_after_what
    from typed as t
    union all
    select
        t.record_id,
        'reported_date' as field,
        t.reported_date_raw,
        t.reported_first,
        t.reported_last,
        coalesce(t.incident_first, t.death_first),
        'incident' as not_before_what,
        cast(t.received_at as date) + 1,
        'receipt, a day allowed' as not_after_what
    from typed as t
    union all
    select
        t.record_id,
        'birth_date' as field,
        coalesce(t.birth_date_raw, t.age_raw),
        t.birth_first,
        t.birth_last,
        null as not_before,
        null as not_before_what,
        cast(t.received_at as date) + 1,
        'receipt, a day allowed' as not_after_what
    from typed as t
),

doubt as (
    select
        d.record_id,
        coalesce(d.certainty, 'unreadable') || '_' || d.field as rule,
        d.field,
        d.value,
        d.reason
    from doubtful as d
    union all
    select
        t.record_id,
        case when t.place_certainty = 'ambiguous' then 'ambiguous_place' else 'place_' || t.place_rule end as rule,
        'place' as field,
        concat_ws(', ', t.governorate_raw, t.place, t.place_ar),
        coalesce(t.place_reason, 'it may be in ' || array_to_string(t.governorates, ' or '))
    from typed as t
    where t.place_rule <> 'abroad' and (t.place_reason is not null or t.place_certainty = 'ambiguous')
    union all
    select
        t.record_id,
        'uncounted_companions' as rule,
        'name' as field,
        null as value,
        'the name speaks of more persons without saying how many: they are not counted'
    from typed as t
    where t.uncounted_companions
    union all
    select
        t.record_id,
        'unborn' as rule,
        case when t.age_raw is null then 'status' else 'age' end as field,
        coalesce(t.age_raw, t.status_raw),
        'an unborn child is no person of a toll by itself, unless the profile says so'
    from typed as t
    where t.status = 'unborn'
    union all
    select
        t.record_id,
        'age_disagrees_with_birth' as rule,
        'age' as field,
        t.age_raw,
        'the date of birth makes an age from ' || date_sub('year', t.birth_last, t.death_first) || ' to '
        || date_sub('year', t.birth_first, t.death_last) || '; the stated age is kept'
    from typed as t
    where
        t.stated_age_last < date_sub('year', t.birth_last, t.death_first)
        or t.stated_age_first > date_sub('year', t.birth_first, t.death_last)
    union all
    select
        t.record_id,
        'age_group_disagrees_with_age' as rule,
        'age_group' as field,
        t.age_group_raw,
        'the age makes it ' || t.age_group || ', which is kept'
    from typed as t
    where t.age_group <> t.stated_age_group
    union all
    select
        t.record_id,
        'may_be_special_group' as rule,
        'occupation' as field,
        t.occupation,
        'the occupation speaks for the special group ' || t.occupation_group || ', which nobody states: counted as a member '
        || 'only when the source says so'
    from typed as t
    where t.special_group is null and t.occupation_group in (select unnest($special_groups))
    union all
    select
        t.record_id,
        'documented_before_death' as rule,
        'documented_date' as field,
        cast(t.documented_on as varchar),
        'documented before the death (' || t.death_first || '), after the incident'
    from typed as t
    where t.documented_on < t.death_first - interval 1 day
    union all
    select
        o.record_id,
        o.field || '_too_early' as rule,
        o.field,
        o.value,
        'comes before the ' || o.not_before_what || ' (' || o.not_before || '): one of the two dates is wrong'
    from other_date as o
    where o.last < o.not_before
    union all
    select
        o.record_id,
        o.field || '_too_late' as rule,
        o.field,
        o.value,
        'comes after the ' || o.not_after_what || ' (' || o.not_after || '): one of the two dates is wrong'
    from other_date as o
    where o.first > o.not_after
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
where not s.superseded
