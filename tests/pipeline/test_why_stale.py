"""Why months are stale: the decisions, merges and captures since then, named by id, as status and the sensor tell it."""

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.captures.inbox import take_inbox
from casualty_pipeline.captures.intake import read_archive
from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.home import Home
from casualty_pipeline.linkage.model import load
from casualty_pipeline.linkage.stage import deduplicate
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.staleness import Causes
from casualty_pipeline.status import MonthStatus, months_status
from casualty_pipeline.warehouse import Warehouse
from tests.ticks import evaluated

HEADER = "decision_id,kind,subject,value,certainty,basis,reason,decided_by,decided_at,supersedes\n"


class Ledger:
    """A copy of the filled home, into whose ledgers rows can be written; only `captures` reads them."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def decide(self, *rows: str) -> None:
        """Take rows (decision_id,kind,subject,value,decided_at,supersedes) in, and no more than that."""
        folder = self.home.inbox / "decisions"
        folder.mkdir(exist_ok=True)
        lines = []
        for row in rows:
            decision, kind, subject, value, at, supersedes = row.split(",")
            lines.append(f"{decision},{kind},{subject},{value},,,a reason,AB,{at},{supersedes}\n")
        (folder / f"{rows[0].split(',')[0]}.csv").write_text(HEADER + "".join(lines), "utf-8")
        take_inbox(self.home)
        with Warehouse(self.home.warehouse).writing() as write:
            read_archive(self.home, write)

    def stale(self) -> dict[str, MonthStatus]:
        return {s.month: s for s in months_status(self.home) if not s.current}

    def victims(self, month: str, party: str, count: int) -> list[str]:
        """Named victims of a month, about whom nobody decided."""
        sql = f"""
            select v.victim_id from attributed.victims as v inner join deduplicated.victims as d using (victim_id)
            where v.documentation_month = '{month}' and v.party = '{party}' and v.in_civilians and not d.unnamed
                and v.attribution_basis = 'claims' order by 1 limit {count}
        """
        with Warehouse(self.home.warehouse).reading() as reading:
            return [victim for (victim,) in reading.connection.execute(sql).fetchall()]


@pytest.fixture
def ledger(filled: Home, tmp_path: Path) -> Ledger:
    shutil.copytree(filled.path, tmp_path / "home", ignore=shutil.ignore_patterns("dagster"))
    home = Home(tmp_path / "home")
    home.prepare()
    return Ledger(home)


def test_a_decision_is_named_with_the_months_of_its_victims_and_no_others(ledger: Ledger) -> None:
    assert ledger.stale() == {}
    (victim,) = ledger.victims("2020-02", "syrian_regime", 1)
    ledger.decide(f"D-x,attribution,victim:{victim},russia,2020-04-02T00:00:00Z,")

    stale = ledger.stale()

    assert stale["2020-02"].reasons == ("its victims or decisions changed",)
    assert stale["2020-02"].causes == Causes(decisions=("D-x",), victims=1)
    assert stale["2020-03"].reasons == ("cumulative figures: 2020-02 changed or not run",)
    assert set(stale) == {"2020-02", "2020-03"}


def test_a_merge_that_linkage_has_not_followed_yet_makes_its_months_stale(ledger: Ledger) -> None:
    one, other = ledger.victims("2020-03", "syrian_regime", 2)
    ledger.decide(f"D-y,merge,victim:{one},into:victim:{other},2020-04-02T00:00:00Z,")

    stale = ledger.stale()

    assert set(stale) == {"2020-03"}
    assert stale["2020-03"].reasons == ("linkage hasn't followed records or decisions yet",)
    assert stale["2020-03"].causes == Causes(decisions=("D-y",))


def test_a_merge_makes_stale_the_later_months_whose_cumulative_figures_it_may_change(ledger: Ledger) -> None:
    one, other = ledger.victims("2020-02", "syrian_regime", 2)
    ledger.decide(f"D-y,merge,victim:{one},into:victim:{other},2020-04-02T00:00:00Z,")

    stale = ledger.stale()

    assert set(stale) == {"2020-02", "2020-03"}
    assert stale["2020-03"].reasons == ("cumulative figures: 2020-02 changed or not run",)
    assert stale["2020-03"].causes == Causes()


def test_once_linkage_has_followed_the_victim_that_went_is_named_and_after_its_run_nothing(ledger: Ledger) -> None:
    one, other = ledger.victims("2020-03", "syrian_regime", 2)
    ledger.decide(f"D-y,merge,victim:{one},into:victim:{other},2020-04-02T00:00:00Z,")
    with Warehouse(ledger.home.warehouse).writing() as write:
        deduplicate(write, known_sources(ledger.home), ledger.home.profile, load())

    causes = ledger.stale()["2020-03"].causes

    assert causes.decisions == ("D-y",)
    ((gone, into),) = causes.merged
    assert {gone, into} == {one, other}


def test_a_retraction_is_named_in_the_month_of_its_record(ledger: Ledger) -> None:
    with Warehouse(ledger.home.warehouse).reading() as reading:
        ((key,),) = reading.connection.execute(
            """
            select r.source_key from cleaned.records as r
            inner join deduplicated.victim_records using (record_id) inner join attributed.victims as v using (victim_id)
            where r.source = 'local_activists' and r.statement = 'person'
                and r.documentation_month = '2020-03' and v.documentation_month = '2020-03'
            order by 1 limit 1
            """
        ).fetchall()
    ledger.decide(f"D-z,retraction,record:local_activists/{key},retracted,2020-04-02T00:00:00Z,")

    assert {m: s.causes.decisions for m, s in ledger.stale().items()} == {"2020-03": ("D-z",)}


@pytest.mark.long
def test_captures_are_counted_and_named_by_their_hash(small: Any) -> None:
    small.take_in()
    small.compute("2020-01", "2020-03")
    small.tip("call-9", "2020-02-20", 1)
    small.take_in()

    stale, later = [s for s in months_status(small.home) if not s.current]

    ((sha,),) = small.rows("select capture_sha256 from captures.records where source_key = 'call-9'")
    assert (stale.month, stale.causes) == ("2020-02", Causes(captures=(sha,)))
    assert stale.told[-1] == f"1 capture ({sha[:8]})"
    assert (later.month, later.reasons) == ("2020-03", ("cumulative figures: 2020-02 changed or not run",))


def test_the_sensor_s_run_says_which_decisions_and_months_it_is_for(ledger: Ledger) -> None:
    (victim,) = ledger.victims("2020-02", "syrian_regime", 1)
    ledger.decide(f"D-x,attribution,victim:{victim},russia,2020-04-02T00:00:00Z,")
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, resources={"home": HomeResource(path=str(ledger.home.path))})
        sensor = build_definitions(ledger.home).resolve_sensor_def("stale_months")
        (request,) = evaluated(sensor, context).run_requests or []

    assert request.tags["decisions"] == "D-x"
    assert request.tags["stale_months"] == "2020-02 2020-03"
    assert "decision D-x, 1 victim of the month affected" in request.tags["reasons"]


@pytest.mark.long
def test_a_state_that_comes_back_is_dealt_with_again(small: Any) -> None:
    """After the warehouse was deleted, for one: Dagster launches no second run under the key of an earlier one."""

    def key() -> str:
        sensor = build_definitions(small.home).resolve_sensor_def("stale_months")
        context = dg.build_sensor_context(
            instance=small.instance, resources={"home": HomeResource(path=str(small.home.path))}
        )
        (request,) = evaluated(sensor, context).run_requests or []
        job = build_definitions(small.home).resolve_job_def("materialize_month")
        small.instance.create_run_for_job(job, tags=request.tags, status=dg.DagsterRunStatus.SUCCESS)
        start, end = (request.tags[f"dagster/asset_partition_range_{which}"] for which in ("start", "end"))
        small.compute(start, end)
        return str(request.run_key)

    small.take_in()
    before = key()
    small.home.warehouse.unlink()
    small.take_in()

    assert key() != before
