"""From statements through the sample and people's answers to the estimate, which is of the machine alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from casualty_pipeline.linkage import Constraints
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.quality import Answers, Quality, assess, read_quality
from casualty_pipeline.linkage.update import update
from casualty_pipeline.warehouse import Warehouse, Writing

Table = Callable[..., pl.DataFrame]
MODEL = load()
DECIDED_AT = datetime.fromisoformat("2020-06-01")
GIVEN = ("سمير", "وليد", "خالد", "رباح", "غسان", "ياسين", "نزار", "هيثم", "مروان", "طارق", "فادي", "بشار")
FATHER = ("نجيب", "سليم", "محمود")
# R-<number>: a person; R-<number>b: the same, as another source tells it.
PEOPLE = list(enumerate(product(GIVEN, FATHER)))


def _rows(twice: Callable[[int], bool]) -> list[dict[str, Any]]:
    rows = []
    for number, (given, father) in PEOPLE:
        place = {
            "day": f"2020-03-{number % 28 + 1:02}",
            "governorate": f"SY{number % 13 + 1:02}",
            "place_key": f"town {number % 7}",
        }
        told = {"ar": f"{given} {father} الحجري {FATHER[number % 3]}ي", "sex": "male", "age": 20 + number, **place}
        rows.append({"id": f"R-{number:02}", "source": "a", **told})
        if twice(number):
            rows.append({"id": f"R-{number:02}b", "source": "b", **told})
    return rows


@contextmanager
def _linked(folder: Path, statements: pl.DataFrame, constraints: Constraints | None = None) -> Iterator[Writing]:
    with Warehouse(folder / "quality.duckdb").writing() as write:
        update(write, statements, (), constraints or Constraints(), MODEL)
        yield write


def _subjects(questions: pl.DataFrame) -> list[tuple[str, str]]:
    return [(a, b) for a, _, b in (subject.partition("|") for subject in questions["subject"])]


def _person(record: str) -> str:
    return record.removesuffix("b")


def _same(a: str, b: str) -> bool:
    return _person(a) == _person(b)


def _answered(pairs: list[tuple[str, str]], answer: Callable[[str, str], bool] = _same) -> Constraints:
    same, different = ([pair for pair in pairs if answer(*pair) is told] for told in (True, False))
    return Constraints(frozenset(same), frozenset(different), decided_at=dict.fromkeys(pairs, DECIDED_AT))


@pytest.fixture
def records(statements: Table) -> pl.DataFrame:
    return statements(*_rows(lambda number: number % 2 == 0))


def test_before_anybody_answered_nothing_is_estimated_and_the_whole_sample_is_asked(
    tmp_path: Path, records: pl.DataFrame
) -> None:
    with _linked(tmp_path, records) as write:
        asked = assess(write, MODEL)
        quality = read_quality(write)
        sample = write.table("deduplicated.quality_sample")
    assert not quality.estimated
    assert quality.estimates["precision"].value is None
    assert quality.missing()["linked"] == 10
    linked = sample.filter(pl.col("stratum") == "linked")
    assert linked.height == 18
    assert {(f"R-{n:02}", f"R-{n:02}b") for n in range(0, 36, 2)} <= set(_subjects(asked))
    assert set(asked["kind"]) == {"quality"}
    assert asked["weight"].null_count() == asked.height


def test_the_sample_and_the_questions_are_the_same_in_every_order_of_the_statements(
    tmp_path: Path, records: pl.DataFrame
) -> None:
    found = []
    for name, given in (("one", records), ("other", records.reverse())):
        (tmp_path / name).mkdir()
        with _linked(tmp_path / name, given) as write:
            asked = assess(write, MODEL)
            found.append((asked, write.table("deduplicated.quality_sample"), write.table("deduplicated.quality")))
    for one, other in zip(*found, strict=True):
        assert one.equals(other)


def test_answers_give_the_estimate_and_neither_the_sample_nor_what_it_is_about_changes_with_them(
    tmp_path: Path, records: pl.DataFrame
) -> None:
    wrong = {"R-00b", "R-02b"}  # whom the machine took for somebody else, people say

    def answer(a: str, b: str) -> bool:
        return _same(a, b) and not {a, b} & wrong

    with _linked(tmp_path, records) as write:
        asked = _subjects(assess(write, MODEL))
        drawn = write.table("deduplicated.quality_sample").select("stratum", "unit", "size", "place", "record_a", "record_b")
        update(write, records, (), _answered(asked, answer), MODEL)
        left = assess(write, MODEL)
        after = write.table("deduplicated.quality_sample")
        quality = read_quality(write)
    assert after.select(drawn.columns).equals(drawn)
    assert left.is_empty()
    precision = quality.estimates["precision"]
    assert precision.value == pytest.approx(16 / 18)
    assert (precision.judged, precision.judged_on) == (18, date(2020, 6, 1))
    assert quality.estimated
    assert quality.estimates["recall"].value == 1.0
    assert quality.missing() == {}


def test_two_who_never_met_count_as_missed_when_people_say_that_they_are_one(tmp_path: Path, records: pl.DataFrame) -> None:
    with _linked(tmp_path, records) as write:
        asked = _subjects(assess(write, MODEL))
        unseen = write.table("deduplicated.quality_sample").filter(
            (pl.col("stratum") == "unseen") & pl.col("record_b").is_not_null()
        )
        one = {_person(record) for record in unseen.select("record_a", "record_b").row(0)}
        update(
            write,
            records,
            (),
            _answered(asked, lambda a, b: _same(a, b) or {_person(a), _person(b)} == one),
            MODEL,
        )
        assess(write, MODEL)
        after = write.table("deduplicated.quality_sample").filter(pl.col("stratum") == "unseen")
        quality = read_quality(write)
    assert after.filter(pl.col("share") == 1.0).height >= 1
    assert after.select("unit", "record_b").equals(
        after.select("unit").join(unseen.select("unit", "record_b"), on="unit", how="left", maintain_order="left")
    )
    recall = quality.estimates["recall"].value
    assert recall is not None
    assert recall < 1.0


def test_what_people_could_not_tell_is_not_asked_again_and_is_no_answer(tmp_path: Path, records: pl.DataFrame) -> None:
    with _linked(tmp_path, records) as write:
        pair = ("R-00", "R-00b")
        assert pair in _subjects(assess(write, MODEL))
        assert pair not in _subjects(assess(write, MODEL, frozenset({pair})))
        precision = read_quality(write).estimates["precision"]
    assert (precision.judged, precision.unsure) == (0, 1)


def test_without_any_statement_there_is_nothing_to_ask(tmp_path: Path, statements: Table) -> None:
    with _linked(tmp_path, statements().clear()) as write:
        assert assess(write, MODEL).is_empty()
        quality = read_quality(write)
    assert not quality.estimated
    assert quality.missing() == {}


class TestAnswers:
    def _answers(self, *given: tuple[str, str, bool]) -> Answers:
        relation: Mapping[bool, str] = {True: "must_link", False: "cannot_link"}
        return Answers([(a, b, relation[same], DECIDED_AT) for a, b, same in given], [])

    def test_who_is_one_person_with_another_is_so_with_all_of_theirs(self) -> None:
        answers = self._answers(("a", "b", True), ("b", "c", True), ("a", "c", True), ("c", "d", False))
        assert answers.same("a", "c") is True
        assert answers.same("d", "a") is False

    def test_two_who_are_both_apart_from_a_third_may_still_be_one(self) -> None:
        assert self._answers(("a", "b", False), ("a", "c", False)).same("b", "c") is None


def test_a_quality_that_was_never_written_is_not_estimated() -> None:
    assert not Quality({}).estimated
