"""Commands that watch a home: alerts, digest, tick, costs, doctor."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from casualty_pipeline.commands.editions import instant
from casualty_pipeline.console import FINDING, answering, home_option, say, table
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.loading import loading

_form = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@contextmanager
def _instance(home: Home) -> Iterator[Any]:
    with loading():
        from casualty_pipeline.orchestration.instance import open_instance
    home.prepare()
    with open_instance(home) as instance:
        yield instance


def _moment(text: str | None, option: str, otherwise: datetime) -> datetime:
    found = instant(text, option)
    return otherwise if found is None else found.replace(tzinfo=UTC)


def _existing(home: Home) -> Home:
    if not home.path.is_dir():
        raise CasualtyError(f"no home at {home.path}: say which with --home or CASUALTY_HOME")
    return home


@click.group(invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Only say what would be told, and by which channel.")
@home_option
@click.pass_context
@answering
def alerts(ctx: click.Context, dry_run: bool, home: Home) -> None:
    """Tell now what failed and wasn't told yet, by the channels of [alerts] in casualty.toml (docs/watching.md).

    The sensor `alerts` does the same every minute. Each failure is told once; months, stages and rules are named, no person.
    Exit 1: a channel didn't take one; it is tried again.

    \b
    Examples:
      casualty alerts --dry-run
      casualty alerts test
      casualty alerts list --format json
    """
    if ctx.invoked_subcommand is not None:
        ctx.obj = home
        return
    with _instance(_existing(home)) as instance:
        from casualty_pipeline.orchestration.failures import new_failures
        from casualty_pipeline.orchestration.telling import told
        from casualty_pipeline.watching.outbox import Outbox
        from casualty_pipeline.watching.settings import channels_of

        now, channels, outbox = datetime.now(UTC), channels_of(home), Outbox(home)
        found = new_failures(home, instance, now, keep=not dry_run)
        if dry_run:
            for alert in found:
                click.echo(f"{alert.id}  {' and '.join(channels.names)}  {alert.subject}")
            for alert, name in outbox.waiting(channels):
                click.echo(f"{alert.id}  {name}  {alert.subject}")
            say("dry run: nothing was told")
            return
        done = outbox.send(channels, now)
    for line in told(done):
        click.echo(line)
    if not done:
        say("nothing to tell")
    if any(not after.sent_at for _, _, after in done):
        sys.exit(FINDING)


@alerts.command("test")
@click.option("--home", "own", metavar="DIR", help="The home to work on.")
@click.pass_context
@answering
def alerts_test(ctx: click.Context, own: str | None) -> None:
    """Send a test by every channel now, and say which took it. Exit 1 where one didn't.

    \b
    Example:
      casualty alerts test
    """
    from casualty_pipeline.watching.delivering import UndeliveredError, deliver
    from casualty_pipeline.watching.outbox import Alert, moment
    from casualty_pipeline.watching.settings import channels_of

    home = _existing(_home_of(ctx, own))
    now = datetime.now(UTC)
    text = "This is a test, asked for by a person. Nothing failed, and there is nothing to do.\n"
    alert = Alert(f"test-{now:%Y%m%dT%H%M%S%f}", "test", moment(now), "Casualty records: a test of alerts", text)
    failed = False
    channels = channels_of(home)
    for name in channels.names:
        try:
            deliver(home, channels, name, alert.told())
            click.echo(f"{name}: took it")
        except UndeliveredError as problem:
            failed = True
            click.echo(f"{name}: {problem}")
    if failed:
        sys.exit(FINDING)


@alerts.command("list")
@click.option("--home", "own", metavar="DIR", help="The home to work on.")
@_form
@click.pass_context
@answering
def alerts_list(ctx: click.Context, own: str | None, form: str) -> None:
    """What was told, when, by which channel, and what waits.

    \b
    Example:
      casualty alerts list --format json
    """
    from casualty_pipeline.watching.outbox import Outbox

    found = Outbox(_existing(_home_of(ctx, own))).alerts()
    if form == "json":
        click.echo(json.dumps([asdict(alert) for alert in found], ensure_ascii=False, indent=1))
        return
    for alert in found:
        states = ", ".join(
            f"{name}: {'told' if s.sent_at else 'given up' if s.given_up else 'waits'}" for name, s in alert.sending.items()
        )
        click.echo(f"{alert.at[:16]}  {alert.id}  {alert.subject}  ({states or 'waits'})")
    if not found:
        say("nothing was ever told")


def _home_of(ctx: click.Context, own: str | None) -> Home:
    from casualty_pipeline.home import find_home

    given: Home = ctx.obj
    return find_home(own, None) if own is not None else given


@click.command()
@click.option("--since", metavar="T", help="From then on, ISO 8601 (UTC unless it says otherwise). Default: a week ago.")
@_form
@home_option
@answering
def digest(since: str | None, form: str, home: Home) -> None:
    """What came in, what is open in review, what is stale, what was published, what failed. Only numbers, no names.

    The schedule `weekly_digest` sends it every Monday.

    \b
    Examples:
      casualty digest
      casualty digest --since 2026-11-01 --format json
    """
    from casualty_pipeline.watching.digest import digest_of

    now = datetime.now(UTC)
    found = digest_of(_existing(home), _moment(since, "--since", now - timedelta(days=7)), now)
    click.echo(
        json.dumps(found.as_json(), ensure_ascii=False, indent=1) if form == "json" else found.as_text(), nl=form == "json"
    )


@click.command()
@click.argument("name", metavar="[SCHEDULE | SENSOR]", required=False)
@click.option("--at", metavar="T", help="As if it were then, ISO 8601 (UTC unless it says otherwise). Default: now.")
@click.option("--launch", is_flag=True, help="Run what it asks for, here and now; send what it would send.")
@_form
@home_option
@answering
def tick(name: str | None, at: str | None, launch: bool, form: str, home: Home) -> None:
    """Evaluate a schedule or a sensor once, without waiting for it: which runs would it ask for, and why?

    Without NAME, their names. Without --launch nothing runs and nothing is sent. What was launched so isn't asked for again
    by the daemon. Exit 1: a run failed.

    \b
    Examples:
      casualty tick
      casualty tick monthly --at 2026-12-01T03:00:00Z
      casualty tick missed_months --launch
      casualty tick alerts
    """
    with loading():
        from casualty_pipeline.orchestration import ticking

    _existing(home)
    if name is None:
        for known in ticking.names(home):
            click.echo(known)
        return
    when = _moment(at, "--at", datetime.now(UTC))
    made = ticking.tick(home, name, when, launch, say)
    if form == "json":
        click.echo(json.dumps(asdict(made), ensure_ascii=False, indent=1))
    else:
        for one in made.asked:
            first, last = (one.tags.get(f"dagster/asset_partition_range_{end}", one.partition) for end in ("start", "end"))
            months = f" for {first}{f' to {last}' if last != first else ''}" if first else ""
            why = "; ".join(filter(None, (one.tags.get("why"), one.tags.get("reasons"))))
            click.echo(f"{one.job}{months}: {one.outcome} ({why}; key {one.run_key})")
        if made.skipped:
            click.echo(f"{made.name} asks for nothing: {made.skipped}")
    if made.failed:
        sys.exit(FINDING)


@click.command()
@click.option("--since", metavar="T", help="Only what ended since then, ISO 8601. Default: everything that is kept.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with charts over time."
)
@home_option
@answering
def costs(since: str | None, form: str, html: Path | None, home: Home) -> None:
    """What runs cost: seconds, CPU, rows and peak memory of each step of each run.

    \b
    Examples:
      casualty costs --since 2026-11-01
      casualty costs --html costs.html
    """
    from casualty_pipeline.watching import costs_page
    from casualty_pipeline.watching.costs import Cost
    from casualty_pipeline.watching.costs import costs as kept

    found = kept(_existing(home), _moment(since, "--since", datetime.now(UTC)) if since is not None else None)
    if html is not None:
        try:
            html.write_text(costs_page.page(found), encoding="utf-8")
        except OSError as problem:
            raise CasualtyError(f"can't write {html}: {problem.strerror}") from None
        click.echo(html)
    elif form == "json":
        click.echo(json.dumps([asdict(cost) for cost in found], indent=1))
    elif form == "csv":
        click.echo(",".join(Cost.__dataclass_fields__))
        for cost in found:
            click.echo(",".join(str(value) for value in asdict(cost).values()))
    else:
        table(costs_page.HEADER, costs_page.rows(found))
    if not found:
        say("no run was measured yet: `casualty run --month YYYY-MM`")


@click.command()
@_form
@home_option
@answering
def doctor(form: str, home: Home) -> None:
    """Look at everything that a home needs, and say in sentences what is well, what isn't and what to do. Changes nothing.

    Exit 0: all is fine; 1: there are warnings; 2: something is broken. Needs no network.

    \b
    Examples:
      casualty doctor
      casualty doctor --format json
    """
    from casualty_pipeline.watching.doctor import examine, worst

    now = datetime.now(UTC)
    answers = list(examine(home, now))
    if home.path.is_dir():
        with loading():
            from casualty_pipeline.orchestration.checkup import examine_dagster
        answers += examine_dagster(home, now)
    if form == "json":
        click.echo(json.dumps([asdict(answer) for answer in answers], ensure_ascii=False, indent=1))
    else:
        for answer in answers:
            click.echo(f"{answer.level:<8}{answer.subject}: {answer.sentence}{f' {answer.advice}' if answer.advice else ''}")
    if code := worst(answers):
        sys.exit(code)
