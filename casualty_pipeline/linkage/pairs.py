"""Candidate pairs: the records that share a key, but for keys that too many share. Nothing is weighed here."""

import polars as pl

from casualty_pipeline.linkage.keys import Prepared, keys
from casualty_pipeline.linkage.settings import SETTINGS, Settings


def candidates(
    prepared: Prepared,
    decided: frozenset[tuple[str, str]],
    one_per_source: frozenset[str],
    settings: Settings = SETTINGS,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(pairs, capped).

    `pairs`: `a`, `b`, rows of `prepared.people` with a before b. Two records of a source that has one row per person
    are no candidates, unless people decided about them: `decided` pairs of record ids are always in, if both are known.
    `capped`: `scheme`, `keys`, `records`, `largest`: the keys that more than `settings.block_cap` records share, by
    scheme.
    """
    keyed = keys(prepared, settings)
    # Statements that agree on everything that is compared add nothing but squares: the cap goes by records.
    sizes = keyed.group_by("scheme", "key").agg(size=pl.len())
    capped = (
        sizes.filter(pl.col("size") > settings.block_cap)
        .group_by("scheme")
        .agg(keys=pl.len(), records=pl.col("size").sum(), largest=pl.col("size").max())
        .sort("scheme")
    )
    usable = keyed.join(
        sizes.filter((pl.col("size") > 1) & (pl.col("size") <= settings.block_cap)).with_row_index("block"),
        on=["scheme", "key"],
    ).select("block", "row")
    met = (
        usable.join(usable, on="block", suffix="_b")
        .filter(pl.col("row") < pl.col("row_b"))
        .select(a="row", b="row_b")
        .unique()
    )
    if one_per_source:
        source = prepared.people.select("row", "source")
        met = (
            met.join(source, left_on="a", right_on="row")
            .join(source, left_on="b", right_on="row", suffix="_b")
            .filter(~((pl.col("source") == pl.col("source_b")) & pl.col("source").is_in(sorted(one_per_source))))
            .select("a", "b")
        )
    return pl.concat([met, rows_of(prepared, decided)]).unique().sort("a", "b"), capped


def rows_of(prepared: Prepared, pairs: frozenset[tuple[str, str]]) -> pl.DataFrame:
    """Pairs of record ids as `a`, `b` of rows, a before b; pairs with a record that isn't there are left out."""
    row = prepared.people.select("record_id", "row")
    named = pl.DataFrame(sorted(pairs), schema={"record_a": pl.String, "record_b": pl.String}, orient="row")
    joined = named.join(row, left_on="record_a", right_on="record_id").join(
        row, left_on="record_b", right_on="record_id", suffix="_b"
    )
    return (
        joined.select(a=pl.min_horizontal("row", "row_b"), b=pl.max_horizontal("row", "row_b"))
        .filter(pl.col("a") != pl.col("b"))
        .unique()
        .sort("a", "b")
    )
