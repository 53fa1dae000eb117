"""Ledgers of decisions, CSV or XLSX: append-only; a wrong entry is superseded by a later one, never edited.

What contradicts itself, dangles or can't be read is rejected with its row; the other entries apply.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from casualty_pipeline.captures.archive import Entry
from casualty_pipeline.captures.connectors.batch import Rejection
from casualty_pipeline.captures.connectors.sheets import Sheet, read_sheets
from casualty_pipeline.cleaning.vocabulary import canonical_claim
from casualty_pipeline.profile import Profile

VERSION = "ledger-4"
COLUMNS = (
    "decision_id",
    "kind",
    "subject",
    "value",
    "certainty",
    "basis",
    "reason",
    "decided_by",
    "decided_at",
    "supersedes",
)
_REQUIRED = ("decision_id", "kind", "subject", "value", "decided_by", "decided_at")
_DECIDED = ("kind", "subject", "value", "certainty", "decided_by", "decided_at", "supersedes")  # may never change
_SUBJECT = re.compile(r"(incident|record):[^/]+/.+|victim:V-\w+|incident:I-\w+|place:.*\w.*")
_LINK = re.compile(r"(same_as|different_from|unsure):record:[^/]+/.+")
UNSURE = "unsure"  # somebody looked and can't tell: kept, so that it isn't asked again, and decides nothing
KINDS = ("attribution", "verification", "link", "retraction", "candidate", "place_alias")
CERTAINTIES = ("", "established", "believed", "proved")


@dataclass
class Ledger:
    """The entries read, as rows of captures.decisions, and those that were rejected."""

    decisions: list[dict[str, object]] = field(default_factory=list)
    rejections: list[tuple[Entry, Rejection]] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)


def read_ledger(profile: Profile, entry: Entry, path: Path, ledger: Ledger, known: dict[str, dict[str, object]]) -> None:
    """Read one ledger. `known` maps the ids of all decisions read before to their rows. Never raises for its content."""
    ledger.read.setdefault(entry.entry_id, 0)
    for sheet in read_sheets(path, entry.media_type):
        ledger.rejections += [(entry, r) for r in sheet.rejections]
        if not sheet.header:
            continue
        missing = [c for c in _REQUIRED if c not in sheet.header]
        if missing:
            reason = f"a ledger needs the columns {', '.join(_REQUIRED)}; missing: {', '.join(missing)}"
            ledger.rejections.append((entry, Rejection(sheet.name, None, None, None, reason)))
            continue
        _read_rows(profile, entry, sheet, ledger, known)


def _read_rows(profile: Profile, entry: Entry, sheet: Sheet, ledger: Ledger, known: dict[str, dict[str, object]]) -> None:
    for number, cells in zip(sheet.row_numbers, sheet.rows, strict=True):
        row = {name: cell.strip() for name, cell in zip(sheet.header, cells, strict=True)}
        problem = problem_of(profile, row, known)
        if problem is None and row["decision_id"] in known:
            continue  # the same entry again: a ledger is sent whole, every time longer
        if problem is not None:
            column, reason = problem
            ledger.rejections.append((entry, Rejection(sheet.name, number, column, row.get(column, "")[:200], reason)))
            continue
        decision: dict[str, object] = {c: row.get(c) or None for c in COLUMNS}
        decision |= _entry(row) | {
            "source": entry.source,
            "capture_sha256": entry.sha256,
            "file": entry.original_name,
            "sheet": sheet.name,
            "row_number": number,
        }
        known[row["decision_id"]] = decision
        ledger.decisions.append(decision)
        ledger.read[entry.entry_id] += 1


def _entry(row: dict[str, str]) -> dict[str, object]:
    """What a row decides, as captures.decisions holds it."""
    return {c: row.get(c) or None for c in _DECIDED} | {
        "value": canonical_claim(row["value"]) if row["kind"] == "attribution" else row["value"],
        "decided_at": _moment(row["decided_at"]),
    }


def _moment(text: str) -> datetime | None:
    """A UTC instant without its zone; one that states none is taken as UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def problem_of(profile: Profile, row: dict[str, str], known: dict[str, dict[str, object]]) -> tuple[str, str] | None:
    """The column of a ledger's row that is to blame and why, or None where the row is a decision."""
    for column in _REQUIRED:
        if not row[column]:
            return column, "may not be empty"
    if row["kind"] not in KINDS:
        return "kind", f"expected one of {', '.join(KINDS)}"
    if not _SUBJECT.fullmatch(row["subject"]):
        return (
            "subject",
            "expected incident:SOURCE/REF or incident:I-..., record:SOURCE/KEY, victim:V-... or place:TEXT AS WRITTEN",
        )
    if row.get("certainty", "") not in CERTAINTIES:
        return "certainty", "expected established, believed, proved or nothing"
    if _moment(row["decided_at"]) is None:
        return "decided_at", "expected a UTC instant such as 2020-04-12T09:30:00Z"
    superseded = row.get("supersedes", "")
    if superseded and superseded not in known:
        return "supersedes", "no earlier decision has this id"
    if superseded == row["decision_id"]:
        return "supersedes", "a decision can't supersede itself"
    earlier = known.get(row["decision_id"])
    if earlier is not None and _entry(row) != {c: earlier[c] for c in _DECIDED}:
        return (
            "decision_id",
            "another decision has this id: the ledger is append-only, give a new id and supersede the old",
        )
    return _value_problem(profile, row)


def _claim_problem(profile: Profile, value: str) -> tuple[str, str] | None:
    parties = set(re.split(r"[+|]", value))
    if not parties <= {"unidentified", *profile.party}:
        return "value", "expected a party id of the profile, a+b jointly, a|b for one of them, or unidentified"
    if "+" in value and frozenset(value.split("+")) not in profile.joint_pairs:
        return "value", "not a pair that the profile allows to be jointly responsible (R13)"
    return None


def _value_problem(profile: Profile, row: dict[str, str]) -> tuple[str, str] | None:
    value = row["value"]
    match row["kind"]:
        case "attribution":
            return _claim_problem(profile, value)
        case "verification":
            if value not in {"verified", "unverified"}:
                return "value", "expected verified or unverified"
        case "candidate":
            if value not in {"confirmed", "refused", UNSURE} or not row["subject"].startswith("record:"):
                return "value", "expected confirmed, refused or unsure, of a record:SOURCE/KEY"
        case "place_alias":
            known = value in profile.governorate or any(place.id == value for place in profile.places.places)
            if not row["subject"].startswith("place:") or not (known or value == UNSURE):
                return (
                    "value",
                    "expected a p-code of a governorate, an id of a place of the profile or unsure, of a place:TEXT",
                )
        case "retraction":
            if value != "retracted" or not row["subject"].startswith("record:"):
                return "value", "expected retracted, of a record:SOURCE/KEY"
        case _:
            if not _LINK.fullmatch(value) or not row["subject"].startswith("record:"):
                return "value", "expected same_as:record:SOURCE/KEY, different_from:... or unsure:..., of a record"
    return None
