"""Commands for encryption at rest: new-key, rotate-key. How to use them stands in docs/security.md."""

import sys
from pathlib import Path

import click

from casualty_pipeline.console import FINDING, answering, home_option, say
from casualty_pipeline.home import Home


@click.command("new-key")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@answering
def new_key(file: Path) -> None:
    """Put a new key on top of a file of keys, which is made if it isn't there: only you can read it.

    The key itself is never shown. Keep a copy away from the home and its backups: without it they can't be read.

    \b
    Example:
      casualty new-key ~/casualty.keys && export CASUALTY_KEY_FILE=~/casualty.keys
    """
    from casualty_pipeline.sealing import add_key

    ring = add_key(file)
    click.echo(ring.ids[0])
    say(f"{file} now seals with the key {ring.ids[0]}; it holds {len(ring.keys)} in all")
    if len(ring.keys) > 1:
        say("`casualty rotate-key` brings what the older ones sealed under it; keep them until that is done")


@click.command("rotate-key")
@home_option
@answering
def rotate_key(home: Home) -> None:
    """Seal the whole archive with the first key of CASUALTY_KEY_FILE: what lies in the clear, and what older keys sealed.

    It may be killed: running it again goes on. The warehouse is removed, since the next run makes it anew under the new key.
    A backup goes by sealed bytes: give the next one a folder of its own, and destroy the older when you trust the new.

    \b
    Example:
      casualty new-key ~/casualty.keys && casualty rotate-key && casualty run --month 2020-03
    """
    from casualty_pipeline.captures.archive import Archive
    from casualty_pipeline.captures.resealing import reseal
    from casualty_pipeline.warehouse import Warehouse

    archive = Archive(home.archive)
    with click.progressbar(length=100, label="sealing", file=sys.stderr) as bar:
        done = reseal(archive, lambda n, of: bar.update(100 * n // of - bar.pos))
    removed = Warehouse(home.warehouse).forget_other_key()
    say(f"{done.sealed} files sealed with the key {archive.keys.ids[0]}, {done.already} were already")
    if removed:
        say("the warehouse was not under that key and is removed: `casualty run` for your months makes it anew")
    for problem in done.problems:
        say(f"casualty: {problem}")
    if done.problems:
        sys.exit(FINDING)
    if len(archive.keys.ids) > 1:
        say(f"no longer needed here: {', '.join(archive.keys.ids[1:])}. Backups made before still need them")
