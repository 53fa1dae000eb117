"""Scores of a clustering, against counting by hand; and the reading of labelled records."""

from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.evaluation import evaluate, score
from casualty_pipeline.profile import load_profile

labels = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25)


def frames(rows: list[tuple[int, int]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    ids = [f"r{i}" for i in range(len(rows))]
    truth = pl.DataFrame({"record_id": ids, "entity": [f"e{t}" for t, _ in rows]})
    found = pl.DataFrame({"record_id": ids, "victim_id": [f"v{f}" for _, f in rows]})
    return truth, found


@given(labels)
def test_pairs_are_counted_as_by_hand(rows: list[tuple[int, int]]) -> None:
    true = {(a, b) for a, b in combinations(range(len(rows)), 2) if rows[a][0] == rows[b][0]}
    claimed = {(a, b) for a, b in combinations(range(len(rows)), 2) if rows[a][1] == rows[b][1]}
    scores = score(*frames(rows))["pairs"]
    assert scores["precision"] == pytest.approx(len(true & claimed) / len(claimed) if claimed else 1.0, abs=1e-5)
    assert scores["recall"] == pytest.approx(len(true & claimed) / len(true) if true else 1.0, abs=1e-5)


@given(labels)
def test_b_cubed_is_the_mean_over_records(rows: list[tuple[int, int]]) -> None:
    def mine(i: int, side: int) -> set[int]:
        return {j for j in range(len(rows)) if rows[j][side] == rows[i][side]}

    precision = sum(len(mine(i, 0) & mine(i, 1)) / len(mine(i, 1)) for i in range(len(rows))) / len(rows)
    recall = sum(len(mine(i, 0) & mine(i, 1)) / len(mine(i, 0)) for i in range(len(rows))) / len(rows)
    scores = score(*frames(rows))["b_cubed"]
    assert scores["precision"] == pytest.approx(precision, abs=1e-5)
    assert scores["recall"] == pytest.approx(recall, abs=1e-5)


@given(labels)
def test_the_truth_itself_scores_one(rows: list[tuple[int, int]]) -> None:
    perfect = score(*frames([(t, t) for t, _ in rows]))
    assert perfect["pairs"]["f1"] == perfect["b_cubed"]["f1"] == perfect["exact_clusters"]["f1"] == 1.0
    assert perfect["count_error"] == 0


def test_records_are_linked_across_lists_and_provisional_ones_left_out_of_the_score(tmp_path: Path) -> None:
    file = tmp_path / "lists.csv"
    file.write_text(
        "record_id,list_date,name_ar,sex,age,birth_date,entity_id,provisional_id\n"
        "1:0,2031-01-01,سامر ناظم وهبي الدلماوي,m,31,2000-01-05,a,0\n"
        "2:0,2031-02-01,سامر ناظم وهبى الدلماوى,m,31,2000-01-05,a,0\n"
        "1:1,2031-01-01,نوار ناظم وهبي الدلماوي,m,29,2002-03-07,b,0\n"
        "2:1,2031-02-01,وسن راغب يوسف الشهلاوي,f,,1990-11-02,zz,1\n",
        encoding="utf-8",
    )
    result = evaluate([file], "entity_id", load_profile("syria"), one_per="list_date")
    assert (result["records"], result["entities"], result["clusters"]) == (3, 2, 2)
    assert result["pairs"]["f1"] == 1.0


def test_a_file_without_the_truth_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "lists.csv"
    file.write_text("record_id,name_ar\n1,سامر\n", encoding="utf-8")
    with pytest.raises(CasualtyError, match=r"lists\.csv: expected record_id, entity_id"):
        evaluate([file], "entity_id", load_profile("syria"))
