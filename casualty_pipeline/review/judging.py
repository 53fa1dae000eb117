"""Whether an answered row decides something: against the question as it is asked now, and the decisions made since.

One row at a time; what rows say of each other is for `consistency.py`, and what becomes of decisions for `importing.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casualty_pipeline.captures.connectors.ledger import UNSURE
from casualty_pipeline.review.answers import Answered, Finding, answer_of, decider
from casualty_pipeline.review.asked import LEDGER_KIND, Asked, earlier
from casualty_pipeline.review.in_force import InForce, Standing
from casualty_pipeline.review.layout import ANSWER, CHECK, ID, KIND, WHO, subject_columns, values
from casualty_pipeline.review.records import FIELDS, cell

_SHOWN = frozenset({"text", "place_raw", "place_ar_raw", "governorate_raw", *FIELDS})
_FRESH = "export again, and answer it there"


@dataclass(frozen=True)
class Decided:
    """One row that decides something: what, by whom, and the decisions that it replaces."""

    row: Answered
    asked: Asked
    answer: str
    who: str
    supersedes: tuple[str, ...] = ()


class Already:
    """A row whose answer is in force: there is nothing to do."""


def judge(row: Answered, asked: Mapping[str, Asked] | None, in_force: InForce, who: str) -> Decided | Already | Finding:
    """What a row comes to. `asked`: the question as it is asked now, by language; None where it no longer is."""
    if asked is None:
        return _no_longer_asked(row, in_force)
    question = next(iter(asked.values()))
    changed = _changed_identity(row, question)
    if changed is not None:
        return changed
    answer = answer_of(row[ANSWER], _labels(asked, row))
    if answer is None:
        expected = f"one of {', '.join(question.answers.values())}"
        return Finding(row.place, ANSWER, expected, row[ANSWER], "choose one from the list, or leave the cell empty")
    standing = earlier(in_force, question.kind, question.subjects)
    if any(one.answer == answer for one in standing) and not _contradicted(question, standing, answer):
        return Already()
    if row[CHECK] != question.check:
        advice = f"what the records say, or this row, changed since the export: {_FRESH}"
        return Finding(row.place, CHECK, question.check, row[CHECK], advice)
    changed = _changed_cell(row, asked)
    if changed is not None:
        return changed
    if not decider(row, who):
        advice = f"write it into the column `{WHO}`, or import the file with --who"
        return Finding(row.place, WHO, "who answers: a role or initials", "", advice)
    if question.kind == "contradiction":
        return _settled(row, question, answer, standing, decider(row, who))
    other = [one for one in standing if one.answer != UNSURE]
    if other:
        return _meanwhile(row, other)
    return Decided(row, question, answer, decider(row, who), tuple(one.decision_id for one in standing))


def _labels(asked: Mapping[str, Asked], row: Answered) -> Mapping[str, str]:
    """The labels of the answers in the language that the row is written in."""
    return next((a.answers for a in asked.values() if row[ANSWER] in a.answers.values()), next(iter(asked.values())).answers)


def _changed_identity(row: Answered, question: Asked) -> Finding | None:
    """The first cell that names another question than the row's id does."""
    named = zip(subject_columns(len(question.subjects)), question.subjects, strict=True)
    if len(set(question.subjects)) < len(question.subjects):
        advice = "the two records share their key, so that a ledger can't tell them apart: their source has to"
        return Finding(row.place, "subject_b", "a record with a key of its own", question.subjects[1], advice)
    for column, value in ((KIND, question.kind), *((name, cell(subject)) for name, subject in named)):
        if row[column] != value:
            return Finding(row.place, column, value, row[column], f"this cell may not be changed: {_FRESH}")
    return None


def _changed_cell(row: Answered, asked: Mapping[str, Asked]) -> Finding | None:
    """The first cell that no longer says what was exported, in any language."""
    if not row.shown_as_written:
        return None
    shown = [values(one) for one in asked.values()]
    for column, found in row.cells.items():
        field = column.removesuffix("_a").removesuffix("_b")
        if (column in _SHOWN or field in _SHOWN) and found not in {one.get(column, "") for one in shown}:
            expected = repr(shown[0].get(column, ""))[:200]
            advice = f"this cell may not be changed; if the record is wrong, correct it at its source: {_FRESH}"
            return Finding(row.place, column, expected, found, advice)
    return None


def _contradicted(question: Asked, standing: Sequence[Standing], answer: str) -> bool:
    """Of a contradiction: whether decisions that say otherwise are in force beside the answer."""
    if question.kind != "contradiction" or answer == UNSURE:
        return False
    return answer == "same" or any(one.answer == "same" for one in standing)


def _settled(row: Answered, question: Asked, answer: str, standing: Sequence[Standing], who: str) -> Decided | Finding:
    """An answer to a contradiction supersedes every decision on the pair that says otherwise."""
    if answer == UNSURE:
        return Decided(row, question, answer, who)
    other = [one for one in standing if one.answer != answer]
    if not any(one.answer != UNSURE for one in other):
        advice = (
            "what forbids it are decisions on other records, which join these two: answer `different`, or supersede the "
            "wrong one of those in a ledger (docs/review.md)"
        )
        return Finding(row.place, ANSWER, "an answer that a decision on these two records contradicts", row[ANSWER], advice)
    return Decided(row, question, answer, who, tuple(one.decision_id for one in other))


def _no_longer_asked(row: Answered, in_force: InForce) -> Already | Finding:
    kind = LEDGER_KIND.get(row[KIND], "")
    subjects = [row[column] for count in (1, 2) for column in subject_columns(count) if row[column]]
    standing = in_force.on(kind, subjects)
    if any(answer_of(row[ANSWER], {one.answer: one.answer}) or row[ANSWER].endswith(f"[{one.answer}]") for one in standing):
        return Already()
    if standing:
        return _meanwhile(row, standing)
    advice = "its records were withdrawn or better evidence came: export again to see what is still asked"
    return Finding(row.place, ID, "a question that is still asked", row[ID], advice)


def _meanwhile(row: Answered, standing: Sequence[Standing]) -> Finding:
    told = "; ".join(one.told() for one in standing)
    advice = f"decided meanwhile: {told}. To change that, supersede it in a ledger (docs/review.md)"
    return Finding(row.place, ANSWER, f"no answer, or {standing[-1].answer}", row[ANSWER], advice)
