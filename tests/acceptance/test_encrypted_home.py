"""A home under a key: the archive is sealed and the warehouse encrypted, through a whole run and a rotation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Casualty

pytestmark = pytest.mark.long

CANARY = "Zarbek Quorlanim"
_SOURCE = """\
id = "tips"
name = "Tips (invented)"
synthetic = true
[[tables]]
file = "*.csv"
statement = "person"
key = ["no"]
[tables.columns]
name_en = "name"
sex = "sex"
incident_date = "day"
death_date = "day"
documented_date = "day"
governorate = "where"
party = "who"
"""
_ROWS = f"no,name,sex,day,where,who\n1,{CANARY},male,2020-03-01,Idlib,Syrian regime\n"
_NOT_SEALED = {"reports", "inbox"}  # docs/security.md: what is for people to open, and what wasn't taken in yet


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with one key."""
    return tmp_path_factory.mktemp("keys") / "keys"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Iterator[Casualty]:
    """A home that was under a key from its first file on, with a month run."""
    casualty = Casualty(tmp_path_factory.mktemp("sealed") / "home")
    list_ = casualty.home.parent / "list.csv"
    list_.write_text(_ROWS, "utf-8")
    casualty.done("new-key", key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASUALTY_KEY_FILE", str(key))
        casualty.done("init")
        (casualty.home / "sources" / "tips.toml").write_text(_SOURCE, "utf-8")
        casualty.done("ingest", list_, "--source", "tips")
        casualty.done("decide", "verification", "record:tips/1", "verified", "--reason", "seen", "--who", "AB")
        casualty.done("run", "--month", "2020-03")
        yield casualty


def holding(home: Path, text: str) -> set[str]:
    """The files of a home in which a text stands in the clear, but for those that nobody says are sealed."""
    files = (p.relative_to(home) for p in home.rglob("*") if p.is_file() and text.encode() in p.read_bytes())
    return {str(p) for p in files if p.parts[0] not in _NOT_SEALED}


def test_a_month_is_computed_and_nobody_is_named_in_the_clear(sealed: Casualty) -> None:
    assert "2020-03,civilians,,,,all,count,1" in sealed.done("figures", "--period", "2020-03", "--format", "csv").stdout
    assert CANARY in sealed.done("trace", "2020-03:civilians").stdout
    assert holding(sealed.home, "Quorlanim") == set()
    assert not (sealed.home / "warehouse.duckdb").read_bytes()[8:].startswith(b"DUCK\x00")


def test_without_its_key_it_answers_with_what_is_missing(sealed: Casualty) -> None:
    without = sealed("status", CASUALTY_KEY_FILE="")

    assert without.returncode == 2
    assert "is encrypted: expected its key in CASUALTY_KEY_FILE or CASUALTY_KEY" in without.stderr


def test_after_a_rotation_the_next_run_gives_the_same_figures_under_the_new_key(sealed: Casualty, key: Path) -> None:
    before = sealed.done("figures", "--period", "2020-03", "--format", "csv").stdout
    old = key.read_text("utf-8")
    sealed.done("new-key", key)

    rotated = sealed.done("rotate-key")
    sealed.done("run", "--month", "2020-03")

    assert "the warehouse was not under that key and is removed" in rotated.stderr
    assert sealed.done("figures", "--period", "2020-03", "--format", "csv").stdout == before
    key.write_text(key.read_text("utf-8").replace(old, ""), "utf-8")
    assert sealed.done("figures", "--period", "2020-03", "--format", "csv").stdout == before
    sealed.done("verify")
    assert holding(sealed.home, "Quorlanim") == set()
