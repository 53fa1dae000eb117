"""Explanations of victims and pairs as text, for a person to read. What they hold is for `explain` and `explain_pair`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from casualty_pipeline.cleaning.explain import quoted
from casualty_pipeline.linkage.pairs import KEY_CAP
from casualty_pipeline.linkage.resolving import WHAT

_SHOWN = 10  # of pairs with others; the rest are counted
_FACTS = (
    *("name_ar", "name_en", "sex", "age", "born", "died", "place", "governorate", "occupation", "incident_ref"),
    *("source", "where", "known_at", "retracted_at", "victim_id"),
)
_SAYS = {
    "same_as": "one person",
    "different_from": "two people",
    "unsure": "can't be told",
    "must_link": "one person",
    "cannot_link": "two people",
}


def as_text(told: Mapping[str, Any]) -> str:
    """Any explanation of `explain`."""
    if "comparisons" in told:
        lines = _pair(told)
    elif "incident_id" in told:
        lines = _incident(told)
    else:
        lines = _victim(told)
    return "\n".join(lines) + "\n"


def _victim(told: Mapping[str, Any]) -> list[str]:
    lines = [_what(told, told["victim_id"]), ""]
    for number, record in enumerate(told["records"], start=1):
        lines += _record(number, record)
    lines += _section("kept apart, or close", [line for pair in told["apart"][:_SHOWN] for line in _apart(pair)])
    lines += _more(told["apart"])
    kin = list({pair["other"].get("victim_id"): pair for pair in reversed(told["kin"])}.values())[::-1]
    lines += _section("kin (of several records the nearest)", [line for pair in kin[:_SHOWN] for line in _apart(pair)])
    lines += _more(kin)
    lines += _section(
        "decisions that contradict each other",
        [
            f"  {c['record_a']} and {c['record_b']}: {_SAYS[c['relation']]}, {c['decided_at']:%Y-%m-%d}; it isn't applied"
            + "".join(f"\n    {_decision(d)}" for d in c["decisions"])
            for c in told["contradictions"]
        ],
    )
    lines += _section("history of the ids", [_event(e, told["asked"]) for e in told["history"]])
    lines += _section(
        "open questions (`casualty review export` asks them)",
        [f"  {q['question_id']}  {q['subject']}: {q['question']}" for q in told["questions"]],
    )
    return [*lines, "", f"Bits by the model {told['model']}: docs/linkage.md says how they are read."]


def _what(told: Mapping[str, Any], current: str | None) -> str:
    founded = f"; founded by {told['founder']}" if told["founder"] else ""
    return f"{told['asked']} {WHAT[told['what']].format(current=current)}{founded}"


def _record(number: int, record: Mapping[str, Any]) -> list[str]:
    if "counts" in record:
        return [f"{number:3d}. {record['record_id']} {record['counts']}"]
    lines = [f"{number:3d}. {record['record_id']}  {_name(record)}", f"     {_brief(record)}"]
    linked_by, tie, decisions = record["linked_by"], record["tie"], record["decisions"]
    if linked_by == "founded":
        lines.append("     founded it: of its records, the first that became known")
    elif linked_by == "evidence" and tie:
        lines.append(f"     joined by the evidence, best with {tie['other']}: {tie['weight']:+.1f} bits")
        lines += [f"       {line}" for line in _bits(tie)]
    elif linked_by == "evidence":
        lines.append("     joined by the evidence")
    else:
        lines.append("     joined by decision" + ("" if decisions else ", through other records"))
        if tie:
            lines.append(f"       the evidence by itself, with {tie['other']}: {tie['weight']:+.1f} bits")
    return [*lines, *(f"       {_decision(d)}" for d in decisions)]


def _brief(record: Mapping[str, Any]) -> str:
    said = [f"{name} {record[name]}" for name in ("sex", "age", "born", "died", "place", "governorate") if name in record]
    where = f", {record['where']}" if "where" in record else ""
    return f"{', '.join(said)}{'; ' if said else ''}{record['source']}{where}; known {record['known_at']}"


def _apart(pair: Mapping[str, Any]) -> list[str]:
    other = pair["other"]
    victim = f" of {other['victim_id']}" if "victim_id" in other else ""
    return [
        f"  {pair['record_id']} and {other['record_id']}{victim}  {_name(other)}: {pair['weight']:+.1f} bits",
        f"    {pair['conclusion']}",
        *(f"    {_decision(d)}" for d in pair["decisions"]),
        f"    {_listed(pair['comparisons'])}",
    ]


def _listed(comparisons: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(f"{c['about']}: {c['says']} ({c['bits']:+.1f})" for c in comparisons)


def _more(pairs: Sequence[object]) -> list[str]:
    return [f"  and {len(pairs) - _SHOWN} more (--format json has all)"] if len(pairs) > _SHOWN else []


def _decision(decision: Mapping[str, Any]) -> str:
    reason = f"; {quoted(decision['reason'])}" if decision["reason"] else ""
    return (
        f"{decision['decision_id']}, {decision['decided_by']}, {decision['decided_at']:%Y-%m-%d}: "
        f"{_SAYS[decision['says']]}{reason}"
    )


def _event(event: Mapping[str, Any], asked: str) -> str:
    victim, other, record = event["victim_id"], event["other_id"], event["record_id"]
    happened = {
        "created": f"{victim} was created, with {record}",
        "joined": f"{record} came to {victim}" + (f", from {other}" if other else ""),
        "merged": f"{other} was merged into {victim}, where it resolves from then on",
        "split": f"{victim} was split from {other}, with {record}",
        "retired": f"{victim} was retired: its last record was retracted",
    }[event["event"]]
    by = f" {', '.join(event['decisions'])}" if event["decisions"] else ""
    mark = "*" if asked in (victim, other) else " "
    return f" {mark} {event['at']:%Y-%m-%d %H:%M}  {happened} (by {event['cause']}{by})"


def _incident(told: Mapping[str, Any]) -> list[str]:
    lines = [_what(told, told["incident_id"]), ""]
    lines += [f"{len(told['records'])} records speak of it: {', '.join(told['records'])}"] if told["records"] else []
    return [*lines, f"{len(told['victims'])} victims: {', '.join(told['victims']) or 'none'}"]


def _pair(told: Mapping[str, Any]) -> list[str]:
    a, b = told["records"]
    rows = [("", a["record_id"], b["record_id"])]
    rows += [(f, _value(f, a), _value(f, b)) for f in _FACTS if f in a or f in b]
    widths = [max(len(row[i]) for row in rows) for i in (0, 1)]
    lines = [f"{f:<{widths[0]}}  {x:<{widths[1]}}  {y}".rstrip() for f, x, y in rows]
    lines += ["", told["conclusion"], ""]
    lines += _bits(told)
    lines += _section("decisions", [f"  {_decision(d)}" for d in told["decisions"]])
    lines += _section("keys that they share", [f"  {_key(k)}" for k in told["met_under"]] or ["  none"])
    if told["never_compared"]:
        lines += ["", "Their source guarantees a row per person: its rows aren't compared with each other."]
    elif not told["kept"]:
        lines += ["", "Linkage kept no such pair: it was compared just now, by the same rules."]
    return [*lines, "", f"Bits by the model {told['model']}: docs/linkage.md says how they are read."]


def _key(key: Mapping[str, Any]) -> str:
    if key["compared"]:
        return f"{key['says']} (shared by {key['records']} records)"
    return f"{key['says']}: of {key['records']} records that share it only the first {KEY_CAP} are compared, not these two"


def _bits(pair: Mapping[str, Any]) -> list[str]:
    """Prior, comparisons and sum, one below the other; an exclusion counts whatever the sum."""
    rows = [("where any two records that meet stand", pair["prior"], "")]
    rows += [
        (f"{c['about']}: {c['says']}", c["bits"], "  (excludes one person)" if c["excludes"] else "")
        for c in pair["comparisons"]
        if c["level"]
    ]
    silent = ", ".join(c["about"] for c in pair["comparisons"] if not c["level"])
    told = [f"{bits:+6.1f}  {says}{note}" for says, bits, note in rows]
    earlier = f"; {pair['held']:+.1f} by an earlier model, until the next run" if "held" in pair else ""
    return [*told, *([f"        nothing: {silent}"] if silent else []), f"{pair['weight']:+6.1f}  together{earlier}"]


def _value(field: str, record: Mapping[str, Any]) -> str:
    value = record.get(field)
    return "-" if value is None else quoted(value) if field in ("name_ar", "name_en", "place") else str(value)


def _name(record: Mapping[str, Any]) -> str:
    names = [quoted(record[n]) for n in ("name_en", "name_ar") if n in record]
    return " ".join(names) or "(unnamed)"


def _section(heading: str, lines: Sequence[str]) -> list[str]:
    return ["", heading, *lines] if lines else []
