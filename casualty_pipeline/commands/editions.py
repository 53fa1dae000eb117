"""Commands on editions: publish, editions, diff, rebuild, why."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from casualty_pipeline.captures.custody import moment_of
from casualty_pipeline.console import FINDING, answering, home_option, in_turn, role_option, say, table
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.turns import Turn

_MOST_CAUSES = 3  # in a line of the table; all are in the CSV


def instant(text: str | None, option: str = "--as-of") -> datetime | None:
    """A moment of the command line in UTC, without its zone. Raises CasualtyError naming what was typed."""
    return None if text is None else moment_of(text, option).astimezone(UTC).replace(tzinfo=None)


@click.command()
@click.option("--month", required=True, metavar="YYYY-MM", help="The month to publish.")
@click.option("--as-of", metavar="T", help="Publish what was known at that moment, ISO 8601 (UTC unless it says otherwise).")
@click.option("--dry-run", is_flag=True, help="Check, and say what would change; publish nothing.")
@home_option
@answering
@in_turn(Turn.FIGURES)
def publish(month: str, as_of: str | None, dry_run: bool, home: Home) -> None:
    """Check a month, then publish its next edition, for ever: files, hashes, and what changed since the edition before.

    Refused (exit 1) where figures contradict each other, or a page prints another number than they say. Where nothing
    changed, nothing is published. The folder of the edition is on standard output. Editions are signed where
    CASUALTY_SIGNING_KEY, or signing_key in the table [publication] of casualty.toml, names an Ed25519 private key.

    \b
    Examples:
      casualty publish --month 2020-03 --dry-run
      casualty publish --month 2020-03
      casualty publish --month 2020-03 --as-of 2020-04-01T06:00:00Z
    """
    from casualty_pipeline.captures.inbox import inbox_waits
    from casualty_pipeline.captures.intake import unread_captures
    from casualty_pipeline.editions.publishing import publish as publish_month
    from casualty_pipeline.editions.tables import record_editions
    from casualty_pipeline.reporting.publications.editions import write_index

    unread = len(unread_captures(home)) + len(inbox_waits(home))
    if unread:
        say(f"warning: {unread} captures weren't read yet and aren't part of it (`casualty run --month {month}` reads them)")
    done = publish_month(home, month, instant(as_of), say, dry_run=dry_run)
    for sentence in done.refusals:
        say(f"casualty: {sentence}")
    if done.refusals:
        say(f"{month} was not published: {len(done.refusals)} findings. Nothing is corrected by itself (C1): find the")
        say("records behind these figures with `casualty trace FIGURE`, decide, run the month, and publish again")
        sys.exit(FINDING)
    if not dry_run and (done.edition or done.standing) is not None:  # also where a killed one had come no further
        record_editions(home)
        write_index(home, say)
    if done.edition is not None:
        click.echo(done.edition.folder)
        say(f"edition {done.edition.number} of {month}, as of {done.edition.manifest.as_of.isoformat()}Z")
    elif done.standing is not None:
        click.echo(done.standing.folder)
        say(f"nothing changed since edition {done.standing.number} of {month}: nothing was published")
    else:
        say(f"dry run: {month} can be published; nothing was written")
    if done.restatement.height:
        _show_changes(done.restatement.to_dicts())


@click.command()
@click.option("--month", metavar="YYYY-MM", help="Only of that month.")
@click.option(
    "--verify", is_flag=True, help="Prove every file, the chain and the signatures: exit 1 where one doesn't hold."
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@home_option
@answering
def editions(month: str | None, verify: bool, form: str, home: Home) -> None:
    """The published editions: when each was published, as of when, how many figures it changed.

    \b
    Examples:
      casualty editions
      casualty editions --month 2020-03 --format json
      casualty editions --verify
    """
    from casualty_pipeline.editions.shelf import editions as shelf
    from casualty_pipeline.editions.shelf import faults, summary

    found = [summary(one) for one in shelf(home, month)]
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        columns = ("month", "edition", "as_of", "published_at", "methodology", "figures_changed", "signed", "manifest")
        table(columns, [[str(row[c])[:19] for c in columns] for row in found])
    if not found:
        say("nothing was published yet: `casualty publish --month YYYY-MM`")
    wrong = faults(home) if verify else []
    for sentence in wrong:
        say(f"casualty: {sentence}")
    if verify and not wrong:
        noun = "edition" if len(found) == 1 else "editions"
        say(f"{len(found)} {noun}: every file is as it was published, and the chain holds")
    if wrong:
        sys.exit(FINDING)


@click.command()
@click.option("--month", required=True, metavar="YYYY-MM", help="The month.")
@click.option("--from", "first", type=int, metavar="N", help="The earlier edition. Default: the newest but one.")
@click.option("--to", "last", type=int, metavar="N", help="The later edition. Default: the newest.")
@click.option("--now", is_flag=True, help="Against what would be published today, in the place of --to.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@home_option
@answering
def diff(month: str, first: int | None, last: int | None, now: bool, form: str, home: Home) -> None:
    """What changed between two editions of a month, and which decisions, captures or changes of method changed it.

    Every cause of a figure stands with its share, in the order in which it became known; the shares add up to the
    difference. Exit 1 where something changed.

    \b
    Examples:
      casualty diff --month 2020-03 --from 1 --to 2
      casualty diff --month 2020-03 --now --format csv
    """
    from casualty_pipeline.editions.composing import restatement_csv
    from casualty_pipeline.editions.differences import between, since

    if now and last is not None:
        raise CasualtyError("--now stands in the place of --to: give one of them")
    found = since(home, month, first, say) if now else between(home, month, first, last)
    rows = found.changes.to_dicts()
    if form == "csv":
        click.echo(restatement_csv(found.changes), nl=False)
    elif form == "json":
        click.echo(json.dumps(_nested(rows), ensure_ascii=False, indent=1, default=str))
    else:
        _show_changes(rows)
    say(f"{month}: {found.told}: {len(_nested(rows))} figures changed")
    if rows:
        sys.exit(FINDING)


@click.command()
@click.option("--month", required=True, metavar="YYYY-MM", help="The month.")
@click.option("--edition", "number", required=True, type=int, metavar="N", help="Its edition.")
@click.option("--into", type=click.Path(path_type=Path), metavar="DIR", help="Write the rebuilt files there, too.")
@click.option("--anyway", is_flag=True, help="Try even if the program or its settings aren't as they were.")
@home_option
@answering
def rebuild(month: str, number: int, into: Path | None, anyway: bool, home: Home) -> None:
    """Make an edition again from the archive alone, in an empty home, and compare every byte with what was published.

    The warehouse isn't used. Where the program has changed since, it says which version is needed: exit 1.

    \b
    Examples:
      casualty rebuild --month 2020-03 --edition 1
      casualty rebuild --month 2020-03 --edition 1 --into /tmp/again
    """
    from casualty_pipeline.editions.rebuilding import rebuild as rebuild_edition
    from casualty_pipeline.editions.shelf import edition

    done = rebuild_edition(home, edition(home, month, number), say, into, anyway)
    for sentence in done.needs:
        say(f"casualty: {sentence}")
    if not done.rebuilt:
        say("this is another version than the one that published the edition: install that one and rebuild with it, or see")
        say("what comes out here with --anyway")
    elif done.same:
        say(f"edition {number} of {month}: {len(done.edition.manifest.files) + 1} files, every byte as published")
    else:
        for path in done.unlike:
            click.echo(path)
        say(f"casualty: {len(done.unlike)} files came out differently")
    if not done.same:
        sys.exit(FINDING)


@click.command()
@click.argument("victim", metavar="VICTIM")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@role_option
@home_option
@answering
def why(victim: str, form: str, role: str, home: Home) -> None:
    """Why this person is counted, or not: in which month, under which party, since when, and what was said before.

    VICTIM is any id that the victim ever had (V-...). The output names people, and quotes the reasons of decisions: it is
    for the role confidential.

    \b
    Example:
      casualty why V-v3svj3mnw736
    """
    from casualty_pipeline.captures.archive import Archive
    from casualty_pipeline.captures.sight import sight_of
    from casualty_pipeline.editions.why import why as reasons

    sight_of(Archive(home.archive), role).only_all(victim)
    found = reasons(home, victim)
    click.echo(
        json.dumps(found, ensure_ascii=False, indent=1, default=str) if form == "json" else "\n".join(found["sentences"])
    )


def _nested(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a restatement, one for each figure with its causes in it."""
    from casualty_pipeline.editions.restating import ADDRESS
    from casualty_pipeline.figures.address import Address

    figures: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        address = tuple(row[name] for name in ADDRESS)
        one = figures.setdefault(
            address, {"figure": str(Address(*address)), "before": row["before"], "after": row["after"], "causes": []}
        )
        one["causes"].append({name: row[name] for name in ("cause", "cause_id", "known_at", "share")})
    return list(figures.values())


def _show_changes(rows: Sequence[dict[str, Any]]) -> None:
    shown = []
    for one in _nested(rows):
        told = [f"{c['cause']} {c['cause_id'][:20]} {c['share']:+g}" for c in one["causes"]]
        more = f"; {len(told) - _MOST_CAUSES} more" if len(told) > _MOST_CAUSES else ""
        shown.append((one["figure"], f"{one['before']:g}", f"{one['after']:g}", "; ".join(told[:_MOST_CAUSES]) + more))
    table(["figure", "before", "after", "causes"], shown)
