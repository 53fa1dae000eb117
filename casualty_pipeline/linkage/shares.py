"""How common names are, counted in the statements at hand. No labels are used."""

from dataclasses import replace

import polars as pl

from casualty_pipeline.linkage import forms
from casualty_pipeline.linkage.model import Model

_PRIOR_STATEMENTS = 500.0  # what the model's own shares count for, beside the statements at hand


def with_shares(model: Model, statements: pl.DataFrame, least: int = 1) -> Model:
    """The model with the shares of names counted in `statements` (columns of cleaned.records), those that `least`
    bear or more.

    No labels are used. The model's own shares count as `_PRIOR_STATEMENTS` statements more.
    """
    names = forms.names(statements, model)
    words = pl.concat(
        [names.select("record_id", word="sound"), names.select("record_id", word="sounds").explode("word")]
    ).drop_nulls()
    total = names["record_id"].n_unique()
    seen = words.group_by("word").agg(n=pl.col("record_id").n_unique()).filter(pl.col("n") >= least).sort("word")
    counts = dict(zip(seen["word"], seen["n"], strict=True))
    whole = total + _PRIOR_STATEMENTS
    shares = {
        word: round((counts.get(word, 0) + model.shares.get(word, model.rare_share) * _PRIOR_STATEMENTS) / whole, 6)
        for word in sorted(counts.keys() | model.shares.keys())
    }
    rare = model.rare_share * (_PRIOR_STATEMENTS + least) / whole if least == 1 else model.rare_share
    return replace(model, shares=shares, rare_share=float(f"{min(model.rare_share, max(rare, 1e-6)):.3g}"))
