"""One decision, entered by hand: checked beside the ledgers of the archive, then a ledger of its own in it.

No table is written here: the next run reads the ledger as it reads any other.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from casualty_pipeline.captures.archive import Archive, Entry
from casualty_pipeline.captures.connectors.ledger import COLUMNS, judge_rows
from casualty_pipeline.captures.connectors.ledger.comparing import Decision, about
from casualty_pipeline.captures.connectors.ledger.entries import as_decided, form_problem
from casualty_pipeline.captures.custody import Given
from casualty_pipeline.captures.ledgers import holds, read_all
from casualty_pipeline.captures.sources import DECISIONS
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.concerned import Concerned, concerned
from casualty_pipeline.warehouse import NoWarehouseError, Warehouse

_AT_ONCE = 3  # tries to find an id that nobody else took meanwhile


@dataclass(frozen=True)
class Entered:
    """A decision as the ledger has it, whom it is about as the warehouse knows them (None without one), and its file."""

    entry: dict[str, object]
    about: Concerned | None
    ledger: str | None
    stood: bool = False  # it was in force already, word for word: nothing was kept


def decide(
    home: Home,
    *,
    kind: str,
    subject: str,
    value: str,
    reason: str,
    who: str,
    certainty: str = "",
    basis: Sequence[str] = (),
    decided_at: datetime | None = None,
    supersedes: str = "",
    dry_run: bool = False,
) -> Entered:
    """Enter one decision. With `dry_run` nothing is kept; nor where the same one is in force already, so that a command that
    was killed, nobody knows when, can be repeated.

    `decided_at` has a timezone; without it, now. Raises CasualtyError where the entry can't be meant, can't stand beside the
    decisions that were taken, was decided in the future, or says neither why nor who.
    """
    moment = (decided_at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    if moment > datetime.now(UTC):
        raise CasualtyError(f"--decided-at {moment.isoformat()}: expected a moment that has passed")
    if not " ".join(reason.split()):
        raise CasualtyError("--reason: expected why, in a sentence: a decision without a reason can't be defended")
    cells = dict.fromkeys(COLUMNS, "") | {
        "kind": kind,
        "subject": subject.strip(),
        "value": value.strip(),
        "certainty": certainty,
        "basis": " ".join(f"sha256:{_sha256(given)}" for given in basis),
        "reason": " ".join(reason.split()),
        "decided_by": " ".join(who.split()),
        "decided_at": moment.isoformat().replace("+00:00", "Z"),
        "supersedes": supersedes.strip(),
    }
    for _ in range(_AT_ONCE):
        if (before := _standing(home, cells, any_moment=decided_at is None)) is not None:
            cells |= {"decision_id": str(before["decision_id"]), "decided_at": f"{before['decided_at']:%Y-%m-%dT%H:%M:%SZ}"}
            return Entered(_entry(cells), _about(home, cells, moment), str(before["file"]), stood=True)
        cells["decision_id"] = _judged(home, cells, moment)
        if dry_run:
            return Entered(_entry(cells), _about(home, cells, moment), None)
        ledger = _keep(home, cells)
        if _stands(home, cells):
            return Entered(_entry(cells), _about(home, cells, moment), ledger)
    raise CasualtyError("others decide at this moment, and took each id first: nothing was decided; try again")


def _sha256(given: str) -> str:
    """The hash of a capture, as `casualty trace` or a manifest writes it."""
    sha256 = given.strip().lower().removeprefix("sha256:")
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise CasualtyError(f"--basis {given!r}: expected the SHA-256 of a capture (64 hexadecimal digits)")
    return sha256


def _standing(home: Home, cells: dict[str, str], *, any_moment: bool) -> Decision | None:
    """The decision in force that says the same in every word, of the same moment; or where that wasn't given, of any moment
    since when nobody decided on the subject.
    """
    if form_problem(home.profile, cells | {"decision_id": "D-0"}) is not None:
        return None
    known, now = read_all(home)[1], as_decided(cells)
    superseded = {decision["supersedes"] for decision in known.values()}
    for one in known.values():
        same = all(one[column] == now[column] for column in now if column not in {"decision_id", "decided_at"})
        if not same or one["decision_id"] in superseded:
            continue
        later = (d for d in known.values() if _on(d) == _on(one) and str(d["decided_at"]) > str(one["decided_at"]))
        if one["decided_at"] == now["decided_at"] or (any_moment and next(later, None) is None):
            return one
    return None


def _on(decision: Decision) -> tuple[object, ...]:
    """What a decision is on: a pair in either order, or a subject."""
    found = about(decision)
    return found[:2] if found is not None else (decision["kind"], decision["subject"])


def _judged(home: Home, cells: dict[str, str], moment: datetime) -> str:
    """The id that the entry gets. Raises CasualtyError where the ledgers of the archive don't let it stand."""
    _, known = read_all(home)
    name = _free(moment, _named(home, known))
    entries = list(Archive(home.archive).entries()) if home.archive.is_dir() else []
    refused = judge_rows(home.profile, _PLACE, [cells | {"decision_id": name}], holds(entries), known).rejections
    if refused:
        _, why = refused[0]
        found = f", found {why.value!r}" if why.value else ""
        raise CasualtyError(f"nothing was decided: {why.column_name}: {why.reason}{found}")
    return name


# The entry has no capture yet: what its judge asks of one is when it was received, later than all others.
_PLACE = Entry(
    "", "", DECISIONS, "", "", "9999-12-31T00:00:00+00:00", "application/json", 0, "confidential", "casualty decide"
)


def _named(home: Home, known: dict[str, dict[str, object]]) -> set[str]:
    """Ids of decisions that are taken, or that another `decide` took in a ledger whose entry was refused."""
    ledgers = Archive(home.archive).entries() if home.archive.is_dir() else ()
    return {*known, *(entry.original_name.removesuffix(".json") for entry in ledgers if entry.source == DECISIONS)}


def _free(moment: datetime, taken: set[str]) -> str:
    """The next id of a day: `D-2026-03-02-001`."""
    day = f"D-{moment.date().isoformat()}-"
    numbers = [int(rest) for name in taken if name.startswith(day) and (rest := name.removeprefix(day)).isdecimal()]
    return f"{day}{max(numbers, default=0) + 1:03}"


def _entry(cells: dict[str, str]) -> dict[str, object]:
    """The entry as JSON has it: what it doesn't say left out, its basis a list."""
    said: dict[str, object] = {column: cells[column] for column in COLUMNS if cells[column]}
    return said | ({"basis": cells["basis"].split()} if cells["basis"] else {})


def _keep(home: Home, cells: dict[str, str]) -> str:
    """Put the ledger into the archive; returns its name there."""
    name = f"{cells['decision_id']}.json"
    with tempfile.TemporaryDirectory(prefix=".decide-", dir=home.path) as folder:
        path = Path(folder) / name
        text = json.dumps({"decisions": [_entry(cells)]}, ensure_ascii=False, indent=1) + "\n"
        path.write_text(text, encoding="utf-8")
        Archive(home.archive).receive([(path, name)], DECISIONS, Given(collector="casualty decide"))
    return name


def _stands(home: Home, cells: dict[str, str]) -> bool:
    """Whether the decision under this id is this one: somebody else may have entered another at the same moment."""
    taken = read_all(home)[1].get(cells["decision_id"], {})
    return all(str(taken.get(column) or "") == cells[column] for column in ("kind", "subject", "reason", "decided_by"))


def _about(home: Home, cells: dict[str, str], moment: datetime) -> Concerned | None:
    try:
        with Warehouse(home.warehouse).reading() as reading:
            return concerned(reading, cells["kind"], cells["subject"], cells["value"], moment.replace(tzinfo=None))
    except NoWarehouseError:
        return None
