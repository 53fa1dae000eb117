"""Great Expectations suites as data, and the process of its own that runs them. Imports neither Dagster nor the library.

Importing Great Expectations costs seconds and 200 MB. So the process that loads definitions and runs assets never imports
it: `Worker` starts `checks.expectations_worker` beside the run, where it gets ready while the first stages are computed.
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
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.tables import TABLE


@dataclass(frozen=True)
class Expectation:
    """One expectation of Great Expectations, by its type's name and arguments, with why it is there."""

    type: str
    arguments: Mapping[str, Any]
    description: str
    requirement: str


@dataclass(frozen=True)
class Suite:
    """What is expected of one table, month by month. Only the columns that the expectations name are read."""

    table: str
    expectations: Sequence[Expectation]

    def columns(self) -> list[str]:
        """The columns that the expectations are about, and those that make a row's key."""
        declared = TABLE[self.table]
        named = {str(v) for e in self.expectations for k, v in e.arguments.items() if k.startswith("column")}
        named |= {c for e in self.expectations for c in e.arguments.get("column_list", ())}
        wanted = {*declared.key, *([declared.month] if declared.month else []), *named}
        return [c.name for c in declared.columns if c.name in wanted]


@dataclass
class Worker:
    """The process in which Great Expectations lives: one JSON line in, one JSON line out."""

    process: subprocess.Popen[str] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    last_order: int = 0
    asked: dict[tuple[str, ...], int] = field(default_factory=dict)  # orders by database, table and months

    def start(self) -> None:
        """Start the process, if it isn't there. Returns at once; the process gets ready by itself."""
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                self.asked.clear()  # what a process was asked that has ended, nobody answers
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "checks.expectations_worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
                )

    def ask(self, database: str, suite: Suite, months: Sequence[str]) -> None:
        """Send a suite to be validated, and return at once: `validate` waits for its results."""
        self.start()
        table = TABLE[suite.table]
        with self.lock:
            process = self.process
            if process is None or process.stdin is None:
                raise CasualtyError("the Great Expectations process isn't there")
            self.last_order += 1
            order = {
                "number": self.last_order,
                "database": database,
                "table": suite.table,
                "columns": suite.columns(),
                "month_column": table.month,
                "key": list(table.key),
                "months": list(months),
                "expectations": [asdict(e) for e in suite.expectations],
            }
            self.asked[database, suite.table, *months] = self.last_order
            with suppress(BrokenPipeError):  # it ended: whoever waits for its answer is told
                process.stdin.write(json.dumps(order) + "\n")
                process.stdin.flush()

    def validate(self, database: str, suite: Suite, months: Sequence[str]) -> list[dict[str, Any]]:
        """Results of a suite: type, column, success, unexpected, month (or ''). Raises CasualtyError when it broke down.

        Takes the answer to what was asked before, and asks where nothing was.
        """
        if (database, suite.table, *months) not in self.asked:
            self.ask(database, suite, months)
        with self.lock:
            number = self.asked.pop((database, suite.table, *months))
            answer = self._answer(number)
        if "error" in answer:
            raise CasualtyError(f"Great Expectations could not check {suite.table}: {answer['error']}")
        results: list[dict[str, Any]] = answer["results"]
        return results

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
