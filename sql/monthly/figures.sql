-- Every figure of the given months: counts by party, by category beneath other parties and by governorate, each by
-- demographic, for the month and for the months since January; zeros where nothing was documented; then percentages.
-- `targets` says for each month and period which months of documentation go into it.
with fact as (
    select
        v.documentation_month,
        'civilians' as population,
        v.party,
        v.category,
        v.governorate,
        v.demographic,
        v.persons
    from attributed.victims as v
    where v.in_civilians
    union all
    select
        v.documentation_month,
        'torture',
        v.party,
        v.category,
        v.governorate,
        v.demographic,
        v.persons
    from attributed.victims as v
    where v.in_torture
    union all
    select
        v.documentation_month,
        v.special_group,
        v.party,
        v.category,
        v.governorate,
        v.demographic,
        v.persons
    from attributed.victims as v
    where (v.in_civilians or v.in_torture) and v.special_group is not null
    union all
    select
        v.documentation_month,
        'massacre_victims',
        v.party,
        v.category,
        v.governorate,
        v.demographic,
        v.persons
    from attributed.victims as v
    where v.in_massacre
    union all
    select
        i.documentation_month,
        'massacres',
        i.party,
        i.category,
        i.governorate,
        'incident',
        1
    from attributed.incidents as i
    where i.massacre
),

-- Each fact stands in the cell of everything, of its party, of the parent of its party, of its category, of its governorate.
placed as (
    select
        f.documentation_month,
        f.population,
        f.demographic,
        f.persons,
        unnest(list_distinct([
            { 'party': '', 'category': '', 'governorate': '' },
            { 'party': f.party, 'category': '', 'governorate': '' },
            {
                'party': case when contains(f.party, '+') then f.party else split_part(f.party, '/', 1) end,
                'category': '',
                'governorate': ''
            },
            { 'party': f.party, 'category': coalesce(f.category, ''), 'governorate': '' },
            { 'party': '', 'category': '', 'governorate': f.governorate }
        ])) as cell
    from fact as f
),

counted as (
    select
        t.month,
        t.period,
        p.population,
        p.cell.party as party,
        p.cell.category as category,
        p.cell.governorate as governorate,
        p.demographic,
        sum(p.persons) as persons
    from placed as p
    inner join targets as t on p.documentation_month = t.input_month
    group by all
),

-- Cells that always have a figure, and those in which somebody was documented.
cell as (
    select
        t.month,
        t.period,
        o.population,
        c.party,
        '' as category,
        '' as governorate
    from (select distinct
        x.month,
        x.period
    from targets as x) as t
    cross join populations as o
    cross join party_cells as c
    union
    select
        t.month,
        t.period,
        o.population,
        '',
        '',
        g.governorate
    from (select distinct
        x.month,
        x.period
    from targets as x) as t
    cross join populations as o
    cross join governorate_cells as g
    union
    select
        c.month,
        c.period,
        c.population,
        c.party,
        c.category,
        c.governorate
    from counted as c
),

tallied as (
    select
        n.month,
        n.period,
        n.population,
        n.party,
        n.category,
        n.governorate,
        d.demographic,
        sum(n.persons) as persons
    from counted as n
    inner join demographics as d on list_contains(d.includes, n.demographic)
    group by all
),

number as (
    select
        c.month,
        c.period,
        c.population,
        c.party,
        c.category,
        c.governorate,
        d.demographic,
        coalesce(t.persons, 0) as value
    from cell as c
    inner join demographics as d on (c.population = 'massacres') = d.of_incidents or d.demographic = 'all'
    left join tallied as t
        on
            c.month = t.month
            and c.period = t.period
            and c.population = t.population
            and c.party = t.party
            and c.category = t.category
            and c.governorate = t.governorate
            and d.demographic = t.demographic
),

-- Rounded half up on whole numbers: no binary fraction may tip a published percentage.
percentage as (
    select
        part.month,
        part.period,
        part.population,
        part.party,
        '' as category,
        '' as governorate,
        part.demographic,
        ((2 * 100 * r.scale * part.value + whole.value) // (2 * whole.value)) / r.scale as value
    from number as part
    inner join shares as r
        on
            part.population = r.population
            and part.demographic = r.demographic
            and (part.party <> '') = r.by_party
    inner join number as whole
        on
            part.month = whole.month
            and part.period = whole.period
            and part.population = whole.population
            and whole.party = ''
            and whole.governorate = ''
            and whole.demographic = 'all'
    where part.category = '' and part.governorate = '' and whole.value > 0
)

select
    n.month,
    n.period,
    n.population,
    n.party,
    n.category,
    n.governorate,
    n.demographic,
    'count' as measure,
    cast(n.value as double) as value
from number as n
union all
select
    p.month,
    p.period,
    p.population,
    p.party,
    p.category,
    p.governorate,
    p.demographic,
    'percent' as measure,
    cast(p.value as double) as value
from percentage as p
