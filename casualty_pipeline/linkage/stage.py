"""The `deduplicated` stage: cleaned statements become victims and incidents, under the decisions that people made.

Here belongs what of the warehouse has to be read again, and in which order the tables of the stage are brought up to
date. A month is read again when its digest in `cleaned` isn't the one that it had when it was last linked; of these
months, the statements that changed; and what follows from them. That level, not an event, decides, so that a run that
was killed loses nothing. A change of the model, the profile or a source's guarantees makes the whole stage anew.
"""

import hashlib
from collections.abc import Sequence

import duckdb
import polars as pl

from casualty_pipeline.captures.sources import Source
from casualty_pipeline.cleaning.stage import source_settings
from casualty_pipeline.linkage.canonical import forget_victims, resolve_victims
from casualty_pipeline.linkage.decisions import Decisions, decided
from casualty_pipeline.linkage.incidents import affected, assign_incidents, incident_questions
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.quality import assess
from casualty_pipeline.linkage.questions import pair_questions, see_claims
from casualty_pipeline.linkage.update import Constraints, links, update
from casualty_pipeline.profile import Profile
from casualty_pipeline.tables import DEDUPLICATED, TABLE
from casualty_pipeline.warehouse import Writing, read_sql

LINKAGE_VERSION = "linkage-4"  # other rules, other results: the stage is made anew

_MONTHS = """
    select r.documentation_month, coalesce(any_value(m.sha256), '') as sha256
    from (select distinct documentation_month from cleaned.records) as r
    left join cleaned.month_inputs as m on r.documentation_month = m.documentation_month
    group by r.documentation_month order by r.documentation_month
"""
_COLUMNS = ", ".join(f"r.{column.name}" for column in TABLE["cleaned.records"].columns)
# What statements in some months are now.
_NOW = f"""
    with cited as (
        select source || '/' || incident_ref as incident_ref, bit_xor(hash(cited_source)) as sources
        from captures.citations group by source, incident_ref
    )
    select
        r.record_id, r.documentation_month, t.retracted_at, hash({_COLUMNS}, c.sources, t.retracted_at) as digest
    from cleaned.records as r
    left join cited as c on r.incident_ref = c.incident_ref
    left join retracted as t on r.record_id = t.record_id
    where r.documentation_month in (select documentation_month from months_to_read)
"""


def deduplicate(write: Writing, sources: Sequence[Source], profile: Profile, model: Model, *, ask: bool = True) -> None:
    """Bring every table of the stage up to date with `cleaned`, the decisions, and what the sources guarantee.

    `ask`: the review queue and the estimate of quality, too; without it they stand as they were.
    """
    decisions = decided(write, frozenset(s.id for s in sources if s.one_row_per_person))
    constraints = decisions.constraints
    changed, lost = _changed(write, constraints, linkage_settings(sources, profile, model))
    write.register(changed=changed, lost=lost)

    statements = write.frame("select r.* from cleaned.records as r semi join changed as c on r.record_id = c.record_id")
    victims = update(write, statements, lost["record_id"], constraints, model)

    write.register(concerned_victims=victims)
    write.connection.execute(
        "create or replace temp view standing as from cleaned.records where record_id not in (from gone_now)"
    )
    decided_anew = _decided_anew(write, decisions.incidents)
    moved = pl.concat([changed["record_id"], lost["record_id"], decided_anew])
    _replace_links(write, victims)
    found = affected(write, moved, victims["victim_id"], records="standing")
    assigned = assign_incidents(
        found.records,
        found.victim_records,
        {p.id: p.reported_as for p in profile.parties if p.kind == "sub"},
        decisions.incidents,
    )
    incidents = _replace_incidents(write, found.record_ids, assigned)

    # Who is in an incident that changed is told anew, too: the incident is part of what is told.
    write.register(placed=assigned.select("record_id"))
    told = write.frame(
        "select distinct victim_id from (from concerned_victims union all select p.victim_id from deduplicated.people as p"
        " semi join placed as a on p.record_id = a.record_id where p.victim_id is not null) order by victim_id"
    )
    forget_victims(write, told, incidents)
    resolve_victims(write, links(write, told), profile, sources, incidents)

    if ask:
        _replace_queue(write, decisions, model, incident_questions(found.records, assigned), incidents)


def linkage_settings(sources: Sequence[Source], profile: Profile, model: Model) -> str:
    """A digest of everything but statements and decisions that decides what comes of them."""
    settings = source_settings(sources).with_columns(
        one_row_per_person=pl.Series([s.one_row_per_person for s in sources], dtype=pl.Boolean),
        called=pl.Series([s.name for s in sources], dtype=pl.String),
    )
    parts = (LINKAGE_VERSION, duckdb.__version__, model.digest, profile.digest, settings.sort("source").write_json())
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _changed(write: Writing, constraints: Constraints, whole: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Statements that came or changed, and those that are no more: `record_id`. `inputs` and `linked_months` are
    brought up to date; where `whole` isn't what it was, the stage is emptied first. Makes the temporary table
    `gone_now` of all retracted ids.
    """
    execute = write.connection.execute
    stored = write.frame("select documentation_month, sha256 from deduplicated.linked_months")
    if stored.height and not stored["sha256"].str.starts_with(whole).all():
        for table in DEDUPLICATED:
            execute(f"delete from {table.full_name}")
        stored = stored.clear()
    months = write.frame(_MONTHS).with_columns(now=pl.lit(f"{whole} ") + pl.col("sha256"))
    compared = months.join(stored.rename({"sha256": "was"}), on="documentation_month", how="full", coalesce=True)
    stale = compared.filter(pl.col("now").ne_missing(pl.col("was")) | (pl.col("sha256") == ""))["documentation_month"]
    retracted = pl.DataFrame(
        sorted(constraints.retracted.items()),
        schema={"record_id": pl.String, "retracted_at": pl.Datetime("us")},
        orient="row",
    )
    write.register(retracted=retracted)
    execute("create or replace temp table gone_now as select record_id from retracted")
    # A month is also read again where a statement of it was retracted, or no longer is.
    unlike = write.frame(
        """
        select distinct coalesce(r.documentation_month, i.documentation_month) as documentation_month
        from (
            (select record_id, retracted_at from retracted except select record_id, retracted_at from deduplicated.inputs)
            union
            select record_id, retracted_at from deduplicated.inputs
            where retracted_at is not null and record_id not in (select record_id from retracted)
        ) as d
        left join cleaned.records as r on d.record_id = r.record_id
        left join deduplicated.inputs as i on d.record_id = i.record_id
        """
    )["documentation_month"]
    # A decision that isn't in force yet for want of a statement is found by the month of that statement.
    to_read = pl.concat([stale, unlike]).drop_nulls().unique().sort()
    write.register(months_to_read=to_read.to_frame("documentation_month"))
    execute(f"create or replace temp table now_read as {_NOW}")
    changed = write.frame(
        "select n.record_id from now_read as n left join deduplicated.inputs as i on n.record_id = i.record_id"
        " where i.digest is null or i.digest <> n.digest order by n.record_id"
    )
    lost = write.frame(
        "select i.record_id from deduplicated.inputs as i anti join now_read as n on i.record_id = n.record_id"
        " where i.documentation_month in (select documentation_month from months_to_read)"
        " and i.record_id not in (select record_id from cleaned.records) order by i.record_id"
    )
    write.register(changed_ids=changed, lost_ids=lost)
    execute(
        "delete from deduplicated.inputs"
        " where record_id in (select record_id from changed_ids union select record_id from lost_ids)"
    )
    write.append(
        "deduplicated.inputs",
        "select n.record_id, n.documentation_month, n.digest, n.retracted_at from now_read as n semi join changed_ids as c"
        " on n.record_id = c.record_id",
    )
    write.replace("deduplicated.linked_months", months.select("documentation_month", sha256="now"))
    return changed, lost


def _decided_anew(write: Writing, decided: pl.DataFrame) -> pl.Series:
    """Records whose incidents people decided about, or no longer do, since the incidents were computed."""
    before = write.frame("select record_a, record_b, relation from deduplicated.incident_constraints")
    write.replace("deduplicated.incident_constraints", decided)
    pair = ["record_a", "record_b", "relation"]
    unlike = pl.concat([decided.join(before, on=pair, how="anti"), before.join(decided, on=pair, how="anti")])
    return pl.concat([unlike["record_a"], unlike["record_b"]]).unique().sort().rename("record_id")


def _replace_links(write: Writing, victims: pl.DataFrame) -> None:
    """The plain links of the victims concerned, for those who look for incidents; `resolve_victims` writes the whole
    ones.
    """
    execute = write.connection.execute
    execute("delete from deduplicated.victim_records where victim_id in (select victim_id from concerned_victims)")
    write.append("deduplicated.victim_records", links(write, victims))


def _replace_incidents(write: Writing, record_ids: pl.Series, assigned: pl.DataFrame) -> pl.DataFrame:
    """`incident_records` and `incidents` of what was assigned anew; returns `incident_id` of all that were or are."""
    execute = write.connection.execute
    write.register(reassigned=record_ids.to_frame("record_id"))
    write.growing(
        "incidents_concerned",
        "incident_id varchar",
        "select distinct incident_id from deduplicated.incident_records"
        " where record_id in (select record_id from reassigned)",
    )
    execute("delete from deduplicated.incident_records where record_id in (select record_id from reassigned)")
    write.append("deduplicated.incident_records", assigned)
    write.register(assigned_ids=assigned.select("incident_id").unique())
    write.grow("incidents_concerned", "select incident_id from assigned_ids")
    execute("delete from deduplicated.incidents where incident_id in (select incident_id from incidents_concerned)")
    write.append("deduplicated.incidents", read_sql("deduplicated.incidents"))
    return write.frame("select distinct incident_id from incidents_concerned order by incident_id")


def _replace_queue(
    write: Writing, decisions: Decisions, model: Model, about_incidents: pl.DataFrame, incidents: pl.DataFrame
) -> None:
    """The review queue: what pairs, incidents, texts and places leave open, in the order in which an answer teaches
    or changes.
    """
    write.register(
        asked_of_pairs=pair_questions(write, model, decisions.unsure),
        asked_of_incidents=about_incidents.filter(~pl.col("subject").is_in(sorted(decisions.confirmed))),
        asked_of_quality=assess(write, model, decisions.unsure),
        incidents_asked=incidents,
        incidents_confirmed=pl.DataFrame({"subject": sorted(decisions.confirmed)}, schema={"subject": pl.String}),
    )
    see_claims(write)
    write.connection.execute(f"create or replace temp table asked_of_cleaned as {read_sql('deduplicated.questions')}")
    # Questions on incidents that nothing touched stand as they are.
    write.connection.execute(
        """
        create or replace temp table asked_before as
        select q.question_id, q.kind, q.subject, q.question, q.weight from deduplicated.review_queue as q
        where
            q.kind = 'incident'
            and q.subject not in (select subject from incidents_confirmed)
            and q.subject not in (select 'incident:' || incident_id from incidents_asked)
            and q.subject not in (
                select 'incident:' || r.incident_ref from deduplicated.incident_records as i
                inner join cleaned.records as r on i.record_id = r.record_id
                where r.incident_ref is not null and i.incident_id in (select incident_id from incidents_asked)
            )
            and q.question_id not in (select question_id from asked_of_incidents)
        """
    )
    write.replace("deduplicated.review_queue", read_sql("deduplicated.review_queue"))
