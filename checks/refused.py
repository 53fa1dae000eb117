"""The last step of a run over months: it fails the run in which months were refused, when all the others are done.

Dagster shows a month as failed whose run has failed and has not materialised it; what was refused must not be overlooked.
"""

from collections.abc import Iterator, Sequence

import dagster as dg
import polars as pl

from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.metadata import POOL
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import Outcome, failing
from casualty_pipeline.quality.holding import refused_months, sentence
from casualty_pipeline.warehouse import Reading
from checks.asset_checks import LAST, evaluation, metadata, report, run_months, targets_of
from checks.rules import Check


def _refused(_home: HomeResource, reading: Reading, months: Sequence[str]) -> pl.DataFrame:
    return failing(
        (month, f"{stage}: {check}", f"{stage} keeps the rows of before")
        for month, stages in refused_months(reading, months).items()
        for stage, checks in stages.items()
        for check in checks
    )


NO_MONTH_IS_REFUSED = Check(
    "no_month_is_refused",
    "reports.bundles",
    "In no month does a stage keep the rows of before because the new ones break a check that blocks.",
    "principle 3",
    _refused,
    blocking=False,
    standing=True,  # it reads what other checks found: their rows stay, not these
)


def build(months: dg.PartitionsDefinition[str]) -> list[dg.AssetChecksDefinition]:
    """The asset check, in a step of its own."""

    @dg.multi_asset_check(
        name=LAST, specs=[NO_MONTH_IS_REFUSED.spec(months)], description="Fails a run with refused months.", pool=POOL
    )
    @confidential
    def months_refused(context: dg.AssetCheckExecutionContext, home: HomeResource) -> Iterator[dg.AssetCheckResult]:
        check, of = NO_MONTH_IS_REFUSED, run_months(context.run.tags)
        with home.warehouse.reading() as reading:
            why = sentence(refused_months(reading, of))
            outcome = Outcome(check.table, check.name, False, check.find(home, reading, of), tuple(of))
        if "dagster/partition" not in context.run.tags:
            targets = targets_of(context.instance, [check], of)
            made = [evaluation(check, outcome, m, targets.get((check.table, m))) for m in of]
            report(context.op_execution_context, made)
        yield dg.AssetCheckResult(passed=outcome.passed, metadata=metadata(check, outcome, of), severity=check.severity)
        if why:
            raise dg.Failure(why, allow_retries=False)

    return [months_refused]
