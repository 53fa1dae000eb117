-- Not a table of its own: how the persons of `composition` are made up, a row per kind that has any, numbered by `place`.
-- Never more than there are, children first, as in `remainder.sql`. Girls and boys are told apart where the sex of everybody
-- who isn't a child is known.
with allotted as (
    select
        c.*,
        p.sex,
        least(c.total, c.children) as of_children,
        least(c.total - of_children, c.women) as of_women,
        least(c.total - of_children - of_women, c.men) as of_men,
        c.total - of_children - of_women - of_men as others,
        case
            when others > 0 then 0
            when c.unnamed and c.female + c.male = 0 and p.sex = 'female' then of_children
            else least(of_children, greatest(0, c.female - of_women))
        end as girls,
        case
            when others > 0 then 0
            when c.unnamed and c.female + c.male = 0 and p.sex = 'male' then of_children
            else least(of_children - girls, greatest(0, c.male - of_men))
        end as boys
    from composition as c
    inner join known as p on c.victim_id = p.victim_id
),

kind as (
    select
        a.*,
        unnest([
            struct_pack(demographic := 'child_female', sex := 'female', persons := a.girls),
            struct_pack(demographic := 'child_male', sex := 'male', persons := a.boys),
            struct_pack(demographic := 'child', sex := null, persons := a.of_children - a.girls - a.boys),
            struct_pack(demographic := 'woman', sex := 'female', persons := a.of_women),
            struct_pack(demographic := 'man', sex := 'male', persons := a.of_men),
            struct_pack(
                demographic := 'unknown',
                sex := case when a.female = a.total then 'female' when a.male = a.total then 'male' end,
                persons := a.others
            )
        ]) as k
    from allotted as a
)

select
    k.victim_id,
    k.unnamed,
    k.documentation_month,
    k.known_at,
    k.countable_media,
    k.counted_by_source,
    k.independent_sources,
    len(k.record_ids) as records,
    k.k.demographic as demographic,
    k.k.sex as sex,
    k.k.persons as persons,
    row_number() over (
        partition by k.victim_id
        order by
            list_position(['child_female', 'child_male', 'child', 'woman', 'man', 'unknown'], k.k.demographic)
    ) as place
from kind as k
where k.k.persons > 0
