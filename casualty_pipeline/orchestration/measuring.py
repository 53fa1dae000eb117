"""What a step costs and says, kept in the home by the step itself, whoever asked for its run."""

import logging
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import dagster as dg

from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.watching import journal
from casualty_pipeline.watching.costs import Meter, remember

Step = Callable[[dg.AssetExecutionContext, HomeResource], Iterator[Any]]


class _ToJournal(logging.Handler):
    """Passes on what a step logs."""

    def __init__(self, home: Home, run: str, months: list[str], step: str) -> None:
        super().__init__(logging.INFO)
        self._home, self._run, self._months, self._step = home, run, months, step

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(record, "dagster_event", None) is None:
            message = str(record.msg).rpartition(f"{self._step} - ")[2]
            journal.event(
                self._home, record.levelname.lower(), message, run=self._run, months=self._months, asset=self._step
            )


def measured(step: Step) -> Step:
    """A step of assets that writes its cost, its beginning, its end and what it logs into the home's `logs/`."""

    @wraps(step)
    def of(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Any]:
        within, run, name = home.home, context.run.run_id, context.op_execution_context.op.name
        partitioned = context.has_partition_key or context.has_partition_key_range
        months = sorted(context.partition_keys) if partitioned else []
        handler = _ToJournal(within, run, months, name)
        context.log.addHandler(handler)
        meter, rows, success = Meter(), dict[str, int](), False
        try:
            for result in step(context, home):
                if isinstance(result, dg.MaterializeResult) and result.asset_key is not None:
                    count = (result.metadata or {}).get("dagster/row_count")
                    rows[result.asset_key.to_user_string()] = count if isinstance(count, int) else 0
                yield result
            success = True
        except Exception as problem:  # its text may hold values: the journal says of which kind it is
            journal.event(within, "error", f"failed: {type(problem).__name__}", run=run, months=months, asset=name)
            raise
        finally:
            context.log.removeHandler(handler)
            cost = meter.cost(run=run, step=name, months=months, rows=rows, success=success)
            remember(within, cost)
            facts = {"seconds": cost.seconds, "rows": cost.rows, "peak_mb": cost.peak_mb}
            if success:
                journal.event(within, "info", "done", run=run, months=months, asset=name, facts=facts)

    return of
