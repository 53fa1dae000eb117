"""What every month would be computed from now, as digests; and how they are known at once when nothing changed.

Here belongs how the digests of `cleaned` and `attributed` are come by. What they mean for a month is for `status.py`. To
work them out, every statement and every victim has to be resolved, which takes seconds where there are hundreds of
thousands. All that decides them is in a few columns of a few tables, which can be told apart by hashing, in a fraction of
that time: so they are kept in a file beside the warehouse, under the fingerprint of these columns. Where that changed,
hashing month by month (`attribution.states`) tells which victims have to be resolved again. The file is derived and may be
deleted.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from casualty_pipeline.attribution import digests, resolve, states
from casualty_pipeline.attribution.resolve import RULES_VERSION as ATTRIBUTION
from casualty_pipeline.beside import beside
from casualty_pipeline.captures.in_force import see_in_force
from casualty_pipeline.cleaning.stage import RULES_VERSION as CLEANING
from casualty_pipeline.cleaning.stage import inputs_of
from casualty_pipeline.home import Home
from casualty_pipeline.shipped import shipped
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading

KEPT = "month-digests.json"
# What decides the digests: the columns that `sql/cleaned/month_inputs.sql` and the queries of `sql/attributed/` read. A
# table with none named is hashed whole.
_CLEANED: Mapping[str, tuple[str, ...]] = {
    "captures.records": (
        *("record_id", "source", "source_key", "candidate", "incident_ref", "statement", "documentation_month"),
        *("received_at", "known_at", "file", "row_number", "case when candidate then extra end"),
    ),
    # Of other decisions, cleaning reads nothing.
    "(from in_force where kind in ('candidate', 'place_alias'))": ("decision_id", "kind", "subject", "value", "decided_at"),
    "captures.texts": ("text_id", "source", "source_key", "edited", "received_at"),
    "cleaned.places": ("documentation_month", "keys"),
}
_ATTRIBUTED: Mapping[str, tuple[str, ...]] = {
    "captures.decisions": (),
    # What an id means follows from these, too (`linkage.resolving`).
    "captures.records": ("record_id", "source", "source_key", "statement"),
    "cleaned.records": (
        *("record_id", "source", "source_key", "incident_ref", "claim", "certainty", "original_source", "known_at"),
    ),
    "deduplicated.victims": tuple(column.name for column in TABLE["deduplicated.victims"].columns if not column.personal),
    "deduplicated.incidents": (),
    "deduplicated.incident_records": ("record_id", "incident_id"),
    "deduplicated.victim_records": ("record_id", "victim_id", "linked_by"),
    "deduplicated.identity_events": (),
}


@dataclass(frozen=True)
class Digests:
    """By month: the digest of its statements and how many they are; the digest of its victims, incidents and decisions.

    `resolved`: the months whose digests had to be worked out, so that the temporary tables of `attribution.resolve` hold
    them.
    """

    cleaned: Mapping[str, tuple[str, int]]
    attributed: Mapping[str, str]
    resolved: frozenset[str]


def digests_now(reading: Reading, home: Home) -> Digests:
    """What every month would be computed from, by all that the warehouse holds now."""
    kept, profile = _kept(home), home.profile
    see_in_force(reading)
    rules = f"{profile.digest}|{duckdb.__version__}"
    resolved: frozenset[str] = frozenset()

    def cleaned(_: Mapping[str, Any]) -> dict[str, Any]:
        return {"months": [[m, sha, count] for m, count, sha in inputs_of(reading, profile).iter_rows()]}

    def attributed(before: Mapping[str, Any]) -> dict[str, Any]:
        """Of months that are as they were, the digests that are kept."""
        nonlocal resolved
        now = states(reading)
        was = before.get("states", {})
        known = {m: sha for m, sha in before.get("months", []) if m in now and was.get(m) == now[m]}
        # A month may have no rows, and so no digest, by what is stated and decided of it.
        changed = sorted(m for m in now if was.get(m) != now[m])
        if changed:
            resolve(reading, profile, changed)
            known |= {m: sha for m, _, sha in digests(reading, profile, changed).iter_rows()}
            resolved = frozenset(changed)
        return {"states": now, "months": [[m, known[m]] for m in sorted(known)]}

    found = {
        "cleaned": _asked(reading, kept, "cleaned", f"{CLEANING}|{rules}", _CLEANED, cleaned),
        "attributed": _asked(reading, kept, "attributed", f"{ATTRIBUTION}|{rules}", _ATTRIBUTED, attributed),
    }
    if found != kept:
        _keep(home, found)
    return Digests(
        {month: (sha, count) for month, sha, count in found["cleaned"]["months"]},
        dict(found["attributed"]["months"]),
        resolved,
    )


def _asked(
    reading: Reading,
    kept: Mapping[str, Any],
    stage: str,
    rules: str,
    decisive: Mapping[str, tuple[str, ...]],
    compute: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    """`rules`, `fingerprint` and `months` of a stage: those that are kept, where nothing that decides them changed.

    `compute` gets what is kept, by the same rules; nothing, where there are others.
    """
    rules = sha256(f"{rules}|{_rules_digest(stage)}".encode()).hexdigest()
    fingerprint = _fingerprint(reading, decisive)
    before = kept.get(stage)
    if not isinstance(before, dict) or before.get("rules") != rules or "months" not in before:
        before = {}
    if before.get("fingerprint") == fingerprint:
        return before
    return {"rules": rules, "fingerprint": fingerprint} | compute(before)


def _fingerprint(reading: Reading, decisive: Mapping[str, tuple[str, ...]]) -> str:
    """Of the rows of tables, in whatever order they lie: their number, and two sums over hashes of each."""
    parts = []
    for table, named in decisive.items():
        columns = ", ".join(named or (f'"{column.name}"' for column in TABLE[table].columns))
        row = reading.connection.execute(
            f"select count(*), sum(hash({columns})), sum(hash('again', {columns})) from {table}"
        ).fetchone()
        parts.append(f"{table}:{row}")
    return sha256("\n".join(parts).encode()).hexdigest()


def _rules_digest(stage: str) -> str:
    """Of the queries of a stage: changed queries, other digests, also where nobody raised a version."""
    return sha256(b"".join(file.read_bytes() for file in sorted((shipped("sql") / stage).glob("*.sql")))).hexdigest()


def _kept(home: Home) -> dict[str, Any]:
    try:
        found = json.loads((home.path / KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep(home: Home, found: Mapping[str, Any]) -> None:
    """Put the file in place by one rename. Where it can't be written, the next one works the digests out again."""
    target: Path = home.path / KEPT
    made = beside(target)
    try:
        made.write_text(json.dumps(found), encoding="utf-8")
        made.replace(target)
    except OSError:
        made.unlink(missing_ok=True)
