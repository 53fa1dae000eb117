"""A home's Dagster instance: opening it, with what goes wrong told in sentences. What it keeps, and for how long, is in
`instance_settings/`, of which `Home.prepare` makes the home's dagster.yaml.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import sqlalchemy.exc

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import DAGSTER_YAML, Home

POSTGRES_URL = "CASUALTY_POSTGRES_URL"  # dagster.postgres.yaml takes the address from it
URL_EXPECTED = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """The instance of a home that is prepared. Sets DAGSTER_HOME, which its settings and its runs refer to.

    Raises CasualtyError when the settings can't be read, when they name PostgreSQL and its address isn't in the environment,
    its driver isn't installed or it doesn't answer. No message holds the address: there is a password in it.
    """
    os.environ["DAGSTER_HOME"] = str(home.dagster.resolve())
    settings = home.dagster / DAGSTER_YAML
    try:
        instance = dg.DagsterInstance.from_config(os.environ["DAGSTER_HOME"])
    except Exception as problem:
        raise _told(settings, problem) from None
    with instance:
        try:
            instance.run_storage.get_run_ids(limit=1)
        except Exception as problem:
            raise _told(settings, problem) from None
        try:
            yield instance
        except sqlalchemy.exc.OperationalError as problem:  # on the way: the disk became full, PostgreSQL went away
            raise CasualtyError(
                f"{settings}: Dagster's storage failed on the way ({type(problem.orig).__name__}): see that its disk isn't "
                "full and can be written, and that PostgreSQL runs if it is kept there. What was finished is kept: run again"
            ) from None


def _told(settings: object, problem: Exception) -> Exception:
    """The error in words, where it is one that a user can act on; else itself."""
    causes = _causes(problem)
    names = {cause.__class__.__name__ for cause in causes}
    text = "; ".join(str(cause) for cause in causes)
    if "DagsterPostgresException" in names or any(isinstance(c, sqlalchemy.exc.OperationalError) for c in causes):
        return CasualtyError(
            f"{settings}: Dagster's storage doesn't answer, after several tries: see that PostgreSQL runs, that "
            f"{POSTGRES_URL} names its host, database, user and password, and that its disk isn't full; nothing was done"
        )
    for cause in causes:
        if isinstance(cause, CasualtyError):
            return cause
    if any(isinstance(c, ImportError) for c in causes) and "dagster_postgres" in text:
        return CasualtyError(
            f"{settings} asks for PostgreSQL, for which a package is missing: pip install 'casualty-pipeline[postgres]'"
        )
    if POSTGRES_URL in text:
        return CasualtyError(f"{settings} asks for PostgreSQL, but {POSTGRES_URL} isn't set: expected {URL_EXPECTED}")
    if "DagsterInvalidConfigError" in names:
        return CasualtyError(f"{settings} can't be read as the settings of Dagster: {problem}")
    return problem


def _causes(problem: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while problem is not None and problem not in found:
        found.append(problem)
        problem = problem.__cause__ or problem.__context__
    return found
