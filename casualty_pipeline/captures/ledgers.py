"""The ledgers of an archive: every decision that they hold, and which have to be read again when there is more.

What a ledger says is for `connectors/ledger`; which decisions are in force is `sql/captures/in_force.sql`.
"""

from collections.abc import Mapping, Sequence

from casualty_pipeline.captures.archive import Archive, Entry
from casualty_pipeline.captures.connectors.ledger import Ledger, read_ledgers
from casualty_pipeline.captures.connectors.ledger.comparing import Decision
from casualty_pipeline.captures.connectors.ledger.judging import Holds
from casualty_pipeline.captures.sources import DECISIONS
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Reading

# Entries that were refused for want of a decision or a capture that may come.
_WAITING = """
    select count(*) from captures.rejected where source = $source and column_name in ('supersedes', 'basis')
"""


def holds(entries: Sequence[Entry]) -> Holds:
    """Whether one of these entries is of a capture: received by a moment, or at all."""
    received: dict[str, str] = {}
    for entry in entries:
        received[entry.sha256] = min(entry.received_at, received.get(entry.sha256, entry.received_at))

    def has(sha256: str, moment: str | None) -> bool:
        return sha256 in received and (moment is None or received[sha256] <= moment)

    return has


def read_all(home: Home) -> tuple[Ledger, dict[str, Decision]]:
    """Every ledger of the archive: what they came to, and the decisions taken, by id.

    Raises CasualtyError when one of them is missing from it.
    """
    archive, known = Archive(home.archive), dict[str, Decision]()
    entries = list(archive.entries()) if home.archive.is_dir() else []
    ledgers = [entry for entry in entries if entry.source == DECISIONS]
    for entry in ledgers:
        if not archive.holds(entry.sha256):
            raise CasualtyError(f"the archive lacks the ledger {entry.original_name}: restore it from a backup first")
    return read_ledgers(home.profile, archive.each(ledgers), holds(entries), known), known


def decisions_read(reading: Reading) -> dict[str, Decision]:
    """The decisions that were read before, by id."""
    return {str(row["decision_id"]): row for row in reading.table("captures.decisions").to_dicts()}


def again_whole(
    reading: Reading, fresh: Sequence[tuple[Entry, str]], entries: Sequence[Entry], seen: Mapping[str, str]
) -> bool:
    """Whether the ledgers that were read before have to be judged again, with those that are `fresh`.

    So they do when an entry waits for what may have come, and when one that is new was received before one that was read.
    """
    new = {entry.entry_id for entry, _ in fresh}
    waiting = reading.connection.execute(_WAITING, {"source": DECISIONS}).fetchall()[0][0]
    order = [entry.entry_id in new for entry in entries if entry.source == DECISIONS]
    return bool(waiting) or order != sorted(order) or any(e.entry_id in seen for e, _ in fresh if e.source == DECISIONS)
