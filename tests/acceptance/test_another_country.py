"""A second, invented country runs through the same program: nothing about Syria stands in code."""

import shutil
from pathlib import Path

import pytest

from tests.acceptance.conftest import Casualty
from tests.acceptance.test_command_line import Figures, figures_of

PROFILE = Path(__file__).parents[1] / "fixtures/profiles/atlantis"
SOURCE = """\
id = "harbour_log"
name = "The harbour's log (invented)"
synthetic = true
one_row_per_person = true

[[tables]]
file = "*.csv"
statement = "person"
key = ["entry"]
[tables.columns]
name_en = "who"
persons = "how many"
age = "age"
sex = "sex"
death_date = "day"
documented_date = "written"
governorate = "mole"
place = "pier"
party = "blamed"
mechanism = "by"
circumstance = "how"
civilian_status = "standing"
special_group = "trade"
"""
LOG = """\
entry;who;how many;age;sex;day;written;mole;pier;blamed;by;how;standing;trade
1;Ondo Varr;1;15;male;3 July 2001;5 July 2001;Northmole;Pier 1;the Crown;cannon;;civilian;
2;Sela Varr;1;16;female;3 July 2001;5 July 2001;Northmole;Pier 1;the Crown;cannon;;civilian;
3;Tamo Keld;1;40;male;3 July 2001;5 July 2001;Northmole;Pier 1;the Crown;cannon;;civilian;pilot
4;Brin Osk;1;41;male;3 July 2001;5 July 2001;Northmole;Pier 1;the Crown;cannon;;civilian;
5;Jole Marn;1;42;male;9 July 2001;11 July 2001;Southmole;Pier 9;Guard;;in the cells;civilian;
6;Hask Ruun;1;43;male;9 July 2001;11 July 2001;Southmole;Pier 9;Guard;;in the cells;sailor at arms;
7;Wenna Tull;1;44;female;14 July 2001;15 July 2001;Southmole;Pier 4;nobody knows;sea mine;;civilian;
8;Corl Imber;1;45;male;20 July 2001;21 July 2001;Southmole;Pier 5;the Crown with the Guard;cannon;;civilian;
9;;2;;;25 July 2001;26 July 2001;Southmole;Pier 6;Guard;cannon;;civilian;
10;Doro Finn;1;46;male;27 July 2001;28 July 2001;Eastmole;Pier 7;Guard;cannon;;civilian;
"""
MONTH = "2001-07"


@pytest.fixture(scope="module")
def atlantis(tmp_path_factory: pytest.TempPathFactory) -> Casualty:
    """The harbour's log of one month, run with the profile in the home itself."""
    casualty = Casualty(tmp_path_factory.mktemp("atlantis") / "home")
    shutil.copytree(PROFILE, casualty.home / "atlantis")
    (casualty.home / "casualty.toml").write_text('profile = "atlantis"\n', encoding="utf-8")
    (casualty.home / "sources").mkdir()
    (casualty.home / "sources/harbour_log.toml").write_text(SOURCE, encoding="utf-8")
    (casualty.home.parent / "log.csv").write_text(LOG, encoding="utf-8")
    casualty.done("ingest", casualty.home.parent / "log.csv", "--source", "harbour_log")
    casualty.done("run", "--month", MONTH)
    return casualty


@pytest.fixture(scope="module")
def figures(atlantis: Casualty) -> Figures:
    return figures_of(atlantis, MONTH)


# population, party, category, governorate, demographic -> count
EXPECTED: dict[tuple[str, ...], int] = {
    ("civilians", "", "", "", "all"): 9,  # not the combatant; the unknown mole waits in quarantine
    ("civilians", "", "", "", "child"): 1,  # of age at 16
    ("civilians", "", "", "", "woman"): 2,
    ("civilians", "crown", "", "", "all"): 4,
    ("civilians", "tide_guard", "", "", "all"): 3,  # the death in the cells counts in the total here (C3)
    ("civilians", "crown+tide_guard", "", "", "all"): 1,
    ("civilians", "other", "sea_mine", "", "all"): 1,
    ("civilians", "", "", "AT-N", "all"): 4,
    ("civilians", "", "", "AT-S", "all"): 5,
    ("torture", "", "", "", "all"): 1,  # torture without combatants here (R4)
    ("torture", "tide_guard", "", "", "all"): 1,
    ("pilots", "", "", "", "all"): 1,
    ("massacres", "", "", "", "all"): 1,  # four dead are a massacre here (R20)
    ("massacre_victims", "crown", "", "", "all"): 4,
}


@pytest.mark.parametrize("cell", EXPECTED)
def test_its_figures_follow_its_own_rules(figures: Figures, cell: tuple[str, ...]) -> None:
    assert figures[MONTH, *cell, "count"] == EXPECTED[cell]


def test_its_percentages_are_rounded_as_it_says(figures: Figures) -> None:
    assert figures[MONTH, "civilians", "crown", "", "", "all", "percent"] == 44.4


def test_nothing_of_syria_is_in_its_figures_and_reports(atlantis: Casualty, figures: Figures) -> None:
    assert {address[2] for address in figures} == {"", "crown", "tide_guard", "other", "crown+tide_guard"}
    assert {address[4] for address in figures} == {"", "AT-N", "AT-S"}
    written = sorted(p.name for p in (atlantis.home / "reports" / MONTH).iterdir())
    assert "report.en.html" in written
    assert not [name for name in written if ".ar." in name]
    for page in (atlantis.home / "reports" / MONTH).glob("*.html"):
        text = page.read_text(encoding="utf-8").casefold()
        assert "atlantis" in text
        assert [word for word in ("syria", "russia", "damascus", "idlib", "isis ") if word in text] == []


def test_months_before_its_start_are_none_of_its_months(atlantis: Casualty) -> None:
    result = atlantis("run", "--month", "1999-06")
    assert (result.returncode, result.stdout) == (2, "")
    assert "expected 1999-07 to" in result.stderr
