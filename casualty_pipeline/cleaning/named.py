"""Names of statements, read as names: each distinct name once, with its parts, and what it says of persons.

Here belongs how `casualty_pipeline.cleaning.names` is applied to the statements of months.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from casualty_pipeline.cleaning.names.groups import stated_of_plain
from casualty_pipeline.cleaning.names.normal import arabic_words, latin_words
from casualty_pipeline.cleaning.names.others import other_names
from casualty_pipeline.cleaning.names.parts import ROLES, marked_words, parts_of_words
from casualty_pipeline.cleaning.names.text import arabic_plain, latin_plain
from casualty_pipeline.cleaning.names.unnamed import arabic_unnamed, latin_unnamed

_NAMES_AT_ONCE = 50_000  # by one core

MARKED = ("marked_ar", "marked_en")  # by which `parts_of` tells the parts
_STATED = ("persons", "children", "women", "men", "female", "male")


def read_names(statements: pl.DataFrame) -> pl.DataFrame:
    """Each distinct pair `name_en`, `name_ar` with its normal forms, what it says of persons, and `MARKED`."""
    return _by_all_cores(_read, statements.select("name_en", "name_ar").unique(maintain_order=True))


def parts_of(statements: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The rows of `cleaned.names`: for every record and script the parts that can be told. `names`: of `read_names`."""
    return (
        statements.select("record_id", "documentation_month", "name_en", "name_ar")
        .join(
            _by_all_cores(_parts, names.select("name_en", "name_ar", *MARKED)), on=["name_en", "name_ar"], nulls_equal=True
        )
        .drop("name_en", "name_ar")
    )


def _by_all_cores(read: Callable[[pl.DataFrame], pl.DataFrame], names: pl.DataFrame) -> pl.DataFrame:
    with ThreadPoolExecutor(pl.thread_pool_size()) as cores:
        return pl.concat(cores.map(read, [*names.iter_slices(_NAMES_AT_ONCE)] or [names]))


def _read(names: pl.DataFrame) -> pl.DataFrame:
    # Both scripts are made plain once for all the readers.
    arabic, latin = arabic_plain(names["name_ar"]), latin_plain(names["name_en"])
    stated, no_arabic, no_latin = stated_of_plain(arabic, latin), arabic_unnamed(arabic), latin_unnamed(latin)
    marked = zip(MARKED, marked_words(arabic, latin, no_arabic, no_latin), strict=True)
    return names.with_columns(
        arabic_words(arabic).alias("name_ar_normal"),
        latin_words(latin).alias("name_en_normal"),
        (no_arabic & no_latin).alias("unnamed"),
        other_names(pl.col("name_ar"), pl.col("name_en")).alias("other_names"),
        *(stated[name].alias(f"stated_{name}") for name in _STATED),
        stated["uncounted"].alias("uncounted_companions"),
        *(words.alias(name) for name, words in marked),
    )


def _parts(names: pl.DataFrame) -> pl.DataFrame:
    parts, names = parts_of_words(*(names[column] for column in MARKED)), names.drop(MARKED)
    by_script = [
        names.with_columns(pl.lit(script).alias("script"), *(parts[f"{f}_{script}"].alias(f) for f in (*ROLES, "told")))
        for script in ("ar", "en")
    ]
    return pl.concat(by_script).filter(pl.col("told").is_not_null())
