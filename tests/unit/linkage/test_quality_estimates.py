"""The statistics of the estimate: on populations whose truth is known, answered by that truth. Nobody is in them."""

import math
from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from casualty_pipeline.linkage.estimates import (
    Judged,
    Share,
    Stratum,
    certain_from,
    combined,
    drawn,
    measures,
    share_of,
    wilson,
)

REPETITIONS = 300
SAMPLED = {"linked": 60, "close": 60, "kin": 30}


def population(random: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Victims of 2 to 10 statements, some of which are of another person; and every two that were kept apart, some wrongly.

    `size`: pairs; `share`: of these, the share that are one person.
    """
    records = 2 + random.geometric(0.55, 1500).clip(0, 8)
    strangers = np.where(random.random(1500) < 0.08, random.integers(1, records), 0)
    size = records * (records - 1) / 2
    right = ((records - strangers) * (records - strangers - 1) + strangers * (strangers - 1)) / 2
    linked = pl.DataFrame({"size": size, "share": right / size})
    apart = {
        name: pl.DataFrame(
            {
                "size": (random.geometric(0.7, count) * random.geometric(0.7, count)).astype(float),
                "share": (random.random(count) < wrongly).astype(float),
            }
        )
        for name, count, wrongly in (("close", 400, 0.3), ("kin", 900, 0.02))
    }
    return {"linked": linked, **apart}


def truth(strata: Mapping[str, pl.DataFrame]) -> dict[str, float]:
    true = {name: float((one["size"] * one["share"]).sum()) for name, one in strata.items()}
    claimed, all_true = float(strata["linked"]["size"].sum()), sum(true.values())
    both = {"precision": true["linked"] / claimed, "recall": true["linked"] / all_true}
    return both | {"f1": 2 * true["linked"] / (claimed + all_true)}


def estimated(strata: Mapping[str, pl.DataFrame], random: np.random.Generator) -> dict[str, Share]:
    found = {}
    for name, units in strata.items():
        numbered = units.with_columns(
            unit=pl.int_range(pl.len()).cast(pl.String), number=pl.Series(random.random(units.height))
        )
        chosen = drawn(numbered, SAMPLED[name])
        judged = [Judged(*row) for row in chosen.select("size", "share").iter_rows()]
        sizes = dict(units.group_by("size").len().iter_rows())
        found[name] = Stratum(float(units["size"].sum()), sizes, judged)
    return measures(found["linked"], {name: found[name] for name in ("close", "kin")})


def test_the_interval_holds_the_truth_in_about_95_of_100_samples_and_the_estimate_isnt_off_to_one_side() -> None:
    random = np.random.default_rng(4)
    strata = population(random)
    true = truth(strata)
    samples = [estimated(strata, random) for _ in range(REPETITIONS)]
    for measure in ("precision", "recall", "f1"):
        held = np.mean([one[measure].low <= true[measure] <= one[measure].high for one in samples])
        assert held >= 0.93, f"{measure}: {held}"
        assert np.mean([one[measure].value for one in samples]) == pytest.approx(true[measure], abs=0.01)


def test_a_sample_of_everything_leaves_nothing_to_estimate() -> None:
    stratum = Stratum(13.0, {10.0: 1, 1.0: 3}, [Judged(10.0, 0.4), Judged(1.0, 1.0), Judged(1.0, 1.0), Judged(1.0, 0.0)])
    assert share_of(stratum) == Share(6 / 13, 6 / 13, 6 / 13)


def test_too_few_answers_give_no_estimate() -> None:
    stratum = Stratum(100.0, {1.0: 100}, [Judged(1.0, 1.0)] * 9)
    assert share_of(stratum) is None
    assert measures(stratum, {}) == {}


def test_recall_waits_for_every_stratum_that_has_anything_in_it() -> None:
    judged = Stratum(100.0, {1.0: 100}, [Judged(1.0, 1.0)] * 50)
    assert set(measures(judged, {"close": Stratum(5.0, {1.0: 5})})) == {"precision"}
    assert set(measures(judged, {"close": Stratum(0.0, {})})) == {"precision", "recall", "f1"}


def test_where_everything_was_right_the_interval_still_has_a_width() -> None:
    share = share_of(Stratum(1000.0, {1.0: 1000}, [Judged(1.0, 1.0)] * 100))
    assert share is not None
    assert (share.value, share.high) == (1.0, 1.0)
    assert share.low == pytest.approx(0.963, abs=0.001)


def test_wilsons_limits_are_those_of_the_tables() -> None:
    assert wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0.0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)


def test_units_too_large_to_miss_are_drawn_for_certain() -> None:
    assert certain_from({100.0: 1, 1.0: 50}, 10) == 100.0
    assert certain_from({100.0: 1, 20.0: 1, 1.0: 50}, 10) == 20.0
    assert certain_from({1.0: 50}, 10) == math.inf
    assert certain_from({2.0: 2, 1.0: 3}, 5) == 1.0


def test_larger_units_are_drawn_in_proportion() -> None:
    random = np.random.default_rng(1)
    units = pl.DataFrame({"unit": [str(n) for n in range(200)], "size": [3.0] * 100 + [1.0] * 100})
    large = [
        drawn(units.with_columns(number=pl.Series(random.random(200))), 20).filter(pl.col("size") == 3.0).height
        for _ in range(300)
    ]
    assert np.mean(large) == pytest.approx(15, abs=0.4)


def test_a_smaller_sample_is_the_beginning_of_a_larger_one() -> None:
    random = np.random.default_rng(2)
    units = pl.DataFrame({"unit": [str(n) for n in range(300)], "size": [1.0, 2.0, 3.0] * 100, "number": random.random(300)})
    assert drawn(units, 50)["unit"].to_list() == drawn(units, 80)["unit"].to_list()[:50]


def test_limits_of_several_shares_add_up_as_variances_do() -> None:
    shares = {"a": Share(0.5, 0.4, 0.6), "b": Share(0.5, 0.4, 0.6)}
    found = combined(lambda s: (s["a"] + s["b"]) / 2, shares)
    assert found.value == 0.5
    assert found.high - found.value == pytest.approx(0.1 / math.sqrt(2))
