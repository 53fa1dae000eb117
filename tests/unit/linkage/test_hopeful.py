"""Pairs that aren't compared by name wouldn't have been kept."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.linkage.hopeful import FACTS, hopeful
from casualty_pipeline.linkage.model import BITS_A_LEVEL, BY_HAND, DEFAULT, Model, load

MODELS = {name: load(name) for name in (DEFAULT, BY_HAND)}
HOPEFUL = {name: frozenset(hopeful(model)["pattern"]) for name, model in MODELS.items()}


def _pattern(model: Model, levels: dict[str, int]) -> int:
    return sum(levels.get(name, 0) << BITS_A_LEVEL * place for place, name in enumerate(model.names))


@pytest.mark.parametrize("name", MODELS)
@given(data=st.data())
def test_whatever_names_say_a_pair_worth_keeping_has_hopeful_facts(name: str, data: st.DataObject) -> None:
    model = MODELS[name]
    said = {c.name: data.draw(st.sampled_from([0, *(v.number for v in c.levels)]), label=c.name) for c in model.comparisons}
    facts = _pattern(model, {fact: said[fact] for fact in FACTS})
    # What `compared.sql` makes of the levels when it knows the names, too.
    disagree = 4 < said["given"] < 10 or said["whole"] > 4 or 6 < said["lineage"] < 10 or not said["given"]
    said["rarity"] = 0 if disagree else max(said["rarity"], 1)
    if 4 < said["given"] <= 10 and said["lineage"]:
        said["day"] = said["day"] if said["day"] > 5 else 0
        said["place"] = said["place"] if said["place"] > 4 else 0
    if said["birth"]:
        said["age_group"] = 0
    (weighed,) = model.weighed(pl.Series([_pattern(model, said)])).to_dicts()
    if weighed["kin"] or weighed["weight"] >= -model.review_band:
        assert facts in HOPEFUL[name]


def test_days_of_death_months_apart_in_two_governorates_are_no_hope() -> None:
    model = MODELS[DEFAULT]
    assert _pattern(model, {"sex": 1, "birth": 4, "day": 7, "place": 6}) not in HOPEFUL[DEFAULT]
    assert _pattern(model, {"sex": 1, "birth": 4, "day": 2, "place": 1}) in HOPEFUL[DEFAULT]
