"""Generated records: what a measurement on them rests on."""

from pathlib import Path

import polars as pl
import pytest
from numpy.random import default_rng

from benchmarks.generated_names import FAMILIES, family_names, given_names
from benchmarks.generated_people import GOVERNORATES, PLACES_PER_GOVERNORATE, places, population
from benchmarks.generated_records import SOURCES, generated
from benchmarks.linkage_ours import split
from casualty_pipeline.linkage.evaluation import COLUMNS

N = 5_000


@pytest.fixture(scope="module")
def records() -> pl.DataFrame:
    return generated(N, seed=1)


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    return pl.DataFrame(population(default_rng(1), N).people)


def test_the_same_number_and_seed_give_the_same_records(records: pl.DataFrame) -> None:
    assert generated(N, seed=1).equals(records)
    assert not generated(N, seed=2).equals(records)


def test_there_are_as_many_records_as_asked_for(records: pl.DataFrame) -> None:
    assert [generated(n, seed=1).height for n in (1, 10, 999)] == [1, 10, 999]
    assert records.height == N


def test_every_record_has_an_id_of_its_own_and_a_truth(records: pl.DataFrame) -> None:
    assert not records["record_id"].is_duplicated().any()
    assert records["entity_id"].null_count() == 0


def test_records_have_the_columns_that_evaluate_linkage_reads(records: pl.DataFrame) -> None:
    assert {"record_id", "entity_id", *COLUMNS} <= set(records.columns)
    assert set(records.dtypes) == {pl.String}


def test_a_person_has_one_to_five_records_and_one_and_two_thirds_on_average(records: pl.DataFrame) -> None:
    each = records.group_by("entity_id").len()["len"]
    assert each.max() == 5
    assert records.height / each.len() == pytest.approx(1.62, abs=0.05)


def test_no_source_writes_about_a_person_twice(records: pl.DataFrame) -> None:
    assert not records.select("entity_id", "source").is_duplicated().any()


def test_every_record_has_a_name_in_a_script_that_a_source_writes(records: pl.DataFrame) -> None:
    assert records.filter(pl.col("name_ar").is_null() & pl.col("name_en").is_null()).is_empty()
    assert records["name_ar"].drop_nulls().str.contains(r"\p{Arabic}").all()
    assert not records["name_en"].drop_nulls().str.contains(r"\p{Arabic}").any()
    assert set(records["source"]) == {s.name for s in SOURCES}


def test_facts_are_missing_sometimes_and_never_always(records: pl.DataFrame) -> None:
    for column in ("sex", "age", "birth_date", "death_date", "place", "governorate"):
        assert 0 < records[column].null_count() < N


def test_records_are_documented_over_48_months_and_stand_in_that_order(records: pl.DataFrame) -> None:
    assert records["list_date"].is_sorted()
    assert records["list_date"].str.slice(0, 7).n_unique() == 48


def test_two_of_three_people_die_beside_a_brother_or_a_sister(people: pl.DataFrame) -> None:
    lineage = ("incident", "family", "grandfather", "father")
    beside = people.filter(pl.struct(lineage).is_duplicated())
    assert beside.height / people.height == pytest.approx(0.67, abs=0.03)
    assert beside.group_by(lineage).agg(pl.col("place").n_unique())["place"].max() == 1


def test_cousins_die_together(people: pl.DataFrame) -> None:
    fathers = people.group_by("incident", "family", "grandfather").agg(pl.col("father").n_unique())["father"]
    assert 0.02 < (fathers > 1).mean() < 0.25  # type: ignore[operator]


def test_some_eldest_sons_have_their_grandfathers_name(people: pl.DataFrame) -> None:
    namesakes = people.filter("man", pl.col("given") == pl.col("grandfather"))
    assert 0.05 < namesakes.height / people.height < 0.25


def test_there_are_twins(people: pl.DataFrame) -> None:
    twins = people.filter(pl.struct("household", "birth").is_duplicated())
    assert 0.005 < twins.height / people.height < 0.06


def test_no_two_people_of_one_incident_have_one_whole_name(people: pl.DataFrame) -> None:
    whole = ("incident", "family", "grandfather", "father", "man", "given")
    assert not people.select(whole).is_duplicated().any()


def test_nobody_is_born_after_dying_or_lives_beyond_a_hundred_and_twenty(people: pl.DataFrame) -> None:
    years = (people["death"] - people["birth"]) / 365.25
    assert years.min() > 0  # type: ignore[operator]
    assert years.max() < 120  # type: ignore[operator]


def test_names_are_distinct_and_each_can_be_spelt() -> None:
    for names in (given_names("m"), given_names("f"), family_names()):
        assert not names.arabic.is_duplicated().any()
        assert (names.count > 0).all()
        assert names.share.sum() == pytest.approx(1)
    assert len(family_names().arabic) == FAMILIES


def test_a_place_lies_in_one_governorate() -> None:
    assert places()["place"].n_unique() == places().height == len(GOVERNORATES) * PLACES_PER_GOVERNORATE


def test_what_is_added_was_documented_last(tmp_path: Path) -> None:
    folder = tmp_path
    pl.DataFrame({"record_id": ["a", "b", "c"], "known_at": [3, 1, 2]}).write_parquet(folder / "records.parquet")
    split(folder / "records.parquet", folder / "known.parquet", folder / "added.parquet", Path("1"))
    assert pl.read_parquet(folder / "added.parquet")["record_id"].to_list() == ["a"]
    assert pl.read_parquet(folder / "known.parquet")["record_id"].to_list() == ["b", "c"]
