"""What changed between two editions, or since one: the restatements in between, put together.

A restatement is told once, when an edition is published. Between editions that don't follow each other the shares of those
in between are joined: each figure keeps every cause, in order, and what was changed and changed back is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from casualty_pipeline.editions.composing import read_restatement
from casualty_pipeline.editions.restating import ADDRESS, SCHEMA, events_of, numbers, restate
from casualty_pipeline.editions.shelf import RESTATEMENT, Edition, edition, editions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.history import as_of, replaying
from casualty_pipeline.home import Home


@dataclass(frozen=True)
class Difference:
    """`changes`: rows of `restating.SCHEMA`. `told`: which editions were compared."""

    changes: pl.DataFrame
    told: str


def restatement_of(one: Edition) -> pl.DataFrame:
    """What an edition changed: rows of `restating.SCHEMA`."""
    return read_restatement(one.read(RESTATEMENT)) if RESTATEMENT in one.manifest.files else pl.DataFrame(schema=SCHEMA)


def between(home: Home, month: str, first: int | None = None, last: int | None = None) -> Difference:
    """What changed from one edition to another; the newest two, unless others are named.

    Raises CasualtyError when there aren't two, or they are given the wrong way round.
    """
    there = editions(home, month)
    end = there[-1] if last is None and there else edition(home, month, last or 1)
    before = [e for e in there if e.number < end.number]
    if first is None and not before:
        raise CasualtyError(
            f"{month} has {len(there)} edition{'' if len(there) == 1 else 's'}: there is nothing before to compare with; "
            "--now compares with what would be published today"
        )
    start = edition(home, month, first) if first is not None else before[-1]
    if start.number >= end.number:
        raise CasualtyError(
            f"edition {start.number} isn't earlier than edition {end.number}: give the earlier one as --from"
        )
    steps = [restatement_of(e) for e in there if start.number < e.number <= end.number]
    told = f"edition {start.number} to edition {end.number}"
    return Difference(_joined(steps, numbers(start.figures()), numbers(end.figures())), told)


def since(home: Home, month: str, first: int | None, say: Callable[[str], None]) -> Difference:
    """What would change if the month were published now, from an edition on; the newest, unless another is named."""
    there = editions(home, month)
    start = there[-1] if first is None and there else edition(home, month, first or 1)
    moment = max(datetime.now(UTC).replace(tzinfo=None), start.manifest.as_of)
    with replaying(home) as replay:
        before = events_of(start.manifest, replay.known)
        method = f"methodology {home.profile.methodology_version}"
        changes = restate(replay, month, start.figures(), before, as_of(replay.known, moment) | before, method, say)
    return Difference(changes, f"edition {start.number} to now")


def _joined(
    steps: list[pl.DataFrame], before: dict[tuple[str, ...], float], after: dict[tuple[str, ...], float]
) -> pl.DataFrame:
    rows = []
    for number, step in enumerate(steps):
        for row in step.iter_rows(named=True):
            address = tuple(row[name] for name in ADDRESS)
            was, now = before.get(address, 0.0), after.get(address, 0.0)
            if was != now:
                rows.append(row | {"before": was, "after": now, "place": 100_000 * number + row["place"]})
    return pl.DataFrame(rows, schema=SCHEMA).sort(*ADDRESS, "place")
