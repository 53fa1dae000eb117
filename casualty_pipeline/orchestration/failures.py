"""What failed in Dagster, told once: a run that failed, or a run that ended with a check failed that blocks.

A level, looked at again at every tick: runs that ended since a little before the last look. What a look found is in the
outbox, under a name made of what failed, before the look is noted; so a kill between the two tells nothing twice.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from casualty_pipeline.figures.months import months_between
from casualty_pipeline.home import Home
from casualty_pipeline.watching.outbox import Alert, Outbox, moment

_SEEN = ".looked.json"
_OVERLAP = timedelta(hours=1)
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
_RETRIED = "dagster/will_retry"
_LISTED = 10


def new_failures(home: Home, instance: dg.DagsterInstance, now: datetime, *, keep: bool = True) -> list[Alert]:
    """The failures that weren't told yet, in the order of their ends; into the outbox, unless `keep` is false.

    The first look at a home only notes when it was: what failed before is history.
    """
    outbox, looked = Outbox(home), _looked(home)
    since = looked or now
    found: list[Alert] = []
    for record in instance.get_run_records(
        dg.RunsFilter(statuses=_ENDED, updated_after=since - (_OVERLAP if looked else timedelta(0))), ascending=True
    ):
        alert = failure_of(instance, record.dagster_run, now)
        if alert is None or alert.id in {a.id for a in found}:
            continue
        if outbox.put(alert) if keep else not outbox.has(alert.id):
            found.append(alert)
    if keep:
        _note(home, now)
    return found


def failure_of(instance: dg.DagsterInstance, run: dg.DagsterRun, now: datetime) -> Alert | None:
    """The alert about a run that ended; none where nothing that blocks failed, or the run is to be tried again by itself."""
    if run.tags.get(_RETRIED) == "true":
        return None
    failed = run.status == dg.DagsterRunStatus.FAILURE
    steps, kinds, rules, refused = _told(instance, run.run_id)
    if not failed and not rules:
        return None
    months = tuple(refused or _months(run))
    stages = tuple(sorted({step.split("__")[0] for step in steps} | {rule.split(".")[0] for rule in rules}))
    about = "|".join([_state(run), *stages, *rules, *months])
    when = f"{months[0]} to {months[-1]}" if len(months) > 1 else "".join(months)
    where = ", ".join(stages) or "before its first step"
    what = f"{len(rules)} rule{'s' if len(rules) != 1 else ''} broken" if rules else "failed"
    subject = f"Casualty records: {what} in {run.job_name}{f' for {when}' if when else ''} ({where})"
    return Alert(
        id=f"failure-{hashlib.sha256(about.encode()).hexdigest()[:20]}",
        kind="failure",
        at=moment(now),
        subject=subject,
        text="\n".join(_sentences(run, when, where, kinds, rules, months)) + "\n",
        months=months,
        stages=stages,
        rules=tuple(rules),
        run=run.run_id,
    )


def _sentences(
    run: dg.DagsterRun, when: str, where: str, kinds: list[str], rules: list[str], months: tuple[str, ...]
) -> Iterator[str]:
    ended = "failed" if run.status == dg.DagsterRunStatus.FAILURE else "ended, with rules broken that block"
    yield f"The run {run.run_id} ({run.job_name}, asked for by: {run.tags.get('why', 'a person')}) {ended}."
    yield f"Months: {when or 'none in particular'}. Stage: {where}."
    if kinds:
        yield f"Kind of error: {', '.join(kinds)}."
    if rules:
        more = f"; and {len(rules) - _LISTED} more" if len(rules) > _LISTED else ""
        yield f"Rules broken: {'; '.join(rules[:_LISTED])}{more}."
    yield ""
    yield "What to do:"
    through = f" --through {months[-1]}" if len(months) > 1 else ""
    if rules:
        yield "- In Dagster, the check's metadata has the number of rows, their ids and the query that shows them."
        yield "- Correct the source or decide (docs/review.md); the months are then run again by themselves."
    else:
        yield "- In Dagster, the run's log says what failed; docs/operations.md has a table of what to do."
        yield "- `casualty doctor` looks at disk, locks and settings."
    if months:
        yield f"- By hand: `casualty run --month {months[0]}{through}`; `casualty status` says what is stale."
    yield "What is published stays as it is. This is told once; tries with the same outcome aren't told again."


def _told(instance: dg.DagsterInstance, run_id: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """Of a run: the steps that failed, the kinds of their errors, the rules that block and were broken, their months."""
    types = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
    steps, kinds, rules, months = set(), set(), set(), set()
    for entry in instance.all_logs(run_id, of_type=types):
        event = entry.dagster_event
        if event is None:
            continue
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            steps.add(str(event.step_key))
            error: Any = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None and error.cls_name:
                kinds.add(error.cls_name)
            continue
        checked: Any = event.event_specific_data
        if not checked.passed and checked.blocking and checked.severity == dg.AssetCheckSeverity.ERROR:
            rules.add(f"{'.'.join(checked.asset_key.path)}: {checked.check_name}")
            if checked.partition:
                months.add(checked.partition)
    return sorted(steps), sorted(kinds), sorted(rules), sorted(months)


def _months(run: dg.DagsterRun) -> list[str]:
    first, last = run.tags.get("dagster/asset_partition_range_start"), run.tags.get("dagster/asset_partition_range_end")
    if first and last:
        return months_between(first, last)
    single = run.tags.get("dagster/partition")
    return [single] if single else []


def _state(run: dg.DagsterRun) -> str:
    """What the run was to deal with: the same for each try of a sensor, for each retry of Dagster's."""
    key = run.tags.get("dagster/run_key", "")
    if "state" in run.tags and key.startswith(run.tags["state"]):
        return key.rpartition("-")[0]  # without the number of the try
    return run.root_run_id or run.run_id


def _looked(home: Home) -> datetime | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads((home.alerts / _SEEN).read_text(encoding="utf-8"))["at"])
    return None


def _note(home: Home, now: datetime) -> None:
    home.alerts.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = home.alerts / f"{_SEEN}.tmp"
    part.write_text(json.dumps({"at": now.astimezone(UTC).isoformat()}), encoding="utf-8")
    part.replace(home.alerts / _SEEN)
