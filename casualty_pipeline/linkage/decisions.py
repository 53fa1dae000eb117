"""What people decided, as linkage applies it: which records a decision in force names, and what it says of them.

A victim and an incident are named by the record that founded them (`identities`), so that what a decision means follows from
the records alone: not from what was linked when. What comes of it is for `update.py` and `incidents/decided.py`.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from casualty_pipeline.captures.in_force import in_force
from casualty_pipeline.linkage.incidents.decided import APART, DECIDED, SAME
from casualty_pipeline.linkage.update import Constraints
from casualty_pipeline.warehouse import Reading

_RELATIONS = {"same_as": SAME, "into": SAME, "different_from": APART, "unsure": "unsure"}
_LINKS = """
    select
        decision_id, subject, substr(value, instr(value, ':') + 1) as other, split_part(value, ':', 1) as relation,
        cast(decided_at as timestamp) as decided_at
    from {in_force} where kind in ('link', 'merge') order by decided_at, decision_id
"""
# A source that withdraws what it sent withdraws what was known from it by then.
_RETRACTED = """
    with decision as (
        select subject, cast(decided_at as timestamp) as decided_at from {in_force} where kind = 'retraction'
    ),
    withdrawn as (
        select r.record_id, d.decided_at from cleaned.records as r
        inner join decision as d on d.subject = 'record:' || r.source || '/' || r.source_key
        union all
        select r.record_id, d.decided_at from cleaned.records as r
        inner join captures.records as c on r.record_id = c.record_id
        inner join decision as d on d.subject = 'capture:' || c.capture_sha256
        union all
        select r.record_id, d.decided_at from cleaned.records as r
        inner join decision as d on d.subject = 'source:' || r.source and r.known_at <= d.decided_at
    )
    select record_id, min(decided_at) as decided_at from withdrawn group by record_id order by record_id
"""
_RECORDS = """
    with of_record as (
        select
            named, split_part(substr(named, 8), '/', 1) as source,
            substr(named, 8 + strpos(substr(named, 8), '/')) as source_key
        from named where starts_with(named, 'record:')
    )
    select n.named, r.record_id from of_record as n
    inner join cleaned.records as r on n.source = r.source and n.source_key = r.source_key
    order by all
"""
# The first statement under a code that stands is the one that founded what the code joins.
_CODES = """
    select n.named, arg_min(r.record_id, (r.known_at, r.record_id)) as record_id from named as n
    inner join cleaned.records as r on n.named = 'incident:' || r.incident_ref
    where r.record_id not in (select record_id from retracted_now)
    group by n.named order by n.named
"""
_FOUNDERS = """
    with founder as (
        select substr(sha256(r.record_id), 1, 15) as beginning, min(r.record_id) as record_id
        from (select distinct record_id from captures.records) as r
        where beginning in (select beginning from named) group by beginning
    ),
    spoken as (
        select n.named, f.record_id, r.source, r.statement, r.source_key from named as n
        inner join founder as f on n.beginning = f.beginning
        inner join captures.records as r on f.record_id = r.record_id
    ),
    standing as (
        -- A record that a later delivery replaced speaks through its replacement.
        select s.named, coalesce(any_value(own.record_id), min(later.record_id)) as record_id
        from spoken as s
        left join cleaned.records as own on s.record_id = own.record_id
        left join cleaned.records as later
            on s.source = later.source and s.statement = later.statement and s.source_key = later.source_key
        group by s.named
    )
    from standing where record_id is not null order by named
"""


@dataclass(frozen=True)
class Decisions:
    """What people decided, in force.

    `constraints`: of statements on persons. `unsure`: pairs of them that nobody can tell. `incidents`: pairs of statements
    whose incidents are one, or two (`record_a`, `record_b`, `relation`). `confirmed`: incidents, as subjects, of which
    people said that each is one indeed.
    """

    constraints: Constraints
    unsure: frozenset[tuple[str, str]]
    incidents: pl.DataFrame
    confirmed: frozenset[str]


def decided(reading: Reading, one_per_source: frozenset[str]) -> Decisions:
    """Everything that people decided on what is linked."""
    rows = reading.frame(_RETRACTED.format(in_force=in_force()))
    retracted: dict[str, datetime] = dict(rows.iter_rows())
    reading.register(retracted_now=rows.select("record_id"))
    links = reading.frame(_LINKS.format(in_force=in_force()))
    links = links.with_columns(pl.col("relation").replace_strict(_RELATIONS, return_dtype=pl.String))
    anchors = records_named(reading, pl.concat([links["subject"], links["other"]]).unique().sort().to_list())
    pairs = (
        links.join(anchors, left_on="subject", right_on="named")
        .join(anchors, left_on="other", right_on="named", suffix="_b")
        .with_columns(
            record_a=pl.min_horizontal("record_id", "record_id_b"), record_b=pl.max_horizontal("record_id", "record_id_b")
        )
        .sort("decided_at", "decision_id", "record_a", "record_b")
    )
    pairs = pairs.with_columns(kind=pl.col("subject").str.extract(r"^([a-z]+):"))
    of_incidents = pairs["kind"] == "incident"
    incidents = (
        pairs.filter(of_incidents & (pairs["relation"] != "unsure")).select(list(DECIDED)).unique().sort(list(DECIDED))
    )
    people = pairs.filter(~of_incidents & (pairs["record_a"] != pairs["record_b"]))

    def of(relation: str, kinds: Sequence[str] = ("record", "victim")) -> Mapping[tuple[str, str], datetime]:
        chosen = people.filter((pl.col("relation") == relation) & pl.col("kind").is_in(kinds))
        return {(a, b): at for a, b, at in chosen.select("record_a", "record_b", "decided_at").iter_rows()}

    same, different = of(SAME), of(APART)
    constraints = Constraints(
        must_link=frozenset(of(SAME, ["record"])),
        one_victim=frozenset(of(SAME, ["victim"])),
        cannot_link=frozenset(different),
        one_per_source=one_per_source,
        decided_at={p: max(m[p] for m in (same, different) if p in m) for p in same.keys() | different.keys()},
        retracted=retracted,
    )
    confirmed = links.filter((pl.col("subject") == pl.col("other")) & (pl.col("relation") == SAME))["subject"]
    unsure = frozenset(of("unsure")) - same.keys() - different.keys()
    return Decisions(constraints, unsure, incidents, frozenset(confirmed))


def records_named(reading: Reading, subjects: Iterable[str]) -> pl.DataFrame:
    """`named`, `record_id`: the statements in `cleaned.records` that stand for each of these subjects; none for some.

    A record's key may be that of several; of an incident's code it is the first that stands (the temporary frame
    `retracted_now` says which don't), of an id the one that founded what it names.
    """
    named = list(subjects)
    found = []
    for query, prefixes in ((_RECORDS, ("record:",)), (_CODES, ("incident:",))):
        asked = [n for n in named if n.startswith(prefixes)]
        if asked:
            reading.register(named=pl.DataFrame({"named": asked}))
            found.append(reading.frame(query))
    ids = [n for n in named if n.startswith(("victim:V-", "incident:I-")) and "/" not in n]
    if ids:
        reading.register(named=pl.DataFrame({"named": ids, "beginning": [_beginning(n) for n in ids]}))
        founders = reading.frame(_FOUNDERS)
        gone = reading.frame("from retracted_now")["record_id"]
        retired = pl.col("named").str.starts_with("incident:") & pl.col("record_id").is_in(gone.implode())
        found.append(founders.filter(~retired))
    return pl.concat([pl.DataFrame(schema={"named": pl.String, "record_id": pl.String}), *found])


def _beginning(named: str) -> str:
    """The first 15 hexadecimal digits of the hash that an id's letters stand for."""
    letters = named.partition(":")[2][2:]
    return base64.b32decode(f"{letters.upper()}AAAA").hex()[:15]
