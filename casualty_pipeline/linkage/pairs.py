"""Pairs of statements: which meet under a key, what they say together, what that weighs. All of it SQL, in the warehouse.

Here belongs getting from statements to weighed pairs. The SQL is plain enough to run on Spark too (a test translates it); which
pairs become one person is for `clusters`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from casualty_pipeline.cleaning.names import vowels_conflict
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.warehouse import Reading, Writing, read_sql

KEY_CAP = 60  # statements that meet under one key; of a commoner one, those that became known first
WINDOW_DAYS = 16  # days of death that share a window, or lie in neighbouring ones, meet
SCHEMES = {
    1: "given name and two others",
    2: "all names but the given one",
    3: "whole name without dots or vowels",
    4: "beginnings of the words, or of the whole name, or its end",
    5: "given name, last name, year of birth",
    6: "given name, another, time of death",
    7: "given name, another, governorate",
    8: "given name, day of death, place",
    9: "given name, one incident of one source",
    10: "a name, month and year or day of birth",
    11: "day of birth, governorate",
    12: "two names in any order",
}

# Statements that share a key, at least one of them new. Of a key that too many share only those that became known first meet, so
# that a later statement never changes which earlier ones did.
_MEETING = """
    with probed as (
        select distinct k.scheme, k.key from deduplicated.keys as k inner join arrived as n on k.record_no = n.record_no
        union
        select g.scheme, g.key from gone_keys as g
    ),

    counted as (
        select k.scheme, k.key, count(*) as size
        from deduplicated.keys as k inner join probed as p on k.scheme = p.scheme and k.key = p.key
        group by k.scheme, k.key
        having count(*) > 1
    ),

    ranked as (
        select
            k.scheme, k.key, k.record_no,
            row_number() over (partition by k.scheme, k.key order by r.known_at, r.record_id) as place
        from deduplicated.keys as k
        inner join counted as c on k.scheme = c.scheme and k.key = c.key
        inner join deduplicated.people as r on k.record_no = r.record_no
        left join gone_keys as g on k.scheme = g.scheme and k.key = g.key
        where c.size + coalesce(g.gone, 0) > $key_cap
    ),

    usable as (
        select k.scheme, k.key, k.record_no, n.record_no is not null as fresh
        from deduplicated.keys as k
        inner join counted as c on k.scheme = c.scheme and k.key = c.key
        left join gone_keys as g on k.scheme = g.scheme and k.key = g.key
        left join arrived as n on k.record_no = n.record_no
        where c.size + coalesce(g.gone, 0) <= $key_cap
        union all
        select
            r.scheme, r.key, r.record_no,
            -- Where one of the first has gone, the next one moves up.
            n.record_no is not null or r.place > $key_cap - coalesce(g.gone, 0) as fresh
        from ranked as r
        left join arrived as n on r.record_no = n.record_no
        left join gone_keys as g on r.scheme = g.scheme and r.key = g.key
        where r.place <= $key_cap
    ),

    met as (
        select distinct least(x.record_no, y.record_no) as a, greatest(x.record_no, y.record_no) as b
        from usable as x
        inner join usable as y on x.scheme = y.scheme and x.key = y.key and x.record_no <> y.record_no
        where x.fresh
    )

    select m.a, m.b
    from met as m
    inner join deduplicated.people as x on m.a = x.record_no
    inner join deduplicated.people as y on m.b = y.record_no
    where not (x.listed_once and y.listed_once and x.source = y.source)
"""
# Statements that no longer are among the first under a key that too many share, since others arrived that were known before
# them. Counted as if nothing had gone from under the key: some are named that still are where they were, which does no harm.
_DISPLACED = """
    with common as (
        select k.scheme, k.key
        from deduplicated.keys as k
        semi join (
            select s.scheme, s.key from deduplicated.keys as s inner join arrived as n on s.record_no = n.record_no
        ) as p on k.scheme = p.scheme and k.key = p.key
        group by k.scheme, k.key
        having count(*) > $key_cap
    ),

    ranked as (
        select
            k.record_no, n.record_no is not null as fresh, row_number() over known as place,
            count(n.record_no) over known as fresh_before
        from deduplicated.keys as k
        inner join common as c on k.scheme = c.scheme and k.key = c.key
        inner join deduplicated.people as r on k.record_no = r.record_no
        left join arrived as n on k.record_no = n.record_no
        window known as (partition by k.scheme, k.key order by r.known_at, r.record_id)
    )

    select distinct record_no from ranked
    where not fresh and place > $key_cap and place - fresh_before <= $key_cap
"""
_COMMON = """
    select scheme, cast(count(*) as bigint) as keys, cast(sum(size) as bigint) as statements, max(size) as largest
    from (select scheme, key, count(*) as size from deduplicated.keys group by scheme, key having count(*) > $key_cap)
    group by scheme order by scheme
"""


@dataclass(frozen=True)
class Change:
    """What changes in the warehouse. Temporary tables: `arrived` (`record_no`), `gone_keys` (`scheme`, `key`, `gone`), `touched`
    (`component`).
    """

    write: Writing
    model: Model

    def add_keys(self) -> None:
        """The keys of the statements that arrived."""
        execute = self.write.connection.execute
        execute(
            "create or replace temp view person as select p.* from deduplicated.people as p semi join arrived using (record_no)"
        )
        execute(
            "create or replace temp view name as select n.* from deduplicated.names as n semi join arrived using (record_no)"
        )
        self.write.append("deduplicated.keys", read_sql("deduplicated.keys"), {"window_days": WINDOW_DAYS})

    def meet(self) -> None:
        """Makes the temporary table `met` (`a`, `b`): pairs with a statement that arrived, or that moved up under a common key."""
        self.write.connection.execute(f"create or replace temp table met as {_MEETING}", {"key_cap": KEY_CAP})

    def meet_again(self, statements: str, parameters: Mapping[str, int] | None = None) -> None:
        """Forgets the pairs of some statements (SQL for their `record_no`), which meet others as if they had just arrived."""
        execute = self.write.connection.execute
        execute(f"create or replace temp table again as {statements}", parameters or {})
        execute("delete from deduplicated.pairs where a in (from again) or b in (from again)")
        execute("insert into touched select component from deduplicated.people where record_no in (from again)")
        execute(
            "insert into arrived by name select record_no, record_id from deduplicated.people"
            " where record_no in (from again) and record_no not in (select record_no from arrived)"
        )

    def displace(self) -> None:
        """Lets those meet again who lost their place among the first under a common key to statements that arrived."""
        self.meet_again(_DISPLACED, {"key_cap": KEY_CAP})

    def compare(self, into: str) -> None:
        """Makes the temporary table `into` of the pairs in `met`: levels, `pattern`, `weight`, `hard`, `kin`.

        Patterns that weren't seen before are added to deduplicated.patterns.
        """
        execute = self.write.connection.execute
        execute("create or replace temp view person as from deduplicated.people")
        execute("create or replace temp view name as from deduplicated.names")
        self.write.register(vowels=vowels_apart(self.write))
        execute("create or replace temp table vowels_apart as from vowels")
        execute(
            f"create or replace temp table levels as select a, b, record_a, record_b, day_gap, {self.model.pattern_sql()} as pattern"
            f" from ({read_sql('deduplicated.compared')})"
        )
        unseen = self.write.frame(
            "select distinct pattern from levels where pattern not in (select pattern from deduplicated.patterns)"
        )
        self.write.append("deduplicated.patterns", self.model.weighed(unseen["pattern"]))
        execute(
            f"create or replace temp table {into} as select l.*, p.weight, p.hard, p.kin from levels as l"
            " inner join deduplicated.patterns as p on l.pattern = p.pattern"
        )


def vowels_apart(reading: Reading) -> pl.DataFrame:
    """`one`, `other`: vowels that tell two given names of the same consonants apart, of all that occur."""
    seen = reading.frame("select distinct vowels, script from deduplicated.names where vowels is not null order by all")
    met = seen.join(seen.filter(pl.col("script") == "la"), how="cross", suffix="_other")
    apart = met.filter(
        (pl.col("vowels").str.len_bytes() == pl.col("vowels_other").str.len_bytes())
        & vowels_conflict(pl.col("vowels"), pl.col("vowels_other"))
    ).select(one="vowels", other="vowels_other")
    return pl.concat([apart, apart.select(one="other", other="one")]).unique().sort("one", "other")


def common_keys(reading: Reading) -> pl.DataFrame:
    """`scheme`, `keys`, `statements`, `largest`: the keys that more than `KEY_CAP` statements share, by scheme."""
    return reading.frame(_COMMON, {"key_cap": KEY_CAP})
