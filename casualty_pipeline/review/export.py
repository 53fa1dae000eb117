"""Questions out: a file for people to answer.

Here belongs which questions go into it, and that it is written whole and for its owner alone.
"""

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from casualty_pipeline.beside import beside
from casualty_pipeline.captures.connectors.ledger import UNSURE
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.review.asked import KINDS, Asked, earlier, shown_questions
from casualty_pipeline.review.in_force import InForce, decisions_in_force
from casualty_pipeline.review.questions import queued
from casualty_pipeline.review.words import wording
from casualty_pipeline.review.workbook import questions_csv, questions_xlsx
from casualty_pipeline.warehouse import Warehouse

_FORMS = (".xlsx", ".csv")
_AT_ONCE = 1_000  # questions looked at together, so that a long queue costs no more than the file


@dataclass(frozen=True)
class Exported:
    """What went into a file: questions by kind.

    `unsure` and `answered`: those met on the way to the limit that somebody looked at before.
    """

    path: Path | None  # None where there was no question
    by_kind: dict[str, int]
    unsure: int
    answered: int


def export_questions(
    home: Home, path: Path, kind: str = "", limit: int = 200, language: str = "en", again: bool = False
) -> Exported:
    """Write the first `limit` questions of each kind, or of one kind, to an XLSX or CSV file that only its owner can read.

    Questions that were answered `unsure` are left out, or with `again` asked alone with the earlier answer beside them.
    Raises CasualtyError for a kind, a language or a form of file that there isn't, and where the file exists.
    """
    if kind and kind not in KINDS:
        raise CasualtyError(f"no kind of question {kind!r} that a file can answer; expected one of {', '.join(KINDS)}")
    wording(language)
    if path.suffix.lower() not in _FORMS:
        raise CasualtyError(f"--out {path}: expected a name that ends in {' or '.join(_FORMS)}")
    if path.suffix.lower() == ".csv" and not kind:
        raise CasualtyError(f"a CSV file holds one kind of question: add --kind ({', '.join(KINDS)}), or write an XLSX")
    if path.exists() or path.is_symlink():
        raise CasualtyError(f"{path} exists, and may hold answers: import it and move it away, or choose another --out")
    in_force = decisions_in_force(home)
    met, chosen = Counter[str](), list[Asked]()
    with Warehouse(home.warehouse).reading() as reading:
        for name in [kind] if kind else KINDS:
            queue, of_kind = queued(reading, [name]), list[Asked]()
            for first in range(0, len(queue), _AT_ONCE):
                asked = shown_questions(home, reading, queue[first : first + _AT_ONCE], in_force, language)
                states = [_state(one, in_force) for one in asked]
                met.update(states)
                of_kind += [one for one, state in zip(asked, states, strict=True) if state == (UNSURE if again else "open")]
                if len(of_kind) >= limit:
                    break
            chosen += of_kind[:limit]
    by_kind = {name: count for name in KINDS if (count := sum(one.kind == name for one in chosen))}
    if chosen:
        _put(path, questions_csv(chosen) if path.suffix.lower() == ".csv" else questions_xlsx(chosen, language))
    return Exported(path if chosen else None, by_kind, met[UNSURE], met["answered"])


def _state(one: Asked, in_force: InForce) -> str:
    """Whether a question is open, was answered `unsure`, or was answered since the last run."""
    answers = {standing.answer for standing in earlier(in_force, one.kind, one.subjects)}
    if one.kind == "contradiction":  # the decisions that contradict each other are no answer to it
        return UNSURE if UNSURE in answers else "answered" if answers == {"different"} else "open"
    return "open" if not answers else UNSURE if answers == {UNSURE} else "answered"


def _put(path: Path, content: bytes) -> None:
    """Write beside, then rename: the file is whole or isn't there, and nobody else on the machine can read it."""
    made = beside(path)
    try:
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        made.replace(path)
    except OSError as problem:
        raise CasualtyError(f"can't write {path}: {problem.strerror}") from problem
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)
