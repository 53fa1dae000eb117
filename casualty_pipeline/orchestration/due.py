"""Which months are due: a level, so that a machine that was off on the 1st, or a run that failed, loses no month.

A month is due from 06:00 on the 1st of the next on, in the profile's timezone, until its report is there. A home owes the
months since the first that its schedule asked for; where that has asked for none yet, those that came due since the home
was prepared. What was before is history, which people run when they want it.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from casualty_pipeline.figures.months import contiguous, months_between
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.sensors import months_asked, run_key
from casualty_pipeline.status import MonthStatus, months_status
from casualty_pipeline.warehouse import NoWarehouseError, Warehouse

HOUR = 6
GRACE = timedelta(minutes=10)  # the schedule's own tick comes first
SCHEDULED = {"why": "schedule"}  # the tag of the runs that the monthly schedule asks for, or that make up for it


def due_since(month: str, timezone: str) -> datetime:
    """When a month comes due: 06:00 on the 1st of the next, by the clocks of the profile's timezone as they then stand."""
    year, number = int(month[:4]), int(month[5:])
    return datetime(year + number // 12, number % 12 + 1, 1, HOUR, tzinfo=ZoneInfo(timezone))


def last_due(now: datetime, timezone: str) -> str:
    """The last month that is due at a moment."""
    local = now.astimezone(ZoneInfo(timezone))
    this = f"{local:%Y-%m}"
    before = _month_before(this)
    return before if due_since(before, timezone) <= now else _month_before(before)


def _month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def asked_months(instance: dg.DagsterInstance) -> list[str]:
    """The months that scheduled runs were asked for, in order, whatever became of them."""
    found: set[str] = set()
    for run in instance.get_runs(dg.RunsFilter(tags=SCHEDULED)):
        single = run.tags.get("dagster/partition")
        first, last = run.tags.get("dagster/asset_partition_range_start"), run.tags.get("dagster/asset_partition_range_end")
        if single:
            found.add(single)
        elif first and last:
            due = run.tags.get("due_months", "").split()
            found.update(due or months_between(first, last))
    return sorted(found)


def owed(home: Home, instance: dg.DagsterInstance, now: datetime) -> list[str]:
    """The months that are due at a moment, in order. Raises CasualtyError where the warehouse can't be read."""
    timezone = home.profile.timezone
    last = last_due(now, timezone)
    asked = asked_months(instance)
    if asked:
        candidates = months_between(min(asked[0], last), last)
    else:
        born = _prepared(home)
        candidates = [last] if born is not None and born <= due_since(last, timezone) else []
        while candidates and born is not None and due_since(_month_before(candidates[0]), timezone) >= born:
            candidates.insert(0, _month_before(candidates[0]))
    there = _reported(home)
    return [month for month in candidates if month not in there]


def _prepared(home: Home) -> datetime | None:
    written = home.dagster / "workspace.yaml"
    return datetime.fromtimestamp(written.stat().st_mtime, UTC) if written.is_file() else None


def _reported(home: Home) -> set[str]:
    try:
        with Warehouse(home.warehouse).reading() as reading:
            return {m for (m,) in reading.connection.execute("select distinct month from reports.bundles").fetchall()}
    except NoWarehouseError:
        return set()


def requests(
    home: Home, instance: dg.DagsterInstance, known: Collection[str], due: Collection[str], *, late: bool
) -> Iterator[dg.RunRequest]:
    """Runs for the months that are due, each range from the first stale month of its year on: cumulative figures rest on it.

    With `late` also runs for all other months that are stale. What such a run is at work on is not asked for again.
    """
    stale = {s.month: s for s in months_status(home) if not s.current and s.month in known}
    due = {month for month in due if month in known}
    wanted = set(due)
    for month in due:
        wanted |= {m for m in known if m < month and m[:4] == month[:4] and any(s[:4] == m[:4] and s <= m for s in stale)}
    if late:
        wanted |= set(stale)
    for first, last in contiguous(sorted(wanted)):
        of = [m for m in months_between(first, last) if m in due]
        tags = _tags(first, last, of, stale) if of else months_asked(first, last, stale)
        if _under_way(instance, tags["state"]):
            continue
        single = tags.pop("dagster/partition", None)
        yield dg.RunRequest(run_key=run_key(instance, tags["state"]), partition_key=single, tags=tags)


def _tags(first: str, last: str, due: list[str], stale: Mapping[str, MonthStatus]) -> dict[str, str]:
    of = {m: stale[m] for m in months_between(first, last) if m in stale}
    state = f"due-{first}-{last}"
    if of:  # what is known of them changed since a run failed: that is another state, and has its own attempts
        state += "-" + hashlib.sha256("".join(s.digest for s in of.values()).encode()).hexdigest()[:16]
    where = (
        {"dagster/partition": first}
        if first == last
        else {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    )
    return {**where, **SCHEDULED, "state": state, "due_months": " ".join(due)}


def _under_way(instance: dg.DagsterInstance, state: str) -> bool:
    unfinished = [
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
    ]
    return instance.get_runs_count(dg.RunsFilter(tags={"state": state}, statuses=unfinished)) > 0
