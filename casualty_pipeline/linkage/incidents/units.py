"""Units: records that are one incident without condition, and what each unit says of place, day, time and party.

A unit is a source's code, or a site and a party for records without a code, or a record alone. Its number is the row of
its first record by (known_at, record_id), so that numbers depend on the records alone, not on the order of the input.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping

import polars as pl

from casualty_pipeline.linkage.identities import ID_LETTERS

# What is read of cleaned.records.
COLUMNS = (
    "record_id",
    "known_at",
    "source",
    "incident_ref",
    "claim",
    "certainty",
    "governorate",
    "place_key",
    "mechanism",
    "incident_time",
    "incident_first",
    "incident_last",
    "death_first",
    "death_last",
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_LETTER_BITS = 5
_SITE = ("first", "governorate", "place_key", "mechanism")


def units_of(records: pl.DataFrame, part_of: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`members` (`record_id`, `unit`, `governorate`, in the order in which they became known) and `units`.

    `units`, by `unit`: `unit_key`, `founder` (record id), `first` and `last` (day), `governorate`, `governorate_last`
    (the lowest and the highest p-code), `place_key`, `mechanism`, `minute` (of the day), `source`, `has_ref`, `parties`
    (ids joined by `+`; null where no party is clearly named), `site` (null without exact day, governorate, place or
    mechanism).
    """
    told_first, told_last = pl.col("incident_first"), pl.coalesce("incident_last", "incident_first")
    ordered = (
        records.select(COLUMNS)
        .sort("known_at", "record_id")
        .with_row_index("row")
        .with_columns(
            minute=minute_of_day(),
            first=pl.coalesce("incident_first", "death_first"),
            last=pl.coalesce("incident_last", "incident_first", "death_last", "death_first"),
            # The incident's own date, where any record of it has one: the deaths may be later.
            told_first=told_first,
            told_last=pl.when(told_first.is_not_null()).then(told_last),
            parties=_parties(records["claim"], part_of),
        )
    )
    exact = pl.when(pl.col("first") == pl.col("last")).then(pl.concat_str(_SITE, separator="|"))
    by_site = "site:" + exact + "|" + pl.col("parties").fill_null("")
    keyed = ordered.with_columns(
        unit_key=pl.when(pl.col("incident_ref").is_not_null())
        .then("ref:" + pl.col("incident_ref"))
        .otherwise(pl.coalesce(by_site, "record:" + pl.col("record_id")))
    ).with_columns(unit=pl.col("row").min().over("unit_key"))
    units = (
        keyed.group_by("unit")
        .agg(
            pl.col("unit_key", "source").first(),
            founder=pl.col("record_id").first(),
            first=pl.coalesce(pl.col("told_first").max(), pl.col("first").min()),
            last=pl.coalesce(pl.col("told_last").min(), pl.col("last").max()),
            governorate=pl.col("governorate").min(),
            governorate_last=pl.col("governorate").max(),
            place_key=pl.col("place_key").first(ignore_nulls=True),
            mechanism=pl.col("mechanism").first(ignore_nulls=True),
            minute=pl.col("minute").first(ignore_nulls=True),
            has_ref=pl.col("incident_ref").first().is_not_null(),
            parties=pl.col("parties").min(),
            parties_last=pl.col("parties").max(),
        )
        .sort("unit")
    )
    one_site = (pl.col("first") == pl.col("last")) & (pl.col("governorate") == pl.col("governorate_last"))
    sited = units.with_columns(site=pl.when(one_site).then(pl.concat_str(_SITE, separator="|")))
    return keyed.select("record_id", "unit", "governorate"), _all_parties(keyed, sited)


def minute_of_day() -> pl.Expr:
    """Minutes since midnight of `incident_time` ("02:05", "2:05:00"); null for anything else ("morning", "25:00")."""
    clock = pl.col("incident_time").str.extract_groups(r"^([01]?\d|2[0-3]):([0-5]\d)")
    return clock.struct.field("1").cast(pl.Int32) * 60 + clock.struct.field("2").cast(pl.Int32)


def _parties(claims: pl.Series, part_of: Mapping[str, str]) -> pl.Expr:
    """The parties that a claim names, `a+b` and `a|b` alike; null for nobody, and for a claim that its source contests."""
    named: dict[str, str | None] = {}
    for claim in claims.drop_nulls().unique():
        parties = {part_of.get(party, party.partition("/")[0]) for party in re.split(r"[+|]", claim)}
        named[claim] = "+".join(sorted(parties - {"", "unidentified"})) or None
    clear = pl.col("certainty").ne_missing("contested")
    return pl.when(clear).then(pl.col("claim").replace_strict(named, default=None, return_dtype=pl.String))


def _all_parties(keyed: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Units whose records name different parties name all of these."""
    several = units.filter(pl.col("parties") != pl.col("parties_last")).select("unit")
    named = (
        keyed.select("unit", pl.col("parties").str.split("+"))
        .join(several, on="unit", how="semi")
        .explode("parties")
        .group_by("unit")
        .agg(all_parties=pl.col("parties").drop_nulls().unique().sort().str.join("+"))
    )
    joined = units.join(named, on="unit", how="left", maintain_order="left")
    return joined.with_columns(parties=pl.coalesce("all_parties", "parties")).drop("all_parties", "parties_last")


def incident_ids(groups: pl.DataFrame) -> pl.DataFrame:
    """`group`, `id`, `number` for each distinct `group` (the number of a unit) of `groups` (`unit`, `founder`, `group`).

    `id` is `identity("I-", founder)`, with the letters looked up for all at once; `number` the bits that they stand for.
    """
    founding = groups.filter(pl.col("unit") == pl.col("group")).select("group", "founder")
    number = pl.Series("number", _first_bits(founding["founder"]), dtype=pl.Int64)
    letters = pl.Series(list(_LETTERS), dtype=pl.String)
    parts = [
        letters.gather((number // (1 << _LETTER_BITS * place)) % (1 << _LETTER_BITS)).alias(str(place))
        for place in reversed(range(ID_LETTERS))
    ]
    return founding.select("group", pl.concat_str(pl.lit("I-"), *parts).alias("id"), number)


def _first_bits(founders: Iterable[str]) -> list[int]:
    bits = ID_LETTERS * _LETTER_BITS
    whole = (bits + 7) // 8
    digests = (hashlib.sha256(founder.encode()).digest()[:whole] for founder in founders)
    return [int.from_bytes(digest) >> (8 * whole - bits) for digest in digests]
