"""What may be shown without names: how linkage decided, in counts; who is doubtful, by id; and the model's bits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.bits_table import bits_table, with_table
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.summary import how_decided, most_doubtful
from casualty_pipeline.linkage.update import Constraints
from casualty_pipeline.warehouse import Warehouse
from tests.unit.linkage.explain_cases import APRIL, SITE, add, linked

Table = Callable[..., pl.DataFrame]
PAGE = Path(__file__).parents[3] / "docs" / "linkage.md"
PEOPLE: tuple[dict[str, Any], ...] = (
    {"source": "a", "en": "Samir Khalil Darwish", **SITE},
    {"source": "b", "en": "Samir Khalil Darwish", **SITE},
    {"source": "c", "en": "Haitham Khalil Darwish", **SITE},
    {"source": "d", "en": "Zakaria Fadel Hamdan", **SITE},
)


def test_every_way_to_decide_is_counted(statements: Table, tmp_path: Path) -> None:
    joined = Constraints(must_link=frozenset({("R-0", "R-3")}), decided_at={("R-0", "R-3"): APRIL})
    home = linked(tmp_path, statements(*PEOPLE), joined)
    with Warehouse(home.warehouse).writing() as write:
        add(write, "deduplicated.review_queue", question_id="Q-1", kind="pair", subject="R-0|R-2")
        counts = dict(how_decided(write, load()))
    assert counts == {
        "records that founded a victim": 2,
        "records joined by evidence": 1,
        "records joined by decision": 1,
        "pairs that people joined": 1,
        "pairs of kin": 2,
        "ids merged away": 1,
        "open questions: pair": 1,
    }


def test_the_victims_whose_pair_is_closest_to_call_come_first(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(*PEOPLE))
    with Warehouse(home.warehouse).writing() as write:
        for number, (subject, weight) in enumerate((("R-0|R-3", -1.5), ("R-2|R-2", 0.2))):
            add(write, "deduplicated.review_queue", question_id=f"Q-{number}", kind="pair", subject=subject, weight=weight)
        assert most_doubtful(write, 2)[0] == identity("V-", "R-2")
        assert set(most_doubtful(write, 5)) == {identity("V-", f"R-{n}") for n in (0, 2, 3)}


def test_the_table_has_a_row_for_every_level_of_the_model() -> None:
    model = load()
    rows = bits_table(model).splitlines()[4:]
    assert len(rows) == sum(len(c.levels) for c in model.comparisons)
    assert f"| {model.comparisons[0].about} | {model.comparisons[0].levels[0].says} |" in rows[0]
    hard = sum(len(c.hard) for c in model.comparisons)
    assert sum("never one person" in row for row in rows) == hard


def test_the_page_shows_the_model_as_it_is() -> None:
    """`make bits` brings it up to date."""
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page, load()) == page


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(CasualtyError, match="expected the lines"):
        with_table("# Linkage\n", load())
