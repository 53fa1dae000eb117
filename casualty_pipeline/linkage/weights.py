"""What each pair of records says for or against being one person: bits for each field, their sum, and the verdict.

The rules that no sum can outweigh (the given name agrees on its own; sex, age and date of death are compatible; names
are never enough) are bits of `settings.excluded`, so that the weight is always the sum of the evidence that stands
beside it.
"""

from collections.abc import Sequence

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from casualty_pipeline.cleaning.names import vowels_conflict
from casualty_pipeline.linkage.keys import Prepared
from casualty_pipeline.linkage.settings import SETTINGS, Settings

EVIDENCE = ("prior", "given", "rest", "sex", "age", "birth", "date", "governorate", "place", "list", "context")


def weigh(prepared: Prepared, pairs: pl.DataFrame, settings: Settings = SETTINGS) -> pl.DataFrame:
    """Weighs `pairs` (`a`, `b`: rows of `prepared.people`).

    Returns, in the order of (a, b): `a`, `b`, `record_a`, `record_b`, one column of bits for each of `EVIDENCE`,
    `weight` (their sum), `days_apart` (null where a date is missing) and `verdict` (`same`, `kin` or `different`).
    """
    facts = prepared.people.select(pl.exclude("known_at", "name_ar_normal", "name_en_normal", "statement"))
    both = (
        pairs.with_row_index("pair")
        .join(facts, left_on="a", right_on="row")
        .join(facts, left_on="b", right_on="row", suffix="_b")
        .sort("pair")
    )
    named = _names(prepared, both, settings)
    compared = both.join(named, on="pair", how="left").sort("pair").with_columns(days_apart=_days_apart())
    evidence = compared.with_columns(
        prior=pl.lit(settings.prior),
        given=pl.col("given").fill_null(settings.excluded),
        rest=pl.when(pl.col("given").is_null()).then(0.0).otherwise(pl.col("rest").fill_null(settings.one_word)),
        sex=_sex(settings),
        age=_age(settings),
        birth=_birth(settings),
        date=_date(settings),
        governorate=_equal("governorate", settings.same_governorate, settings.other_governorate),
        place=_equal("place_key", settings.same_place, settings.other_place),
        list=pl.when(_same_list() & pl.col("related").fill_null(True))
        .then(settings.one_list)
        .when(_same_list())
        .then(settings.one_list_other_words)
        .otherwise(0.0),
        context=pl.when(_context(settings)).then(0.0).otherwise(settings.excluded),
    )
    summed = evidence.with_columns(pl.col(EVIDENCE).round(1)).with_columns(weight=pl.sum_horizontal(EVIDENCE).round(1))
    kin = pl.col("related").fill_null(False) & (pl.col("given") < 0) & _date_compatible(settings)
    verdict = (
        pl.when(kin).then(pl.lit("kin")).when(pl.col("weight") >= 0).then(pl.lit("same")).otherwise(pl.lit("different"))
    )
    return summed.select(
        "a",
        "b",
        pl.col("record_id").alias("record_a"),
        pl.col("record_id_b").alias("record_b"),
        *EVIDENCE,
        "weight",
        "days_apart",
        verdict=verdict,
    )


# --- Names ------------------------------------------------------------------------------------------------------------


def _names(prepared: Prepared, both: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """For pairs of named records: `pair`, bits of `given` and `rest`, and `related`: all of the shorter lineage agrees.

    Arabic is compared with Arabic where both have it, else Latin with Latin, else across scripts with the Arabic on the
    left.
    """
    arabic, latin = pl.col("has_ar") & pl.col("has_ar_b"), pl.col("has_la") & pl.col("has_la_b")
    sides = both.filter(pl.col("named") & pl.col("named_b")).select(
        "pair",
        left=pl.when(arabic | latin | pl.col("has_ar")).then("a").otherwise("b"),
        right=pl.when(arabic | latin | pl.col("has_ar")).then("b").otherwise("a"),
        left_script=pl.when(arabic | ~latin).then(pl.lit("ar")).otherwise(pl.lit("la")),
        right_script=pl.when(arabic).then(pl.lit("ar")).otherwise(pl.lit("la")),
    )
    tokens = prepared.tokens
    met = sides.join(tokens, left_on=["left", "left_script"], right_on=["row", "script"]).join(
        tokens, left_on=["right", "right_script"], right_on=["row", "script"], suffix="_right"
    )
    met = met.filter((pl.col("position") == 0) == (pl.col("position_right") == 0))
    agreement = _token_agreement(prepared, met.select("token", "token_right").unique(), settings)
    met = met.join(agreement, on=["token", "token_right"])
    given = met.filter(pl.col("position") == 0).select(
        "pair",
        given=pl.when(pl.col("factor") > 0)
        .then(pl.col("factor") * pl.col("bits"))
        .when(pl.col("doubtful"))
        .then(settings.given_doubtful)
        .otherwise(settings.given_different),
    )
    left_is_shorter = pl.col("count") <= pl.col("count_right")
    words = (
        met.filter(pl.col("position") > 0)
        .with_columns(
            word=pl.when(left_is_shorter).then("position").otherwise("position_right"),
            # Behind the given name, a spelling that leaves doubt still says something.
            factor=pl.when(pl.col("doubtful")).then(settings.factor_near / 2).otherwise("factor"),
        )
        .group_by("pair", "word")
        .agg(bits=(pl.col("factor") * pl.col("bits")).max(), agrees=(pl.col("factor") > 0).any())
    )
    # In order, so that the sum is the same to the last bit.
    rest = (
        words.sort("pair", "word")
        .group_by("pair", maintain_order=True)
        .agg(
            rest=pl.col("bits").sum().clip(0, settings.rest_bits_most) + settings.unmatched_name * (~pl.col("agrees")).sum(),
            related=pl.col("agrees").all(),
        )
    )
    return given.join(rest, on="pair", how="left").sort("pair")


def _token_agreement(prepared: Prepared, met: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """For each pair of distinct tokens: `factor` (0 no agreement, 1 the same), `doubtful`, and the `bits` of the
    commoner.
    """
    forms = prepared.forms
    compared = (
        met.join(forms, on="token")
        .join(forms, left_on="token_right", right_on="token", suffix="_right")
        .sort("token", "token_right")
    )
    left, right = pl.col("spelling"), pl.col("spelling_right")
    arabic = (pl.col("script") == "ar") & (pl.col("script_right") == "ar")
    across = pl.col("script") != pl.col("script_right")
    sound = pl.col("skeleton") == pl.col("skeleton_right")
    compared = compared.with_columns(
        edits=pl.when(across)
        .then(_edits(compared, "skeleton", "skeleton_right"))
        .otherwise(_edits(compared, "spelling", "spelling_right")),
        letters=pl.min_horizontal(
            pl.when(across).then(pl.col("skeleton")).otherwise(left).str.len_bytes(),
            pl.when(across).then(pl.col("skeleton_right")).otherwise(right).str.len_bytes(),
        ),
        starts_alike=left.str.slice(0, 1) == right.str.slice(0, 1),
        # An alef inside the word is left out by some: ابراهيم, ابرهيم. In short words it makes another name: حامد, حمد.
        alef_only=_without_inner_alef(left) == _without_inner_alef(right),
        apart=vowels_conflict(pl.col("vowels"), pl.col("vowels_right")),
        aligned=pl.col("vowels").str.len_bytes() == pl.col("vowels_right").str.len_bytes(),
    )
    typing_error = (pl.col("edits") == 1) & (pl.col("letters") >= pl.when(across).then(4).otherwise(5))
    arabic_factor = (
        pl.when(left == right)
        .then(settings.factor_same)
        .when(sound & pl.col("alef_only") & (pl.col("letters") >= 5))
        .then(settings.factor_near)
        .when(~sound & typing_error & pl.col("starts_alike"))
        .then(settings.factor_near)
        .otherwise(0.0)
    )
    latin_factor = (
        pl.when(left == right)
        .then(settings.factor_same)
        .when(sound & ~pl.col("aligned"))
        .then(settings.factor_near)
        .when(sound & ~pl.col("apart"))
        .then(settings.factor_same)
        .when(~sound & typing_error & pl.col("starts_alike"))
        .then(settings.factor_near)
        .otherwise(0.0)
    )
    across_factor = (
        pl.when(sound & ~pl.col("apart"))
        .then(settings.factor_other_script)
        .when(~sound & typing_error)
        .then(settings.factor_near * settings.factor_other_script)
        .otherwise(0.0)
    )
    factor = pl.when(arabic).then(arabic_factor).when(across).then(across_factor).otherwise(latin_factor)
    return compared.select(
        "token",
        "token_right",
        factor=factor,
        doubtful=sound & (factor == 0),
        bits=pl.min_horizontal("bits", "bits_right"),
    )


def _edits(frame: pl.DataFrame, left: str, right: str) -> pl.Series:
    """Levenshtein distances, 3 for all above 2: only near misses matter."""
    texts: tuple[Sequence[str], Sequence[str]] = (frame[left].to_list(), frame[right].to_list())
    return pl.Series("edits", process.cpdist(*texts, scorer=Levenshtein.distance, score_cutoff=2), dtype=pl.Int32)


def _without_inner_alef(spelling: pl.Expr) -> pl.Expr:
    return spelling.str.slice(0, 1) + spelling.str.slice(1).str.replace_all("a", "")


# --- Fields -----------------------------------------------------------------------------------------------------------


def _equal(field: str, same: float, other: float) -> pl.Expr:
    """Bits for equal and for different values; a missing value says nothing."""
    equal = pl.col(field) == pl.col(f"{field}_b")
    return pl.when(equal.is_null()).then(0.0).when(equal).then(same).otherwise(other)


def _sex(settings: Settings) -> pl.Expr:
    return _equal("sex", settings.same_sex, settings.excluded)


def _gap(field: str) -> pl.Expr:
    """How far apart two closed intervals are: zero or less where they overlap, null where one is missing."""
    bounds = [f"{field}_{end}{side}" for end in ("first", "last") for side in ("", "_b")]
    gap = pl.max_horizontal(*bounds[:2]) - pl.min_horizontal(*bounds[2:])
    return pl.when(pl.all_horizontal(pl.col(bound).is_not_null() for bound in bounds)).then(gap)


def _width(field: str, suffix: str = "") -> pl.Expr:
    return pl.col(f"{field}_last{suffix}") - pl.col(f"{field}_first{suffix}")


def _age(settings: Settings) -> pl.Expr:
    gap = _gap("age")
    exact = (_width("age") == 0) & (_width("age", "_b") == 0)
    other_group = (pl.col("age_group") != pl.col("age_group_b")).fill_null(False)
    # A child and an adult are two people, unless both ages are stated and lie on either side of the boundary.
    return (
        pl.when(other_group & (gap.is_null() | (gap > settings.age_near_years)))
        .then(settings.excluded)
        .when(gap > settings.age_apart_years)
        .then(settings.excluded)
        .when(gap > settings.age_near_years)
        .then(settings.ages_apart)
        .when(gap > 0)
        .then(settings.ages_near)
        .when(exact)
        .then(settings.ages_agree_exactly)
        .when(gap.is_not_null())
        .then(settings.ages_overlap)
        .when((pl.col("age_group") == pl.col("age_group_b")).fill_null(False))
        .then(settings.age_group_agrees)
        .otherwise(0.0)
    )


def _birth(settings: Settings) -> pl.Expr:
    days = _gap("birth").dt.total_days()
    exact = (_width("birth").dt.total_days() == 0) & (_width("birth", "_b").dt.total_days() == 0)
    new_year, new_year_b = _is_new_year(""), _is_new_year("_b")
    return (
        pl.when(days.is_null())
        .then(0.0)
        .when(exact & (days == 0) & new_year)
        .then(settings.birth_same_first_of_january)
        .when(exact & (days == 0))
        .then(settings.birth_same_day)
        .when(exact & _swapped())
        .then(settings.birth_day_and_month_swapped)
        .when((days <= 0) | ((new_year | new_year_b) & _same_year()))
        .then(settings.birth_overlaps)
        .when(days <= 366)
        .then(settings.birth_near)
        .otherwise(settings.birth_apart)
    )


def _is_new_year(side: str) -> pl.Expr:
    born = pl.col(f"birth_first{side}")
    return (born.dt.month() == 1) & (born.dt.day() == 1)


def _same_year() -> pl.Expr:
    return pl.col("birth_first").dt.year() == pl.col("birth_first_b").dt.year()


def _swapped() -> pl.Expr:
    """Day and month written the other way round."""
    born, other = pl.col("birth_first").dt, pl.col("birth_first_b").dt
    return _same_year() & (born.day() == other.month()) & (born.month() == other.day())


def _days_apart() -> pl.Expr:
    return _gap("day").dt.total_days()


def _date_compatible(settings: Settings) -> pl.Expr:
    return pl.col("days_apart").fill_null(0) <= settings.date_near_days


def _date(settings: Settings) -> pl.Expr:
    apart = pl.col("days_apart")
    width = pl.max_horizontal(_width("day"), _width("day", "_b")).dt.total_days()
    return (
        pl.when(apart.is_null())
        .then(0.0)
        .when(apart > settings.date_near_days)
        .then(settings.excluded)
        .when(apart > 1)
        .then(settings.date_near)
        .when(apart == 1)
        .then(settings.date_next_day)
        .when(width <= 1)
        .then(settings.date_same_day)
        .when(width <= 31)
        .then(settings.date_overlap_month)
        .otherwise(settings.date_overlap_wide)
    )


def _same_list() -> pl.Expr:
    return (pl.col("incident_ref") == pl.col("incident_ref_b")).fill_null(False)


def _context(settings: Settings) -> pl.Expr:
    """Agreement in date, place, incident or birth: a name alone is never enough."""
    return (
        _same_list()
        | (pl.col("days_apart") <= settings.date_near_days).fill_null(False)
        | (pl.col("place_key") == pl.col("place_key_b")).fill_null(False)
        | (_gap("birth").dt.total_days() <= 0).fill_null(False)
        | (_same_year() & (_swapped() | _is_new_year("") | _is_new_year("_b"))).fill_null(False)
    )
