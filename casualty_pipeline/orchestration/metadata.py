"""What Dagster shows of a table: specs, column schema, column lineage, row counts. All from the table's one declaration."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dagster as dg

from casualty_pipeline.orchestration.lineage import known_lineage
from casualty_pipeline.orchestration.shown import worth_a_look
from casualty_pipeline.shipped import shipped
from casualty_pipeline.tables import TABLE, Table
from casualty_pipeline.warehouse import Reading

POOL = "duckdb"
OWNERS = ["team:data-engineering"]


def key_of(table: str) -> dg.AssetKey:
    """`cleaned.records` is the asset `cleaned/records`."""
    return dg.AssetKey(table.split("."))


def column_schema(table: Table) -> dg.TableSchema:
    """The table's columns, as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                c.name,
                c.type,
                description=c.description,
                constraints=dg.TableColumnConstraints(nullable=not c.required),
                tags={"personal_data": ""} if c.personal else {},
            )
            for c in table.columns
        ]
    )


def column_lineage(table: str) -> dg.TableColumnLineage | None:
    """Where each column of the table comes from, for tables that `sql/` computes from other stages' tables."""
    known = known_lineage().get(table)
    if not known:
        return None
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key=key_of(source), column_name=name) for source, name in pairs]
            for column, pairs in known.items()
        }
    )


def table_spec(name: str, deps: Iterable[str] = (), kinds: Iterable[str] = ("sql",)) -> dg.AssetSpec:
    """The asset spec of a table: described, owned, tagged, with its column schema."""
    table = TABLE[name]
    return dg.AssetSpec(
        key_of(name),
        deps=[key_of(d) for d in deps],
        description=table.description,
        group_name=table.stage,
        owners=OWNERS,
        kinds={"duckdb", *kinds},
        tags={"stage": table.stage, "personal_data": "yes" if any(c.personal for c in table.columns) else "no"},
        metadata={
            "dagster/column_schema": column_schema(table),
            "dagster/table_name": name,
            "dagster/code_references": code_references(table),
            "key": ", ".join(table.key),
            "documentation": f"docs/data-dictionary.md#{table.stage}{table.name}",
        },
    )


def code_references(table: Table) -> dg.CodeReferencesMetadataValue:
    """Where the table is computed: its SQL, where it has some, and the module of its stage's assets."""
    sql = shipped("sql") / table.stage / f"{table.name}.sql"
    module = find_spec(f"assets.{table.stage}")
    files = {f"sql/{table.stage}/{sql.name}": sql}
    if module is not None and module.origin is not None:
        files[f"assets/{table.stage}.py"] = Path(module.origin)
    there = [(label, path) for label, path in files.items() if path.is_file()]
    return dg.CodeReferencesMetadataValue(
        code_references=[dg.LocalFileCodeReference(file_path=str(path), label=label) for label, path in there]
    )


def results(
    context: dg.AssetExecutionContext,
    reading: Reading,
    tables: Sequence[str],
    extra: Mapping[str, Any] | None = None,
    of_table: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[dg.MaterializeResult[None]]:
    """A result per table, with row counts (per month, in a run over months), column schema and lineage.

    `extra` is told of each of them, `of_table` of one. To be yielded when what is counted is kept: inside of a transaction,
    a step yields them after its end.
    """
    months = context.partition_keys if context.has_partition_key or context.has_partition_key_range else []
    found: list[dg.MaterializeResult[None]] = []
    for name in tables:
        table = TABLE[name]
        row = reading.connection.execute(f"select count(*) from {name}").fetchone()
        metadata: dict[str, Any] = {
            "dagster/row_count": row[0] if row else 0,
            "dagster/column_schema": column_schema(table),
            **worth_a_look(reading, name),
            **(extra or {}),
            **(of_table or {}).get(name, {}),
        }
        if lineage := column_lineage(name):
            metadata["dagster/column_lineage"] = lineage
        if table.month and months:
            counts = dict(
                reading.connection.execute(
                    f"select {table.month}, count(*) from {name} "
                    f"where {table.month} in (select unnest($months)) group by all",
                    {"months": months},
                ).fetchall()
            )
            for month in months:
                context.add_asset_metadata({"rows_of_the_month": counts.get(month, 0)}, key_of(name), month)
        found.append(dg.MaterializeResult(asset_key=key_of(name), metadata=metadata))
    return found
