"""A month as of a moment, from the part of the warehouse that it can depend on.

Here belongs which statements can bear on a month, and bringing them alone to a moment. A replay of the whole gives the same
rows, and takes as long as there are statements. What is taken along is closed over everything through which one statement
can influence another: a component of linkage or of incidents, a key or a code of a source, a site, and whatever decisions
were ever made about.

This holds where the past differs from the present only by what wasn't known yet. Where statements would have to be read
otherwise than they were (an earlier version of a statement stands again, a retraction or a word of a place wasn't decided
yet), nobody knows whom they would have met, and the whole is replayed.
"""

from collections.abc import Sequence
from datetime import datetime

from casualty_pipeline.captures.sources import Source
from casualty_pipeline.figures.months import year_to
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.pairs import KEY_CAP
from casualty_pipeline.linkage.stage import linkage_settings
from casualty_pipeline.profile import Profile
from casualty_pipeline.warehouse import Reading, Writing

# Whether anything stands at `$moment` that would be read otherwise than it was, or isn't as the captures have it now.
_OTHERWISE = """
    select
        exists (select 1 from home.captures.texts)
        or exists (
            select 1 from home.captures.decisions
            where decided_at > $moment and kind in ('retraction', 'candidate', 'place_alias')
        )
        -- A statement that another one followed later.
        or exists (
            select 1 from home.captures.records
            group by source, statement, source_key
            having count(*) > 1 and bool_or(known_at > $moment) and bool_or(known_at <= $moment)
        )
        -- A person whose incident was told later.
        or exists (
            select 1 from home.captures.records where incident_ref is not null
            group by source, incident_ref
            having
                max(known_at) filter (where statement = 'incident') > $moment
                and min(known_at) filter (where statement <> 'incident') <= $moment
        )
"""
# Records that decisions name, with the other records of the same decision. Ids stand for the record that founded them.
_NAMED = """
    create temp table part_named as
    with side as (
        select decision_id, subject as named from home.captures.decisions where kind in ('link', 'merge')
        union
        select decision_id, substr(value, instr(value, ':') + 1) from home.captures.decisions where kind in ('link', 'merge')
    )
    select distinct s.decision_id, r.record_id from side as s
    inner join home.captures.records as r on s.named = 'record:' || r.source || '/' || r.source_key
    union
    select distinct s.decision_id, r.record_id from side as s
    inner join home.captures.records as r on s.named = 'incident:' || r.source || '/' || r.incident_ref
"""
_BY_ID = """
    select exists (
        select 1 from home.captures.decisions
        where regexp_matches(subject || ' ' || value, '(victim:V|incident:I)-[^/]+$|^(victim:V|incident:I)-[^/ ]+ ')
            and kind in ('link', 'merge')
    )
"""
_GROWTH = (
    """
    select r.record_id from home.captures.records as r
    semi join (
        select source, source_key from home.captures.records semi join part_fresh using (record_id)
    ) as f on r.source = f.source and r.source_key = f.source_key
    """,
    """
    select r.record_id from home.captures.records as r
    semi join (
        select source, incident_ref from home.captures.records semi join part_fresh using (record_id)
        where incident_ref is not null
    ) as f on r.source = f.source and r.incident_ref = f.incident_ref
    """,
    """
    select p.record_id from home.deduplicated.people as p
    semi join (select component from home.deduplicated.people semi join part_fresh using (record_id)) as f
        on p.component = f.component
    """,
    """
    select i.record_id from home.deduplicated.incident_records as i
    semi join (select component from home.deduplicated.incident_records semi join part_fresh using (record_id)) as f
        on i.component = f.component
    """,
    """
    select record_id from part_named
    where decision_id in (select decision_id from part_named semi join part_fresh using (record_id))
    """,
)
# Incidents of one day and place can become one. A code may have its day from one record and its place from another.
_SITED = """
    select record_id, coalesce(incident_ref, record_id) as unit, coalesce(incident_first, death_first) as day,
        governorate, place_key
    from home.cleaned.records
"""
_SITES = f"""
    with said as ({_SITED}),
    mine as (select s.* from said as s semi join part_fresh using (record_id)),
    spot as (
        select distinct p.governorate, p.place_key, d.day from mine as p inner join mine as d on p.unit = d.unit
        where p.place_key is not null and d.day is not null
    ),
    there as (select distinct s.unit, s.governorate, s.place_key from said as s semi join spot as t using (place_key)),
    then_ as (select distinct s.unit, s.day from said as s semi join there as t using (unit)),
    unit as (
        select distinct t.unit from there as t inner join then_ as d on t.unit = d.unit
        semi join spot as p
            on t.place_key = p.place_key and t.governorate is not distinct from p.governorate and d.day = p.day
    )
    select s.record_id from said as s semi join unit as u using (unit)
"""
_KEYS = f"""
    with mine as (select k.* from home.deduplicated.keys as k semi join part_numbers using (record_no)),
    common as (
        select k.scheme, k.key from home.deduplicated.keys as k semi join mine as m using (scheme, key)
        group by k.scheme, k.key having count(*) > {KEY_CAP}
    ),
    ranked as (
        select k.*, row_number() over (partition by k.scheme, k.key order by p.known_at, p.record_id) as place
        from home.deduplicated.keys as k semi join common using (scheme, key)
        inner join home.deduplicated.people as p on k.record_no = p.record_no
    )
    select * from mine anti join common using (scheme, key)
    union all
    select scheme, key, record_no from ranked semi join part_numbers using (record_no) where place <= {KEY_CAP}
"""
_OF_RECORD = "record_id in (select record_id from part)"
_OF_VICTIM = "victim_id in (select victim_id from part_victims)"
_COPIED = {
    "captures.manifest": "true",
    "captures.records": _OF_RECORD,
    "captures.citations": "(source, incident_ref) in (select (source, incident_ref) from part_refs)",
    "captures.attachments": "(source, source_key) in (select (source, source_key) from part_refs)",
    "captures.decisions": "decision_id in (select decision_id from part_decisions)",
    "cleaned.records": _OF_RECORD,
    "deduplicated.people": _OF_RECORD,
    "deduplicated.names": "record_no in (select record_no from part_numbers)",
    "deduplicated.pairs": "a in (select record_no from part_numbers) and b in (select record_no from part_numbers)",
    "deduplicated.patterns": "true",
    "deduplicated.levels": "true",
    "deduplicated.constraints": "record_a in (select record_id from part)",
    "deduplicated.incident_constraints": "record_a in (select record_id from part)",
    "deduplicated.inputs": _OF_RECORD,
    "deduplicated.victim_records": _OF_RECORD,
    "deduplicated.victims": _OF_VICTIM,
    "deduplicated.victim_values": _OF_VICTIM,
    "deduplicated.incident_records": _OF_RECORD,
    "deduplicated.incidents": "incident_id in (select incident_id from deduplicated.incident_records)",
    "deduplicated.identity_events": _OF_RECORD,
}
_DECISIONS = """
    create temp table part_decisions as
    with recursive kept as (
        select decision_id from home.captures.decisions
        where
            subject in (select 'record:' || source || '/' || source_key from part_refs)
            or subject in (select 'incident:' || source || '/' || incident_ref from part_refs where incident_ref is not null)
            or not regexp_matches(subject, '^(record|incident):.*/')
            or decision_id in (select decision_id from part_named semi join part using (record_id))
        union
        select d.decision_id from home.captures.decisions as d inner join kept as k on d.supersedes = k.decision_id
    )
    select decision_id from kept
"""


def copy_part(
    write: Writing, month: str, moment: datetime, sources: Sequence[Source], profile: Profile, model: Model
) -> bool:
    """Copy from the warehouse attached as `home` what the month's numbers can depend on, and take away what wasn't known
    at the moment (UTC) from `captures` and `cleaned`; `deduplicate` does the rest.

    Returns whether that can be done; where it can't, nothing was copied.
    """
    run = write.connection.execute
    whole = linkage_settings(sources, profile, model)
    if not _linked(write, whole) or _yes(write, _OTHERWISE, moment) or _yes(write, _BY_ID):
        return False
    run(_NAMED)
    _close(write, year_to(month))
    run(
        "create temp table part_refs as select distinct source, source_key, incident_ref from home.captures.records"
        " semi join part using (record_id)"
    )
    run("create temp table part_numbers as select record_no from home.deduplicated.people semi join part using (record_id)")
    run(
        "create temp table part_victims as select distinct victim_id from home.deduplicated.victim_records"
        " semi join part using (record_id)"
    )
    run(_DECISIONS)
    for table, condition in _COPIED.items():
        write.append(table, f"from home.{table} where {condition}")
    if _yes(
        write,
        "select exists (select 1 from captures.decisions where kind in ('link', 'merge') and decided_at > $moment)",
        moment,
    ):
        write.append("deduplicated.keys", _KEYS)
    _forget_later(write, moment, whole)
    return True


def _yes(reading: Reading, query: str, moment: datetime | None = None) -> bool:
    found = reading.connection.execute(query, {"moment": moment} if moment else {}).fetchone()
    return bool(found and found[0])


def _linked(reading: Reading, whole: str) -> bool:
    """Whether the stage was made by these settings, of the months as they are cleaned."""
    return not _yes(
        reading,
        f"""
        select exists (
            from home.deduplicated.linked_months as l
            full join home.cleaned.month_inputs as m on l.documentation_month = m.documentation_month
            where l.sha256 is distinct from '{whole} ' || m.sha256
        )
        """,
    )


def _close(write: Writing, months: Sequence[str]) -> None:
    """The temporary table `part`: the statements of these months, and all that can influence them."""
    run = write.connection.execute
    run(
        "create temp table part_fresh as select record_id from home.captures.records"
        " where documentation_month in (select unnest($months))",
        {"months": list(months)},
    )
    write.growing("part", "record_id varchar", "from part_fresh")
    places = _yes(write, "select exists (select 1 from home.cleaned.records where place_key is not null)")
    growth = " union ".join((*_GROWTH, f"({_SITES})") if places else _GROWTH)
    while _yes(write, "select exists (select 1 from part_fresh)"):
        run(f"create or replace temp table part_grown as select record_id from ({growth}) anti join part using (record_id)")
        write.grow("part", "from part_grown")
        run("create or replace temp table part_fresh as from part_grown")


def _forget_later(write: Writing, moment: datetime, whole: str) -> None:
    """Without what wasn't known yet; the months that lose by it are marked, so that they are linked again."""
    run = write.connection.execute
    run(
        "create temp table later as select record_id, documentation_month from captures.records where known_at > $moment",
        {"moment": moment},
    )
    run("delete from captures.records where record_id in (select record_id from later)")
    run("delete from captures.decisions where decided_at > $moment", {"moment": moment})
    run(
        "delete from captures.citations where (source, incident_ref) not in"
        " (select (source, incident_ref) from captures.records where incident_ref is not null)"
    )
    run("delete from cleaned.records where record_id in (select record_id from later)")
    months = (
        "select documentation_month, bool_or(record_id in (select record_id from later)) as lost from home.captures.records"
    )
    run(f"create temp table part_months as {months} semi join part using (record_id) group by documentation_month")
    write.append(
        "cleaned.month_inputs",
        "select documentation_month, 0 as statements, case when lost then 'then' else 'now' end as sha256 from part_months",
    )
    write.append("deduplicated.linked_months", f"select documentation_month, '{whole} now' as sha256 from part_months")
