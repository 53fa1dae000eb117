"""The gate of a stage by months: rows are judged before they replace the old ones, by every check of the stage."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from casualty_pipeline.orchestration.metadata import key_of, results
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import Outcome
from casualty_pipeline.quality.publishing import Audit, Compute, Published, publish
from casualty_pipeline.warehouse import Writing
from checks.asset_checks import evaluation, keep_rows, remember, targets_of
from checks.evaluating import evaluate
from checks.rules import Check


class StageGate:
    """What an asset by months writes through. Months that a blocking check finds fault with keep the rows of before."""

    def __init__(self, stage: str, checks: Sequence[Check]) -> None:
        self.stage, self.checks = stage, [c for c in checks if not c.standing]

    def write(
        self,
        context: dg.AssetExecutionContext,
        home: HomeResource,
        tables: Sequence[str],
        compute: Compute,
        extra: Mapping[str, Any] | None = None,
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Compute the run's months in one transaction, keep those that pass; yields what Dagster is told of the tables.

        Raises dg.Failure where months are refused: see `tell`.
        """

        def together(audit: Audit) -> Published:
            return publish(home.warehouse, context.partition_keys, compute, audit)

        yield from self.write_by(context, home, tables, together, extra)

    def write_by(
        self,
        context: dg.AssetExecutionContext,
        home: HomeResource,
        tables: Sequence[str],
        write: Callable[[Audit], Published],
        extra: Mapping[str, Any] | None = None,
    ) -> Iterator[dg.MaterializeResult[None]]:
        """The same for a stage that divides its months among transactions itself, and has each of them audited."""

        def audit(writing: Writing, months: Sequence[str]) -> list[Outcome]:
            return evaluate(self.checks, home, writing, months)

        done = write(audit)
        if done.refused:
            self._tell(context, home, tables, done)
        remember(context.run.run_id, done.outcomes)
        with home.warehouse.reading() as reading:
            found = results(context, reading, tables, extra)
        yield from found

    def _tell(self, context: dg.AssetExecutionContext, home: HomeResource, tables: Sequence[str], done: Published) -> None:
        """Tell Dagster of months refused, and raise dg.Failure, so that nothing downstream runs.

        The months that passed are materialised; each check of the stage has its result for each month; failing rows stay.
        """
        run, months = context.run, context.partition_keys
        ordered = [done.outcomes[c.table, c.name] for c in self.checks]
        keep_rows(home, self.stage, run.run_id, self.checks, ordered, audited=True)
        for table in tables:
            for month in (m for m in months if m not in done.refused):
                context.log_event(dg.AssetMaterialization(asset_key=key_of(table), partition=month))
        whole: list[str | None] = [] if "dagster/partition" in run.tags else [None]
        targets = targets_of(context.instance, self.checks, months)
        for check, outcome in zip(self.checks, ordered, strict=True):
            for month in [*months, *whole]:
                context.log_event(evaluation(check, outcome, month, targets.get((check.table, month or ""))))
        refused, broken = sorted(done.refused), [o for o in ordered if o.blocking and not o.passed]
        failed = "; ".join(f"{o.table} {o.check}: {o.rows.height} rows" for o in broken)
        raise dg.Failure(
            f"{', '.join(refused)} not replaced in {self.stage}, which keeps the rows of before: {failed}. "
            f"`casualty failures --stage {self.stage}` says which rows",
            metadata={"refused": ", ".join(refused)},
            allow_retries=False,
        )
