"""Fitting learns from pairs what it can, and leaves alone what they can't tell; and how good the shipped models are.

The population is generated: it says that the models work on records unlike those that they were fitted on, not how well on
real ones.
"""

from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generated_records import generated
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage import link
from casualty_pipeline.linkage.evaluation import as_records, score
from casualty_pipeline.linkage.fitting import fit, fit_unlabelled
from casualty_pipeline.linkage.model import BY_HAND, Model, load
from casualty_pipeline.profile import load_profile
from tests.unit.linkage.test_model import PATTERNS, pattern

START = load(BY_HAND)
_COUNTS = st.integers(1, 50).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@cache
def population(records: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Statements, and whom they speak of."""
    labelled = generated(records, seed)
    return as_records(labelled, load_profile("syria"), "source"), labelled.select("record_id", entity="entity_id")


def pairs_f1(model: Model, records: int, seed: int) -> float:
    statements, truth = population(records, seed)
    return float(score(truth, link(statements, None, model).victim_records)["pairs"]["f1"])


def _patterns(rows: list[tuple[dict[str, int], tuple[int, int]]]) -> pl.DataFrame:
    told = [(pattern(levels), n, same) for levels, (n, same) in rows]
    frame = pl.DataFrame(told, schema={"pattern": pl.Int64, "pairs": pl.Int64, "same": pl.Int64}, orient="row")
    return frame.group_by("pattern").agg(pl.all().sum()).sort("pattern")


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(PATTERNS, _COUNTS), min_size=1, max_size=20))
def test_whatever_the_pairs_say_levels_keep_their_order_and_what_is_held_doesn_t_move(
    rows: list[tuple[dict[str, int], tuple[int, int]]],
) -> None:
    # One pair of each kind, so that there is something to learn.
    fitted = fit(_patterns([*rows, ({}, (2, 1))]), START, version="v", fitted_on="f")
    for before, after in zip(START.comparisons, fitted.comparisons, strict=True):
        bits = [after.level(number).bits for number in after.falling]
        assert bits == sorted(bits, reverse=True), after.name
        if before.held:
            assert after.levels == before.levels, after.name


def test_pairs_that_are_one_person_against_expectation_move_the_bits() -> None:
    other_place = {"given": 1, "lineage": 1, "place": 6}
    fitted = fit(_patterns([(other_place, (500, 450)), ({"given": 8}, (500, 0))]), START, version="v", fitted_on="f")

    def bits(model: Model) -> float:
        return model.comparisons[model.names.index("place")].level(6).bits

    assert bits(fitted) > bits(START)


@pytest.mark.parametrize("same", [0, 7])
def test_pairs_of_one_kind_alone_are_refused(same: int) -> None:
    with pytest.raises(CasualtyError, match=f"found {same} of 7"):
        fit(_patterns([({"given": 1}, (7, same))]), START, version="v", fitted_on="f")


def test_no_pairs_are_refused() -> None:
    with pytest.raises(CasualtyError, match="found 0 of 0"):
        fit(_patterns([]), START, version="v", fitted_on="f")


def test_fitting_is_the_same_every_time() -> None:
    rows = _patterns([({"given": 1, "day": 1}, (40, 30)), ({"given": 8}, (90, 1))])
    assert fit(rows, START, version="v", fitted_on="f") == fit(rows, START, version="v", fitted_on="f")


@pytest.mark.long
def test_without_labels_a_fitted_model_is_as_good_as_the_one_it_started_from() -> None:
    statements, _ = population(3_000, 5)
    fitted = fit_unlabelled(statements, START, version="v", fitted_on="f")
    assert pairs_f1(fitted, 3_000, 5) >= pairs_f1(START, 3_000, 5) - 0.01


# Measured when this was written, by the same call: 0.9595 and 0.9698; the floors leave a hundredth or so. A change that goes
# below has made linkage worse on records with several scripts, sources and siblings.
@pytest.mark.parametrize(("model", "floor"), [("default", 0.945), (BY_HAND, 0.96)])
def test_the_shipped_models_link_a_generated_population(model: str, floor: float) -> None:
    assert pairs_f1(load(model), 5_000, 3) >= floor
