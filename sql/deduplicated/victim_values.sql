-- What a victim's records say different things on: each value, which one was taken and by which rule, who says it and who
-- says something else. Rules: the profile's `survivorship`; requirements, section 4.
with value as (
    select
        c.victim,
        c.field,
        c.content,
        arg_min(c.value, c.nth) as value,
        any_value(c.low) as low,
        any_value(c.high) as high,
        any_value(c.parts) as parts,
        max(c.exactness) as exactness,
        min(c.nth) as nth,
        list_distinct(list(c.of_governorate) filter (where c.of_governorate is not null)) as governorates,
        list_distinct(list(c.of_age) filter (where c.of_age is not null)) as ages
    from claims as c
    group by c.victim, c.field, c.content
),

-- A source that says less exactly the same (March, for the 5th of March; Ahmad Ali, for Ahmad Hassan Ali) says it too; one
-- that says more exactly the same supports it, without counting for it. Two statements of which neither holds the other, and
-- which can't both be true, contradict each other.
compared as (
    select
        v.victim,
        v.field,
        v.content,
        c.record_id,
        c.source,
        c.origin,
        c.copied,
        r.rank,
        c.content = v.content
        or coalesce(c.low <= v.low and c.high >= v.high, false)
        or coalesce(c.parts[1] = v.parts[1] and list_has_all(v.parts, c.parts), false) as says_it,
        coalesce(c.low >= v.low and c.high <= v.high, false)
        or coalesce(c.parts[1] = v.parts[1] and list_has_all(c.parts, v.parts), false) as says_more,
        coalesce(c.low <= v.high and c.high >= v.low, false) as may_be
    from value as v
    inner join claims as c on v.victim = c.victim and v.field = c.field
    left join survivorship_ranks as r on c.field = r.field and c.source = r.source
),

backing as (
    select
        c.victim,
        c.field,
        c.content,
        count(distinct c.origin) filter (where c.says_it and not c.copied) as sources,
        min(c.rank) filter (where c.says_it) as rank,
        list_sort(list(distinct c.source) filter (where c.says_it or c.says_more)) as said_by,
        list_sort(list(c.record_id) filter (where c.says_it or c.says_more)) as supported_by,
        list_sort(list(c.record_id) filter (where not c.says_it and not c.says_more and not c.may_be)) as contradicted_by
    from compared as c
    group by c.victim, c.field, c.content
),

-- Lower is better; in the order of CRITERIA in casualty_pipeline/profile/survivorship.py. `asked` picks those of the field.
scored as (
    select
        v.*,
        b.sources,
        b.said_by,
        b.supported_by,
        b.contradicted_by,
        u.criteria,
        list_select(
            [
                cast(-b.sources as double),
                cast(coalesce(b.rank, 1000000) as double),
                -v.exactness,
                cast(coalesce(p.rank, 1000000) as double),
                cast(v.nth as double)
            ],
            u.asked
        ) as scores
    from value as v
    inner join backing as b on v.victim = b.victim and v.field = b.field and v.content = b.content
    inner join survivorship as u on v.field = u.field
    left join survivorship_preferred as p on v.field = p.field and v.content = p.value
),

-- The best by the field's own rule; what decides it is the first criterion by which the next best is worse.
ordered as (
    select
        s.*,
        row_number() over best as place,
        lead(s.scores) over best as next_scores
    from scored as s
    window best as (partition by s.victim, s.field order by s.scores)
),

settled as (
    select
        e.victim,
        coalesce(
            max(o.content) filter (where o.field = 'governorate'),
            any_value(e.governorate)
        ) as governorate,
        coalesce(
            max(o.content) filter (where o.field = 'age'),
            any_value(case when e.age_first is not null then e.age_first || '-' || e.age_last end)
        ) as age
    from earliest as e
    left join ordered as o on e.victim = o.victim and o.place = 1
    where e.disputed is not null
    group by e.victim
),

-- A place belongs to its governorate, an age group to its age: of the values that go with those taken, the best.
fitting as (
    select
        o.*,
        case
            when o.field in ('place', 'place_ar') then not coalesce(list_contains(o.governorates, t.governorate), true)
            when o.field = 'age_group' then not coalesce(list_contains(o.ages, t.age), false)
            else false
        end as apart
    from ordered as o
    inner join settled as t on o.victim = t.victim
),

picked as (
    select
        f.*,
        row_number() over (partition by f.victim, f.field order by f.apart, f.place) = 1 as chosen,
        bool_or(f.apart and f.place = 1) over (partition by f.victim, f.field)
        and not bool_and(f.apart) over (partition by f.victim, f.field) as best_is_apart
    from fitting as f
)

select
    e.victim_id,
    p.field,
    p.value,
    p.chosen,
    case
        when not p.chosen then null
        when p.best_is_apart and p.field = 'age_group' then 'age'
        when p.best_is_apart then 'governorate'
        when p.scores[1] <> p.next_scores[1] then p.criteria[1]
        when p.scores[2] <> p.next_scores[2] then p.criteria[2]
        when p.scores[3] <> p.next_scores[3] then p.criteria[3]
        when p.scores[4] <> p.next_scores[4] then p.criteria[4]
        else p.criteria[5]
    end as rule,
    cast(p.sources as integer) as sources,
    p.said_by,
    p.supported_by,
    coalesce(p.contradicted_by, []) as contradicted_by
from picked as p
inner join earliest as e on p.victim = e.victim
