"""Checks as declared, and the asset checks that Dagster makes of them: one step per stage, a result for each month.

What belongs here: what a check is, rules in SQL, and how findings are reported. The checks themselves stand in the stage
modules, Great Expectations suites in `expectations.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from casualty_pipeline.figures.months import months_between
from casualty_pipeline.orchestration.confidential import confidential
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
class Check:
    """One check of a stage. `find` answers with a finding for each month in which it is broken; '' for all months together.

    What it returns reaches Dagster's storage: counts and ids, never names.
    """

    name: str
    table: str
    description: str
    requirement: str
    find: Callable[[HomeResource, Reading, Sequence[str]], Mapping[str, Finding]]
    blocking: bool = True
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
    also_reads: Sequence[str] = ()
    begin: Callable[[HomeResource, Sequence[str]], None] | None = None  # starts what another process does for `find`
    tell: Callable[[Reading], Mapping[str, Any]] | None = None  # numbers that its result shows, broken or not

    @property
    def by_month(self) -> bool:
        """Whether its table is replaced by months, so that its results are a month's."""
        return bool(TABLE[self.table].month)

    def spec(self, months: dg.PartitionsDefinition[str]) -> dg.AssetCheckSpec:
        """What Dagster is told of it."""
        return dg.AssetCheckSpec(
            self.name,
            asset=key_of(self.table),
            description=f"{self.description} ({self.requirement})",
            blocking=self.blocking,
            partitions_def=months if self.by_month else None,
            additional_deps=[key_of(t) for t in self.also_reads],
            metadata={"requirement": self.requirement},
        )


def rule(
    name: str,
    table: str,
    description: str,
    requirement: str,
    sql: str,
    blocking: bool = True,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
    parameters: Mapping[str, object] | None = None,
) -> Check:
    """A check in SQL, which returns (month, key) of every row that breaks it; month '' where the table has no months.

    It may use `$months`, the run's months, and the parameters.
    """

    def find(_home: HomeResource, reading: Reading, months: Sequence[str]) -> Mapping[str, Finding]:
        bound = {**(parameters or {}), **({"months": list(months)} if "$months" in sql else {})}
        broken: dict[str, list[str]] = {}
        for month, key in reading.connection.execute(f"{sql} order by all", bound).fetchall():
            broken.setdefault(month, []).append(str(key))
        return {m: Finding(len(keys), tuple(keys[:SHOWN]), " ".join(sql.split())) for m, keys in broken.items()}

    return Check(name, table, description, requirement, find, blocking, severity)


def build_checks(
    stage: str, checks: Sequence[Check], months: dg.PartitionsDefinition[str]
) -> list[dg.AssetChecksDefinition]:
    """The asset checks of a stage, in one step: what a step costs in Dagster's books is more than most checks take."""
    declared = {(key_of(c.table), c.name): c for c in checks}

    @dg.multi_asset_check(
        name=f"{stage}__checks",
        specs=[c.spec(months) for c in checks],
        description=f"Every check of the stage {stage}.",
        can_subset=True,
        pool=POOL,
    )
    @confidential
    def run_checks(context: dg.AssetCheckExecutionContext, home: HomeResource) -> Iterator[dg.AssetCheckResult]:
        of = run_months(context)
        wanted = [c for key, c in declared.items() if dg.AssetCheckKey(*key) in context.selected_asset_check_keys]
        for check in wanted:
            if check.begin is not None:
                check.begin(home, of)
        with home.warehouse.reading() as reading:
            found = [(c, c.find(home, reading, of), c.tell(reading) if c.tell else {}) for c in wanted]
        for check, findings, told in found:
            yield _report(context, check, findings, of, told)

    return [run_checks]


def _report(
    context: dg.AssetCheckExecutionContext,
    check: Check,
    found: Mapping[str, Finding],
    months: Sequence[str],
    told: Mapping[str, Any],
) -> dg.AssetCheckResult:
    """The result of a check over the run's months; in a run over a range, each month gets its own, none stays planned.

    Dagster 1.13 plans every check of a range run for each of its months, also a check without partitions, and then takes one
    result, without a month, though the range be of one month. Logged as events of the step, evaluations with a partition
    fill in what was planned (reported without a run they would be refused the second time).
    """
    asset = key_of(check.table)
    if "dagster/partition" not in context.run.tags:
        for month in months:
            of_month = found.get(month) or found.get("")
            context.op_execution_context.log_event(  # it takes evaluations; its annotation doesn't say so
                dg.AssetCheckEvaluation(  # type: ignore[arg-type]
                    asset_key=asset,
                    check_name=check.name,
                    passed=of_month is None,
                    metadata={**_metadata(of_month or Finding()), **told},
                    severity=check.severity,
                    blocking=check.blocking,
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
        asset_key=asset,
        check_name=check.name,
        passed=not found,
        metadata={**_metadata(total), **told},
        severity=check.severity,
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
