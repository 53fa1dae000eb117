"""Linkage: which records speak of the same person, and which of the same incident.

keys -> pairs -> weights -> clusters -> identities, a module each; this one puts them together. The interface is meant
to outlive the weights: a better model replaces `weights.py`, and nobody else notices.
"""

from dataclasses import dataclass

import polars as pl

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.clusters import Clustering, cluster
from casualty_pipeline.linkage.identities import founded, identity, identity_events
from casualty_pipeline.linkage.incidents import assign_incidents
from casualty_pipeline.linkage.keys import Prepared, prepare
from casualty_pipeline.linkage.pairs import candidates, rows_of
from casualty_pipeline.linkage.settings import SETTINGS, Settings
from casualty_pipeline.linkage.weights import EVIDENCE, weigh

__all__ = ["Constraints", "Linkage", "assign_incidents", "identity_events", "link"]

_CONFLICTS = {
    "question_id": pl.String,
    "kind": pl.String,
    "subject": pl.String,
    "question": pl.String,
    "weight": pl.Float64,
}
_REASONS = {
    "different": "another record of the one is a different person from a record of the other",
    "source": "their source guarantees one row per person",
    "sex": "the sexes differ",
    "age": "the ages differ too much",
    "date": "the dates of death are too far apart",
}
_HARD = ("sex", "age", "date")


@dataclass(frozen=True)
class Constraints:
    """What people decided, as pairs of record ids, and the sources that guarantee one row per person."""

    must_link: frozenset[tuple[str, str]] = frozenset()
    cannot_link: frozenset[tuple[str, str]] = frozenset()
    one_per_source: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Linkage:
    """What `link` found.

    `pairs`: the columns of deduplicated.pairs: every pair that speaks for one person or for kin, that people decided
    about, or that comes near enough to be asked; sorted by (record_a, record_b). `victim_records`: `record_id`,
    `victim_id`, `linked_by` (founded, evidence or decision), one row per record. `conflicts`: rows for
    deduplicated.review_queue; ids only, never names.
    """

    pairs: pl.DataFrame
    victim_records: pl.DataFrame
    conflicts: pl.DataFrame


def link(records: pl.DataFrame, constraints: Constraints, settings: Settings = SETTINGS) -> Linkage:
    """Resolves statements about persons and groups to victims.

    `records` has the columns of cleaned.records. Each record gets exactly one victim. Groups and persons without a
    recognisable name are victims of their own unless people decide otherwise. Pairs in `constraints` whose records
    aren't there (retracted, not yet received) are ignored. Raises CasualtyError when a record id occurs twice.
    """
    if records["record_id"].is_duplicated().any():
        raise CasualtyError(
            f"linkage expected each record once, found {records['record_id'].is_duplicated().sum()} rows with a shared"
            " record_id: deduplicate cleaned.records by record_id first"
        )
    prepared = prepare(records, settings)
    pairs, capped = candidates(
        prepared, constraints.must_link | constraints.cannot_link, constraints.one_per_source, settings
    )
    weighed = weigh(prepared, pairs, settings)
    must, cannot = rows_of(prepared, constraints.must_link), rows_of(prepared, constraints.cannot_link)

    matches = weighed.filter(pl.col("verdict") == "same").sort(
        ["weight", "record_a", "record_b"], descending=[True, False, False]
    )
    hard = pl.any_horizontal(pl.col(_HARD) <= settings.excluded) | (pl.col("given") < 0)
    touched = pl.concat([matches["a"], matches["b"]]).unique().implode()
    hostile = weighed.filter(hard & pl.col("a").is_in(touched) & pl.col("b").is_in(touched))
    clustering = cluster(
        prepared.people,
        edges=matches.select("a", "b").iter_rows(),
        apart=hostile.select("a", "b").iter_rows(),
        must_link=must.iter_rows(),
        cannot_link=cannot.iter_rows(),
        one_per_source=constraints.one_per_source,
        settings=settings,
    )
    return Linkage(
        pairs=_pairs(weighed, must, cannot, settings),
        victim_records=_victim_records(prepared, clustering),
        conflicts=_conflicts(prepared, weighed, clustering, must=must, cannot=cannot, capped=capped, settings=settings),
    )


def _with_decisions(weighed: pl.DataFrame, must: pl.DataFrame, cannot: pl.DataFrame) -> pl.DataFrame:
    """Pairs with what people decided in the place of the machine's verdict; where both were, that they are apart."""
    decided = pl.concat([must.with_columns(decided=pl.lit("must_link")), cannot.with_columns(decided=pl.lit("cannot_link"))])
    once = decided.sort("a", "b", "decided").unique(["a", "b"], keep="first", maintain_order=True)
    return weighed.join(once, on=["a", "b"], how="left").with_columns(verdict=pl.coalesce("decided", "verdict"))


def _pairs(weighed: pl.DataFrame, must: pl.DataFrame, cannot: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    told = _with_decisions(weighed, must, cannot).filter(
        (pl.col("verdict") != "different") | (pl.col("weight") >= -settings.review_band) | _ask_about_date(settings)
    )
    return told.select(
        "record_a", "record_b", "weight", evidence=pl.struct(EVIDENCE).struct.json_encode(), verdict="verdict"
    ).sort("record_a", "record_b")


def _victim_records(prepared: Prepared, clustering: Clustering) -> pl.DataFrame:
    members = prepared.people.select("record_id", "known_at").with_columns(
        group=pl.Series(clustering.cluster_of, dtype=pl.Int64), decided=pl.Series(clustering.decided, dtype=pl.Int64)
    )
    victims = founded(members.select("record_id", "known_at", "group"), "V-").join(members, on="record_id")
    # Of the records that decisions joined, the first came to the victim on its own; the others because of the decision.
    first = pl.col("record_id") == pl.col("record_id").sort_by("known_at", "record_id").first().over("decided")
    return victims.select(
        "record_id",
        victim_id="id",
        linked_by=pl.when(pl.col("record_id") == pl.col("founder"))
        .then(pl.lit("founded"))
        .when(first)
        .then(pl.lit("evidence"))
        .otherwise(pl.lit("decision")),
    ).sort("record_id")


def _ask_about_date(settings: Settings) -> pl.Expr:
    """Nothing but the date of death is against it, and somebody may have died of wounds later."""
    near = pl.col("days_apart").is_between(settings.date_near_days + 1, settings.date_ask_days)
    return (near & (pl.col("weight") - pl.col("date") >= settings.review_band) & (pl.col("given") > 0)).fill_null(False)


def _conflicts(
    prepared: Prepared,
    weighed: pl.DataFrame,
    clustering: Clustering,
    *,
    must: pl.DataFrame,
    cannot: pl.DataFrame,
    capped: pl.DataFrame,
    settings: Settings,
) -> pl.DataFrame:
    open_pairs = _with_decisions(weighed, must, cannot).filter(pl.col("decided").is_null())
    group = pl.Series("group", clustering.cluster_of, dtype=pl.Int64)
    open_pairs = open_pairs.with_columns(
        together=group.gather(open_pairs["a"]).to_frame().to_series() == group.gather(open_pairs["b"])
    )
    close = open_pairs.filter(
        (pl.col("verdict") != "kin")
        & (pl.col("weight").abs() <= settings.review_band)
        # A pair that better evidence joined, or that speaks for one person, is no question.
        & ((pl.col("weight") >= 0) | ~pl.col("together"))
    )
    asked = [
        close.select(
            kind=pl.lit("pair"),
            subject=_subject(),
            question=pl.when("together")
            .then(pl.lit("Are these two records one person? The evidence is close; they count as one for now."))
            .otherwise(pl.lit("Are these two records one person? The evidence is close; they count as two for now.")),
            weight="weight",
        ),
        open_pairs.filter(_ask_about_date(settings) & ~pl.col("together")).select(
            kind=pl.lit("pair"),
            subject=_subject(),
            question=pl.format(
                "Are these two records one person? Only the dates of death, {} days apart, are against it.",
                "days_apart",
            ),
            weight="weight",
        ),
        _refused(open_pairs, clustering, settings),
        _contradictions(prepared, clustering),
        capped.select(
            kind=pl.lit("blocking"),
            subject=pl.format("blocking:{}", "scheme"),
            question=pl.format(
                "{} keys are shared by more than {} records each (the commonest by {}): their records were compared"
                " only where another key joins them. Is a source listed twice, or a name a placeholder?",
                "keys",
                pl.lit(settings.block_cap),
                "largest",
            ),
            weight=pl.lit(None, pl.Float64),
        ),
    ]
    questions = pl.concat([frame.cast({"weight": pl.Float64}) for frame in asked]).sort("kind", "subject", "question")
    questions = questions.unique(["kind", "subject"], keep="first", maintain_order=True)
    ids = [identity("Q-", f"{kind}\x1f{subject}") for kind, subject in questions.select("kind", "subject").iter_rows()]
    return questions.select(pl.Series("question_id", ids, dtype=pl.String), pl.all()).cast(_CONFLICTS)  # type: ignore[arg-type]


def _subject() -> pl.Expr:
    return pl.format("{}|{}", "record_a", "record_b")


def _refused(open_pairs: pl.DataFrame, clustering: Clustering, settings: Settings) -> pl.DataFrame:
    """Pairs that clearly speak for one person, between clusters that can't be one."""
    refused = pl.DataFrame(clustering.refused, schema={"a": pl.UInt32, "b": pl.UInt32, "reason": pl.String}, orient="row")
    clear = open_pairs.join(refused, on=["a", "b"]).filter(~pl.col("together") & (pl.col("weight") > settings.review_band))
    return clear.select(
        kind=pl.lit("pair"),
        subject=_subject(),
        question=pl.format(
            "These two records speak for one person, but their victims were kept apart: {}. Which is right?",
            pl.col("reason").replace_strict(_REASONS, return_dtype=pl.String),
        ),
        weight="weight",
    )


def _contradictions(prepared: Prepared, clustering: Clustering) -> pl.DataFrame:
    left_out = pl.DataFrame(clustering.contradictions, schema={"a": pl.UInt32, "b": pl.UInt32}, orient="row")
    record = prepared.people.select("row", "record_id")
    named = left_out.join(record, left_on="a", right_on="row").join(record, left_on="b", right_on="row", suffix="_b")
    return named.select(
        kind=pl.lit("contradiction"),
        subject=pl.format("{}|{}", "record_id", "record_id_b"),
        question=pl.lit(
            "One decision says that these two records are one person; another, directly or through other records, that"
            " they are two. They count as two until a later decision supersedes one of them."
        ),
        weight=pl.lit(None, pl.Float64),
    )
