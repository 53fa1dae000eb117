-- Not a table of its own: what each record says on the fields on which its victim's records say different things: a row per
-- record and field. `content` is what makes two statements the same, `value` how it is shown, `low` and `high` the bounds of
-- an age, a number or a date (in days since 1970), `parts` those of a name, `exactness` how exact it is: more is better.
with disputing as (
    select
        s.*,
        string_split(e.disputed, ',') as disputed
    from speaking as s
    inner join earliest as e on s.victim_id = e.victim_id
    where e.disputed is not null
),

said as (
    select
        d.victim_id,
        d.record_id,
        d.source,
        d.origin,
        d.nth,
        d.disputed,
        d.governorate,
        case when d.age_first is not null then d.age_first || '-' || d.age_last end as age,
        unnest([
            struct_pack(
                field := 'name_ar',
                content := d.name_ar_key,
                value := d.name_ar,
                low := null,
                high := null,
                parts := string_split(d.name_ar_key, ' '),
                exactness := len(string_split(d.name_ar_key, ' '))
            ),
            struct_pack(
                field := 'name_en',
                content := d.name_en_key,
                value := d.name_en,
                low := null,
                high := null,
                parts := string_split(d.name_en_key, ' '),
                exactness := len(string_split(d.name_en_key, ' '))
            ),
            struct_pack(
                field := 'persons',
                content := cast(d.persons as varchar),
                value := cast(d.persons as varchar),
                low := d.persons,
                high := d.persons,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'sex',
                content := d.sex,
                value := d.sex,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'age',
                content := d.age_first || '-' || d.age_last,
                value := case
                    when d.age_first = d.age_last then cast(d.age_first as varchar)
                    else d.age_first || '-' || d.age_last
                end,
                low := d.age_first,
                high := d.age_last,
                parts := null,
                exactness := d.age_first - d.age_last
            ),
            struct_pack(
                field := 'age_group',
                content := d.age_group,
                value := d.age_group,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'status',
                content := d.status,
                value := d.status,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'civilian_status',
                content := d.civilian_status,
                value := d.civilian_status,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'governorate',
                content := d.governorate,
                value := d.governorate,
                low := null,
                high := null,
                parts := null,
                exactness := d.place_precision
            ),
            struct_pack(
                field := 'origin_governorate',
                content := d.origin_governorate,
                value := d.origin_governorate,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'place',
                content := lower(trim(d.place)),
                value := d.place,
                low := null,
                high := null,
                parts := null,
                exactness := d.place_precision
            ),
            struct_pack(
                field := 'place_ar',
                content := lower(trim(d.place_ar)),
                value := d.place_ar,
                low := null,
                high := null,
                parts := null,
                exactness := d.place_precision
            ),
            struct_pack(
                field := 'death',
                content := d.death_first || '/' || d.death_last,
                value := case
                    when d.death_first = d.death_last then cast(d.death_first as varchar)
                    else d.death_first || '/' || d.death_last
                end,
                low := date_diff('day', date '1970-01-01', d.death_first),
                high := date_diff('day', date '1970-01-01', d.death_last),
                parts := null,
                exactness := date_diff('day', d.death_last, d.death_first)
            ),
            struct_pack(
                field := 'mechanism',
                content := d.mechanism,
                value := d.mechanism,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'circumstance',
                content := d.circumstance,
                value := d.circumstance,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'special_group',
                content := d.special_group,
                value := d.special_group,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'affiliation',
                content := lower(trim(d.affiliation)),
                value := d.affiliation,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            ),
            struct_pack(
                field := 'occupation',
                content := d.occupation_key,
                value := d.occupation,
                low := null,
                high := null,
                parts := null,
                exactness := 0
            )
        ]) as claim
    from disputing as d
)

select
    s.victim_id,
    s.claim.field as field,
    s.claim.content as content,
    s.claim.value as value,
    cast(s.claim.low as bigint) as low,
    cast(s.claim.high as bigint) as high,
    s.claim.parts as parts,
    cast(s.claim.exactness as double) as exactness,
    s.record_id,
    s.source,
    s.origin,
    s.nth,
    s.governorate,
    s.age,
    s.record_id in (select k.record_id from copies as k) as copied
from said as s
where s.claim.content is not null and list_contains(s.disputed, s.claim.field)
