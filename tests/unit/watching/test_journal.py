"""The journal: whole lines, rotated by size, and a door that lets no name through."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.home import Home
from casualty_pipeline.watching import journal
from casualty_pipeline.watching.journal import EVENTS, GONE, KEPT, event, lines, redact


@pytest.mark.parametrize(
    "text",
    [
        "could not convert 'Layla Haddad' to a date",
        "the person Layla Haddad appears twice",
        "row of Haddad, from the second sheet",
        "the person LAYLA HADDAD appears twice",
        "the person AlHaddad appears twice",
        "قتلت ليلى حداد في إدلب",
        'column "ليلى حداد": no date',
        "write to layla.haddad@example.org",
        "call +963 944 123 456 first",
        "see /home/layla/haddad.xlsx for more",
        "see https://example.org/layla-haddad",
        "«ليلى» is no place",
    ],
)
def test_names_numbers_and_places_of_people_do_not_pass(text: str) -> None:
    told = redact(text)
    assert GONE in told
    for secret in ("Layla", "Haddad", "HADDAD", "layla", "haddad", "ليلى", "حداد", "944"):
        assert secret not in told


@pytest.mark.parametrize(
    "text",
    [
        "2355 records, 8 doubts",
        "18 new captures in the archive; read 18 captures: 2355 statements, 15 decisions, 1 rejected",
        "failed: ConversionException",
        "cleaned.records: every_name_is_kept broken in 2020-03",
        "run 3d116bdc-9fc2-448b-92dc-960da5c5252e asked for V-v3svj3mnw736",
    ],
)
def test_counts_ids_and_rules_pass(text: str) -> None:
    assert redact(text) == text


@given(st.text(), st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=1))
def test_no_arabic_letter_ever_passes(before: str, name: str) -> None:
    assert redact(f"{before} {name}").isascii()


def test_an_event_is_one_line_that_only_its_owner_reads(tmp_path: Path) -> None:
    home = Home(tmp_path)
    event(home, "info", "2 rows\nof two lines", run="r-1", months=["2020-01", "2020-02", "2020-03"], facts={"rows": 2})

    (line,) = (home.logs / EVENTS).read_text("utf-8").splitlines()
    told = json.loads(line)
    assert set(told) == {"at", "level", "run", "months", "asset", "message", "facts"}
    assert told["months"] == ["2020-01", "..", "2020-03"]
    assert (home.logs / EVENTS).stat().st_mode & 0o077 == 0


def test_a_large_journal_is_put_aside_and_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LARGEST", 1_000)
    home = Home(tmp_path)
    for number in range(100):
        event(home, "info", f"event {number}")

    files = sorted(p.name for p in home.logs.glob("events.jsonl*"))
    assert files == [EVENTS, *(f"{EVENTS}.{n}" for n in range(1, KEPT + 1))]
    assert all((home.logs / name).stat().st_size <= 1_000 for name in files)
    kept = [line["message"] for line in lines(home.logs / EVENTS)]
    assert kept == [f"event {n}" for n in range(100 - len(kept), 100)]


def test_a_line_cut_short_by_a_kill_is_left_out_and_the_next_is_whole(tmp_path: Path) -> None:
    home = Home(tmp_path)
    event(home, "info", "first")
    with (home.logs / EVENTS).open("a") as file:
        file.write('{"at":"2026')
    event(home, "info", "second")
    event(home, "info", "third")
    assert [line["message"] for line in lines(home.logs / EVENTS)] == ["first", "second", "third"]


def test_a_journal_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    event(Home(tmp_path), "info", "nobody reads this")
