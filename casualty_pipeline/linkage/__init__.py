"""Linkage: which statements speak of the same person, and which of the same incident.

A package of steps: `forms` (what is read of each statement) -> keys and `pairs` (who meets, which of these are worth
comparing, by `sketches` and `promising`, and what the two say together) -> `model` (what that weighs) -> `clusters` ->
`identities`; `update` runs them over what changed, `stage` over the warehouse's own tables. `fitting` makes models,
`evaluation` measures, `incidents` is about what happened to whom at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.incidents import assign_incidents
from casualty_pipeline.linkage.model import Model, load
from casualty_pipeline.linkage.questions import pair_questions
from casualty_pipeline.linkage.update import Constraints, links, update
from casualty_pipeline.warehouse import Warehouse

__all__ = ["Constraints", "Linkage", "assign_incidents", "link", "linked"]


@dataclass(frozen=True)
class Linkage:
    """What `link` found: deduplicated.pairs and .identity_events, the questions that pairs raise, and `victim_records`:
    `record_id`, `victim_id` and `linked_by` (founded, evidence or decision), one row per statement that wasn't retracted.
    """

    pairs: pl.DataFrame
    victim_records: pl.DataFrame
    identity_events: pl.DataFrame
    questions: pl.DataFrame


def link(
    statements: pl.DataFrame | Iterable[pl.DataFrame], constraints: Constraints | None = None, model: Model | None = None
) -> Linkage:
    """Resolves statements about persons and groups to victims, in a warehouse of its own that is gone afterwards.

    `statements`: columns of cleaned.records, or several such frames, which come one after the other. Each statement
    gets exactly one victim. Groups and persons without a recognisable name are victims of their own unless people
    decide otherwise. Decisions on statements that aren't there (quarantined, not yet received) are ignored. Raises
    CasualtyError when a record id occurs twice.
    """
    batches = [statements] if isinstance(statements, pl.DataFrame) else list(statements)
    *_, last = linked(batches, constraints or Constraints(), model or load())
    return last


def linked(batches: Sequence[pl.DataFrame], constraints: Constraints, model: Model) -> Iterator[Linkage]:
    """What `link` finds after each of several batches."""
    ids = pl.concat([batch["record_id"] for batch in batches])
    if ids.is_duplicated().any():
        raise CasualtyError(
            f"linkage expected each record once, found {ids.is_duplicated().sum()} rows with a shared record_id: deduplicate"
            " cleaned.records by record_id first"
        )
    with TemporaryDirectory(prefix="linkage-") as folder, Warehouse(Path(folder) / "linkage.duckdb").writing() as write:
        for batch in batches:
            update(write, batch, (), constraints, model)
            yield Linkage(
                write.table("deduplicated.pairs"),
                links(write),
                write.table("deduplicated.identity_events"),
                pair_questions(write, model),
            )
