"""The process that runs Great Expectations: an order per line on standard input, an answer per line on standard output.

An order names a Parquet file of rows, read into a DuckDB in memory, where Great Expectations pushes its metrics down. The
answer says how many expectations failed; the failing rows, all of them, go to a file, by key.
"""

import json
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from pathlib import Path
from typing import Any

import duckdb

from casualty_pipeline.loading import loading

TABLE = "rows_judged"
# What Great Expectations imports for expectations and data sources that nobody asks for here: a quarter of its import.
_WHEN_USED = frozenset({"scipy", "scipy.stats", "altair", "boto3", "botocore"})


class _WhenUsed:
    """Loads these modules when something of them is used, not when they are imported."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        """The module's own specification, with a loader that waits."""
        spec = PathFinder.find_spec(name, path) if name in _WHEN_USED else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


class Judge:
    """Great Expectations on one DuckDB in memory."""

    def __init__(self) -> None:
        import great_expectations as gx
        from great_expectations.execution_engine import SqlAlchemyExecutionEngine

        from checks.duckdb_dialect import engine_on

        self.gx = gx
        self.context = gx.get_context(mode="ephemeral")
        self.context.variables.progress_bars = {"globally": False}
        self.connection = duckdb.connect()
        self.execution = SqlAlchemyExecutionEngine(engine=engine_on(self.connection))

    def judge(self, order: dict[str, Any]) -> dict[str, Any]:
        """Validate an order's suite as a whole, whose metrics it shares; then name the rows that break it.

        Raises RuntimeError where Great Expectations and the SQL that names the rows don't agree on their number.
        """
        execute = self.connection.execute
        execute(f"create or replace table {TABLE} as from read_parquet('{order['rows']}')")
        results = self._results(order)
        if order["docs"]:
            _document(self.gx, self.context, order, results)
        failed = [number for number, result in results.items() if not result.success]
        if failed:
            by_number = " union all ".join(
                f"select {n} as expectation, of_month as month, row_key as key from ({breaking(order['expectations'][n])})"
                for n in failed
            )
            execute(f"create or replace temp table broken as from ({by_number})")
            named = dict(execute("select expectation, count(*) from broken group by all").fetchall())
            for number in failed:
                counted = int(results[number].result.get("unexpected_count") or 0)
                if counted != named.get(number, 0):
                    raise RuntimeError(
                        f"{order['expectations'][number]['description']}: {counted} rows by Great Expectations, "
                        f"{named.get(number, 0)} by name"
                    )
            execute(f"copy (select distinct * from broken order by all) to '{order['failing']}' (format parquet)")
        return {"failed": failed}

    def _results(self, order: dict[str, Any]) -> dict[int, Any]:
        from great_expectations.core.batch import Batch
        from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
        from great_expectations.validator.validator import Validator

        # No copy, and a batch of its own for each order: metrics are remembered by batch.
        data = SqlAlchemyBatchData(execution_engine=self.execution, table_name=TABLE, create_temp_table=False)
        batch = Batch(data=data)
        batch._id = f"order-{order['number']}"
        validator = Validator(execution_engine=self.execution, batches=[batch], data_context=self.context)
        expectations = [
            getattr(self.gx.expectations, e["type"])(**e["arguments"], meta={"number": n, "notes": e["description"]})
            for n, e in enumerate(order["expectations"])
        ]
        results = validator.graph_validate(
            configurations=[e.configuration for e in expectations],
            runtime_configuration={"result_format": {"result_format": "BASIC", "partial_unexpected_count": 0}},
        )
        for result in results:
            if result.exception_info.get("raised_exception"):
                raise RuntimeError(str(result.exception_info.get("exception_message")))
        # Those that couldn't be worked out come first, so that results don't come in the order of the expectations.
        return {result.expectation_config.meta["number"]: result for result in results}


def breaking(expectation: dict[str, Any]) -> str:
    """SQL for the rows that break an expectation, as Great Expectations counts them: empty values pass."""
    given = expectation["arguments"]
    column = f'"{given["column"]}"' if "column" in given else ""
    rows = f"select * from {TABLE}"
    match expectation["type"]:
        case "ExpectColumnValuesToNotBeNull":
            return f"{rows} where {column} is null"
        case "ExpectColumnValuesToBeBetween":
            bounds = (("<", given["min_value"]), (">", given["max_value"]))
            return f"{rows} where {' or '.join(f'{column} {sign} {_literal(b)}' for sign, b in bounds if b is not None)}"
        case "ExpectColumnValuesToBeInSet":
            return f"{rows} where {column} not in ({', '.join(_literal(v) for v in given['value_set'])})"
        case "ExpectColumnValueLengthsToEqual":
            return f"{rows} where length({column}) <> {given['value']}"
        case "ExpectColumnPairValuesAToBeGreaterThanB":
            return f'{rows} where "{given["column_A"]}" < "{given["column_B"]}"'
        case "ExpectColumnValuesToBeUnique":
            return f"{rows} where {column} is not null qualify count(*) over (partition by {column}) > 1"
        case "ExpectCompoundColumnsToBeUnique":
            key = ", ".join(f'"{c}"' for c in given["column_list"])
            return f"{rows} qualify count(*) over (partition by {key}) > 1"
    raise ValueError(f"no SQL for {expectation['type']}")


def _literal(value: object) -> str:
    if not isinstance(value, str):
        return str(value)
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def _document(gx: Any, context: Any, order: dict[str, Any], results: dict[int, Any]) -> None:
    """Great Expectations' own page of a suite's results, as `TABLE.html` in the folder that the order names."""
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    del context
    ordered = [results[n] for n in sorted(results)]
    passed = sum(bool(r.success) for r in ordered)
    validated = ExpectationSuiteValidationResult(
        success=passed == len(ordered),
        results=ordered,
        suite_name=order["table"],
        statistics={
            "evaluated_expectations": len(ordered),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(ordered) - passed,
            "success_percent": 100 * passed / len(ordered),
        },
        meta={
            "great_expectations_version": gx.__version__,
            "active_batch_definition": {"data_asset_name": order["table"]},
            "run_id": {"run_name": order["table"], "run_time": "1970-01-01T00:00:00+00:00"},
        },
    )
    page = DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(validated))
    folder = Path(order["docs"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{order['table']}.html").write_text(page, encoding="utf-8")


def main() -> None:
    """Serve orders until standard input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what the library prints must not get between the answers
    sys.meta_path.insert(0, _WhenUsed)
    with loading():
        judge = Judge()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = judge.judge(order)
        except Exception as problem:
            answer = {"error": f"{type(problem).__name__}: {problem}"[:500]}
        answers.write(json.dumps({"number": order["number"], **answer}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
