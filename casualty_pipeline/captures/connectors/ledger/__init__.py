"""Ledgers of decisions: append-only; a wrong entry is superseded by a later one, never edited.

rows of files (`reading`, `json_entries`) -> each by itself (`entries`) -> beside each other (`comparing`, `judging`). What
contradicts itself, dangles or can't be read is refused with its place; the other entries apply. For people:
`docs/decisions.md`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.ledger.comparing import Decision, supersedes_problem
from casualty_pipeline.captures.connectors.ledger.entries import (
    COLUMNS,
    KINDS,
    UNSURE,
    WITHDRAWN,
    Problem,
    as_decided,
    form_problem,
    other_side,
)
from casualty_pipeline.captures.connectors.ledger.json_entries import schema
from casualty_pipeline.captures.connectors.ledger.judging import Holds, Judge, Ledger
from casualty_pipeline.captures.connectors.ledger.reading import Row, read_rows
from casualty_pipeline.profile import Profile

__all__ = [
    "COLUMNS",
    "KINDS",
    "UNSURE",
    "VERSION",
    "WITHDRAWN",
    "Ledger",
    "judge_rows",
    "other_side",
    "problem_of",
    "read_ledgers",
    "schema",
]

VERSION = "ledger-5"


def read_ledgers(
    profile: Profile,
    ledgers: Iterable[tuple[Entry, Path]],
    holds: Holds,
    known: dict[str, Decision] | None = None,
) -> Ledger:
    """Read ledgers, in the order given: that in which they were received. Never raises for what they hold.

    `known` maps the ids of all decisions taken before to their rows, and gets those that are taken now; `holds` says whether
    the archive has the capture of a SHA-256, at all or from a moment of receipt on.
    """
    judge = Judge(profile, holds, known)
    for entry, path in ledgers:
        judge.take(entry, *read_rows(entry, path))
    return judge.finish()


def judge_rows(
    profile: Profile, entry: Entry, rows: Iterable[dict[str, str]], holds: Holds, known: Mapping[str, Decision]
) -> Ledger:
    """What a ledger of these rows would come to, received as `entry` says, beside the decisions `known`; these stay as they
    are.
    """
    judge = Judge(profile, holds, dict(known))
    judge.take(entry, [Row(entry, cells) for cells in rows])
    return judge.finish()


def problem_of(profile: Profile, cells: Mapping[str, str], known: Mapping[str, Decision]) -> Problem | None:
    """The column of an entry that is to blame and why, or None where it can stand beside the decisions known."""
    problem = form_problem(profile, cells) or supersedes_problem(cells, known)
    if problem is None and cells["decision_id"] in known:
        earlier, now = known[cells["decision_id"]], as_decided(cells)
        if any(now[column] != earlier[column] for column in ("kind", "subject", "value", "decided_at", "supersedes")):
            return "decision_id", "expected an id of its own, found that of another decision: give it a new one"
    return problem
