"""Checks of the stage `monthly`: figures against each other, against the rows that they count, and against other months."""

from collections.abc import Mapping, Sequence

import dagster as dg

from casualty_pipeline.figures.identities import contradictions
from casualty_pipeline.figures.months import year_to
from casualty_pipeline.figures.stage import since_january
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Reading
from checks.expectations import between, one_of, required, suite_check
from checks.rules import SHOWN, Check, Finding, build_checks, rule

RULES = (
    rule(
        "year_so_far_is_attributed",
        "monthly.figure_inputs",
        "Cumulative figures rest on every month of the year of which there are victims, each as it is attributed now.",
        "R11",
        """
        select m.month, d.month as input_month
        from (select distinct f.month from monthly.figure_inputs as f where f.month in (select unnest($months))) as m
        inner join attributed.month_digest as d on left(d.month, 4) = left(m.month, 4) and d.month <= m.month
        left join monthly.figure_inputs as f on f.month = m.month and f.input_month = d.month
        where f.sha256 is distinct from d.sha256
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
)
DEMOGRAPHICS = ["all", "man", "woman", "child", "child_male", "child_female", "women_and_children", "unknown"]
SUITES = (
    suite_check(
        "monthly.figures",
        [
            *required("monthly.figures"),
            one_of("measure", ["count", "percent"], "principle 4"),
            one_of("demographic", DEMOGRAPHICS, "R2"),
            between("value", 0, None, "principle 4"),
        ],
    ),
)


def _contradictions(home: HomeResource, reading: Reading, months: Sequence[str]) -> Mapping[str, Finding]:
    columns, found = ", ".join(FIGURE_COLUMNS), {}
    for month in months:
        # Its own figures, and the cumulative ones of the month before: what its own cumulative ones go on from.
        figures = reading.frame(
            f"select {columns} from monthly.figures where month = $month or period = $before",
            {"month": month, "before": since_january(year_to(month)[-2]) if month[5:] != "01" else ""},
        )
        if broken := contradictions(figures, home.profile, complete=True):
            sentences = tuple(c.sentence["en"] for c in broken[:SHOWN])
            found[month] = Finding(len(broken), sentences, f"from monthly.figures where month = '{month}'")
    return found


FIGURES_AGREE = Check(
    "figures_agree",
    "monthly.figures",
    "Figures don't contradict each other: parties, categories, governorates and demographics add up, parts don't exceed "
    "wholes, percentages are what the counts give, cumulative figures are the sum of their months.",
    "C1-C7",
    _contradictions,
    also_reads=["monthly.figure_inputs"],
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    return build_checks("monthly", (*RULES, FIGURES_AGREE, *SUITES), months)
