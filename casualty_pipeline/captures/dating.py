"""When a statement was documented (the month that counts, R10) and since when it is known.

Here belongs the order of what is asked: what the statement itself says; else what the statements on its incident say that
were received by then; else its receipt. So a statement's month and its moment of knowledge follow from what was received up
to it, never from what came later, nor from the order in which captures were read (principle 2).
"""

from collections.abc import Sequence

import polars as pl

from casualty_pipeline.captures.connectors.batch import Batch
from casualty_pipeline.cleaning.dates import read_date
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Reading, Writing

_INCIDENT = ["source", "incident_ref"]
# A moment of knowledge that isn't the receipt was declared by the source's mapping.
_TOLD_BEFORE = """
    select
        source, incident_ref, documented_date, received_at,
        case when known_at <> received_at then known_at end as own_known_at
    from captures.records where statement = 'incident' and incident_ref is not null
"""


def own_dates(profile: Profile, statements: pl.DataFrame) -> pl.DataFrame:
    """Add what a statement itself says of when it was documented (own_month) and known (own_known_at)."""
    received = pl.col("received_at").str.to_datetime(time_zone="UTC").dt.replace_time_zone(None)
    statements = statements.with_columns(received.alias("received_at")).with_columns(
        _day_of("known_date", statements, profile).cast(pl.Datetime("us")).alias("own_known_at")
    )
    return _with_own_month(profile, statements)


def _with_own_month(profile: Profile, statements: pl.DataFrame) -> pl.DataFrame:
    statements = statements.with_columns(_day_of("documented_date", statements, profile).alias("documented_on"))
    plausible = (pl.col("documented_on") <= pl.col("received_at").dt.date()) & (
        pl.col("documented_on").dt.strftime("%Y-%m") >= profile.start_month
    )
    return statements.with_columns(pl.when(plausible).then(pl.col("documented_on").dt.strftime("%Y-%m")).alias("own_month"))


def incident_dates(profile: Profile, reading: Reading, slices: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """What is said of the dates of each incident that `slices` speak of, and since which receipt: columns of `_INCIDENT`,
    own_month, own_known_at, told_at.
    """
    columns = [*_INCIDENT, "own_month", "own_known_at", pl.col("received_at").cast(pl.Datetime("us")).alias("told_at")]
    with_ref = [s for s in slices if "incident_ref" in s.columns]
    told = [s.filter(_of_incident()).select(columns) for s in with_ref]
    spoken_of = [s.select(_INCIDENT).drop_nulls().unique() for s in with_ref]
    earlier = reading.frame(_TOLD_BEFORE).with_columns(pl.col("own_known_at").cast(pl.Datetime("us")))
    if spoken_of:
        earlier = earlier.join(pl.concat(spoken_of).unique(), on=_INCIDENT, how="semi")
    told.append(_with_own_month(profile, earlier).select(columns))
    # Of what says the same, the first receipt.
    said = [*_INCIDENT, "own_month", "own_known_at"]
    return pl.concat(told).group_by(said).agg(pl.col("told_at").min()).sort(*said, "told_at")


def dated(statements: pl.DataFrame, incidents: pl.DataFrame) -> pl.DataFrame:
    """Add documentation_month and known_at: the statement's own, else its incident's, else the receipt's."""
    by = [*_INCIDENT, "received_at"]
    its = (
        statements.select(by)
        .unique()
        .join(incidents, on=_INCIDENT)
        .filter(pl.col("told_at") <= pl.col("received_at"))
        .group_by(by)
        .agg(pl.col("own_month").min().alias("its_month"), pl.col("own_known_at").min().alias("its_known_at"))
    )
    return statements.join(its, on=by, how="left", maintain_order="left").with_columns(
        pl.coalesce("own_month", "its_month", pl.col("received_at").dt.strftime("%Y-%m")).alias("documentation_month"),
        pl.coalesce("own_known_at", "its_known_at", "received_at").alias("known_at"),
    )


def overtaken(write: Writing, batch: Batch, fresh: pl.DataFrame) -> set[str]:
    """Captures, as `entry_id`, that were read before those in `fresh` (entry_id, source, sha256, received_at) though they
    were received later, and whose statements follow from these: the same bytes under another name, which are known since
    their first receipt, or statements on incidents that are told of now. They have to be read again.
    """
    told = [
        s.filter(_of_incident()).select(*_INCIDENT, "received_at")
        for s in batch.slices()
        if {"incident_ref", "statement"} <= set(s.columns)
    ]
    empty = pl.DataFrame(schema=dict.fromkeys([*_INCIDENT, "received_at"], pl.String))
    moments = pl.concat([empty, *told]).group_by(_INCIDENT).agg(pl.col("received_at").min())
    write.register(told_now=moments, entries_now=fresh)
    rows = write.connection.execute(
        """
        with moment as (select source, incident_ref, cast(cast(received_at as timestamptz) as timestamp) as at from told_now)
        select m.entry_id from captures.manifest as m inner join entries_now as n on m.source = n.source
            and m.sha256 = n.sha256 and m.received_at >= cast(cast(n.received_at as timestamptz) as timestamp)
        union
        select m.entry_id from captures.records as r
        inner join moment as t on r.source = t.source and r.incident_ref = t.incident_ref and r.received_at >= t.at
        inner join captures.manifest as m
            on r.source = m.source and r.capture_sha256 = m.sha256 and r.file = m.original_name
        """
    ).fetchall()
    return {entry for (entry,) in rows} - set(fresh["entry_id"])


def _of_incident() -> pl.Expr:
    return (pl.col("statement") == "incident") & pl.col("incident_ref").is_not_null()


def _day_of(column: str, statements: pl.DataFrame, profile: Profile) -> pl.Expr:
    """The first day that each distinct string of a column can mean."""
    if column not in statements.columns:
        return pl.lit(None, dtype=pl.Date)
    days = {text: read_date(text, False, profile.timezone).first for text in statements[column].drop_nulls().unique()}
    return pl.col(column).replace_strict(days, default=None, return_dtype=pl.Date)
