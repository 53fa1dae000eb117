"""Checks of the stage `attributed`."""

import dagster as dg

from casualty_pipeline.profile import Profile
from checks.deduplicated import DEMOGRAPHICS
from checks.expectations import between, build_suite_checks, one_of, required
from checks.rules import Rule, build_rule_checks
from checks.worker import Suite

STATUSES = ["established", "believed", "joint_pending", "joint_proved", "undetermined", "unidentified"]


def _rules(profile: Profile) -> tuple[Rule, ...]:
    return (
        Rule(
            "every_victim_is_attributed",
            "attributed.victims",
            "Each victim of the month is attributed, and nobody else is.",
            "principle 3",
            """
            select documentation_month as month, victim_id from (
                select documentation_month, victim_id from deduplicated.victims
                union all select documentation_month, victim_id from attributed.victims
            )
            where documentation_month in (select unnest($months))
            group by all
            having count(*) <> 2
            """,
        ),
        Rule(
            "counted_or_not_with_a_reason",
            "attributed.victims",
            "Each victim is in a toll, or there is a reason why not; never both.",
            "R4, R6-R8",
            """
            select documentation_month as month, victim_id from attributed.victims
            where documentation_month in (select unnest($months))
                and (in_civilians or in_torture) = (not_counted_reason is not null)
            """,
        ),
        Rule(
            "massacres_have_enough_dead",
            "attributed.incidents",
            "Each massacre has at least as many counted civilians as the profile asks for.",
            "R20",
            """
            select i.documentation_month as month, i.incident_id from attributed.incidents as i
            where i.documentation_month in (select unnest($months)) and i.massacre and i.civilians < $threshold
            """,
            parameters={"threshold": profile.counting.massacre_threshold},
        ),
        Rule(
            "other_parties_have_a_category",
            "attributed.victims",
            "Whoever is counted beneath other parties is in a category of it, and nobody else is.",
            "R15",
            """
            select documentation_month as month, victim_id from attributed.victims
            where documentation_month in (select unnest($months)) and (party = 'other') = (category is null)
            """,
        ),
    )


def build(months: dg.PartitionsDefinition[str], profile: Profile) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    governorates = [*(g.pcode for g in profile.governorates), "unknown"]
    suites = (
        Suite(
            "attributed.victims",
            [
                *required("attributed.victims"),
                one_of("demographic", DEMOGRAPHICS, "R2"),
                one_of("attribution", STATUSES, "R13-R16"),
                one_of("governorate", governorates, "R18"),
                between("persons", 1, 10_000, "R7"),
            ],
        ),
        Suite("attributed.incidents", [*required("attributed.incidents"), one_of("attribution", STATUSES, "R13-R16")]),
    )
    return [*build_rule_checks(_rules(profile), months), *build_suite_checks(suites, months)]
