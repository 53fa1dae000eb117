"""The process that runs Great Expectations: an order per line on standard input, the results per line on standard output.

It opens the warehouse read-only for as long as one order takes, reads the columns that the suite is about, month by month,
and answers with counts and keys, never with values.
"""

import json
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from pathlib import Path
from typing import Any

from casualty_pipeline.loading import loading
from casualty_pipeline.warehouse import Warehouse

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


def main() -> None:
    """Serve orders until standard input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what the library prints must not get between the answers
    sys.meta_path.insert(0, _WhenUsed)
    with loading():
        import great_expectations as gx
        import pandas as pd

        context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    batch_definition = asset.add_batch_definition_whole_dataframe("whole")
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer: dict[str, Any] = {"results": _validate(gx, pd, batch_definition, order)}
        except Exception as problem:
            answer = {"error": f"{type(problem).__name__}: {problem}"[:500]}
        answers.write(json.dumps({"number": order["number"], **answer}) + "\n")
        answers.flush()


def _validate(gx: Any, pd: Any, batch_definition: Any, order: dict[str, Any]) -> Any:
    columns = ", ".join(f'"{c}"' for c in order["columns"])
    month_column = order["month_column"]
    with Warehouse(Path(order["database"])).reading() as reading:
        where = f" where {month_column} in (select unnest($months))" if month_column and order["months"] else ""
        query = f"select {columns} from {order['table']}{where} order by all"
        frame = reading.connection.execute(query, {"months": order["months"]} if where else {}).df()
    results = list(_of_part(gx, pd, batch_definition, order, "", frame))
    if not where or all(r["success"] for r in results):
        return results  # what holds for all months together holds for each: the common case takes one pass
    return [
        result
        for month in order["months"]
        for result in _of_part(gx, pd, batch_definition, order, month, frame[frame[month_column] == month])
    ]


def _of_part(gx: Any, pd: Any, batch_definition: Any, order: dict[str, Any], month: str, part: Any) -> Any:
    """The result of each expectation. As one suite they share their metrics, which takes half the time of one by one."""
    rows = part.reset_index(drop=True)
    rows = rows.astype(object).where(pd.notna(rows), None)
    found = {}
    if len(rows):
        expectations = [
            getattr(gx.expectations, e["type"])(**e["arguments"], meta={"number": number})
            for number, e in enumerate(order["expectations"])
        ]
        batch = batch_definition.get_batch(batch_parameters={"dataframe": rows})
        validated = batch.validate(gx.ExpectationSuite(order["table"], expectations), result_format="SUMMARY")
        # Those that couldn't be worked out come first, so that results don't come in the order of the expectations.
        found = {result.expectation_config.meta["number"]: result for result in validated.results}
    for number, declared in enumerate(order["expectations"]):
        result = found[number] if len(rows) else None
        success = result is None or bool(result.success)
        detail = {} if result is None else result.result
        indexes = [] if success else (detail.get("partial_unexpected_index_list") or [])[:5]
        yield {
            "month": month,
            "success": success,
            "description": declared["description"],
            "requirement": declared["requirement"],
            "unexpected": int(detail.get("unexpected_count") or (0 if success else 1)),
            "keys": ["/".join(str(rows.loc[i, k]) for k in order["key"]) for i in indexes if i in rows.index],
        }


if __name__ == "__main__":
    main()
