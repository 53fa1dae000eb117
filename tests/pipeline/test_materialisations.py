"""What a run leaves in Dagster: row counts, columns and where they come from, a result of every check for every month."""

import os
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.dictionary import dictionary
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration import lineage
from casualty_pipeline.shipped import shipped
from casualty_pipeline.tables import TABLE, TABLES
from casualty_pipeline.warehouse import Warehouse
from checks.standing import DECLARED

MONTHS = ["2020-01", "2020-02", "2020-03"]
# What `captures` holds comes from files, working tables are no assets, and questions are words about ids.
COMPUTED = [
    t.full_name
    for t in TABLES
    if (shipped("sql") / t.stage / f"{t.name}.sql").is_file()
    and not t.working
    and t.stage != "captures"
    and t.name != "review_queue"
]
BY_MONTH = [t.full_name for t in TABLES if t.month and not t.working and t.name != "month_digest"]


@pytest.fixture(scope="module")
def instance(filled: Home) -> Iterator[dg.DagsterInstance]:
    os.environ["DAGSTER_HOME"] = str(filled.dagster)
    with dg.DagsterInstance.from_config(str(filled.dagster)) as opened:
        yield opened


@pytest.fixture(scope="module")
def shown(definitions: dg.Definitions, instance: dg.DagsterInstance) -> dict[str, dict[str, Any]]:
    """For each table, the metadata of its latest materialisation."""
    found = {}
    for spec in definitions.resolve_all_asset_specs():
        event = instance.get_latest_materialization_event(spec.key)
        assert event is not None and event.asset_materialization is not None, spec.key
        found[".".join(spec.key.path)] = dict(event.asset_materialization.metadata)
    return found


def test_each_materialisation_counts_the_rows_and_shows_the_columns(filled: Home, shown: dict[str, dict[str, Any]]) -> None:
    with Warehouse(filled.warehouse).reading() as reading:
        for table, metadata in shown.items():
            (rows,) = reading.connection.execute(f"select count(*) from {table}").fetchall()[0]
            assert metadata["dagster/row_count"].value == rows, table
            columns = metadata["dagster/column_schema"].schema.columns
            assert [c.name for c in columns] == [c.name for c in TABLE[table].columns]


def test_a_bundle_is_shown_with_its_files_and_small_pictures_of_its_first_page_and_its_map(
    filled: Home, shown: dict[str, dict[str, Any]]
) -> None:
    metadata = shown["reports.bundles"]
    files = metadata["files"].value
    month = Path(metadata["folder"].value).name
    with Warehouse(filled.warehouse).reading() as reading:
        listed = reading.frame("from reports.bundles where month = $month", {"month": month}).to_dicts()
    assert listed
    for row in listed:
        assert f"/home/{row['path']}) | {row['size_bytes']:,} | `{row['sha256']}` |" in files
    for name in ("page_one", "map"):
        png = b64decode(metadata[name].value.removeprefix(f"![{name}](data:image/png;base64,").removesuffix(")"))
        assert png.startswith(b"\x89PNG") and len(png) < 40_000


def test_how_linkage_decided_is_shown_in_counts_and_ids(shown: dict[str, dict[str, Any]]) -> None:
    """Names never are: `test_confidential` looks for them in all that Dagster keeps."""
    decided = shown["deduplicated.victims"]["how_linkage_decided"].value
    assert "| records joined by evidence | " in decided and "| open questions: pair | " in decided
    doubtful = shown["deduplicated.victims"]["most_doubtful_victims"].value
    assert re.fullmatch(r"(    casualty explain V-[a-z2-7]{12}\n?)+", doubtful)
    assert "| given name | the same | " in shown["deduplicated.pairs"]["bits_of_the_model"].value


@pytest.mark.parametrize("table", BY_MONTH)
def test_each_month_has_its_own_row_count(table: str, filled: Home, instance: dg.DagsterInstance) -> None:
    records = instance.fetch_materializations(dg.AssetKey(table.split(".")), limit=10).records
    shown = {r.partition_key: r.asset_materialization.metadata for r in records if r.asset_materialization}
    with Warehouse(filled.warehouse).reading() as reading:
        month = TABLE[table].month
        rows = dict(reading.connection.execute(f"select {month}, count(*) from {table} group by all").fetchall())
    assert {m: shown[m]["rows_of_the_month"].value for m in shown if m} == {m: rows.get(m, 0) for m in MONTHS}


@pytest.mark.parametrize("table", COMPUTED)
def test_columns_of_a_computed_table_say_where_they_come_from(table: str, shown: dict[str, dict[str, Any]]) -> None:
    known = shown[table]["dagster/column_lineage"].lineage.deps_by_column
    assert known, table
    for column, sources in known.items():
        assert column in {c.name for c in TABLE[table].columns}
        for source in sources:
            assert source.column_name in {c.name for c in TABLE[".".join(source.asset_key.path)].columns}


def test_lineage_reaches_back_to_what_a_source_said(shown: dict[str, dict[str, Any]]) -> None:
    governorate = shown["cleaned.records"]["dagster/column_lineage"].lineage.deps_by_column["governorate"]

    assert ("captures/records", "governorate") in {(d.asset_key.to_user_string(), d.column_name) for d in governorate}


def test_every_check_has_its_results_by_month_where_its_table_has_months_and_none_stays_planned(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    standing = {check.name for check in DECLARED}  # they have a job of their own
    for key in definitions.resolve_asset_graph().asset_check_keys:
        if key.name in standing:
            continue
        found = instance.event_log_storage.get_asset_check_partition_info([key])
        states = {info.partition_key: info.latest_execution_status.value for info in found}
        has_months = TABLE[".".join(key.asset_key.path)].month
        assert set(states) == ({*MONTHS, None} if has_months else {None}), key
        assert set(states.values()) == ({"FAILED"} if key.name == "nothing_is_rejected" else {"SUCCEEDED"}), key


def test_the_recorded_lineage_is_of_the_sql_as_it_is() -> None:
    assert lineage.FILE.read_text("utf-8") == lineage.work_out(), "sql/ or the tables changed: run `make lineage`"


def test_the_data_dictionary_is_of_the_tables_as_they_are() -> None:
    document = shipped("sql").parent / "docs" / "data-dictionary.md"

    assert document.read_text("utf-8") == dictionary(), "the tables changed: run `make dictionary`"
