"""How good the linkage is on records whose truth is known. What belongs here: reading labelled records, scoring clusters.

Nothing is fitted here, and nothing that is measured here feeds back into the weights.
"""

import resource
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from casualty_pipeline.cleaning.dates import read_date
from casualty_pipeline.cleaning.names import arabic_normal, is_unnamed, latin_normal
from casualty_pipeline.cleaning.numbers import read_age
from casualty_pipeline.cleaning.places import place_key
from casualty_pipeline.cleaning.vocabulary import Vocabulary
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage import Constraints, link, linked
from casualty_pipeline.linkage.adapting import adapted
from casualty_pipeline.linkage.model import Model, load
from casualty_pipeline.linkage.shares import with_shares
from casualty_pipeline.profile import Profile

COLUMNS = ("name_ar", "name_en", "sex", "age", "birth_date", "death_date", "place", "governorate", "list_date")
PROVISIONAL = "provisional_id"  # where it is 1, the truth column doesn't hold the person's own id


@dataclass(frozen=True)
class Score:
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """2pr / (p + r)."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def shown(self) -> dict[str, float]:
        """Rounded to five decimals, as the output has them."""
        return {"precision": round(self.precision, 5), "recall": round(self.recall, 5), "f1": round(self.f1, 5)}


def read_labelled(paths: list[Path], truth: str) -> pl.DataFrame:
    """Labelled records, all columns strings. Raises CasualtyError for a missing column or a record id given twice."""
    frames = []
    for path in paths:
        try:
            frame = pl.read_csv(path, infer_schema=False)
        except (OSError, pl.exceptions.PolarsError) as problem:
            raise CasualtyError(f"{path}: can't be read as CSV: {str(problem).splitlines()[0]}") from problem
        missing = [c for c in ("record_id", truth) if c not in frame.columns]
        if missing or not set(COLUMNS) & set(frame.columns):
            raise CasualtyError(
                f"{path}: expected record_id, {truth} and any of {', '.join(COLUMNS)}; found {', '.join(frame.columns)}"
            )
        frames.append(frame)
    records = pl.concat(frames, how="diagonal")
    if records["record_id"].is_duplicated().any():
        twice = records.filter(pl.col("record_id").is_duplicated())["record_id"][0]
        raise CasualtyError(f"record_id {twice!r} stands twice: expected each once")
    return records


def as_records(labelled: pl.DataFrame, profile: Profile, one_per: str | None) -> pl.DataFrame:
    """The labelled rows with the columns of cleaned.records, read by the same readers. What is unreadable is left empty."""
    frame = labelled.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in COLUMNS if c not in labelled.columns)
    vocabulary = Vocabulary(profile)

    def first_day(column: str) -> pl.Expr:
        days = {t: read_date(t, of_birth=True).first for t in frame[column].drop_nulls().unique()}
        return pl.col(column).replace_strict(days, default=None, return_dtype=pl.Date)

    def last_day(column: str) -> pl.Expr:
        days = {t: read_date(t, of_birth=True).last for t in frame[column].drop_nulls().unique()}
        return pl.col(column).replace_strict(days, default=None, return_dtype=pl.Date)

    ages = {t: read_age(t) for t in frame["age"].drop_nulls().unique()}
    sexes = {t: vocabulary.word("sex", t)[0] for t in frame["sex"].drop_nulls().unique()}
    places = {t: place_key(t) or None for t in frame["place"].drop_nulls().unique()}
    nothing = {name: pl.lit(None, dtype=kind) for name, kind in (("text", pl.String), ("day", pl.Date))}
    return frame.select(
        "record_id",
        (pl.col(one_per) if one_per else pl.lit("labelled")).fill_null("").alias("source"),
        pl.col("record_id").alias("source_key"),
        pl.lit("person").alias("statement"),
        first_day("list_date").fill_null(pl.date(1970, 1, 1)).dt.strftime("%Y-%m").alias("documentation_month"),
        first_day("list_date").cast(pl.Datetime("us")).fill_null(pl.datetime(1970, 1, 1)).alias("known_at"),
        arabic_normal(pl.col("name_ar")).alias("name_ar_normal"),
        latin_normal(pl.col("name_en")).alias("name_en_normal"),
        is_unnamed(pl.col("name_en"), pl.col("name_ar")).alias("unnamed"),
        pl.lit(1, dtype=pl.Int32).alias("persons"),
        pl.col("sex").replace_strict(sexes, default=None, return_dtype=pl.String).alias("sex"),
        pl.col("age")
        .replace_strict({t: a.first for t, a in ages.items()}, default=None, return_dtype=pl.Int32)
        .alias("age_first"),
        pl.col("age")
        .replace_strict({t: a.last for t, a in ages.items()}, default=None, return_dtype=pl.Int32)
        .alias("age_last"),
        nothing["text"].alias("age_group"),
        first_day("birth_date").alias("birth_first"),
        last_day("birth_date").alias("birth_last"),
        pl.col("birth_date").alias("birth_date_raw"),
        first_day("death_date").alias("death_first"),
        last_day("death_date").alias("death_last"),
        nothing["day"].alias("incident_first"),
        nothing["day"].alias("incident_last"),
        pl.col("governorate"),
        pl.col("place").replace_strict(places, default=None, return_dtype=pl.String).alias("place_key"),
        nothing["text"].alias("place_id"),
        nothing["text"].alias("incident_ref"),
        nothing["text"].alias("occupation"),
        first_day("list_date").alias("documented_on"),
    )


def score(truth: pl.DataFrame, found: pl.DataFrame) -> dict[str, Any]:
    """Scores of a clustering. `truth`: record_id, entity; `found`: record_id, victim_id; every record of truth is in found.

    Pairs, B-cubed (Bagga and Baldwin 1998) and exactly right clusters; `count_error` is clusters / entities - 1.
    """
    both = truth.join(found, on="record_id")
    cells = both.group_by("entity", "victim_id").len("n")
    sizes_t = both.group_by("entity").len("t")
    sizes_f = both.group_by("victim_id").len("f")
    cells = cells.join(sizes_t, on="entity").join(sizes_f, on="victim_id")
    records = both.height

    def pairs(of: pl.Series) -> int:
        return int((of.cast(pl.Int64) * (of.cast(pl.Int64) - 1) // 2).sum())

    together, claimed, true = pairs(cells["n"]), pairs(sizes_f["f"]), pairs(sizes_t["t"])
    squares = cells.select(
        f=(pl.col("n").cast(pl.Float64) ** 2 / pl.col("f")).sum(), t=(pl.col("n").cast(pl.Float64) ** 2 / pl.col("t")).sum()
    ).row(0)
    exact = cells.filter((pl.col("n") == pl.col("t")) & (pl.col("n") == pl.col("f"))).height
    return {
        "records": records,
        "entities": sizes_t.height,
        "clusters": sizes_f.height,
        "pairs": Score(together / claimed if claimed else 1.0, together / true if true else 1.0).shown(),
        "b_cubed": Score(squares[0] / records, squares[1] / records).shown() if records else Score(1.0, 1.0).shown(),
        "exact_clusters": Score(exact / max(1, sizes_f.height), exact / max(1, sizes_t.height)).shown(),
        "count_error": round(sizes_f.height / max(1, sizes_t.height) - 1, 5),
    }


def evaluate(
    paths: list[Path],
    truth: str,
    profile: Profile,
    one_per: str | None = None,
    incremental_by: str | None = None,
    model: Model | None = None,
) -> dict[str, Any]:
    """Link the labelled records of some files and score the result, with seconds and peak memory in megabytes.

    `one_per`: a column; two rows with the same value in it are never one person (rows of one official list, say).
    `incremental_by`: a column; its values come one after the other, as months do, in their order; then `ids_changed`
    says what share of the records that were there before got another victim's id, on average for each value that
    came, and `all_at_once` how the same records score when they come together. Rows without a truth value, or with
    `provisional_id` 1, are linked with the others and left out of the score. How common names are is counted in the
    records themselves (of the first value of `incremental_by`), as `casualty fit-linkage` does for a home; labels are
    never used.
    """
    labelled = read_labelled(paths, truth)
    for option, column in (("--one-per", one_per), ("--incremental-by", incremental_by)):
        if column and column not in labelled.columns:
            raise CasualtyError(f"no column {column!r} ({option}); found {', '.join(labelled.columns)}")
    known = labelled.filter(pl.col(truth).is_not_null() & (pl.col(truth).str.strip_chars() != ""))
    if PROVISIONAL in known.columns:
        known = known.filter(pl.col(PROVISIONAL).fill_null("0") != "1")
    if known.is_empty():
        raise CasualtyError(f"no row has a value in the column {truth!r}: nothing to score against")
    entities = known.select("record_id", entity=pl.col(truth))
    records = as_records(labelled, profile, one_per)
    constraints = Constraints(one_per_source=frozenset(records["source"].unique()) if one_per else frozenset())
    batches = _batches(labelled, records, incremental_by)
    started = time.perf_counter()
    fitted = adapted(batches[0], constraints, with_shares(model or load(), batches[0]))
    used = fitted.model
    steps = list(linked(batches, constraints, used))
    seconds = time.perf_counter() - started
    result = score(entities, steps[-1].victim_records)
    extra: dict[str, Any] = {}
    if incremental_by:
        together = link(records, constraints, used)
        extra = {
            "steps": len(steps),
            "ids_changed": _ids_changed([step.victim_records for step in steps]),
            "all_at_once": score(entities, together.victim_records)["pairs"],
        }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        **result,
        **extra,
        "unlabelled": labelled.height - known.height,
        "model": used.version,
        "adapted": dict(fitted.changes),
        "questions": steps[-1].questions.height,
        "seconds": round(seconds, 2),
        "peak_mb": round(peak),
    }


def _batches(labelled: pl.DataFrame, records: pl.DataFrame, column: str | None) -> list[pl.DataFrame]:
    if column is None:
        return [records]
    value = labelled.select("record_id", batch=pl.col(column).fill_null(""))
    told = records.join(value, on="record_id", maintain_order="left").sort("batch", maintain_order=True)
    parts = told.partition_by("batch", maintain_order=True, include_key=False)
    # Each batch becomes known after the one before, whatever its dates say.
    first = datetime.fromisoformat("2000-01-01")
    return [
        part.with_columns(known_at=pl.lit(first + timedelta(days=number), pl.Datetime("us")))
        for number, part in enumerate(parts)
    ]


def _ids_changed(steps: list[pl.DataFrame]) -> float:
    """The share of records that were there before whose victim has another id afterwards, on average over the steps."""
    shares = []
    for before, after in pairwise(steps):
        both = before.select("record_id", was="victim_id").join(after.select("record_id", now="victim_id"), on="record_id")
        shares.append(both.filter(pl.col("was") != pl.col("now")).height / max(1, both.height))
    return round(sum(shares) / max(1, len(shares)), 6)
