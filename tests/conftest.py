"""What holds for every test process. What is for some tests stands in the conftest.py of their folder."""

import gc

import pytest
from hypothesis import settings

# No test is timed: a busy machine isn't a failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Look for garbage less often: a test process holds a million objects that stay, and makes few cycles.

    A fifth of the time of tests that run Dagster in this process.
    """
    gc.set_threshold(100_000, 20, 100)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: it isn't gone through again."""
    gc.freeze()
