"""The commands that watch a home: each answers in sentences and in JSON, and exits as it says."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from casualty_pipeline.cli import main
from casualty_pipeline.home import Home
from casualty_pipeline.watching.backups import note_backup
from casualty_pipeline.watching.costs import Cost, remember
from casualty_pipeline.watching.outbox import Alert, Outbox
from tests.fixtures.receivers import hook


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    made.path.chmod(0o700)
    return made


def _run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--home", str(home.path)])


def test_the_doctor_answers_each_question_with_a_sentence_and_advice(home: Home) -> None:
    note_backup(home, datetime.now(UTC) - timedelta(days=30), "s-1")
    result = _run(home, "doctor", "--format", "json")
    answers = {answer["subject"]: answer for answer in json.loads(result.stdout)}
    assert set(answers) >= {
        *("Python", "packages", "home", "permissions", "space", "clock", "locks", "warehouse", "months", "archive"),
        *("backup", "alerts", "daemon", "schedules", "ticks", "due months"),
    }
    assert all(answer["sentence"].endswith(".") for answer in answers.values())
    assert all(answer["advice"] for answer in answers.values() if answer["level"] != "fine")
    assert answers["backup"]["sentence"] == "The last backup is 30 days old."
    assert result.exit_code == max(["fine", "warning", "broken"].index(a["level"]) for a in answers.values()) == 1


def test_the_doctor_exits_2_for_what_is_broken_and_goes_on_looking(home: Home) -> None:
    home.warehouse.write_bytes(b"not a warehouse")
    (home.dagster / "dagster.yaml").write_text("storage: [what is this")
    result = _run(home, "doctor", "--format", "json")
    broken = {answer["subject"] for answer in json.loads(result.stdout) if answer["level"] == "broken"}
    assert {"warehouse", "months", "Dagster"} <= broken and result.exit_code == 2
    assert _run(Home(home.path / "nowhere"), "doctor").exit_code == 2


def test_a_test_of_alerts_says_which_channel_took_it(home: Home) -> None:
    with hook() as server:
        (home.path / "casualty.toml").write_text(f'[alerts.webhook]\nurl = "{server.url}"\n')
        result = _run(home, "alerts", "test")
        assert (result.exit_code, result.stdout) == (0, "log: took it\nwebhook: took it\n")
        server.answers = [500]
        result = _run(home, "alerts", "test")
        assert (result.exit_code, result.stdout) == (1, "log: took it\nwebhook: the webhook answered 500\n")
        assert [posted["kind"] for posted in server.posted] == ["test"]


def test_a_dry_run_of_alerts_tells_nobody_and_the_next_tells(home: Home) -> None:
    Outbox(home).put(Alert("failure-1", "failure", datetime.now(UTC).isoformat(), "March failed", "What to do.\n"))
    dry = _run(home, "alerts", "--dry-run")
    assert dry.exit_code == 0 and dry.stdout == "failure-1  log  March failed\n"
    assert _run(home, "alerts").stdout == "failure-1: told by log\n"
    assert _run(home, "alerts").stdout == ""
    (listed,) = json.loads(_run(home, "alerts", "list", "--format", "json").stdout)
    assert listed["sending"]["log"]["attempts"] == 1


def test_the_digest_of_a_home_with_nothing_in_it_says_so(home: Home) -> None:
    result = _run(home, "digest")
    assert result.exit_code == 0 and "Came in: nothing." in result.stdout and "Failed: nothing." in result.stdout
    told = json.loads(_run(home, "digest", "--since", "2026-01-01", "--format", "json").stdout)
    assert told["since"] == "2026-01-01T00:00:00Z" and told["stale"] == []


def test_costs_are_a_table_and_a_page_with_a_chart_for_each_step(home: Home, tmp_path: Path) -> None:
    for number, outcome in enumerate(("success", "failure", "success")):
        at = f"2026-11-0{number + 1}T03:00:00Z"
        remember(home, Cost(at, f"run-{number}", "cleaned", "2026-10", "2026-10", 1, 1.5 + number, 1.2, 100, 250.0, outcome))
    assert [c["outcome"] for c in json.loads(_run(home, "costs", "--format", "json").stdout)] == [
        "success",
        "failure",
        "success",
    ]
    assert _run(home, "costs", "--since", "2026-11-03", "--format", "csv").stdout.count("\n") == 2
    page = tmp_path / "costs.html"
    assert _run(home, "costs", "--html", str(page)).exit_code == 0
    text = page.read_text("utf-8")
    assert text.count("<svg") == 1 and "3 runs of cleaned" in text and "#B2182B" in text.upper()


@pytest.mark.parametrize(
    "arguments",
    [("tick", "no_such"), ("tick", "monthly", "--at", "soon"), ("digest", "--since", "soon"), ("costs", "--since", "soon")],
)
def test_what_cannot_be_meant_is_answered_with_exit_2(home: Home, arguments: tuple[str, ...]) -> None:
    result = _run(home, *arguments)
    assert result.exit_code == 2 and result.stderr.startswith("casualty: ")


@pytest.mark.parametrize("command", ["tick", "digest", "costs", "alerts"])
def test_a_home_that_is_not_there_is_not_made(tmp_path: Path, command: str) -> None:
    assert _run(Home(tmp_path / "nowhere"), command).exit_code == 2
    assert not (tmp_path / "nowhere").exists()
