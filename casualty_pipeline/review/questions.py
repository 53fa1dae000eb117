"""The review queue, for people: each question with what it is about and the ledger row that would answer it.

Names and texts are shown here, on a terminal that somebody asked; the queue itself and Dagster's metadata hold ids alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.resolving import resolve
from casualty_pipeline.warehouse import Reading, Warehouse

KINDS = ("candidate", "place", "pair", "contradiction", "attribution", "blocking", "incident", "quality")
_AROUND = 160  # characters of a post shown before and after the passage
_ORDER = "rank"  # the order of the queue, for everybody who shows it
CANDIDATE = """
    select
        r.record_id, r.documentation_month, r.source, r.source_key, r.file, r.sheet, r.row_number, r.pointer, r.extra,
        r.statement, r.persons, r.age_group, r.sex, r.status, r.place, r.place_ar, r.governorate, r.party, r.mechanism,
        r.name_ar, r.name_en, r.documented_date, t.content, t.url
    from captures.records as r
    left join captures.texts as t
        on r.source = t.source and r.capture_sha256 = t.capture_sha256 and (r.extra ->> 'post') = t.source_key
        and r.pointer is not distinct from t.pointer
    where r.record_id in (select unnest($subjects))
    order by r.record_id, t.text_id
"""
PLACE = """
    select
        place_text_id, governorate_raw, place_raw, place_ar_raw, governorates, reason, proposals,
        sum(statements) as statements, list(distinct documentation_month order by documentation_month) as months
    from cleaned.places where place_text_id in (select unnest($subjects)) group by all order by all
"""
CLAIMS = """
    select r.claim, r.source, coalesce(r.certainty, 'established') as certainty, r.record_id
    from deduplicated.incident_records as i
    inner join cleaned.records as r on i.record_id = r.record_id
    where i.incident_id = $incident and r.claim is not null and r.claim <> 'unidentified'
    order by r.claim, r.source, r.record_id
"""
_SAID = (
    *("statement", "persons", "age_group", "sex", "status", "name_ar", "name_en", "place", "place_ar", "governorate"),
    *("party", "mechanism", "documented_date"),
)


@dataclass(frozen=True)
class Question:
    """One question: what is asked, what it is about, and the ledger rows (kind, subject, value) that would answer it."""

    question_id: str
    kind: str
    subject: str
    question: str
    shown: Mapping[str, Any]
    answers: Sequence[tuple[str, str, str]]


def open_questions(home: Home, kind: str = "", limit: int = 20, about: str = "") -> list[Question]:
    """The first questions of the queue, of one kind or of all, and `about` one victim, by any id that it ever had, or all.

    Raises CasualtyError for a kind that there isn't, or an id that was never given.
    """
    if kind and kind not in KINDS:
        raise CasualtyError(f"no kind of question {kind!r}; expected one of {', '.join(KINDS)}")
    with Warehouse(home.warehouse).reading() as reading:
        kinds = [kind] if kind else KINDS
        return [_question(reading, row) for row in queued(reading, kinds, limit, _records_of(reading, about))]


def _records_of(reading: Reading, about: str) -> Sequence[str] | None:
    if not about:
        return None
    current = resolve(reading, about).current
    records = "select record_id from deduplicated.victim_records where victim_id = $id order by record_id"
    return reading.frame(records, {"id": current})["record_id"].to_list()


def queued(
    reading: Reading, kinds: Sequence[str], limit: int | None = None, records: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """The first rows of the queue of these kinds (all, without a limit), in its order; with `records`, only on them."""
    first = f"limit {int(limit)}" if limit is not None else ""
    where, parameters = "where kind in (select unnest($kinds))", {"kinds": list(kinds)}
    if records is not None:
        where += " and len(list_intersect(string_split(subject, '|'), $records)) > 0"
        parameters["records"] = list(records)
    return reading.frame(f"from deduplicated.review_queue {where} order by {_ORDER} {first}", parameters).to_dicts()


def _question(reading: Reading, row: dict[str, Any]) -> Question:
    shown: dict[str, Any] = {}
    answers: list[tuple[str, str, str]] = []
    if row["kind"] == "candidate":
        for found in reading.frame(CANDIDATE, {"subjects": [row["subject"]]}).to_dicts():
            subject = f"record:{found['source']}/{found['source_key']}"
            shown = {"text": highlighted(found["content"] or "", found["extra"]), "url": found["url"]}
            shown |= {"file": found["file"], "at": found["pointer"], **{f: found[f] for f in _SAID if found[f]}}
            answers = [("candidate", subject, "confirmed"), ("candidate", subject, "refused")]
    elif row["kind"] == "place":
        for found in reading.frame(PLACE, {"subjects": [row["subject"]]}).to_dicts():
            proposals = json.loads(found["proposals"] or "[]")
            shown = {
                k: found[k] for k in ("governorate_raw", "place_raw", "place_ar_raw", "reason", "statements") if found[k]
            }
            shown["near"] = [f"{p['name']} ({p['target']}): {p['why']}" for p in proposals]
            answers = [("place_alias", place_subject(found), target) for target in place_targets(found)]
    elif row["kind"] == "incident":  # that it is one; which of several it is, a link of two incidents says
        answers = [("link", row["subject"], f"same_as:{row['subject']}")]
    elif row["kind"] == "attribution":
        claims = reading.frame(CLAIMS, {"incident": row["subject"].removeprefix("incident:")}).to_dicts()
        shown = {"said": [f"{c['claim']}: {c['source']} ({c['certainty']}), record {c['record_id']}" for c in claims]}
        answers = [("attribution", row["subject"], claim) for claim in dict.fromkeys(c["claim"] for c in claims)]
    return Question(row["question_id"], row["kind"], row["subject"], row["question"], shown, answers)


def place_subject(place: Mapping[str, Any]) -> str:
    """What a decision on a place of the queue is about: the text as its source writes it."""
    return f"place:{place['place_raw'] or place['place_ar_raw'] or place['governorate_raw']}"


def place_targets(place: Mapping[str, Any]) -> list[str]:
    """What a place of the queue may mean: the targets of its proposals, then the governorates that are open."""
    proposals = json.loads(place["proposals"] or "[]")
    return list(dict.fromkeys([*(p["target"] for p in proposals), *(place["governorates"] or [])]))


def highlighted(content: str, extra: str | None) -> str:
    """The passage of a candidate in what stands around it, between ⟦ and ⟧."""
    first, last = json.loads(extra or "{}").get("passage", (0, 0))
    before, after = content[max(0, first - _AROUND) : first], content[last : last + _AROUND]
    start, end = "…" if first > _AROUND else "", "…" if len(content) > last + _AROUND else ""
    return f"{start}{before}⟦{content[first:last]}⟧{after}{end}"


def as_text(questions: Sequence[Question]) -> str:
    """The questions for a person to read."""
    lines = []
    for one in questions:
        lines.append(f"{one.question_id}  {one.kind}: {one.question}")
        for name, value in one.shown.items():
            for item in value if isinstance(value, list) else [value] if value else []:
                lines.append(f"    {name}: {' '.join(str(item).split())}")
        lines += [f"    ledger row: {kind}, {subject}, {value}" for kind, subject, value in one.answers]
        lines.append("")
    return "\n".join(lines)


def as_json(questions: Sequence[Question]) -> str:
    """The questions for a program."""
    return json.dumps([asdict(q) for q in questions], ensure_ascii=False, indent=1, default=str)
