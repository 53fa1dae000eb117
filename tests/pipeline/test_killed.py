"""A run that is killed loses nothing: whatever it was doing, the next tick asks for its months again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from casualty_pipeline.definitions import build_definitions
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.status import months_status
from tests.ticks import evaluated

REPOSITORY = Path(__file__).parents[2]
# A run of January to March that stops where the test kills it: before the named function of a stage, its transaction open,
# or after it, the transaction kept.
_RUN = """
import sys, time
from pathlib import Path
import assets.{stage} as stage
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.command_line import run_months

def stop(*args, **kwargs):
    {work}
    Path(sys.argv[1], "reached").touch()
    time.sleep(600)

work = stage.{function}
stage.{function} = stop
run_months(Home(Path(sys.argv[1])), "2020-01", "2020-03", print)
"""
FIGURES = "from monthly.figures order by all"


def _asked(small: Any) -> list[tuple[str, str]]:
    sensor = build_definitions(small.home).resolve_sensor_def("stale_months")
    context = dg.build_sensor_context(instance=small.instance, resources={"home": HomeResource(path=str(small.home.path))})
    start, end = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
    return [(r.tags[start], r.tags[end]) for r in evaluated(sensor, context).run_requests or []]


def _kill_at(small: Any, stage: str, function: str, after: bool) -> None:
    home = small.home.path
    program = _RUN.format(stage=stage, function=function, work="work(*args, **kwargs)" if after else "pass")
    log = (home / "killed.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(home)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 120
        while not (home / "reached").exists():
            assert process.poll() is None and time.monotonic() < deadline, (home / "killed.log").read_text("utf-8")[-2000:]
            time.sleep(0.1)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()
    (home / "reached").unlink()


@pytest.mark.long
@pytest.mark.parametrize(
    ("stage", "function", "after", "why"),
    [
        ("deduplicated", "deduplicate", False, "linkage hasn't followed records or decisions yet"),
        ("attributed", "attribute", True, "its victims or decisions changed"),
        ("monthly", "compute_figures", True, "its victims or decisions changed"),
        ("reports", "write_reports", False, "no report written"),
    ],
)
def test_the_next_tick_finds_what_a_killed_run_left(small: Any, stage: str, function: str, after: bool, why: str) -> None:
    small.take_in()
    small.compute("2020-01", "2020-03")
    before = small.rows(FIGURES)
    assert _asked(small) == []
    small.tip("call-1", "2020-01-11", 7)
    _kill_at(small, stage, function, after)

    january = months_status(small.home)[0]
    assert why in january.reasons
    if why != "no report written":  # then its figures are those of today
        assert january.causes.captures
        assert small.rows(FIGURES) == before
    (asked,) = _asked(small)
    assert asked[0] == "2020-01"

    while ranges := _asked(small):
        small.compute(*ranges[0])
    ((civilians,),) = small.rows(
        "select value from monthly.figures where month = '2020-01' and period = '2020-01' and population = 'civilians'"
        " and party = '' and category = '' and governorate = '' and demographic = 'all' and measure = 'count'"
    )
    assert civilians == 7
