-- Not a table of its own: the statements with every field read once, for `quarantine.sql` and `records.sql`.
-- `readings` holds each distinct string of each field with what it means, made by casualty_pipeline.cleaning.
with dated as (
    select
        s.*,
        documented.first_date as documented_on,
        coalesce(death.first_date, incident.first_date) as death_first,
        coalesce(death.last_date, incident_end.last_date, incident.last_date) as death_last,
        incident.first_date as incident_first,
        coalesce(incident_end.last_date, incident.last_date) as incident_last,
        injury.first_date as injury_first,
        injury.last_date as injury_last,
        arrest.first_date as arrest_first,
        arrest.last_date as arrest_last,
        found.first_date as found_first,
        found.last_date as found_last,
        reported.first_date as reported_first,
        reported.last_date as reported_last,
        -- A year of birth that stands where an age is expected is one, unless the date of birth is there too.
        coalesce(birth.first_date, age.first_date) as birth_first,
        coalesce(birth.last_date, age.last_date) as birth_last,
        age.first_number as stated_age_first,
        age.last_number as stated_age_last,
        coalesce(age.text_value = 'unborn' or status.text_value = 'unborn', false) as unborn,
        nullif(status.text_value, 'unborn') as stated_status
    from statements as s
    left join
        readings as documented
        on documented.field = 'documented_date' and s.documented_date is not distinct from documented.raw
    left join readings as death on death.field = 'death_date' and s.death_date is not distinct from death.raw
    left join readings as incident on incident.field = 'incident_date' and s.incident_date is not distinct from incident.raw
    left join
        readings as incident_end
        on incident_end.field = 'incident_date_end' and s.incident_date_end is not distinct from incident_end.raw
    left join readings as injury on injury.field = 'injury_date' and s.injury_date is not distinct from injury.raw
    left join readings as arrest on arrest.field = 'arrest_date' and s.arrest_date is not distinct from arrest.raw
    left join readings as found on found.field = 'found_date' and s.found_date is not distinct from found.raw
    left join readings as reported on reported.field = 'reported_date' and s.reported_date is not distinct from reported.raw
    left join readings as birth on birth.field = 'birth_date' and s.birth_date is not distinct from birth.raw
    left join readings as age on age.field = 'age' and s.age is not distinct from age.raw
    left join readings as status on status.field = 'status' and s.status is not distinct from status.raw
),

aged as (
    select
        d.*,
        coalesce(d.stated_age_first, date_sub('year', d.birth_last, d.death_first)) as age_first,
        coalesce(d.stated_age_last, date_sub('year', d.birth_first, d.death_last)) as age_last
    from dated as d
)

select
    s.record_id,
    s.source,
    s.source_key,
    s.statement,
    s.documentation_month,
    s.known_at,
    s.received_at,
    s.superseded,
    s.candidate,
    s.documented_on,
    s.source || '/' || s.incident_ref as incident_ref,
    s.name_ar,
    s.name_en,
    n.name_ar_normal,
    n.name_en_normal,
    n.other_names,
    n.stated_children,
    n.stated_women,
    n.stated_men,
    n.stated_female,
    n.stated_male,
    coalesce(n.uncounted_companions, false) as uncounted_companions,
    coalesce(n.unnamed, true) as unnamed,
    cast(coalesce(persons.first_number, n.stated_persons, 1) as integer) as persons,
    sex.text_value as sex,
    s.sex as sex_raw,
    s.age_first,
    s.age_last,
    s.age as age_raw,
    case
        when s.age_last < $adult_age then 'child'
        when s.age_first >= $adult_age then 'adult'
        else age_group.text_value
    end as age_group,
    age_group.text_value as stated_age_group,
    s.age_group as age_group_raw,
    coalesce(
        year(s.birth_first), year(s.death_first - to_years(cast(s.age_last + 1 as integer)) + interval 1 day)
    ) as birth_year_first,
    coalesce(year(s.birth_last), year(s.death_last - to_years(cast(s.age_first as integer)))) as birth_year_last,
    s.stated_age_first,
    s.stated_age_last,
    s.birth_first,
    s.birth_last,
    s.birth_date as birth_date_raw,
    case
        when s.unborn and not $unborn_counts then 'unborn'
        else coalesce(s.stated_status, case when o.states_status then 'unknown' else 'killed' end)
    end as status,
    s.status as status_raw,
    civilian_status.text_value as civilian_status,
    s.civilian_status as civilian_status_raw,
    s.death_first,
    s.death_last,
    s.death_date as death_date_raw,
    s.injury_first,
    s.injury_last,
    s.injury_date as injury_date_raw,
    s.arrest_first,
    s.arrest_last,
    s.arrest_date as arrest_date_raw,
    s.found_first,
    s.found_last,
    s.found_date as found_date_raw,
    s.reported_first,
    s.reported_last,
    s.reported_date as reported_date_raw,
    s.incident_first,
    s.incident_last,
    s.incident_date as incident_date_raw,
    s.incident_date_end as incident_date_end_raw,
    s.incident_time,
    p.governorate,
    s.governorate as governorate_raw,
    origin.text_value as origin_governorate,
    s.origin_governorate as origin_governorate_raw,
    p.governorates,
    p.district,
    p.place_id,
    p.precision as place_precision,
    p.rule as place_rule,
    p.certainty as place_certainty,
    p.reason as place_reason,
    s.place,
    s.place_ar,
    p.place_key,
    p.latitude,
    p.longitude,
    party.text_value as claim,
    s.party as party_raw,
    certainty.text_value as certainty,
    s.certainty as certainty_raw,
    assessment.text_value as assessment,
    s.assessment as assessment_raw,
    mechanism.text_value as mechanism,
    s.mechanism as mechanism_raw,
    circumstance.text_value as circumstance,
    s.circumstance as circumstance_raw,
    special_group.text_value as special_group,
    s.special_group as special_group_raw,
    s.affiliation,
    s.occupation,
    occupation.text_value as occupation_group,
    marital_status.text_value as marital_status,
    s.marital_status as marital_status_raw,
    s.area_of_control,
    control.text_value as area_controlled_by,
    s.original_source,
    coalesce(countable_media.text_value = 'true', false) as countable_media,
    killed_min.first_number as killed_min,
    killed_max.first_number as killed_max,
    children_min.first_number as children_min,
    women_min.first_number as women_min,
    men_min.first_number as men_min,
    s.narrative,
    s.url
from aged as s
left join source_settings as o on s.source = o.source
left join names_read as n on s.name_en is not distinct from n.name_en and s.name_ar is not distinct from n.name_ar
left join
    places_read as p
    on
        s.governorate is not distinct from p.governorate_raw
        and s.place is not distinct from p.place_raw
        and s.place_ar is not distinct from p.place_ar_raw
        and s.latitude is not distinct from p.latitude_raw
        and s.longitude is not distinct from p.longitude_raw
left join readings as persons on persons.field = 'persons' and s.persons is not distinct from persons.raw
left join readings as sex on sex.field = 'sex' and s.sex is not distinct from sex.raw
left join readings as age_group on age_group.field = 'age_group' and s.age_group is not distinct from age_group.raw
left join
    readings as civilian_status
    on civilian_status.field = 'civilian_status' and s.civilian_status is not distinct from civilian_status.raw
left join readings as origin on origin.field = 'origin_governorate' and s.origin_governorate is not distinct from origin.raw
left join readings as party on party.field = 'party' and s.party is not distinct from party.raw
left join readings as certainty on certainty.field = 'certainty' and s.certainty is not distinct from certainty.raw
left join readings as assessment on assessment.field = 'assessment' and s.assessment is not distinct from assessment.raw
left join readings as mechanism on mechanism.field = 'mechanism' and s.mechanism is not distinct from mechanism.raw
left join
    readings as circumstance
    on circumstance.field = 'circumstance' and s.circumstance is not distinct from circumstance.raw
left join
    readings as special_group
    on special_group.field = 'special_group' and s.special_group is not distinct from special_group.raw
left join readings as occupation on occupation.field = 'occupation' and s.occupation is not distinct from occupation.raw
left join
    readings as marital_status
    on marital_status.field = 'marital_status' and s.marital_status is not distinct from marital_status.raw
left join readings as control on control.field = 'area_of_control' and s.area_of_control is not distinct from control.raw
left join
    readings as countable_media
    on countable_media.field = 'countable_media' and s.countable_media is not distinct from countable_media.raw
left join readings as killed_min on killed_min.field = 'killed_min' and s.killed_min is not distinct from killed_min.raw
left join readings as killed_max on killed_max.field = 'killed_max' and s.killed_max is not distinct from killed_max.raw
left join
    readings as children_min
    on children_min.field = 'children_min' and s.children_min is not distinct from children_min.raw
left join readings as women_min on women_min.field = 'women_min' and s.women_min is not distinct from women_min.raw
left join readings as men_min on men_min.field = 'men_min' and s.men_min is not distinct from men_min.raw
