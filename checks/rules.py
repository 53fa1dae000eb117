"""Checks as declared: what a check is, and rules in SQL.

The checks themselves stand in the stage modules, what Great Expectations is asked in `expectations.py`; how checks are made
is in `evaluating.py`, how Dagster is told in `asset_checks.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import polars as pl

from casualty_pipeline.orchestration.metadata import key_of
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.failures import failing
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading
from checks.worker import Expectation

Find = Callable[[HomeResource, Reading, Sequence[str]], pl.DataFrame]
WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR


def nothing(_home: HomeResource, _reading: Reading, _months: Sequence[str]) -> pl.DataFrame:
    """No failing row: of a check that only tells, or that Great Expectations makes."""
    return failing()


@dataclass(frozen=True)
class Check:
    """One check of a stage. `find` answers with every row that breaks it: month ('' for none), key, reason.

    The rows stay in the warehouse; of what it finds, counts and a few keys reach Dagster's storage. So a key never says
    anything of a person. `standing`: it looks at the whole home, whatever the run is about, and keeps no rows.
    """

    name: str
    table: str
    description: str
    requirement: str
    find: Find = nothing
    blocking: bool = True
    severity: dg.AssetCheckSeverity = ERROR
    also_reads: Sequence[str] = ()
    expectations: Sequence[Expectation] = ()  # what Great Expectations is asked, in the place of `find`
    tell: Callable[[Reading], Mapping[str, Any]] | None = None  # numbers that its result shows, broken or not
    show: Callable[[Reading, str], Mapping[str, Any]] | None = None  # what the result of a month that breaks it shows
    standing: bool = False
    kept_in: str = ""  # the stage that makes it and keeps its failing rows, where that isn't its table's

    @property
    def stage(self) -> str:
        """The stage that makes it: its failing rows are in that stage's table `failures`."""
        return self.kept_in or self.table.partition(".")[0]

    @property
    def by_month(self) -> bool:
        """Whether its table is replaced by months, so that its results are a month's."""
        return bool(TABLE[self.table].month)

    def spec(self, months: dg.PartitionsDefinition[str]) -> dg.AssetCheckSpec:
        """What Dagster is told of it."""
        return dg.AssetCheckSpec(
            self.name,
            asset=key_of(self.table),
            description=f"{self.description} ({self.requirement})",
            blocking=self.blocking,
            partitions_def=months if self.by_month else None,
            additional_deps=[key_of(t) for t in self.also_reads],
            metadata={"requirement": self.requirement, "severity": self.severity.value},
        )


def rule(
    name: str,
    table: str,
    description: str,
    requirement: str,
    sql: str,
    blocking: bool = True,
    severity: dg.AssetCheckSeverity = ERROR,
    parameters: Mapping[str, object] | None = None,
) -> Check:
    """A check in SQL, which returns (month, key) of every row that breaks it; month '' where rows have none.

    It may use `$months`, the months that are looked at, and the parameters. The reason of each row is the description.
    """

    def find(_home: HomeResource, reading: Reading, months: Sequence[str]) -> pl.DataFrame:
        bound = {**(parameters or {}), **({"months": list(months)} if "$months" in sql else {})}
        rows = reading.frame(
            f"select distinct t.month, t.key::varchar as key from ({sql}) as t(month, key) order by all", bound
        )
        return rows.select(
            pl.col("month").cast(pl.String), pl.col("key").cast(pl.String), pl.lit(description).alias("reason")
        )

    return Check(name, table, description, requirement, find, blocking, severity)
