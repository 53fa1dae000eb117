"""Events: what became known, and when: a capture's statements, each at its moment of knowledge; a decision.

Here belongs what an event is and which events there are. A moment of knowledge is the receipt of a capture, or the date that
its source's mapping declares (history that was loaded late); a decision counts from `decided_at` (principle 2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from casualty_pipeline.warehouse import Reading

CAPTURE, DECISION = "capture", "decision"
EventSet = frozenset["Event"]

# A capture without statements is known from its receipt on.
_EVENTS = f"""
    with stated as (select capture_sha256, known_at from captures.records group by all)

    select '{CAPTURE}' as kind, capture_sha256 as id, known_at as "at" from stated
    union
    select '{CAPTURE}', sha256, received_at from captures.manifest
    where sha256 not in (select capture_sha256 from stated) and source <> 'decisions'
    union
    select '{DECISION}', decision_id, decided_at from captures.decisions
"""


@dataclass(frozen=True, order=True)
class Event:
    """Something became known: `at` (UTC, without its zone), kind (`capture` or `decision`), SHA-256 or id of the decision.

    Events are ordered by their moment; of one moment, captures come before decisions, each by id.
    """

    at: datetime
    kind: str
    id: str


def events(reading: Reading) -> list[Event]:
    """Every event that the warehouse holds, in order."""
    return sorted(Event(at, kind, found) for kind, found, at in reading.connection.execute(_EVENTS).fetchall())


def as_of(known: Iterable[Event], moment: datetime) -> EventSet:
    """The events up to a moment, itself included."""
    return frozenset(event for event in known if event.at <= moment)
