"""How much of Airwars' export is read, field by field, and why the rest isn't.

    python -m benchmarks.reading             # reads $EVALUATION_DATA, else ../shared/data, into a home that is removed
    python -m benchmarks.reading --home H    # keeps the home, for `casualty explain` and `casualty terms`

Prints Markdown for docs/evaluation.md: shares, then the fifty commonest reasons. Every statement is in, those in quarantine
too. Examples are of fields that can't hold a name; of names there is only the kind of thing that stood there.
"""

import argparse
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.custody import Given
from casualty_pipeline.captures.in_force import see_in_force
from casualty_pipeline.captures.inbox import files_of
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.cleaning.named import read_names
from casualty_pipeline.cleaning.names.kin import ENGLISH, UNKNOWN, UNKNOWN_AR
from casualty_pipeline.cleaning.names.text import arabic_plain, latin_plain
from casualty_pipeline.cleaning.stage import clean
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Reading, Warehouse, read_sql

DATA = Path(os.environ.get("EVALUATION_DATA", "../shared/data")) / "airwars-syria"
REASONS, EXAMPLES = 50, 3
OF_PERSONS = ("sex", "status", "age_group", "age")
WORDS = (*OF_PERSONS, "governorate", "party", "mechanism", "incident_date")
_GIVEN_PLACE = ("governorate", "place", "place_ar", "latitude", "longitude")
_KIN = {
    "girl": "girl",
    "boy": "boy",
    "child": "child, baby",
    "woman": "wife, mother, woman",
    "man": "husband, father, man",
    "female": "daughter, sister and the like",
    "male": "son, brother and the like",
    "other": "relative, member, body, other people",
}
_AGAINST = {
    "stated_against_coordinates": "the coordinates are in another governorate than the stated one",
    "stated_against_place": "the place is known in another governorate than the stated one",
}
NAMED, KNOWN, DAY = pl.col("name").is_not_null(), pl.col("place_known"), pl.col("days") == 1


def read_all(home: Home) -> Sequence[str]:
    """Take Airwars' export into a home, read and clean every month that it speaks of; those months."""
    home.prepare()
    Archive(home.archive).receive(files_of([DATA]), "airwars", Given(collector="benchmarks.reading"))
    with Warehouse(home.warehouse).writing() as write:
        read_archive(home, write)
        found = write.connection.execute("select distinct documentation_month from captures.records order by 1").fetchall()
        months = [str(month) for (month,) in found]
        clean(write, months, home.profile, known_sources(home))
    return months


def statements(reading: Reading, months: Sequence[str]) -> pl.DataFrame:
    """A row for each statement, with what it takes over from its incident's.

    For each field of `WORDS` its `..._rule` and `..._why`; what the tables of `cleaned` say of its name, place and date.
    """
    see_in_force(reading)
    rows = reading.frame(read_sql("cleaned.statements"), {"months": list(months)}).sort("record_id")
    rows = rows.with_columns(pl.coalesce("name_en", "name_ar").alias("name"))
    readings = reading.frame("from cleaned.readings").rename({"reason": "why"})
    kept = ("rule", "why", "first_date", "last_date")
    for field in (*WORDS, "incident_date_end"):
        of_field = readings.filter(pl.col("field") == field).select(
            "documentation_month", pl.col("raw").alias(field), *(pl.col(c).alias(f"{field}_{c}") for c in kept)
        )
        rows = rows.join(of_field, on=["documentation_month", field], how="left")
    last = pl.coalesce("incident_date_end_last_date", "incident_date_last_date")
    days = (last - pl.col("incident_date_first_date")).dt.total_days() + 1
    places = reading.frame("from cleaned.places").select(
        "documentation_month",
        *(pl.col(f"{name}_raw").alias(name) for name in _GIVEN_PLACE),
        *(pl.col(c).alias(f"place_{c}") for c in ("precision", "rule", "certainty", "reason", "place_id")),
        pl.col("governorate").alias("pcode"),
        (pl.col("governorates").list.len() > 1).alias("open"),
    )
    names = rows.join(read_names(rows), on=["name_en", "name_ar"], nulls_equal=True).select(
        "record_id", "unnamed", "stated_female", "stated_male"
    )
    parts = reading.frame(
        "select record_id, bool_or(given is not null) as given, bool_or(father is not null) as father, "
        "bool_or(family is not null) as family, min(told) as told from cleaned.names group by record_id"
    )
    doubts = reading.frame("select record_id, list_sort(list(distinct rule)) as doubts from cleaned.quarantine group by 1")
    return (
        rows.with_columns(days.alias("days"))
        .join(places, on=["documentation_month", *_GIVEN_PLACE], how="left", nulls_equal=True)
        .with_columns(pl.col("place_precision").is_in(["exact", "place"]).fill_null(False).alias("place_known"))
        .join(names, on="record_id", how="left")
        .join(parts, on="record_id", how="left")
        .join(doubts, on="record_id", how="left")
    )


def shares(rows: pl.DataFrame, persons: bool) -> Iterable[tuple[str, int, int]]:
    """For each thing to be read: its name, how many statements state it, of how many it is read."""
    named = NAMED & ~pl.col("unnamed")
    place = pl.any_horizontal(pl.col(c).is_not_null() for c in ("place", "place_ar", "latitude"))
    where, date = pl.any_horizontal(place, pl.col("governorate").is_not_null()), pl.col("incident_date").is_not_null()
    dated = pl.col("incident_date_first_date").is_not_null()
    of_persons = (
        ("name: one by which a person can be recognised", NAMED, named),
        ("of these: given name told", named, pl.col("given")),
        ("of these: father's name told", named, pl.col("father")),
        ("of these: family name told", named, pl.col("family")),
        ("sex", pl.col("sex").is_not_null(), pl.col("sex_rule").is_not_null()),
        ("age", pl.col("age").is_not_null(), pl.col("age_rule").is_not_null()),
        ("age, or child or adult", _any("age", "age_group"), _any("age_rule", "age_group_rule")),
        ("status (killed, injured)", pl.col("status").is_not_null(), pl.col("status_rule").is_not_null()),
    )
    of_all = (
        ("place: known to the village, or by coordinates", place, place & KNOWN),
        ("of these: found in the gazetteer by name", place & KNOWN, pl.col("place_place_id").is_not_null()),
        ("governorate", where, pl.col("pcode").is_not_null()),
        ("of these: no other governorate is left open", pl.col("pcode").is_not_null(), ~pl.col("open")),
        ("date", date, dated),
        ("of these: to the day", dated, DAY),
        ("of these: an interval of days", dated, ~DAY),
        ("party", pl.col("party").is_not_null(), pl.col("party_rule").is_not_null()),
        ("mechanism", pl.col("mechanism").is_not_null(), pl.col("mechanism_rule").is_not_null()),
    )
    every, all_stated = pl.lit(True), pl.all_horizontal(NAMED, _any("sex"), _any("age", "age_group"), place, date)
    all_read = pl.all_horizontal(named, _any("sex_rule"), _any("age_rule", "age_group_rule"), place & KNOWN, dated)
    together = (
        ("name, sex, age or child or adult, place, date: all five", every, all_read),
        ("the same, of those that state all five", all_stated, all_read),
    )
    last = (("in no quarantine", every, pl.col("doubts").is_null()),)
    for name, stated, read in (*(of_persons if persons else ()), *of_all, *(together if persons else ()), *last):
        yield name, rows.filter(stated).height, rows.filter(stated & read).height


def _any(*columns: str) -> pl.Expr:
    return pl.any_horizontal(pl.col(column).is_not_null() for column in columns)


def kind_of_unnamed(rows: pl.DataFrame) -> pl.Series:
    """What stands where a name should, of rows without one."""
    said = pl.DataFrame(
        {"en": latin_plain(rows["name_en"]).fill_null(""), "ar": arabic_plain(rows["name_ar"]).fill_null("")}
    )
    en, ar = pl.col("en"), pl.col("ar")
    kinds = [
        ((en == "") & (ar == ""), "the source gives none"),
        (en.str.contains(UNKNOWN) | ar.str.contains(UNKNOWN_AR), "unidentified, unnamed, unknown"),
        (en.str.contains(r"\bfamil(?:y|ies)\b"), "a family, or a member of one"),
        *((en.str.contains(rf"\b(?:{ENGLISH[k]})\b"), f"kin or people, not a name: {label}") for k, label in _KIN.items()),
        (en.str.contains(r"\d\W*$"), "a name with a number behind it: the source's own counting"),
        (pl.lit(True), "another description"),
    ]
    # Where a condition doesn't hold, `when` gives null: the first that isn't is the kind.
    return said.select(pl.coalesce(pl.when(holds).then(pl.lit(kind)) for holds, kind in kinds)).to_series()


def reasons(rows: pl.DataFrame) -> pl.DataFrame:
    """Why something wasn't read or isn't known: `field`, `why`, `statement`, `example`, `otherwise` (known in part)."""
    persons = rows.filter(pl.col("statement") != "incident")
    unnamed, named = persons.filter("unnamed"), persons.filter(~pl.col("unnamed"))
    parts = [_reasons("name", unnamed, kind_of_unnamed(unnamed))]
    for field, told in (("given name", "given"), ("father's name", "father"), ("family name", "family")):
        missing = named.filter(~pl.col(told).fill_null(False))
        parts.append(_reasons(field, missing, "can't be told from " + pl.col("told").fill_null("nothing but marks")))
    otherwise = {
        "sex": pl.col("stated_female") + pl.col("stated_male") == 1,
        "age": pl.col("age_group_rule").is_not_null(),
        "governorate": pl.col("pcode").is_not_null(),
    }
    for field in WORDS:
        unread = (persons if field in OF_PERSONS else rows).filter(pl.col(f"{field}_rule").is_null())
        why = pl.coalesce(f"{field}_why", pl.lit("the source doesn't state it"))
        parts.append(_reasons(field, unread, why, pl.col(field), otherwise.get(field)))
    parts.append(_reasons("place", rows.filter(~KNOWN), _why_not_placed(), otherwise=otherwise["governorate"]))
    parts.append(_reasons("day of the incident", rows.filter(~DAY), pl.lit("an interval of days is given")))
    broken = rows.explode("doubts").filter(~pl.col("doubts").str.starts_with("unreadable"))
    parts.append(_reasons("quarantine", broken, pl.col("doubts")))
    return pl.concat(parts).with_columns(pl.col("why").map_elements(_plain, return_dtype=pl.String))


def _why_not_placed() -> pl.Expr:
    """What a place is known to, and why to no more."""
    precision, rule = pl.col("place_precision"), pl.col("place_rule")
    part = pl.when(precision.is_in(["district", "governorate", "country"]))
    return part.then("known to no more than the " + precision + ": ").otherwise(pl.lit("")) + pl.coalesce(
        pl.when(~_any("place", "place_ar", "latitude")).then(pl.lit("the source names no place")),
        *(pl.when(rule == name).then(pl.lit(what)) for name, what in _AGAINST.items()),
        "place_reason",
        pl.when(precision == "district").then(pl.lit("it is near a listed place, or somewhere in it")),
        pl.when(pl.col("place_place_id").is_not_null()).then(pl.lit("a region is named")),
        pl.lit("no place of that name is listed, and there are no coordinates"),
    )


def _reasons(
    field: str,
    rows: pl.DataFrame,
    why: pl.Expr | pl.Series,
    example: pl.Expr | None = None,
    otherwise: pl.Expr | None = None,
) -> pl.DataFrame:
    return rows.select(
        "statement",
        pl.lit(field).alias("field"),
        why.alias("why"),
        (pl.lit(None, pl.String) if example is None else example).alias("example"),
        (pl.lit(False) if otherwise is None else otherwise.fill_null(False)).alias("otherwise"),
    )


def _plain(reason: str) -> str:
    """A reason without the value that it speaks of: up to what to do about it, names of places and codes left out."""
    text = re.sub(r"'[^']*'|\(.*?\)|\bSY\d\d(?:, SY\d\d)*", "…", reason)
    text = re.sub(r"are \d+ km from .*", "are far from the place that is named", text)
    text = re.sub(r"^(.*: )?.* is stated; .* is in .*; ", r"\1", text)
    return re.split(r"; (?:give|perhaps|expected)|: (?:correct|a person|not a|the statement)", text)[0].strip()


def commonest(found: pl.DataFrame) -> pl.DataFrame:
    """`reasons` counted: field, why, persons, incidents, otherwise, up to three examples; the commonest first."""
    incident, key = pl.col("statement") == "incident", ["field", "why"]
    counted = found.group_by(key).agg(
        (~incident).sum().alias("persons"), incident.sum().alias("incidents"), pl.sum("otherwise")
    )
    examples = (
        found.drop_nulls("example")
        .group_by(*key, "example")
        .len()
        .sort("len", "example", descending=[True, False])
        .group_by(key, maintain_order=True)
        .agg(pl.col("example").head(EXAMPLES))
    )
    number = pl.col("persons") + pl.col("incidents")
    return counted.join(examples, on=key, how="left").sort(number, *key, descending=[True, False, False])


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table."""
    print(f"\n**{title}**\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print("| " + " | ".join(f"{v:,}" if isinstance(v, int) else str(v) for v in row) + " |")


def report(reading: Reading, months: Sequence[str]) -> None:
    """Print the shares of persons and of incidents, the commonest reasons, and what was read with a doubt."""
    rows = statements(reading, months)
    incident = pl.col("statement") == "incident"
    for name, those in (("Persons", rows.filter(~incident)), ("Incidents", rows.filter(incident))):
        read = [
            (what, stated, read, f"{read / stated:.4f}", f"{read / those.height:.4f}")
            for what, stated, read in shares(those, persons=name == "Persons")
        ]
        table(f"{name}: {those.height:,}", ("what", "stated", "read", "share", f"of all {those.height:,}"), read)
    counted = commonest(reasons(rows))
    shown = [
        (field, why, persons, incidents, otherwise or "", ", ".join(f"`{e}`" for e in examples or ()))
        for field, why, persons, incidents, otherwise, examples in counted.head(REASONS).iter_rows()
    ]
    header = ("field", "why", "persons", "incidents", "known in part", "for example")
    table(f"The commonest reasons: {len(shown)} of {counted.height}", header, shown)
    doubts = reading.connection.execute(
        "select f.rule, count(*) filter (r.statement <> 'incident'), count(*) filter (r.statement = 'incident') "
        "from cleaned.flags as f inner join captures.records as r using (record_id) group by all order by count(*) desc, 1"
    ).fetchall()
    table("Read, and doubted", ("rule", "persons", "incidents"), doubts)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args().home
    with tempfile.TemporaryDirectory() as scratch:
        home = Home(Path(given or scratch).absolute())
        months = read_all(home)
        with Warehouse(home.warehouse).reading() as reading:
            report(reading, months)


if __name__ == "__main__":
    main()
