"""Brings the linkage in the warehouse up to date with what changed: statements that came, changed or went, and decisions.

Here belongs the order of the steps, and which part of the whole each has to look at. What a month costs grows with
the month: its statements meet others under their own keys, and only components that a change touches are clustered
again. The tables that come out are those that a rebuild from nothing gives, row for row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from casualty_pipeline.linkage import forms
from casualty_pipeline.linkage.clusters import Pair, Statement, cluster
from casualty_pipeline.linkage.forest import components
from casualty_pipeline.linkage.identities import EVENT_SCHEMA, IDENTITY_SQL, Decided, history, ruled
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.pairs import Change
from casualty_pipeline.warehouse import Reading, Writing

WHOLE_COMPONENT = 40  # statements: in a larger component only pairs that met under a key are compared
ASK_DAYS = 92  # between two days of death that somebody who died of wounds may have


@dataclass(frozen=True)
class Constraints:
    """What people decided: pairs of record ids and when; the sources that guarantee one row per person; retracted
    statements; founding statements of two victims that are one, with all that is said of either.

    A pair's moment is that of the last decision on it in force; without one it counts from when both statements were known.
    """

    must_link: frozenset[tuple[str, str]] = frozenset()
    cannot_link: frozenset[tuple[str, str]] = frozenset()
    one_per_source: frozenset[str] = frozenset()
    decided_at: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    retracted: Mapping[str, datetime] = field(default_factory=dict)
    one_victim: frozenset[tuple[str, str]] = frozenset()

    def rows(self) -> pl.DataFrame:
        """`record_a`, `record_b`, `relation`, `decided_at` (null where not known), each pair once for each relation."""
        given = [
            (*sorted(pair), relation, self.decided_at.get(pair) or self.decided_at.get((pair[1], pair[0])))
            for relation, pairs in (
                ("must_link", self.must_link),
                ("cannot_link", self.cannot_link),
                ("one_victim", self.one_victim),
            )
            for pair in pairs
            if pair[0] != pair[1]
        ]
        schema: dict[str, Any] = {
            "record_a": pl.String,
            "record_b": pl.String,
            "relation": pl.String,
            "decided_at": pl.Datetime("us"),
        }
        return pl.DataFrame(sorted(given, key=lambda r: (*r[:3], str(r[3]))), schema=schema, orient="row").unique(
            ["record_a", "record_b", "relation"], keep="first", maintain_order=True
        )


def update(
    write: Writing, statements: pl.DataFrame, gone: Iterable[str], constraints: Constraints, model: Model
) -> pl.DataFrame:
    """Bring the linkage up to date; returns the victims concerned: `victim_id`, those that were and those that are.

    The tables are `people`, `names`, `keys`, `pairs`, `patterns`, `constraints` and `identity_events` of the stage.

    `statements` (columns of cleaned.records) came or changed; `gone` are the ids of those that are no more. Both may
    name what is as it was: nothing follows from that. Everything happens in the caller's transaction.
    """
    _take_in(write, statements, set(gone), constraints, model)
    write.replace("deduplicated.levels", model.table())
    _read_constraints(write, constraints)
    change = Change(write, model)
    change.add_keys()
    change.displace()
    # Of a pair whose decision was superseded nobody knows here whether it also met under a key.
    change.meet_again(
        "select distinct a as record_no from deduplicated.pairs"
        " where verdict in ('must_link', 'cannot_link') and (a, b) not in (select (a, b) from decided)"
    )
    change.meet(worth_keeping=True)
    change.compare("compared", worth_keeping=True)
    _keep_pairs(write, model)
    _apply_constraints(write, change)
    _find_components(write)
    _compare_within(write, change)
    return _cluster(write)


def compared_pairs(write: Writing, statements: pl.DataFrame, constraints: Constraints, model: Model) -> pl.DataFrame:
    """`record_a`, `record_b`, `pattern` of all pairs of `statements` that meet under a key, in an empty warehouse;
    for fitting.
    """
    _take_in(write, statements, set(), constraints, model)
    change = Change(write, model)
    change.add_keys()
    change.meet()
    change.compare("compared")
    return write.frame("select record_a, record_b, pattern from compared order by record_a, record_b")


def _take_in(write: Writing, statements: pl.DataFrame, gone: set[str], constraints: Constraints, model: Model) -> None:
    """`people` and `names`; temporary tables `arrived`, `gone_keys`, `touched` (old components that lost or changed
    something).
    """
    execute = write.connection.execute
    people = forms.people(statements)
    retracted = pl.DataFrame(
        sorted(constraints.retracted.items()),
        schema={"record_id": pl.String, "retracted_at": pl.Datetime("us")},
        orient="row",
    )
    people = people.join(retracted, on="record_id", how="left").with_columns(
        listed_once=pl.col("source").is_in(sorted(constraints.one_per_source))
    )
    names = forms.names(statements, model)
    scripts = names.group_by("record_id").agg(
        arabic=(pl.col("script") == "ar").any(), latin=(pl.col("script") == "la").any()
    )
    people = people.join(scripts, on="record_id", how="left").with_columns(pl.col("arabic", "latin").fill_null(False))
    write.register(
        came_people=people.with_columns(person=pl.col("person") & (pl.col("arabic") | pl.col("latin"))),
        came_names=names,
        # A statement on a person that now is one on an incident is gone, too.
        went=pl.DataFrame(
            {"record_id": sorted(gone | (set(statements["record_id"]) - set(people["record_id"])))},
            schema={"record_id": pl.String},
        ),
    )
    told = ", ".join(f"p.{c}" for c in people.columns if c != "record_id")
    execute(
        f"""
        create or replace temp table came as
        with spelled as (
            select record_id, bit_xor(hash(script, given, words)) as spelling from came_names group by record_id
        )
        select p.*, hash({told}, s.spelling) as digest
        from came_people as p left join spelled as s on p.record_id = s.record_id
        """
    )
    execute(
        """
        create or replace temp table outdated as
        select o.record_no, o.record_id, o.component, o.victim_id from deduplicated.people as o
        inner join came as c on o.record_id = c.record_id where o.digest <> c.digest
        union
        select o.record_no, o.record_id, o.component, o.victim_id from deduplicated.people as o
        semi join went as w on o.record_id = w.record_id
        """
    )
    write.growing("touched", "component integer", "select distinct component from outdated")
    execute(
        "create or replace temp table gone_keys as select k.scheme, k.key, count(*) as gone from deduplicated.keys as k"
        " semi join outdated as o on k.record_no = o.record_no group by k.scheme, k.key"
    )
    for table, column in (("names", "record_no"), ("keys", "record_no"), ("people", "record_no")):
        execute(f"delete from deduplicated.{table} where {column} in (select record_no from outdated)")
    execute(
        "delete from deduplicated.pairs where a in (select record_no from outdated) or b in (select record_no from outdated)"
    )
    write.growing(
        "arrived",
        "record_id varchar, record_no integer",
        """
        select
            c.record_id,
            cast(
                row_number() over (order by c.record_id)
                + coalesce((select max(record_no) from deduplicated.people), 0) as integer
            )
                as record_no
        from came as c anti join deduplicated.people as p on c.record_id = p.record_id
        """,
    )
    columns = ", ".join(c for c in people.columns if c != "record_id")
    forms_ = ", ".join(c for c in names.columns if c != "record_id")
    with write.in_order():
        write.append(
            "deduplicated.people",
            "select n.record_no, n.record_no as component, cast(null as varchar) as victim_id,"
            f" cast(null as varchar) as linked_by, c.record_id, c.digest, {columns}"
            " from came as c inner join arrived as n on c.record_id = n.record_id",
        )
        write.append(
            "deduplicated.names",
            f"select n.record_no, {forms_} from came_names as c inner join arrived as n on c.record_id = n.record_id",
        )


def _keep_pairs(write: Writing, model: Model) -> None:
    """Of the pairs compared, those worth keeping; `edges` finds the ones that speak for one person."""
    write.append(
        "deduplicated.pairs",
        f"""
        select
            a, b, least(record_a, record_b) as record_a, greatest(record_a, record_b) as record_b, pattern, weight, hard,
            cast(day_gap as integer) as days_apart, {_VERDICT} as verdict, cast(null as varchar) as refused
        from compared as c anti join deduplicated.pairs as p on c.a = p.a and c.b = p.b
        where kin or weight >= {-model.review_band}
        """,
    )


_VERDICT = "case when kin then 'kin' when weight >= 0 and hard is null then 'same' else 'different' end"


def _read_constraints(write: Writing, constraints: Constraints) -> None:
    """The temporary table `decided`: decisions on statements that are there; components where one is new or gone are
    touched.
    """
    execute = write.connection.execute
    write.register(given=constraints.rows())
    # Without a moment of its own a decision counts from when both statements were known.
    execute(
        """
        create or replace temp table decided as
        select
            g.record_a, g.record_b, g.relation, coalesce(g.decided_at, greatest(x.known_at, y.known_at)) as decided_at,
            least(x.record_no, y.record_no) as a, greatest(x.record_no, y.record_no) as b
        from given as g
        inner join deduplicated.people as x on g.record_a = x.record_id
        inner join deduplicated.people as y on g.record_b = y.record_id
        """
    )
    execute(
        """
        create or replace temp table altered as
        with now as (select record_a, record_b, relation, decided_at from decided),
        was as (select record_a, record_b, relation, decided_at from deduplicated.constraints)
        (from now except from was) union (from was except from now)
        """
    )
    write.grow(
        "touched",
        "select component from deduplicated.people"
        " where record_id in (select record_a from altered union select record_b from altered)",
    )


def _apply_constraints(write: Writing, change: Change) -> None:
    """deduplicated.constraints, and the pairs that people decided about."""
    execute = write.connection.execute
    execute(
        """
        create or replace temp table met as
        select distinct d.a, d.b from decided as d anti join deduplicated.pairs as p on d.a = p.a and d.b = p.b
        """
    )
    change.compare("undecided")
    write.append(
        "deduplicated.pairs",
        """
        select
            a, b, least(record_a, record_b) as record_a, greatest(record_a, record_b) as record_b, pattern, weight, hard,
            cast(day_gap as integer) as days_apart, 'different' as verdict, cast(null as varchar) as refused
        from undecided
        """,
    )
    # Where people decided both ways, that they are apart.
    execute(
        "update deduplicated.pairs as p set verdict = d.verdict from ("
        " select a, b, case when min(relation) = 'cannot_link' then 'cannot_link' else 'must_link' end as verdict"
        " from decided group by a, b) as d where p.a = d.a and p.b = d.b"
    )
    # Whether a decision is contradicted is told anew where its component is clustered again; elsewhere it stays as it is.
    execute("create or replace temp table constrained as from deduplicated.constraints")
    write.replace(
        "deduplicated.constraints",
        "select d.record_a, d.record_b, d.relation, d.decided_at, coalesce(c.contradicted, false) as contradicted"
        " from decided as d left join constrained as c"
        " on d.record_a = c.record_a and d.record_b = c.record_b and d.relation = c.relation",
    )


# What people decided links even where they also decided the opposite: one component then holds both, and reports it.
_LINKS = """
    select a, b from deduplicated.pairs where weight >= 0 and hard is null
    union
    select a, b from decided where relation <> 'cannot_link'
"""


def _find_components(write: Writing) -> None:
    """Every statement whose component may have changed gets its component anew; they stand in the temporary table
    `scope`.
    """
    execute = write.connection.execute
    execute(
        f"""
        create or replace temp table scope as
        with reached as (
            select record_no from arrived
            union
            select l.a from ({_LINKS}) as l semi join arrived as n on l.b = n.record_no
            union
            select l.b from ({_LINKS}) as l semi join arrived as n on l.a = n.record_no
        ),
        component as (
            select p.component from deduplicated.people as p semi join reached as r on p.record_no = r.record_no
            union
            select component from touched
            union
            -- A pair that was just met may link two statements that were both there, under a key in which one moved up.
            select p.component from deduplicated.people as p
            where p.record_no in (select a from compared where weight >= 0 union select b from compared where weight >= 0)
        )
        select p.record_no from deduplicated.people as p semi join component as c on p.component = c.component
        """
    )
    links = write.frame(f"select l.a, l.b from ({_LINKS}) as l semi join scope as s on l.a = s.record_no")
    numbers = write.frame("select record_no from scope order by record_no")
    found = numbers.with_columns(component=components(numbers["record_no"], links))
    write.register(found=found)
    execute("create or replace temp table part as select *, count(*) over (partition by component) as size from found")
    execute(
        "update deduplicated.people as p set component = f.component from part as f"
        " where p.record_no = f.record_no and p.component <> f.component"
    )


def _compare_within(write: Writing, change: Change) -> None:
    """`inside`: all pairs of each component in scope, compared; in a large one those that met under a key and were kept."""
    execute = write.connection.execute
    execute(
        f"""
        create or replace temp table met as
        select x.record_no as a, y.record_no as b
        from part as x inner join part as y on x.component = y.component and x.record_no < y.record_no
        where x.size between 3 and {WHOLE_COMPONENT}
        except
        select a, b from deduplicated.pairs
        """
    )
    change.compare("across")
    execute(
        """
        create or replace temp table inside as
        select x.component, p.a, p.b, p.weight, p.hard
        from deduplicated.pairs as p
        inner join part as x on p.a = x.record_no
        inner join part as y on p.b = y.record_no and x.component = y.component
        union all
        select x.component, c.a, c.b, c.weight, c.hard from across as c inner join part as x on c.a = x.record_no
        """
    )


# Components in which nothing is to be decided: all pairs speak for one person, no source lists somebody twice, people
# are silent.
_CLEAN = """
    create or replace temp table disputed as
    select i.component from inside as i group by i.component
    having min(i.weight) < 0 or count(i.hard) > 0
    union
    -- In a large component those that never met under a key weren't compared, and may be two people.
    select x.component from (select component, any_value(size) as size from part group by component) as x
    left join (select component, count(*) as pairs from inside group by component) as i on x.component = i.component
    where coalesce(i.pairs, 0) < x.size * (x.size - 1) / 2
    union
    select component from (
        select x.component, p.source from part as x inner join deduplicated.people as p on x.record_no = p.record_no
        where p.listed_once group by x.component, p.source having count(*) > 1
    )
    union
    select x.component from part as x inner join deduplicated.people as p on x.record_no = p.record_no
    where p.retracted_at is not null
    union
    select x.component from decided as d inner join part as x on d.a = x.record_no
    union
    select x.component from decided as d inner join part as x on d.b = x.record_no
"""


def _cluster(write: Writing) -> pl.DataFrame:
    """The victims of `people`, `identity_events`, and why pairs were refused, for the statements in scope."""
    execute = write.connection.execute
    execute(_CLEAN)
    disputed = _disputed(write)
    write.register(grouped=disputed.groups, decision_groups=disputed.decided, refusals=disputed.refused)
    execute(
        """
        create or replace temp table clustered as
        with grouped_all as (
            select record_no, component as cluster, false as disputed from part
            where component not in (select component from disputed)
            union all
            select record_no, cluster, true as disputed from grouped
        )
        select
            g.record_no, g.disputed, p.record_id, p.known_at,
            first_value(p.record_id) over founding as founder,
            coalesce(d.decided, g.record_no) as decided,
            row_number() over founding as place
        from grouped_all as g
        inner join deduplicated.people as p on g.record_no = p.record_no
        left join decision_groups as d on g.record_no = d.record_no
        window founding as (partition by g.cluster order by p.known_at, p.record_id)
        """
    )
    own = IDENTITY_SQL.format(prefix="V-", founder="founder")
    execute(
        f"create or replace temp table founders as select founder, {own} as victim_id"
        " from (select record_id as founder from clustered where place = 1)"
    )
    write.growing("concerned", "victim_id varchar", "select victim_id from outdated where victim_id is not null")
    write.grow(
        "concerned",
        "select p.victim_id from deduplicated.people as p semi join part as x on p.record_no = x.record_no",
    )
    # Of the statements that decisions joined, the first came to the victim on its own; the others because of the decision.
    execute(
        """
        create or replace temp table linked as
        select
            c.record_no, f.victim_id,
            case
                when c.place = 1 then 'founded'
                when row_number() over (partition by c.decided order by c.known_at, c.record_id) = 1 then 'evidence'
                else 'decision'
            end as linked_by
        from clustered as c inner join founders as f on c.founder = f.founder
        """
    )
    execute(
        "update deduplicated.people as p set victim_id = l.victim_id, linked_by = l.linked_by"
        " from part as x left join linked as l on x.record_no = l.record_no where p.record_no = x.record_no"
        " and (p.victim_id is distinct from l.victim_id or p.linked_by is distinct from l.linked_by)"
    )
    write.grow("concerned", "select victim_id from linked")
    execute("update deduplicated.pairs set refused = null where refused is not null and a in (select record_no from part)")
    execute("update deduplicated.pairs as p set refused = r.reason from refusals as r where p.a = r.a and p.b = r.b")
    write.register(opposed=disputed.contradicted)
    execute(
        "update deduplicated.constraints as c set contradicted = c.relation <> 'cannot_link'"
        " and (c.record_a, c.record_b) in (select (record_a, record_b) from opposed)"
        " where c.record_a in"
        " (select p.record_id from part as x inner join deduplicated.people as p on x.record_no = p.record_no)"
    )
    execute(
        "delete from deduplicated.identity_events where record_id in"
        " (select p.record_id from part as x inner join deduplicated.people as p on x.record_no = p.record_no"
        " union select record_id from outdated)"
    )
    write.append(
        "deduplicated.identity_events",
        """
        select
            c.known_at as at, case when c.place = 1 then 'created' else 'joined' end as event, f.victim_id,
            cast(null as varchar) as other_id, c.record_id, 'evidence' as cause
        from clustered as c inner join founders as f on c.founder = f.founder
        where not c.disputed
        """,
    )
    write.append("deduplicated.identity_events", disputed.events)
    return write.frame("select distinct victim_id from concerned where victim_id is not null order by victim_id")


@dataclass(frozen=True)
class _Disputed:
    """What came of the components in which there was something to decide."""

    groups: pl.DataFrame
    decided: pl.DataFrame
    refused: pl.DataFrame
    contradicted: pl.DataFrame
    events: pl.DataFrame


def _disputed(write: Writing) -> _Disputed:
    people = write.frame(
        "select x.component, p.record_no, p.record_id, p.known_at, case when p.listed_once then p.source end as listed_by,"
        " p.retracted_at"
        " from part as x inner join deduplicated.people as p on x.record_no = p.record_no"
        " where x.component in (select component from disputed) order by x.component, p.record_no"
    )
    inside = write.frame(
        "select component, a, b, weight, hard from inside where component in (select component from disputed)"
        " order by component, a, b"
    )
    decisions = write.frame(
        """
        select x.component, d.a, d.b, d.relation, d.decided_at
        from decided as d inner join part as x on d.a = x.record_no inner join part as y on d.b = y.record_no
        where x.component = y.component order by all
        """
    )
    groups: list[tuple[int, int]] = []
    decided: list[tuple[int, int]] = []
    refused: list[tuple[int, int, str]] = []
    contradicted: list[tuple[str, str]] = []
    events = []
    evidence, made = _by_component(inside), _by_component(decisions)
    for component, rows in _by_component(people).items():
        statements = [Statement(*row[:4]) for row in rows]
        pairs = {(a, b): Pair(weight, hard) for a, b, weight, hard in evidence.get(component, ())}
        made_here = [
            Decided((a, b), relation != "cannot_link", at, relation == "one_victim")
            for a, b, relation, at in made.get(component, ())
        ]
        retired = {row[0]: row[4] for row in rows if row[4] is not None}
        standing = {s.number for s in statements} - retired.keys()
        found = cluster(
            [s for s in statements if s.number in standing],
            {pair: e for pair, e in pairs.items() if standing.issuperset(pair)},
            *ruled([d for d in made_here if standing.issuperset(d.pair)]),
        )
        groups += [(number, group[0]) for group in found.groups for number in group]
        decided += [(number, group[0]) for group in found.decided if len(group) > 1 for number in group]
        refused += [(a, b, reason) for (a, b), reason in found.refused.items()]
        ids = {s.number: s.record_id for s in statements}
        contradicted += [(min(ids[a], ids[b]), max(ids[a], ids[b])) for a, b in found.contradicted]
        events += history(statements, pairs, made_here, retired)
    return _Disputed(
        pl.DataFrame(groups, schema={"record_no": pl.Int32, "cluster": pl.Int32}, orient="row"),
        pl.DataFrame(decided, schema={"record_no": pl.Int32, "decided": pl.Int32}, orient="row"),
        pl.DataFrame(refused, schema={"a": pl.Int32, "b": pl.Int32, "reason": pl.String}, orient="row"),
        pl.DataFrame(contradicted, schema={"record_a": pl.String, "record_b": pl.String}, orient="row"),
        pl.DataFrame([vars(e) for e in events], schema=EVENT_SCHEMA),
    )


def _by_component(rows: pl.DataFrame) -> dict[int, list[tuple[Any, ...]]]:
    """The rows of each component that has some, without their first column, which is the component. In their order."""
    return {component: [row[1:] for row in members] for component, members in groupby(rows.iter_rows(), key=itemgetter(0))}


def links(reading: Reading, victims: pl.DataFrame | None = None) -> pl.DataFrame:
    """`record_id`, `victim_id`, `linked_by` of every statement, or of those of `victims` (`victim_id`), by record_id."""
    if victims is None:
        return reading.frame(f"{_LINKED} order by record_id")
    reading.register(wanted_victims=victims.select("victim_id"))
    return reading.frame(f"{_LINKED} and victim_id in (select victim_id from wanted_victims) order by record_id")


_LINKED = "select record_id, victim_id, linked_by from deduplicated.people where victim_id is not null"
