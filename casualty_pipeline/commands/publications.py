"""Commands that make publications: bulletin, report, dossier, un-form, index. Publishing a month is in `editions.py`."""

from collections.abc import Mapping
from pathlib import Path

import click

from casualty_pipeline.console import answering, home_option, in_turn, say
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.turns import Turn

_out = click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write there.")


@click.command()
@click.option("--day", required=True, metavar="YYYY-MM-DD", help="The day of documentation.")
@_out
@home_option
@answering
def bulletin(day: str, out: Path | None, home: Home) -> None:
    """The daily bulletin: deaths documented on a day, by party and governorate; pages, PDF and figures. No names.

    \b
    Examples:
      casualty bulletin --day 2020-03-05
      casualty bulletin --day 2020-03-05 --out /tmp/bulletin
    """
    from casualty_pipeline.reporting.publications.bulletin import bulletin as make
    from casualty_pipeline.reporting.publications.computing import day_of

    asked = day_of(day, home.profile)
    _written(out or home.reports / "bulletins" / day, make(home, asked))


@click.command()
@click.option("--period", required=True, metavar="PERIOD", help="A year or half of one: 2020, 2020-H1, 2020-H2.")
@_out
@home_option
@answering
def report(period: str, out: Path | None, home: Home) -> None:
    """The report of a year or half a year, from its months; those that weren't run are named. No names of victims.

    \b
    Examples:
      casualty report --period 2020
      casualty report --period 2020-H1 --out /tmp/half-year
    """
    from casualty_pipeline.reporting.publications.period import period_report

    _written(out or home.reports / period, period_report(home, period))


@click.command()
@click.argument("incident", metavar="INCIDENT")
@click.option("--confidential", is_flag=True, help="With names, statements and reasons. Only you can read the files.")
@_out
@home_option
@answering
def dossier(incident: str, confidential: bool, out: Path | None, home: Home) -> None:
    """The dossier of an incident (I-...): timeline, map, victims, sources, attribution, decisions. By default without names.

    \b
    Examples:
      casualty dossier I-glokdvtojdwu
      casualty dossier I-glokdvtojdwu --confidential --out /tmp/dossier
    """
    from casualty_pipeline.reporting.publications.dossier import dossier as make

    contents = make(home, incident, confidential=confidential)
    parts = ("confidential", "dossiers", incident) if confidential else ("dossiers", incident)
    _written(out or home.reports.joinpath(*parts), contents, private=confidential)


@click.command("un-form")
@click.argument("victim", metavar="VICTIM")
@click.option("--lang", "language", default="en", show_default=True, metavar="LANG", help="Of --out: en or ar.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Only this file: .pdf or .html."
)
@home_option
@answering
def un_form(victim: str, language: str, out: Path | None, home: Home) -> None:
    """The form for the UN Special Rapporteur on extrajudicial executions, of one victim (V-...).

    Items that somebody marked confidential are left out. The form names a person: only you can read it.

    \b
    Examples:
      casualty un-form V-v3svj3mnw736
      casualty un-form V-v3svj3mnw736 --lang ar --out form.pdf
    """
    from casualty_pipeline.reporting.publications.pages import write_files
    from casualty_pipeline.reporting.publications.un_form import un_form as make

    if out is not None and out.suffix not in {".pdf", ".html"}:
        raise CasualtyError(f"--out {out}: expected a file whose name ends in .pdf or .html")
    if language not in home.profile.languages:
        raise CasualtyError(f"--lang {language}: expected one of {', '.join(home.profile.languages)}")
    contents = make(home, victim)
    if out is None:
        _written(home.reports / "confidential" / "un-forms" / victim, contents, private=True)
        return
    for path in write_files(out.parent, {out.name: contents[f"un-form.{language}{out.suffix}"]}, private=True):
        click.echo(path)
    say("CONFIDENTIAL: it names a person. Only you can read it.")


@click.command()
@home_option
@answering
@in_turn(Turn.FIGURES)
def index(home: Home) -> None:
    """Write the pages over all editions again: published/index.html, the series, the feed. `publish` does so by itself.

    \b
    Example:
      casualty index
    """
    from casualty_pipeline.editions.tables import record_editions
    from casualty_pipeline.reporting.publications.editions import INDEX, write_index

    record_editions(home)
    write_index(home, say)
    written = home.published / f"{INDEX}.html"
    if written.is_file():
        click.echo(written)
    else:
        say("nothing was published yet: `casualty publish --month YYYY-MM`")


def _written(folder: Path, contents: Mapping[str, bytes], *, private: bool = False) -> None:
    from casualty_pipeline.reporting.publications.pages import write_files

    for path in write_files(folder, contents, private=private):
        click.echo(path)
    if private:
        say("CONFIDENTIAL: the files name people. Only you can read them.")
