"""How the shipped linkage model does on what it was not fitted on: pairs with a record of the fourth Gaza list.

    python -m benchmarks.linkage_held_out [--model default|by_hand|FILE] [--one-per-list] [--birth-dates]
    python -m benchmarks.linkage_held_out --one-per-list --list-bits 5 6 7 8 9 11

The model was fitted on the first three lists. All four are linked; scored are the pairs of which at least one record
stands in the last list, by subtracting from the pairs of all lists those of the first three.

With `--list-bits`, only the first three are linked, once with each of these numbers for what two lists that name each
person once say: how the number in the shipped model was chosen.
"""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path

import polars as pl

from casualty_pipeline.linkage import Constraints, link
from casualty_pipeline.linkage.evaluation import PROVISIONAL, Score, as_records, read_labelled
from casualty_pipeline.linkage.model import Model, load
from casualty_pipeline.linkage.shares import with_shares
from casualty_pipeline.profile import load_profile


def counted(both: pl.DataFrame) -> tuple[int, int, int]:
    """Pairs that are together in truth and in what was found, in what was found, and in truth."""

    def pairs(*by: str) -> int:
        sizes = both.group_by(by).len()["len"].cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())

    return pairs("entity_id", "victim_id"), pairs("victim_id"), pairs("entity_id")


def _saying(model: Model, bits: float) -> Model:
    """The model with other bits for two lists that name each person once."""
    return replace(
        model,
        comparisons=tuple(
            replace(c, levels=tuple(replace(v, bits=bits) if v.number == 2 else v for v in c.levels))
            if c.name == "list"
            else c
            for c in model.comparisons
        ),
    )


def main() -> None:
    """Print the scores as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default")
    parser.add_argument("--one-per-list", action="store_true")
    parser.add_argument("--birth-dates", action="store_true")
    parser.add_argument("--list-bits", type=float, nargs="+", default=[])
    given = parser.parse_args()
    lists = sorted((Path(os.environ.get("EVALUATION_DATA", "../shared/data")) / "gaza-lists").glob("*.csv"))
    labelled = read_labelled(lists, "entity_id")
    if not given.birth_dates:
        labelled = labelled.drop("birth_date")
    if given.list_bits:
        labelled = labelled.filter(pl.col("list_date") != labelled["list_date"].max())
    records = as_records(labelled, load_profile("syria"), "list_date" if given.one_per_list else None)
    once = Constraints(one_per_source=frozenset(records["source"].unique()) if given.one_per_list else frozenset())
    model = with_shares(load(given.model), records)
    known = labelled.filter(pl.col("entity_id").is_not_null() & (pl.col(PROVISIONAL).fill_null("0") != "1"))
    known = known.select("record_id", "entity_id", "list_date")
    for bits in given.list_bits:
        both = known.join(link(records, once, _saying(model, bits)).victim_records, on="record_id")
        right, claimed, true = counted(both)
        print(json.dumps({"list_bits": bits, "pairs": true, **Score(right / claimed, right / true).shown()}), flush=True)
    if given.list_bits:
        return
    both = known.join(link(records, once, model).victim_records, on="record_id")
    earlier = both.filter(pl.col("list_date") != both["list_date"].max())
    right, claimed, true = (a - b for a, b in zip(counted(both), counted(earlier), strict=True))
    score = Score(right / claimed, right / true)
    print(json.dumps({"model": given.model, "pairs": true, **score.shown()}))


if __name__ == "__main__":
    main()
