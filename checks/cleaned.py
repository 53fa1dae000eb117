"""Checks of the stage `cleaned`."""

import dagster as dg

from checks.expectations import between, one_of, required, suite_check
from checks.rules import build_checks, rule

RULES = (
    rule(
        "records_balance",
        "cleaned.records",
        "Statements in = cleaned + quarantined, month by month: nothing is dropped.",
        "principle 3",
        """
        select r.documentation_month as month, r.record_id from captures.records as r
        where r.documentation_month in (select unnest($months))
            and (r.record_id in (select c.record_id from cleaned.records as c))
            = (r.record_id in (select q.record_id from cleaned.quarantine as q))
        """,
    ),
    rule(
        "half_is_clean",
        "cleaned.quarantine",
        "At most half of a month's statements wait in quarantine. More is a sign of a wrong mapping.",
        "requirements, section 6",
        """
        select q.documentation_month as month, count(distinct q.record_id) from cleaned.quarantine as q
        where q.documentation_month in (select unnest($months)) and q.rule <> 'superseded'
        group by q.documentation_month
        having count(distinct q.record_id) > (
            select count(*) from cleaned.records as r where r.documentation_month = q.documentation_month
        )
        """,
        blocking=False,
        severity=dg.AssetCheckSeverity.WARN,
    ),
)
SUITES = (
    suite_check(
        "cleaned.records",
        [
            *required("cleaned.records"),
            one_of("sex", ["male", "female"], "R1"),
            one_of("age_group", ["child", "adult"], "R2"),
            one_of("status", ["killed", "injured", "unborn", "unknown"], "requirements, section 6"),
            between("age_first", 0, 120, "requirements, section 6"),
            between("age_last", 0, 120, "requirements, section 6"),
            between("persons", 1, 10_000, "R7"),
        ],
    ),
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    return build_checks("cleaned", (*RULES, *SUITES), months)
