"""Why two records are one person or two: both side by side, what each comparison says in words and bits, what was decided.

Here belongs putting together what linkage knows of a pair. A pair that linkage didn't keep is compared anew, by the same
SQL, in temporary tables: nothing is written. How it looks as text is for `explain_text`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from casualty_pipeline.captures.in_force import in_force
from casualty_pipeline.cleaning.dates import written
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.pairs import KEY_CAP, SCHEMES, vowels_apart
from casualty_pipeline.warehouse import Reading, read_sql

# Why a pair that speaks for one person wasn't joined: the reasons of `clusters`, in words.
REFUSED = {
    "different": "people held another record of the one apart from a record of the other",
    "source": "their source guarantees one row per person, and lists both",
    "others": "all their records together speak against it",
}
_FACTS = """
    select
        p.record_no, p.record_id, p.known_at, p.documentation_month, p.source, p.listed_once, p.retracted_at, p.person,
        p.sex, p.age_group, p.age_first, p.age_last, p.birth_first, p.birth_last, p.birth_stated, p.day_first, p.day_last,
        p.governorate, p.occupation, p.incident_ref, c.source_key, c.name_ar, c.name_en,
        coalesce(c.place, c.place_ar, p.place_key) as place, r.file, r.sheet, r.row_number, v.victim_id
    from deduplicated.people as p
    left join cleaned.records as c on p.record_id = c.record_id
    left join captures.records as r on p.record_id = r.record_id
    left join deduplicated.victim_records as v
        on p.record_id = v.record_id and v.linked_by in ('founded', 'evidence', 'decision')
    where p.record_id in (select unnest($ids))
    order by p.known_at, p.record_id
"""
_NAMED = """
    select record_id from cleaned.records where record_id = $record or source || '/' || source_key = $record
    union
    select record_id from captures.records where record_id = $record or source || '/' || source_key = $record
    union
    select record_id from deduplicated.people where record_id = $record
"""


def explain_pair(reading: Reading, model: Model, one: str, other: str) -> dict[str, Any]:
    """Everything that decides whether two records, each a record id or SOURCE/KEY, speak of one person.

    `records` (the facts of both), `together`, `comparisons` (comparison, about, level, says, bits, excludes), `prior`,
    `weight`, `hard`, `verdict`, `refused`, `conclusion` in words, `kept` (in deduplicated.pairs), `met_under` (scheme, says,
    records, compared), `decisions`, `model`. Raises CasualtyError for a record that there isn't, that isn't linked, or the
    same twice.
    """
    ids = [linked_record(reading, given) for given in (one, other)]
    if ids[0] == ids[1]:
        raise CasualtyError(f"{one} and {other} are one record: expected two, to tell whether they speak of one person")
    of = facts(reading, ids)
    a, b = of[ids[0]], of[ids[1]]
    kept = reading.frame(
        "select p.pattern, p.verdict, p.refused, w.weight, w.hard, w.kin from deduplicated.pairs as p"
        " inner join deduplicated.patterns as w on p.pattern = w.pattern"
        " where p.record_a = least($a, $b) and p.record_b = greatest($a, $b)",
        {"a": ids[0], "b": ids[1]},
    ).to_dicts()
    pair = kept[0] if kept else _compared(reading, model, a["record_no"], b["record_no"])
    told: dict[str, Any] = {
        "records": [shown(a), shown(b)],
        "together": a["victim_id"] is not None and a["victim_id"] == b["victim_id"],
        **evidence(model, pair["pattern"], pair["weight"]),
        "hard": pair["hard"],
        "verdict": pair["verdict"],
        "refused": pair["refused"],
        "kept": bool(kept),
        "met_under": _met_under(reading, a, b),
        "never_compared": a["listed_once"] and b["listed_once"] and a["source"] == b["source"],
        "decisions": decisions_on(reading, a, [b]),
        "model": model.version,
    }
    return told | {"conclusion": conclusion(told)}


def linked_record(reading: Reading, given: str) -> str:
    """The record that linkage knows by a record id or SOURCE/KEY; of several deliveries the last.

    Raises CasualtyError where there is none, or it takes no part in linkage.
    """
    named = reading.frame(_NAMED, {"record": given})["record_id"].to_list()
    if not named:
        raise CasualtyError(f"no record {given!r}: expected a record id (`casualty trace` shows some) or SOURCE/KEY")
    linked = reading.frame(
        "select record_id from deduplicated.people where record_id in (select unnest($ids))"
        " order by known_at desc, record_id",
        {"ids": named},
    )["record_id"].to_list()
    if not linked:
        raise CasualtyError(
            f"{given} takes no part in linkage: it is about an incident, quarantined, superseded or not yet run."
            f" `casualty explain {given}` says which"
        )
    return str(linked[0])


def facts(reading: Reading, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What linkage read of these records, where they stand and of whom they speak, by id, in the order of becoming known."""
    return {row["record_id"]: row for row in reading.frame(_FACTS, {"ids": list(ids)}).to_dicts()}


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record's facts as a reader wants them, those that it has: intervals as one text, where it stands as one."""

    def interval(name: str) -> str | None:
        first, last = row[f"{name}_first"], row[f"{name}_last"]
        return None if first is None else written(first, last or first)

    years = {str(y) for y in (row["age_first"], row["age_last"]) if y is not None}
    sheet, line = f", sheet {row['sheet']}" if row["sheet"] else "", row["row_number"]
    told = {
        "record_id": row["record_id"],
        "name_ar": row["name_ar"],
        "name_en": row["name_en"],
        "sex": row["sex"],
        "age": "-".join(sorted(years, key=int)) or row["age_group"],
        "born": interval("birth") if row["birth_stated"] else None,
        "died": interval("day"),
        "place": row["place"],
        "governorate": row["governorate"],
        "occupation": row["occupation"],
        "incident_ref": row["incident_ref"],
        "source": f"{row['source']}/{row['source_key']}" if row["source_key"] else row["source"],
        "where": f"{row['file']}{sheet}" + (f", row {line}" if line is not None else "") if row["file"] else None,
        "known_at": f"{row['known_at']:%Y-%m-%d}",
        "retracted_at": f"{row['retracted_at']:%Y-%m-%d}" if row["retracted_at"] else None,
        "victim_id": row["victim_id"],
    }
    return {name: value for name, value in told.items() if value is not None}


def evidence(model: Model, pattern: int, held: float) -> dict[str, Any]:
    """What a pattern says, by the model: `prior`, `comparisons`, the sum as `weight`, and whether it is `close` to even.

    `held`: the weight that the warehouse holds, kept where an earlier model gave another.
    """
    levels = model.levels(pattern)
    told = [(c, c.level(levels[c.name])) for c in model.comparisons]
    weight = round(model.prior + sum(level.bits for _, level in told), 1)
    return {
        "prior": model.prior,
        "comparisons": [
            {
                "comparison": c.name,
                "about": c.about,
                "level": level.number,
                "says": level.says,
                "bits": level.bits,
                "excludes": level.number in c.hard,
            }
            for c, level in told
        ],
        "weight": weight,
        "close": abs(weight) <= model.review_band,
        **({"held": held} if round(held, 1) != weight else {}),
    }


def _compared(reading: Reading, model: Model, a: int, b: int) -> dict[str, Any]:
    """What two statements say together, by the SQL that compares all, on temporary views of these two."""
    execute = reading.connection.execute
    low, high = min(a, b), max(a, b)  # numbers of this warehouse
    execute(f"create or replace temp view person as from deduplicated.people where record_no in ({low:d}, {high:d})")
    execute(f"create or replace temp view name as from deduplicated.names where record_no in ({low:d}, {high:d})")
    execute(f"create or replace temp view met as select {low:d} as a, {high:d} as b")
    execute(f"create or replace temp view fact as {read_sql('deduplicated.facts')}")
    reading.register(vowels_apart=vowels_apart(reading, "name"))
    row = execute(f"select {model.pattern_sql()} from ({read_sql('deduplicated.compared')})").fetchone()
    if row is None:
        raise CasualtyError(f"records {low} and {high} can't be compared")
    weighed = model.weighed(pl.Series([int(row[0])])).to_dicts()[0]
    same = weighed["weight"] >= 0 and weighed["hard"] is None
    return weighed | {"verdict": "kin" if weighed["kin"] else "same" if same else "different", "refused": None}


def _met_under(reading: Reading, a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The keys that two statements share, a row for each scheme; under one that is too common only the first meet."""
    rows = reading.frame(
        f"""
        with shared as (
            select x.scheme, x.key from deduplicated.keys as x
            inner join deduplicated.keys as y on x.scheme = y.scheme and x.key = y.key
            where x.record_no = $a and y.record_no = $b
        ),
        ranked as (
            select
                k.scheme, k.key, k.record_no, count(*) over (partition by k.scheme, k.key) as records,
                row_number() over (partition by k.scheme, k.key order by p.known_at, p.record_id) as place
            from deduplicated.keys as k
            inner join shared as s on k.scheme = s.scheme and k.key = s.key
            inner join deduplicated.people as p on k.record_no = p.record_no
        )
        select scheme, key, max(records) as records, max(place) <= {KEY_CAP} as compared
        from ranked where record_no in ($a, $b) group by scheme, key
        """,
        {"a": a["record_no"], "b": b["record_no"]},
    ).to_dicts()
    best = {r["scheme"]: r for r in sorted(rows, key=lambda r: (r["scheme"], r["compared"], -r["records"], r["key"]))}
    return [
        {"scheme": n, "says": SCHEMES[n], "records": r["records"], "compared": r["compared"]}
        for n, r in sorted(best.items())
    ]


def decisions_on(reading: Reading, record: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The decisions in force that link a record to, or hold it apart from, any of others; oldest first."""
    own = f"record:{record['source']}/{record['source_key']}"
    them = [f"record:{o['source']}/{o['source_key']}" for o in others]
    rows = reading.frame(
        f"""
        select
            decision_id, split_part(value, ':', 1) as says, subject, substr(value, instr(value, ':') + 1) as other,
            decided_by, decided_at, reason
        from {in_force()} where kind = 'link' order by decided_at, decision_id
        """
    ).to_dicts()
    pairs = {frozenset((own, other)) for other in them}
    return [
        {k: r[k] for k in ("decision_id", "says", "decided_by", "decided_at", "reason")}
        for r in rows
        if frozenset((r["subject"], r["other"])) in pairs
    ]


def conclusion(pair: Mapping[str, Any]) -> str:
    """What came of a pair, in a sentence. `together`, `verdict`, `refused`, `hard`, `close` decide."""
    refused = pair["refused"]
    if any(record.get("retracted_at") for record in pair["records"]):
        return "A record that was retracted speaks of nobody."
    if pair["verdict"] == "must_link":
        return "People decided that they are one person" + (
            "." if pair["together"] else ", but other decisions say the opposite: two."
        )
    if pair["verdict"] == "cannot_link":
        return "People decided that they are two people."
    if pair["together"]:
        if pair["verdict"] == "same":
            return f"The evidence {'is close' if pair['close'] else 'speaks for one person'}, and they count as one."
        return "By themselves they speak for two, but other records, or decisions, join them: they count as one."
    if pair["verdict"] == "kin":
        return "Another given name in one line of fathers: kin, not one person."
    if refused is not None:
        return f"They speak for one person, but were kept apart: {REFUSED.get(refused) or _excluded(pair, refused)}."
    if pair["hard"] is not None:
        return f"Two people: {_excluded(pair, pair['hard'])}."
    if pair["verdict"] == "same":
        return "By themselves they would be one person, but they were never compared, and count as two."
    return "The evidence is close; they count as two." if pair["close"] else "The evidence speaks for two people."


def _excluded(pair: Mapping[str, Any], comparison: str) -> str:
    """Which comparison one person can't show. In a refused pair it is other records of the two that show it."""
    own = next((c for c in pair["comparisons"] if c["comparison"] == comparison), None)
    if own is not None and own["excludes"]:
        return f"one person can't show this ({own['about']}: {own['says']})"
    about = own["about"] if own is not None else comparison
    return f"between other records of the two, what is said of {about} excludes one person"
