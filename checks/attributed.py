"""Checks of the stage `attributed`."""

import dagster as dg

from casualty_pipeline.profile import Profile
from checks.deduplicated import DEMOGRAPHICS
from checks.expectations import between, one_of, required, suite_check
from checks.rules import Check, build_checks, rule

STATUSES = ["established", "believed", "joint_pending", "joint_proved", "undetermined", "unidentified"]


def _rules(profile: Profile) -> tuple[Check, ...]:
    return (
        rule(
            "every_victim_is_attributed",
            "attributed.victims",
            "Each victim of the month is attributed, and nobody else is.",
            "principle 3",
            """
            select v.documentation_month as month, v.victim_id from deduplicated.victims as v
            where v.documentation_month in (select unnest($months))
                and v.victim_id not in (select a.victim_id from attributed.victims as a)
                -- A late death may count with the first of its incident, in a month that is run after this one.
                and not exists (
                    select 1 from deduplicated.victims as e
                    where e.incident_id = v.incident_id and e.documentation_month < v.documentation_month
                )
            union all
            select a.documentation_month, a.victim_id from attributed.victims as a
            left join deduplicated.victims as v
                on a.victim_id = v.victim_id and a.documented_in = v.documentation_month
            where a.documentation_month in (select unnest($months)) and v.victim_id is null
            """,
        ),
        rule(
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
        rule(
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
        rule(
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
        suite_check(
            "attributed.victims",
            [
                *required("attributed.victims"),
                one_of("demographic", DEMOGRAPHICS, "R2"),
                one_of("attribution", STATUSES, "R13-R16"),
                one_of("governorate", governorates, "R18"),
                between("persons", 1, 10_000, "R7"),
            ],
        ),
        suite_check("attributed.incidents", [*required("attributed.incidents"), one_of("attribution", STATUSES, "R13-R16")]),
    )
    return build_checks("attributed", (*_rules(profile), *suites), months)
