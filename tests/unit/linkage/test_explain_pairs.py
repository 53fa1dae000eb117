"""Two records side by side: what each comparison says, and what came of it. Everybody here is invented."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.linkage.explain import explain
from casualty_pipeline.linkage.explain_text import as_text
from casualty_pipeline.linkage.pairs import KEY_CAP
from casualty_pipeline.linkage.update import Constraints
from casualty_pipeline.warehouse import Warehouse
from tests.unit.linkage.explain_cases import APRIL, SITE, add, linked

Table = Callable[..., pl.DataFrame]
SAMIR: dict[str, Any] = {"source": "a", "en": "Samir Khalil Darwish", "sex": "male", "age": 30, **SITE}
ZAKARIA: dict[str, Any] = {"source": "b", "en": "Zakaria Fadel Hamdan", **SITE}


def test_the_bits_of_a_pair_add_up_to_its_weight(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR, SAMIR | {"source": "b"}))
    found = explain(home, ["R-0", "R-1"])
    assert found["weight"] == pytest.approx(found["prior"] + sum(c["bits"] for c in found["comparisons"]), abs=0.05)
    with Warehouse(home.warehouse).reading() as reading:
        assert reading.table("deduplicated.pairs")["weight"].to_list() == [found["weight"]]
    assert found["conclusion"] == "The evidence speaks for one person, and they count as one."


def test_both_records_stand_side_by_side(statements: Table, tmp_path: Path) -> None:
    text = as_text(explain(linked(tmp_path, statements(SAMIR, ZAKARIA)), ["R-0", "R-1"]))
    assert "name_en      'Samir Khalil Darwish'  'Zakaria Fadel Hamdan'" in text
    assert "sex          male                    -" in text
    assert "where        list.csv, row 2         list.csv, row 3" in text


def test_a_pair_that_linkage_kept_says_the_same_when_it_is_compared_anew(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR, {"source": "b", "ar": "سمير خليل درويش", **SITE}))
    kept = explain(home, ["R-0", "R-1"])
    with Warehouse(home.warehouse).writing() as write:
        write.connection.execute("delete from deduplicated.pairs")
    anew = explain(home, ["R-0", "R-1"])
    assert (kept["kept"], anew["kept"]) == (True, False)
    assert {k: v for k, v in kept.items() if k != "kept"} == {k: v for k, v in anew.items() if k != "kept"}
    assert "compared just now, by the same rules" in as_text(anew)


def test_comparing_anew_writes_nothing(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR, ZAKARIA))
    before = home.warehouse.read_bytes()
    explain(home, ["R-0", "R-1"])
    assert home.warehouse.read_bytes() == before


def test_what_one_person_cannot_show_is_named(statements: Table, tmp_path: Path) -> None:
    found = explain(linked(tmp_path, statements(SAMIR, SAMIR | {"source": "b", "sex": "female"})), ["R-0", "R-1"])
    assert found["hard"] == "sex"
    assert found["conclusion"] == "Two people: one person can't show this (sex: different)."
    assert "sex: different  (excludes one person)" in as_text(found)


def test_the_keys_that_two_records_share_are_named(statements: Table, tmp_path: Path) -> None:
    found = explain(linked(tmp_path, statements(SAMIR, SAMIR | {"source": "b"}, ZAKARIA)), ["R-0", "R-1"])
    assert {"scheme": 1, "says": "given name and two others", "records": 2, "compared": True} in found["met_under"]
    strangers = explain(linked(tmp_path / "2", statements(SAMIR, ZAKARIA)), ["R-0", "R-1"])
    assert strangers["met_under"] == [] and "keys that they share\n  none" in as_text(strangers)


def test_a_key_that_too_many_share_is_told_apart(statements: Table, tmp_path: Path) -> None:
    """The last of them met nobody under it."""
    crowd = [{"source": "a", "en": "Samir Darwish", "incident_ref": "a/1"} for _ in range(KEY_CAP + 1)]
    found = explain(linked(tmp_path, statements(*crowd)), ["R-0", f"R-{KEY_CAP}"])
    shared = [k for k in found["met_under"] if k["scheme"] == 9]
    assert [(k["records"], k["compared"]) for k in shared] == [(KEY_CAP + 1, False)]
    assert f"of {KEY_CAP + 1} records that share it only the first {KEY_CAP} are compared, not these two" in as_text(found)


def test_decisions_of_both_directions_are_told(statements: Table, tmp_path: Path) -> None:
    pair = frozenset({("R-0", "R-1")})
    decision = {"subject": "record:b/1", "value": "same_as:record:a/0"}
    home = linked(tmp_path, statements(SAMIR, ZAKARIA), Constraints(pair, decided_at=dict.fromkeys(pair, APRIL)), [decision])
    found = explain(home, ["a/0", "b/1"])
    assert [d["decision_id"] for d in found["decisions"]] == ["D-1"]
    assert found["conclusion"] == "People decided that they are one person."


def test_rows_of_a_list_that_guarantees_one_each_say_that_they_were_never_compared(
    statements: Table, tmp_path: Path
) -> None:
    once = Constraints(one_per_source=frozenset({"a"}))
    text = as_text(explain(linked(tmp_path, statements(SAMIR, SAMIR), once), ["R-0", "R-1"]))
    assert "Their source guarantees a row per person: its rows aren't compared with each other." in text


def test_a_record_that_takes_no_part_says_how_to_learn_why(statements: Table, tmp_path: Path) -> None:
    home = linked(tmp_path, statements(SAMIR))
    with Warehouse(home.warehouse).writing() as write:
        add(write, "captures.records", record_id="R-9", source="a", source_key="9", statement="person")
    with pytest.raises(CasualtyError, match=r"R-9 takes no part in linkage.*casualty explain R-9"):
        explain(home, ["R-0", "R-9"])


@pytest.mark.parametrize(
    ("other", "told"), [("R-none", "no record 'R-none'"), ("R-0", "are one record"), ("a/0", "are one record")]
)
def test_wrong_pairs_are_refused(statements: Table, tmp_path: Path, other: str, told: str) -> None:
    with pytest.raises(CasualtyError, match=told):
        explain(linked(tmp_path, statements(SAMIR)), ["R-0", other])
