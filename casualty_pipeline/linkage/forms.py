"""What linkage reads of each statement: its facts, and its name in the forms that are compared.

Here belongs what is said of one statement by itself, in columns that plain SQL can compare. Under which keys statements meet
is for `sql/deduplicated/keys.sql`; what two of them say together, for `sql/deduplicated/compared.sql`.
"""

import polars as pl

from casualty_pipeline.cleaning.names import folded, skeleton, vowel_pattern
from casualty_pipeline.linkage.model import Model

WORDS_READ = 9  # of a name; more are a list of people, or a mistake
_OLDEST = 120
_EPOCH = pl.datetime(1970, 1, 2)  # what a missing moment is written as (requirements, section 6)
_FACTS = (
    "record_id", "documentation_month", "source", "known_at", "incident_ref", "sex", "age_group", "governorate", "place_id",
    "place_key", "occupation",
)  # fmt: skip
# Letters that differ by their dots alone (rasm): what scanning and hands confuse. In the alphabet of `folded`.
_RASM = dict(zip("tvnyHxVzcDZgq", "bbbbjjdrsSTef", strict=True))


def people(records: pl.DataFrame) -> pl.DataFrame:
    """One row per statement on a person or group, from the columns of cleaned.records, by record_id.

    Columns: the facts compared; `person`: one named person (groups and persons without a recognisable name are nobody's
    namesake); `day_first`, `day_last`: of death, else of the incident; `birth_first`, `birth_last`: as stated, else from the
    age at that day, else when it was documented or became known; `birth_stated`; `birth_written`: the eight digits of a date
    of birth that is told to the day, also where there is no such day ("1970-05-35"), which a wrong digit makes.
    """
    told = records.filter(pl.col("statement") != "incident").sort("record_id")
    known = pl.when(pl.col("known_at") > _EPOCH).then(pl.col("known_at").cast(pl.Date))
    at = pl.coalesce(pl.col("death_first"), pl.col("incident_first"), pl.col("documented_on"), known)
    upto = pl.coalesce(pl.col("death_last"), pl.col("death_first"), pl.col("incident_last"), pl.col("incident_first"), at)
    believable = pl.col("age_last").is_between(0, _OLDEST)
    years_before = pl.when(believable).then(pl.format("-{}y", pl.col("age_last") + 1))
    years_after = pl.when(believable).then(pl.format("-{}y", pl.col("age_first")))
    return told.select(
        *_FACTS,
        person=~pl.col("unnamed") & (pl.col("statement") == "person"),
        age_first="age_first",
        age_last="age_last",
        day_first=pl.coalesce("death_first", "incident_first"),
        day_last=pl.coalesce("death_last", "death_first", "incident_last", "incident_first"),
        birth_first=pl.coalesce(pl.col("birth_first"), at.dt.offset_by(years_before).dt.offset_by("1d")),
        birth_last=pl.coalesce(pl.col("birth_last"), pl.col("birth_first"), upto.dt.offset_by(years_after)),
        birth_stated=pl.col("birth_first").is_not_null(),
        birth_written=_birth_written(),
    )


def _birth_written() -> pl.Expr:
    read = pl.when(pl.col("birth_first") == pl.col("birth_last")).then(pl.col("birth_first").dt.strftime("%Y%m%d"))
    text = pl.col("birth_date_raw").str.strip_chars()
    parts = text.str.extract_groups(r"^(?<year>\d{4})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})$")
    year, month, day = (parts.struct.field(name).str.zfill(width) for name, width in (("year", 4), ("month", 2), ("day", 2)))
    # Day 00 says that the day isn't known.
    unread = pl.when(pl.col("birth_first").is_null() & (day != "00")).then(pl.concat_str(year, month, day))
    return pl.coalesce(read, unread)


def names(records: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The names of `records` (columns of cleaned.records) as they are compared: a row per statement and script.

    `record_id`; `script` (`ar`, `la`); `count` of words; `given`, `words` (the others, in order), `family` (the last of
    several), `whole` (without spaces): in ASCII, one character a letter, Latin words but the given name by their sound;
    `shape`: the whole without dots (Arabic) or vowels (Latin); `sound`, `vowels` of the given name and `sounds` of the
    others, which both scripts share; `initials`: the first two letters of each word's shape; `bits`: how rare the words are
    by the model, together; `known`: the model knows the given name as a common one.
    """
    named = records.filter((pl.col("statement") == "person") & ~pl.col("unnamed")).select(
        "record_id", ar="name_ar_normal", la="name_en_normal"
    )
    spelled = named.unpivot(on=["ar", "la"], index="record_id", variable_name="script", value_name="name").drop_nulls()
    told = spelled.sort("record_id", "script").with_row_index("name_no")
    return told.select("record_id", "name_no").join(_read(told, model), on="name_no", maintain_order="left").drop("name_no")


def _read(names: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The forms of names (`name_no`, ascending, `script`, `name`), by name_no. Names share words: each word is read once."""
    # A letter by itself was torn off the word before it, a doubled one is the trace of a ligature (PDF extraction).
    mended = pl.col("name").str.replace_all(r"^(?:\p{Arabic}\b ?)+|^نن ", "").str.replace_all(r" (\p{Arabic})\b", "$1")
    words = names.select("name_no", "script", word=mended.str.split(" ").list.head(WORDS_READ))
    long = words.with_columns(position=pl.int_ranges(pl.col("word").list.len())).explode("word", "position")
    # "Ibn" between two names only says whose son.
    long = long.with_columns(
        word=pl.when(pl.col("position") > 0)
        .then(pl.col("word").str.replace(r"^(?:ابن|ibn)(\p{L}{2,})$", "$1"))
        .otherwise("word")
    ).filter(pl.col("word") != "")
    forms = _words(long.select("script", "word").unique(), model)
    told = (
        long.join(forms, on=["script", "word"], maintain_order="left")
        .group_by("name_no", maintain_order=True)
        .agg(
            "spelling",
            "shape",
            pl.col("begins").head(5),
            count=pl.len().cast(pl.Int32),
            given=pl.col("spelling").first(),
            words=pl.col("compared").slice(1),
            family=pl.col("compared").slice(1).last(),
            first=pl.col("word").first(),
            sound=pl.col("sound").first(),
            known=pl.col("known").first(),
            sounds=pl.col("sound").slice(1),
            bits=pl.col("bits").sum().round(1),
        )
    )
    # Joined afterwards: within each group it takes ten times as long.
    joined = told.select(
        pl.exclude("spelling", "begins", "shape"),
        whole=pl.col("spelling").list.join(""),
        shape=pl.col("shape").list.join(""),
        initials=pl.col("begins").list.join(" "),
    )
    scripts = joined.join(names.select("name_no", "script"), on="name_no", maintain_order="left")
    vowels = scripts.select("script", "first").unique().with_columns(vowels=vowel_pattern(pl.col("first")))
    return scripts.join(vowels, on=["script", "first"], how="left", maintain_order="left").drop("first")


def _words(distinct: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The forms of distinct words (`script`, `word`)."""
    word = pl.col("word")
    # The article comes and goes: "Al-Khatib" and "Khatib".
    bare = word.str.replace(r"^ا?ال(\p{L}{2,})$", "$1").str.replace(r"^al([^aeiou\s][a-z]{2,})$", "$1")
    forms = distinct.with_columns(spelling=folded(bare), sound=skeleton(word))
    arabic = pl.col("script") == "ar"
    shares = dict(model.shares)
    share = pl.col("sound").replace_strict(shares, default=model.rare_share, return_dtype=pl.Float64)
    told = forms.with_columns(
        compared=pl.when(arabic).then("spelling").otherwise("sound"),
        shape=pl.when(arabic)
        .then(pl.col("spelling").str.replace_many(list(_RASM), list(_RASM.values())))
        .otherwise("sound"),
        bits=-share.log(2),
        known=pl.col("sound").is_in(list(shares)),
    )
    return told.with_columns(begins=pl.col("shape").str.head(2))
