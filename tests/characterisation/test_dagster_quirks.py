"""What we lean on in Dagster 1.13, one test each. Where one fails after an upgrade, its name says what changed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from checks.gate import MATERIALISED_BY_ITSELF

MONTHS = dg.MonthlyPartitionsDefinition("2020-01", fmt="%Y-%m", timezone="Asia/Damascus", end_offset=1)
RANGE = {"dagster/asset_partition_range_start": "2020-01", "dagster/asset_partition_range_end": "2020-03"}
CHECK = dg.AssetCheckKey(dg.AssetKey("by_month"), "rule")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as opened:
        yield opened


def _job(per_month: bool, seen: list[list[str]], passed: bool = True) -> dg.JobDefinition:
    single_run = dg.BackfillPolicy.single_run()

    @dg.asset(partitions_def=MONTHS, backfill_policy=single_run)
    def before(context: dg.AssetExecutionContext) -> None:
        seen.append(list(context.partition_keys))

    @dg.asset(deps=[before])
    def without_months() -> None:
        seen.append([])

    @dg.asset(deps=[without_months], partitions_def=MONTHS, backfill_policy=single_run)
    def by_month(context: dg.AssetExecutionContext) -> None:
        seen.append(list(context.partition_keys))

    @dg.asset_check(asset=by_month, partitions_def=MONTHS, blocking=True)
    def rule(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        for month in ("2020-01", "2020-02", "2020-03") if per_month else ():
            context.op_execution_context.log_event(
                dg.AssetCheckEvaluation(  # type: ignore[arg-type]
                    asset_key=by_month.key, check_name="rule", passed=True, metadata={}, partition=month
                )
            )
        return dg.AssetCheckResult(passed=passed)

    @dg.asset(deps=[by_month], partitions_def=MONTHS, backfill_policy=single_run)
    def after(context: dg.AssetExecutionContext) -> None:
        seen.append(["after", *context.partition_keys])

    definitions = dg.Definitions(
        [before, without_months, by_month, after],
        asset_checks=[rule],
        jobs=[dg.define_asset_job("all_of_it")],
        executor=dg.in_process_executor,
    )
    return definitions.resolve_job_def("all_of_it")


def _states(instance: dg.DagsterInstance) -> dict[str | None, AssetCheckExecutionRecordStatus]:
    found = instance.event_log_storage.get_asset_check_partition_info([CHECK])
    return {info.partition_key: info.latest_execution_status for info in found}


def test_assets_with_and_without_months_run_over_a_range_in_one_process(instance: dg.DagsterInstance) -> None:
    seen: list[list[str]] = []

    assert _job(True, seen).execute_in_process(instance=instance, tags=RANGE).success

    months = ["2020-01", "2020-02", "2020-03"]
    assert seen == [months, [], months, ["after", *months]]


def test_one_result_for_a_range_leaves_its_months_planned(instance: dg.DagsterInstance) -> None:
    assert _job(False, []).execute_in_process(instance=instance, tags=RANGE).success

    planned = AssetCheckExecutionRecordStatus.PLANNED
    states = _states(instance)
    assert {m: states[m] for m in ("2020-01", "2020-02", "2020-03")} == dict.fromkeys(states.keys() - {None}, planned)


def test_evaluations_logged_by_the_step_fill_in_the_planned_months_also_the_second_time(
    instance: dg.DagsterInstance,
) -> None:
    for _ in range(2):
        assert _job(True, []).execute_in_process(instance=instance, tags=RANGE).success

        assert set(_states(instance).values()) == {AssetCheckExecutionRecordStatus.SUCCEEDED}


def test_an_evaluation_of_a_month_without_a_run_is_refused_the_second_time(instance: dg.DagsterInstance) -> None:
    evaluation = dg.AssetCheckEvaluation(
        asset_key=CHECK.asset_key, check_name="rule", passed=True, metadata={}, partition="2020-01"
    )
    instance.report_runless_asset_event(evaluation)

    with pytest.raises(Exception, match="UNIQUE constraint failed"):
        instance.report_runless_asset_event(evaluation)


def test_a_blocking_check_stops_what_is_downstream_and_fails_the_run(instance: dg.DagsterInstance) -> None:
    seen: list[list[str]] = []

    result = _job(True, seen, passed=False).execute_in_process(instance=instance, tags=RANGE, raise_on_error=False)

    assert not result.success
    assert len(seen) == 3 and not any("after" in months for months in seen)


def test_a_job_takes_its_months_from_its_assets() -> None:
    assert _job(True, []).partitions_def == MONTHS


def test_months_are_keyed_as_people_type_them_and_the_running_one_is_there() -> None:
    with dg.partition_loading_context(effective_dt=datetime(2020, 2, 29, 22, 30, tzinfo=UTC)):  # 1 March in Damascus
        assert MONTHS.get_partition_keys() == ["2020-01", "2020-02", "2020-03"]


def test_a_range_plans_its_months_also_for_a_check_without_months(instance: dg.DagsterInstance) -> None:
    @dg.asset
    def archive() -> None: ...

    # The run takes its months from the last of its assets by name: one that has months must be there for this to show.
    @dg.asset(deps=[archive], partitions_def=MONTHS, backfill_policy=dg.BackfillPolicy.single_run())
    def reports() -> None: ...

    @dg.asset_check(asset=archive)
    def books_balance() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    definitions = dg.Definitions([archive, reports], asset_checks=[books_balance], jobs=[dg.define_asset_job("all_of_it")])
    job = definitions.resolve_job_def("all_of_it")
    assert job.execute_in_process(instance=instance, tags=RANGE).success

    key = dg.AssetCheckKey(archive.key, "books_balance")
    found = instance.event_log_storage.get_asset_check_partition_info([key])
    assert {info.partition_key: info.latest_execution_status.value for info in found} == {
        None: "SUCCEEDED",
        "2020-01": "PLANNED",
        "2020-02": "PLANNED",
        "2020-03": "PLANNED",
    }


def test_a_step_may_say_itself_which_months_it_materialised(instance: dg.DagsterInstance) -> None:
    """An output with the mark `__source_asset_observation__` is left at that, and what is downstream runs.

    The mark isn't public. `checks/gate.py` uses it where some months of a range are refused: else Dagster would call every
    month of the range materialised, the refused ones, too. When this fails after an upgrade:

    - Import error, or "not handed on": look in `dagster/_core/execution/plan/execute_step.py` (`_store_output` and what it
      calls) for how a step leaves materialising to itself now, as an observable source asset does. That takes its place.
    - Dagster materialises single months of a range on its own: yield them, and drop the mark and `StageGate._materialise`.
    - Neither: let `StageGate.write_by` call `_stop` wherever a month is refused. Then the run ends at the stage that refused
      it, the good months are stored there and wait for the next run downstream; nothing wrong is published meanwhile.
    """
    single_run = dg.BackfillPolicy.single_run()
    seen: list[str] = []

    @dg.multi_asset(specs=[dg.AssetSpec("by_month")], partitions_def=MONTHS, backfill_policy=single_run)
    def some(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        context.log_event(dg.AssetMaterialization("by_month", metadata={"rows": 3}, partition="2020-02"))
        yield dg.MaterializeResult(asset_key="by_month", metadata={MATERIALISED_BY_ITSELF: True})

    @dg.asset(deps=["by_month"], partitions_def=MONTHS, backfill_policy=single_run)
    def after(context: dg.AssetExecutionContext) -> None:
        seen.extend(context.partition_keys)

    assert dg.materialize([some, after], instance=instance, tags=RANGE).success

    assert instance.get_materialized_partitions(dg.AssetKey("by_month")) == {"2020-02"}
    assert instance.get_materialized_partitions(dg.AssetKey("after")) == {"2020-01", "2020-02", "2020-03"}
    assert seen == ["2020-01", "2020-02", "2020-03"], "not handed on"
    observed = instance.fetch_observations(dg.AssetKey("by_month"), limit=1).records
    assert not observed, "the mark alone says nothing in the UI"
