"""The model as data: what is written is read again, what isn't a model is refused in words, weights are sums."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.model import BY_HAND, DEFAULT, as_json, load

MODEL = load()
SHIPPED = [DEFAULT, BY_HAND]


def pattern(levels: dict[str, int]) -> int:
    return sum(levels.get(name, 0) << 4 * place for place, name in enumerate(MODEL.names))


PATTERNS = st.fixed_dictionaries({c.name: st.sampled_from([0, *(v.number for v in c.levels)]) for c in MODEL.comparisons})


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text(as_json(load(name)), encoding="utf-8")
    assert load(file) == load(name)
    assert load(file).digest == load(name).digest


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_is_as_a_model_is_written(name: str) -> None:
    """So that a model that is fitted again differs in what was learnt alone."""
    text = (resources.files("casualty_pipeline.linkage") / "models" / f"{name}.json").read_text(encoding="utf-8")
    assert text == as_json(load(name))


@pytest.mark.parametrize("name", SHIPPED)
def test_each_level_stands_on_a_line_of_its_own(name: str) -> None:
    lines = [line for line in as_json(load(name)).splitlines() if '"level":' in line]
    assert len(lines) == sum(len(c.levels) for c in load(name).comparisons)
    assert all('"says"' in line and '"bits"' in line for line in lines)


@pytest.mark.parametrize("name", SHIPPED)
def test_bits_fall_where_the_model_says_falling(name: str) -> None:
    for comparison in load(name).comparisons:
        bits = [comparison.level(number).bits for number in comparison.falling]
        assert bits == sorted(bits, reverse=True), comparison.name


@pytest.mark.parametrize("name", SHIPPED)
def test_another_sex_is_never_outweighed(name: str) -> None:
    (sex,) = (c for c in load(name).comparisons if c.name == "sex")
    assert sex.hard == (2,)


@given(PATTERNS)
def test_the_weight_is_the_prior_and_the_sum_of_the_levels(levels: dict[str, int]) -> None:
    number = pattern(levels)
    assert MODEL.levels(number) == levels
    expected = MODEL.prior + sum(c.level(levels[c.name]).bits for c in MODEL.comparisons)
    weighed = MODEL.weighed(pl.Series([number], dtype=pl.Int64)).row(0, named=True)
    assert weighed["weight"] == pytest.approx(expected, abs=0.051)
    told = sum(bits for _, _, bits in MODEL.words(number))
    assert told == pytest.approx(expected - MODEL.prior, abs=1e-6), "what a reader is told adds up"
    excluded = {c.name for c in MODEL.comparisons if levels[c.name] in c.hard}
    assert weighed["hard"] in excluded if excluded else weighed["hard"] is None
    assert not weighed["kin"] or weighed["weight"] < 0


def test_a_level_that_the_model_doesn_t_know_says_nothing() -> None:
    assert MODEL.comparisons[0].level(15).bits == 0.0
    assert MODEL.weighed(pl.Series([0], dtype=pl.Int64))["weight"].item() == MODEL.prior


def test_the_table_of_levels_tells_every_bit() -> None:
    table = MODEL.table()
    assert table.height == sum(len(c.levels) for c in MODEL.comparisons)
    assert table.filter(pl.col("comparison") == "sex", pl.col("hard"))["level"].to_list() == [2]


def _changed(**changes: Any) -> str:
    return json.dumps(json.loads(as_json(MODEL)) | changes)


def _comparisons(change: str, value: Any) -> list[dict[str, Any]]:
    first, *rest = json.loads(as_json(MODEL))["comparisons"]
    return [first | {change: value}, *rest]


def _not_a_number() -> list[dict[str, Any]]:
    whole: list[dict[str, Any]] = json.loads(as_json(MODEL))["comparisons"]
    whole[0]["levels"][0]["bits"] = float("nan")
    return whole


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON, line 1"),
        ("[]", "not a linkage model"),
        ("{}", "not a linkage model.*comparisons"),
        (_changed(prior="many"), "not a linkage model.*many"),
        (_changed(prior=None), "not a linkage model"),
        (_changed(shares=[]), "not a linkage model"),
        (_changed(comparisons=[]), "expected the comparisons given, lineage"),
        (_changed(comparisons=[{"name": "given"}]), "not a linkage model.*levels"),
        (_changed(comparisons=_comparisons("levels", [{"level": 16, "says": "", "bits": 1}])), "levels from 1 to 15"),
        (_changed(comparisons=_comparisons("levels", [{"level": 1, "says": "", "bits": 1}] * 2)), "each once"),
        (_changed(comparisons=_comparisons("hard", 9)), "not a linkage model"),
        (_changed(comparisons=_comparisons("falling", [1, 14])), r"given: .*falling.*\[14\]"),
        (_changed(comparisons=_comparisons("hard", [14])), r"given: .*hard.*\[14\]"),
        (_changed(rare_share=0), "shares of names"),
        (_changed(shares={"hmd": 1.0}), "shares of names"),
        (_changed(prior=float("nan")), "prior.*number"),
        (_changed(review_band=float("inf")), "review_band.*number"),
        (_changed(review_band=-1), "review_band"),
        (_changed(comparisons=_not_a_number()), "bits.*number"),
    ],
)
def test_what_isn_t_a_model_is_refused_in_words(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CasualtyError, match=rf"model\.json: (?s:.*){told}"):
        load(file)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_can_t_be_read_is_refused_by_name(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CasualtyError, match=r"model\.json: can't be read as a linkage model"):
        load(file)
