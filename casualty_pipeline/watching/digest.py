"""The digest: what came in, what is open, what is stale, what was published, what failed, since a moment. Numbers only.

It goes by e-mail: no name, no file, no source stands in it, for a source may be one that must not be known.
"""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from casualty_pipeline.captures.inbox import inbox_waits
from casualty_pipeline.captures.intake import unread_captures
from casualty_pipeline.editions.shelf import editions
from casualty_pipeline.home import Home
from casualty_pipeline.status import months_status, open_items
from casualty_pipeline.warehouse import NoWarehouseError, Warehouse
from casualty_pipeline.watching.outbox import Outbox

_CAME_IN = """
    select count(*) as captures, count(distinct source) as sources, coalesce(sum(size_bytes), 0) as bytes,
        coalesce(sum(statements), 0) as statements, coalesce(sum(rejected), 0) as rejected
    from captures.manifest where received_at >= $since and received_at < $until and role = 'capture'
"""
_DECIDED = """
    select kind, count(*) from captures.decisions where decided_at >= $since and decided_at < $until
    group by all order by kind
"""
_ASKED = "select kind, count(*) from deduplicated.review_queue where kind <> 'quality' group by all order by kind"
LISTED = 12  # months or failures that the text names; JSON has them all


@dataclass(frozen=True)
class Digest:
    """From `since` to `until`, both UTC, ISO 8601; what is open or stale is as of now."""

    since: str
    until: str
    came_in: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    review: dict[str, int] = field(default_factory=dict)
    stale: list[dict[str, object]] = field(default_factory=list)
    published: list[dict[str, object]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """All of it."""
        return asdict(self)

    @property
    def subject(self) -> str:
        """In one line."""
        return (
            f"Casualty records: {self.came_in.get('captures', 0)} captures came in, {sum(self.review.values())} questions "
            f"open, {len(self.stale)} months stale, {len(self.published)} published, {len(self.failures)} failures"
        )

    def as_text(self) -> str:
        """As people read it."""
        came, lines = self.came_in, [f"From {self.since} to {self.until}.", ""]
        if came.get("captures"):
            lines.append(
                f"Came in: {came['captures']} captures from {came['sources']} sources, {came['bytes']:,} bytes, "
                f"{came['statements']} statements; {came['rejected']} rows rejected."
            )
        else:
            lines.append("Came in: nothing.")
        decided = ", ".join(f"{count} {kind}" for kind, count in self.decisions.items())
        lines.append(f"Decided: {decided or 'nothing'}.")
        asked = ", ".join(f"{count} {kind}" for kind, count in self.review.items())
        lines.append(f"Open in review: {asked or 'nothing'} (`casualty review list`).")
        waiting = ", ".join(f"{count} {label.replace('_', ' ')}" for label, count in self.waiting.items() if count)
        lines.append(f"Waiting: {waiting or 'nothing'} (`casualty status`).")
        lines.append(_listed("Stale", [f"{m['month']}: {'; '.join(m['reasons'])}" for m in self.stale]))  # type: ignore[arg-type]
        lines.append(_listed("Published", [f"{e['month']}, edition {e['edition']}" for e in self.published]))
        lines.append(_listed("Failed", [f"{f['at']}: {f['subject']}" for f in self.failures]))
        return "\n".join(lines) + "\n"


def _listed(label: str, items: list[str]) -> str:
    if not items:
        return f"{label}: nothing."
    more = [f"  and {len(items) - LISTED} more"] if len(items) > LISTED else []
    return "\n".join([f"{label}:", *(f"  {item}" for item in items[:LISTED]), *more])


def digest_of(home: Home, since: datetime, until: datetime) -> Digest:
    """The digest of a time. Raises CasualtyError where the warehouse can't be read."""
    bounds = {"since": since.astimezone(UTC).replace(tzinfo=None), "until": until.astimezone(UTC).replace(tzinfo=None)}
    began, ended = (f"{at:%Y-%m-%dT%H:%M:%S}Z" for at in bounds.values())
    came_in: dict[str, int] = {}
    decisions: dict[str, int] = {}
    review: dict[str, int] = {}
    try:
        with Warehouse(home.warehouse).reading() as reading:
            came_in = {k: int(v) for k, v in reading.frame(_CAME_IN, bounds).row(0, named=True).items()}
            decisions = {kind: int(n) for kind, n in reading.frame(_DECIDED, bounds).iter_rows()}
            review = {kind: int(n) for kind, n in reading.frame(_ASKED).iter_rows()}
    except NoWarehouseError:
        pass
    told = [alert for alert in Outbox(home).alerts() if alert.kind == "failure" and began <= f"{alert.at[:19]}Z" < ended]
    issued = [e for e in editions(home) if bounds["since"] <= e.manifest.published_at.replace(tzinfo=None) < bounds["until"]]
    return Digest(
        began,
        ended,
        came_in,
        decisions,
        {
            "files_in_the_inbox": len(inbox_waits(home)),
            "captures_not_yet_read": len(unread_captures(home)),
            **{label: count for label, count in open_items(home).items() if label != "questions_for_review"},
        },
        review,
        [{"month": s.month, "reasons": list(s.reasons)} for s in months_status(home) if not s.current],
        [{"month": e.month, "edition": e.number} for e in issued],
        [{"at": f"{a.at[:19]}Z", "subject": a.subject} for a in told],
    )
