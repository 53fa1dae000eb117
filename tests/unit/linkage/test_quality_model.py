"""What a model's file says of how good it was on labelled lists: told, and no part of what it weighs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.model import Measured, Model, as_json, load
from casualty_pipeline.linkage.quality import assess, read_quality
from casualty_pipeline.warehouse import Warehouse

MEASURED = Measured({"en": "three lists", "ar": "ثلاث قوائم"}, 0.991, 0.98)


def _written(folder: Path, **changes: Any) -> Path:
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(as_json(load())) | changes), encoding="utf-8")
    return path


def test_what_was_measured_is_read_back_and_leaves_the_models_digest_as_it_is(tmp_path: Path) -> None:
    model: Model = replace(load(), measured=MEASURED)
    (tmp_path / "model.json").write_text(as_json(model), encoding="utf-8")
    assert load(tmp_path / "model.json").measured == MEASURED
    assert model.digest == replace(model, measured=None).digest


def test_a_model_that_was_measured_nowhere_says_nothing(tmp_path: Path) -> None:
    assert load(_written(tmp_path, measured={})).measured is None


@pytest.mark.parametrize("measured", [{"on": {"en": "lists"}}, {"on": {}, "precision": 99.1, "recall": 0.9}, "good"])
def test_what_cannot_be_a_measure_is_refused(tmp_path: Path, measured: object) -> None:
    with pytest.raises(CasualtyError, match=r"model\.json: (not a linkage model|measured: expected)"):
        load(_written(tmp_path, measured=measured))


def test_the_warehouse_tells_both_what_is_estimated_and_what_was_measured_on_lists(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "empty.duckdb").writing() as write:
        assess(write, replace(load(), measured=MEASURED))
        told = read_quality(write).told()
        lists = write.table("deduplicated.quality").filter(pl.col("lists").is_not_null())["lists"]
    assert (told["precision_on_lists"], told["recall_on_lists"]) == (0.991, 0.98)
    assert "precision" not in told
    assert [json.loads(one) for one in lists] == [dict(MEASURED.on)] * 2
