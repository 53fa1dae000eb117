"""What Dagster hears of an error: a reference, never a message that may quote a capture.

Dagster keeps the message of every exception, and of its causes, in its event log, and shows it to whoever sees the UI. So
each body of an asset, check, op or sensor is `confidential`: what it raises is kept by `crashes` in a file for the owner,
and Dagster gets a `Failure` that says of what type it was, where, and under which reference the rest stands. An
`OperationalError` says nothing that may not be known, and is told as it stands.
"""

import inspect
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg

from casualty_pipeline.crashes import FOLDER, keep, told
from casualty_pipeline.errors import OperationalError

REFERENCE = "crash_report"  # the metadata of a failure under which the reference stands
_MOST = 20
_raised: OrderedDict[str, BaseException] = (
    OrderedDict()
)  # by reference: the command line, in this process, tells the operator

Body = TypeVar("Body", bound=Callable[..., Any])


def confidential(body: Body) -> Body:
    """The body of an asset, check, op or sensor, of whose exceptions Dagster gets a reference."""
    if inspect.isgeneratorfunction(body):

        @wraps(body)
        def generating(*args: Any, **kwargs: Any) -> Iterator[Any]:
            try:
                yield from body(*args, **kwargs)
                return
            except dg.Failure:
                raise
            except Exception as problem:
                caught = problem
            raise failure_of(caught, _home(args, kwargs))  # outside of the handler: the cause must not go along as context

        wrapped: Any = generating
    else:

        @wraps(body)
        def calling(*args: Any, **kwargs: Any) -> Any:
            try:
                return body(*args, **kwargs)
            except dg.Failure:
                raise
            except Exception as problem:
                caught = problem
            raise failure_of(caught, _home(args, kwargs))

        wrapped = calling
    wrapped.confidential = True  # tests/pipeline/test_canaries.py looks for it on whatever Dagster calls
    found: Body = wrapped
    return found


def failure_of(problem: BaseException, home: Path | None, said: str = "") -> dg.Failure:
    """The failure that Dagster may know; the exception itself is kept. `said` comes before it."""
    if isinstance(problem, OperationalError):
        return dg.Failure(f"{said}{problem}")
    crash = keep(problem, home)
    _raised[crash.reference] = problem
    while len(_raised) > _MOST:
        _raised.popitem(last=False)
    where = f"{FOLDER}/{crash.reference}.txt of the home" if crash.path else "nowhere: no file could be written"
    return dg.Failure(
        f"{said}{crash.told}. What it said may name people or files: it stands in {where}, which only the owner can read",
        metadata={REFERENCE: crash.reference},
    )


def raised(reference: str) -> BaseException | None:
    """The exception of a reference, if it was raised in this process not long ago."""
    return _raised.get(reference)


def may_be_told(problem: BaseException) -> str:
    """What a skip reason may say of an error."""
    return str(problem) if isinstance(problem, OperationalError) else f"{told(problem)}: `casualty status` says what it is"


def _home(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Path | None:
    """The home of the resource that Dagster passes, or of a condition that holds its path."""
    home = kwargs.get("home") or getattr(args[0] if args else None, "home", None)
    return None if home is None else Path(getattr(home, "path", home))
