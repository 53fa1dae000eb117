"""Why a month is stale: which decisions, which merges and splits of victims, which captures. By id, never by name.

With a month's attributed rows is kept what they come from, item by item (`attributed.month_items`); with its figures, what
the rows that they were computed from came from (`monthly.figure_items`). The reasons are what differs between the latter
and what is known now: a level again, so that a run killed between the two takes no reason away. Whether a month is stale at
all is for `status.py`, by its digests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from casualty_pipeline.captures.in_force import see_in_force
from casualty_pipeline.cleaning.places import place_key
from casualty_pipeline.linkage.resolving import subject_ids
from casualty_pipeline.warehouse import Reading, Writing, read_sql

_SHOWN = 8  # characters of a hash, and ids of a kind in a sentence
# Every decision that decides something, once for each of the subjects that it speaks of: of a link, of both sides.
_MADE = """
    create or replace temp view in_force as
    with made as (
        select * from captures.decisions where not starts_with(value, 'unsure')
    )
    from made
    union all
    select * replace (substr(value, instr(value, ':') + 1) as subject) from made
    where kind in ('link', 'merge') and contains(value, ':')
"""
# What a decision says of statements themselves, whether or not they are in `cleaned` yet.
_OF_RECORDS = """
    select d.decision_id, r.record_id from (
        select
            decision_id, split_part(substr(subject, 8), '/', 1) as source,
            substr(subject, 8 + strpos(substr(subject, 8), '/')) as source_key
        from in_force where kind in ('retraction', 'candidate', 'link', 'merge') and starts_with(subject, 'record:')
    ) as d
    inner join captures.records as r on d.source = r.source and d.source_key = r.source_key
    union
    select d.decision_id, r.record_id from in_force as d
    inner join captures.records as r on d.subject = 'capture:' || r.capture_sha256 where d.kind = 'retraction'
    union
    select d.decision_id, r.record_id from in_force as d
    inner join captures.records as r on d.subject = 'source:' || r.source and r.known_at <= d.decided_at
    where d.kind = 'retraction'
"""
_DECIDED_PLACES = "select decision_id, subject from captures.decisions where kind = 'place_alias' order by decision_id"
_OF_PLACES = """
    select distinct d.decision_id, p.documentation_month from places_decided as d
    inner join (
        select documentation_month, unnest(keys) as key from cleaned.places
    ) as p on d.key = p.key
"""
# Statements that linkage hasn't read: not cleaned yet, or cleaned by a run that ended there.
_NEW_CAPTURES = """
    select documentation_month as month, capture_sha256 as item_id from captures.records
    where
        documentation_month in (select unnest($months))
        and record_id not in (select record_id from deduplicated.inputs)
        and record_id not in (select record_id from cleaned.quarantine)
"""
_DIFFERENCES = """
    with before as (
        select documentation_month as month, kind, item_id, digest from monthly.figure_items
        where documentation_month in (select unnest($months))
    ),
    now as (
        select documentation_month as month, kind, item_id, digest from items_now
        where documentation_month in (select unnest($months))
    )
    select
        coalesce(n.month, b.month) as month, coalesce(n.kind, b.kind) as kind, coalesce(n.item_id, b.item_id) as item_id,
        case when b.item_id is null then 'added' when n.item_id is null then 'gone' else 'changed' end as change
    from before as b
    full join now as n on b.month = n.month and b.kind = n.kind and b.item_id = n.item_id
    where n.digest is distinct from b.digest
"""
_IDENTITIES = """
    select d.month, e.event, e.victim_id, e.other_id from differences as d
    inner join deduplicated.identity_events as e
        on
            (d.change = 'gone' and e.event = 'merged' and d.item_id = e.other_id)
            or (d.change = 'added' and e.event = 'split' and d.item_id = e.victim_id)
    where
        d.kind = 'victim'
        and (d.change = 'added' or d.item_id not in (select victim_id from deduplicated.victims))
    qualify row_number() over (partition by d.month, d.item_id order by e."at" desc, e.victim_id, e.other_id) = 1
    order by all
"""


@dataclass(frozen=True)
class Causes:
    """What came about since a month's figures were computed. Ids in order; `merged`: (victim, into which); `split`:
    (victim, from which); `captures`: SHA-256 of each; `victims`: how many of the month were added, changed or went.
    """

    decisions: tuple[str, ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    split: tuple[tuple[str, str], ...] = ()
    captures: tuple[str, ...] = ()
    victims: int = 0

    def as_json(self) -> dict[str, Any]:
        """For programs: the same, of captures their number and the first characters of their SHA-256."""
        return {
            "decisions": list(self.decisions),
            "merged": [{"victim": victim, "into": into} for victim, into in self.merged],
            "split": [{"victim": victim, "from": other} for victim, other in self.split],
            "captures": {"count": len(self.captures), "sha256": [sha[:_SHOWN] for sha in self.captures[:_SHOWN]]},
            "victims": self.victims,
        }

    def __str__(self) -> str:
        said = []
        if self.decisions:
            said.append(f"decision{'s' * (len(self.decisions) > 1)} {_some(self.decisions)}")
        said += [f"{_some([f'{a} into {b}' for a, b in self.merged])} merged"] if self.merged else []
        said += [f"{_some([f'{a} from {b}' for a, b in self.split])} split"] if self.split else []
        if self.captures:
            hashes = [sha[:_SHOWN] for sha in self.captures]
            said.append(f"{len(hashes)} capture{'s' * (len(hashes) > 1)} ({_some(hashes)})")
        if self.victims:
            said.append(f"{self.victims} victim{'s' * (self.victims > 1)} of the month affected")
        return ", ".join(said)


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _items(reading: Reading) -> None:
    """Make the temporary table `items_now`: attributed.month_items of all months as of now. To be called after `resolve`."""
    run = reading.connection.execute
    run(_MADE)
    reading.register(subject_ids=subject_ids(reading, "in_force"))
    run(f"create or replace temp table told_of as {read_sql('attributed.decided')}")
    run(f"create or replace temp table told_of_records as {_OF_RECORDS}")
    see_in_force(reading)
    run(
        "create or replace temp view concerning as"
        " select decision_id, victim_id, incident_id, cast(null as varchar) as record_id from told_of"
        " union all select decision_id, null, null, record_id from told_of_records"
    )
    run(f"create or replace temp table items_now as {read_sql('attributed.month_items')}")
    aliases = reading.connection.execute(_DECIDED_PLACES).fetchall()
    if aliases:
        keys = [(decision, place_key(subject.removeprefix("place:"))) for decision, subject in aliases]
        reading.register(places_decided=pl.DataFrame(keys, schema=["decision_id", "key"], orient="row"))
        run(
            "insert into items_now by name"
            " select documentation_month, 'decision' as kind, decision_id as item_id, 0 as digest"
            f" from ({_OF_PLACES}) as p where not exists (select 1 from items_now as i where i.kind = 'decision'"
            " and i.item_id = p.decision_id and i.documentation_month = p.documentation_month)"
        )


def remember_attributed(write: Writing, months: Sequence[str]) -> None:
    """Keep what the attributed rows of these months come from. To be called in the transaction of `attribute`, after it."""
    _items(write)
    write.replace_months(
        "attributed.month_items",
        months,
        "select * from items_now where documentation_month in (select unnest($months))",
        {"months": list(months)},
    )


def remember_figures(write: Writing, months: Sequence[str]) -> None:
    """Keep what the attributed rows, from which the figures of these months were computed, come from.

    A report of other figures is none of the month any more: until one is written, the month isn't current.
    """
    write.replace_months("reports.bundles", months, "from reports.bundles where false")
    write.replace_months(
        "monthly.figure_items",
        months,
        "select * from attributed.month_items where documentation_month in (select unnest($months))",
        {"months": list(months)},
    )


def causes(reading: Reading, months: Sequence[str]) -> dict[str, Causes]:
    """For each of these months, what came about since its figures were computed. To be called after `resolve`."""
    if not months:
        return {}
    _items(reading)
    asked = {"months": list(months)}
    differences = reading.frame(_DIFFERENCES, asked)
    reading.register(differences=differences)
    identities = reading.frame(_IDENTITIES)
    fresh = reading.frame(_NEW_CAPTURES, asked)
    found = {}
    for month in months:
        of = differences.filter(pl.col("month") == month)
        added = of.filter(pl.col("change") == "added")
        turned = identities.filter(pl.col("month") == month)
        captures = {*_ids(added, "capture"), *fresh.filter(pl.col("month") == month)["item_id"]}
        found[month] = Causes(
            decisions=tuple(_ids(added, "decision")),
            merged=tuple(turned.filter(pl.col("event") == "merged").select("other_id", "victim_id").iter_rows()),
            split=tuple(turned.filter(pl.col("event") == "split").select("victim_id", "other_id").iter_rows()),
            captures=tuple(sorted(captures)),
            victims=len(_ids(of, "victim")),
        )
    return found


def _ids(rows: pl.DataFrame, kind: str) -> list[str]:
    return rows.filter(pl.col("kind") == kind)["item_id"].unique().sort().to_list()
