-- Not a table of its own: of victims whose records say how several persons are made up ("and his two children"), the number
-- of each kind by the earliest such record of those that give the number of persons that was taken; and which records say
-- so.
with stating as (
    select
        s.*,
        p.persons as persons_taken,
        coalesce(s.stated_children, 0) as children,
        coalesce(s.stated_women, 0) as women,
        coalesce(s.stated_men, 0) as men,
        coalesce(s.stated_female, 0) as female,
        coalesce(s.stated_male, 0) as male
    from speaking as s
    inner join known as p on s.victim_id = p.victim_id and s.persons = p.persons
    where
        s.unnamed = p.unnamed
        and (s.stated_children > 0 or s.stated_women > 0 or s.stated_men > 0 or s.stated_female > 0 or s.stated_male > 0)
        and (s.unnamed or s.persons > 1)
)

select
    s.victim_id,
    bool_and(s.unnamed) as unnamed,
    -- Of the named person among them, the words say nothing.
    any_value(s.persons_taken) - cast(not bool_and(s.unnamed) as integer) as total,
    arg_min(s.children, s.nth) as children,
    arg_min(s.women, s.nth) as women,
    arg_min(s.men, s.nth) as men,
    arg_min(s.female, s.nth) as female,
    arg_min(s.male, s.nth) as male,
    min(s.documentation_month) as documentation_month,
    min(s.known_at) as known_at,
    bool_or(s.countable_media) as countable_media,
    bool_or(s.counted_by_source) as counted_by_source,
    cast(
        greatest(
            1, count(distinct s.origin) filter (where s.record_id not in (select k.record_id from copies as k))
        ) as integer
    ) as independent_sources,
    list_sort(list(s.record_id)) as record_ids
from stating as s
group by s.victim_id
