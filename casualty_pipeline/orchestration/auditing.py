"""What an asset by months writes through: a gate that has its rows judged before they replace the old ones.

Here is only what an asset knows of it; `checks/gate.py` is the gate, made of the stage's checks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import dagster as dg

from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.quality.publishing import Audit, Compute, Published


class Gate(Protocol):
    """Months that pass are kept and materialised; others keep the rows of before, and fail the run."""

    def write(
        self,
        context: dg.AssetExecutionContext,
        home: HomeResource,
        tables: Sequence[str],
        compute: Compute,
        extra: Mapping[str, Any] | None = None,
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Compute the run's months in one transaction, keep those that pass; yields what Dagster is told of the tables."""

    def write_by(
        self,
        context: dg.AssetExecutionContext,
        home: HomeResource,
        tables: Sequence[str],
        write: Callable[[Audit, Sequence[str]], Published],
        extra: Mapping[str, Any] | None = None,
    ) -> Iterator[dg.MaterializeResult[None]]:
        """The same for a stage that divides its months, which `write` is given, among transactions itself."""
