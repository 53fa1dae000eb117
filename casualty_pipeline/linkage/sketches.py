"""Sketches of statements: numbers by which a bound of what two of them can weigh is told without looking at their words.

Here belongs what `promising` reads of one statement. Text becomes a code that is the same where the
text is, dates days, and words the letters that they are made of: sixteen kinds of letters, four bits each, of which as many
are set as there are letters, up to four. Of two words, the set bits of one that the other lacks are edits at least.
"""

import polars as pl

from casualty_pipeline.warehouse import Reading

MISSING = -1_000_000  # stands for a day that isn't known; -1 for a text, or the age from which on
NO_AGE = 10_000  # stands for the age up to which, where it isn't known
_KINDS = 16
_OFTEN = 3  # letters of a kind in a word; four bits hold as many of five words
_WORDS = 5
_NIBBLES = 0x1111_1111_1111_1111
_CODED = ("sex", "governorate", "place_id", "incident", "occupation", "birth_written")
_DAYS = ("day_first", "day_last", "birth_first", "birth_last")
_PEOPLE = """
    select
        p.record_no, p.sex, p.governorate, p.place_id, p.place_key, p.incident_ref as incident, p.occupation,
        p.day_first, p.day_last, p.birth_first, p.birth_last, p.age_first, p.age_last, p.birth_written, p.arabic, p.latin,
        case when p.listed_once then p.source end as source
    from deduplicated.people as p semi join meeting as m on p.record_no = m.record_no order by p.record_no
"""
_NAMES = """
    select n.record_no, n.script, n.given, n.words, n.sound, n.sounds, length(n.whole) as whole_length, n.shape, n.bits
    from deduplicated.names as n semi join meeting as m on n.record_no = m.record_no order by n.record_no, n.script
"""


def sketches(reading: Reading) -> pl.DataFrame:
    """The sketch of every statement in `meeting` (`record_no`), a row each, by record_no."""
    people = reading.frame(_PEOPLE)
    facts = people.with_columns(
        *(_coded(column) for column in (*_CODED, "source")),
        *(pl.col(column).to_physical().fill_null(MISSING) for column in _DAYS),
        pl.col("age_first").fill_null(-1),
        pl.col("age_last").fill_null(NO_AGE),
        _coded("place_key").alias("place"),
    )
    places = _letters(people["place_key"].unique().drop_nulls()).select(
        place_key="word", place_letters=_set_bits(pl.col("letters"))
    )
    names = reading.frame(_NAMES)
    arabic = _spelled(names.filter(pl.col("script") == "ar"))
    # By sound only where one of two has no Arabic name, or the other none: then its one name, else the Latin one.
    single = names.filter((pl.col("script") == "la") | (pl.len().over("record_no") == 1))
    return (
        facts.join(places, on="place_key", how="left")
        .drop("place_key")
        .join(arabic, on="record_no", how="left")
        .join(_sounded(single), on="record_no", how="left")
        .with_columns(loose=pl.any_horizontal(pl.col("odd", "sound_odd").fill_null(False)))
        .drop("odd", "sound_odd")
        .fill_null(0)
    )


def _coded(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Categorical).to_physical().cast(pl.Int32).fill_null(-1).alias(column)


def _spelled(names: pl.DataFrame) -> pl.DataFrame:
    first, rest = _given(names, "given"), _rest(names, "words")
    return names.select(
        "record_no",
        "bits",
        shape=_coded("shape"),
        whole_length=pl.col("whole_length").cast(pl.Int32),
        given=_set_bits(first["letters"]),
        whole=_set_bits(first["letters"] + rest["letters"]),
        rest=_set_bits(rest["letters"]),
        rest_length=rest["length"],
        words=rest["words"],
        marks=rest["marks"],
        unmarked=rest["unmarked"],
        odd=first["odd"] | rest["odd"],
    )


def _sounded(names: pl.DataFrame) -> pl.DataFrame:
    first, rest, given = _given(names, "sound"), _rest(names, "sounds"), _given(names, "given")
    return names.select(
        "record_no",
        sound_bits="bits",
        sound=_set_bits(first["letters"]),
        latin_given=_set_bits(given["letters"]),
        sound_whole=_set_bits(first["letters"] + rest["letters"]),
        sound_rest=_set_bits(rest["letters"]),
        sound_length=rest["length"],
        sounds=rest["words"],
        sound_marks=rest["marks"],
        sound_unmarked=rest["unmarked"],
        sound_odd=first["odd"] | rest["odd"] | given["odd"],
    )


def _given(names: pl.DataFrame, column: str) -> pl.DataFrame:
    words = names.select(word=column)
    return words.join(
        _letters(words["word"].unique().drop_nulls()), on="word", how="left", maintain_order="left"
    ).with_columns(pl.col("letters").fill_null(0), pl.col("odd").fill_null(True))


def _rest(names: pl.DataFrame, column: str) -> pl.DataFrame:
    """Of the list of words in each row: `words`, how many; their `letters` together; `length`; `marks`, one bit of 64 for
    each word; `unmarked`, by how much the bits are fewer than the words; `odd`, as of each word, or they are too many.
    """
    placed = names.select(place=pl.int_range(pl.len(), dtype=pl.UInt32), word=column)
    long = placed.explode("word")
    told = long.join(_letters(long["word"].unique().drop_nulls()), on="word", how="left", maintain_order="left")
    by_name = told.group_by("place", maintain_order=True).agg(
        pl.col("letters").sum(),
        pl.col("odd").any(),
        length=pl.col("length").sum().cast(pl.Int32),
        marks=pl.col("mark").bitwise_or().fill_null(0),
        words=pl.col("word").count().cast(pl.Int32),
        distinct=pl.col("word").n_unique(),
    )
    # A list without words has no row of its own.
    return (
        placed.select("place")
        .join(by_name, on="place", how="left", maintain_order="left")
        .with_columns(pl.col("letters", "length", "marks", "words", "distinct").fill_null(0), pl.col("odd").fill_null(False))
        .with_columns(
            unmarked=(pl.col("words") - pl.col("marks").bitwise_count_ones()).cast(pl.Int32),
            odd=pl.col("odd") | (pl.col("words") >= _WORDS) | (pl.col("distinct") < pl.col("words")),
        )
    )


def _letters(words: pl.Series) -> pl.DataFrame:
    """Of distinct words: `word`; `letters`, how many of each kind, in four bits; `length`; `mark`, a bit of 64; `odd`: there
    are more than four bits can tell.
    """
    found = [pl.col("word").str.count_matches(_of_kind(kind)) for kind in range(_KINDS)]
    often = pl.max_horizontal(found)
    counted = (
        pl.min_horizontal(count, pl.lit(_OFTEN, pl.UInt32)).cast(pl.UInt64) * (1 << 4 * kind)
        for kind, count in enumerate(found)
    )
    return (
        words.alias("word")
        .to_frame()
        .select(
            "word",
            letters=pl.sum_horizontal(counted),
            length=pl.col("word").str.len_chars(),
            mark=pl.lit(2, pl.UInt64).pow(pl.col("word").hash(0) % 64),
            odd=often > _OFTEN,
        )
    )


def _of_kind(kind: int) -> str:
    return "[" + "".join(f"\\x{code:02x}" for code in range(33, 127) if code % _KINDS == kind) + "]"


def _set_bits(letters: pl.Series | pl.Expr) -> pl.Series | pl.Expr:
    """Of each four bits that count, as many set as they count, up to four."""
    one, two, four, eight = (letters // power & _NIBBLES for power in (1, 2, 4, 8))
    many = four | eight
    return (one | two | many) + (two | many) * 2 + (one & two | many) * 4 + many * 8
