"""Questions with all that a reviewer needs to answer them: one row of a workbook each.

Here belongs what is shown of a question, which answers it takes, and the check that tells whether a row still says what it
said. How the rows become a file is for `workbook.py`; what becomes of the answers for `importing.py`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casualty_pipeline.captures.connectors.ledger import UNSURE
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.home import Home
from casualty_pipeline.profile import Place, Profile
from casualty_pipeline.review.in_force import InForce, Standing
from casualty_pipeline.review.questions import CANDIDATE, PLACE, highlighted, place_subject, place_targets
from casualty_pipeline.review.records import FIELDS, Facts, cell, governorate, record_facts, standing
from casualty_pipeline.review.words import wording
from casualty_pipeline.warehouse import Reading

QUALITY = (
    "quality"  # drawn by chance; what the machine thinks of it isn't shown, since the answers are to tell how good it is
)
# `blocking` asks for a look at a source, not for an answer.
KINDS = ("pair", "contradiction", "candidate", "place", QUALITY)
LEDGER_KIND = {
    "pair": "link",
    "contradiction": "link",
    "candidate": "candidate",
    "place": "place_alias",
    QUALITY: "link",
}
# What each comparison adds: the pattern of a pair holds the level of each, the model's table says what a level weighs.
_PAIRS = """
    select
        p.record_a || '|' || p.record_b as subject, any_value(p.weight) as weight,
        list(l.comparison order by l.place) as names, list(l.bits order by l.place) as bits
    from deduplicated.pairs as p
    inner join deduplicated.levels as l on l.level = (p.pattern >> (4 * l.place)) & 15 and l.bits <> 0
    where p.record_a || '|' || p.record_b in (select unnest($subjects))
    group by p.record_a, p.record_b
"""
_SAID = (
    *("statement", "persons", "name_ar", "name_en", "sex", "age_group", "status", "place", "place_ar", "governorate"),
    *("party", "mechanism", "documented_date"),
)
_SAID_AS = {"age_group": "age", "documented_date": "documented"}  # raw field -> column


@dataclass(frozen=True)
class Asked:
    """One question. `cells`: what is shown, by column; those of pairs end in `_a` and `_b`. `differing`: the columns whose

    two cells disagree. `answers`: what can be answered, as the ledger calls it, with its label. `check`: of the question and
    of what the records mean, in no language: the same for as long as an answer to the one is an answer to the other.
    """

    question_id: str
    kind: str
    subjects: tuple[str, ...]  # as a ledger names them; the first record's first
    cells: Mapping[str, str]
    answers: Mapping[str, str]
    check: str
    months: tuple[str, ...]  # in which its statements are documented
    weight: float | None = None
    differing: frozenset[str] = field(default=frozenset())


def shown_questions(
    home: Home, reading: Reading, queue: Sequence[Mapping[str, Any]], in_force: InForce, language: str
) -> list[Asked]:
    """Rows of the queue as a reviewer sees them, in their order. What the warehouse no longer knows is left out."""
    found: dict[str, Asked] = {}
    of = {kind: [row for row in queue if row["kind"] == kind] for kind in KINDS}
    for asked in (
        *_pairs(home, reading, [*of["pair"], *of["contradiction"], *of[QUALITY]], in_force, language),
        *_candidates(home, reading, of["candidate"], in_force, language),
        *_places(home.profile, reading, of["place"], in_force, language),
    ):
        found.setdefault(asked.question_id, asked)
    return [found[row["question_id"]] for row in queue if row["question_id"] in found]


def earlier(in_force: InForce, kind: str, subjects: Sequence[str]) -> list[Standing]:
    """What people answered before on a question, oldest first."""
    return in_force.on(LEDGER_KIND[kind], subjects)


def _check(question_id: str, kind: str, subjects: Sequence[str], says: object) -> str:
    text = json.dumps([question_id, kind, list(subjects), says], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _answers(language: str, *answers: str) -> dict[str, str]:
    labels: Mapping[str, str] = wording(language)["answers"]
    return {answer: labels[answer] for answer in answers}


def _before(in_force: InForce, kind: str, subjects: Sequence[str]) -> dict[str, str]:
    unsure = [s.told() for s in earlier(in_force, kind, subjects) if s.answer == UNSURE]
    return {"earlier": cell(" · ".join(unsure))} if unsure else {}


def _question_text(row: Mapping[str, Any], language: str) -> dict[str, str]:
    """The queue's own sentence, which is English."""
    return {"question": cell(row["question"])} if language == "en" else {}


# --- Pairs ------------------------------------------------------------------------------------------------------------


def _pairs(
    home: Home, reading: Reading, queue: Sequence[Mapping[str, Any]], in_force: InForce, language: str
) -> list[Asked]:
    sides = {row["question_id"]: row["subject"].split("|") for row in queue}
    ids = [record for two in sides.values() for record in two]
    sources = {source.id: source.name for source in known_sources(home)}
    facts = record_facts(reading, home.profile, sources, ids, language)
    weighed = [row["subject"] for row in queue if row["kind"] != QUALITY]
    pairs = reading.frame(_PAIRS, {"subjects": weighed}).to_dicts()
    evidence = {p["subject"]: (p["weight"], dict(zip(p["names"], p["bits"], strict=True))) for p in pairs}
    found = []
    for row in queue:
        two = sides[row["question_id"]]
        if len(two) == 2 and two[0] in facts and two[1] in facts:
            found.append(_pair(row, facts[two[0]], facts[two[1]], evidence.get(row["subject"]), in_force, language))
    return found


def _pair(
    row: Mapping[str, Any],
    a: Facts,
    b: Facts,
    evidence: tuple[float, Mapping[str, float]] | None,
    in_force: InForce,
    language: str,
) -> Asked:
    kind, subjects = row["kind"], (a.reference, b.reference)
    cells = _before(in_force, kind, subjects)
    if kind != QUALITY:
        cells |= _question_text(row, language)
    if kind == "contradiction":
        cells["decisions"] = cell(" · ".join(s.told() for s in earlier(in_force, kind, subjects)))
    if evidence is not None:
        cells["evidence"] = evidence_in_words(*evidence, language)
    for column in FIELDS:
        cells |= {f"{column}_{side}": one.shown[column] for side, one in (("a", a), ("b", b)) if column in one.shown}
    return Asked(
        question_id=row["question_id"],
        kind=kind,
        subjects=subjects,
        cells=cells,
        answers=_answers(language, "same", "different", UNSURE),
        check=_check(row["question_id"], kind, subjects, [a.means, b.means]),
        months=tuple(sorted({a.month, b.month})),
        weight=evidence[0] if evidence else None,
        differing=frozenset(field for field in FIELDS if a.differs(b, field)),
    )


def evidence_in_words(weight: float, bits: Mapping[str, float], language: str) -> str:
    """What speaks for one person and what against it, strongest first, in bits; where every pair starts is left out."""
    texts = wording(language)
    words, names = texts["words"], texts["evidence"]
    told = sorted(bits.items(), key=lambda item: (-abs(item[1]), item[0]))

    def listed(side: Sequence[tuple[str, float]]) -> str:
        one = [f"{names.get(k, k)} ({words['whatever'] if v <= -40 else format(v, '+.1f')})" for k, v in side]
        return ", ".join(one) or words["nothing"]

    leaning = words["one"] if weight > 0 else words["two"] if weight < 0 else words["even"]
    positive, negative = [t for t in told if t[1] > 0], [t for t in told if t[1] < 0]
    return f"{leaning} ({weight:+.1f}). {words['for']}: {listed(positive)}. {words['against']}: {listed(negative)}."


# --- Candidates and places --------------------------------------------------------------------------------------------


def _candidates(
    home: Home, reading: Reading, queue: Sequence[Mapping[str, Any]], in_force: InForce, language: str
) -> list[Asked]:
    rows = reading.frame(CANDIDATE, {"subjects": [row["subject"] for row in queue]}).to_dicts()
    known = {row["record_id"]: row for row in reversed(rows)}
    sources = {source.id: source.name for source in known_sources(home)}
    found = []
    for row in queue:
        said = known.get(row["subject"])
        if said is None:
            continue
        subjects = (f"record:{said['source']}/{said['source_key']}",)
        text = highlighted(said["content"] or "", said["extra"])
        shown = {_SAID_AS.get(name, name): str(said[name]) for name in _SAID if said[name] and name != "statement"}
        shown |= {"text": text, "source": sources.get(said["source"], said["source"])}
        shown |= {"where": standing(said, language), "url": said["url"] or ""}
        cells = {name: cell(value) for name, value in shown.items() if value}
        found.append(
            Asked(
                question_id=row["question_id"],
                kind="candidate",
                subjects=subjects,
                cells=cells | _before(in_force, "candidate", subjects),
                answers=_answers(language, "confirmed", "refused", UNSURE),
                check=_check(row["question_id"], "candidate", subjects, [text, {name: said[name] for name in _SAID}]),
                months=(said["documentation_month"],),
            )
        )
    return found


def _places(
    profile: Profile, reading: Reading, queue: Sequence[Mapping[str, Any]], in_force: InForce, language: str
) -> list[Asked]:
    rows = reading.frame(PLACE, {"subjects": [row["subject"] for row in queue]}).to_dicts()
    known = {row["place_text_id"]: row for row in reversed(rows)}
    months: dict[str, set[str]] = {}
    for read in rows:
        months.setdefault(read["place_text_id"], set()).update(read["months"])
    names = {place.id: place for place in profile.places.places} if queue else {}
    found = []
    for row in queue:
        place = known.get(row["subject"])
        if place is None:
            continue
        subjects, targets = (place_subject(place),), place_targets(place)
        written = {name: place[name] for name in ("place_raw", "place_ar_raw", "governorate_raw") if place[name]}
        shown = written | {"reason": place["reason"] or "", "statements": str(place["statements"])}
        shown["near"] = " · ".join(f"{p['name']}: {p['why']}" for p in json.loads(place["proposals"] or "[]"))
        cells = {name: cell(value) for name, value in shown.items() if value}
        labels = {target: _place_label(target, names.get(target), profile, language) for target in targets}
        found.append(
            Asked(
                question_id=row["question_id"],
                kind="place",
                subjects=subjects,
                cells=cells | _before(in_force, "place", subjects),
                answers=labels | _answers(language, UNSURE),
                check=_check(row["question_id"], "place", subjects, [written, sorted(targets)]),
                months=tuple(sorted(months[row["subject"]])),
            )
        )
    return found


def _place_label(target: str, place: Place | None, profile: Profile, language: str) -> str:
    """What a place is called in a list of answers: `Saraqib, Idlib [SY0703]`. The code keeps namesakes apart."""
    if place is None:
        return f"{governorate(target, profile, language)} [{target}]"
    return cell(f"{place.name}, {governorate(place.governorate, profile, language)} [{target}]")
