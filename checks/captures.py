"""Checks of the stage `captures`."""

import dagster as dg

from checks.expectations import between, one_of, required, suite_check
from checks.rules import build_checks, rule

RULES = (
    rule(
        "every_statement_has_its_capture",
        "captures.records",
        "Each statement names a capture that the manifest holds.",
        "R23",
        """
        select '' as month, record_id from captures.records
        where capture_sha256 not in (select sha256 from captures.manifest)
        """,
    ),
    rule(
        "rows_balance",
        "captures.manifest",
        "Rows read are the statements, citations and decisions that they became; none is lost between file and table.",
        "principle 3",
        """
        with read as (
            select sha256, source, max(statements) as statements from captures.manifest group by all
        ),
        kept as (
            select capture_sha256, source, count(*) as rows from (
                select capture_sha256, source from captures.records
                union all select capture_sha256, source from captures.citations
                union all select capture_sha256, source from captures.decisions
            ) group by all
        )
        select '' as month, r.sha256 from read as r
        left join kept as k on r.sha256 = k.capture_sha256 and r.source = k.source
        where r.statements <> coalesce(k.rows, 0)
        """,
    ),
    rule(
        "nothing_is_rejected",
        "captures.rejected",
        "No row and no file was rejected as unreadable. What was: `casualty status` counts it, the table says why.",
        "principle 3",
        "select '' as month, rejected_id from captures.rejected",
        blocking=False,
        severity=dg.AssetCheckSeverity.WARN,
    ),
)
SUITES = (
    suite_check("captures.manifest", [*required("captures.manifest"), between("size_bytes", 0, None, "R23")]),
    suite_check(
        "captures.records",
        [*required("captures.records"), one_of("statement", ["person", "group", "incident"], "R7")],
    ),
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The checks of the stage."""
    return build_checks("captures", (*RULES, *SUITES), months)
