"""Ids depend only on the cluster, and no id is ever lost without a trace."""

from collections.abc import Mapping

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.linkage.identities import founded, identity, identity_events

RECORDS = pl.DataFrame(
    {"record_id": list("abcdefgh"), "known_at": [f"2020-03-0{day}" for day in range(1, 9)]},
).with_columns(pl.col("known_at").str.to_datetime())


def assignment(groups: Mapping[str, str]) -> pl.DataFrame:
    """Victims by founder: `{"abc": ""}`: one victim of the records a, b and c."""
    rows = [(record, f"V-{min(group)}") for group in groups for record in group]
    return pl.DataFrame(rows, schema={"record_id": pl.String, "victim_id": pl.String}, orient="row")


def events(before: list[str], after: list[str]) -> list[tuple[str, str, str | None, str | None, str]]:
    found = identity_events(assignment(dict.fromkeys(before, "")), assignment(dict.fromkeys(after, "")), RECORDS)
    return list(found.drop("at").iter_rows())


def test_an_id_is_a_hash_of_the_founding_record() -> None:
    assert identity("V-", "R-1") == "V-v3svj3mnw736"
    assert identity("I-", "R-2").startswith("I-")


def test_the_founder_is_the_first_known() -> None:
    members = RECORDS.reverse().with_columns(group=pl.lit(0)).filter(pl.col("record_id").is_in(["c", "b", "f"]))
    assert founded(members, "V-")["founder"].unique().to_list() == ["b"]


def test_the_first_records_of_a_victim_create_it_and_later_ones_join() -> None:
    assert events([], ["ab"]) == [("created", "V-a", None, "a", "evidence"), ("joined", "V-a", None, "b", "evidence")]
    assert events(["a"], ["ab"]) == [("joined", "V-a", None, "b", "evidence")]


def test_nothing_happened() -> None:
    assert events(["ab", "c"], ["ab", "c"]) == []


def test_two_victims_prove_to_be_one() -> None:
    assert events(["a", "b"], ["ab"]) == [("merged", "V-a", "V-b", "b", "evidence")]


def test_an_earlier_record_renames_a_victim_and_the_old_id_resolves() -> None:
    assert events(["b"], ["ab"]) == [("created", "V-a", None, "a", "evidence"), ("merged", "V-a", "V-b", "b", "evidence")]


def test_one_victim_proves_to_be_two() -> None:
    assert events(["abc"], ["ab", "c"]) == [("split", "V-c", "V-a", "c", "evidence")]


def test_a_record_moves_to_another_victim() -> None:
    assert events(["ab", "c"], ["a", "bc"]) == [
        ("split", "V-b", "V-a", "b", "evidence"),
        ("merged", "V-b", "V-c", "c", "evidence"),
    ]


def test_retraction_of_the_founder_and_of_everything() -> None:
    assert events(["ab"], ["b"]) == [("created", "V-b", None, "b", "evidence"), ("merged", "V-b", "V-a", "b", "retraction")]
    assert events(["a", "b"], ["b"]) == [("retired", "V-a", None, "a", "retraction")]


def test_decisions_are_named_as_the_cause() -> None:
    after = assignment({"ab": ""}).with_columns(linked_by=pl.Series(["founded", "decision"]))
    found = identity_events(assignment({"a": "", "b": ""}), after, RECORDS)
    assert found["cause"].to_list() == ["decision"]


_GROUPS = st.lists(st.integers(0, 4), min_size=8, max_size=8)


def _grouped(labels: list[int], known: int) -> list[str]:
    """A clustering of the first `known` records; a label of 4 leaves the record out."""
    members: dict[int, str] = {}
    for record, label in zip("abcdefgh"[:known], labels, strict=False):
        if label < 4:
            members[label] = members.get(label, "") + record
    return list(members.values())


@given(_GROUPS, _GROUPS, st.integers(0, 8))
def test_every_id_that_is_gone_resolves_or_is_retired_and_every_new_one_is_announced(
    earlier: list[int], later: list[int], known: int
) -> None:
    before, after = _grouped(earlier, known), _grouped(later, 8)
    found = events(before, after)
    old, new = {f"V-{min(g)}" for g in before}, {f"V-{min(g)}" for g in after}
    gone = {other for event, _, other, *_ in found if event == "merged"} | {
        v for event, v, *_ in found if event == "retired"
    }
    assert old - new == gone
    assert {v for event, v, *_ in found if event in {"created", "split"}} == new - old
