"""The labelled files under EVALUATION_DATA, in the columns that `casualty evaluate-linkage` reads.

Here belongs what each column of another file becomes; nothing is corrected on the way. Everything is text.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from casualty_pipeline.errors import CasualtyError

DATA = Path(os.environ.get("EVALUATION_DATA", "../shared/data"))


@dataclass(frozen=True)
class DataSet:
    """`records`: the labelled rows, `entity_id` the truth. `one_per`: the column that the rule is about, if any."""

    name: str
    records: pl.DataFrame
    one_per: str | None = None


def data_sets() -> dict[str, DataSet]:
    """Every data set, by a short name. Raises CasualtyError where the data aren't there."""
    if not (DATA / "gaza-lists").is_dir():
        raise CasualtyError(f"{DATA}: expected the evaluation data there, or EVALUATION_DATA to say where they are")
    lists = gaza_lists()
    no_birth_date = lists.drop("birth_date")
    return {
        "gaza": DataSet("Gaza lists, without birth dates", no_birth_date),
        "gaza-one-per-list": DataSet("the same, one row per list", no_birth_date, "list_date"),
        "gaza-birth-date": DataSet("the same, and birth dates", lists, "list_date"),
        "febrl3": DataSet("febrl3", febrl3()),
        "rldata": DataSet("RLdata10000", rldata10000()),
    }


def gaza_lists() -> pl.DataFrame:
    """The four lists, as they are."""
    return pl.concat(pl.read_csv(path, infer_schema=False) for path in sorted((DATA / "gaza-lists").glob("*.csv")))


def febrl3() -> pl.DataFrame:
    """The stem of `rec_id` is the truth; `place` is the suburb, `governorate` the state.

    Street, number and postcode have no counterpart among casualty records, and are left out; so is `soc_sec_id`, which
    nearly is the truth itself.
    """
    # The header and the values have a space after each comma.
    rows = pl.read_csv(DATA / "linkage" / "febrl3.csv", infer_schema=False)
    rows = rows.rename({c: c.strip() for c in rows.columns}).with_columns(pl.all().str.strip_chars().replace("", None))
    born = pl.col("date_of_birth")
    return rows.select(
        record_id="rec_id",
        entity_id=pl.col("rec_id").str.extract(r"^(rec-\d+)-"),
        name_en=pl.concat_str("given_name", "surname", separator=" ", ignore_nulls=True),
        birth_date=born.str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3"),
        place="suburb",
        governorate="state",
    )


def rldata10000() -> pl.DataFrame:
    """Given and family name (their rare second parts, `fname_c2` and `lname_c2`, are left out) and date of birth."""
    rows = pl.read_csv(DATA / "linkage" / "RLdata10000.csv", infer_schema=False, null_values="NA")
    return rows.select(
        record_id="rec_id",
        entity_id="ent_id",
        name_en=pl.concat_str("fname_c1", "lname_c1", separator=" "),
        birth_date=pl.concat_str("by", pl.col("bm").str.zfill(2), pl.col("bd").str.zfill(2), separator="-"),
    )
