"""The decisions in force, read from the ledgers of the archive: those that no run has read yet, too.

What the warehouse holds is what the last run knew; whoever answers a question has to know what was decided since.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from casualty_pipeline.captures.connectors.ledger import WITHDRAWN, other_side
from casualty_pipeline.captures.ledgers import read_all
from casualty_pipeline.home import Home

Row = Mapping[str, object]
RELATIONS = {"same": "same_as", "different": "different_from", "unsure": "unsure"}  # answer on a pair -> ledger
_ANSWERS = {relation: answer for answer, relation in RELATIONS.items()}


@dataclass(frozen=True)
class Standing:
    """A decision in force as an answer: on which subjects (the two of a link in either order), and what it says."""

    decision_id: str
    kind: str
    subjects: frozenset[str]
    answer: str
    decided_by: str
    decided_at: str
    reason: str

    def told(self) -> str:
        """The decision for a person: `D-1 (team, 2020-03-31): same; two cousins`."""
        return f"{self.decision_id} ({self.decided_by}, {self.decided_at}): {self.answer}" + (
            f"; {self.reason}" if self.reason else ""
        )


@dataclass(frozen=True)
class InForce:
    """`known`: every decision ever made, by id. `standing`: those that no later one supersedes, oldest first."""

    known: dict[str, dict[str, object]]
    standing: tuple[Standing, ...]

    @cached_property
    def _by_subjects(self) -> Mapping[tuple[str, frozenset[str]], list[Standing]]:
        found = defaultdict[tuple[str, frozenset[str]], list[Standing]](list)
        for one in self.standing:
            found[one.kind, one.subjects].append(one)
        return found

    def on(self, kind: str, subjects: Iterable[str]) -> list[Standing]:
        """The decisions in force of a ledger kind on these subjects, oldest first."""
        return self._by_subjects.get((kind, frozenset(subjects)), [])


def decisions_in_force(home: Home) -> InForce:
    """Read every ledger of the archive. Raises CasualtyError when one of them is missing from it."""
    _, known = read_all(home)
    superseded = {row["supersedes"] for row in known.values()}
    rows = sorted(known.values(), key=lambda row: (str(row["decided_at"]), str(row["decision_id"])))
    standing = (row for row in rows if row["decision_id"] not in superseded and row["value"] != WITHDRAWN)
    return InForce(known, tuple(_standing(row) for row in standing))


def _standing(row: Row) -> Standing:
    subjects, answer = {str(row["subject"])}, str(row["value"])
    if (side := other_side(row)) is not None:
        relation, other = side
        subjects, answer = subjects | {other}, _ANSWERS.get(relation, relation)
    return Standing(
        decision_id=str(row["decision_id"]),
        kind=str(row["kind"]),
        subjects=frozenset(subjects),
        answer=answer,
        decided_by=str(row["decided_by"]),
        decided_at=str(row["decided_at"])[:10],
        reason=str(row["reason"] or ""),
    )
