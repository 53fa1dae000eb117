"""The command `failures`: the rows that break a check."""

import json
import sys
from datetime import datetime

import click

from casualty_pipeline.console import FINDING, answering, home_option, say, table
from casualty_pipeline.home import Home


@click.command()
@click.option("--stage", default="", metavar="STAGE", help="Only this stage, for example cleaned.")
@click.option("--month", default="", metavar="YYYY-MM", help="Only this month.")
@click.option("--check", default="", metavar="CHECK", help="Only this check, for example persons_is_in_range.")
@click.option("--all", "closed", is_flag=True, help="Also those that a later run found no more.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@home_option
@answering
def failures(stage: str, month: str, check: str, closed: bool, form: str, home: Home) -> None:
    """The rows that break a check: which check, which month, which row, and what was expected. By key, without names.

    `refused` says that a month was not replaced: its tables hold the rows of before. Exit 1 while rows of a check that
    blocks are open; a run that finds them no more closes them.

    \b
    Examples:
      casualty failures
      casualty failures --stage cleaned --month 2020-02
      casualty failures --check persons_is_in_range --all --format csv > failures.csv
    """
    from casualty_pipeline.quality.listing import failures as failing_rows

    found = failing_rows(home, stage, month, check, closed)
    if form == "csv":
        click.echo(found.write_csv(), nl=False)
    elif form == "json":
        click.echo(json.dumps(found.to_dicts(), ensure_ascii=False, indent=1, default=str))
    elif found.height:
        shown = found if closed else found.drop("closed_at", "closed_by")
        cells = ([str(c)[:19] if isinstance(c, datetime) else "" if c is None else c for c in row] for row in shown.rows())
        table(shown.columns, cells)
    else:
        say("no row breaks a check" if not closed else "no row ever broke a check")
    if found.filter(found["blocking"] & found["closed_at"].is_null()).height:
        sys.exit(FINDING)
