"""Which pairs are worth comparing by name: those that could be kept if their names agreed as well as names can.

Here belongs the bound on what names can add to a pair, so that most pairs that meet cost no comparison of names. Nothing
is lost by it: what it leaves out would have been compared and then thrown away.
"""

import math
from itertools import product

import polars as pl

from casualty_pipeline.linkage.model import BITS_A_LEVEL, Model, not_far

# What `sql/deduplicated/facts.sql` compares: all that doesn't depend on names.
FACTS = frozenset({"sex", "age_group", "birth", "day", "place", "occupation", "list"})
_SILENCED = {"age_group": 2, "day": 5, "place": 4}  # `compared.sql` may count levels up to these as 0
_ROUNDED = 0.1  # weights have one decimal


def hopeful(model: Model) -> pl.DataFrame:
    """`pattern`: the patterns of `FACTS` alone (four bits a level, names 0) that a pair worth keeping can have.

    A pair of any other weighs less than `-review_band`, whatever its names say, and can't be kin.
    """
    facts = [c for c in model.comparisons if c.name in FACTS]
    every = pl.DataFrame({"pattern": [0]}, schema={"pattern": pl.Int64})
    for c in facts:
        levels = [n << BITS_A_LEVEL * model.names.index(c.name) for n in (0, *(level.number for level in c.levels))]
        every = every.join(pl.DataFrame({"level": levels}), how="cross").select(pl.col("pattern") + pl.col("level"))
    most = pl.sum_horizontal(
        pl.when(pl.col(c.name) <= _SILENCED.get(c.name, 0)).then(pl.max_horizontal(c.weighed(), 0.0)).otherwise(c.weighed())
        for c in facts
    )
    worth = pl.lit(model.prior + _best_of_names(model) + _ROUNDED) + most >= -model.review_band
    return model.told(every["pattern"]).filter(worth | not_far()).select("pattern")


def _best_of_names(model: Model) -> float:
    """The most bits that everything but `FACTS` can add to a pair."""
    bits = {c.name: {0: 0.0} | {level.number: level.bits for level in c.levels} for c in model.comparisons}
    best = -math.inf
    for given, lineage, whole in product(bits["given"], bits["lineage"], bits["whole"]):
        # As `compared.sql` has it: how rare the names are counts wherever they are compared and nearly agree.
        counts = given > 0 and not (4 < given < 10 or whole > 4 or 6 < lineage < 10)
        rarity = max(b for level, b in bits["rarity"].items() if (level > 0) == counts)
        best = max(best, bits["given"][given] + bits["lineage"][lineage] + bits["whole"][whole] + rarity)
    others = sorted(bits.keys() - FACTS - {"given", "lineage", "whole", "rarity"})
    return best + sum(max(bits[name].values()) for name in others)
