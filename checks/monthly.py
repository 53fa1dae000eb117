"""Checks of the stage `monthly`: figures against each other, against the rows that they count, and against other months."""

import dagster as dg

from casualty_pipeline.figures.identities import contradictions
from casualty_pipeline.figures.months import year_to
from casualty_pipeline.figures.stage import since_january
from casualty_pipeline.orchestration.metadata import POOL, key_of
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.tables import FIGURE_COLUMNS
from checks.expectations import between, build_suite_checks, one_of, required
from checks.rules import Finding, Rule, build_rule_checks, report_by_month, run_months
from checks.worker import Suite

RULES = (
    Rule(
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
    Rule(
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
    Suite(
        "monthly.figures",
        [
            *required("monthly.figures"),
            one_of("measure", ["count", "percent"], "principle 4"),
            one_of("demographic", DEMOGRAPHICS, "R2"),
            between("value", 0, None, "principle 4"),
        ],
    ),
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    asset, name = key_of("monthly.figures"), "figures_agree"

    @dg.asset_check(
        asset=asset,
        additional_deps=[key_of("monthly.figure_inputs")],
        name=name,
        description=(
            "Figures don't contradict each other: parties, categories, governorates and demographics add up, parts don't "
            "exceed wholes, percentages are what the counts give, cumulative figures are the sum of their months (C1-C7)."
        ),
        blocking=True,
        partitions_def=months,
        pool=POOL,
        metadata={"requirement": "C1-C7"},
    )
    def figures_agree(context: dg.AssetCheckExecutionContext, home: HomeResource) -> dg.AssetCheckResult:
        columns, found = ", ".join(FIGURE_COLUMNS), {}
        with home.warehouse.reading() as reading:
            for month in run_months(context):
                # Its own figures, and the cumulative ones of the month before: what its own cumulative ones go on from.
                figures = reading.frame(
                    f"select {columns} from monthly.figures where month = $month or period = $before",
                    {"month": month, "before": since_january(year_to(month)[-2]) if month[5:] != "01" else ""},
                )
                broken = contradictions(figures, home.profile, complete=True)
                if broken:
                    sentences = tuple(c.sentence["en"] for c in broken[:10])
                    found[month] = Finding(len(broken), sentences, f"from monthly.figures where month = '{month}'")
        return report_by_month(context, name, "monthly.figures", found, dg.AssetCheckSeverity.ERROR, True)

    return [*build_rule_checks(RULES, months), figures_agree, *build_suite_checks(SUITES, months)]
