"""What Dagster is told of the pipeline: that it loads, and what a person finds in the UI."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.tables import STAGES, TABLE, TABLES
from tests.ticks import evaluated

REPOSITORY = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
MONTHLY_STAGES = {"cleaned", "attributed", "monthly", "reports"}


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    return list(definitions.resolve_all_asset_specs())


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> AssetGraph:
    return definitions.resolve_asset_graph()


@pytest.mark.parametrize("command", [["dagster", "definitions", "validate"], ["dg", "check", "defs"]], ids=" ".join)
def test_dagster_s_own_programs_accept_the_definitions(
    command: list[str], in_repository: Callable[[], dict[str, str]]
) -> None:
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=REPOSITORY, env=in_repository(), check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


def test_loading_imports_neither_great_expectations_nor_pandas(in_repository: Callable[[], dict[str, str]]) -> None:
    program = """
import sys
import casualty_pipeline.definitions
print(*sorted({name.split(".")[0] for name in sys.modules} & {"great_expectations", "pandas", "sqlglot", "altair"}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, env=in_repository(), capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []


def test_there_is_an_asset_for_each_table_of_a_stage_but_for_its_working_memory(specs: list[dg.AssetSpec]) -> None:
    assert {".".join(s.key.path) for s in specs} == {table.full_name for table in TABLES if not table.working}
    assert {table.full_name for table in TABLES if table.working} == {
        "cleaned.month_inputs",
        "attributed.month_inputs",
        *(f"{stage}.failures" for stage in STAGES),
        "attributed.month_items",
        "monthly.figure_items",
        *(
            f"deduplicated.{name}"
            for name in (
                "people",
                "names",
                "keys",
                "levels",
                "constraints",
                "incident_constraints",
                "inputs",
                "linked_months",
            )
        ),
    }


def test_groups_and_key_prefixes_are_the_stages(specs: list[dg.AssetSpec]) -> None:
    assert {s.group_name for s in specs} == set(STAGES)
    assert all(s.key.path[0] == s.group_name for s in specs)


def test_every_asset_says_what_it_is_who_owns_it_and_what_its_columns_mean(specs: list[dg.AssetSpec]) -> None:
    for spec in specs:
        table = TABLE[".".join(spec.key.path)]
        schema = spec.metadata["dagster/column_schema"]
        assert spec.description == table.description
        assert spec.owners == ["team:data-engineering"]
        assert "duckdb" in spec.kinds and len(spec.kinds) > 1
        assert spec.tags["stage"] == table.stage
        assert spec.tags["personal_data"] == ("yes" if any(c.personal for c in table.columns) else "no")
        assert [(c.name, c.type) for c in schema.columns] == [(c.name, c.type) for c in table.columns]
        assert all(c.description for c in schema.columns)


def test_monthly_stages_are_partitioned_by_month_and_run_a_range_at_once(
    specs: list[dg.AssetSpec], graph: AssetGraph
) -> None:
    for spec in specs:
        of_all_months = {"month_digest", "editions", "restatements", "vintages"}
        by_month = spec.group_name in MONTHLY_STAGES and spec.key.path[-1] not in of_all_months
        node = graph.get(spec.key)
        assert node.is_partitioned == by_month, spec.key
        if by_month:
            assert node.backfill_policy == dg.BackfillPolicy.single_run()
            assert node.partitions_def is not None
            assert node.partitions_def.get_partition_keys()[0] == "2011-03"


def test_a_backfill_of_months_reaches_every_monthly_stage(graph: AssetGraph) -> None:
    """Dagster carries months from parent to child, not through an asset without months: it would end half-way, content."""
    reached = {key for key in graph.materializable_asset_keys if key.path[0] == "cleaned"}
    for key in graph.toposorted_asset_keys:
        node = graph.get(key)
        if node.is_partitioned and node.parent_keys & reached:
            reached.add(key)

    assert reached == {key for key in graph.materializable_asset_keys if graph.get(key).is_partitioned}


def test_every_step_waits_for_the_one_writer_of_duckdb(definitions: dg.Definitions) -> None:
    steps = [
        definitions.resolve_job_def(job).nodes
        for job in ("materialize_month", "take_in", "verify_archive", "publish_month", "standing_checks", "data_docs")
    ]

    assert {node.definition.pool for nodes in steps for node in nodes} == {"duckdb"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_a_great_expectations_suite_that_blocks(stage: str, graph: AssetGraph) -> None:
    suites = [k for k in graph.asset_check_keys if k.asset_key.path[0] == stage and k.name == "rows_are_as_declared"]

    assert suites
    assert all(graph.get(k).blocking for k in suites)


def test_rules_that_guard_the_books_and_the_figures_block_what_is_downstream(graph: AssetGraph) -> None:
    blocking = {k.name for k in graph.asset_check_keys if graph.get(k).blocking}

    expectations = ("_is_known", "_is_in_range", "rows_are_as_declared", "digests_are_whole", "least_is_not_above_most")
    assert {name for name in blocking if not name.endswith((*expectations, "begin_before_they_end"))} == {
        "every_statement_has_its_capture",
        "rows_balance",
        "statements_stand_somewhere",
        "months_are_months",
        "records_balance",
        "records_are_of_their_month",
        "no_death_before_the_incident",
        "age_group_fits_the_age",
        "claimed_parties_are_known",
        "doubts_are_about_statements",
        "names_are_of_records",
        "every_victim_has_a_record",
        "links_are_of_records_and_victims",
        "victims_are_of_their_first_month",
        "incidents_have_records",
        "parties_are_of_the_profile",
        "victims_have_their_incident",
        "massacre_victims_are_counted_civilians",
        "numbers_of_persons_are_kept",
        "every_month_has_its_figures",
        "counts_are_whole_numbers",
        "every_month_has_its_report",
        "every_record_has_one_victim",
        "every_victim_has_an_incident",
        "unlisted_dead_fit_the_minimum",
        "one_value_is_taken",
        "values_lie_between_least_and_most",
        "every_victim_is_attributed",
        "counted_or_not_with_a_reason",
        "massacres_have_enough_dead",
        "other_parties_have_a_category",
        "year_so_far_is_attributed",
        "totals_count_the_victims",
        "figures_agree",
        "transitions_are_of_what_there_is",
        "counts_lie_within_their_range",
        "ranges_are_of_figures",
        "keys_are_unique",
        "vintages_are_of_editions",
        "demographic_fits_sex_and_age",
        "figures_count_the_victims",
        "incidents_count_their_dead",
        "links_are_those_of_linkage",
        "only_civilians_are_counted_as_such",
        "records_of_victims_are_counted",
        "text_agrees_with_the_figures",
        "texts_are_those_received",
        "values_are_as_read",
        "victims_are_in_an_incident_of_their_records",
        "what_linkage_found_is_kept",
    }


def test_every_check_says_in_plain_words_what_it_guards(graph: AssetGraph) -> None:
    for key in graph.asset_check_keys:
        check = graph.get(key)
        assert check.description and len(check.description.split()) > 5, key
        assert check.metadata["requirement"], key


def test_jobs_run_all_stages_or_only_take_the_inbox_in(definitions: dg.Definitions) -> None:
    stages = {
        job: {key.path[0] for key in definitions.resolve_job_def(job).asset_layer.executable_asset_keys}
        for job in ("materialize_month", "rebuild_all", "take_in")
    }

    assert stages == {"materialize_month": set(STAGES), "rebuild_all": set(STAGES), "take_in": {"captures"}}


def test_a_job_verifies_the_whole_archive_and_does_nothing_else(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("verify_archive")

    assert {key.name for key in job.asset_layer.asset_graph.asset_check_keys} >= {"archive_sample_verifies"}
    assert job.asset_layer.executable_asset_keys == set()


def test_steps_run_in_the_run_s_own_process(definitions: dg.Definitions) -> None:
    assert definitions.resolve_job_def("materialize_month").executor_def is dg.in_process_executor


@pytest.mark.parametrize(("on", "month"), [("2020-04-01", "2020-03"), ("2021-01-01", "2020-12"), ("2020-11-01", "2020-10")])
def test_the_schedule_asks_on_the_first_for_the_month_before(
    definitions: dg.Definitions, on: str, month: str, tmp_path: Path
) -> None:
    schedule = definitions.resolve_schedule_def("monthly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6 1 * *", "Asia/Damascus")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING

    at_six = datetime.fromisoformat(on).replace(hour=6, tzinfo=ZoneInfo("Asia/Damascus"))
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        tick = evaluated(
            schedule,
            dg.build_schedule_context(
                instance=instance,
                scheduled_execution_time=at_six,
                resources={"home": HomeResource(path=str(tmp_path))},
                repository_def=definitions.get_repository_def(),
            ),
        )

    (request,) = tick.run_requests or []
    assert request.partition_key == month
    assert (request.tags["why"], request.tags["due_months"]) == ("schedule", month)


def test_what_is_documented_today_has_a_month_to_go_to(graph: AssetGraph) -> None:
    months = graph.get(dg.AssetKey(["cleaned", "records"])).partitions_def
    assert months is not None

    with dg.partition_loading_context(effective_dt=datetime(2020, 3, 1, 0, 30, tzinfo=ZoneInfo("Asia/Damascus"))):
        assert months.get_partition_keys()[-1] == "2020-03"
