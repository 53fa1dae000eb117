"""Names of statements, read as names: each distinct name once, with its parts, and what it says of persons.

Here belongs how `casualty_pipeline.cleaning.names` is applied to the statements of months.
"""

import polars as pl

from casualty_pipeline.cleaning.names import (
    arabic_normal,
    is_unnamed,
    latin_normal,
    name_parts,
    other_names,
    stated,
)
from casualty_pipeline.cleaning.names.parts import ROLES

_STATED = ("persons", "children", "women", "men", "female", "male")


def read_names(statements: pl.DataFrame) -> pl.DataFrame:
    """Each distinct pair `name_en`, `name_ar` with its normal forms and what it says of persons."""
    english, arabic = pl.col("name_en"), pl.col("name_ar")
    said = pl.col("stated").struct
    return (
        statements.select("name_en", "name_ar")
        .unique(maintain_order=True)
        .with_columns(
            arabic_normal(arabic).alias("name_ar_normal"),
            latin_normal(english).alias("name_en_normal"),
            is_unnamed(english, arabic).alias("unnamed"),
            stated(english, arabic).alias("stated"),
            other_names(arabic, english).alias("other_names"),
            name_parts(arabic, english).alias("parts"),
        )
        .with_columns(
            *(said.field(name).alias(f"stated_{name}") for name in _STATED),
            said.field("uncounted").alias("uncounted_companions"),
        )
        .drop("stated")
    )


def names_of(statements: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """For every `record_id` what its name says: everything of `read_names` but the parts."""
    return (
        statements.select("record_id", "name_en", "name_ar")
        .join(names.drop("parts"), on=["name_en", "name_ar"], nulls_equal=True)
        .drop("name_en", "name_ar")
    )


def parts_of(statements: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The rows of `cleaned.names`: for every record and script the parts that can be told."""
    fields = (*ROLES, "told")
    parts = pl.col("parts").struct
    by_script = [
        names.select(
            "name_en", "name_ar", pl.lit(script).alias("script"), *(parts.field(f"{f}_{script}").alias(f) for f in fields)
        ).filter(pl.col("told").is_not_null())
        for script in ("ar", "en")
    ]
    return (
        statements.select("record_id", "documentation_month", "name_en", "name_ar")
        .join(pl.concat(by_script), on=["name_en", "name_ar"], nulls_equal=True)
        .drop("name_en", "name_ar")
    )
