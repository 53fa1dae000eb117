"""Answers in: an answered file becomes a ledger, and both go into the archive, the file as what the ledger rests on.

No table is written here: the next run reads the ledger as it reads any other.
"""

import csv
import hashlib
import io
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from casualty_pipeline.captures.archive import Archive, refuse_link
from casualty_pipeline.captures.connectors.ledger import COLUMNS, UNSURE, problem_of
from casualty_pipeline.captures.custody import Given
from casualty_pipeline.captures.sources import ANSWERS, DECISIONS
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.review.answers import Answered, Finding, read_answers
from casualty_pipeline.review.asked import KINDS, LEDGER_KIND, Asked, shown_questions
from casualty_pipeline.review.consistency import Link, contradicting
from casualty_pipeline.review.in_force import RELATIONS, InForce, decisions_in_force
from casualty_pipeline.review.judging import Already, Decided, judge
from casualty_pipeline.review.layout import ANSWER, ID, WHY
from casualty_pipeline.review.questions import queued
from casualty_pipeline.review.words import LANGUAGES
from casualty_pipeline.warehouse import Warehouse

_OF_THEIR_VICTIMS = """
    with victim as (
        select v.victim_id from deduplicated.victim_records as v inner join cleaned.records as r on v.record_id = r.record_id
        where 'record:' || r.source || '/' || r.source_key in (select unnest($subjects))
    )
    select distinct r.documentation_month
    from deduplicated.victim_records as v inner join cleaned.records as r on v.record_id = r.record_id
    where v.victim_id in (select victim_id from victim)
"""
_LARGEST = 200 << 20  # bytes of an answered file


@dataclass
class Imported:
    """What a file came to: rows of the ledger, answers that were in force already, rows left open, and what was refused.

    `months`: those that the decisions may change. `ledger`: its name in the archive, once it is there.
    """

    rows: list[dict[str, str]] = field(default_factory=list)
    already: int = 0
    unanswered: int = 0
    findings: list[Finding] = field(default_factory=list)
    months: tuple[str, ...] = ()
    ledger: str | None = None


def import_answers(home: Home, path: Path, who: str, decided_at: datetime, dry_run: bool = False) -> Imported:
    """Take an answered file. With `dry_run` nothing is kept.

    `who` is the decider of rows that name none; `decided_at` has a timezone. Raises CasualtyError for what isn't an answered
    file, where there is no warehouse, and for a moment that is still to come.
    """
    if decided_at > datetime.now(UTC):
        raise CasualtyError(f"--decided-at {decided_at.isoformat()}: expected a moment that has passed")
    refuse_link(path)
    if path.stat().st_size > _LARGEST:
        raise CasualtyError(f"{path}: {path.stat().st_size:,} bytes; expected at most {_LARGEST:,}: not an answered file")
    in_force = decisions_in_force(home)
    with tempfile.TemporaryDirectory(prefix=".review-", dir=home.path) as folder:
        original = Path(folder) / "original"
        content = path.read_bytes()  # once: what is judged is what is kept
        original.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        read = read_answers(original, path.name)
        result = Imported(unanswered=read.unanswered, findings=read.findings)
        decided = _judged(home, read.answered, in_force, who, result)
        decided = _consistent(decided, in_force, result)
        decided = _entered(home, decided, in_force, sha256, decided_at, result)
        result.findings.sort(key=lambda f: (f.place.sheet or "", f.place.row or 0, f.column or ""))
        result.months = _months(home, [one.asked for one in decided if one.answer != UNSURE])
        if result.rows and not dry_run:
            ledger = Path(folder) / "ledger.csv"
            ledger.write_bytes(_ledger_bytes(result.rows))
            archive, given = Archive(home.archive), Given(collector="casualty review import")
            archive.receive([(original, path.name)], ANSWERS, given)
            result.ledger = f"review-{sha256[:12]}.csv"
            archive.receive([(ledger, result.ledger)], DECISIONS, given)
    return result


def _judged(home: Home, answered: Sequence[Answered], in_force: InForce, who: str, result: Imported) -> list[Decided]:
    """The rows that decide something; a question that is answered in two ways decides nothing."""
    asked = _asked_now(home, {row[ID] for row in answered}, in_force)
    by_subjects: dict[tuple[str, frozenset[str]], list[Decided]] = defaultdict(list)  # of two questions on one text, too
    for row in answered:
        match judge(row, asked.get(row[ID]), in_force, who):
            case Finding() as finding:
                result.findings.append(finding)
            case Decided() as decided:
                by_subjects[LEDGER_KIND[decided.asked.kind], frozenset(decided.asked.subjects)].append(decided)
            case Already():
                result.already += 1
    once = []
    for rows in by_subjects.values():
        if len({one.answer for one in rows}) == 1:
            once.append(rows[0])
            result.already += len(rows) - 1
            continue
        for one in rows:
            others = ", ".join(str(other.row.place) for other in rows if other is not one)
            advice = f"the same question is answered otherwise in {others}: leave one of them"
            result.findings.append(Finding(one.row.place, ANSWER, "one answer to a question", one.row[ANSWER], advice))
    return once


def _asked_now(home: Home, ids: set[str], in_force: InForce) -> dict[str, dict[str, Asked]]:
    """The questions of these ids that are asked now, in every language."""
    with Warehouse(home.warehouse).reading() as reading:
        queue = [row for row in queued(reading, KINDS) if row["question_id"] in ids]
        found: dict[str, dict[str, Asked]] = {}
        for language in LANGUAGES:
            for one in shown_questions(home, reading, queue, in_force, language):
                found.setdefault(one.question_id, {})[language] = one
    return found


def _months(home: Home, decided: Sequence[Asked]) -> tuple[str, ...]:
    """The months that decisions may change: of their statements, and of all that speak of the same victims."""
    months = {month for one in decided for month in one.months}
    linked = [subject for one in decided if LEDGER_KIND[one.kind] == "link" for subject in one.subjects]
    if linked:
        with Warehouse(home.warehouse).reading() as reading:
            months |= set(reading.frame(_OF_THEIR_VICTIMS, {"subjects": linked})["documentation_month"])
    return tuple(sorted(months))


def _consistent(decided: Sequence[Decided], in_force: InForce, result: Imported) -> list[Decided]:
    """Without the answers on pairs that can't all be right, alone or beside the decisions in force."""
    superseded = {decision for one in decided for decision in one.supersedes}
    links = [
        Link(one.asked.subjects[0], one.asked.subjects[1], one.answer == "same", str(one.row.place), number)
        for number, one in enumerate(decided)
        if LEDGER_KIND[one.asked.kind] == "link" and one.answer != UNSURE
    ]
    for standing in in_force.standing:
        if standing.kind == "link" and standing.answer != UNSURE and standing.decision_id not in superseded:
            a, b = (*sorted(standing.subjects), *standing.subjects)[:2]
            links.append(Link(a, b, standing.answer == "same", f"decision {standing.decision_id}"))
    refused = contradicting(links)
    for number, others in refused.items():
        row = decided[number].row
        advice = f"it can't be right together with {', '.join(others)}: two records of one person can't be two people"
        result.findings.append(Finding(row.place, ANSWER, "answers that can all be right", row[ANSWER], advice))
    return [one for number, one in enumerate(decided) if number not in refused]


def _entered(
    home: Home, decided: Sequence[Decided], in_force: InForce, basis: str, decided_at: datetime, result: Imported
) -> list[Decided]:
    """Write each decision as rows of a ledger, judged as the ledger's own reader will. Returns those that it takes."""
    known, taken = dict(in_force.known), []
    moment = decided_at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    for one in decided:
        rows = _rows(one, basis, moment)
        problem = next((found for row in rows if (found := problem_of(home.profile, row, known))), None)
        if problem is not None:
            column, reason = problem
            advice = "a ledger can't say this; correct the key at the source, or tell us"
            result.findings.append(Finding(one.row.place, ID, reason, str(rows[0][column]), advice))
            continue
        taken.append(one)
        result.rows += rows
    return taken


def _rows(one: Decided, basis: str, moment: str) -> list[dict[str, str]]:
    """A decision as a ledger has it: a row, or one for each decision that it supersedes."""
    subject, value = one.asked.subjects[0], one.answer
    if LEDGER_KIND[one.asked.kind] == "link":
        value = f"{RELATIONS[one.answer]}:{one.asked.subjects[1]}"
    rows = []
    for superseded in one.supersedes or ("",):
        identity = "\0".join((basis, one.asked.question_id, subject, value, one.who, moment, superseded))
        row = dict.fromkeys(COLUMNS, "") | {
            "decision_id": f"D-review-{hashlib.sha256(identity.encode()).hexdigest()[:12]}",
            "kind": LEDGER_KIND[one.asked.kind],
            "subject": subject,
            "value": value,
            "basis": f"sha256:{basis}",
            "reason": one.row[WHY],
            "decided_by": one.who,
            "decided_at": moment,
            "supersedes": superseded,
        }
        rows.append(row)
    return rows


def _ledger_bytes(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
