-- Statements as read from captures, each with a stable id. The same bytes under two names are read once.
with identified as (
    select
        r.*,
        'R-'
        || substr(
            sha256(concat_ws(chr(31), r.source, r.source_key, r.capture_sha256, r.sheet, r.row_number, r.pointer)), 1, 16
        )
            as record_id
    from statements_read as r
)

select
    s.record_id,
    s.source_key,
    s.source,
    s.capture_sha256,
    s.file,
    s.sheet,
    s.row_number,
    s.pointer,
    s.connector_version,
    s.candidate,
    s.documentation_month,
    s.received_at,
    s.known_at,
    s.incident_ref,
    s.name_ar,
    s.name_en,
    s.sex,
    s.age,
    s.age_group,
    s.birth_date,
    s.persons,
    s.status,
    s.civilian_status,
    s.death_date,
    s.injury_date,
    s.arrest_date,
    s.found_date,
    s.reported_date,
    s.incident_date,
    s.incident_date_end,
    s.incident_time,
    s.documented_date,
    s.governorate,
    s.origin_governorate,
    s.place,
    s.place_ar,
    s.latitude,
    s.longitude,
    s.party,
    s.certainty,
    s.assessment,
    s.mechanism,
    s.circumstance,
    s.special_group,
    s.affiliation,
    s.occupation,
    s.marital_status,
    s.area_of_control,
    s.original_source,
    s.countable_media,
    s.killed_min,
    s.killed_max,
    s.children_min,
    s.women_min,
    s.men_min,
    s.narrative,
    s.url,
    s.extra,
    case
        when
            s.statement = 'person'
            and try_cast(translate(s.persons, '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '01234567890123456789') as integer) > 1
            then 'group'
        else s.statement
    end as statement
from identified as s
where s.record_id not in (select k.record_id from captures.records as k)
