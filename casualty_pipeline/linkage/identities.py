"""Ids that depend only on who founded what they name, and the history of the ids: what became of each, and why.

Here belongs everything about ids. An id is made of the statement that founded what it names: the first that became
known of all that speak of it. So it is minted once, for whatever was computed when; a merger keeps the older id, a
split leaves it with the part that holds the founder; and every id that was ever given resolves for ever, to whatever
its founding statement speaks of now.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from casualty_pipeline.linkage.clusters import Pair, Statement, cluster

ID_LETTERS = 12
EVENT_ORDER = {"created": 0, "split": 1, "joined": 2, "merged": 3, "retired": 4}
EVENT_SCHEMA: dict[str, Any] = {
    "at": pl.Datetime("us"),
    "event": pl.String,
    "victim_id": pl.String,
    "other_id": pl.String,
    "record_id": pl.String,
    "cause": pl.String,
}
# The same as `identity`, in SQL: 12 letters of lower-case base32 are the first 60 bits of the hash. DuckDB's digits of base
# 32 are 0-9 and A-V.
IDENTITY_SQL = """
    '{prefix}' || translate(
        to_base(cast('0x' || substr(sha256({founder}), 1, 15) as bigint), 32, 12),
        '0123456789ABCDEFGHIJKLMNOPQRSTUV', 'abcdefghijklmnopqrstuvwxyz234567'
    )
"""


def identity(prefix: str, founding_record: str) -> str:
    """An id from the record that founded what it names: `V-` or `I-` and 12 letters of the SHA-256 in lower-case
    base32.
    """
    digest = base64.b32encode(hashlib.sha256(founding_record.encode()).digest()).decode().lower()
    return f"{prefix}{digest[:ID_LETTERS]}"


def founded(members: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """For `members` (`record_id`, `known_at`, `group`): `record_id`, `group`, `founder`, `id`, in the order of
    record_id.

    The founder is the group's first record by (known_at, record_id).
    """
    founders = (
        members.sort("known_at", "record_id").group_by("group", maintain_order=True).agg(founder=pl.col("record_id").first())
    )
    ids = founders.with_columns(id=pl.Series([identity(prefix, record) for record in founders["founder"]], dtype=pl.String))
    return members.select("record_id", "group").join(ids, on="group").sort("record_id")


@dataclass(frozen=True)
class Decided:
    """A decision on two statements, and when it was made."""

    pair: tuple[int, int]
    same: bool
    at: datetime
    whole: bool = False  # of the two victims, with all that is said of them


@dataclass(frozen=True)
class Event:
    """A row of deduplicated.identity_events."""

    at: datetime
    event: str
    victim_id: str
    other_id: str | None
    record_id: str
    cause: str


def ruled(
    decisions: Sequence[Decided],
) -> tuple[list[tuple[int, int]], list[tuple[int, int]], list[tuple[int, int]]]:
    """Decisions as `cluster` takes them: must-links, cannot-links, and victims that are one."""
    return (
        [d.pair for d in decisions if d.same and not d.whole],
        [d.pair for d in decisions if not d.same],
        [d.pair for d in decisions if d.same and d.whole],
    )


def history(
    statements: Sequence[Statement],
    pairs: Mapping[tuple[int, int], Pair],
    decisions: Sequence[Decided] = (),
    retired: Mapping[int, datetime] | None = None,
) -> list[Event]:
    """What happened to the victims of one component, in order: it is clustered anew for each moment at which
    something was learnt.

    `retired`: when statements were retracted, by number. Events: `created` (a victim's first statement came),
    `joined` (a statement came to a victim, or moved to it from `other_id`), `merged` (`other_id` was merged into the
    victim, where it resolves from then on), `split` (the victim was split from `other_id`), `retired` (its last
    statement was retracted). The cause is `decision` where a decision was made at that moment, `retraction` where a
    statement was retracted, else `evidence`.
    """
    retired = retired or {}
    moments = sorted({s.known_at for s in statements} | {d.at for d in decisions} | set(retired.values()))
    before: dict[int, str] = {}
    events: list[Event] = []
    for moment in moments:
        known = [s for s in statements if s.known_at <= moment and retired.get(s.number, _NEVER) > moment]
        numbers = {s.number for s in known}
        made = [d for d in decisions if d.at <= moment and numbers.issuperset(d.pair)]
        found = cluster(
            known,
            {p: e for p, e in pairs.items() if numbers.issuperset(p)},
            *ruled(made),
        )
        after = {n: _founder(group, known) for group in found.groups for n in group}
        cause = (
            "decision"
            if any(d.at == moment for d in decisions)
            else "retraction"
            if moment in retired.values()
            else "evidence"
        )
        events += _changes(before, after, {s.number: s for s in statements}, moment, cause)
        before = after
    return events


_NEVER = datetime.fromisoformat("9999-12-31")


def _founder(group: Sequence[int], statements: Sequence[Statement]) -> str:
    chosen = set(group)
    return min((s.known_at, s.record_id) for s in statements if s.number in chosen)[1]


def _changes(
    before: Mapping[int, str], after: Mapping[int, str], of: Mapping[int, Statement], moment: datetime, cause: str
) -> list[Event]:
    """Events between two assignments of statements to founders."""
    was, now = set(before.values()), set(after.values())
    events = []

    def add(event: str, founder: str, record_id: str, other: str | None = None, why: str = cause) -> None:
        victim = identity("V-", founder)
        events.append(Event(moment, event, victim, identity("V-", other) if other else None, record_id, why))

    gone = {founder: [n for n, old in before.items() if old == founder] for founder in sorted(was - now)}
    heirs: dict[str, str] = {}
    for founder, numbers in gone.items():
        held = [after[n] for n in numbers if n in after]
        if held:
            heir = min(set(held), key=lambda f: (-held.count(f), f))
            heirs[founder] = heir
            add("merged", heir, _first(numbers, of), founder)
        else:
            add("retired", founder, _first(numbers, of), None, "retraction")
    for founder in sorted(now - was):
        numbers = [n for n, new in after.items() if new == founder]
        old = [before[n] for n in numbers if n in before and heirs.get(before[n]) != founder]
        if old:
            add("split", founder, _first(numbers, of), min(set(old), key=lambda f: (-old.count(f), f)))
        else:
            add("created", founder, founder, None, "evidence")
    for number, founder in sorted(after.items(), key=lambda item: of[item[0]].record_id):
        record, old_founder = of[number].record_id, before.get(number)
        if old_founder is None and record != founder:
            add("joined", founder, record)
        elif old_founder not in (None, founder) and founder in was and heirs.get(str(old_founder)) != founder:
            add("joined", founder, record, old_founder)
    return sorted(events, key=lambda e: (EVENT_ORDER[e.event], e.victim_id, e.other_id or "", e.record_id))


def _first(numbers: Sequence[int], of: Mapping[int, Statement]) -> str:
    return min((of[n].known_at, of[n].record_id) for n in numbers)[1]
