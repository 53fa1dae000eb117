"""Rules: SQL that returns the rows that break it. From each comes an asset check that says how many and how to see them.

What belongs here: turning a declared rule into a check, with a result for each month. The rules stand in the stage modules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from casualty_pipeline.figures.months import months_between
from casualty_pipeline.orchestration.metadata import POOL, key_of
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading

SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """One broken rule in one month: how many rows break it, a few of their ids, and the query that shows them all."""

    count: int = 0
    examples: tuple[str, ...] = ()
    query: str = ""
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """`sql` returns (month, key) of every row that breaks the rule; month '' where the table has no months.

    It may use `$months`. It never returns names: what it returns reaches Dagster's storage.
    """

    name: str
    table: str
    description: str
    requirement: str
    sql: str
    blocking: bool = True
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
    parameters: Mapping[str, object] = field(default_factory=dict)


def findings(reading: Reading, rule: Rule, months: Sequence[str]) -> dict[str, Finding]:
    """The months in which the rule is broken."""
    parameters = {**rule.parameters, **({"months": list(months)} if "$months" in rule.sql else {})}
    broken: dict[str, list[str]] = {}
    for month, key in reading.connection.execute(f"{rule.sql} order by all", parameters).fetchall():
        broken.setdefault(month, []).append(str(key))
    return {m: Finding(len(keys), tuple(keys[:SHOWN]), " ".join(rule.sql.split())) for m, keys in broken.items()}


def report_by_month(
    context: dg.AssetCheckExecutionContext,
    name: str,
    table: str,
    found: Mapping[str, Finding],
    severity: dg.AssetCheckSeverity,
    blocking: bool,
) -> dg.AssetCheckResult:
    """The result of a check over the run's months; in a run over a range, each month gets its own, none stays planned.

    Dagster 1.13 plans every check of a range run for each of its months, also a check without partitions, and then takes one
    result, without a month, though the range be of one month. Logged as events of the step, evaluations with a partition
    fill in what was planned (reported without a run they would be refused the second time).
    """
    months, asset = run_months(context), key_of(table)
    if "dagster/partition" not in context.run.tags:
        for month in months:
            of_month = found.get(month) or found.get("")
            context.op_execution_context.log_event(  # it takes evaluations; its annotation doesn't say so
                dg.AssetCheckEvaluation(  # type: ignore[arg-type]
                    asset_key=asset,
                    check_name=name,
                    passed=of_month is None,
                    metadata=_metadata(of_month or Finding()),
                    severity=severity,
                    blocking=blocking,
                    partition=month,
                )
            )
    total = Finding(
        sum(f.count for f in found.values()),
        tuple(e for f in found.values() for e in f.examples)[:SHOWN],
        next((f.query for f in found.values()), ""),
        ", ".join(sorted(m for m in found if m)),
    )
    return dg.AssetCheckResult(
        asset_key=asset, check_name=name, passed=not found, metadata=_metadata(total), severity=severity
    )


def run_months(context: dg.AssetCheckExecutionContext) -> list[str]:
    """The months that the run is about; none in a run without partitions."""
    run = context.run
    first, last = run.tags.get("dagster/asset_partition_range_start"), run.tags.get("dagster/asset_partition_range_end")
    if first and last:
        return months_between(first, last)
    single = run.tags.get("dagster/partition")
    return [single] if single else []


def _metadata(finding: Finding) -> dict[str, Any]:
    shown: dict[str, Any] = {"rows_that_break_it": finding.count}
    if finding.count:
        shown |= {"for_example": list(finding.examples), "query": finding.query}
    if finding.note:
        shown["months"] = finding.note
    return shown


def build_rule_checks(rules: Sequence[Rule], months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """An asset check for each rule."""
    return [_check(rule, months) for rule in rules]


def _check(rule: Rule, months: dg.PartitionsDefinition[str]) -> dg.AssetChecksDefinition:
    asset = key_of(rule.table)
    partitioned = bool(TABLE[rule.table].month)

    @dg.asset_check(
        asset=asset,
        name=rule.name,
        description=f"{rule.description} ({rule.requirement})",
        blocking=rule.blocking,
        partitions_def=months if partitioned else None,
        pool=POOL,
        metadata={"requirement": rule.requirement},
    )
    def check(context: dg.AssetCheckExecutionContext, home: HomeResource) -> dg.AssetCheckResult:
        of = run_months(context)
        with home.warehouse.reading() as reading:
            found = findings(reading, rule, of)
        return report_by_month(context, rule.name, rule.table, found, rule.severity, rule.blocking)

    return check
