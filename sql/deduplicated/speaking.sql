-- Not a table of its own: the records of the victims in `links`, in the order in which they became known (`nth`, from 1),
-- each with who said it first (`origin`). Reposts count as their original (R8): a source that is named by its id or by its
-- declared name is that source.
with numbered as (
    select
        l.victim_id,
        l.record_id,
        dense_rank() over (order by l.victim_id) as victim,
        row_number() over (partition by l.victim_id order by r.known_at, r.record_id) as nth,
        -- What a record calls somebody whom it can't name ("daughter of X") is no name beside one.
        r.unnamed and not bool_and(r.unnamed) over (partition by l.victim_id) as named_by_others
    from links as l
    inner join cleaned.records as r on l.record_id = r.record_id
)

select
    n.victim_id,
    n.victim,
    r.record_id,
    r.source,
    i.incident_id,
    n.nth,
    lower(trim(coalesce(c.source, r.original_source, r.source))) as origin,
    r.original_source is not null as origin_stated,
    r.incident_ref,
    r.documentation_month,
    r.known_at,
    case when not n.named_by_others then r.name_ar end as name_ar,
    case when not n.named_by_others then r.name_en end as name_en,
    case when not n.named_by_others then coalesce(r.name_ar_normal, r.name_ar) end as name_ar_key,
    case when not n.named_by_others then coalesce(r.name_en_normal, lower(r.name_en)) end as name_en_key,
    r.unnamed,
    r.persons,
    r.stated_children,
    r.stated_women,
    r.stated_men,
    r.stated_female,
    r.stated_male,
    r.sex,
    r.age_first,
    r.age_last,
    r.age_group,
    r.status,
    r.civilian_status,
    r.governorate,
    r.origin_governorate,
    r.place,
    r.place_ar,
    case r.place_precision
        when 'exact' then 4
        when 'place' then 3
        when 'district' then 2
        when 'governorate' then 1
        else 0
    end as place_precision,
    r.death_first,
    r.death_last,
    r.mechanism,
    r.circumstance,
    r.special_group,
    r.affiliation,
    r.occupation,
    coalesce(r.occupation_group, lower(trim(r.occupation))) as occupation_key,
    r.narrative is not null as narrated,
    r.countable_media,
    coalesce(o.unnamed_counted, false) as counted_by_source,
    coalesce(list_contains(o.corroborated_by, r.assessment), false) as corroborated
from numbered as n
inner join cleaned.records as r on n.record_id = r.record_id
inner join deduplicated.incident_records as i on n.record_id = i.record_id
left join source_settings as o on r.source = o.source
left join source_called as c on lower(trim(r.original_source)) = c.called
