"""Ledgers read run by run come to what they come to when all are read at once, whatever waits for what."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.captures.archive import Archive
from casualty_pipeline.captures.custody import Given, moment_of
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.ledgers import read_all
from casualty_pipeline.captures.sources import DECISIONS
from casualty_pipeline.home import Home
from casualty_pipeline.warehouse import Writing
from tests.unit.captures.test_ledgers_judged import LEDGERS, Cells
from tests.unit.linkage.worlds import empty

_TABLES = ("captures.decisions", "captures.rejected", "captures.manifest")


def put(home: Home, folder: Path, number: int, rows: list[Cells]) -> None:
    path = folder / f"{number}.jsonl"
    path.write_text("".join(json.dumps({k: v for k, v in r.items() if v}) + "\n" for r in rows), encoding="utf-8")
    received = moment_of(f"2020-06-{number + 1:02}", "received")
    Archive(home.archive).receive([(path, path.name)], DECISIONS, Given(received_at=received))


def held(write: Writing) -> list[str]:
    return [str(write.table(name).to_dicts()) for name in _TABLES]


@settings(max_examples=12, deadline=None)
@given(ledgers=LEDGERS, order=st.permutations(range(4)))
def test_run_by_run_or_all_at_once(ledgers: list[list[Cells]], order: list[int]) -> None:
    """Also when a ledger arrives that was received before others that were read already."""
    with tempfile.TemporaryDirectory() as name, empty() as by_run, empty() as at_once:
        home = Home(Path(name) / "home")
        home.prepare()
        for number in [n for n in order if n < len(ledgers)]:
            put(home, Path(name), number, ledgers[number])
            read_archive(home, by_run)
        read_archive(home, at_once)
        assert held(by_run) == held(at_once)
        assert set(read_all(home)[1]) == set(at_once.table("captures.decisions")["decision_id"])
