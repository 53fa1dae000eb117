"""Statements to link, as few words as they need. Everybody in them is invented."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from casualty_pipeline.cleaning.names import arabic_normal, is_unnamed, latin_normal
from casualty_pipeline.tables import TABLE

START = datetime.fromisoformat("2020-03-01")
Table = Callable[..., pl.DataFrame]

_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "VARCHAR[]": pl.List(pl.String()),
    "INTEGER": pl.Int32(),
    "BOOLEAN": pl.Boolean(),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us"),
    "DOUBLE": pl.Float64(),
}
SCHEMA = {column.name: _TYPES[column.type] for column in TABLE["cleaned.records"].columns}


def statement_rows(*rows: dict[str, Any]) -> pl.DataFrame:
    """cleaned.records from rows of what differs: `id`, `en`, `ar`, `day` (death and incident), `age`, or a column."""
    filled = []
    for number, given in enumerate(rows):
        row: dict[str, Any] = dict.fromkeys(SCHEMA)
        row |= {
            "record_id": given.get("id", f"R-{number}"),
            "source": "snhr",
            "source_key": str(number),
            "statement": "person",
            "documentation_month": "2020-03",
            "known_at": START + timedelta(minutes=number),
            "persons": 1,
            "name_en": given.get("en"),
            "name_ar": given.get("ar"),
            "age_first": given.get("age"),
            "age_last": given.get("age"),
        }
        if "age" in given:
            row["age_group"] = "child" if given["age"] < 18 else "adult"
        if "day" in given:
            day = date.fromisoformat(given["day"])
            row |= {"death_first": day, "death_last": day, "incident_first": day, "incident_last": day}
        row |= {key: value for key, value in given.items() if key in SCHEMA}
        filled.append(row)
    frame = pl.DataFrame(filled, schema=SCHEMA)
    return frame.with_columns(
        name_ar_normal=arabic_normal(pl.col("name_ar")),
        name_en_normal=latin_normal(pl.col("name_en")),
        unnamed=pl.coalesce("unnamed", is_unnamed(pl.col("name_en"), pl.col("name_ar"))),
    )


@pytest.fixture
def statements() -> Table:
    """Builds cleaned.records from rows of what differs."""
    return statement_rows
