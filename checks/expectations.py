"""From each Great Expectations suite an asset check; and the expectations that many suites share."""

from collections.abc import Sequence

import dagster as dg

from casualty_pipeline.orchestration.metadata import POOL, key_of
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.tables import TABLE
from checks.rules import Finding, report_by_month, run_months
from checks.worker import WORKER, Expectation, Suite


def required(table: str, requirement: str = "principle 3") -> list[Expectation]:
    """The expectations that follow from the table's declaration: required columns are filled, the key is unique."""
    declared = TABLE[table]
    unique = (
        Expectation("ExpectColumnValuesToBeUnique", {"column": declared.key[0]}, "the key is unique", requirement)
        if len(declared.key) == 1
        else Expectation(
            "ExpectCompoundColumnsToBeUnique", {"column_list": list(declared.key)}, "the key is unique", requirement
        )
    )
    return [unique] + [
        Expectation("ExpectColumnValuesToNotBeNull", {"column": c.name}, f"every row has its {c.name}", requirement)
        for c in declared.columns
        if c.required
    ]


def one_of(column: str, values: Sequence[str], requirement: str) -> Expectation:
    """A column holds nothing but these values, or nothing."""
    arguments = {"column": column, "value_set": list(values)}
    return Expectation("ExpectColumnValuesToBeInSet", arguments, f"{column} is one of {', '.join(values)}", requirement)


def between(column: str, low: float | None, high: float | None, requirement: str) -> Expectation:
    """A column's values lie in an interval, both ends included."""
    arguments = {"column": column, "min_value": low, "max_value": high}
    text = f"{column} lies between {'anything' if low is None else low} and {'anything' if high is None else high}"
    return Expectation("ExpectColumnValuesToBeBetween", arguments, text, requirement)


def build_suite_checks(suites: Sequence[Suite], months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """An asset check for each suite."""
    return [_check(suite, months) for suite in suites]


def _check(suite: Suite, months: dg.PartitionsDefinition[str]) -> dg.AssetChecksDefinition:
    asset, name = key_of(suite.table), "expectations"

    @dg.asset_check(
        asset=asset,
        name=name,
        description=f"Great Expectations suite of {suite.table}: " + "; ".join(e.description for e in suite.expectations),
        blocking=suite.blocking,
        partitions_def=months if TABLE[suite.table].month else None,
        pool=POOL,
        metadata={"expectations": len(suite.expectations)},
    )
    def check(context: dg.AssetCheckExecutionContext, home: HomeResource) -> dg.AssetCheckResult:
        of = run_months(context) if TABLE[suite.table].month else []
        results = WORKER.validate(str(home.home.warehouse), suite, of)
        failed = [r for r in results if not r["success"]]
        found: dict[str, Finding] = {}
        for month in sorted({r["month"] for r in failed}):
            mine = [r for r in failed if r["month"] == month]
            sentences = [f"{r['description']}: {r['unexpected']} rows are not so ({r['requirement']})" for r in mine]
            keys = [str(k) for r in mine for k in r["keys"]]
            found[month] = Finding(sum(r["unexpected"] for r in mine), tuple(sentences + keys)[:10], f"from {suite.table}")
        return report_by_month(context, name, suite.table, found, dg.AssetCheckSeverity.ERROR, suite.blocking)

    return check
