"""Great Expectations suites as data, and the process of its own that runs them. Imports neither Dagster nor the library.

Importing Great Expectations costs seconds and 200 MB. So the process that loads definitions and runs assets never imports
it: `Worker` starts `checks.expectations_worker` beside the run, where it gets ready while the first stages are computed.

The rows go there as a Parquet file, not through the warehouse: they are audited before their transaction ends, when no other
process can see them. Only the columns that a suite is about are in it, and of one that holds personal data only a hash.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.tables import TABLE
from casualty_pipeline.warehouse import Reading


@dataclass(frozen=True)
class Expectation:
    """One expectation of Great Expectations, by its type's name and arguments, with what it means in plain words."""

    type: str
    arguments: Mapping[str, Any]
    description: str

    def columns(self) -> set[str]:
        """The columns that it is about."""
        named = {str(v) for k, v in self.arguments.items() if k.startswith("column") and k != "column_list"}
        return named | set(self.arguments.get("column_list", ()))


@dataclass(frozen=True)
class Suite:
    """What is expected of one table."""

    table: str
    expectations: Sequence[Expectation]

    def export(self, reading: Reading, months: Sequence[str], file: Path) -> None:
        """Write the months' rows (all, where the table has no months) to a Parquet file: `of_month`, `row_key`, columns."""
        declared = TABLE[self.table]
        about = set().union(*(e.columns() for e in self.expectations))
        month = declared.month or "''"
        open_key = [f'"{c.name}"::varchar' for c in declared.columns if c.name in declared.key and not c.personal]
        columns = [
            f'md5("{c.name}") as "{c.name}"' if c.personal and c.type == "VARCHAR" else f'"{c.name}"'
            for c in declared.columns
            if c.name in about
        ]
        listed = ", ".join(repr(m) for m in months) or "''"
        where = f" where {month} in ({listed})" if declared.month else ""
        selected = ", ".join([f"{month} as of_month", f"concat_ws('/', {', '.join(open_key)}) as row_key", *columns])
        reading.connection.execute(f"copy (select {selected} from {self.table}{where}) to '{file}' (format parquet)")


@dataclass
class Worker:
    """The process in which Great Expectations lives: one JSON line in, one JSON line out."""

    process: subprocess.Popen[str] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    last_order: int = 0

    def start(self) -> None:
        """Start the process, if it isn't there. Returns at once; the process gets ready by itself."""
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "checks.expectations_worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
                )

    def ask(self, suite: Suite, rows: Path, failing: Path, docs: Path | None = None) -> int:
        """Send a suite to be validated on a file of rows, and return at once, with the number to `take` the answer by.

        Failing rows go to the file `failing`: expectation (its place in the suite), month, key. With `docs`, Great
        Expectations' Data Docs of the result are written to that folder.
        """
        self.start()
        with self.lock:
            process = self.process
            if process is None or process.stdin is None:
                raise CasualtyError("the Great Expectations process isn't there")
            self.last_order += 1
            order = {
                "number": self.last_order,
                "table": suite.table,
                "rows": str(rows),
                "failing": str(failing),
                "docs": str(docs) if docs else "",
                "expectations": [asdict(e) for e in suite.expectations],
            }
            with suppress(BrokenPipeError):  # it ended: whoever waits for its answer is told
                process.stdin.write(json.dumps(order) + "\n")
                process.stdin.flush()
            return self.last_order

    def take(self, number: int, suite: Suite, failing: Path) -> pl.DataFrame:
        """The failing rows that an order found: expectation, month, key. Raises CasualtyError when it broke down."""
        with self.lock:
            answer = self._answer(number)
        if "error" in answer:
            raise CasualtyError(f"Great Expectations could not check {suite.table}: {answer['error']}")
        if not answer["failed"]:
            return pl.DataFrame(schema={"expectation": pl.Int64, "month": pl.String, "key": pl.String})
        return pl.read_parquet(failing)

    def _answer(self, number: int) -> dict[str, Any]:
        """The answer to an order. Answers come in order; earlier ones are of checks that failed before they took theirs."""
        while self.process is not None and self.process.stdout is not None:
            line = self.process.stdout.readline()
            if not line:
                break
            answer: dict[str, Any] = json.loads(line)
            if answer["number"] == number:
                return answer
        raise CasualtyError(
            "the Great Expectations process ended before it answered; try `python -m checks.expectations_worker` by hand"
        )

    def stop(self) -> None:
        """End the process."""
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                self.process.kill()
                self.process.communicate()
            self.process = None


WORKER = Worker()
atexit.register(WORKER.stop)
