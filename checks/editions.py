"""Checks of what was published, as the warehouse holds it: `reports.editions`, `monthly.vintages`, `monthly.restatements`.

These tables have no months: they hold every edition, and are read from `published/` by the stage `reports`, which makes
these checks, too. All are SQL, in place: every edition there ever was is too much to hand over to another process at each
run. What an edition's own files say can't be repaired by a run, since editions never change: it warns, and blocks nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from casualty_pipeline.editions.tables import TABLES
from casualty_pipeline.editions.vintages import misstated
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import failing
from casualty_pipeline.tables import FIGURE_COLUMNS, TABLE
from casualty_pipeline.warehouse import Reading
from checks.rules import WARN, Check, rule

_ADDRESS = FIGURE_COLUMNS[:-1]
_AT = "concat_ws(':', {of}.edition, {columns})"
CAUSES = ["decision", "merge", "split", "retraction", "capture", "method"]


def _named(alias: str) -> str:
    """SQL for the key of a failing figure: edition and address."""
    return _AT.format(of=alias, columns=", ".join(f"{alias}.{c}" for c in _ADDRESS))


def _same(one: str, other: str) -> str:
    return " and ".join(f"{one}.{c} = {other}.{c}" for c in _ADDRESS)


def _keys() -> Iterator[Check]:
    for table in TABLES:
        key = ", ".join(TABLE[table].key)
        yield rule(
            "keys_are_unique",
            table,
            f"No two rows have the same {key.replace(', ', ' and ')}; that they are filled, the table itself sees to.",
            "principle 3",
            f"select month, concat_ws(':', {key}) from {table} group by {key} having count(*) > 1",
        )


EDITIONS = (
    rule(
        "editions_follow_each_other",
        "reports.editions",
        "The editions of a month are numbered from 1 without a gap; each follows another that there is, and one alone none.",
        "R24",
        """
        select e.month, e.edition from reports.editions as e
        where e.edition < 1
            or (
                e.edition > 1
                and not exists (from reports.editions as b where b.month = e.month and b.edition = e.edition - 1)
            )
            or (e.previous <> '' and e.previous not in (select b.manifest from reports.editions as b))
        union all
        select e.month, e.edition from reports.editions as e
        qualify count(*) over (partition by e.previous) > 1
        """,
        blocking=False,
        severity=WARN,
    ),
    rule(
        "editions_know_no_later_than_published",
        "reports.editions",
        "No edition says that it knew what became known after it was published, or less than the edition before it.",
        "R24",
        """
        select e.month, e.edition from reports.editions as e
        left join reports.editions as b on e.month = b.month and b.edition = e.edition - 1
        where e.as_of > e.published_at or e.as_of < b.as_of
        """,
        blocking=False,
        severity=WARN,
    ),
    rule(
        "vintages_are_of_editions",
        "monthly.vintages",
        "Each edition has its figures, as of the same moment, and there are none of an edition that isn't there.",
        "principle 4",
        """
        select coalesce(v.month, e.month), coalesce(v.edition, e.edition)
        from (select distinct month, edition, as_of from monthly.vintages) as v
        full join reports.editions as e using (month, edition)
        where v.as_of is distinct from e.as_of
        """,
    ),
    rule(
        "causes_are_known",
        "monthly.restatements",
        "Each change has a cause that is known here: a decision, a capture, or a change of method.",
        "requirements, section 5",
        f"""
        select r.month, {_named("r")} from monthly.restatements as r
        where r.cause not in (select unnest($causes))
            or (r.cause = 'capture' and r.cause_id not in (select m.sha256 from captures.manifest as m))
            or (
                r.cause in ('decision', 'merge', 'split', 'retraction')
                and r.cause_id not in (select d.decision_id from captures.decisions as d)
            )
        """,
        blocking=False,
        severity=WARN,
        parameters={"causes": CAUSES},
    ),
    rule(
        "causes_add_up_to_the_difference",
        "monthly.restatements",
        "The shares of a figure's causes add up to the difference between its editions.",
        "requirements, section 5",
        f"""
        select r.month, {_named("r")} from monthly.restatements as r
        group by r.month, r.edition, {", ".join(f"r.{c}" for c in _ADDRESS)}
        having abs(sum(r.share) - (max(r.after) - max(r.before))) > 1e-6
            or max(r.after) <> min(r.after) or max(r.before) <> min(r.before)
        """,
        blocking=False,
        severity=WARN,
    ),
    rule(
        "restatements_tell_what_changed",
        "monthly.restatements",
        "Exactly the figures that an edition has otherwise than the one before are restated, from that number to this.",
        "requirements, section 5",
        f"""
        with told as (
            select distinct month, edition, {", ".join(_ADDRESS)}, before, after from monthly.restatements
        ),

        changed as (
            select month, edition, {", ".join(_ADDRESS)}, sum(was) as before, sum(now) as after
            from (
                select month, edition, {", ".join(_ADDRESS)}, 0 as was, value as now from monthly.vintages where edition > 1
                union all
                select v.month, v.edition + 1, {", ".join(f"v.{c}" for c in _ADDRESS)}, v.value, 0
                from monthly.vintages as v
                inner join reports.editions as e on v.month = e.month and e.edition = v.edition + 1
            )
            group by all
            having sum(was) <> sum(now)
        )

        select t.month, {_named("t")} from told as t
        left join changed as c on t.month = c.month and t.edition = c.edition and {_same("t", "c")}
        where t.before is distinct from c.before or t.after is distinct from c.after
        union
        select c.month, {_named("c")} from changed as c
        where not exists (
            from told as t where t.month = c.month and t.edition = c.edition and {_same("t", "c")}
        )
        """,
        blocking=False,
        severity=WARN,
    ),
)


def _misstated(home: HomeResource, reading: Reading, _months: Sequence[str]) -> pl.DataFrame:
    return failing((one.month, one.key, one.sentence) for one in misstated(home.home, reading))


VINTAGES = Check(
    "vintages_are_what_editions_say",
    "monthly.vintages",
    "Each figure is what its edition's own figures.csv says; from the first edition to the newest, what changed is what the "
    "restatements add up to.",
    "requirements, section 5",
    _misstated,
    blocking=False,
    severity=WARN,
)
DECLARED = tuple(replace(c, kept_in="reports") for c in (*_keys(), *EDITIONS, VINTAGES))
