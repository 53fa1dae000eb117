"""What linkage reads of each record, and the cheap keys under which records meet.

A key is a conjunction of two or three things that records of one person nearly always share. Which of the records that
meet are one person is not decided here.
"""

from dataclasses import dataclass

import polars as pl

from casualty_pipeline.cleaning.names import folded, skeleton, vowel_pattern
from casualty_pipeline.linkage.settings import SETTINGS, Settings

_FIELDS = (
    "record_id", "source", "statement", "incident_ref", "sex", "age_first", "age_last", "age_group", "birth_first",
    "birth_last", "governorate", "place_key", "known_at",
)  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """Records made ready for comparing.

    `people`: one row per record, in the order of record_id, with `row` (UInt32), `named`, `has_ar`, `has_la`, and
    `day_first`, `day_last` (of death, else of the incident). `tokens`: one row per word of each named record's name,
    with `row`, `script` (`ar` or `la`), `position` (the given name is 0), `count` (words of the name) and `token`.
    `forms`: one row per distinct token, with `token` (UInt32), `script`, `skeleton`, `vowels`, `spelling` (ASCII) and
    `bits` (rarity).
    """

    people: pl.DataFrame
    tokens: pl.DataFrame
    forms: pl.DataFrame


def prepare(records: pl.DataFrame, settings: Settings = SETTINGS) -> Prepared:
    """`records` has the columns of cleaned.records; statements about incidents are left out."""
    people = (
        records.filter(pl.col("statement") != "incident")
        .sort("record_id")
        .with_row_index("row")
        .select(
            "row",
            *_FIELDS,
            "name_ar_normal",
            "name_en_normal",
            day_first=pl.coalesce("death_first", "incident_first"),
            day_last=pl.coalesce("death_last", "death_first", "incident_last", "incident_first"),
            # An exact group of unnamed persons is nobody's namesake; neither is a person without a recognisable name.
            named=~pl.col("unnamed") & (pl.col("statement") == "person"),
        )
    )
    named = people.filter("named")
    words = pl.concat(
        [
            named.select("row", script=pl.lit(script), word=pl.col(column).str.split(" ")).drop_nulls("word")
            for script, column in (("ar", "name_ar_normal"), ("la", "name_en_normal"))
        ]
    ).with_columns(count=pl.col("word").list.len())
    words = words.with_columns(position=pl.int_ranges(pl.col("count"))).explode("word", "position")
    # "Ibn" between two names only says whose son.
    words = words.with_columns(
        word=pl.when(pl.col("position") > 0)
        .then(pl.col("word").str.replace(r"^(?:ابن|ibn)(\p{L}{2,})$", "$1"))
        .otherwise("word")
    )
    distinct = words.select("script", "word").unique().sort("script", "word").with_row_index("token")
    tokens = words.join(distinct, on=["script", "word"]).select("row", "script", "position", "count", "token")
    scripts = people.join(
        tokens.group_by("row").agg(has_ar=(pl.col("script") == "ar").any(), has_la=(pl.col("script") == "la").any()),
        on="row",
        how="left",
    ).with_columns(pl.col("has_ar", "has_la").fill_null(False))
    return Prepared(
        people=scripts.with_columns(named=pl.col("named") & (pl.col("has_ar") | pl.col("has_la"))).sort("row"),
        tokens=tokens.sort("row", "script", "position"),
        forms=_forms(distinct, tokens, named.height, settings),
    )


def _forms(distinct: pl.DataFrame, tokens: pl.DataFrame, records: int, settings: Settings) -> pl.DataFrame:
    word = pl.col("word")
    forms = distinct.select(
        "token",
        "script",
        skeleton=skeleton(word),
        vowels=vowel_pattern(word),
        # The article comes and goes: "Al-Khatib" and "Khatib".
        spelling=folded(word.str.replace(r"^ا?ال(\p{L}{2,})$", "$1").str.replace(r"^al([^aeiou\s][a-z]{2,})$", "$1")),
    )
    seen = tokens.join(forms, on="token").group_by("skeleton").agg(seen=pl.col("row").n_unique())
    share = pl.col("skeleton").replace_strict(dict(settings.shares), default=settings.rare_share, return_dtype=pl.Float64)
    expected = (pl.col("seen") + share * settings.rarity_records) / (records + settings.rarity_records)
    rarity = seen.select(
        "skeleton", bits=(-expected.log(2)).clip(settings.name_bits_least, settings.name_bits_most).round(1)
    )
    return forms.join(rarity, on="skeleton").sort("token")


def keys(prepared: Prepared, settings: Settings = SETTINGS) -> pl.DataFrame:
    """Keys of named records: `row`, `scheme`, `key`. Records that share a key of a scheme are candidates for one
    person.
    """
    word = prepared.tokens.join(prepared.forms.select("token", "skeleton"), on="token")
    given = word.filter(pl.col("position") == 0).select("row", "script", given="skeleton")
    rest = word.filter(pl.col("position") > 0).select("row", "script", rest="skeleton")
    family = word.filter((pl.col("position") > 0) & (pl.col("position") == pl.col("count") - 1)).select(
        "row", "script", family="skeleton"
    )
    names = given.join(rest, on=["row", "script"]).select("row", "given", "rest").unique()
    families = given.join(family, on=["row", "script"], how="left").select("row", "given", "family").unique()
    facts = prepared.people.filter("named").select(
        "row",
        "governorate",
        "place_key",
        "incident_ref",
        "name_ar_normal",
        "name_en_normal",
        day=pl.col("day_first").cast(pl.String),
        born=pl.col("birth_first").dt.year(),
        birthday=pl.when(pl.col("birth_first") == pl.col("birth_last")).then("birth_first").cast(pl.String),
    )
    # Two dates at most one window apart share a window or meet in the next.
    ends = prepared.people.unpivot(on=["day_first", "day_last"], index="row", value_name="day").drop_nulls("day")
    window = ends.select("row", window=pl.col("day").cast(pl.Int32) // settings.date_window_days)
    windows = pl.concat([window, window.with_columns(pl.col("window") + 1)]).unique()
    lineage = word.filter(pl.col("position") > 0).group_by("row", "script").agg(lineage=pl.col("skeleton").str.join(" "))
    by_name, by_family = names.join(facts, on="row"), families.join(facts, on="row")
    schemes = [
        _keyed("name and date", by_name.join(windows, on="row"), "given", "rest", "window"),
        _keyed("name and governorate", by_name, "given", "rest", "governorate"),
        _keyed("name and year of birth", by_family, "given", "family", "born"),
        _keyed("family and birthday", by_family, "family", "birthday"),
        _keyed("given name, day and place", by_family, "given", "day", "place_key"),
        _keyed("given name in one incident", by_family, "given", "incident_ref"),
        _keyed("whole Arabic name", facts, "name_ar_normal"),
        _keyed("whole Latin name", facts, "name_en_normal"),
        # Brothers and sisters: not for linking, but to say of two people that they are kin.
        _keyed("father, family and day", lineage.join(facts, on="row"), "lineage", "day", "governorate"),
    ]
    return pl.concat(schemes).unique().sort("scheme", "key", "row")


def _keyed(scheme: str, frame: pl.DataFrame, *parts: str) -> pl.DataFrame:
    return frame.drop_nulls(parts).select(
        "row", scheme=pl.lit(scheme), key=pl.concat_str([pl.col(p).cast(pl.String) for p in parts], separator="\x1f")
    )
