"""What changed since an edition, figure by figure, and the causes, each with its share.

Here belongs the account of a difference. It is told by replay: from the events that the edition knew to those known now, one
event after the other in the order in which they became known, and what each changed is its share. Before the first event
stands what today's program makes of the very events of the edition: what differs there is a change of method, of the
program or of its settings, not of what is known. So the shares of every figure add up to the whole difference, whatever the
rules are (docs/adr/0012-causes-by-replay.md).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from casualty_pipeline.editions.manifest import Manifest
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.history import Event, EventSet, Replay
from casualty_pipeline.history.events import CAPTURE, DECISION
from casualty_pipeline.tables import FIGURE_COLUMNS

ADDRESS = FIGURE_COLUMNS[:-1]
_KINDS = f"""
    select decision_id, case
        when kind = 'retraction' then 'retraction'
        when kind = 'merge' or starts_with(value, 'same_as:') then 'merge'
        when starts_with(value, 'different_from:') then 'split'
        else '{DECISION}'
    end from origin.decisions
"""
METHOD = "method"  # beside the kinds of events: rules, program or settings changed
SCHEMA: dict[str, Any] = {
    **dict.fromkeys(ADDRESS, pl.String),
    "before": pl.Float64,
    "after": pl.Float64,
    "cause": pl.String,
    "cause_id": pl.String,
    "known_at": pl.Datetime("us"),
    "place": pl.Int32,
    "share": pl.Float64,
}
_Numbers = dict[tuple[str, ...], float]


def events_of(manifest: Manifest, known: EventSet) -> EventSet:
    """The events that an edition was made from.

    Raises CasualtyError when one of them isn't known any more: its capture is gone from the archive.
    """
    captures, decisions = frozenset(manifest.captures), manifest.decisions.keys()
    found = frozenset(e for e in known if e.at <= manifest.as_of and e.id in (captures if e.kind == CAPTURE else decisions))
    missing = sorted((captures | decisions) - {e.id for e in found})
    if missing:
        raise CasualtyError(
            f"{len(missing)} of the captures and decisions of edition {manifest.edition} of {manifest.month} aren't here "
            f"any more, for example {missing[0]}: restore the archive from a backup (`casualty verify` says what it lacks), "
            "and run `casualty run` so that all of it is read"
        )
    return found


@dataclass
class _Account:
    """Shares found so far, by figure, in the order of their causes."""

    replay: Replay
    month: str
    steps: Sequence[Event]
    start: EventSet
    say: Callable[[str], None]
    seen: dict[int, _Numbers] = field(default_factory=dict)

    def at(self, count: int) -> _Numbers:
        """The month's figures after the first `count` steps."""
        if count not in self.seen:
            self.replay.move(self.start | frozenset(self.steps[:count]))
            self.replay.attribute([self.month])
            self.seen[count] = numbers(self.replay.figures(self.month))
        return self.seen[count]

    def causes(self, first: int, last: int) -> list[int]:
        """The steps between two counts that changed a figure. Between equal figures nothing is looked for."""
        if self.at(first) == self.at(last):
            return []
        if last - first == 1:
            self.say(f"cause {len(self.seen)}: {self.steps[first].kind} {self.steps[first].id[:16]}")
            return [first]
        middle = (first + last) // 2
        return [*self.causes(first, middle), *self.causes(middle, last)]


def restate(
    replay: Replay,
    month: str,
    published: pl.DataFrame,
    before: EventSet,
    after: EventSet,
    method: str,
    say: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:
    """Rows of `SCHEMA`: for each figure that isn't as published, each cause with its share, in order; nothing else.

    `published`: FIGURE_COLUMNS of the edition, made from the events `before`. `method`: the methodology version of now.
    The replay is left at `after`. A figure that wasn't there counts as 0.
    """
    account = _Account(replay, month, sorted(after - before), before, say)
    was, count = numbers(published), len(account.steps)
    if before - after:
        raise CasualtyError("an edition can't know less than the one before it: choose a later --as-of")
    decided = _kinds(replay)
    rows = list(_differences(was, account.at(0), METHOD, method, None, 0))
    for step in account.causes(0, count):
        event = account.steps[step]
        kind = decided.get(event.id, event.kind) if event.kind == DECISION else event.kind
        rows += _differences(account.at(step), account.at(step + 1), kind, event.id, event.at, step + 1)
    now = account.at(count)
    replay.move(after)
    replay.attribute([month])
    changed = {address for address in was.keys() | now.keys() if was.get(address, 0.0) != now.get(address, 0.0)}
    table = [(*a, was.get(a, 0.0), now.get(a, 0.0), *cause) for a, *cause in rows if a in changed]
    return pl.DataFrame(table, schema=SCHEMA, orient="row").sort(*ADDRESS, "place")


def _kinds(replay: Replay) -> dict[str, str]:
    """What kind of cause each decision is: one that joins or parts victims or incidents, a retraction, or any other."""
    with replay.reading() as reading:
        return dict(reading.connection.execute(_KINDS).fetchall())


def numbers(figures: pl.DataFrame) -> _Numbers:
    """Figures by their address, zeros left out: a figure that isn't given is one of 0."""
    return {tuple(row[:-1]): row[-1] for row in figures.select(FIGURE_COLUMNS).iter_rows() if row[-1]}


def _differences(
    before: _Numbers, after: _Numbers, kind: str, cause: str, at: datetime | None, place: int
) -> list[tuple[Any, ...]]:
    return [
        (address, kind, cause, at, place, _exact(after.get(address, 0.0), before.get(address, 0.0)))
        for address in sorted(before.keys() | after.keys())
        if before.get(address, 0.0) != after.get(address, 0.0)
    ]


def _exact(after: float, before: float) -> float:
    """A difference of numbers of at most a few decimals, without the dust of binary fractions."""
    return round(after - before, 6)


def adds_up(restatement: pl.DataFrame) -> bool:
    """Whether the shares of every figure are the whole of its difference."""
    sums = restatement.group_by(*ADDRESS, "before", "after").agg(pl.col("share").sum())
    return not ((sums["share"] - (sums["after"] - sums["before"])).abs() > 1e-6).any()
