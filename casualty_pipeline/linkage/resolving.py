"""What an id means today: of victims and incidents, in force or long merged away; and the decisions that name nothing.

Every id is made of the statement that founded what it names (`identities`), so it resolves from nothing but the records,
however often the tables were computed anew: to whatever its founding statement speaks of now. The history tells what
happened meanwhile.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from casualty_pipeline.captures.in_force import in_force
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.identities import EVENT_ORDER, ID_LETTERS
from casualty_pipeline.warehouse import Reading

VICTIM, INCIDENT = "V-", "I-"
_NAMED = {VICTIM: "victim", INCIDENT: "incident"}
_ID = re.compile(rf"[VI]-[a-z2-7]{{{ID_LETTERS}}}")
# Persons counted with somebody, or beyond those listed, are named by what counts them and their kind: 12 hexadecimal digits.
_COUNTED = re.compile(r"V-[0-9a-f]{12}")
_KINDS = ("man", "woman", "child_male", "child_female", "child", "unknown")
_FOUNDED = ("founded", "evidence", "decision")  # how a statement comes to a victim that it names itself
_SPEAKS = {
    VICTIM: f"select record_id, victim_id as id from deduplicated.victim_records where linked_by in {_FOUNDED}",
    INCIDENT: "select record_id, incident_id as id from deduplicated.incident_records",
}
_IN_FORCE = {
    VICTIM: """
        select victim_id as id from deduplicated.victim_records where victim_id in (select unnest($ids))
        union
        select victim_id from deduplicated.victims where victim_id in (select unnest($ids))
    """,
    INCIDENT: """
        select incident_id as id from deduplicated.incident_records where incident_id in (select unnest($ids))
        union
        select incident_id from deduplicated.incidents where incident_id in (select unnest($ids))
    """,
}
# What became of an id, in words.
WHAT = {
    "in_force": "is in force",
    "revived": "was merged away, then split off again: it is in force",
    "merged": "is an alias: it was merged away, and stands for {current}",
    "joined": "isn't in the history as it stands today (an earlier model or decision gave it): it stands for {current}",
    "retired": "is retired: what it named is named by no record in force",
}
EVENTS = """
    select "at", event, victim_id, other_id, record_id, cause from deduplicated.identity_events
    where victim_id in (select unnest($ids)) or other_id in (select unnest($ids))
"""


@dataclass(frozen=True)
class Resolved:
    """What became of an id.

    `current`: the id in force that it stands for, or None. `what`: `in_force`; `revived` (merged away, then split off
    again); `merged` (an alias of `current`); `joined` (the history as it is computed today doesn't know it, but its founding
    record speaks of `current`); `retired` (what it named is named by no statement any more). `founder`: the record that it
    was made of, where that is known. `events`: rows of deduplicated.identity_events about it, in order.
    """

    asked: str
    current: str | None
    what: str
    founder: str | None
    events: tuple[Mapping[str, Any], ...] = ()


def resolve(reading: Reading, asked: str) -> Resolved:
    """What an id of a victim (`V-`) or an incident (`I-`) means today. Raises CasualtyError for one that was never given."""
    found = resolve_all(reading, [asked]).get(asked)
    if found is not None:
        return found
    if not _ID.fullmatch(asked) and not _COUNTED.fullmatch(asked):
        raise CasualtyError(
            f"{asked!r} is no id of a victim or an incident: expected V- or I- and {ID_LETTERS} letters a-z or digits 2-7"
        )
    raise CasualtyError(
        f"{asked}: no {_NAMED[asked[:2]]} ever had this id in this home: no record here could have founded it. Check the"
        " spelling; if it comes from another home, or from captures that aren't in this archive yet, take those in first"
        " (`casualty ingest`)"
    )


def resolve_all(reading: Reading, ids: Iterable[str]) -> dict[str, Resolved]:
    """The same for several ids; those that were never given are left out."""
    asked = sorted(set(ids))
    found: dict[str, Resolved] = {}
    for prefix in (VICTIM, INCIDENT):
        of_kind = [i for i in asked if i.startswith(prefix)]
        if of_kind:
            found |= _resolved(reading, prefix, of_kind)
    return found


def _resolved(reading: Reading, prefix: str, asked: list[str]) -> dict[str, Resolved]:
    history = _history(reading, asked) if prefix == VICTIM else {}
    in_force = set(reading.frame(_IN_FORCE[prefix], {"ids": asked})["id"])
    founders = _founders(reading, prefix, asked)
    speaks = _speak_of(reading, prefix, [founders[i] for i in asked if i in founders and i not in in_force])
    found: dict[str, Resolved] = {}
    for one in asked:
        events, founder = history.get(one, ()), founders.get(one)
        if one in in_force:
            revived = any(e["event"] == "merged" and e["other_id"] == one for e in events)
            found[one] = Resolved(one, one, "revived" if revived else "in_force", founder, events)
        elif founder is not None:
            current = speaks.get(founder) or (_heir(reading, one) if prefix == VICTIM else None)
            given = prefix == INCIDENT or bool(events)
            what = "retired" if current is None else "merged" if given else "joined"
            found[one] = Resolved(one, current, what, founder, events)
    counted = [i for i in asked if i not in found and _COUNTED.fullmatch(i)]
    return found | (_counted(reading, counted) if counted else {})


def _history(reading: Reading, ids: list[str]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    events = reading.frame(EVENTS, {"ids": ids}).to_dicts()
    events.sort(key=event_order)
    return {i: tuple(e for e in events if i in (e["victim_id"], e["other_id"])) for i in ids}


def event_order(event: Mapping[str, Any]) -> tuple[datetime, int, str, str, str]:
    """Where a row of deduplicated.identity_events stands in a history."""
    own = EVENT_ORDER[event["event"]]
    return event["at"], own, event["victim_id"], event["other_id"] or "", event["record_id"]


def _founders(reading: Reading, prefix: str, ids: list[str]) -> dict[str, str]:
    """The record that each id was made of: an id is the beginning of the record's hash, so that one scan finds them all."""
    beginning = {_hash_of(i): i for i in ids if _ID.fullmatch(i)}
    found: dict[str, str] = {}
    for records in (f"select record_id from ({_SPEAKS[prefix]})", "select distinct record_id from captures.records"):
        missing = [b for b, i in beginning.items() if i not in found]
        if missing:
            rows = reading.connection.execute(
                f"select substr(sha256(record_id), 1, 15) as beginning, min(record_id) from ({records})"
                " where beginning in (select unnest($missing)) group by beginning",
                {"missing": missing},
            ).fetchall()
            found |= {beginning[b]: record for b, record in rows}
    return found


def _hash_of(asked: str) -> str:
    """The first 15 hexadecimal digits of the hash that an id's letters stand for."""
    return base64.b32decode(f"{asked[2:].upper()}AAAA").hex()[:15]


def _speak_of(reading: Reading, prefix: str, founders: list[str]) -> dict[str, str]:
    """What founding records speak of now; a record that a later delivery replaced speaks through its replacement."""
    if not founders:
        return {}
    rows = reading.connection.execute(
        f"""
        with speaks as ({_SPEAKS[prefix]}), asked as (select unnest($founders) as founder),
        replaced as (
            select r.record_id as founder, n.record_id from captures.records as r inner join asked as a on r.record_id =
            a.founder inner join captures.records as n on r.source = n.source and r.source_key = n.source_key and r.record_id
            <> n.record_id ), candidate as ( select a.founder, s.id, 1 as choice from asked as a inner join speaks as s on
            a.founder = s.record_id union all select r.founder, s.id, 2 as choice from replaced as r inner join speaks as s
            on r.record_id = s.record_id ) select founder, arg_min(id, (choice, id)) from candidate group by founder
        """,
        {"founders": sorted(set(founders))},
    ).fetchall()
    return dict(rows)


def _heir(reading: Reading, asked: str) -> str | None:
    """Who took over the records of a victim whose founding statement was retracted."""
    seen = set[str]()
    while asked not in seen:
        seen.add(asked)
        merged = [e for e in _history(reading, [asked])[asked] if e["event"] == "merged" and e["other_id"] == asked]
        if not merged:
            return None
        asked = str(merged[-1]["victim_id"])
        if reading.frame(_IN_FORCE[VICTIM], {"ids": [asked]}).height:
            return asked
    return None


def _counted(reading: Reading, ids: list[str]) -> dict[str, Resolved]:
    """Ids of persons who were counted by a statement, without one of their own, and aren't counted apart any more."""
    rows = reading.connection.execute(
        """
        with basis as (
            select distinct record_id as basis, record_id from captures.records where statement = 'incident'
            union
            select e.victim_id, arg_min(e.record_id, e.at) from deduplicated.identity_events as e group by e.victim_id
        )
        select 'V-' || substr(sha256(b.basis || '|' || k.kind), 1, 12) as id, min(b.record_id)
        from basis as b cross join (select unnest($kinds) as kind) as k
        where id in (select unnest($ids)) group by id
        """,
        {"kinds": list(_KINDS), "ids": ids},
    ).fetchall()
    return {i: Resolved(i, None, "retired", record) for i, record in rows}


def subject_ids(reading: Reading, decisions: str | None = None) -> pl.DataFrame:
    """What subjects that are ids mean today: `subject`, and `victim_id` or `incident_id`.

    Of the decisions in force, or of those in the relation that `decisions` names.
    """
    subjects = reading.frame(
        f"select distinct subject from {decisions or in_force()} where starts_with(subject, 'victim:V-') or"
        " regexp_matches(subject, '^incident:I-[^/]+$') order by subject"
    )["subject"].to_list()
    found = resolve_all(reading, [s.partition(":")[2] for s in subjects])
    rows = [(s, r.current) for s in subjects if (r := found.get(s.partition(":")[2])) and r.current]
    kinds = [(s, i if s.startswith("victim:") else None, i if s.startswith("incident:") else None) for s, i in rows]
    return pl.DataFrame(kinds, schema={"subject": pl.String, "victim_id": pl.String, "incident_id": pl.String}, orient="row")


def dangling(reading: Reading) -> pl.DataFrame:
    """Decisions in force about nothing, by decision_id, with `kind`, `subject`, `file`, `sheet`, `row_number` and `reason`.

    They name a record, incident or id that this home never had. One on a victim whose statements were all retracted isn't
    among them: there was somebody.
    """
    rows = reading.frame(
        f"""
        with standing as {in_force()},
        named as (
            select decision_id, subject as named from standing where not starts_with(subject, 'place:')
            union
            select decision_id, substr(value, instr(value, ':') + 1) from standing where kind in ('link', 'merge')
        ),
        known as (
            select 'record:' || source || '/' || source_key as named from captures.records
            union
            select 'incident:' || source || '/' || incident_ref from captures.records where incident_ref is not null
            union
            select 'capture:' || sha256 from captures.manifest
            union
            select 'source:' || source from captures.manifest
        )
        select d.decision_id, d.kind, d.subject, d.file, d.sheet, d.row_number, n.named
        from standing as d inner join named as n on d.decision_id = n.decision_id
        anti join known as k on n.named = k.named
        order by d.decision_id, n.named
        """
    )
    ids = {n: n.partition(":")[2] for n in rows["named"] if re.match(r"victim:|incident:I-[^/]+$", n)}
    given = resolve_all(reading, ids.values())
    reasons = [None if ids.get(n) in given else _absent(n) for n in rows["named"]]
    return (
        rows.drop("named")
        .with_columns(reason=pl.Series(reasons, dtype=pl.String))
        .filter(pl.col("reason").is_not_null())
        .unique("decision_id", keep="first", maintain_order=True)
    )


def _absent(named: str) -> str:
    kind, _, name = named.partition(":")
    if re.match(r"victim:|incident:I-[^/]+$", named):
        return f"no {kind} ever had the id {name} here: supersede it by a decision with the right one"
    return f"nothing that was received is {named}: supersede it by a decision with the right one, or take its source in"
