"""Sensors: what lies in the inbox is taken in; months that are stale are run again, exactly those.

Both look at a state, not at an event: whatever was killed, the next tick finds what is still to do. A state whose run
failed is tried again a few times, since a lock or a full disk may be to blame; then it waits for a change or a person.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping

import dagster as dg

from casualty_pipeline.captures.inbox import inbox_waits
from casualty_pipeline.captures.intake import unread_captures
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import contiguous, months_between
from casualty_pipeline.orchestration.confidential import confidential, may_be_told
from casualty_pipeline.orchestration.jobs import MATERIALIZE_MONTH, TAKE_IN
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.status import MonthStatus, months_status

ATTEMPTS = 3
LONGEST_TAG = 1_000  # characters: what is longer, `casualty status --format json` says in full


def run_key(instance: dg.DagsterInstance, state: str) -> str:
    """A key for a run that is to deal with a state: Dagster launches no second run under the key of an earlier one.

    A state that a run dealt with may come back (a warehouse that was deleted, a list that is sent again): then it is new.
    """

    def ended(*statuses: dg.DagsterRunStatus) -> int:
        return instance.get_runs_count(dg.RunsFilter(tags={"state": state}, statuses=list(statuses)))

    failed = ended(dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
    return f"{state}-{ended(dg.DagsterRunStatus.SUCCESS) + 1}-{min(failed + 1, ATTEMPTS)}"


def ranges_asked(stale: Collection[str], there: Collection[str]) -> list[tuple[str, str]]:
    """First and last month of each run that stale months want: contiguous ones, and those of one year between which the
    home knows of no month.

    Figures of the later rest on the earlier, and to link the later may move somebody into the earlier (a late death).
    """
    found: list[tuple[str, str]] = []
    for first, last in contiguous(stale):
        if found and found[-1][1][:4] == first[:4] and not set(months_between(found[-1][1], first)[1:-1]) & set(there):
            found[-1] = found[-1][0], last
        else:
            found.append((first, last))
    return found


def months_asked(first: str, last: str, stale: Mapping[str, MonthStatus]) -> dict[str, str]:
    """The tags of a run over a range of stale months: which, and why, by ids of decisions; never names."""
    of = [stale[m] for m in months_between(first, last) if m in stale]
    digest = hashlib.sha256("".join(s.digest for s in of).encode()).hexdigest()[:16]
    decisions = sorted({decision for s in of for decision in s.causes.decisions})
    captures = {sha for s in of for sha in s.causes.captures}
    return {
        "dagster/asset_partition_range_start": first,
        "dagster/asset_partition_range_end": last,
        "why": "stale",
        "state": f"stale-{first}-{last}-{digest}",
        "stale_months": " ".join(s.month for s in of)[:LONGEST_TAG],
        "reasons": "; ".join(sorted({reason for s in of for reason in s.told}))[:LONGEST_TAG],
        **({"decisions": " ".join(decisions)[:LONGEST_TAG]} if decisions else {}),
        **({"captures": str(len(captures))} if captures else {}),
    }


def years_at_work(instance: dg.DagsterInstance) -> set[str]:
    """The years of whose months a run is at work, or waits for its turn. What it leaves to do is seen once it ended."""
    unfinished = [
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
    ]
    years: set[str] = set()
    for run in instance.get_runs(dg.RunsFilter(statuses=unfinished)):
        single = run.tags.get("dagster/partition")
        first, last = (run.tags.get(f"dagster/asset_partition_range_{end}", single) for end in ("start", "end"))
        if first and last:
            years.update(str(year) for year in range(int(first[:4]), int(last[:4]) + 1))
    return years


def build_sensors(months: dg.PartitionsDefinition[str]) -> list[dg.SensorDefinition]:
    """The inbox sensor and the stale-month sensor."""

    @dg.sensor(
        name="inbox",
        job_name=TAKE_IN,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Takes new files of the inbox into the archive and reads them.",
    )
    @confidential
    def inbox(context: dg.SensorEvaluationContext, home: HomeResource) -> dg.RunRequest | dg.SkipReason:
        waiting, unread = inbox_waits(home.home), unread_captures(home.home)
        if not waiting and not unread:
            return dg.SkipReason("nothing new in the inbox, and every capture of the archive is read")
        stats = [(name, (home.home.inbox / name).stat()) for name in waiting]
        files = "\n".join([*unread, *(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats)])
        state = f"inbox-{hashlib.sha256(files.encode()).hexdigest()[:16]}"
        return dg.RunRequest(
            run_key=run_key(context.instance, state),
            tags={"why": "inbox", "state": state, "files": str(len(waiting) + len(unread))},
        )

    @dg.sensor(
        name="stale_months",
        job_name=MATERIALIZE_MONTH,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Finds months whose figures aren't what captures and decisions now give, and runs exactly those.",
    )
    @confidential
    def stale_months(context: dg.SensorEvaluationContext, home: HomeResource) -> Iterator[dg.RunRequest | dg.SkipReason]:
        try:
            known = set(months.get_partition_keys())
            there = [s for s in months_status(home.home) if s.month in known]
        except CasualtyError as problem:
            yield dg.SkipReason(may_be_told(problem))
            return
        stale = {s.month: s for s in there if not s.current}
        if not stale:
            yield dg.SkipReason("every month is current")
        # Of one year, one range at a time: figures of its later months rest on its earlier ones, and what a run has done by
        # half would be taken for something to do.
        at_work = years_at_work(context.instance)
        for first, last in ranges_asked(stale, [s.month for s in there]):
            of = {month[:4] for month in months_between(first, last)}
            if not of & at_work:
                tags = months_asked(first, last, stale)
                yield dg.RunRequest(run_key=run_key(context.instance, tags["state"]), tags=tags)
            at_work |= of

    return [inbox, stale_months]
