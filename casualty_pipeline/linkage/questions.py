"""Questions that linkage raises for people: pairs too close to call, evidence that was refused, decisions at odds,
common keys.

Here belongs what is asked, by id, without names. In which order, and how a person sees it, is for the review queue.
"""

import polars as pl

from casualty_pipeline.captures.in_force import see_in_force
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.pairs import KEY_CAP, SCHEMES, common_keys
from casualty_pipeline.linkage.resolving import subject_ids
from casualty_pipeline.linkage.update import ASK_DAYS
from casualty_pipeline.warehouse import Reading, read_sql

SCHEMA = {
    "question_id": pl.String,
    "kind": pl.String,
    "subject": pl.String,
    "question": pl.String,
    "weight": pl.Float64,
    "records": pl.Int32,
}


def pair_questions(reading: Reading, model: Model, unsure: frozenset[tuple[str, str]] = frozenset()) -> pl.DataFrame:
    """Rows of `SCHEMA`, by kind and subject; `records` are the statements that an answer would move.

    `unsure`: pairs of record ids about which people said that they can't tell; they aren't asked again.
    """
    pairs = sorted((min(p), max(p)) for p in unsure)
    reading.register(unsure=pl.DataFrame(pairs, schema={"record_a": pl.String, "record_b": pl.String}, orient="row"))
    asked = reading.frame(read_sql("deduplicated.pair_questions"), {"band": model.review_band, "ask_days": ASK_DAYS})
    common = common_keys(reading).select(
        kind=pl.lit("blocking"),
        subject=pl.format("blocking:{}", "scheme"),
        question=pl.format(
            "{} keys ({}) are shared by more than {} records each, the commonest by {}: of these, only the first {}"
            " were compared under that key. Is a source listed twice, or a name a placeholder?",
            "keys",
            pl.col("scheme").replace_strict(SCHEMES, return_dtype=pl.String),
            pl.lit(KEY_CAP),
            "largest",
            pl.lit(KEY_CAP),
        ),
        weight=pl.lit(None, pl.Float64),
        records=pl.col("statements").cast(pl.Int32),
    )
    common = common.with_columns(
        question_id=pl.col("subject").map_elements(lambda s: identity("Q-", s), return_dtype=pl.String)
    )
    rows = pl.concat([frame.select(list(SCHEMA)).cast(SCHEMA) for frame in (asked, common)])  # type: ignore[arg-type]
    return rows.sort("kind", "subject")


def see_claims(reading: Reading) -> None:
    """Make the temporary tables `claims_made` and `attribution_decided`: what sources hold of who is responsible, and the
    victims of whom people decided it. Incidents and victims have to be up to date.
    """
    run = reading.connection.execute
    see_in_force(reading)
    reading.register(subject_ids=subject_ids(reading))
    run("create or replace temp table incidents_resolved as select incident_id from deduplicated.incidents")
    run(f"create or replace temp table claims_made as {read_sql('attributed.claims_made')}")
    run(
        "create or replace temp table attribution_decided as select distinct d.victim_id from"
        f" ({read_sql('attributed.decided')}) as d where d.kind = 'attribution' and d.victim_id is not null"
    )
