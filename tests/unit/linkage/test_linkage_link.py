"""Who is one person and who is not, as the field knows it. Everybody here is invented."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage import Constraints, Linkage, link
from casualty_pipeline.tables import TABLE

Table = Callable[..., pl.DataFrame]
FREE = Constraints()
SITE: dict[str, Any] = {"day": "2020-03-05", "governorate": "SY07", "place_key": "kafr nabl"}


def victims(linkage: Linkage) -> set[frozenset[str]]:
    grouped = linkage.victim_records.group_by("victim_id").agg("record_id")
    return {frozenset(records) for records in grouped["record_id"]}


def one_person(table: Table, left: dict[str, Any], right: dict[str, Any]) -> bool:
    return len(victims(link(table({"source": "a"} | left, {"source": "b"} | right), FREE))) == 1


def verdict(linkage: Linkage, a: str, b: str) -> str | None:
    found = linkage.pairs.filter((pl.col("record_a") == a) & (pl.col("record_b") == b))["verdict"].to_list()
    return found[0] if found else None


class TestOnePerson:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"en": "Mohammad Ahmad Darwish"}, {"en": "Muhammed Ahmed Al-Darwish"}),
            ({"en": "Hussein Yousef Darwish"}, {"en": "Husein Yusuf Darweesh"}),
            ({"en": "Samir Khalil Hassan Darwish"}, {"en": "Sameer Darwish"}),
            ({"en": "Abdul Rahman Darwish"}, {"en": "Abdulrahman al-Darwish"}),
            ({"ar": "محمد أحمد الدرويش"}, {"ar": "محمد احمد درويش"}),
            ({"ar": "صلاح عبد الله درويش"}, {"ar": "صالح عبدهللا درويش"}),
            ({"ar": "سمير خليل درويش"}, {"en": "Samir Khalil Darwish"}),
            ({"ar": "يوسف إبراهيم الدرويش"}, {"en": "Yousef Ibraheem Darwish"}),
            ({"ar": "فاطمة خالد درويش", "en": "Fatima Darwish"}, {"en": "Fatmeh Khaled Darwish"}),
        ],
    )
    def test_spellings_dropped_names_and_scripts(
        self, statements: Table, one: dict[str, str], other: dict[str, str]
    ) -> None:
        assert one_person(statements, SITE | one, SITE | other)

    def test_missing_fields_say_nothing(self, statements: Table) -> None:
        full = {"en": "Zakaria Halim Darwish", "sex": "male", "age": 30, **SITE}
        assert one_person(statements, full, {"en": "Zakaria Halim Darwish", "day": "2020-03-05"})

    def test_dates_may_be_days_apart(self, statements: Table) -> None:
        assert one_person(
            statements, SITE | {"en": "Zakaria Halim Darwish"}, SITE | {"en": "Zakaria Darwish", "day": "2020-03-07"}
        )

    def test_birth_dates_stand_in_for_place_and_date(self, statements: Table) -> None:
        born = {"ar": "سمير خليل حسن درويش", "birth_first": date(1990, 5, 2), "birth_last": date(1990, 5, 2)}
        assert one_person(statements, born, born)


class TestTwoPeople:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"en": "Mohammad Khalil Darwish"}, {"en": "Mahmoud Khalil Darwish"}),
            ({"en": "Hassan Khalil Darwish"}, {"en": "Hussein Khalil Darwish"}),
            ({"ar": "أحمد خليل درويش"}, {"ar": "حامد خليل درويش"}),
            ({"ar": "محمد خليل درويش"}, {"ar": "محمود خليل درويش"}),
            ({"ar": "حسن خليل درويش"}, {"en": "Hussein Khalil Darwish"}),
            ({"ar": "محمود خليل درويش"}, {"en": "Mohammad Khalil Darwish"}),
        ],
    )
    def test_given_names_that_only_look_alike(self, statements: Table, one: dict[str, str], other: dict[str, str]) -> None:
        assert not one_person(statements, SITE | one, SITE | other)

    @pytest.mark.parametrize(
        "other",
        [
            {"sex": "female"},
            {"age": 45},
            {"age": 9},
            {"day": "2020-03-20"},
            {"governorate": "SY02", "place_key": "manbij"},
            {"en": "Samir Fadel Darwish"},
        ],
    )
    def test_one_name_isn_t_enough(self, statements: Table, other: dict[str, Any]) -> None:
        known = {"en": "Samir Khalil Darwish", "sex": "male", "age": 30, **SITE}
        assert not one_person(statements, known, known | other)

    def test_a_name_without_date_place_or_birth_is_never_enough(self, statements: Table) -> None:
        name = {"ar": "زكريا حليم عبد الفتاح الدرويش", "governorate": "SY07"}
        assert not one_person(statements, name, name)

    def test_a_given_name_alone_is_no_name(self, statements: Table) -> None:
        assert not one_person(statements, {"en": "Samir", "day": "2020-03-05"}, SITE | {"en": "Samir"})

    def test_an_adult_and_a_child_of_one_name_on_one_day(self, statements: Table) -> None:
        name = {"en": "Ahmad Oqba Darwish", **SITE}
        assert not one_person(statements, name | {"age_group": "child"}, name | {"age_group": "adult"})

    def test_brothers_stay_three_people_and_are_kin(self, statements: Table) -> None:
        """C7: one father, family, town and date."""
        brothers = [
            {"id": f"R-{source}{given}", "source": source, "en": f"{given} Khalil Darwish", "sex": "male", **SITE}
            for source in "ab"
            for given in ("Hussam", "Ahmad", "Haitham")
        ]
        linkage = link(statements(*brothers), FREE)
        assert victims(linkage) == {frozenset({f"R-a{g}", f"R-b{g}"}) for g in ("Hussam", "Ahmad", "Haitham")}
        assert verdict(linkage, "R-aAhmad", "R-aHaitham") == "kin"

    def test_rows_of_one_list_differ_in_a_single_word(self, statements: Table) -> None:
        listed = SITE | {"source": "airwars", "incident_ref": "airwars/RS1"}
        both = statements(listed | {"en": "Nader Fadel Darwish"}, listed | {"en": "Nader Khalil Darwish"})
        assert len(victims(link(both, FREE))) == 2

    @pytest.mark.parametrize("name", ["Unidentified", "Daughter of Samir Darwish", "Member of the Darwish family"])
    def test_the_unnamed_are_never_linked_by_evidence(self, statements: Table, name: str) -> None:
        assert not one_person(statements, SITE | {"en": name}, SITE | {"en": name})

    def test_groups_are_never_linked_by_evidence(self, statements: Table) -> None:
        group = SITE | {"en": "Zakaria Halim Darwish", "statement": "group", "persons": 3}
        assert not one_person(statements, group, group)


class TestDecisions:
    def test_people_win_over_evidence(self, statements: Table) -> None:
        same = SITE | {"en": "Samir Khalil Darwish"}
        table = statements({"id": "R-1"} | same, {"id": "R-2"} | same, {"id": "R-3", "en": "Unidentified"})
        decided = Constraints(frozenset({("R-1", "R-3")}), frozenset({("R-1", "R-2")}))
        linkage = link(table, decided)
        assert victims(linkage) == {frozenset({"R-1", "R-3"}), frozenset({"R-2"})}
        assert (verdict(linkage, "R-1", "R-2"), verdict(linkage, "R-1", "R-3")) == ("cannot_link", "must_link")
        by = dict(linkage.victim_records.select("record_id", "linked_by").iter_rows())
        assert by == {"R-1": "founded", "R-2": "founded", "R-3": "decision"}

    def test_a_cannot_link_holds_through_a_third_record(self, statements: Table) -> None:
        same = SITE | {"en": "Samir Khalil Darwish"}
        table = statements(*({"id": f"R-{n}"} | same for n in (1, 2, 3)))
        assert len(victims(link(table, Constraints(cannot_link=frozenset({("R-1", "R-2")}))))) == 2

    def test_a_contradiction_is_reported_and_neither_resolved_nor_looped_over(self, statements: Table) -> None:
        table = statements(*({"id": f"R-{n}", "en": "Unidentified"} for n in (1, 2, 3)))
        decided = Constraints(frozenset({("R-1", "R-2"), ("R-2", "R-3")}), frozenset({("R-1", "R-3")}))
        linkage = link(table, decided)
        reported = linkage.conflicts.filter(pl.col("kind") == "contradiction")
        assert reported["subject"].to_list() == ["R-2|R-3"]
        assert victims(linkage) == {frozenset({"R-1", "R-2"}), frozenset({"R-3"})}

    def test_a_source_with_one_row_per_person_never_gives_one_person_twice(self, statements: Table) -> None:
        same = SITE | {"en": "Zakaria Halim Darwish"}
        rows = [{"source": "registry"} | same, {"source": "registry"} | same, {"source": "b"} | same]
        assert len(victims(link(statements(*rows), FREE))) == 1
        assert len(victims(link(statements(*rows), Constraints(one_per_source=frozenset({"registry"}))))) == 2

    def test_decisions_about_records_that_are_gone_are_ignored(self, statements: Table) -> None:
        table = statements({"id": "R-1", "en": "Samir Darwish"})
        assert victims(link(table, Constraints(frozenset({("R-0", "R-1")})))) == {frozenset({"R-1"})}


class TestWhatIsTold:
    def test_the_weight_is_the_sum_of_the_evidence(self, statements: Table) -> None:
        row = SITE | {"en": "Samir Khalil Darwish"}
        pairs = link(statements({"source": "a"} | row, {"source": "b"} | row), FREE).pairs
        (weight, evidence), *_ = pairs.select("weight", "evidence").iter_rows()
        assert sum(json.loads(evidence).values()) == pytest.approx(weight)
        assert pairs.columns == [column.name for column in TABLE["deduplicated.pairs"].columns]

    def test_a_close_call_is_a_question_without_names(self, statements: Table) -> None:
        row = {"en": "Mohammad Darwish", "day": "2020-03-05"}
        linkage = link(statements({"id": "R-1"} | row, {"id": "R-2", "governorate": "SY07"} | row), FREE)
        (question,) = linkage.conflicts.iter_rows(named=True)
        assert (question["kind"], question["subject"]) == ("pair", "R-1|R-2")
        assert "darwish" not in question["question"].lower()
        assert linkage.conflicts.columns == [column.name for column in TABLE["deduplicated.review_queue"].columns]

    def test_a_later_death_of_the_same_person_is_asked(self, statements: Table) -> None:
        row = SITE | {"en": "Zakaria Halim Darwish", "sex": "male"}
        conflicts = link(statements({"source": "a"} | row, {"source": "b"} | row | {"day": "2020-03-15"}), FREE).conflicts
        assert "10 days apart" in conflicts["question"].item()

    def test_keys_that_too_many_share_are_capped_and_reported(self, statements: Table) -> None:
        rows = [{"source": f"s{n}", "en": "Mohammad Ahmad", "day": "2020-03-05"} for n in range(70)]
        conflicts = link(statements(*rows), FREE).conflicts
        assert "blocking" in conflicts["kind"].to_list()

    def test_no_records_no_victims(self, statements: Table) -> None:
        linkage = link(statements(), FREE)
        assert linkage.victim_records.is_empty()
        assert linkage.pairs.is_empty()
        assert linkage.conflicts.is_empty()

    def test_a_record_twice_is_refused(self, statements: Table) -> None:
        with pytest.raises(CasualtyError, match="record_id"):
            link(statements({"id": "R-1", "en": "A B"}, {"id": "R-1", "en": "A B"}), FREE)


_NAMES = st.sampled_from(["Samir Darwish", "Sameer Khalil Darwish", "Ahmad Darwish", "Unidentified", "Samir", "Child 1"])
_ROW = st.fixed_dictionaries(
    {"en": _NAMES, "source": st.sampled_from("abc"), "governorate": st.sampled_from(["SY07", None])},
    optional={
        "day": st.sampled_from(["2020-03-05", "2020-03-07", "2020-03-09"]),
        "sex": st.sampled_from(["male", "female"]),
        "age": st.sampled_from([9, 16, 30]),
        "place_key": st.sampled_from(["kafr nabl", "saraqib"]),
        "incident_ref": st.sampled_from(["a/1", "b/2"]),
    },
)
_PAIRS = st.frozensets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=4)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_ROW, min_size=1, max_size=8), must=_PAIRS, cannot=_PAIRS, order=st.randoms(use_true_random=False))
def test_clusterings_keep_the_rules(
    statements: Table,
    rows: list[dict[str, Any]],
    must: frozenset[tuple[int, int]],
    cannot: frozenset[tuple[int, int]],
    order: Any,
) -> None:
    table = statements(*rows)
    named = {name: frozenset((f"R-{a}", f"R-{b}") for a, b in pairs) for name, pairs in (("m", must), ("c", cannot))}
    constraints = Constraints(named["m"], named["c"], frozenset({"a"}))
    linkage = link(table, constraints)

    victim = dict(linkage.victim_records.select("record_id", "victim_id").iter_rows())
    assert sorted(victim) == sorted(table["record_id"]), "each record has one victim"
    for a, b in constraints.cannot_link:
        assert a == b or a not in victim or b not in victim or victim[a] != victim[b]
    told = {tuple(s.split("|")) for s in linkage.conflicts.filter(pl.col("kind") == "contradiction")["subject"]}
    for a, b in constraints.must_link:
        assert a not in victim or b not in victim or victim[a] == victim[b] or (min(a, b), max(a, b)) in told

    shuffled = list(range(table.height))
    order.shuffle(shuffled)
    again = link(table[shuffled], constraints)
    assert again.victim_records.equals(linkage.victim_records)
    assert again.pairs.equals(linkage.pairs)
    assert again.conflicts.equals(linkage.conflicts)
