"""How the shipped linkage model does on what it was not fitted on: pairs with a record of the fourth Gaza list.

    python -m benchmarks.linkage_held_out [--model default|by_hand|FILE] [--one-per-list] [--birth-dates]

The model was fitted on the first three lists. All four are linked; scored are the pairs of which at least one record
stands in the last list, by subtracting from the pairs of all lists those of the first three.
"""

import argparse
import json
import os
from pathlib import Path

import polars as pl

from casualty_pipeline.linkage import Constraints, link
from casualty_pipeline.linkage.evaluation import PROVISIONAL, Score, as_records, read_labelled
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.shares import with_shares
from casualty_pipeline.profile import load_profile


def counted(both: pl.DataFrame) -> tuple[int, int, int]:
    """Pairs that are together in truth and in what was found, in what was found, and in truth."""

    def pairs(*by: str) -> int:
        sizes = both.group_by(by).len()["len"].cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())

    return pairs("entity_id", "victim_id"), pairs("victim_id"), pairs("entity_id")


def main() -> None:
    """Print the scores as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default")
    parser.add_argument("--one-per-list", action="store_true")
    parser.add_argument("--birth-dates", action="store_true")
    given = parser.parse_args()
    lists = sorted((Path(os.environ.get("EVALUATION_DATA", "../shared/data")) / "gaza-lists").glob("*.csv"))
    labelled = read_labelled(lists, "entity_id")
    if not given.birth_dates:
        labelled = labelled.drop("birth_date")
    records = as_records(labelled, load_profile("syria"), "list_date" if given.one_per_list else None)
    once = frozenset(records["source"].unique()) if given.one_per_list else frozenset()
    found = link(records, Constraints(one_per_source=once), with_shares(load(given.model), records)).victim_records
    known = labelled.filter(pl.col("entity_id").is_not_null() & (pl.col(PROVISIONAL).fill_null("0") != "1"))
    both = known.select("record_id", "entity_id", "list_date").join(found, on="record_id")
    earlier = both.filter(pl.col("list_date") != both["list_date"].max())
    right, claimed, true = (a - b for a, b in zip(counted(both), counted(earlier), strict=True))
    score = Score(right / claimed, right / true)
    print(json.dumps({"model": given.model, "pairs": true, **score.shown()}))


if __name__ == "__main__":
    main()
