"""The `cleaned` stage: months of statements become typed records, or wait in quarantine with a reason.

Every distinct string of a field is read once, in Python; everything per row is Polars or DuckDB.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import polars as pl

from casualty_pipeline.captures.in_force import see_in_force
from casualty_pipeline.captures.sources import Source
from casualty_pipeline.cleaning.conventions import CONVENTIONS
from casualty_pipeline.cleaning.date_points import STATED
from casualty_pipeline.cleaning.dates import read_date
from casualty_pipeline.cleaning.located import GIVEN, learnt_places, locate, places_by_month
from casualty_pipeline.cleaning.named import MARKED, parts_of, read_names
from casualty_pipeline.cleaning.numbers import read_age, read_count
from casualty_pipeline.cleaning.places import Gazetteer, place_key
from casualty_pipeline.cleaning.vocabulary import CONTROL, HARMLESS, Vocabulary, WordReading, read_flag
from casualty_pipeline.profile import Profile
from casualty_pipeline.quality.publishing import Audit, Published, publish, unaudited
from casualty_pipeline.warehouse import Reading, Warehouse, Writing, read_sql

RULES_VERSION = "cleaning-6"  # part of every month's digest: changed rules make months stale
STATEMENTS_AT_ONCE = 350_000
_DECISIVE_DATES = ("death_date", "incident_date", "incident_date_end")
_OTHER_DATES = ("injury_date", "arrest_date", "found_date", "reported_date")
_COUNTS = ("persons", "killed_min", "killed_max", "children_min", "women_min", "men_min")
# A source that says so has said all it knows. Not so for numbers of persons: somebody has to say whether it was one.
_SAID_TO_BE_UNKNOWN = frozenset(
    map(place_key, ("unknown", "not known", "n/a", "na", "not stated", "unspecified", "غير معروف", "غير محدد", "مجهول"))
)
_READING = {
    "field": pl.String,
    "raw": pl.String,
    "text_value": pl.String,
    "first_date": pl.Date,
    "last_date": pl.Date,
    "first_number": pl.Int32,
    "last_number": pl.Int32,
    "rule": pl.String,
    "certainty": pl.String,
    "reason": pl.String,
}


class Values(NamedTuple):
    """What a string means: some of these, with rule and certainty; or the reason why it can't be read."""

    text: str | None = None
    first_date: date | None = None
    last_date: date | None = None
    first_number: int | None = None
    last_number: int | None = None
    rule: str | None = None
    certainty: str | None = None
    reason: str | None = None


def _readers(profile: Profile, gazetteer: Gazetteer) -> dict[str, Callable[[str], Values]]:
    """For each field, a function from a string to what it means."""
    vocabulary = Vocabulary(profile)
    conflict = date.fromisoformat(f"{profile.start_month}-01")

    def day(text: str, of_birth: bool = False, start: date | None = conflict) -> Values:
        r = read_date(text, of_birth, profile.timezone, start)
        return Values(None, r.first, r.last, None, None, r.rule, r.certainty, r.reason)

    def count(text: str) -> Values:
        r = read_count(text)
        return Values(None, None, None, r.first, r.last, r.rule, r.certainty, r.reason)

    def age(text: str) -> Values:
        r = read_age(text)
        first = date(r.birth_year, 1, 1) if r.birth_year else None
        last = date(r.birth_year, 12, 31) if r.birth_year else None
        return Values("unborn" if r.unborn else None, first, last, r.first, r.last, r.rule, r.certainty, r.reason)

    def place(text: str) -> Values:
        pcode, reason = gazetteer.read(text)
        return Values(pcode, rule="governorate", certainty=STATED) if pcode else Values(reason=reason)

    def words(read: Callable[[str], WordReading]) -> Callable[[str], Values]:
        def reader(text: str) -> Values:
            r = read(text)
            return Values(r.value, rule=r.rule, certainty=r.certainty, reason=r.reason)

        return reader

    def or_unknown(read: Callable[[str], Values]) -> Callable[[str], Values]:
        def reader(text: str) -> Values:
            values = read(text)
            if values.reason is not None and place_key(text) in _SAID_TO_BE_UNKNOWN:
                return Values(rule="said_to_be_unknown", certainty=STATED)
            return values

        return reader

    readers: dict[str, Callable[[str], Values]] = {
        **dict.fromkeys((*_DECISIVE_DATES, *_OTHER_DATES), day),
        "documented_date": partial(day, start=None),  # it gives the month that counts: never a guess
        "birth_date": partial(day, of_birth=True),
        "age": age,
        "governorate": place,
        "origin_governorate": place,
        "party": words(vocabulary.claim),
        CONTROL: words(vocabulary.control),
        "countable_media": words(read_flag),
        **{field: words(partial(vocabulary.word, field)) for field in sorted(vocabulary.fields)},
    }
    return {**dict.fromkeys(_COUNTS, count), **{field: or_unknown(read) for field, read in readers.items()}}


def _counted(write: Writing, fields: Iterable[str]) -> pl.DataFrame:
    """Every distinct string of every field and month of the `statements` held, with the number of those that say it."""
    by_field = (
        f"select documentation_month, '{field}' as field, {field} as raw, count(*) as statements "
        f"from statements where {field} is not null group by all"
        for field in fields
    )
    return write.frame(" union all ".join(by_field))


def _read(counted: pl.DataFrame, readers: Mapping[str, Callable[[str], Values]]) -> pl.DataFrame:
    """Every distinct string of every field, with what it means or why it can't be read. Columns: `_READING`."""
    strings = counted.select("field", "raw").unique().sort("field", "raw")
    rows = [(field, raw, *readers[field](raw)) for field, raw in strings.iter_rows()]
    return pl.DataFrame(rows, schema=_READING, orient="row")


def _with_nothing(readings: pl.DataFrame) -> pl.DataFrame:
    """The readings, and for each of their fields a row of nulls: what a statement that is silent on the field says.

    So every row finds one. DuckDB divides rows into those that found one and the others, at each of thirty joins.
    """
    silent = readings.select(pl.col("field").unique(maintain_order=True))
    return pl.concat([readings, silent], how="diagonal")


def _hold_where(write: Writing, name: str, marked: pl.DataFrame) -> None:
    """Hold the statements with these readings: record_id, field, value, certainty, reason (of a convention: which)."""
    convention = pl.col("rule").replace_strict(CONVENTIONS, default=None, return_dtype=pl.String)
    write.register(marked=marked.with_columns(pl.coalesce("reason", convention).alias("reason")))
    nothing = "select null::varchar as record_id, field, raw as value, certainty, reason from marked where false"
    by_field = (
        f"select s.record_id, m.field, m.raw as value, m.certainty, m.reason "
        f"from statements as s inner join marked as m on m.field = '{field}' and s.{field} = m.raw"
        for field in marked["field"].unique().sort()
    )
    write.hold(name, " union all ".join((nothing, *by_field)))


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


def clean_months(
    warehouse: Warehouse,
    months: Sequence[str],
    profile: Profile,
    sources: Sequence[Source],
    statements_at_once: int = STATEMENTS_AT_ONCE,
    audit: Audit = unaudited,
) -> Published:
    """Replace the given months of every table of `cleaned`, but for those that the audit refuses. Says what became of each.

    Months go together up to `statements_at_once`, a transaction each: that bounds the memory, and a run that is killed keeps
    the months that it had done. A month is never divided.
    """
    done = Published()
    with warehouse.reading() as reading:
        batches = _batches(reading, months, statements_at_once)
        inputs = inputs_of(reading, profile)  # of what is known now: what comes meanwhile makes its months stale again

    def compute(write: Writing, of: Sequence[str]) -> None:
        clean(write, of, profile, sources, inputs)

    for together in batches:
        publish(warehouse, together, compute, audit, done)
    return done


def clean(
    write: Writing,
    months: Sequence[str],
    profile: Profile,
    sources: Sequence[Source],
    inputs: pl.DataFrame | None = None,
) -> None:
    """Replace the given months of every table of `cleaned`, in the transaction that is open.

    `inputs` are those of `inputs_of`, where they were worked out before.
    """
    _clean(write, list(months), profile, sources)
    found = inputs_of(write, profile) if inputs is None else inputs
    write.replace_months("cleaned.month_inputs", months, found.filter(pl.col("documentation_month").is_in(months)))


def _batches(reading: Reading, months: Sequence[str], at_once: int) -> list[list[str]]:
    counts = dict(
        reading.connection.execute("select documentation_month, count(*) from captures.records group by all").fetchall()
    )
    batches: list[list[str]] = [[]]
    held = 0
    for month in months:
        if batches[-1] and held + counts.get(month, 0) > at_once:
            batches.append([])
            held = 0
        batches[-1].append(month)
        held += counts.get(month, 0)
    return batches


def _clean(write: Writing, months: list[str], profile: Profile, sources: Sequence[Source]) -> None:
    see_in_force(write)
    write.hold("statements", read_sql("cleaned.statements"), {"months": months})
    gazetteer = Gazetteer(profile, learnt_places(write))
    readers = _readers(profile, gazetteer)
    counted = _counted(write, readers)
    readings = _read(counted, readers)
    people = write.frame("select record_id, documentation_month, name_en, name_ar from statements")
    names = read_names(people)
    places = write.frame(
        f"select documentation_month, {', '.join(GIVEN)}, count(*) as statements from statements group by all"
    )
    located = locate(places.select(GIVEN).unique().sort(GIVEN), gazetteer)
    refused, harmless = pl.col("reason").is_not_null(), pl.col("field").is_in([*HARMLESS, CONTROL, *_OTHER_DATES])
    _hold_where(write, "unreadable", readings.filter(refused & ~harmless))
    _hold_where(write, "doubtful", readings.filter((refused & harmless) | (pl.col("certainty") != STATED)))
    write.register(
        readings=_with_nothing(readings),
        names_read=names.drop(MARKED),
        places_read=located,
        source_settings=source_settings(sources),
    )
    counting = profile.counting
    write.hold(
        "typed", read_sql("cleaned.typed"), {"adult_age": counting.adult_age, "unborn_counts": counting.unborn_counts}
    )
    groups = {"special_groups": [g.id for g in profile.special_groups]}
    start = {"start_month": profile.start_month}
    write.hold("in_quarantine", read_sql("cleaned.quarantine"), start)  # by all cores, and written by one
    write.hold("flagged", read_sql("cleaned.flags"), groups)
    with ThreadPoolExecutor(1) as beside, write.in_order():
        parts = beside.submit(parts_of, people, names)  # while one core writes
        write.replace_months("cleaned.quarantine", months, "from in_quarantine")
        write.replace_months("cleaned.flags", months, "from flagged")
        write.replace_months("cleaned.records", months, read_sql("cleaned.records"))
        said = counted.join(readings, on=["field", "raw"]).sort("documentation_month", "field", "raw")
        write.replace_months("cleaned.readings", months, said)
        write.replace_months("cleaned.places", months, places_by_month(places, located))
        write.replace_months("cleaned.names", months, parts.result())


def inputs_of(reading: Reading, profile: Profile) -> pl.DataFrame:
    """What every month of `cleaned` would be computed from now: documentation_month, statements, sha256.

    A decision on a place changes the months that were seen to speak of it, and no others.
    """
    see_in_force(reading)
    inputs = reading.frame(read_sql("cleaned.month_inputs"), {"rules": f"{RULES_VERSION}|{profile.digest}|"})
    learnt = learnt_places(reading)
    if not learnt:
        return inputs
    seen = reading.connection.execute(
        "select documentation_month, list_sort(list_distinct(flatten(list(keys)))) from cleaned.places group by all"
    ).fetchall()
    taught = {month: "|".join(f"{key}={learnt[key]}" for key in keys if key in learnt) for month, keys in seen}
    month, digest = pl.col("documentation_month"), pl.col("sha256")
    added = month.replace_strict({m: text for m, text in taught.items() if text}, default=None, return_dtype=pl.String)
    changed = [
        sha if text is None else hashlib.sha256(f"{sha}|{text}".encode()).hexdigest()
        for sha, text in inputs.select(digest, added.alias("added")).iter_rows()
    ]
    return inputs.with_columns(sha256=pl.Series(changed, dtype=pl.String))
