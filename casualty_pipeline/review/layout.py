"""Which columns a sheet of questions has, in which order, and where a reviewer writes: the same for writer and reader."""

from collections.abc import Sequence

from casualty_pipeline.review.asked import Asked
from casualty_pipeline.review.records import FIELDS

ID, ANSWER, WHY, WHO, KIND, CHECK, WEIGHT = "question_id", "answer", "why", "who", "kind", "check", "weight"
OPEN = (ANSWER, WHY, WHO)  # a reviewer writes here, and nowhere else
SIDES = ("a", "b")
_BEFORE = ("earlier", "decisions", "question")
_MACHINE = (WEIGHT, "evidence")  # behind the records, so that people look at these first
_SINGLE = {
    "candidate": ("earlier", "text", "persons", *FIELDS),
    "place": ("earlier", "place_ar_raw", "place_raw", "governorate_raw", "statements", "reason", "near"),
}


def columns(asked: Sequence[Asked]) -> list[str]:
    """The columns of a sheet of questions of one kind: those that any of them fills, and those of every sheet.

    Pairs have a field's two cells beside each other; what identifies the question stands first and last.
    """
    kind = asked[0].kind
    filled = {name for one in asked for name in one.cells} | (
        {WEIGHT} if any(a.weight is not None for a in asked) else set()
    )
    if kind in _SINGLE:
        shown = [name for name in dict.fromkeys(_SINGLE[kind]) if name in filled]
        return [ID, *OPEN, *shown, *subject_columns(1), KIND, CHECK]
    shown = [name for name in _BEFORE if name in filled]
    for field in FIELDS:
        two = [f"{field}_{side}" for side in SIDES]
        shown += two if filled.intersection(two) else []
    shown += [name for name in _MACHINE if name in filled]
    return [ID, *OPEN, *shown, *subject_columns(2), KIND, CHECK]


def subject_columns(subjects: int) -> list[str]:
    """The columns that name what a question is about, as a ledger names it."""
    return ["subject"] if subjects == 1 else [f"subject_{side}" for side in SIDES]


def values(one: Asked) -> dict[str, str]:
    """Every cell of a question's row that isn't the reviewer's, but for the weight."""
    named = dict(zip(subject_columns(len(one.subjects)), one.subjects, strict=True))
    return {ID: one.question_id, **one.cells, **named, KIND: one.kind, CHECK: one.check}


def field_of(column: str) -> tuple[str, str]:
    """The field and the side (`a`, `b` or nothing) of a column."""
    field, _, side = column.rpartition("_")
    return (field, side) if side in SIDES and field in {*FIELDS, "subject"} else (column, "")
