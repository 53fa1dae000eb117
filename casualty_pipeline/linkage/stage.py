"""The `deduplicated` stage: cleaned records become victims and incidents, under the decisions that people made."""

from collections.abc import Sequence

import polars as pl

from casualty_pipeline.captures.sources import Source
from casualty_pipeline.linkage import Constraints, assign_incidents, identity_events, link
from casualty_pipeline.linkage.canonical import resolve_victims
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Reading, Writing, read_sql

# Decisions that no later one supersedes, with the records that their subject names.
_IN_FORCE = """
    select d.* from captures.decisions as d
    where d.decision_id not in (
        select l.supersedes from captures.decisions as l where l.supersedes is not null
    )
"""
_SUBJECT_RECORDS = f"""
    with decision as ({_IN_FORCE})
    select d.decision_id, r.record_id as subject, o.record_id as other, split_part(d.value, ':', 1) as relation, d.kind
    from decision as d
    inner join cleaned.records as r on d.subject = 'record:' || r.source || '/' || r.source_key
    left join cleaned.records as o on regexp_replace(d.value, '^[a-z_]+:', '') = 'record:' || o.source || '/' || o.source_key
    where d.kind in ('link', 'retraction')
    order by all
"""


def decided(reading: Reading, one_per_source: frozenset[str]) -> tuple[Constraints, frozenset[str]]:
    """The links that people decided, and the records that were retracted."""
    rows = reading.frame(_SUBJECT_RECORDS)
    links = rows.filter((pl.col("kind") == "link") & pl.col("other").is_not_null())

    def pairs(relation: str) -> frozenset[tuple[str, str]]:
        chosen = links.filter(pl.col("relation") == relation)
        return frozenset((min(a, b), max(a, b)) for a, b in zip(chosen["subject"], chosen["other"], strict=True))

    retracted = frozenset(rows.filter(pl.col("kind") == "retraction")["subject"])
    return Constraints(pairs("same_as"), pairs("different_from"), one_per_source), retracted


def deduplicate(write: Writing, sources: Sequence[Source], profile: Profile) -> None:
    """Replace every table of the stage; add to the history of identities."""
    constraints, retracted = decided(write, frozenset(s.id for s in sources if s.one_row_per_person))
    records = write.frame("from cleaned.records order by record_id").filter(~pl.col("record_id").is_in(list(retracted)))
    before = write.frame(
        "select record_id, victim_id from deduplicated.victim_records where linked_by not in ('remainder', 'listed_with')"
    )

    linkage = link(records.filter(pl.col("statement") != "incident"), constraints)
    incident_records = assign_incidents(records, linkage.victim_records)

    write.replace("deduplicated.pairs", linkage.pairs)
    write.replace("deduplicated.incident_records", incident_records)
    write.replace("deduplicated.incidents", read_sql("deduplicated.incidents"))
    for table in ("victims", "victim_records", "victim_values"):
        write.connection.execute(f"delete from deduplicated.{table}")
    resolve_victims(write, linkage.victim_records, profile, sources)
    write.register(conflicts=linkage.conflicts)
    write.replace("deduplicated.review_queue", f"from conflicts union all by name ({read_sql('deduplicated.questions')})")

    after = linkage.victim_records
    events = identity_events(before, after, records)
    if events.height:
        last = write.connection.execute("select coalesce(max(sequence), 0) from deduplicated.identity_events").fetchone()
        first = (last[0] if last else 0) + 1
        write.append("deduplicated.identity_events", events.with_row_index("sequence", offset=first))
