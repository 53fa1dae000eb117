"""Canonical victims: one value per field, by the profile's rules, with who says it, and whether each victim is verified.

What belongs here: in which order the queries of `sql/deduplicated/` run, and the profile's settings as tables for them. What
doesn't: who is one person (`link`), and what was decided on top (`attributed`).
"""

from collections.abc import Sequence

import polars as pl

from casualty_pipeline.captures.sources import Source
from casualty_pipeline.cleaning.stage import source_settings
from casualty_pipeline.profile import Profile
from casualty_pipeline.profile.survivorship import CRITERIA, Survivorship
from casualty_pipeline.warehouse import Writing, read_sql

# Each is a temporary table, made from those before it.
_STEPS = (
    *(("speaking", "speaking"), ("copies", "copies"), ("independence", "independence"), ("earliest", "earliest")),
    *(("claims", "claims"), ("values_disputed", "victim_values"), ("known", "known"), ("composition", "composition")),
    *(("kinds", "kinds"), ("persons_listed", "persons"), ("remainder", "remainder")),
)


def resolve_victims(
    write: Writing, links: pl.DataFrame, profile: Profile, sources: Sequence[Source], incidents: pl.DataFrame | None = None
) -> None:
    """Add the rows of deduplicated.victims, .victim_values and .victim_records for the victims in `links`.

    `links`: record_id, victim_id, linked_by: all records of each victim in it. `incidents`: incident_id; the incidents whose
    unlisted dead (R7) are counted anew; without it, all. Of these victims and incidents, nothing may be left in the three
    tables: see `forget_victims`. Rows of others aren't touched, and don't change what is added: adding some victims now and
    the rest later gives the same rows. `cleaned.records` and `deduplicated.incident_records` must be complete.
    """
    counting = profile.counting
    if incidents is None:
        incidents = write.frame("select distinct incident_id from deduplicated.incident_records")
    write.register(
        links=links.select("record_id", "victim_id", "linked_by"),
        incidents_touched=incidents.select("incident_id").unique(),
        source_settings=source_settings(sources),
        source_called=_called(sources),
        independence_rules=pl.DataFrame({"copied_text_characters": [counting.copied_text_characters]}),
        **_rules(profile.survivorship),
    )
    for name, query in _STEPS:
        write.connection.execute(f"create or replace temp table {name} as {read_sql(f'deduplicated.{query}')}")
    verification = {
        "min_independent_sources": counting.min_independent_sources,
        "unnamed_needs_countable_media": counting.unnamed_needs_countable_media,
    }
    write.append("deduplicated.victims", read_sql("deduplicated.victims"), verification)
    write.append("deduplicated.victim_records", read_sql("deduplicated.victim_records"))
    write.append("deduplicated.victim_values", "from values_disputed")


def forget_victims(write: Writing, victims: pl.DataFrame, incidents: pl.DataFrame) -> None:
    """Remove what `resolve_victims` will add: of `victims` (victim_id), who is listed with them, and the remainder of
    `incidents` (incident_id)."""
    write.register(victims_forgotten=victims.select("victim_id"), incidents_forgotten=incidents.select("incident_id"))
    run = write.connection.execute
    run(
        """
        create or replace temp table forgotten as
        select victim_id from victims_forgotten
        union
        select victim_id from deduplicated.victims where listed_with in (select victim_id from victims_forgotten)
        union
        select v.victim_id from deduplicated.victims as v
        inner join deduplicated.victim_records as r on v.victim_id = r.victim_id and r.linked_by = 'remainder'
        where v.incident_id in (select incident_id from incidents_forgotten)
        """
    )
    for table in ("victims", "victim_records", "victim_values"):
        run(f"delete from deduplicated.{table} where victim_id in (select victim_id from forgotten)")


def _called(sources: Sequence[Source]) -> pl.DataFrame:
    """By which names, in lower case, sources are known: their ids, and their declared names, of which the first holds."""
    names = {s.name.strip().lower(): s.id.lower() for s in reversed(sources)} | {s.id.lower(): s.id.lower() for s in sources}
    return pl.DataFrame(sorted(names.items()), schema={"called": pl.String, "source": pl.String}, orient="row")


def _rules(rules: Survivorship) -> dict[str, pl.DataFrame]:
    """The profile's rules as tables; `asked`: the numbers of the criteria, from 1."""
    listed = {"survivorship_ranks": (rules.ranks, "source"), "survivorship_preferred": (rules.preferred, "value")}
    frames = {
        name: pl.DataFrame(
            [(field, item, place) for field, items in lists.items() for place, item in enumerate(items)],
            schema={"field": pl.String, column: pl.String, "rank": pl.Int64},
            orient="row",
        )
        for name, (lists, column) in listed.items()
    }
    asked = [(f, list(criteria), [CRITERIA.index(c) + 1 for c in criteria]) for f, criteria in rules.criteria.items()]
    frames["survivorship"] = pl.DataFrame(
        asked,
        schema={"field": pl.String, "criteria": pl.List(pl.String), "asked": pl.List(pl.Int64)},
        orient="row",
    )
    return frames
