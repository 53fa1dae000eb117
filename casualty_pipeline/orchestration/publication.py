"""Publishing through Dagster: the job that publishes a month, and the sensor that asks for it where a home wants that.

What may be published and what an edition holds is for `editions`; here is only when it is asked for, and what the UI shows.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from casualty_pipeline.captures.inbox import inbox_waits
from casualty_pipeline.captures.intake import unread_captures
from casualty_pipeline.editions.publishing import publish
from casualty_pipeline.editions.restating import ADDRESS
from casualty_pipeline.editions.shelf import editions
from casualty_pipeline.editions.tables import record_editions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.months import months_between
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.confidential import confidential, failure_of, may_be_told
from casualty_pipeline.orchestration.due import asked_months
from casualty_pipeline.orchestration.metadata import POOL
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.orchestration.sensors import run_key
from casualty_pipeline.reporting.publications.editions import write_index
from casualty_pipeline.status import months_status

PUBLISH_MONTH = "publish_month"


def build_publication(months: dg.PartitionsDefinition[str]) -> tuple[dg.JobDefinition, dg.SensorDefinition]:
    """The job `publish_month` and the sensor `publications`."""

    @dg.op(pool=POOL, description="Checks the month as it is known now, then publishes its next edition, for ever.")
    @confidential
    def publish_edition(context: dg.OpExecutionContext, home: HomeResource) -> None:
        month = context.partition_key
        refused: CasualtyError | None = None
        try:
            done = publish(home.home, month, None, context.log.info)
        except CasualtyError as problem:
            refused = problem
        if refused is not None:  # outside of the handler: the cause must not go along as context
            raise failure_of(refused, Path(home.path), f"{month} was not published: ")
        if done.refusals:
            sentences = "\n".join(f"- {sentence}" for sentence in done.refusals)
            raise dg.Failure(
                f"{month} was not published: its figures contradict each other ({len(done.refusals)} contradictions)",
                metadata={"refusals": dg.MetadataValue.md(sentences)},
                allow_retries=False,
            )
        record_editions(home.home)
        write_index(home.home)
        edition = done.edition or done.standing
        if edition is None:  # only a dry run leaves none
            raise dg.Failure(f"{month} was not published, without a reason", allow_retries=False)
        context.add_output_metadata(
            {
                "edition": edition.number,
                "new": done.edition is not None,
                "as_of": f"{edition.manifest.as_of.isoformat()}Z",
                "folder": dg.MetadataValue.path(edition.folder),
                "figures_changed": done.restatement.select(ADDRESS).unique().height,
                "causes": done.restatement.select("cause", "cause_id").unique().height,
            }
        )

    @dg.job(
        name=PUBLISH_MONTH,
        partitions_def=months,
        executor_def=dg.in_process_executor,
        description="Publishes a month: its next edition, if anything changed since the one before. Never undone.",
    )
    def publish_month() -> None:
        publish_edition()

    @dg.sensor(
        name="publications",
        job=publish_month,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Publishes months that the schedule materialised, where `on_schedule` of [publication] asks for it.",
    )
    @confidential
    def publications(context: dg.SensorEvaluationContext, home: HomeResource) -> Iterator[dg.RunRequest | dg.SkipReason]:
        try:
            due, why_not = months_due(home.home, context.instance, home.moment)
        except CasualtyError as problem:
            due, why_not = [], may_be_told(problem)
        if not due:
            yield dg.SkipReason(why_not)
        for month in due:
            state = f"publish-{month}"
            yield dg.RunRequest(
                run_key=run_key(context.instance, state), partition_key=month, tags={"why": "publication", "state": state}
            )

    return publish_month, publications


def months_due(home: Home, instance: dg.DagsterInstance, now: datetime) -> tuple[list[str], str]:
    """The months to publish, and why none, where there is none.

    Since the first month that the schedule asked for, each that is over, current (its report written, after every check
    that blocks) and has no edition yet: also one whose scheduled run failed and was made good, or was never asked for
    because the machine was off. Later editions are for people to publish.
    """
    if not home.publishes_on_schedule:
        return [], "casualty.toml doesn't say `on_schedule = true` in [publication]"
    scheduled = asked_months(instance)
    if not scheduled:
        return [], "the schedule has asked for no month yet"
    if inbox_waits(home) or unread_captures(home):
        return [], "something in the inbox or the archive was not read yet"
    known = {s.month: s.current for s in months_status(home)}
    running = _month_of(now, home)
    wanted = [m for m in months_between(min(scheduled), max(running, *scheduled)) if m < running and m in known]
    open_ = [m for m in wanted if not editions(home, m)]
    due = [m for m in open_ if known[m]]
    if open_ and not due:
        return [], f"not current yet: {', '.join(open_)} (`casualty status` says why)"
    return due, "every month that is due is published"


def _month_of(now: datetime, home: Home) -> str:
    return f"{now.astimezone(ZoneInfo(home.profile.timezone)):%Y-%m}"
