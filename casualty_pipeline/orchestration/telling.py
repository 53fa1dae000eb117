"""Telling people through Dagster: the sensor `alerts`, and the schedule and the job of the weekly digest."""

from datetime import datetime, timedelta

import dagster as dg

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.confidential import confidential
from casualty_pipeline.orchestration.failures import new_failures
from casualty_pipeline.orchestration.metadata import POOL
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.watching.digest import digest_of
from casualty_pipeline.watching.outbox import Alert, Outbox, Sending, moment
from casualty_pipeline.watching.settings import channels_of

ALERTS, DIGEST, SEND_DIGEST = "alerts", "weekly_digest", "send_digest"
WEEK, LONGEST = timedelta(days=7), timedelta(days=60)


def told(done: list[tuple[Alert, str, Sending]]) -> list[str]:
    """What came of sending, a sentence each."""
    return [
        f"{alert.id}: told by {name}"
        if after.sent_at
        else f"{alert.id}: not told by {name}: {after.problem}; "
        + ("given up" if after.given_up else f"again at {after.next_at}")
        for alert, name, after in done
    ]


def put_digest(home: Home, now: datetime) -> Alert:
    """The digest since the last one (a week, where there was none) as an alert in the outbox: one for each week."""
    outbox = Outbox(home)
    earlier = [a for a in outbox.alerts() if a.kind == "digest"]
    this = f"digest-{now:%G-W%V}"
    if outbox.has(this):
        return next(a for a in earlier if a.id == this)
    last = max((datetime.fromisoformat(a.at) for a in earlier), default=now - WEEK)
    found = digest_of(home, max(last, now - LONGEST), now)
    alert = Alert(this, "digest", moment(now), found.subject, found.as_text(), tuple(str(s["month"]) for s in found.stale))
    outbox.put(alert)
    return alert


def build_telling(timezone: str) -> tuple[dg.SensorDefinition, dg.ScheduleDefinition, dg.JobDefinition]:
    """The sensor `alerts`, the schedule `weekly_digest` and its job."""

    @dg.sensor(
        name=ALERTS,
        target=None,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of each failure once, by the channels of [alerts] in casualty.toml; again where one is down.",
    )
    @confidential
    def alerts(context: dg.SensorEvaluationContext, home: HomeResource) -> dg.SkipReason:
        outbox = Outbox(home.home)
        try:
            found = new_failures(home.home, context.instance, home.moment, keep=not home.dry_run)
            channels = channels_of(home.home)
            if home.dry_run:
                waiting = [f"{alert.id} by {name}" for alert, name in outbox.waiting(channels)]
                new = [f"{alert.id} by {' and '.join(channels.names)}" for alert in found]
                return dg.SkipReason("would tell: " + "; ".join([*new, *waiting]) if new or waiting else "nothing to tell")
            done = told(outbox.send(channels, home.moment))
        except CasualtyError as problem:
            return dg.SkipReason(str(problem))
        return dg.SkipReason("; ".join(done) if done else "nothing to tell")

    @dg.op(pool=POOL, name="digest_of_the_week", description="Writes the digest since the last one, and sends it.")
    @confidential
    def send(context: dg.OpExecutionContext, home: HomeResource) -> None:
        try:
            alert = put_digest(home.home, home.moment)
            done = told(Outbox(home.home).send(channels_of(home.home), home.moment))
        except CasualtyError as problem:
            raise dg.Failure(f"the digest was not written: {problem}", allow_retries=False) from None
        context.log.info("; ".join(done) or "nothing to send")
        context.add_output_metadata({"digest": dg.MetadataValue.text(alert.text)})

    @dg.job(name=SEND_DIGEST, executor_def=dg.in_process_executor, description="Sends the digest of the week, once.")
    def send_digest() -> None:
        send()

    @dg.schedule(
        name=DIGEST,
        job=send_digest,
        cron_schedule="0 7 * * 1",
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="On Mondays at 07:00: what came in, what is open, stale, published, what failed since the last digest.",
    )
    @confidential
    def weekly_digest(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(run_key=f"digest-{context.scheduled_execution_time:%G-W%V}", tags={"why": "digest"})

    return alerts, weekly_digest, send_digest
