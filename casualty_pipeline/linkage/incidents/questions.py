"""What only people can settle about incidents: codes that seem to name two, places that seem to stand for none."""

import polars as pl

from casualty_pipeline.linkage.identities import identity

# Days between what is said under one code. Nights, late reports and slips of the pen are nearer.
CODE_DAYS = 7
# Records without a code of one incident. There were such days; a placeholder for a place is likelier.
PLACEHOLDER_RECORDS = 1000
_COLUMNS = ("question_id", "kind", "subject", "question", "weight")


def incident_questions(records: pl.DataFrame, assigned: pl.DataFrame) -> pl.DataFrame:
    """Rows for deduplicated.review_queue (`kind` incident), by subject: ids, p-codes and days only, never names.

    `records` has the columns of cleaned.records, `assigned` is what `assign_incidents` made of them. Subjects are
    `incident:SOURCE/REF` and `incident:I-...`. Nothing is split or joined because of a question: a code joins as ever.
    """
    asked = pl.concat([_codes(records), _placeholders(records, assigned)]).sort("subject")
    ids = [identity("Q-", f"incident\x1f{subject}") for subject in asked["subject"]]
    return asked.with_columns(
        pl.Series("question_id", ids, dtype=pl.String), kind=pl.lit("incident"), weight=pl.lit(None, pl.Float64)
    ).select(_COLUMNS)


def _codes(records: pl.DataFrame) -> pl.DataFrame:
    """Codes under which a source tells of two governorates, or of days that are far apart."""
    told = pl.coalesce("incident_last", "incident_first").filter(pl.col("incident_first").is_not_null())
    codes = (
        records.filter(pl.col("incident_ref").is_not_null())
        .group_by("incident_ref")
        .agg(
            low=pl.col("governorate").min(),
            high=pl.col("governorate").max(),
            governorates=pl.col("governorate").drop_nulls().unique().sort(),
            early=told.min(),
            late=pl.col("incident_first").max(),
        )
    )
    days = (pl.col("late") - pl.col("early")).dt.total_days()
    places, dates = pl.col("low") != pl.col("high"), days > CODE_DAYS
    said = pl.concat_str(
        pl.when(places).then(pl.format("governorates {}", pl.col("governorates").list.join(", "))),
        pl.when(dates).then(pl.format("days from {} to {}", "early", "late")),
        separator=" and ",
        ignore_nulls=True,
    )
    return codes.filter(places.fill_null(False) | dates.fill_null(False)).select(
        subject=pl.format("incident:{}", "incident_ref"),
        question=pl.format(
            "Is all that is said under this code one incident? It names {}. It counts as one until the source changes it.",
            said,
        ),
    )


def _placeholders(records: pl.DataFrame, assigned: pl.DataFrame) -> pl.DataFrame:
    """Incidents that so many records without a code share by place and day that the place may be none."""
    uncoded = records.filter(pl.col("incident_ref").is_null()).select("record_id")
    crowded = (
        assigned.filter(pl.col("site").is_not_null())
        .join(uncoded, on="record_id", how="semi")
        .group_by("incident_id")
        .agg(records=pl.len())
        .filter(pl.col("records") > PLACEHOLDER_RECORDS)
    )
    return crowded.select(
        subject=pl.format("incident:{}", "incident_id"),
        question=pl.format(
            "Did all this happen in one attack? {} records without a code share its place, day and mechanism: the place may"
            " stand for one that isn't known. They count as one incident until the sources change it.",
            "records",
        ),
    )
