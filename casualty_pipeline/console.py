"""What every command of the command line shares: messages, answers to errors, tables, the option --home, exit codes."""

import errno
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import wraps
from typing import Any, NoReturn

import click

from casualty_pipeline.crashes import keep
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home, find_home
from casualty_pipeline.turns import Turn, turn

FINDING, WRONG_USE, CRASHED = 1, 2, 3
# What a disk or its permissions refuse anywhere: for a person to mend, then the same command goes on from there.
_OF_DISKS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "no space left in this user's share of the disk",
    errno.EACCES: "this user has no permission to read or write",
    errno.EPERM: "this user has no permission to change",
    errno.EROFS: "the disk can only be read",
}


def say(text: str) -> None:
    """A message for a person."""
    click.echo(text, err=True)


def answering(command: Callable[..., Any]) -> Callable[..., Any]:
    """Errors that a user can act on become a message and exit 2; any other a crash report and exit 3; never a traceback."""

    @wraps(command)
    def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except CasualtyError as problem:
            say(f"casualty: {problem}")
            sys.exit(WRONG_USE)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as problem:
            if problem.errno not in _OF_DISKS:
                crashed(problem, kwargs.get("home"))
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            say(f"casualty: {_OF_DISKS[problem.errno]}{f': {problem.filename}' if problem.filename else ''}")
            sys.exit(WRONG_USE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as problem:
            crashed(problem, kwargs.get("home"))

    return answer


def in_turn(*turns: Turn) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The command changes these parts of its home: it waits for another one that does so too. Not for a dry run."""

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def alone(*args: Any, **kwargs: Any) -> Any:
            with ExitStack() as held:
                for one in () if kwargs.get("dry_run") else turns:
                    held.enter_context(turn(kwargs["home"].path, one, _command_name(), say))
                return command(*args, **kwargs)

        return alone

    return decorated


def _command_name() -> str:
    """`casualty review import`: the names of the command alone, whatever the program file is called."""
    context, names = click.get_current_context(), list[str]()
    while context.parent is not None:
        names.insert(0, str(context.info_name))
        context = context.parent
    return " ".join(["casualty", *names])


def crashed(problem: BaseException, home: Home | None = None) -> NoReturn:
    """The end of a program that met what nobody foresaw: where and what, but not what was said, which may be a name."""
    crash = keep(problem, home.path if home is not None else None)
    say(f"casualty: stopped by an error that should not happen: {crash.told}")
    where = f"in {crash.path}, which only you can read" if crash.path else "nowhere: no file could be written"
    say(f"What it said may name people, so it stands {where}. Take names out of it before you send it to anybody.")
    sys.exit(CRASHED)


def _home(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Home:
    home = find_home(value, os.environ.get("CASUALTY_HOME"))
    try:
        home.path.is_dir()
        (home.path / "warehouse.duckdb").is_file()
    except (OSError, ValueError) as problem:  # too long, not to be looked into, a NUL in it
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise click.BadParameter(f"{str(home.path)[:80]!r} can't be a home: {why}") from None
    return home


home_option = click.option(
    "--home",
    "home",
    metavar="DIR",
    callback=_home,
    help="The home to work on; else that of CASUALTY_HOME, else .casualty in the current folder.",
)


role_option = click.option(
    "--role",
    default="confidential",
    show_default=True,
    metavar="ROLE",
    help="viewer, editor or confidential: what stands in captures that the role may not see is left out, or refused.",
)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows beneath their header, in columns."""
    text = [[str(c) for c in row] for row in rows]
    widths = [max([len(h), *(len(r[i]) for r in text)]) for i, h in enumerate(header)]
    for row in [list(header), *text]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
