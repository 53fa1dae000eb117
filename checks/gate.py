"""The gate of a stage by months: rows are judged before they replace the old ones, by every check of the stage.

Dagster 1.13 materialises every month of a run over a range, or none. Where some months are refused, the step says itself
which are materialised, and hands its outputs over with the mark by which Dagster leaves them at that, so that the run goes
on for the good months. The mark isn't public: tests/characterisation/test_dagster_quirks.py pins it, and says what to do
when it changes. The run's last step then fails it (`checks/refused.py`): a month that isn't materialised is shown as failed
when its run has failed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import dagster as dg
from dagster._core.definitions.source_asset import SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION

from casualty_pipeline.orchestration.metadata import results
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import Outcome
from casualty_pipeline.quality.holding import left_out, refused_months, sentence
from casualty_pipeline.quality.publishing import Audit, Compute, Published, publish
from casualty_pipeline.warehouse import NoWarehouseError, Writing
from checks.asset_checks import evaluation, goes_on, keep_rows, remember, report, targets_of
from checks.evaluating import evaluate
from checks.rules import Check

MATERIALISED_BY_ITSELF = SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION


class StageGate:
    """What an asset by months writes through. Months that a blocking check finds fault with keep the rows of before.

    `audited`: whether the rows are judged before they are kept. Without it, the gate leaves out what was refused before.
    """

    def __init__(self, stage: str, checks: Sequence[Check], audited: bool = True) -> None:
        self.stage, self.checks, self.audited = stage, [c for c in checks if not c.standing], audited

    def write(
        self,
        context: dg.AssetExecutionContext,
        home: HomeResource,
        tables: Sequence[str],
        compute: Compute,
        extra: Mapping[str, Any] | None = None,
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Compute the run's months in one transaction, keep those that pass; yields what Dagster is told of the tables.

        Raises dg.Failure where months are refused and nothing can go on without them.
        """

        def together(audit: Audit, months: Sequence[str]) -> Published:
            return publish(home.warehouse, months, compute, audit)

        yield from self.write_by(context, home, tables, together, extra)

    def write_by(
        self,
        context: dg.AssetExecutionContext,
        home: HomeResource,
        tables: Sequence[str],
        write: Callable[[Audit, Sequence[str]], Published],
        extra: Mapping[str, Any] | None = None,
    ) -> Iterator[dg.MaterializeResult[None]]:
        """The same for a stage that divides its months among transactions itself, and has each of them audited."""

        # What isn't audited needs the warehouse for a moment only, as pages are drawn.
        with home.warehouse.held() if self.audited else nullcontext():
            yield from self._write(context, home, tables, write, extra)

    def _write(
        self,
        context: dg.AssetExecutionContext,
        home: HomeResource,
        tables: Sequence[str],
        write: Callable[[Audit, Sequence[str]], Published],
        extra: Mapping[str, Any] | None,
    ) -> Iterator[dg.MaterializeResult[None]]:
        def audit(writing: Writing, months: Sequence[str]) -> list[Outcome]:
            return evaluate(self.checks, home, writing, months) if self.audited else []

        months, run_id = context.partition_keys, context.run.run_id
        out = self._left_out(home, months)
        left = [m for m in months if m not in out]
        done = write(audit, left) if left else Published()
        if done.outcomes:
            ordered = [done.outcomes[c.table, c.name] for c in self.checks]
            keep_rows(home, self.stage, run_id, self.checks, ordered, audited=True, declared=self.checks)
        with home.warehouse.reading() as reading:
            refused = refused_months(reading, months, self.stage)
            found = results(context, reading, tables, extra)
        bad = {*refused, *done.refused}
        if not bad:
            remember(run_id, done.outcomes)
            yield from found
            return
        for result in found:
            self._materialise(context, result, [m for m in months if m not in bad])
        if bad.issuperset(months) or not bad.issubset(refused) or not goes_on(context.op_execution_context):
            self._stop(context, done, sentence(refused) or f"{', '.join(sorted(bad))} not replaced in {self.stage}")
        remember(run_id, done.outcomes)
        for result in found:
            yield dg.MaterializeResult(asset_key=result.asset_key, metadata={MATERIALISED_BY_ITSELF: True})

    def _left_out(self, home: HomeResource, months: Sequence[str]) -> list[str]:
        try:
            with home.warehouse.reading() as reading:
                return left_out(reading, self.stage, months)
        except NoWarehouseError:
            return []

    def _materialise(
        self, context: dg.AssetExecutionContext, result: dg.MaterializeResult[None], months: Sequence[str]
    ) -> None:
        """Tell Dagster of the good months of a table what it would be told of all."""
        step, key = context.get_step_execution_context(), result.asset_key
        if key is None:
            return
        for month in months:
            own = step.get_asset_metadata(asset_key=key, partition_key=month) or {}
            context.log_event(dg.AssetMaterialization(key, metadata={**(result.metadata or {}), **own}, partition=month))

    def _stop(self, context: dg.AssetExecutionContext, done: Published, why: str) -> None:
        """Raise dg.Failure, so that nothing downstream runs; before, each check of the stage has its result."""
        run, months = context.run, context.partition_keys
        whole: list[str | None] = [] if "dagster/partition" in run.tags else [None]
        targets = targets_of(context.instance, self.checks, months)
        judged = [(c, done.outcomes[c.table, c.name]) for c in self.checks if (c.table, c.name) in done.outcomes]
        made = [
            evaluation(check, outcome, month, targets.get((check.table, month or months[-1])))
            for check, outcome in judged
            for month in [*months, *whole]
        ]
        report(context.op_execution_context, made)
        raise dg.Failure(why, allow_retries=False)
