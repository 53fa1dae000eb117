"""Pairs of statements: which meet under a key, what they say together, what that weighs. All of it SQL, in the warehouse.

Here belongs getting from statements to weighed pairs. The SQL is plain enough to run on Spark too (a test translates
it); which pairs become one person is for `clusters`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from casualty_pipeline.cleaning.names import vowels_conflict
from casualty_pipeline.linkage.hopeful import FACTS, hopeful
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
    10: "a name, two of day, month and year of birth",
    11: "day of birth, governorate or place",
    12: "two names in any order",
}

# Statements that share a key, at least one of them new. Of a key that too many share only those that became known
# first meet, so that a later statement never changes which earlier ones did. A key is the hash of its scheme, too.
_MEETING = """
    with counted as (
        select p.key, count(*) as size from probed as p group by p.key having count(*) > 1
    ),

    shared as (
        select p.key, p.record_no, p.fresh, c.size + coalesce(g.gone, 0) as size, coalesce(g.gone, 0) as gone
        from probed as p
        inner join counted as c on p.key = c.key
        left join gone_keys as g on p.key = g.key
    ),

    ranked as (
        select
            s.key, s.record_no, s.fresh, s.gone,
            row_number() over (partition by s.key order by r.known_at, r.record_id) as place
        from shared as s
        inner join deduplicated.people as r on s.record_no = r.record_no
        where s.size > $key_cap
    ),

    usable as (
        select key, record_no, fresh from shared where size <= $key_cap
        union all
        -- Where one of the first has gone, the next one moves up.
        select key, record_no, fresh or place > $key_cap - gone as fresh from ranked where place <= $key_cap
    ),

    met as (
        select distinct x.record_no as a, y.record_no as b
        from usable as x
        inner join usable as y on x.key = y.key and x.record_no < y.record_no
        where x.fresh or y.fresh
    ),

    listed as (
        select record_no, source from deduplicated.people where listed_once
    )

    select m.a, m.b
    from met as m
    left join listed as x on m.a = x.record_no
    left join listed as y on m.b = y.record_no
    where x.source is null or y.source is null or x.source <> y.source
"""
# The keys to look under, and whether a statement is new: all and everybody where nothing was there before.
_PROBED_ALL = "select key, record_no, true as fresh from deduplicated.keys"
_PROBED = """
    select k.key, k.record_no, n.record_no is not null as fresh
    from deduplicated.keys as k
    semi join (
        select s.key from deduplicated.keys as s semi join arrived as r on s.record_no = r.record_no
        union all
        select key from gone_keys
    ) as p on k.key = p.key
    left join arrived as n on k.record_no = n.record_no
"""
# Statements that no longer are among the first under a key that too many share, since others arrived that were known
# before them. Counted as if nothing had gone from under the key: some are named that still are where they were, which
# does no harm.
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
    """What changes in the warehouse. Temporary tables: `arrived` (`record_no`), `gone_keys` (`scheme`, `key`,
    `gone`), `touched` (`component`).
    """

    write: Writing
    model: Model

    def add_keys(self) -> None:
        """The keys of the statements that arrived."""
        execute = self.write.connection.execute
        execute(
            "create or replace temp view person as select p.* from deduplicated.people as p"
            " semi join arrived using (record_no)"
        )
        execute(
            "create or replace temp view name as select n.* from deduplicated.names as n semi join arrived using (record_no)"
        )
        self.write.append("deduplicated.keys", read_sql("deduplicated.keys"), {"window_days": WINDOW_DAYS})

    def meet(self) -> None:
        """Makes the temporary table `met` (`a`, `b`): pairs with a statement that arrived, or that moved up under a
        common key.
        """
        execute = self.write.connection.execute
        if not self._first():
            execute(f"create or replace temp table probed_keys as {_PROBED}")
        execute(f"create or replace temp view probed as {_PROBED_ALL if self._first() else 'from probed_keys'}")
        execute(f"create or replace temp table met as {_MEETING}", {"key_cap": KEY_CAP})

    def _first(self) -> bool:
        """Nobody was there before those who arrived."""
        found = self.write.frame(
            "select record_no from deduplicated.people where record_no not in (select record_no from arrived) limit 1"
        )
        return found.is_empty()

    @cached_property
    def _vowels(self) -> pl.DataFrame:
        return vowels_apart(self.write)

    def meet_again(self, statements: str, parameters: Mapping[str, int] | None = None) -> None:
        """Forgets the pairs of some statements (SQL for their `record_no`), which meet others as if they had just
        arrived.
        """
        execute = self.write.connection.execute
        execute(f"create or replace temp table again as {statements}", parameters or {})
        execute("delete from deduplicated.pairs where a in (from again) or b in (from again)")
        self.write.grow("touched", "select component from deduplicated.people where record_no in (from again)")
        self.write.grow(
            "arrived",
            "by name select record_no, record_id from deduplicated.people"
            " where record_no in (from again) and record_no not in (select record_no from arrived)",
        )

    def displace(self) -> None:
        """Lets those meet again who lost their place among the first under a common key to statements that arrived."""
        if not self._first():
            self.meet_again(_DISPLACED, {"key_cap": KEY_CAP})

    def compare(self, into: str, *, worth_keeping: bool = False) -> None:
        """Makes the temporary table `into` of the pairs in `met`: levels, `pattern`, `weight`, `hard`, `kin`.

        `worth_keeping`: without those that wouldn't be kept whatever their names say. Patterns that weren't seen before
        are added to deduplicated.patterns.
        """
        execute = self.write.connection.execute
        execute("create or replace temp table meeting as select a as record_no from met union select b from met")
        for view, table in (("person", "people"), ("name", "names")):
            execute(
                f"create or replace temp view {view} as"
                f" select t.* from deduplicated.{table} as t semi join meeting using (record_no)"
            )
        facts = f"from (select *, {self.model.pattern_sql(FACTS)} as facts from ({read_sql('deduplicated.facts')}))"
        if worth_keeping:
            self.write.register(hopeful=hopeful(self.model))
            facts += " where facts in (select pattern from hopeful)"
        execute(f"create or replace temp table fact as {facts}")
        self.write.register(vowels=self._vowels)
        execute("create or replace temp table vowels_apart as from vowels")
        execute(
            f"create or replace temp table levels as select a, b, day_gap, {self.model.pattern_sql()} as pattern"
            f" from ({read_sql('deduplicated.compared')})"
        )
        unseen = self.write.frame(
            "select distinct pattern from levels where pattern not in (select pattern from deduplicated.patterns)"
        )
        self.write.append("deduplicated.patterns", self.model.weighed(unseen["pattern"]))
        execute(
            f"create or replace temp table {into} as"
            " select l.*, x.record_id as record_a, y.record_id as record_b, p.weight, p.hard, p.kin from levels as l"
            " inner join deduplicated.patterns as p on l.pattern = p.pattern"
            " inner join person as x on l.a = x.record_no inner join person as y on l.b = y.record_no"
        )


def vowels_apart(reading: Reading, names: str = "deduplicated.names") -> pl.DataFrame:
    """`one`, `other`: vowels that tell two given names of the same consonants apart, of all that occur in `names`."""
    seen = reading.frame(f"select distinct vowels, script from {names} where vowels is not null order by all")
    met = seen.join(seen.filter(pl.col("script") == "la"), how="cross", suffix="_other")
    apart = met.filter(
        (pl.col("vowels").str.len_bytes() == pl.col("vowels_other").str.len_bytes())
        & vowels_conflict(pl.col("vowels"), pl.col("vowels_other"))
    ).select(one="vowels", other="vowels_other")
    return pl.concat([apart, apart.select(one="other", other="one")]).unique().sort("one", "other")


def common_keys(reading: Reading) -> pl.DataFrame:
    """`scheme`, `keys`, `statements`, `largest`: the keys that more than `KEY_CAP` statements share, by scheme."""
    return reading.frame(_COMMON, {"key_cap": KEY_CAP})
