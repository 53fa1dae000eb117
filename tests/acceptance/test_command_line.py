"""From the sample to published figures and back to the bytes, through the command line alone."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from casualty_pipeline.cli import main
from casualty_pipeline.figures.identities import contradictions
from casualty_pipeline.profile import load_profile
from casualty_pipeline.tables import FIGURE_COLUMNS
from casualty_pipeline.warehouse import Warehouse
from tests.acceptance.conftest import Casualty

MONTHS = ("2020-01", "2020-02", "2020-03")
Figures = Mapping[tuple[str, ...], float]

# C1: the published dead of Russian massacres are more than the published dead of Russian forces. Nobody can be killed in a
# massacre without being killed, so the sample holds the most that the tolls allow, and these eight figures differ.
CONTRADICTED = {
    ("2020-03", "massacre_victims", "", "", "", "all", "count"): 41,
    ("2020-03", "massacre_victims", "", "", "", "child", "count"): 14,
    ("2020-03", "massacre_victims", "", "", "", "child_female", "count"): 3,
    ("2020-03", "massacre_victims", "", "", "", "woman", "count"): 7,
    ("2020-03", "massacre_victims", "", "", "", "women_and_children", "percent"): 51,
    ("2020-03", "massacre_victims", "russia", "", "", "all", "count"): 19,
    ("2020-03", "massacre_victims", "russia", "", "", "child_female", "count"): 2,
    ("2020-03", "massacre_victims", "russia", "", "", "woman", "count"): 7,
}


def figures_in(text: str) -> dict[tuple[str, ...], float]:
    rows = csv.reader(io.StringIO(text))
    header = next(rows)
    assert header == ["period", "population", "party", "category", "governorate", "demographic", "measure", "value"]
    return {tuple(row[:-1]): float(row[-1]) for row in rows}


def figures_of(casualty: Casualty, period: str) -> dict[tuple[str, ...], float]:
    return figures_in(casualty.done("figures", "--period", period, "--format", "csv").stdout)


def state_of(casualty: Casualty) -> dict[str, list[str]]:
    """Every month with the reasons why it is stale."""
    months = json.loads(casualty.done("status", "--format", "json").stdout)["months"]
    return {month["month"]: month["reasons"] for month in months}


def files_beneath(folder: Path) -> dict[str, str]:
    """Every file with the hash of its bytes."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def victims_of(casualty: Casualty, figure: str) -> dict[str, list[str]]:
    """The ids of a figure's victims, with the ids of their records."""
    traced = json.loads(casualty.done("trace", figure, "--format", "json").stdout)
    return {v["victim_id"]: [r["record_id"] for r in v["records"]] for v in traced["victims"]}


@pytest.mark.parametrize("month", MONTHS)
def test_the_figures_of_the_sample_are_the_published_ones(sample: Casualty, month: str) -> None:
    path = load_profile("syria").published(month)
    assert path is not None
    published, ours = figures_in(path.read_text(encoding="utf-8")), figures_of(sample, month)
    different = {address: ours.get(address) for address, value in published.items() if ours.get(address) != value}
    assert different == (CONTRADICTED if month == "2020-03" else {})


def test_the_tolls_since_january(sample: Casualty) -> None:
    figures = figures_of(sample, "2020-01..2020-03")
    everybody = {
        p: figures["2020-01..2020-03", p, "", "", "", "all", "count"] for p in ("civilians", "torture", "massacres")
    }
    assert everybody == {"civilians": 707, "torture": 39, "massacres": 26}


@pytest.mark.parametrize("month", MONTHS)
def test_our_own_figures_contradict_each_other_nowhere(sample: Casualty, month: str) -> None:
    rows = [(*address, value) for address, value in figures_of(sample, month).items()]
    figures = pl.DataFrame(rows, schema=list(FIGURE_COLUMNS), orient="row")
    assert contradictions(figures, load_profile("syria"), complete=True) == []


def test_the_governorates_in_the_order_of_their_tolls(sample: Casualty) -> None:
    tolls = {
        address[4]: value
        for address, value in figures_of(sample, "2020-03").items()
        if address[:2] == ("2020-03", "civilians") and address[4] and address[5:] == ("all", "count")
    }
    label = {g.pcode: g.label["en"] for g in load_profile("syria").governorates}
    ranking = sorted(tolls, key=lambda g: -tolls[g])
    assert [label[g] for g in ranking[:3]] == ["Idlib", "Deir Ez-Zour", "Daraa"]


def test_all_formats_of_the_figures_say_the_same(sample: Casualty) -> None:
    by_csv = figures_of(sample, "2020-03")
    rows = json.loads(sample.done("figures", "--period", "2020-03", "--format", "json").stdout)
    assert {tuple(str(v) for v in list(row.values())[:-1]): row["value"] for row in rows} == by_csv
    exported = figures_in((sample.home / "reports/2020-03/figures.csv").read_text(encoding="utf-8-sig"))
    assert exported == by_csv


def test_after_a_run_every_month_is_current(sample: Casualty) -> None:
    assert state_of(sample) == {month: [] for month in MONTHS}


def test_a_figure_is_traced_to_its_victims_their_records_and_the_bytes(sample: Casualty) -> None:
    traced = json.loads(sample.done("trace", "2020-03:civilians:russia", "--format", "json").stdout)
    assert traced["value"] == len(traced["victims"]) == 19
    records = [record for victim in traced["victims"] for record in victim["records"]]
    assert all(victim["records"] for victim in traced["victims"])
    for sha256 in {record["capture_sha256"] for record in records}:
        archived = sample.home / "archive/objects" / sha256[:2] / sha256
        assert hashlib.sha256(archived.read_bytes()).hexdigest() == sha256
    kinds = {record["file"].rpartition(".")[2] for record in records}
    assert kinds == {"csv", "xlsx"}
    for record in records:
        archived = sample.home / "archive/objects" / record["capture_sha256"][:2] / record["capture_sha256"]
        assert record["source_key"] in _row(archived, record["sheet"], record["row_number"])


def _row(archived: Path, sheet: str | None, number: int) -> list[str]:
    """One row of an archived table, counted from 1, as a spreadsheet shows it."""
    if sheet is None:
        with archived.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))[number - 1]
    with archived.open("rb") as raw:
        workbook = openpyxl.load_workbook(raw, read_only=True)
        return [str(cell) for cell in next(workbook[sheet].iter_rows(number, number, values_only=True))]


@pytest.fixture(scope="module")
def rebuilt(copied: Callable[[], Casualty]) -> Casualty:
    """The sample's home with the warehouse and the reports deleted, and run again."""
    casualty = copied()
    (casualty.home / "warehouse.duckdb").unlink()
    shutil.rmtree(casualty.home / "reports")
    casualty.done("run", "--month", "2020-01", "--through", "2020-03")
    return casualty


@pytest.mark.long
def test_a_warehouse_that_was_deleted_is_rebuilt_with_the_same_figures_and_ids(sample: Casualty, rebuilt: Casualty) -> None:
    """Principle 1: captures and decisions are the truth, all else is derived."""
    assert figures_of(rebuilt, "2020-03") == figures_of(sample, "2020-03")
    figure = "2020-01..2020-03:civilians"
    assert victims_of(rebuilt, figure) == victims_of(sample, figure)
    assert files_beneath(rebuilt.home / "reports") == files_beneath(sample.home / "reports")


STALE = {  # after the decision below
    "2020-01": [],
    "2020-02": ["its victims or decisions changed"],
    "2020-03": ["cumulative figures: 2020-02 changed or not run"],
}


def decide(casualty: Casualty) -> None:
    """Take in a decision of April: a massacre of February that was held to be the Syrian regime's was ISIS's."""
    with Warehouse(casualty.home / "warehouse.duckdb").reading() as reading:
        (ref,) = reading.connection.execute(
            """
            select min(r.incident_ref) from attributed.incidents as i
            inner join deduplicated.incident_records as l on i.incident_id = l.incident_id
            inner join cleaned.records as r on l.record_id = r.record_id
            where i.documentation_month = '2020-02' and i.massacre and i.party = 'syrian_regime'
                and starts_with(r.incident_ref, 'field_teams/') and r.incident_ref not in (
                    select replace(d.subject, 'incident:', '') from captures.decisions as d
                )
            """
        ).fetchall()[0]
    ledger = casualty.home.parent / "april.csv"
    ledger.write_text(
        "decision_id,kind,subject,value,certainty,reason,decided_by,decided_at\n"
        f"D-2020-04-001,attribution,incident:{ref},isis,established,new evidence,team,2020-04-02T09:00:00Z\n",
        encoding="utf-8",
    )
    casualty.done("ingest", ledger, "--source", "decisions")


@pytest.fixture(scope="module")
def decided(copied: Callable[[], Casualty]) -> Casualty:
    """The sample's home with that decision, and January run again."""
    casualty = copied()
    decide(casualty)
    said = casualty.done("run", "--month", "2020-01").stderr
    assert "other months are stale now: 2020-02, 2020-03" in said
    return casualty


@pytest.mark.long
def test_a_month_that_nothing_touched_is_written_again_to_the_same_bytes_and_ids(
    sample: Casualty, decided: Casualty
) -> None:
    before, after = (files_beneath(c.home / "reports/2020-01") for c in (sample, decided))
    assert after == before
    for figure in ("2020-01:civilians", "2020-01:torture"):
        assert victims_of(decided, figure) == victims_of(sample, figure)


@pytest.mark.long
def test_a_decision_makes_stale_its_month_and_the_cumulative_ones_after_it_and_running_them_applies_it(
    sample: Casualty, decided: Casualty
) -> None:
    """R24: new evidence may change any classification, at any time."""
    assert state_of(decided) == STALE
    decided.done("run", "--month", "2020-02", "--through", "2020-03")
    assert state_of(decided) == {month: [] for month in MONTHS}
    for month, period in (("2020-02", "2020-02"), ("2020-03", "2020-01..2020-03")):
        before, after = figures_of(sample, month), figures_of(decided, month)
        address = (period, "massacres", "syrian_regime", "", "", "all", "count")
        assert after[address] == before[address] - 1
        assert after[period, "massacres", "isis", "", "", "all", "count"] == 1
        moved = before[period, "civilians", "syrian_regime", "", "", "all", "count"]
        moved -= after[period, "civilians", "syrian_regime", "", "", "all", "count"]
        assert moved >= 5
        unchanged = (period, "civilians", "", "", "", "all", "count")
        assert after[unchanged] == before[unchanged]
    traced = json.loads(decided.done("trace", "2020-02:civilians:isis", "--format", "json").stdout)
    assert "D-2020-04-001" in {v["decision_id"] for v in traced["victims"]}


@pytest.mark.long
def test_a_run_that_is_killed_leaves_the_old_figures_whole_and_the_months_stale(
    sample: Casualty, copied: Callable[[], Casualty]
) -> None:
    """Killed once the victims of February are attributed anew, before their figures are: no event is needed to know it."""
    casualty = copied()
    decide(casualty)
    casualty.killed("run", "--month", "2020-02", at=" attributed")
    assert figures_of(casualty, "2020-02") == figures_of(sample, "2020-02")
    assert state_of(casualty) == STALE
    casualty.done("run", "--month", "2020-02")  # not held up by the slot that the killed run had
    assert state_of(casualty) == {**STALE, "2020-02": []}


COMMANDS = (
    *("sample", "ingest", "run", "status", "figures", "trace", "ui", "publish", "editions", "diff", "rebuild", "audit"),
    *("review", "evaluate-linkage", "verify", "backup", "restore"),
)


def test_the_help_lists_every_command(sample: Casualty) -> None:
    listed = sample.done("--help").stdout
    assert [c for c in COMMANDS if f"\n  {c} " not in listed] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """In this process, since it is about the declarations alone."""
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert f"Usage: main {command}" in result.output


# What can't be meant: the arguments, and what the message must say.
WRONG_USE: Mapping[str, tuple[Sequence[str], str]] = {
    "a month that is none": (("run", "--month", "2020-13"), "'2020-13' is not a month"),
    "a month before the conflict": (("run", "--month", "2010-01"), "no month of this profile: expected 2011-03 to"),
    "a range that ends before it begins": (("run", "--month", "2020-03", "--through", "2020-01"), "before it begins"),
    "figures of a month that is none": (("figures", "--period", "March"), "'March' is not a month"),
    "figures of a month that was not run": (("figures", "--period", "2019-03"), "no figures for 2019-03"),
    "an unknown format": (("figures", "--period", "2020-03", "--format", "pdf"), "'pdf' is not one of"),
    "a trace of nothing": (("trace", "russia"), "'russia' is no figure"),
    "an unknown population": (("trace", "2020-03:martians"), "no population 'martians'"),
    "an unknown demographic": (("trace", "2020-03:civilians::::elders"), "no demographic 'elders'"),
    "a figure that was not computed": (("trace", "2020-03:civilians:martians"), "was not computed"),
    "a figure of a period that is none": (("trace", "soon:civilians"), "was not computed"),
    "an unknown source": (("ingest", "home", "--source", "rumours"), "no source 'rumours'"),
    "a source with a path": (("ingest", "home", "--source", "../../etc/passwd"), "no source"),
    "a file that isn't there": (("ingest", "nothing.csv", "--source", "airwars"), "nothing.csv doesn't exist"),
    "a moment that is none": (("ingest", "home", "--source", "airwars", "--received-at", "noon"), "expected ISO 8601"),
    "a missing option": (("run",), "Missing option '--month'"),
    "a command that is none": (("count",), "No such command 'count'"),
    "a month of which nothing is known": (("publish", "--month", "2031-03"), "nothing is known of 2031-03"),
}


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use_is_answered_in_a_sentence(sample: Casualty, case: str) -> None:
    arguments, said = WRONG_USE[case]
    result = sample(*arguments)
    assert result.returncode == 2, result.stderr
    assert said in result.stderr.replace("\n", " ")
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [("figures", "--period", "2020-03"), ("trace", "2020-03:civilians")])
def test_without_a_warehouse_it_says_how_to_get_one(empty: Casualty, arguments: Sequence[str]) -> None:
    result = empty(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "run `casualty run --month" in result.stderr


def test_the_state_of_an_empty_home_is_nothing_yet(empty: Casualty) -> None:
    assert "nothing yet" in empty.done("status").stderr


_HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[Casualty, int]]:
    """A home whose warehouse another process holds, and that process's id."""
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-c", _HOLD, str(home / "warehouse.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield Casualty(home), holder.pid
        holder.kill()


@pytest.mark.parametrize("arguments", [("figures", "--period", "2020-03"), ("run", "--month", "2020-03")])
def test_a_locked_warehouse_is_answered_with_who_holds_it(locked: tuple[Casualty, int], arguments: Sequence[str]) -> None:
    casualty, pid = locked
    result = casualty(*arguments, CASUALTY_LOCK_PATIENCE="0.5")
    assert (result.returncode, result.stdout) == (2, "")
    assert f"is locked by process {pid} (" in result.stderr
    assert "waited 0.5 s" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("damage", [b"not a database\n" * 500, b""], ids=["other bytes", "empty"])
def test_a_warehouse_that_is_no_database_is_answered_with_what_to_do(empty: Casualty, damage: bytes) -> None:
    empty.home.mkdir()
    (empty.home / "warehouse.duckdb").write_bytes(damage)
    for arguments in (("status",), ("run", "--month", "2020-03")):
        result = empty(*arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert "move it away and run `casualty run`" in result.stderr
        assert "Traceback" not in result.stderr


def test_a_profile_that_is_not_there_is_answered_with_those_that_are(empty: Casualty) -> None:
    empty.home.mkdir()
    (empty.home / "casualty.toml").write_text('profile = "lemuria"\n', encoding="utf-8")
    result = empty("run", "--month", "2020-03")
    assert (result.returncode, result.stdout) == (2, "")
    assert "no profile 'lemuria': expected one of syria" in result.stderr
