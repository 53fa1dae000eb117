"""Who is one person and who is not, as the field knows it. Everybody here is invented."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage import Constraints, Linkage, link
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.pairs import KEY_CAP
from casualty_pipeline.tables import TABLE
from tests.unit.linkage.worlds import MOMENTS, WORLDS, World

Table = Callable[..., pl.DataFrame]
FREE = Constraints()
LATER = datetime.fromisoformat("2021-01-01")
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
            {"day": "2020-04-20"},
            {"day": "2020-03-25", "governorate": "SY02", "place_key": "manbij"},
            {"governorate": "SY02", "place_key": "manbij", "day": "2020-03-07"},
            {"en": "Samir Fadel Darwish", "day": "2020-03-07"},
        ],
    )
    def test_one_name_isn_t_enough(self, statements: Table, other: dict[str, Any]) -> None:
        known = {"en": "Samir Khalil Darwish", "sex": "male", "age": 30, **SITE}
        assert not one_person(statements, known, known | other)

    @pytest.mark.parametrize("name", ["محمد أحمد", "محمد أحمد حسن", "محمد أحمد الدرويش"])
    def test_a_name_that_many_may_have_is_never_enough_without_date_place_or_birth(
        self, statements: Table, name: str
    ) -> None:
        assert not one_person(statements, {"ar": name, "governorate": "SY07"}, {"ar": name, "governorate": "SY07"})

    def test_a_long_and_rare_name_is_enough_unless_a_fact_speaks_against_it(self, statements: Table) -> None:
        name = {"ar": "زكريا حليم عبد الفتاح الدرويش", "governorate": "SY07"}
        assert one_person(statements, name, name)
        assert not one_person(statements, name, name | {"governorate": "SY02"})

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
        reported = linkage.questions.filter(pl.col("kind") == "contradiction")
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
        (weight, pattern), *_ = pairs.select("weight", "pattern").iter_rows()
        assert load().prior + sum(bits for _, _, bits in load().words(pattern)) == pytest.approx(weight)
        assert pairs.columns == [column.name for column in TABLE["deduplicated.pairs"].columns]

    def test_a_close_call_is_a_question_without_names(self, statements: Table) -> None:
        row = {"en": "Samir Khalil Darwish", "day": "2020-03-05", "sex": "male", "age": 30, "place_key": "kafr nabl"}
        other = row | {"en": "Samir Fadel Darwish", "id": "R-2"}
        (question,) = link(statements({"id": "R-1"} | row, other), FREE).questions.iter_rows(named=True)
        assert (question["kind"], question["subject"], question["records"]) == ("pair", "R-1|R-2", 2)
        assert abs(question["weight"]) <= load().review_band
        assert "darwish" not in question["question"].lower()

    def test_a_much_later_death_of_the_same_person_is_asked(self, statements: Table) -> None:
        """Who dies of wounds is reported twice."""
        row = SITE | {"en": "Zakaria Halim Darwish", "sex": "male"}
        found = link(statements({"source": "a"} | row, {"source": "b"} | row | {"day": "2020-04-24"}), FREE)
        assert len(victims(found)) == 2
        assert "50 apart" in found.questions["question"].item()

    def test_what_a_source_s_guarantee_kept_apart_is_asked(self, statements: Table) -> None:
        same = SITE | {"en": "Zakaria Halim Darwish"}
        rows = [{"source": "registry"} | same, {"source": "registry"} | same, {"source": "b"} | same]
        found = link(statements(*rows), Constraints(one_per_source=frozenset({"registry"})))
        assert found.questions["subject"].to_list() == ["R-1|R-2"]
        assert "one row per person" in found.questions["question"].item()

    def test_no_records_no_victims(self, statements: Table) -> None:
        found = link(statements(), FREE)
        assert found.victim_records.is_empty()
        assert found.pairs.is_empty()
        assert found.identity_events.is_empty()
        assert found.questions.is_empty()

    def test_a_record_twice_is_refused(self, statements: Table) -> None:
        with pytest.raises(CasualtyError, match="record_id"):
            link(statements({"id": "R-1", "en": "A B"}, {"id": "R-1", "en": "A B"}), FREE)

    def test_a_record_twice_in_two_batches_is_refused(self, statements: Table) -> None:
        once = statements({"id": "R-1", "en": "A B"})
        with pytest.raises(CasualtyError, match="record_id"):
            link([once, once], FREE)


class TestBadInput:
    """Of issue 4: answered with a result or a question that names the records; nothing crashes."""

    def test_records_with_nothing_but_a_given_name_stay_apart(self, statements: Table) -> None:
        rows = [{"en": name, "source": source} for name in ("Samir", "Mohammad", "") for source in "abc"]
        found = link(statements(*rows), FREE)
        assert len(victims(found)) == len(rows)

    def test_everyone_called_the_same_is_bounded_and_asked(self, statements: Table) -> None:
        rows = [{"source": f"s{n}", "en": "Mohammad Ahmad", "day": "2020-03-05"} for n in range(300)]
        found = link(statements(*rows), FREE)
        assert found.pairs.height <= KEY_CAP * (KEY_CAP - 1) / 2
        blocking = found.questions.filter(pl.col("kind") == "blocking")
        assert min(blocking["records"]) == 300
        assert "the commonest by 300" in blocking["question"][0]

    def test_decisions_that_contradict_each_other_are_asked_by_record(self, statements: Table) -> None:
        """One pair, both ways, and of records that nothing else connects."""
        table = statements({"id": "R-1", "en": "Samir Darwish"}, {"id": "R-2", "en": "Nabil Haddad"})
        pair = frozenset({("R-1", "R-2")})
        found = link(table, Constraints(pair, pair))
        assert len(victims(found)) == 2
        asked = found.questions.filter(pl.col("kind") == "contradiction")
        assert asked["subject"].to_list() == ["R-1|R-2"]

    def test_a_cycle_of_decisions_is_asked_by_record(self, statements: Table) -> None:
        table = statements(*({"id": f"R-{n}", "en": "Unidentified"} for n in (1, 2, 3, 4)))
        ring = frozenset({("R-1", "R-2"), ("R-2", "R-3"), ("R-3", "R-4")})
        found = link(table, Constraints(ring, frozenset({("R-4", "R-1")})))
        assert victims(found) == {frozenset({"R-1", "R-2", "R-3"}), frozenset({"R-4"})}
        assert found.questions["subject"].to_list() == ["R-3|R-4"]

    def test_a_decision_that_is_about_one_record_alone_says_nothing(self, statements: Table) -> None:
        itself = frozenset({("R-1", "R-1")})
        found = link(statements({"id": "R-1", "en": "Samir Darwish"}), Constraints(itself, itself))
        assert victims(found) == {frozenset({"R-1"})}
        assert found.questions.is_empty()

    def test_a_retracted_record_has_no_victim_and_a_decision_on_it_moves_nobody(self, statements: Table) -> None:
        same = SITE | {"en": "Zakaria Halim Darwish"}
        table = statements({"id": "R-1"} | same, {"id": "R-2"} | same, {"id": "R-3", "en": "Nabil Haddad"})
        decided = Constraints(frozenset({("R-1", "R-3"), ("R-1", "R-2")}), retracted={"R-1": LATER})
        found = link(table, decided)
        assert victims(found) == {frozenset({"R-2"}), frozenset({"R-3"})}
        gone = found.identity_events.filter(pl.col("at") == LATER)
        assert gone.filter(pl.col("event") == "merged")["cause"].to_list() == ["retraction"]


class TestReplay:
    @pytest.mark.long
    @settings(deadline=None, max_examples=2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(world=WORLDS)
    def test_month_by_month_gives_what_everything_at_once_gives(self, world: World) -> None:
        """The same ids and the same history, to the byte; no id that was given is lost."""
        table = world.table()
        months = [table.filter(pl.col("known_at") == moment) for moment in reversed(MOMENTS)]
        whole, parts = link(table, world.constraints), link(months, world.constraints)
        assert whole.identity_events.equals(parts.identity_events)
        assert whole.victim_records.equals(parts.victim_records)
        assert whole.questions.equals(parts.questions)
        assert whole.pairs.drop("a", "b").equals(parts.pairs.drop("a", "b"))

        victim = dict(whole.victim_records.select("record_id", "victim_id").iter_rows())
        founder = {identity("V-", record): record for record in table["record_id"]}
        for event in whole.identity_events.iter_rows(named=True):
            for given_once in (event["victim_id"], event["other_id"]):
                # Resolves by its founding statement, unless that was retracted: then by the events.
                assert given_once is None or founder[given_once] in victim or founder[given_once] in world.retracted
        for record, of in victim.items():
            assert of in founder
            assert victim[founder[of]] == of, f"{record} is in a victim whose founder is elsewhere"
