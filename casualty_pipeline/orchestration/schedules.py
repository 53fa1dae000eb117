"""The schedules: the month on the 1st, every morning what is overdue; the sensor that makes up for a 1st that was missed.

Schedule and sensor ask the same question, `due.owed`: which months are due and not there? The schedule's tick only says
when it is asked for certain. Dagster itself makes up for a schedule's last tick at most, and only once its daemon is back.
"""

from collections.abc import Iterator

import dagster as dg

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.orchestration.confidential import confidential, may_be_told
from casualty_pipeline.orchestration.due import GRACE, HOUR, last_due, owed, requests
from casualty_pipeline.orchestration.jobs import MATERIALIZE_MONTH, STANDING_CHECKS
from casualty_pipeline.orchestration.resources import HomeResource

MONTHLY, MISSED = "monthly", "missed_months"


def build_schedules(months: dg.MonthlyPartitionsDefinition) -> list[dg.ScheduleDefinition]:
    """On the 1st of each month at 06:00 in the profile's timezone, for the month before, and for late ones.

    Not built from the partitioned job: its partitions include the running month, which on the 1st has only begun.
    """

    @dg.schedule(
        name=MONTHLY,
        job_name=MATERIALIZE_MONTH,
        cron_schedule=f"0 {HOUR} 1 * *",
        execution_timezone=str(months.timezone),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="On the 1st at 06:00: the month before, and every earlier month that is stale or was missed.",
    )
    @confidential
    def monthly(context: dg.ScheduleEvaluationContext, home: HomeResource) -> Iterator[dg.RunRequest]:
        # Raises where somebody holds the warehouse: the tick then fails, in sight, and `missed_months` makes up for it.
        at, known = context.scheduled_execution_time, months.get_partition_keys()
        due = {last_due(at, home.profile.timezone), *owed(home.home, context.instance, at)}
        yield from requests(home.home, context.instance, known, due, late=True)

    @dg.schedule(
        name="standing",
        job_name=STANDING_CHECKS,
        cron_schedule="0 8 * * *",
        execution_timezone=str(months.timezone),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every morning, after the monthly run: what is overdue, and which months have open failures.",
    )
    @confidential
    def standing(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(run_key=f"{context.scheduled_execution_time:%Y-%m-%d}", tags={"why": "schedule"})

    return [monthly, standing]


def build_missed(months: dg.MonthlyPartitionsDefinition) -> dg.SensorDefinition:
    """The sensor `missed_months`."""

    @dg.sensor(
        name=MISSED,
        job_name=MATERIALIZE_MONTH,
        minimum_interval_seconds=300,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Makes up for months whose 1st was missed, the machine being off, or whose scheduled run failed.",
    )
    @confidential
    def missed_months(context: dg.SensorEvaluationContext, home: HomeResource) -> Iterator[dg.RunRequest | dg.SkipReason]:
        try:
            due = owed(home.home, context.instance, home.moment - GRACE)
            found = list(requests(home.home, context.instance, months.get_partition_keys(), due, late=False)) if due else []
        except CasualtyError as problem:
            yield dg.SkipReason(may_be_told(problem))
            return
        if not due:
            yield dg.SkipReason("every month that is due is there")
        elif not found:
            yield dg.SkipReason(f"a run is at work on {', '.join(due)}")
        yield from found

    return missed_months
