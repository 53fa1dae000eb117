"""Commands of whoever runs the platform: init, migrate, prune, health. What they do is elsewhere."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from casualty_pipeline.console import FINDING, answering, home_option, in_turn, say, table
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import DAGSTER_YAML, STORAGE, STORAGES, Home, dagster_yaml
from casualty_pipeline.loading import loading
from casualty_pipeline.turns import Turn


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say which steps would be taken.")
@home_option
@answering
@in_turn(Turn.FIGURES)
def migrate(dry_run: bool, home: Home) -> None:
    """Bring the warehouse of an older version to the present tables: a verified backup first, then step by step.

    Archive, decisions and editions are not touched. A warehouse of a newer version is refused. Where there is no way from
    the tables that are found, move the warehouse away: the next run rebuilds it from the archive.

    \b
    Examples:
      casualty migrate --dry-run
      casualty migrate
    """
    from casualty_pipeline.migrating import migrate as upgrade

    done = upgrade(home, say, dry_run=dry_run)
    if not done.steps:
        say(f"the warehouse holds version {done.after} of the tables already: nothing to do")
        return
    if dry_run:
        for step in done.steps:
            click.echo(f"version {step.to}: {step.told}")
        say(f"dry run: {len(done.steps)} steps from version {done.before} to {done.after}; nothing was written")
        return
    click.echo(done.backup)
    say(f"the warehouse holds version {done.after} of the tables now; next: `casualty status`, then `casualty run`")


@click.command()
@click.option(
    "--storage",
    envvar=STORAGE,
    type=click.Choice(STORAGES),
    default=None,
    help=f"Where Dagster keeps its books; else as {STORAGE} says, else as it is, sqlite in a new home.",
)
@home_option
@answering
@in_turn(Turn.FIGURES)
def init(storage: str | None, home: Home) -> None:
    """Make a home, or change where its Dagster keeps runs and events: in files of the home, or in PostgreSQL.

    The address of PostgreSQL, with the password, is read from CASUALTY_POSTGRES_URL and stands in no file. What was kept in
    the storage before stays there and is no longer seen; figures, decisions and editions aren't in it. A dagster.yaml that
    somebody edited is not overwritten: exit 1.

    \b
    Examples:
      casualty init --home /var/lib/casualty --storage postgres
      casualty init --storage sqlite
    """
    settings = home.dagster / DAGSTER_YAML
    home.prepare()
    found = settings.read_text(encoding="utf-8")
    written = {kind: dagster_yaml(kind) for kind in STORAGES}
    if storage is not None and found != written[storage]:
        if found not in written.values():
            beside = home.dagster / f"dagster.{storage}.yaml"
            beside.write_text(written[storage], encoding="utf-8")
            click.echo(beside)
            say(f"{settings} was edited, or written by another version: it stays. Bring the two together by hand")
            sys.exit(FINDING)
        home.keep_books_in(storage)
    click.echo(settings)


@click.command()
@click.option(
    "--older-than", "days", type=click.IntRange(min=1), default=400, show_default=True, metavar="DAYS", help="Age of runs."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@home_option
@answering
@in_turn(Turn.FIGURES)
def prune(days: int, dry_run: bool, home: Home) -> None:
    """Delete Dagster's old runs, with their events and logs. No capture, decision, figure or edition is touched.

    A run stays, however old, while it is the newest of some month of some asset, or was asked for by the schedule: of those
    the logs alone go. The ids of the runs that go are on standard output.

    \b
    Examples:
      casualty prune --dry-run
      casualty prune --older-than 90
    """
    with loading():
        from casualty_pipeline.orchestration.instance import open_instance
        from casualty_pipeline.orchestration.pruning import prune as forget

    if not home.dagster.is_dir():
        raise CasualtyError(f"no Dagster at {home.dagster}: say which home with --home or CASUALTY_HOME")
    with open_instance(home) as instance:
        done = forget(instance, home.dagster, datetime.now(UTC) - timedelta(days=days), say, dry_run=dry_run)
    for run in done.runs:
        click.echo(run)
    verb = "would go" if dry_run else "are gone"
    say(f"{len(done.runs)} runs older than {days} days {verb}, and the logs of {len(done.logs)} more")
    if done.kept:
        say(f"{len(done.kept)} older ones stay: they are the newest of some month, or the schedule's")


@click.command()
@click.option("--webserver", metavar="URL", help="Also ask the webserver, for example http://127.0.0.1:3000.")
@click.option(
    "--tolerance",
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="A daemon without a heartbeat for so long is dead.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@home_option
@answering
def health(webserver: str | None, tolerance: int, form: str, home: Home) -> None:
    """Whether the installation is well: warehouse, Dagster's storage, daemons, webserver. Exit 1 where one part isn't.

    \b
    Examples:
      casualty health
      casualty health --webserver http://127.0.0.1:3000 --format json
    """
    with loading():
        from casualty_pipeline.orchestration.health import health as ask

    parts = ask(home, webserver, tolerance)
    if form == "json":
        click.echo(json.dumps([asdict(part) for part in parts], ensure_ascii=False, indent=1))
    else:
        table(["part", "state", "found"], [(p.name, "well" if p.well else "UNWELL", p.told) for p in parts])
    if not all(part.well for part in parts):
        sys.exit(FINDING)
