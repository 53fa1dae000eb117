"""Where sources disagree on who is responsible and nobody decided, the case is in the review queue."""

import shutil
from pathlib import Path

from casualty_pipeline.captures.inbox import take_inbox
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.review.questions import Question, open_questions
from casualty_pipeline.warehouse import Warehouse

DISAGREED = (
    "select distinct 'incident:' || incident_id from attributed.victims where attribution_basis in ('tie', 'majority')"
)


def _asked(home: Home) -> dict[str, Question]:
    return {q.subject: q for q in open_questions(home, "attribution", limit=1000)}


def test_incidents_settled_by_a_tie_or_a_majority_are_asked_about_and_no_others(filled: Home) -> None:
    with Warehouse(filled.warehouse).reading() as reading:
        disagreed = {subject for (subject,) in reading.connection.execute(DISAGREED).fetchall()}

    assert disagreed and set(_asked(filled)) == disagreed


def test_the_ledger_row_of_a_question_answers_it(filled: Home, tmp_path: Path) -> None:
    shutil.copytree(filled.path, tmp_path / "home", ignore=shutil.ignore_patterns("dagster"))
    home = Home(tmp_path / "home")
    question = next(iter(_asked(home).values()))
    kind, subject, value = question.answers[0]
    header = "decision_id,kind,subject,value,certainty,basis,reason,decided_by,decided_at,supersedes\n"
    row = f"D-a,{kind},{subject},{value},,,a reason,AB,2020-04-02T00:00:00Z,\n"
    (home.inbox / "decisions" / "answer.csv").write_text(header + row, "utf-8")
    take_inbox(home)
    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)
        deduplicate(write, known_sources(home), home.profile, load())

    assert question.subject not in _asked(home)
