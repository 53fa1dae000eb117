"""Failing rows: the frame in which a check names them, and the tables in which they stay until they are found no more.

What belongs here: writing and closing. Reading them for people is `listing.py`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from casualty_pipeline.tables import STAGES
from casualty_pipeline.warehouse import Reading, Writing

ROW = {"month": pl.String, "key": pl.String, "reason": pl.String}


def failing(rows: Iterable[tuple[str, str, str]] = ()) -> pl.DataFrame:
    """Failing rows as a frame: month ('' where there is none), key, reason. Sorted, each once."""
    return pl.DataFrame(sorted(set(rows)), schema=ROW, orient="row")


@dataclass(frozen=True)
class Outcome:
    """What one check found in the months that it looked at. `rows` is a frame as `failing` makes it, complete.

    `months`: those whose rows it looked at; None where it looked at all there are.
    `refused`: the months that were not replaced, so that their failing rows are none of the table.
    """

    table: str
    check: str
    blocking: bool
    rows: pl.DataFrame
    months: tuple[str, ...] | None = None
    refused: frozenset[str] = field(default=frozenset())

    @property
    def passed(self) -> bool:
        """Whether no row breaks it."""
        return self.rows.is_empty()

    def only(self, months: Sequence[str]) -> "Outcome":
        """The same for some of its months; rows that belong to no month stay."""
        kept = None if self.months is None else tuple(m for m in self.months if m in months)
        rows = self.rows.filter(pl.col("month").is_in([*months, ""]))
        return replace(self, rows=rows, months=kept, refused=self.refused & set(months))

    def and_of(self, other: "Outcome") -> "Outcome":
        """The outcome of one check over these months and others."""
        months = None if self.months is None or other.months is None else tuple(sorted({*self.months, *other.months}))
        rows = pl.concat([self.rows, other.rows]).unique().sort(list(ROW))
        return replace(self, rows=rows, months=months, refused=self.refused | other.refused)


def anything_to_keep(reading: Reading, stage: str, outcomes: Sequence[Outcome]) -> bool:
    """Whether `keep` would change something: rows that fail now, or open ones that may be closed."""
    if any(not o.passed for o in outcomes):
        return True
    return bool(reading.connection.execute(f"select 1 from {stage}.failures where closed_at is null limit 1").fetchall())


def keep(
    write: Writing,
    stage: str,
    run_id: str,
    at: datetime,
    outcomes: Sequence[Outcome],
    audited: bool = False,
    declared: Collection[tuple[str, str]] = (),
) -> None:
    """Add the rows that fail and weren't known to; close those that were open and that the same check finds no more.

    A row that failed before and fails again stays as it was found first. `at` is UTC, without a timezone. `audited`: the
    outcomes are of rows that were to replace a month's; without it, what was found of refused rows stays open, since the
    table doesn't hold them. `declared`: table and name of each check that the stage has; rows of a check that is no more,
    or has another name, are closed.
    """
    checks = pl.DataFrame(
        [(o.table, o.check, o.blocking, o.months is None) for o in outcomes],
        schema={"check_table": pl.String, "check_name": pl.String, "blocking": pl.Boolean, "of_all": pl.Boolean},
        orient="row",
    )
    looked_at = pl.DataFrame(
        [(o.table, o.check, month) for o in outcomes for month in (o.months or ())],
        schema={"check_table": pl.String, "check_name": pl.String, "month": pl.String},
        orient="row",
    )
    named = [
        o.rows.with_columns(
            check_table=pl.lit(o.table), check_name=pl.lit(o.check), refused=pl.col("month").is_in(sorted(o.refused))
        )
        for o in outcomes
    ]
    write.register(
        checks_made=checks,
        checks_declared=pl.DataFrame(
            sorted(declared), schema={"check_table": pl.String, "check_name": pl.String}, orient="row"
        ),
        months_looked_at=looked_at,
        rows_failing=pl.concat(named)
        if named
        else failing().with_columns(check_table=pl.lit(""), check_name=pl.lit(""), refused=pl.lit(False)),
    )
    parameters = {"at": at, "run": run_id}
    same = "k.check_table = f.check_table and k.check_name = f.check_name and k.month = f.month and k.key = f.key"
    write.connection.execute(
        f"""
        update {stage}.failures as k set closed_at = $at, closed_by = $run
        where k.closed_at is null
            and ($audited or not k.refused)
            and (
                (
                    $all_named
                    and not exists (
                        from checks_declared as d where d.check_table = k.check_table and d.check_name = k.check_name
                    )
                )
                or exists (
                    from checks_made as c
                    where c.check_table = k.check_table and c.check_name = k.check_name and (c.of_all or k.month = '')
                )
                or exists (
                    from months_looked_at as m
                    where m.check_table = k.check_table and m.check_name = k.check_name and m.month = k.month
                )
            )
            and not exists (
                from rows_failing as f where {same} and k.reason = f.reason and k.refused = f.refused
            )
        """,
        {**parameters, "audited": audited, "all_named": bool(declared)},
    )
    write.append(
        f"{stage}.failures",
        f"""
        select f.*, c.blocking, $run as run_id, $at::timestamp as found_at, null::timestamp as closed_at,
            null::varchar as closed_by
        from rows_failing as f
        inner join checks_made as c on f.check_table = c.check_table and f.check_name = c.check_name
        where not exists (
            from {stage}.failures as k where k.closed_at is null and {same} and k.reason = f.reason
        )
        order by all
        """,
        parameters,
    )


def unresolved(reading: Reading, blocking: bool | None = None) -> Mapping[str, Mapping[str, int]]:
    """For each month with open failing rows, their number by check (`stage.table check`). Month '': rows that have none.

    `blocking`: only rows of checks that block (True) or that warn (False).
    """
    only = "" if blocking is None else f"and blocking = {blocking}"
    union = " union all ".join(
        f"select month, check_table || ' ' || check_name as named, count(*) as rows from {stage}.failures "
        f"where closed_at is null {only} group by all"
        for stage in STAGES
    )
    found: dict[str, dict[str, int]] = {}
    for month, named, rows in reading.connection.execute(f"from ({union}) order by all").fetchall():
        found.setdefault(month, {})[named] = rows
    return found
