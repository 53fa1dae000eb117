"""Pairs of statements: which meet under a key, what they say together, what that weighs.

Here belongs getting from statements to weighed pairs. Keys and comparisons are SQL, plain enough to run on Spark too (a
test translates it). Who meets is a self-join of the keys, which `meeting` does in NumPy so that `promising` can leave out
most pairs before they are written anywhere; without it the same pairs are kept. Which become one person is for `clusters`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from casualty_pipeline.cleaning.names import vowels_conflict
from casualty_pipeline.linkage.hopeful import FACTS, hopeful
from casualty_pipeline.linkage.meeting import Chosen, Numbers, met, usable
from casualty_pipeline.linkage.model import Model
from casualty_pipeline.linkage.promising import Promising
from casualty_pipeline.linkage.sketches import sketches
from casualty_pipeline.warehouse import Reading, Writing, read_sql

KEY_CAP = 60  # statements that meet under one key; of a commoner one, those that became known first
_PART = 4_000_000  # keys of statements that are read at a time: what bounds the memory
_BUCKETS = 1 << 22
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

# The keys to look under, and whether a statement is new: all and everybody where nothing was there before.
_PROBED_ALL = "select scheme, key, record_no, true as fresh from deduplicated.keys"
_PROBED = """
    select k.scheme, k.key, k.record_no, n.record_no is not null as fresh
    from deduplicated.keys as k
    semi join (
        select s.key from deduplicated.keys as s semi join arrived as r on s.record_no = r.record_no
        union all
        select key from gone_keys
    ) as p on k.key = p.key
    left join arrived as n on k.record_no = n.record_no
"""
_PART_OF_KEYS = """
    select key, record_no, fresh from probed where key % cast($parts as ubigint) = cast($part as ubigint)
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
    from (
        select any_value(scheme) as scheme, key, count(*) as size from deduplicated.keys
        where key % cast($buckets as ubigint) in (select bucket from crowded_buckets)
        group by key having count(*) > $key_cap
    )
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

    def meet(self, *, worth_keeping: bool = False) -> None:
        """Makes the temporary table `met` (`a`, `b`): pairs with a statement that arrived, or that moved up under a
        common key.

        `worth_keeping`: without most of those that wouldn't be kept.
        """
        execute = self.write.connection.execute
        if not self._first():
            execute(f"create or replace temp table probed_keys as {_PROBED}")
        execute(f"create or replace temp view probed as {_PROBED_ALL if self._first() else 'from probed_keys'}")
        gone = self.write.frame("select key, cast(sum(gone) as bigint) as gone from gone_keys group by key")
        (rows,) = self.write.frame("select count(*) from probed").row(0)
        parts = 1 + rows // _PART
        shared = [
            usable(self.write.frame(_PART_OF_KEYS, {"parts": parts, "part": part}), gone, self._by_known, KEY_CAP)
            for part in range(parts)
        ]
        numbers = pl.Series("record_no", np.unique(np.concatenate([part.numbers for part in shared])), dtype=pl.Int32)
        self.write.register(meeting_numbers=numbers.to_frame())
        execute("create or replace temp table meeting as from meeting_numbers")
        apart = self._apart()
        promising = Promising(sketches(self.write), self.model) if worth_keeping else None

        def wanted(a: Numbers, b: Numbers) -> Chosen:
            return apart(a, b) & promising(a, b) if promising else apart(a, b)

        self.write.register(met_under=pl.concat(met(part, wanted) for part in shared))
        execute("create or replace temp table met as select distinct a, b from met_under")

    def _apart(self) -> Callable[[Numbers, Numbers], Chosen]:
        """Whether two statements aren't of one source that lists everybody once."""
        listed = self.write.frame(
            "select p.record_no, p.source from deduplicated.people as p semi join meeting as m on p.record_no = m.record_no"
            " where p.listed_once"
        )
        sources = np.zeros(int(self.write.frame("select coalesce(max(record_no), 0) from meeting").item()) + 1, np.int32)
        sources[listed["record_no"].to_numpy()] = listed["source"].rank("dense").to_numpy()
        return lambda a, b: (sources[a] == 0) | (sources[a] != sources[b])

    def _by_known(self, numbers: pl.Series) -> pl.Series:
        self.write.register(wanted_numbers=numbers.to_frame("record_no"))
        return self.write.frame(
            "select p.record_no from deduplicated.people as p semi join wanted_numbers as w on p.record_no = w.record_no"
            " order by p.known_at, p.record_id"
        )["record_no"]

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
    seen = reading.frame(f"select distinct sound, vowels, script from {names} where vowels is not null order by all")
    # Of names that sound unlike nobody asks about the vowels.
    met = seen.join(seen.filter(pl.col("script") == "la"), on="sound", suffix="_other")
    same_length = pl.col("vowels").str.len_bytes() == pl.col("vowels_other").str.len_bytes()
    both = met.filter(same_length).select("vowels", "vowels_other").unique()
    apart = both.filter(vowels_conflict(pl.col("vowels"), pl.col("vowels_other"))).select(one="vowels", other="vowels_other")
    return pl.concat([apart, apart.select(one="other", other="one")]).unique().sort("one", "other")


def common_keys(reading: Reading) -> pl.DataFrame:
    """`scheme`, `keys`, `statements`, `largest`: the keys that more than `KEY_CAP` statements share, by scheme."""
    # Counted by a part of the hash first: most keys are few, and are never looked at one by one.
    part = (reading.frame("select key from deduplicated.keys")["key"] % _BUCKETS).to_numpy()
    crowded = np.flatnonzero(np.bincount(part, minlength=_BUCKETS) > KEY_CAP)
    reading.register(crowded_buckets=pl.DataFrame({"bucket": crowded}, schema={"bucket": pl.UInt64}))
    return reading.frame(_COMMON, {"key_cap": KEY_CAP, "buckets": _BUCKETS})
