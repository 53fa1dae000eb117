"""One entry of a ledger by itself: its columns, kinds, subjects and values, and what is wrong with it whatever else stands.

What entries say of each other is for `judging.py`, how a file holds them for `reading.py`. `docs/decisions.md` explains them
to those who decide; `schemas/decisions.schema.json` is the same for programs.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from casualty_pipeline.cleaning.vocabulary import canonical_claim
from casualty_pipeline.profile import Profile

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
REQUIRED = ("decision_id", "kind", "subject", "value", "decided_by", "decided_at")
SAID = ("kind", "subject", "value", "certainty", "decided_by", "decided_at", "supersedes")  # may never change
KINDS = ("attribution", "verification", "link", "merge", "retraction", "candidate", "place_alias")
CERTAINTIES = ("", "established", "believed", "proved")
UNSURE = "unsure"  # somebody looked and can't tell: kept, so that it isn't asked again, and decides nothing
WITHDRAWN = "withdrawn"  # takes back what it supersedes, and puts nothing in its place
LONGEST = 2_000  # characters of a cell, but for the reason and the basis

_CODE = "incident:SOURCE/REF"
_VICTIM, _INCIDENT, _RECORD = "victim:V-...", "incident:I-...", "record:SOURCE/KEY"
_NAMED = "V- or I- and 12 letters a-z or digits 2-7"
_PATTERNS = {
    _RECORD: r"record:[^/]+/.+",
    _CODE: r"incident:[^/]+/.+",
    _INCIDENT: r"incident:I-[a-z2-7]{12}",
    _VICTIM: r"victim:V-[a-z2-7]{12}",
    "victim:V-... (counted)": r"victim:V-[0-9a-f]{12}",  # persons who are counted without a record of their own
    "capture:SHA256": r"capture:[0-9a-f]{64}",
    "source:ID": r"source:[^\s/]+",
    "place:TEXT AS WRITTEN": r"place:.*\w.*",
}
_ALL_BUT_PLACES = (_CODE, _INCIDENT, _VICTIM, "victim:V-... (counted)", _RECORD)
_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "attribution": _ALL_BUT_PLACES,
    "verification": _ALL_BUT_PLACES,
    "link": (_RECORD, _VICTIM, _CODE, _INCIDENT),
    "merge": (_VICTIM, _CODE, _INCIDENT),
    "retraction": (_RECORD, "capture:SHA256", "source:ID"),
    "candidate": (_RECORD,),
    "place_alias": ("place:TEXT AS WRITTEN",),
}
_COMPILED = {kind: re.compile("|".join(_PATTERNS[form] for form in forms)) for kind, forms in _SUBJECTS.items()}
_RELATION = re.compile(r"(same_as|different_from|unsure|into):(.+)", re.DOTALL)
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")

Problem = tuple[str, str]  # the column that is to blame; what was expected there and what to do


def moment(text: str) -> datetime | None:
    """A UTC instant without its zone; one that states none is taken as UTC. None for what is no instant."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo is None else found.astimezone(UTC)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def as_decided(cells: Mapping[str, str]) -> dict[str, object]:
    """What a sound entry decides, as captures.decisions holds it: the columns of `COLUMNS`."""
    return {column: cells.get(column) or None for column in COLUMNS} | {
        "value": canonical_claim(cells["value"]) if cells["kind"] == "attribution" else cells["value"],
        "decided_at": moment(cells["decided_at"]),
        "basis": " ".join(bases(cells.get("basis", ""))) or None,
    }


def bases(text: str) -> list[str]:
    """What a decision rests on: the captures (`sha256:...`) that a cell names, in order; other words stay as they are."""
    return [f"sha256:{found[1].lower()}" if (found := _SHA256.fullmatch(w)) else w for w in re.split(r"[\s,;]+", text) if w]


def captures_of(basis: object) -> list[str]:
    """The SHA-256 of the captures that a basis names."""
    return [word.removeprefix("sha256:") for word in str(basis or "").split() if _SHA256.fullmatch(word)]


def other_side(decision: Mapping[str, object]) -> tuple[str, str] | None:
    """The relation that a link or a merge states, and the subject that it states it of; None for anything else."""
    found = _RELATION.fullmatch(str(decision["value"])) if decision["kind"] in {"link", "merge"} else None
    return (found[1], found[2]) if found else None


def form_problem(profile: Profile, cells: Mapping[str, str]) -> Problem | None:
    """What is wrong with an entry by itself, or None where it can be meant."""
    for column in REQUIRED:
        if not cells.get(column):
            return column, "may not be empty: fill it in"
    for column in COLUMNS:
        if column not in {"reason", "basis"} and len(cells.get(column, "")) > LONGEST:
            return column, f"expected at most {LONGEST:,} characters: shorten it"
    if cells["kind"] not in KINDS:
        return "kind", f"expected one of {', '.join(KINDS)}: choose one"
    if problem := subject_problem(cells["kind"], cells["subject"]):
        return "subject", problem
    if cells.get("certainty", "") not in CERTAINTIES:
        return "certainty", "expected established, believed, proved or nothing: choose one"
    if moment(cells["decided_at"]) is None:
        return "decided_at", "expected a UTC instant such as 2020-04-12T09:30:00Z: write it so"
    if cells.get("supersedes", "") == cells["decision_id"]:
        return "supersedes", "expected an earlier decision, found its own id: a decision can't supersede itself"
    if cells["value"] == WITHDRAWN:
        if not cells.get("supersedes"):
            return "supersedes", "expected the id of the decision that is taken back: nothing else says what is withdrawn"
        return None
    return _value_problem(profile, cells)


def subject_problem(kind: str, subject: str) -> str | None:
    """What was expected where a subject is none of its kind; None for one that can be meant."""
    if _COMPILED[kind].fullmatch(subject):
        return None
    forms = [form for form in _SUBJECTS[kind] if "counted" not in form]
    ids = f" ({_NAMED})" if _VICTIM in forms or _INCIDENT in forms else ""
    return f"expected {' or '.join(forms)}{ids}: name what the decision is about"


def _value_problem(profile: Profile, cells: Mapping[str, str]) -> Problem | None:
    kind, value = cells["kind"], cells["value"]
    match kind:
        case "attribution":
            return _claim_problem(profile, value)
        case "place_alias":
            known = value in profile.governorate or any(place.id == value for place in profile.places.places)
            if not known and value != UNSURE:
                return "value", "expected a p-code of a governorate, an id of a place of the profile, or unsure: choose one"
            return None
        case "link" | "merge":
            return _relation_problem(kind, cells["subject"], value)
    words = {"verification": ("verified", "unverified"), "candidate": ("confirmed", "refused", UNSURE)}
    expected = words.get(kind, ("retracted",))
    if value in expected:
        return None
    return "value", f"expected {' or '.join(expected)} (or {WITHDRAWN}, with what it supersedes): choose one"


def _claim_problem(profile: Profile, value: str) -> Problem | None:
    parties = re.split(r"[+|]", value)
    if not set(parties) <= {"unidentified", *profile.party}:
        what = "a party id of the profile, a+b jointly, a|b for one of them, or unidentified"
        return "value", f"expected {what}: `casualty terms` and docs/decisions.md say which there are"
    if "+" in value and frozenset(value.split("+")) not in profile.joint_pairs:
        return "value", "not a pair that the profile allows to be jointly responsible (R13): name one party, or a|b"
    return None


def _relation_problem(kind: str, subject: str, value: str) -> Problem | None:
    what = subject.partition(":")[0]
    relations = ("into",) if kind == "merge" else ("same_as", "different_from", UNSURE)
    same_kind = {"record": _RECORD, "victim": _VICTIM}.get(what, f"{_CODE} or {_INCIDENT}")
    found = _RELATION.fullmatch(value)
    if not found or found[1] not in relations or not found[2].startswith(f"{what}:") or subject_problem(kind, found[2]):
        return "value", f"expected {' or '.join(f'{r}:{same_kind}' for r in relations)}: name the other {what} in full"
    if found[2] == subject and not (what == "incident" and found[1] == "same_as"):
        return "value", f"expected another {what} than the subject: one {what} can't be decided about with itself"
    return None
