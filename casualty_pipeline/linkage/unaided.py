"""What linkage makes of the statements without people's decisions: an estimate of its quality is about that.

Decisions on links change only the components that they touch; these are clustered again here as if nobody had decided.
Nothing is kept: the tables are temporary.
"""

from collections import defaultdict

import polars as pl

from casualty_pipeline.linkage.clusters import Pair, Statement, cluster
from casualty_pipeline.linkage.forest import components
from casualty_pipeline.linkage.identities import identity
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.pairs import KEY_CAP, Change
from casualty_pipeline.linkage.update import WHOLE_COMPONENT
from casualty_pipeline.warehouse import Writing

# Which statement speaks of which victim, under decisions.
_VICTIMS = "select record_no, victim_id from deduplicated.people where victim_id is not null"
_DECIDED = """
    select distinct least(x.record_no, y.record_no) as a, greatest(x.record_no, y.record_no) as b
    from deduplicated.constraints as c
    inner join deduplicated.people as x on c.record_a = x.record_id
    inner join deduplicated.people as y on c.record_b = y.record_id
"""
# Pairs that are compared only because people decided on them: they share no key that is rare enough.
_ONLY_DECIDED = f"""
    with shared as (
        select d.a, d.b, k.scheme, k.key
        from decided_pairs as d
        inner join deduplicated.keys as k on d.a = k.record_no
        inner join deduplicated.keys as l on d.b = l.record_no and k.scheme = l.scheme and k.key = l.key
    ),

    ranked as (
        select
            k.scheme, k.key, k.record_no,
            row_number() over (partition by k.scheme, k.key order by p.known_at, p.record_id) as place
        from deduplicated.keys as k
        inner join (select distinct scheme, key from shared) as s on k.scheme = s.scheme and k.key = s.key
        inner join deduplicated.people as p on k.record_no = p.record_no
    ),

    met as (
        select s.a, s.b
        from shared as s
        inner join ranked as x on s.scheme = x.scheme and s.key = x.key and s.a = x.record_no
        inner join ranked as y on s.scheme = y.scheme and s.key = y.key and s.b = y.record_no
        where x.place <= {KEY_CAP} and y.place <= {KEY_CAP}
    )

    select a, b from decided_pairs except select a, b from met
"""


def without_decisions(write: Writing, model: Model) -> None:
    """Makes the temporary tables `unaided` and `unaided_pairs`.

    `unaided`: `record_no`, `record_id`, `victim` of every statement that wasn't retracted; the victim's id is the one that
    it would have. `unaided_pairs`: `a`, `b`, `record_a`, `record_b`, `weight`, `hard`, `kin` of the pairs that would be
    kept.
    """
    execute = write.connection.execute
    execute(f"create or replace temp table decided_pairs as {_DECIDED}")
    decided = write.frame("select 1 from decided_pairs limit 1").height > 0
    execute(f"create or replace temp table only_decided as {_ONLY_DECIDED if decided else 'from decided_pairs'}")
    execute(
        f"""
        create or replace temp table unaided_pairs as
        select p.a, p.b, p.record_a, p.record_b, p.weight, p.hard, w.kin
        from deduplicated.pairs as p
        inner join deduplicated.patterns as w on p.pattern = w.pattern
        anti join only_decided as d on p.a = d.a and p.b = d.b
        where w.kin or p.weight >= {-model.review_band}
        """
    )
    execute(
        """
        create or replace temp table reached as
        select record_no, record_id, known_at, case when listed_once then source end as listed_by
        from deduplicated.people
        where retracted_at is null and component in (
            select component from deduplicated.people
            where record_id in (
                select record_a from deduplicated.constraints union select record_b from deduplicated.constraints
            )
        )
        """
    )
    write.register(clustered_anew=_clustered(write, model))
    execute(
        f"""
        create or replace temp table unaided as
        select p.record_no, p.record_id, coalesce(c.victim, v.victim_id) as victim
        from deduplicated.people as p
        inner join ({_VICTIMS}) as v on p.record_no = v.record_no
        left join clustered_anew as c on p.record_no = c.record_no
        where p.retracted_at is null
        """
    )


def _clustered(write: Writing, model: Model) -> pl.DataFrame:
    """`record_no`, `victim` of the statements in the components that decisions touch, as the evidence alone has it."""
    people = write.frame("from reached order by record_no")
    schema = {"record_no": pl.Int32, "victim": pl.String}
    if people.is_empty():
        return pl.DataFrame(schema=schema)
    linked = write.frame(
        "select a, b from unaided_pairs where weight >= 0 and hard is null"
        " and a in (select record_no from reached) and b in (select record_no from reached) order by a, b"
    )
    write.register(sub_components=people.select("record_no", component=components(people["record_no"], linked)))
    write.connection.execute(
        "create or replace temp table part_unaided as"
        " select *, count(*) over (partition by component) as size from sub_components"
    )
    write.connection.execute(
        f"""
        create or replace temp table met as
        select x.record_no as a, y.record_no as b
        from part_unaided as x inner join part_unaided as y on x.component = y.component and x.record_no < y.record_no
        where x.size between 3 and {WHOLE_COMPONENT}
        except
        select a, b from unaided_pairs
        """
    )
    Change(write, model).compare("across_unaided")
    evidence = write.frame(
        """
        select x.component, e.a, e.b, e.weight, e.hard
        from (
            select a, b, weight, hard from unaided_pairs
            union all
            select a, b, weight, hard from across_unaided
        ) as e
        inner join part_unaided as x on e.a = x.record_no
        inner join part_unaided as y on e.b = y.record_no and x.component = y.component
        order by e.a, e.b
        """
    )
    pairs: defaultdict[int, dict[tuple[int, int], Pair]] = defaultdict(dict)
    for component, a, b, weight, hard in evidence.iter_rows():
        pairs[component][a, b] = Pair(weight, hard)
    members: defaultdict[int, list[Statement]] = defaultdict(list)
    of = dict(write.frame("select record_no, component from part_unaided").iter_rows())
    for number, record_id, known_at, listed_by in people.iter_rows():
        members[of[number]].append(Statement(number, record_id, known_at, listed_by))
    rows = []
    for component, statements in members.items():
        first = {s.number: (s.known_at, s.record_id) for s in statements}
        for group in cluster(statements, pairs[component]).groups:
            founder = min(first[number] for number in group)[1]
            rows += [(number, identity("V-", founder)) for number in group]
    return pl.DataFrame(rows, schema=schema, orient="row")
