"""Ids that depend only on the cluster, and the history of the ids: what became of each between two assignments."""

import base64
import hashlib

import polars as pl

ID_LETTERS = 12
_EVENTS: dict[str, int] = {"created": 0, "split": 1, "joined": 2, "merged": 3, "retired": 4}
EVENT_SCHEMA = {
    "event": pl.String,
    "victim_id": pl.String,
    "other_id": pl.String,
    "record_id": pl.String,
    "cause": pl.String,
    "at": pl.Datetime("us"),
}


def identity(prefix: str, founding_record: str) -> str:
    """An id from the record that founded what it names: `V-` or `I-` and 12 letters of the SHA-256 in lower-case
    base32.
    """
    digest = base64.b32encode(hashlib.sha256(founding_record.encode()).digest()).decode().lower()
    return f"{prefix}{digest[:ID_LETTERS]}"


def founded(members: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """For `members` (`record_id`, `known_at`, `group`): `record_id`, `group`, `founder`, `id`, in the order of
    record_id.

    The founder is the group's first record by (known_at, record_id).
    """
    founders = (
        members.sort("known_at", "record_id").group_by("group", maintain_order=True).agg(founder=pl.col("record_id").first())
    )
    ids = founders.with_columns(id=pl.Series([identity(prefix, record) for record in founders["founder"]], dtype=pl.String))
    return members.select("record_id", "group").join(ids, on="group").sort("record_id")


def identity_events(before: pl.DataFrame, after: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """What happened to victims between two assignments of records (`record_id`, `victim_id`), in order.

    Events (`event`, `victim_id`, `other_id`, `record_id`, `cause`, `at`): `created`: the first records of a victim
    came; `joined`: a record came to a victim (or moved to it, from `other_id`); `merged`: `other_id` was merged into
    the victim, which is where it resolves from now on; `split`: the victim was split from `other_id`; `retired`: no
    record is left of it. `cause` is `decision` where `after` has a column `linked_by` that says so, `retraction` where
    records are gone, else `evidence`. `at` is the moment at which the latest record that is concerned became known, not
    the clock's. Every id in `before` that isn't in `after` has a `merged` or a `retired`.
    """
    if "linked_by" not in after.columns:
        after = after.with_columns(linked_by=pl.lit("evidence"))
    known = records.select("record_id", pl.col("known_at").cast(pl.Datetime("us")))
    latest = known.select(pl.col("known_at").max()).item()
    was, now = before.select("record_id", old="victim_id"), after.select("record_id", "linked_by", new="victim_id")
    moved = now.join(was, on="record_id", how="left").join(known, on="record_id", how="left")
    moved = moved.sort("known_at", "record_id").with_columns(pl.col("known_at").fill_null(pl.lit(latest, pl.Datetime("us"))))

    old_ids, new_ids = was["old"].unique(), now["new"].unique()
    lost = was.join(now, on="record_id", how="anti").select(old="old").unique()["old"]
    per_move = (
        moved.drop_nulls("old")
        .group_by("old", "new")
        .agg(
            size=pl.len(),
            record_id=pl.col("record_id").first(),
            by_decision=(pl.col("linked_by") == "decision").any(),
        )
    )
    newest = moved.group_by("new").agg(at=pl.col("known_at").max(), decision=(pl.col("linked_by") == "decision").any())
    cause = (
        pl.when("decision")
        .then(pl.lit("decision"))
        .when(pl.col("old").is_in(lost.implode()))
        .then(pl.lit("retraction"))
        .otherwise(pl.lit("evidence"))
    )
    changed = per_move.filter(pl.col("old") != pl.col("new")).join(newest, on="new")

    # An id that is no longer used resolves to the victim that holds most of its records.
    gone = changed.filter(~pl.col("old").is_in(new_ids.implode())).sort(
        ["old", "size", "new"], descending=[False, True, False]
    )
    heirs = gone.group_by("old", maintain_order=True).first()
    merged = heirs.select(
        pl.lit("merged").alias("event"), victim_id="new", other_id="old", record_id="record_id", cause=cause, at="at"
    )

    rest = changed.join(heirs.select("old", "new"), on=["old", "new"], how="anti").filter(
        ~pl.col("new").is_in(old_ids.implode())
    )
    split = rest.select(
        pl.lit("split").alias("event"), victim_id="new", other_id="old", record_id="record_id", cause=cause, at="at"
    )
    fresh = newest.filter(~pl.col("new").is_in(old_ids.implode()) & ~pl.col("new").is_in(rest["new"].implode()))
    founders = moved.group_by("new", maintain_order=True).first()
    created = fresh.join(founders, on="new").select(
        pl.lit("created").alias("event"),
        victim_id="new",
        other_id=pl.lit(None, pl.String),
        record_id="record_id",
        cause=pl.lit("evidence"),
        at="known_at",
    )
    arrivals = moved.filter(
        pl.col("old").is_null() | ((pl.col("old") != pl.col("new")) & pl.col("new").is_in(old_ids.implode()))
    ).join(created.select("record_id"), on="record_id", how="anti")
    arrivals = arrivals.join(heirs.select("old", "new"), on=["old", "new"], how="anti")
    joined = arrivals.select(
        pl.lit("joined").alias("event"),
        victim_id="new",
        other_id="old",
        record_id="record_id",
        cause=pl.when(pl.col("linked_by") == "decision").then(pl.lit("decision")).otherwise(pl.lit("evidence")),
        at="known_at",
    )
    left = was.filter(~pl.col("old").is_in(new_ids.implode()) & ~pl.col("old").is_in(heirs["old"].implode()))
    retired = (
        left.group_by("old")
        .agg(record_id=pl.col("record_id").min())
        .select(
            pl.lit("retired").alias("event"),
            victim_id="old",
            other_id=pl.lit(None, pl.String),
            record_id="record_id",
            cause=pl.lit("retraction"),
            at=pl.lit(latest, pl.Datetime("us")),
        )
    )
    events = pl.concat([frame.cast(EVENT_SCHEMA) for frame in (created, split, joined, merged, retired)])  # type: ignore[arg-type]
    return events.sort("at", pl.col("event").replace_strict(_EVENTS), "victim_id", "other_id", "record_id", nulls_last=True)
