"""The asset checks that Dagster makes of declared checks: one step per stage, a result for each month.

Failing rows are kept in the warehouse (`casualty failures` shows them); Dagster is told counts, a few keys and the command.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as Target,
)
from dagster._core.events import DagsterEvent, DagsterEventBatchMetadata, generate_event_batch_id

from casualty_pipeline.figures.months import months_between
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.metadata import POOL, key_of
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import Outcome, anything_to_keep, keep
from casualty_pipeline.quality.holding import left_out, refused_months
from casualty_pipeline.quality.listing import command
from casualty_pipeline.tables import STAGES
from casualty_pipeline.warehouse import NoWarehouseError, Reading
from checks.evaluating import evaluate
from checks.rules import Check

SHOWN = 5
LAST = "months_refused"  # the step that fails a run in which months were refused, when the others are done
DATA_DOCS = "data-docs"  # folder of the home in which the job `data_docs` writes its pages
# Outcomes of rows that were audited before they were kept, by run and table and name: the step that reports takes them,
# so that nothing is judged twice. Steps share a process (tests/pipeline pins the executor); elsewhere it judges again.
_JUDGED: dict[str, dict[tuple[str, str], Outcome]] = {}


def remember(run_id: str, outcomes: Mapping[tuple[str, str], Outcome]) -> None:
    """Keep outcomes for the step of this run that reports them."""
    _JUDGED.setdefault(run_id, {}).update(outcomes)


def _recall(run_id: str, checks: Sequence[Check]) -> dict[tuple[str, str], Outcome]:
    """What the run judged of these checks; each outcome once."""
    kept = _JUDGED.get(run_id, {})
    found = {key: kept.pop(key) for key in ((c.table, c.name) for c in checks) if key in kept}
    if not kept:
        _JUDGED.pop(run_id, None)
    return found


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
    def run_checks(context: dg.AssetCheckExecutionContext, home: HomeResource) -> Iterator[Any]:
        wanted = [c for key, c in declared.items() if dg.AssetCheckKey(*key) in context.selected_asset_check_keys]
        judged = _recall(context.run.run_id, wanted)
        # What was judged before it was kept has only to be told.
        with home.warehouse.held() if judged else nullcontext():
            yield from make(context, home, wanted, judged)

    def make(
        context: dg.AssetCheckExecutionContext,
        home: HomeResource,
        wanted: Sequence[Check],
        judged: Mapping[tuple[str, str], Outcome],
    ) -> Iterator[Any]:
        of = run_months(context.run.tags)
        left = [c for c in wanted if (c.table, c.name) not in judged]
        held, out = set[str](), set[str]()
        with home.warehouse.reading() as reading:
            if stage in STAGES:
                held, out = set(refused_months(reading, of, stage)), set(left_out(reading, stage, of))
            # A month that an earlier stage refused is that stage's finding: here, nothing new can be wrong with it.
            looked_at = [m for m in of if m not in out] or of
            outcomes = {**judged, **{(o.table, o.check): o for o in evaluate(left, home, reading, looked_at)}}
            told = {(c.table, c.name): c.tell(reading) for c in wanted if c.tell is not None}
            shown = {(c.table, c.name): _shown(c, outcomes[c.table, c.name], reading) for c in wanted}
        keep_rows(home, stage, context.run.run_id, wanted, [outcomes[c.table, c.name] for c in wanted], bool(judged), checks)
        # In a run of one month its result is the whole of it; in one over a range, Dagster takes one more for all of them.
        single = "dagster/partition" in context.run.tags
        targets = targets_of(context.instance, wanted, of)
        by_month = [c for c in wanted if c.by_month and of and not (single and out.issuperset(of))]
        passed = [c for c in by_month if outcomes[c.table, c.name].passed]
        # All in one batch. Handed to Dagster one by one, each would look up its target, and be a transaction of its own.
        report(
            context.op_execution_context,
            [
                _not_made(c, m)
                if m in out
                else evaluation(
                    c,
                    outcomes[c.table, c.name],
                    m,
                    targets.get((c.table, m)),
                    {
                        **told.get((c.table, c.name), {}),
                        **shown[c.table, c.name].get(m, {}),
                        **(_docs(home, c) if single else {}),
                    },
                )
                for c in (passed if single else by_month)
                for m in of
            ]
            + [
                evaluation(
                    c,
                    outcomes[c.table, c.name],
                    None,
                    targets.get((c.table, of[-1])),
                    {**told.get((c.table, c.name), {}), **_docs(home, c)},
                )
                for c in (() if single else passed)
            ],
        )
        for check in wanted:
            key = check.table, check.name
            blamed = set(outcomes[key].rows["month"])
            others_go_on = check.blocking and blamed and blamed <= held and goes_on(context.op_execution_context)
            if others_go_on:  # the blamed rows are those of before, and no table holds the bad ones
                yield evaluation(replace(check, blocking=False), outcomes[key], None, told=told.get(key))
            if others_go_on or check in passed:
                output = context.op_execution_context.assets_def.get_output_name_for_asset_check_key(
                    dg.AssetCheckKey(key_of(check.table), check.name)
                )
                yield dg.Output(None, output)
                continue
            yield dg.AssetCheckResult(
                asset_key=key_of(check.table),
                check_name=check.name,
                passed=outcomes[key].passed,
                metadata={
                    **metadata(check, outcomes[key], of),
                    **told.get(key, {}),
                    **next(iter(shown[key].values()), {}),
                    **_docs(home, check),
                },
                severity=check.severity,
            )

    return [run_checks]


def _shown(check: Check, outcome: Outcome, reading: Reading) -> dict[str, Mapping[str, Any]]:
    """What a check shows of each month that breaks it."""
    if check.show is None or outcome.passed:
        return {}
    return {month: check.show(reading, month) for month in outcome.rows["month"].unique().sort() if month}


def _docs(home: HomeResource, check: Check) -> dict[str, dg.MetadataValue[Any]]:
    """A link to Great Expectations' page of the table, once the job `data_docs` has written it."""
    page = home.home.path / DATA_DOCS / f"{check.table}.html"
    return {"data_docs": dg.MetadataValue.url(page.as_uri())} if check.expectations and page.is_file() else {}


def keep_rows(
    home: HomeResource,
    stage: str,
    run_id: str,
    checks: Sequence[Check],
    outcomes: Sequence[Outcome],
    audited: bool,
    declared: Sequence[Check],
) -> None:
    """Keep failing rows of what was found, and close those found no more, or by checks that aren't declared any more.

    Writes nothing where nothing changes.
    """
    kept = [o for c, o in zip(checks, outcomes, strict=True) if not c.standing]
    if not kept:
        return
    try:
        with home.warehouse.reading() as reading:
            if not anything_to_keep(reading, stage, kept):
                return
    except NoWarehouseError:  # the first transaction of all was refused: there is something to keep
        pass
    with home.warehouse.writing() as write:
        keep(
            write,
            stage,
            run_id,
            datetime.now(UTC).replace(tzinfo=None),
            kept,
            audited,
            [(c.table, c.name) for c in declared],
        )


def targets_of(
    instance: dg.DagsterInstance, checks: Sequence[Check], months: Sequence[str]
) -> Mapping[tuple[str, str], Target]:
    """For each table by months and each month, its latest materialisation: what an evaluation is about.

    An evaluation that doesn't name it is shown nowhere in the UI.
    """
    found = {}
    for table in dict.fromkeys(c.table for c in checks if c.by_month):
        latest = instance.event_log_storage.get_latest_storage_id_by_partition(
            key_of(table), dg.DagsterEventType.ASSET_MATERIALIZATION, set(months)
        )
        if not latest:
            continue
        wanted = dg.AssetRecordsFilter(asset_key=key_of(table), storage_ids=sorted(latest.values()))
        for record in instance.fetch_materializations(wanted, limit=len(latest)).records:
            if record.partition_key is not None:
                target = Target(storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp)
                found[table, record.partition_key] = target
    return found


def evaluation(
    check: Check,
    outcome: Outcome,
    month: str | None,
    target: Target | None = None,
    told: Mapping[str, Any] | None = None,
) -> dg.AssetCheckEvaluation:
    """The event that says how a check ended, in a month or (None) in all of the run's together.

    Dagster 1.13 plans every check of a range run for each of its months, also a check without partitions, and then takes one
    result, without a month, though the range be of one month. As events of the step, evaluations with a partition fill in
    what was planned (reported without a run they would be refused the second time).
    """
    mine = outcome if month is None or outcome.passed else outcome.only([month])
    return dg.AssetCheckEvaluation(
        asset_key=key_of(check.table),
        check_name=check.name,
        passed=mine.passed,
        metadata={**metadata(check, mine, [month] if month else []), **(told or {})},
        target_materialization_data=target,
        severity=check.severity,
        blocking=check.blocking,
        partition=month,
    )


def _not_made(check: Check, month: str) -> dg.AssetCheckEvaluation:
    """The evaluation of a month that an earlier stage refused and never had rows of: there is nothing that could pass."""
    return dg.AssetCheckEvaluation(
        asset_key=key_of(check.table),
        check_name=check.name,
        passed=False,
        metadata={"waits": f"{month} was refused by an earlier stage: `casualty failures --month {month}`"},
        severity=check.severity,
        blocking=check.blocking,
        partition=month,
    )


def goes_on(context: dg.OpExecutionContext) -> bool:
    """Whether the run's last step says which months were refused, so that a step with good months needn't stop the run."""
    return LAST in {node.name for node in context.job_def.nodes}


def report(context: dg.OpExecutionContext, evaluations: Sequence[dg.AssetCheckEvaluation]) -> None:
    """Put evaluations into Dagster's books as events of the step, all at once, not through the log one by one."""
    step, batch = context.get_step_execution_context(), generate_event_batch_id()  # type: ignore[no-untyped-call]
    for number, made in enumerate(evaluations, start=1):
        event = DagsterEvent(
            event_type_value=dg.DagsterEventType.ASSET_CHECK_EVALUATION.value,
            job_name=step.job_name,
            step_handle=step.step.handle,
            node_handle=step.step.node_handle,
            step_kind_value=step.step.kind.value,
            logging_tags=step.event_tags,
            event_specific_data=made,
            message=f"Asset check '{made.check_name}' on '{made.asset_key.to_user_string()}' of {made.partition or 'all'} "
            + ("passed." if made.passed else "did not pass."),
            pid=os.getpid(),
        )
        together = DagsterEventBatchMetadata(batch, number == len(evaluations))
        context.instance.report_dagster_event(event, context.run_id, logging.DEBUG, together)


def run_months(tags: Mapping[str, str]) -> list[str]:
    """The months that a run is about; none in a run without partitions."""
    first, last = tags.get("dagster/asset_partition_range_start"), tags.get("dagster/asset_partition_range_end")
    if first and last:
        return months_between(first, last)
    single = tags.get("dagster/partition")
    return [single] if single else []


def metadata(check: Check, outcome: Outcome, months: Sequence[str]) -> dict[str, Any]:
    """What Dagster's storage keeps of an outcome: counts, a few keys, and where to look."""
    shown: dict[str, Any] = {"rows_that_break_it": outcome.rows.height}
    if outcome.passed:
        return shown
    named = [m for m in outcome.rows["month"].unique().sort() if m]
    shown["for_example"] = outcome.rows["key"].unique(maintain_order=True).head(SHOWN).to_list()
    shown["reasons"] = outcome.rows["reason"].unique().sort().head(SHOWN).to_list()
    if not check.standing:  # of those, the reasons say where to look
        shown["query"] = command(check.stage, check.name, months[0] if len(months) == 1 else "")
    if named:
        shown["months"] = ", ".join(named)
    if outcome.refused:
        shown["rows_of_before_kept"] = ", ".join(sorted(outcome.refused))
    return shown
