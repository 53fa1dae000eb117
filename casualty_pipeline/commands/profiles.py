"""Commands on the profile: the vocabulary and the counting rules of one conflict."""

import click

from casualty_pipeline.console import answering, home_option, say
from casualty_pipeline.home import Home


@click.group()
def profile() -> None:
    """The profile of the home: parties, categories, governorates, aliases, counting rules."""


@profile.command()
@click.argument("name", metavar="NAME")
@click.option("--of", default="syria", show_default=True, metavar="PROFILE", help="The shipped profile to start from.")
@home_option
@answering
def copy(name: str, of: str, home: Home) -> None:
    """Copy a shipped profile into the home, to be changed there; casualty.toml names it from then on.

    \b
    Example:
      casualty profile copy ours && $EDITOR .casualty/ours/parties.csv && casualty profile check
    """
    from casualty_pipeline.profile.own import copy_profile

    say(f"the home's profile is {copy_profile(home, name, of)} now; change it, then: casualty profile check")


@profile.command()
@home_option
@answering
def check(home: Home) -> None:
    """Say what the home's profile holds, or what is wrong with it: which file, row and value (exit 2).

    \b
    Example:
      casualty profile check --home /srv/casualty
    """
    from casualty_pipeline.profile.own import summary

    click.echo(summary(home.profile))
