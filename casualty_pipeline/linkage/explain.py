"""Why a victim is who it is: its records and how each came to it, who was nearly the same, kin, conflicts, history.

Here belongs putting together what `deduplicated` keeps of one victim, for a person or a program to read. Two records are
compared in `explain_pair`; the text is made in `explain_text`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from casualty_pipeline.captures.in_force import in_force
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.explain_pair import conclusion, decisions_on, evidence, explain_pair, facts, shown
from casualty_pipeline.linkage.model import Model, of_home
from casualty_pipeline.linkage.resolving import EVENTS, INCIDENT, VICTIM, Resolved, event_order, resolve
from casualty_pipeline.warehouse import Reading, Warehouse

_MEMBERS = "select record_id, linked_by from deduplicated.victim_records where victim_id = $id order by record_id"
# The pair that tied each record best to the others of its victim: if possible to one that was known before.
_TIES = """
    with member as (
        select p.record_no, p.record_id, p.known_at from deduplicated.people as p where p.record_id in (select unnest($ids))
    ),
    side as (
        select a, b, verdict, pattern from deduplicated.pairs
        union all
        select b, a, verdict, pattern from deduplicated.pairs
    )
    select x.record_id, y.record_id as other, s.verdict, s.pattern, w.weight, w.hard
    from side as s
    inner join member as x on s.a = x.record_no
    inner join member as y on s.b = y.record_no
    inner join deduplicated.patterns as w on s.pattern = w.pattern
    qualify row_number() over (
        partition by x.record_id
        order by
            s.verdict = 'same' desc, (y.known_at, y.record_id) < (x.known_at, x.record_id) desc, w.weight desc, y.record_id
    ) = 1
"""
_OUTSIDE = """
    with member as (
        select p.record_no, p.record_id from deduplicated.people as p where p.record_id in (select unnest($ids))
    ),
    side as (
        select a, b, record_a, record_b, verdict, refused, pattern from deduplicated.pairs
        union all
        select b, a, record_b, record_a, verdict, refused, pattern from deduplicated.pairs
    )
    select m.record_id, s.record_b as other, s.verdict, s.refused, s.pattern, w.weight, w.hard
    from side as s
    inner join member as m on s.a = m.record_no
    inner join deduplicated.patterns as w on s.pattern = w.pattern
    where s.b not in (select record_no from member)
    order by s.verdict = 'kin', w.weight desc, m.record_id, s.record_b
"""
_CONTRADICTED = """
    select record_a, record_b, relation, decided_at from deduplicated.constraints
    where contradicted and (record_a in (select unnest($ids)) or record_b in (select unnest($ids))) order by all
"""
_QUESTIONS = """
    select question_id, kind, subject, question, weight from deduplicated.review_queue
    where kind in ('pair', 'contradiction') and len(list_intersect(string_split(subject, '|'), $ids)) > 0
    order by abs(weight) nulls last, question_id
"""
_CAME_OF_COUNTING = {
    "remainder": "counts more dead than the sources list by name: this stands for those without a name",
    "listed_with": "speaks of more persons than it names: this stands for those without a name",
}


def explain(home: Home, asked: Sequence[str]) -> dict[str, Any]:
    """A victim (`V-...`), an incident (`I-...`), or two records: what `explain_victim`, `_incident` or `_pair` say of it.

    Raises CasualtyError for ids that were never given, records that there aren't, or anything else than these.
    """
    with Warehouse(home.warehouse).reading() as reading:
        if len(asked) == 2:
            return explain_pair(reading, of_home(home), asked[0], asked[1])
        if len(asked) == 1 and asked[0].startswith(VICTIM):
            return explain_victim(reading, of_home(home), asked[0])
        if len(asked) == 1 and asked[0].startswith(INCIDENT):
            return explain_incident(reading, asked[0])
    raise CasualtyError(f"expected a victim, an incident, a record, or two records; found {len(asked)} arguments")


def explain_victim(reading: Reading, model: Model, asked: str) -> dict[str, Any]:
    """Everything that decides who a victim is, by any id that it ever had.

    `asked`, `what` became of that id, `victim_id` (or None where it is retired), `founder`; `records` in the order of
    becoming known, each with its facts, `linked_by`, and the pair (`tie`) and `decisions` that joined it; `apart`: pairs
    with records of others that were refused, decided or near, each with its `conclusion`; `kin`; `contradictions` between
    decisions; `history` of the ids; open `questions`. Raises CasualtyError for an id that was never given.
    """
    resolved = resolve(reading, asked)
    if not asked.startswith(VICTIM):
        raise CasualtyError(f"{asked} is no victim: expected V- and 12 letters")
    linked = reading.frame(_MEMBERS, {"id": resolved.current}).to_dicts() if resolved.current else []
    by = {m["record_id"]: m["linked_by"] for m in linked}
    members = facts(reading, list(by))
    outside = reading.frame(_OUTSIDE, {"ids": list(members)}).to_dicts()
    others = facts(reading, sorted({o["other"] for o in outside}))
    near = [_apart(reading, model, pair, members, others) for pair in outside]
    return {
        "asked": asked,
        "what": resolved.what,
        "victim_id": resolved.current,
        "founder": resolved.founder,
        "records": [*_records(reading, model, members, by), *_counting(by, members)],
        "apart": [n for n in near if n["verdict"] != "kin"],
        "kin": [n for n in near if n["verdict"] == "kin"],
        "contradictions": [
            c | {"decisions": _between(reading, c["record_a"], c["record_b"])}
            for c in reading.frame(_CONTRADICTED, {"ids": list(members)}).to_dicts()
        ],
        "history": _history(reading, resolved),
        "questions": reading.frame(_QUESTIONS, {"ids": list(members)}).to_dicts() if members else [],
        "model": model.version,
    }


def explain_incident(reading: Reading, asked: str) -> dict[str, Any]:
    """What an incident's id means today: `asked`, `what`, `incident_id`, `founder`, its `records` and `victims` (ids)."""
    resolved = resolve(reading, asked)
    own = {"id": resolved.current}
    records = "select record_id from deduplicated.incident_records where incident_id = $id order by record_id"
    victims = "select victim_id from deduplicated.victims where incident_id = $id order by victim_id"
    return {
        "asked": asked,
        "what": resolved.what,
        "incident_id": resolved.current,
        "founder": resolved.founder,
        "records": reading.frame(records, own)["record_id"].to_list(),
        "victims": reading.frame(victims, own)["victim_id"].to_list(),
    }


def _records(
    reading: Reading, model: Model, members: Mapping[str, dict[str, Any]], by: Mapping[str, str]
) -> list[dict[str, Any]]:
    ties = {t["record_id"]: t for t in reading.frame(_TIES, {"ids": list(members)}).to_dicts()}
    found = []
    for record_id, row in members.items():
        others = [o for o in members.values() if o is not row]
        tie = ties.get(record_id)
        found.append(
            shown(row)
            | {"linked_by": by[record_id]}
            | {"tie": _evidence(model, tie) | {"other": tie["other"]} if tie else None}
            | {"decisions": decisions_on(reading, row, others)}
        )
    return found


def _counting(by: Mapping[str, str], members: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Statements that a victim rests on without being about it alone."""
    return [
        {"record_id": record, "linked_by": linked_by, "counts": _CAME_OF_COUNTING[linked_by]}
        for record, linked_by in by.items()
        if record not in members and linked_by in _CAME_OF_COUNTING
    ]


def _evidence(model: Model, pair: Mapping[str, Any]) -> dict[str, Any]:
    """The bits of a pair, what says nothing left out."""
    told = evidence(model, pair["pattern"], pair["weight"])
    return told | {"comparisons": [c for c in told["comparisons"] if c["level"]]}


def _apart(
    reading: Reading,
    model: Model,
    pair: Mapping[str, Any],
    members: Mapping[str, dict[str, Any]],
    others: Mapping[str, dict[str, Any]],
) -> dict[str, Any]:
    own, other = members[pair["record_id"]], others[pair["other"]]
    told = {
        "record_id": pair["record_id"],
        "other": shown(other),
        "verdict": pair["verdict"],
        "refused": pair["refused"],
        "hard": pair["hard"],
        **_evidence(model, pair),
        "decisions": decisions_on(reading, own, [other]) if pair["verdict"] in ("must_link", "cannot_link") else [],
    }
    return told | {"conclusion": conclusion(told | {"together": False, "records": [own, told["other"]]})}


def _between(reading: Reading, record_a: str, record_b: str) -> list[dict[str, Any]]:
    both = facts(reading, [record_a, record_b])
    return decisions_on(reading, both[record_a], [both[record_b]])


def _history(reading: Reading, resolved: Resolved) -> list[dict[str, Any]]:
    """The events of the id in force and of every id that was ever merged with it or split from it, in order.

    Each has the decisions of its moment, unless evidence was the cause.
    """
    ids: set[str] = set()
    related = {resolved.asked, resolved.current or resolved.asked}
    while related > ids:
        ids |= related
        events = reading.frame(f"from ({EVENTS}) order by all", {"ids": sorted(ids)}).to_dicts()
        turned = [e for e in events if e["event"] in ("merged", "split")]
        related |= {e["victim_id"] for e in turned} | {e["other_id"] for e in turned}
    events.sort(key=event_order)
    decided = reading.frame(
        f"select decided_at, decision_id, decided_by from {in_force()}"
        " where kind in ('link', 'merge', 'retraction') order by all"
    ).to_dicts()
    return [
        e | {"decisions": [d["decision_id"] for d in decided if e["cause"] != "evidence" and d["decided_at"] == e["at"]]}
        for e in events
    ]
