"""Why one victim is counted, or not: where, under whom, since when, and what was said before, in sentences.

Here belongs the way of one person into the figures. What joined the person's records is for `casualty explain`.
"""

from typing import Any

from casualty_pipeline.editions.composing import reading_edition
from casualty_pipeline.editions.shelf import editions
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.resolving import VICTIM, WHAT, resolve
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Reading, Warehouse

_STATUS = {
    "established": "held responsible",
    "believed": "believed to be responsible",
    "joint_pending": "held jointly responsible, until one of the two is likely or a joint attack is proved (R13)",
    "joint_proved": "proved to be jointly responsible",
    "undetermined": "one of several possible parties, undecided: counted under other parties (R14)",
    "unidentified": "not identified: counted under other parties (R15)",
}
_NOT_COUNTED = {
    "natural_death": "the death was natural (R6)",
    "discounted_by_source": "every source that assesses the report discounts it",
    "combatant": "the victim was a combatant, and didn't die due to torture (R4)",
    "unnamed_without_countable_media": "nobody names the victim, and no media show a body that can be counted (R7)",
    "too_few_independent_sources": "too few sources that are independent of each other name the victim (R8)",
}
_CHANGES = {
    "first": "the first that was known",
    "joint_resolved": "one of the two became likely (R13)",
    "joint_proved": "a coordinated joint attack was proved (R13)",
    "determined": "it returned from other parties: the evidence sufficed (R14)",
    "reopened": "it became open again",
    "other_party": "another party",
    "certainty": "the same party, with another certainty",
}
_VICTIM = """
    select v.*, d.name_ar, d.name_en, d.known_at, d.records, d.verified_reason, d.death_first, d.death_last
    from attributed.victims as v inner join deduplicated.victims as d on v.victim_id = d.victim_id
    where v.victim_id = $id
"""
_TRANSITIONS = """
    select * from attributed.transitions where incident_id = $incident and (victim_id is null or victim_id = $id)
    order by victim_id nulls first, known_at
"""
_FIRST = """
    select r.record_id, r.source, r.documentation_month, r.known_at from deduplicated.victim_records as l
    inner join captures.records as r on l.record_id = r.record_id
    where l.victim_id = $id order by r.documentation_month, r.known_at, r.record_id limit 1
"""
_DECISIONS = """
    select decision_id, decided_at, decided_by, reason from captures.decisions where decision_id in (select unnest($ids))
"""


def why(home: Home, asked: str) -> dict[str, Any]:
    """`sentences`, and what they tell as values: `victim`, `transitions`, `editions`.

    Raises CasualtyError for an id that no victim ever had, or of a victim whose month wasn't run.
    """
    if not asked.startswith(VICTIM):
        raise CasualtyError(
            f"{asked!r} is no id of a victim: expected V-...; `casualty trace FIGURE` lists those of a figure"
        )
    with Warehouse(home.warehouse).reading() as reading:
        resolved = resolve(reading, asked)
        victim = _one(reading, _VICTIM, {"id": resolved.current})
        if resolved.current is not None and victim is None:
            raise CasualtyError(f"{resolved.current}: its month wasn't run since it is known (`casualty status` says which)")
        transitions = _transitions(reading, victim) if victim else []
        sentences = [f"{asked} {WHAT[resolved.what].format(current=resolved.current)}."]
        if victim:
            sentences += _of_victim(reading, home.profile, victim) + _of_party(home.profile, victim, transitions)
    told = _editions(home, {asked, *([str(resolved.current)] if resolved.current else [])})
    sentences += [_of_edition(home.profile, row) for row in told] or ["No edition was published that it could be in."]
    return {"asked": asked, "victim": victim, "transitions": transitions, "editions": told, "sentences": sentences}


def _one(reading: Reading, sql: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
    rows = reading.frame(sql, parameters).to_dicts()
    return rows[0] if rows else None


def _transitions(reading: Reading, victim: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the victim, where people decided about it apart; else those of its incident."""
    rows = reading.frame(_TRANSITIONS, {"incident": victim["incident_id"], "id": victim["victim_id"]}).to_dicts()
    own = [row for row in rows if row["victim_id"] is not None]
    rows = own or rows
    ids = [row["cause_id"] for row in rows if row["cause"] == "decision"]
    decisions = {d["decision_id"]: d for d in reading.frame(_DECISIONS, {"ids": ids}).to_dicts()} if ids else {}
    return [row | {"decision": decisions.get(row["cause_id"])} for row in rows]


def _of_victim(reading: Reading, profile: Profile, victim: dict[str, Any]) -> list[str]:
    name = victim["name_en"] or victim["name_ar"] or "unnamed"
    persons = "" if victim["persons"] == 1 else f", {victim['persons']} persons"
    records = f"{victim['records']} record{'' if victim['records'] == 1 else 's'}"
    sources = f"{victim['independent_sources']} independent source{'' if victim['independent_sources'] == 1 else 's'}"
    sentences = [f"{name} ({victim['demographic'].replace('_', ' ')}{persons}), from {records} of {sources}."]
    month, own = victim["documentation_month"], victim["documented_in"]
    first = _one(reading, _FIRST, {"id": victim["victim_id"]})
    documented = f"The first documentation is of {own}" + (
        f" ({first['record_id']}, {first['source']}, known on {first['known_at']:%Y-%m-%d})" if first else ""
    )
    if month == own:
        sentences.append(f"{documented}: that is the month that counts (R10).")
    else:
        sentences.append(
            f"{documented}; it counts in {month}, with the massacre that it belongs to: no month documented enough of its "
            "dead by itself (R20, docs/adr/0011-late-deaths.md)."
        )
    tolls = [toll for toll, counted in (("civilians", "in_civilians"), ("torture", "in_torture")) if victim[counted]]
    if tolls:
        also = " It belongs to a massacre." if victim["in_massacre"] else ""
        group = f" It also counts among {victim['special_group']}." if victim["special_group"] else ""
        verified = "by decision" if victim["decision_id"] and not victim["verified_reason"] else victim["verified_reason"]
        sentences.append(
            f"It counts in the toll of {' and of '.join(tolls)}, by methodology {victim['methodology']}; "
            f"verified: {verified}.{also}{group}"
        )
    else:
        reason = victim["not_counted_reason"] or ""
        status = f"the records say that the victim is {reason.removeprefix('status_')}" if "status_" in reason else reason
        sentences.append(f"It counts in no toll: {_NOT_COUNTED.get(reason, status)}.")
    governorate = profile.governorate.get(victim["governorate"])
    sentences.append(f"Killed in {governorate.label['en'] if governorate else 'a governorate that is not known'}.")
    return sentences


def _of_party(profile: Profile, victim: dict[str, Any], transitions: list[dict[str, Any]]) -> list[str]:
    since = f" since {transitions[-1]['known_at']:%Y-%m-%d}" if transitions else ""
    basis = {
        "claims": "as every source that names anybody says",
        "majority": "as most sources that name anybody say",
        "tie": "since as many sources name one as another",
        "none": "since no source names anybody",
        "decision": f"by decision {victim['decision_id']}",
    }[victim["attribution_basis"]]
    found = [f"{_party(profile, victim)}: {_STATUS[victim['attribution']]},{since} {basis}.".replace(",  ", ", ")]
    for row in transitions:
        by = f"{row['cause']} {row['cause_id']}"
        if row["decision"]:
            decision = row["decision"]
            by = f"decision {decision['decision_id']} of {decision['decided_by']}: {decision['reason'] or 'no reason given'}"
        before = f", before that {_party(profile, row, '_before')}" if row["attribution_before"] else ""
        found.append(f"{row['known_at']:%Y-%m-%d}: {_party(profile, row)}{before}; {_CHANGES[row['change']]} ({by}).")
    return found


def _party(profile: Profile, row: dict[str, Any], when: str = "") -> str:
    party = profile.party_label(row[f"party{when}"], "en")
    return f"{party} ({row[f'attribution{when}'].replace('_', ' ')})"


def _editions(home: Home, ids: set[str]) -> list[dict[str, Any]]:
    """What each edition that could hold the victim said of it: null values where it held none of these ids."""
    told = []
    for one in editions(home):
        with reading_edition(one) as reading:
            rows = reading.frame(
                "select victim_id, documentation_month, party, attribution, in_civilians, in_torture from attributed.victims"
                " where victim_id in (select unnest($ids)) and documentation_month = $month",
                {"ids": sorted(ids), "month": one.month},
            ).to_dicts()
        told += [{"month": one.month, "edition": one.number, "as_of": one.manifest.as_of, **row} for row in rows]
    return told


def _of_edition(profile: Profile, row: dict[str, Any]) -> str:
    counted = " and ".join(toll for toll in ("civilians", "torture") if row[f"in_{toll}"]) or "no toll"
    return (
        f"Edition {row['edition']} of {row['month']}, as of {row['as_of']:%Y-%m-%d}, counted it in {counted}, under "
        f"{_party(profile, row)}."
    )
