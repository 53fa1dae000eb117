"""Figures and traces as they were: in an edition, or as known at a moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from casualty_pipeline.editions.composing import reading_edition
from casualty_pipeline.editions.shelf import edition
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.query import Figures, month_of, of_period
from casualty_pipeline.figures.trace import address_of, trace_figure, trace_id
from casualty_pipeline.history import as_of, month_at, replaying
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Reading, Warehouse


def figures_at(home: Home, period: str, number: int | None, moment: datetime | None) -> Figures:
    """The figures of a period as published in an edition, or as known at a moment (UTC, without its zone).

    Raises CasualtyError when both are given, the edition isn't there, or nothing was known.
    """
    month = month_of(period)
    _one_of(number, moment)
    if number is not None:
        figures = of_period(edition(home, month, number).figures(), period)
    else:
        assert moment is not None  # noqa: S101 - `_one_of` sees to it
        with month_at(home, month, moment) as replay:
            figures = of_period(replay.figures(month), period)
    if not figures.rows:
        raise CasualtyError(f"no figures of {period} there")
    return figures


def trace_at(home: Home, text: str, number: int | None, moment: datetime | None) -> dict[str, Any]:
    """The trace of a figure, or of an id, as published in an edition, as known at a moment, or as it stands now.

    Raises CasualtyError for an address that is no figure, an id that was never given, or an edition that isn't there.
    """
    _one_of(number, moment)
    is_id = text.startswith(("V-", "I-"))
    if is_id and number is not None:
        raise CasualtyError(
            "an id is traced as of a moment, or now: an edition is of a month, so give a figure of that month"
        )
    address = None if is_id else address_of(home.profile, text)
    with _reading(home, address.months[1] if address else None, number, moment) as reading:
        return trace_id(reading, text) if address is None else trace_figure(reading, home.profile, address)


def _one_of(number: int | None, moment: datetime | None) -> None:
    if number is not None and moment is not None:
        raise CasualtyError("--edition and --as-of: give one of them; an edition has its own moment (`casualty editions`)")


@contextmanager
def _reading(home: Home, month: str | None, number: int | None, moment: datetime | None) -> Iterator[Reading]:
    if number is not None and month is not None:
        with reading_edition(edition(home, month, number)) as reading:
            yield reading
    elif moment is not None:
        with replaying(home) as replay:
            replay.move(as_of(replay.known, moment))
            replay.attribute([month] if month else replay.months())
            with replay.reading() as reading:
                yield reading
    else:
        with Warehouse(home.warehouse).reading() as reading:
            yield reading
