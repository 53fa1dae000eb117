"""What runs cost: seconds, rows and peak memory of each step, a line each in HOME/logs/costs.jsonl.

In a file of its own, not in the warehouse: a run that failed cost something too, and its transaction is rolled back; and
whoever deletes the warehouse doesn't want to lose how long it took to make it.
"""

import resource
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from casualty_pipeline.home import Home
from casualty_pipeline.watching.journal import append, lines

COSTS = "costs.jsonl"
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Cost:
    """What one step of one run cost. `months` is how many; `rows` what its tables hold after it, all months together."""

    at: str  # when it ended: UTC, ISO 8601
    run: str
    step: str
    first: str
    last: str
    months: int
    seconds: float
    cpu_seconds: float
    rows: int
    peak_mb: float
    outcome: str  # success or failure


class Meter:
    """Measures from its making on. Peak memory is of the whole process, from then on, where the system can say (Linux)."""

    def __init__(self) -> None:
        with suppress(OSError):  # where that is refused, the mark is the process's since its start
            _CLEAR.write_text("5", encoding="ascii")  # the kernel's high-water mark starts again
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def cost(self, *, run: str, step: str, months: Sequence[str], rows: Mapping[str, int], success: bool) -> Cost:
        """What it was until now."""
        return Cost(
            at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            run=run,
            step=step,
            first=months[0] if months else "",
            last=months[-1] if months else "",
            months=len(months),
            seconds=round(time.monotonic() - self._wall, 3),
            cpu_seconds=round(time.process_time() - self._cpu, 3),
            rows=sum(rows.values()),
            peak_mb=round(_peak() / 1e6, 1),
            outcome="success" if success else "failure",
        )


def _peak() -> int:
    """Bytes: the most that the process held."""
    with suppress(OSError):
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def remember(home: Home, cost: Cost) -> None:
    """Add a line. Never raises for a disk that is full: what a run cost is worth no run."""
    append(home.logs / COSTS, asdict(cost))


def costs(home: Home, since: datetime | None = None) -> list[Cost]:
    """Every step that is remembered, in the order of their ends; only those since a moment (UTC), where one is given."""
    names = set(Cost.__dataclass_fields__)
    found = [Cost(**line) for line in lines(home.logs / COSTS) if set(line) == names]
    if since is not None:
        earliest = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        found = [cost for cost in found if cost.at >= earliest]
    return found
