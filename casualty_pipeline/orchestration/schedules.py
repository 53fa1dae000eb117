"""The monthly schedule: on the 1st, for the month before."""

import dagster as dg

from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.jobs import MATERIALIZE_MONTH


def build_schedules(months: dg.MonthlyPartitionsDefinition) -> list[dg.ScheduleDefinition]:
    """On the 1st of each month at 06:00 in the profile's timezone, for the month before.

    Not built from the partitioned job: its partitions include the running month, which on the 1st has only begun.
    """

    @dg.schedule(
        name="monthly",
        job_name=MATERIALIZE_MONTH,
        cron_schedule="0 6 1 * *",
        execution_timezone=str(months.timezone),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="On the 1st at 06:00, materialises the month before: every stage, every check.",
    )
    @confidential
    def monthly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        today = context.scheduled_execution_time
        month = f"{today.year - 1}-12" if today.month == 1 else f"{today.year}-{today.month - 1:02d}"
        return dg.RunRequest(run_key=month, partition_key=month, tags={"why": "schedule"})

    return [monthly]
