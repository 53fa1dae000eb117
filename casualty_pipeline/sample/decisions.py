"""The ledger of human decisions that comes with the sample: attribution, verification, links, a retraction.

What belongs here: which questions of this world people have settled, and how. Each names records or incidents by the
keys of their sources, as a person would; nothing here knows what the pipeline makes of them.
"""

from collections.abc import Iterable, Mapping, Sequence

from casualty_pipeline.sample.captures import Statement
from casualty_pipeline.sample.incidents import Incident, World, month_days

COLUMNS = (
    *("decision_id", "kind", "subject", "value", "certainty", "basis"),
    *("reason", "decided_by", "decided_at", "supersedes"),
)


class _Ledger:
    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []

    def add(
        self, kind: str, subject: str, value: str, *, reason: str, at: str, certainty: str = "", supersedes: str = ""
    ) -> str:
        """Enter one decision; gives its id."""
        number = sum(row["decided_at"][:7] == at[:7] for row in self.rows) + 1
        decision = f"D-{at[:7]}-{number:03}"
        self.rows.append(
            {
                "decision_id": decision,
                "kind": kind,
                "subject": subject,
                "value": value,
                "certainty": certainty,
                "basis": "",
                "reason": reason,
                "decided_by": "documentation team",
                "decided_at": at,
                "supersedes": supersedes,
            }
        )
        return decision


def _record(statement: Statement) -> str:
    return f"record:{statement.source}/{statement.key}"


def _closing(month: str) -> str:
    """The day on which the team closes a month: its last."""
    return month_days(month)[1].isoformat()


def decide(world: World, statements: Sequence[Statement]) -> list[dict[str, str]]:
    """The ledger, oldest first; columns as in `COLUMNS`. Most decisions fall on the last day of their month."""
    ledger = _Ledger()
    refs = {s.incident: s.key for s in reversed(statements) if s.statement == "incident"}
    for incident in world.incidents:
        _attribute(ledger, incident, refs)
    for statement in statements:
        _judge_record(ledger, statement)
    _link(ledger, [s for s in statements if s.role == "mistranslated"], "same_as")
    _link(ledger, [s for s in statements if s.role == "cousins" and s.source == "field_teams"], "different_from")
    return sorted(ledger.rows, key=lambda row: (row["decided_at"], row["decision_id"]))


def _attribute(ledger: _Ledger, incident: Incident, refs: Mapping[str, str]) -> None:
    subject = f"incident:field_teams/{refs.get(incident.id)}"
    at = f"{_closing(incident.month)}T10:00:00Z"
    if incident.dispute == "tie":
        certainty = "believed" if incident.claim == "russia" else "established"
        reason = "Two witnesses and the remnants of the weapon agree; the posts name another party and give no reason."
        ledger.add("attribution", subject, incident.claim, reason=reason, at=at, certainty=certainty)
    if incident.dispute == "joint":
        reason = "Either could have flown the sortie: held jointly until one of them is likely."
        pending = ledger.add("attribution", subject, incident.rival, reason=reason, at=at)
        reason = "The logs of flight observers put one type of aircraft over the place at that time: one party is likely."
        at = "2020-03-02T09:30:00Z"
        ledger.add("attribution", subject, incident.claim, reason=reason, at=at, certainty="believed", supersedes=pending)


def _judge_record(ledger: _Ledger, statement: Statement) -> None:
    at = f"{_closing(statement.month)}T11:00:00Z"
    if statement.role == "verified":
        reason = "One source only; two relatives identified the body in a call with the team."
        ledger.add("verification", _record(statement), "verified", reason=reason, at=at)
    elif statement.role == "unverified" and statement.source == "field_teams":
        ledger.add("verification", _record(statement), "unverified", reason="A relative says that he is alive.", at=at)
    elif statement.role == "retracted" and statement.source == "local_activists":
        ledger.add("retraction", _record(statement), "retracted", reason="The author withdrew the post.", at=at)


def _link(ledger: _Ledger, statements: Iterable[Statement], verdict: str) -> None:
    """One decision on two records: of one person whose name a machine translated, or of two cousins of one name."""
    chosen = sorted(statements, key=lambda s: (s.victim, s.source, s.key))
    if len(chosen) < 2:
        return
    one, two = chosen[0], chosen[1]
    reason = (
        "The name in the post is the Arabic name turned into English words by machine translation."
        if verdict == "same_as"
        else "Two cousins: their fathers' names differ, and both families were reached."
    )
    at = f"{_closing(max(one.month, two.month))}T12:00:00Z"
    ledger.add("link", _record(one), f"{verdict}:{_record(two)}", reason=reason, at=at)
