"""Commands on single captures: redact, capture. What a copy is, and who may see what, `captures.redaction` knows."""

import os
from pathlib import Path

import click

from casualty_pipeline.console import answering, home_option, say
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home


@click.command()
@click.argument("capture", metavar="CAPTURE")
@click.option(
    "--with", "made", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="A copy made elsewhere."
)
@click.option("--pattern", "patterns", multiple=True, metavar="REGEX", help="Of a text: black out every match.")
@click.option("--column", "columns", multiple=True, metavar="NAME", help="Of a CSV: black out a column.")
@click.option("--pointer", "pointers", multiple=True, metavar="POINTER", help="Of JSON: black out the value there.")
@click.option("--who", required=True, metavar="ROLE", help="A role or initials: who redacted it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@click.option(
    "--access-level", "level", default="restricted", show_default=True, metavar="LEVEL", help="Who may see the copy."
)
@home_option
@answering
def redact(
    capture: str,
    made: Path | None,
    patterns: tuple[str, ...],
    columns: tuple[str, ...],
    pointers: tuple[str, ...],
    who: str,
    reason: str,
    level: str,
    home: Home,
) -> None:
    """Take a redacted copy of a capture (its SHA-256, or 8 digits of it) into the archive. The original stays untouched.

    \b
    Examples:
      casualty redact 2c26b46b68ff --column phone --column "told by" --who "editor 1" --reason "informant at risk"
      casualty redact 2c26b46b68ff --pointer /sources/0/name --who "editor 1" --reason "informant at risk"
      casualty redact 2c26b46b68ff --with blacked-out.jpg --who "editor 1" --reason "faces of bystanders"
    """
    from casualty_pipeline.captures.archive import Archive
    from casualty_pipeline.captures.redaction import Rules, take_redacted

    rules = Rules(patterns, columns, pointers)
    if bool(rules) == (made is not None):
        raise CasualtyError("expected either --with FILE, or what to black out: --pattern, --column or --pointer")
    entry = take_redacted(Archive(home.archive), capture, made if made is not None else rules, who, reason, level)
    click.echo(entry.sha256)
    say(f"a {level} copy, derived from {entry.derived_from}, is in the archive; look at it before you hand it out:")
    say(f"  casualty capture {capture} --role {'viewer' if level == 'open' else 'editor'} --out FILE")


@click.command()
@click.argument("capture", metavar="CAPTURE")
@click.option("--role", default="viewer", show_default=True, metavar="ROLE", help="viewer, editor or confidential.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there."
)
@home_option
@answering
def capture(capture: str, role: str, out: Path, home: Home) -> None:
    """Bring a capture out of the archive, as a role may see it: the original, else the newest redacted copy, else none.

    A viewer sees what is open, an editor what is restricted too, the role confidential everything. The file is yours alone.

    \b
    Example:
      casualty capture 2c26b46b68ff --role editor --out for-the-partner.csv
    """
    from casualty_pipeline.captures.archive import Archive
    from casualty_pipeline.captures.redaction import shown_to

    archive = Archive(home.archive)
    entry = shown_to(archive, capture, role)
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            for chunk in archive.chunks(entry.sha256):
                file.write(chunk)
    except FileExistsError:
        raise CasualtyError(f"{out} is there already: give another name") from None
    click.echo(entry.sha256)
    say(f"{entry.access_level}{'' if entry.derived_from is None else f': a redacted copy of {entry.derived_from}'}")
