"""Write, audit, publish: a month's rows replace the old ones only when they pass the audit; all in one transaction.

The stage that writes and the audit that judges are both given: here is only the order of things.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from casualty_pipeline.quality.failures import Outcome
from casualty_pipeline.warehouse import Warehouse, Writing

Compute = Callable[[Writing, Sequence[str]], None]  # replaces months of a stage's tables, in the transaction that is open
Audit = Callable[[Writing, Sequence[str]], Sequence[Outcome]]  # judges what was written, before it is kept


@dataclass
class Published:
    """What became of the months: rows written by table, and every check's outcome, also for the months refused."""

    written: dict[str, int] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Take outcomes for further months in."""
        for outcome in outcomes:
            key = outcome.table, outcome.check
            self.outcomes[key] = self.outcomes[key].and_of(outcome) if key in self.outcomes else outcome

    def count(self, written: Mapping[str, int]) -> None:
        """Take rows written in."""
        for table, rows in written.items():
            self.written[table] = self.written.get(table, 0) + rows


class _RefusedError(Exception):
    """Ends the transaction without keeping it."""


def refused_months(outcomes: Sequence[Outcome], months: Sequence[str]) -> list[str]:
    """The months that a blocking check finds fault with; all of them where it can't say which."""
    blamed = {m for o in outcomes if o.blocking for m in o.rows["month"].unique()}
    return list(months) if "" in blamed else [m for m in months if m in blamed]


def unaudited(_write: Writing, _months: Sequence[str]) -> Sequence[Outcome]:
    """An audit that lets everything pass: for tests and tools of a stage by itself."""
    return ()


def publish(
    warehouse: Warehouse, months: Sequence[str], compute: Compute, audit: Audit, done: Published | None = None
) -> Published:
    """Replace the months that pass, and leave the rows of the others as they are; says what became of each.

    Where a month is refused, nothing of the transaction is kept, and the rest of the months are computed and judged again
    without it: rows of one month may rest on those of another. With `done`, what became of other months is added to.
    """
    done, left = done or Published(), list(months)
    while left:
        outcomes: Sequence[Outcome] = ()
        refused: list[str] = []
        try:
            with warehouse.writing() as write:
                compute(write, left)
                outcomes = audit(write, left)
                refused = refused_months(outcomes, left)
                if refused:
                    raise _RefusedError
        except _RefusedError:
            done.refused += refused
            done.add([replace(o.only(refused), refused=frozenset(refused)) for o in outcomes])
            left = [m for m in left if m not in refused]
            continue
        done.count(write.written)
        done.add(outcomes)
        break
    return done
