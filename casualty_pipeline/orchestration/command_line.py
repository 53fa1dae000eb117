"""`casualty run`: one Dagster run over a range of months, in this process, with progress a person can follow."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from casualty_pipeline.captures.inbox import inbox_waits
from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import check_month, months_between, year_to
from casualty_pipeline.home import Home
from casualty_pipeline.loading import loading
from casualty_pipeline.orchestration.confidential import REFERENCE, raised
from casualty_pipeline.orchestration.instance import open_instance
from casualty_pipeline.orchestration.jobs import MATERIALIZE_MONTH
from casualty_pipeline.orchestration.launching import is_lost
from casualty_pipeline.orchestration.partitions import months_of
from casualty_pipeline.status import months_status, status_of
from casualty_pipeline.turns import Turn, turn
from casualty_pipeline.warehouse import Warehouse

WHY = "command line"  # the run tag by which its runs are known


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the report files that it wrote, and sentences about what it found."""

    success: bool
    reports: list[Path]
    findings: list[str]


class _Progress(logging.Handler):
    """A line per finished stage, a line per failed check, and the errors."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.DEBUG)  # Dagster logs its events at this level
        self._say, self._started = say, time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", None) or {}
        event = meta.get("dagster_event") if isinstance(meta, dict) else getattr(meta, "dagster_event", None)
        elapsed = f"{time.monotonic() - self._started:6.1f} s"
        if event is None:
            skipped = "Not executing" in record.getMessage()  # the finding that stopped it is told at the end
            if (record.levelno >= logging.WARNING and not skipped) or "captures in the archive" in record.getMessage():
                self._say(f"{elapsed}  {record.getMessage().split(' - ')[-1]}")
        elif event.event_type_value == "STEP_SUCCESS" and "__" not in str(event.step_key):
            self._say(f"{elapsed}  {event.step_key}")


def _months_to_run(home: Home, first: str, last: str, say: Callable[[str], None]) -> tuple[str, str]:
    """The range, and before it what of the year isn't current: cumulative figures rest on it."""
    months = set(months_of(home.profile).get_partition_keys())
    for month in (check_month(first), check_month(last)):
        if month not in months:
            raise CasualtyError(f"{month} is no month of this profile: expected {min(months)} to {max(months)}")
    months_between(first, last)
    earlier = [m for m in year_to(first)[:-1] if m in months]
    known = months_status(home)
    if earlier and known and not inbox_waits(home):
        stale = {s.month for s in known if not s.current}
        earlier = [m for m in earlier if m in stale]
    if not earlier:
        return first, last
    say(f"also from {earlier[0]} on: the cumulative figures of {first} rest on the months before it")
    return earlier[0], last


def run_months(home: Home, first: str, last: str, say: Callable[[str], None]) -> Outcome:
    """Materialise every stage for the months. Raises CasualtyError for months that can't be meant."""
    handler = _Progress(say)

    @dg.logger
    def progress(_context: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("casualty.progress", logging.DEBUG)
        logger.addHandler(handler)
        return logger

    with ExitStack() as held:
        with loading():  # DuckDB brings pandas with its first parameter, an instance SQLAlchemy, Alembic, Dagster's daemon
            first, last = _months_to_run(home, first, last, say)
            home.prepare()
            job = build_definitions(home, loggers={"progress": progress}).resolve_job_def(MATERIALIZE_MONTH)
            held.enter_context(turn(home.path, Turn.FIGURES, "casualty run", say))
            instance = held.enter_context(open_instance(home))
        bury_the_dead(instance, say, {"why": WHY})
        _tell_of_others(instance, say)
        result = job.execute_in_process(
            instance=instance,
            run_config={"loggers": {"progress": {}}},
            tags={**_months_as_tags(first, last), "why": WHY},
            raise_on_error=False,
        )
        return _outcome(home, result, last)


def _months_as_tags(first: str, last: str) -> dict[str, str]:
    """What tells a run its months. A range costs an event more for each check, so that one month isn't one."""
    if first == last:
        return {"dagster/partition": first}
    return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}


def bury_the_dead(instance: dg.DagsterInstance, say: Callable[[str], None], of: Mapping[str, str]) -> None:
    """Runs that never end: of a command that was killed, known by a tag, since it is our turn and nobody else is at work;
    and of Dagster, where their process is gone.

    Each still holds its slot in the pool, and every run after it would wait for that for ever.
    """
    statuses = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
    for dead in instance.get_runs(dg.RunsFilter(statuses=statuses)):
        ours = of.items() <= dead.tags.items()
        if not ours and (dead.status is not dg.DagsterRunStatus.STARTED or not is_lost(instance, dead.run_id)):
            continue
        instance.report_run_failed(dead, "the process that it belonged to was killed; the months can be run again")
        instance.event_log_storage.free_concurrency_slots_for_run(dead.run_id)
        say("a run that was killed before is marked as failed; nothing that it had not finished was kept")


def _tell_of_others(instance: dg.DagsterInstance, say: Callable[[str], None]) -> None:
    """Runs that the daemon started: their steps and ours take turns in the pool, so that waiting has a reason."""
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        why = run.tags.get("why", "a person")
        say(f"Dagster's run {run.run_id[:8]} ({run.job_name}, started by {why}) is at work: steps wait for its steps")


def _outcome(home: Home, result: dg.ExecuteInProcessResult, last: str) -> Outcome:
    findings, failed = [], False
    for event in result.filter_events(lambda e: e.is_step_failure):
        told = event.step_failure_data.user_failure_data
        reference = told.metadata.get(REFERENCE) if told is not None else None
        problem = raised(str(reference.value)) if reference is not None else None
        if isinstance(problem, CasualtyError):
            raise problem
        if told is not None and problem is None:
            raise CasualtyError(told.description)
        error = event.step_failure_data.error
        said = told.description if told is not None else error.message.strip() if error is not None else "for no reason"
        findings.append(f"{event.step_key} failed: {said}")
    for evaluation in result.get_asset_check_evaluations():
        if evaluation.passed or (evaluation.partition is not None and "dagster/partition" not in result.dagster_run.tags):
            continue  # in a run over a range, those by month are summed up in the check's own
        error_like = evaluation.severity == dg.AssetCheckSeverity.ERROR
        failed = failed or error_like
        count, examples = evaluation.metadata.get("rows_that_break_it"), evaluation.metadata.get("for_example")
        detail = f"{count.value if count else '?'} rows"
        if examples is not None and isinstance(examples.value, list):
            detail += f", for example {'; '.join(map(str, examples.value))}"
        word = "check failed" if error_like else "warning"
        findings.append(f"{word}: {evaluation.asset_key.to_user_string()} {evaluation.check_name}: {detail}")
    written: list[Path] = []
    if result.success:
        with Warehouse(home.warehouse).reading() as reading:
            stale = [s.month for s in status_of(reading, home) if not s.current and s.reasons != ("never run",)]
            rows = reading.connection.execute(
                "select path from reports.bundles where month = $month order by path", {"month": last}
            ).fetchall()
        if stale:
            findings.append(f"other months are stale now: {', '.join(stale)} (`casualty status` says why)")
        written = [home.path / path for (path,) in rows]
    return Outcome(result.success and not failed, written, findings)
