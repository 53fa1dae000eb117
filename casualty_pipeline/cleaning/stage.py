"""The `cleaned` stage: months of statements become typed records, or wait in quarantine with a reason.

Every distinct string of a field is read once, in Python; everything per row is Polars or DuckDB.
"""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from casualty_pipeline.captures.sources import Source
from casualty_pipeline.cleaning.dates import read_date
from casualty_pipeline.cleaning.names import arabic_normal, is_unnamed, latin_normal, stated_persons
from casualty_pipeline.cleaning.numbers import read_age, read_count
from casualty_pipeline.cleaning.places import Gazetteer, place_key
from casualty_pipeline.cleaning.vocabulary import DECISIVE, HARMLESS, Vocabulary, read_flag
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Reading, Writing, read_sql

RULES_VERSION = "cleaning-4"  # part of every month's digest: changed rules make months stale
_DATES = ("documented_date", "death_date", "incident_date", "incident_date_end")
_COUNTS = ("persons", "killed_min", "killed_max", "children_min", "women_min", "men_min")
_READING = {
    "field": pl.String,
    "raw": pl.String,
    "text_value": pl.String,
    "first_date": pl.Date,
    "last_date": pl.Date,
    "first_number": pl.Int32,
    "last_number": pl.Int32,
    "reason": pl.String,
}
Values = tuple[Any, Any, Any, Any, Any, str | None]


def _readers(profile: Profile) -> dict[str, Callable[[str], Values]]:
    """For each field, a function from a string to (text, first date, last date, first number, last number, reason)."""
    vocabulary, gazetteer = Vocabulary(profile), Gazetteer(profile)

    def day(text: str) -> Values:
        reading = read_date(text)
        return None, reading.first, reading.last, None, None, reading.reason

    def birth(text: str) -> Values:
        reading = read_date(text, of_birth=True)
        return None, reading.first, reading.last, None, None, reading.reason

    def count(text: str) -> Values:
        reading = read_count(text)
        return None, None, None, reading.first, reading.last, reading.reason

    def age(text: str) -> Values:
        reading = read_age(text)
        return None, None, None, reading.first, reading.last, reading.reason

    def text_of(read: Callable[[str], tuple[Any, str | None]]) -> Callable[[str], Values]:
        def reader(text: str) -> Values:
            value, reason = read(text)
            shown = str(value).lower() if isinstance(value, bool) else value
            return shown, None, None, None, None, reason

        return reader

    def word(field: str) -> Callable[[str], Values]:
        return text_of(lambda text: vocabulary.word(field, text))

    return {
        **dict.fromkeys(_DATES, day),
        "birth_date": birth,
        **dict.fromkeys(_COUNTS, count),
        "age": age,
        "governorate": text_of(gazetteer.read),
        "origin_governorate": text_of(gazetteer.read),
        "party": text_of(vocabulary.claim),
        "countable_media": text_of(read_flag),
        **{field: word(field) for field in sorted(DECISIVE | HARMLESS)},
    }


def read_fields(statements: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Every distinct string of every field, with what it means or why it can't be read. Columns: `_READING`."""
    rows = []
    for field, read in _readers(profile).items():
        for raw in statements[field].drop_nulls().unique().sort():
            rows.append((field, raw, *read(raw)))
    return pl.DataFrame(rows, schema=_READING, orient="row")


def _unreadable(statements: pl.DataFrame, readings: pl.DataFrame) -> pl.DataFrame:
    """record_id, field, value, reason for every string in a field that decides something."""
    refused = readings.filter(pl.col("reason").is_not_null() & ~pl.col("field").is_in(list(HARMLESS)))
    fields = sorted(refused["field"].unique())
    if not fields:
        return pl.DataFrame(schema=dict.fromkeys(("record_id", "field", "value", "reason"), pl.String))
    return (
        statements.unpivot(on=fields, index="record_id", variable_name="field", value_name="value")
        .drop_nulls("value")
        .join(refused, left_on=["field", "value"], right_on=["field", "raw"])
        .select("record_id", "field", "value", "reason")
        .sort("record_id", "field")
    )


def _names(statements: pl.DataFrame) -> pl.DataFrame:
    english, arabic = pl.col("name_en"), pl.col("name_ar")
    return statements.select(
        "record_id",
        arabic_normal(arabic).alias("name_ar_normal"),
        latin_normal(english).alias("name_en_normal"),
        is_unnamed(english, arabic).alias("unnamed"),
        stated_persons(english, arabic).alias("stated_persons"),
    )


def _places(statements: pl.DataFrame) -> pl.DataFrame:
    place = pl.coalesce("place", "place_ar")
    keys = {text: place_key(text) or None for text in statements.select(place)["place"].drop_nulls().unique()}
    return statements.select(
        "record_id", place.replace_strict(keys, default=None, return_dtype=pl.String).alias("place_key")
    )


def source_settings(sources: Sequence[Source]) -> pl.DataFrame:
    """What the declarations of sources guarantee, for SQL."""
    rows = [
        {
            "source": s.id,
            "synthetic": s.synthetic,
            "states_status": any("status" in t.columns for t in s.tables),
            "unnamed_counted": s.unnamed_counted,
            "unlisted_remainder": s.unlisted_remainder,
            "corroborated_by": list(s.corroborated_by),
        }
        for s in sources
    ]
    flags = ("synthetic", "states_status", "unnamed_counted", "unlisted_remainder")
    schema: dict[str, Any] = {"source": pl.String, **dict.fromkeys(flags, pl.Boolean), "corroborated_by": pl.List(pl.String)}
    return pl.DataFrame(rows, schema=schema)


def clean(write: Writing, months: Sequence[str], profile: Profile, sources: Sequence[Source]) -> None:
    """Replace the given months of `cleaned.records`, `cleaned.quarantine` and `cleaned.month_inputs`."""
    wanted = {"months": list(months)}
    statements = write.frame(read_sql("cleaned.statements"), wanted)
    readings = read_fields(statements, profile)
    write.register(
        statements=statements,
        readings=readings,
        unreadable=_unreadable(statements, readings),
        names_read=_names(statements),
        places_read=_places(statements),
        source_settings=source_settings(sources),
    )
    write.connection.execute(
        f"create or replace temp table typed as {read_sql('cleaned.typed')}", {"adult_age": profile.counting.adult_age}
    )
    write.replace_months("cleaned.quarantine", months, read_sql("cleaned.quarantine"), {"start_month": profile.start_month})
    write.replace_months("cleaned.records", months, read_sql("cleaned.records"))
    write.replace_months(
        "cleaned.month_inputs", months, inputs_of(write, profile).filter(pl.col("documentation_month").is_in(months))
    )


def inputs_of(reading: Reading, profile: Profile) -> pl.DataFrame:
    """What every month of `cleaned` would be computed from now: documentation_month, statements, sha256."""
    return reading.frame(read_sql("cleaned.month_inputs"), {"rules": f"{RULES_VERSION}|{profile.digest}|"})
