"""Checks of the stage `monthly`: figures against each other, against the rows that they count, and against other months."""

from collections.abc import Sequence

import dagster as dg
import polars as pl

from casualty_pipeline.figures.identities import contradictions
from casualty_pipeline.figures.months import year_to
from casualty_pipeline.figures.registry import DEMOGRAPHICS as COUNTED
from casualty_pipeline.figures.registry import populations
from casualty_pipeline.figures.stage import since_january
from casualty_pipeline.orchestration.auditing import Gate
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.profile import Profile
from casualty_pipeline.quality.failures import failing
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Reading
from checks.asset_checks import build_checks
from checks.expectations import as_declared, between, digests, one_of
from checks.gate import StageGate
from checks.rules import Check, rule

RULES = (
    rule(
        "year_so_far_is_attributed",
        "monthly.figure_inputs",
        "Cumulative figures rest on every month of the year of which there are victims, each as it is attributed now; "
        "none of the year's months was refused before it ever had rows.",
        "R11",
        """
        select m.month, d.month as input_month
        from (select distinct f.month from monthly.figure_inputs as f where f.month in (select unnest($months))) as m
        inner join attributed.month_digest as d on left(d.month, 4) = left(m.month, 4) and d.month <= m.month
        left join monthly.figure_inputs as f on f.month = m.month and f.input_month = d.month
        where f.sha256 is distinct from d.sha256
        union
        select m.month, r.month
        from (select distinct f.month from monthly.figure_inputs as f where f.month in (select unnest($months))) as m
        inner join cleaned.failures as r on left(r.month, 4) = left(m.month, 4) and r.month < m.month
        where r.refused and r.blocking and r.closed_at is null
            and r.month not in (select c.documentation_month from cleaned.month_inputs as c)
        """,
    ),
    rule(
        "totals_count_the_victims",
        "monthly.figures",
        "The civilian toll and the torture toll are the persons that the attributed victims hold.",
        "principle 4",
        """
        with counted as (
            select documentation_month as month, 'civilians' as population, sum(persons) as persons
            from attributed.victims where in_civilians group by all
            union all
            select documentation_month, 'torture', sum(persons) from attributed.victims where in_torture group by all
        )
        select f.month, f.population from monthly.figures as f
        left join counted as c on f.month = c.month and f.population = c.population
        where f.month in (select unnest($months)) and f.period = f.month and f.population in ('civilians', 'torture')
            and f.party = '' and f.category = '' and f.governorate = '' and f.demographic = 'all' and f.measure = 'count'
            and f.value <> coalesce(c.persons, 0)
        """,
    ),
    rule(
        "every_month_has_its_figures",
        "monthly.figures",
        "Each month that was computed has its own figures and those since January, its own month's digest among its inputs.",
        "R11",
        """
        with asked as (select unnest($months) as month)
        select a.month, 'period' as key from asked as a
        where not exists (select 1 from monthly.figures as f where f.month = a.month and f.period = a.month)
            or not exists (
                select 1 from monthly.figures as f
                where f.month = a.month and f.period = left(a.month, 4) || '-01..' || a.month
            )
        union all
        select f.month, f.period from monthly.figures as f
        where f.month in (select a.month from asked as a)
            and f.period not in (f.month, left(f.month, 4) || '-01..' || f.month)
        """,
    ),
    rule(
        "counts_are_whole_numbers",
        "monthly.figures",
        "A count is a whole number; a percentage is at most 100.",
        "principle 4",
        """
        select month, concat_ws(':', period, population, party, category, governorate, demographic, measure)
        from monthly.figures
        where month in (select unnest($months))
            and ((measure = 'count' and value <> floor(value)) or (measure = 'percent' and value > 100))
        """,
    ),
    rule(
        "counts_lie_within_their_range",
        "monthly.ranges",
        "Of a party, the least that claims allow isn't more than the count, nor the count more than the most.",
        "requirements, section 4",
        """
        select month, concat_ws(':', period, population, party) from monthly.ranges
        where month in (select unnest($months)) and not (0 <= minimum and minimum <= value and value <= maximum)
        """,
    ),
    rule(
        "ranges_are_of_figures",
        "monthly.ranges",
        "The count beside which a range stands is the figure of that party; a party that has none counts nobody.",
        "principle 4",
        """
        select r.month, concat_ws(':', r.period, r.population, r.party) from monthly.ranges as r
        left join monthly.figures as f
            on r.month = f.month and r.period = f.period and r.population = f.population and r.party = f.party
            and f.category = '' and f.governorate = '' and f.demographic = 'all' and f.measure = 'count'
        where r.month in (select unnest($months)) and r.value <> coalesce(f.value, 0)
        """,
    ),
)
DEMOGRAPHICS = ["all", "man", "woman", "child", "child_male", "child_female", "women_and_children", "unknown"]


def _contradictions(home: HomeResource, reading: Reading, months: Sequence[str]) -> pl.DataFrame:
    columns = ", ".join(FIGURE_COLUMNS)
    found: list[tuple[str, str, str]] = []
    for month in months:
        # Its own figures, and the cumulative ones of the month before: what its own cumulative ones go on from.
        figures = reading.frame(
            f"select {columns} from monthly.figures where month = $month or period = $before",
            {"month": month, "before": since_january(year_to(month)[-2]) if month[5:] != "01" else ""},
        )
        found += [(month, c.rule, c.sentence["en"]) for c in contradictions(figures, home.profile, complete=True)]
    return failing(found)


FIGURES_AGREE = Check(
    "figures_agree",
    "monthly.figures",
    "Figures don't contradict each other: parties, categories, governorates and demographics add up, parts don't exceed "
    "wholes, percentages are what the counts give, cumulative figures are the sum of their months.",
    "C1-C7",
    _contradictions,
    also_reads=["monthly.figure_inputs"],
)


RECOUNTED = rule(
    "figures_count_the_victims",
    "monthly.figures",
    "Each count of a month, by party, category, governorate and demographic, is what its attributed victims and "
    "incidents add up to.",
    "principle 4",
    """
    with counted as (
        select documentation_month as month, party, coalesce(category, '') as category, governorate, demographic, persons,
            unnest([
                case when in_civilians then 'civilians' end,
                case when in_torture then 'torture' end,
                case when in_civilians or in_torture then special_group end,
                case when in_massacre then 'massacre_victims' end
            ]) as population
        from attributed.victims where documentation_month in (select unnest($months))
        union all
        select documentation_month, party, coalesce(category, ''), governorate, 'incident', 1, 'massacres'
        from attributed.incidents where massacre and documentation_month in (select unnest($months))
    ),
    placed as (
        select month, population, demographic, sum(persons) as persons, unnest(list_distinct([
            ('', '', ''), (party, '', ''), (party, category, ''), ('', '', governorate),
            (case when party like '%+%' then party else split_part(party, '/', 1) end, '', '')
        ])) as cell
        from counted where population is not null
        group by month, population, demographic, party, category, governorate
    ),
    tallied as (
        select p.month, p.population, p.cell, d.demographic, sum(p.persons) as persons
        from placed as p
        inner join (select unnest($names) as demographic, unnest($includes) as includes) as d
            on list_contains(d.includes, p.demographic)
        group by all
    )
    select f.month, concat_ws('/', f.month, f.period, f.population, f.party, f.category, f.governorate,
        f.demographic, f.measure)
    from monthly.figures as f
    left join tallied as t on f.month = t.month and f.population = t.population and f.demographic = t.demographic
        and (f.party, f.category, f.governorate) = t.cell
    where f.month in (select unnest($months)) and f.period = f.month and f.measure = 'count'
        and f.value <> coalesce(t.persons, 0)
        """,
    parameters={"names": list(COUNTED), "includes": [list(i) for i in COUNTED.values()]},
)


def declared(profile: Profile) -> tuple[Check, ...]:
    """The checks of the stage."""
    figures = "monthly.figures"
    return (
        *RULES,
        FIGURES_AGREE,
        RECOUNTED,
        as_declared(figures),
        one_of(figures, "population", populations(profile), "principle 4"),
        one_of(figures, "measure", ["count", "percent"], "principle 4"),
        one_of(figures, "demographic", DEMOGRAPHICS, "R2"),
        one_of(figures, "party", _party_cells(profile), "R12-R13"),
        one_of(figures, "category", ["", *(c.id for c in profile.categories)], "R15"),
        one_of(figures, "governorate", ["", "unknown", *(g.pcode for g in profile.governorates)], "R18"),
        between(figures, "value", 0, None, "principle 4"),
        as_declared("monthly.ranges"),
        as_declared("monthly.figure_inputs"),
        digests("monthly.figure_inputs", ["sha256"], "R24"),
    )


def _party_cells(profile: Profile) -> list[str]:
    pairs = ("+".join(sorted(pair)) for pair in profile.joint_pairs)
    return ["", *(p.id for p in profile.parties), *sorted(pairs)]


def build(months: dg.PartitionsDefinition[str], profile: Profile) -> list[dg.AssetChecksDefinition]:
    """The asset checks of the stage."""
    return build_checks("monthly", declared(profile), months)


def gate(profile: Profile) -> Gate:
    """What the stage writes through."""
    return StageGate("monthly", declared(profile))
