"""Anybody's CSV: what is read, and what a row that can't be read is told."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import parse_address
from casualty_pipeline.figures.identities.audit import Audit, audit
from casualty_pipeline.figures.identities.periods import name, span
from casualty_pipeline.figures.identities.reading import read_figures
from casualty_pipeline.profile import load_profile

SYRIA = load_profile("syria")


def written(folder: Path, *rows: str, header: str = "period,population,party,demographic,measure,value") -> Path:
    path = folder / "figures.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def audited(folder: Path, *rows: str, complete: bool = False) -> Audit:
    return audit(read_figures([written(folder, *rows)], SYRIA), SYRIA, complete)


def sets(found: Audit) -> list[set[str]]:
    return [{str(a) for a in c.figures} for c in found.contradictions]


def test_columns_that_are_left_out_mean_all(tmp_path: Path) -> None:
    path = written(tmp_path, "2020-03,civilians,145", header="period,population,value")
    assert [g.address for g in read_figures([path], SYRIA)] == [parse_address("2020-03:civilians")]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2020-13,civilians,,,,1", "column period: expected 2020-03"),
        ("2020-03,people,,,,1", "column population: expected one of civilians"),
        ("2020-03,civilians,rusia,,,1", "found 'rusia'"),
        ("2020-03,civilians,russia+russia,,,1", "different parties"),
        ("2020-03,civilians,,girls,,1", "column demographic"),
        ("2020-03,massacres,,child,,1", "incidents, not persons"),
        ("2020-03,civilians,,,share,1", "column measure"),
        ("2020-03,civilians,,,,many", "column value: expected a number"),
        ("2020-03,civilians,,,,nan", "column value"),
        ('2020-03,civilians,,,,"1,234"', "column value"),
        ("2020-03,civilians,,,,1,2", "expected 6 cells"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_its_place(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(CasualtyError) as refused:
        read_figures([written(tmp_path, "2020-03,civilians,,,,5", row)], SYRIA)
    assert "figures.csv, row 3" in str(refused.value)
    assert told in str(refused.value)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.binary(max_size=80))
def test_any_bytes_are_figures_or_a_message(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(b"period,population,value\n" + content)
    try:
        assert read_figures([path], SYRIA)
    except CasualtyError as refused:
        assert "any.csv" in str(refused)


def test_a_figure_by_itself_can_be_wrong(tmp_path: Path) -> None:
    found = audited(tmp_path, "2020-03,civilians,,,,-3", "2020-04,civilians,,,,4.5", "2020-05,civilians,,,,4.0")
    assert sets(found) == [{"2020-03:civilians"}, {"2020-04:civilians"}]
    assert {c.rule for c in found.contradictions} == {"whole numbers"}
    assert sets(audited(tmp_path, "2020-03,civilians,,,,3", "2020-03,civilians,,,,4")) == [{"2020-03:civilians"}]


def test_a_period_has_one_span_whatever_it_is_called() -> None:
    assert span("2020") == span("2020-01..2020-12") == span("2020-H1..2020-H2")
    assert name(span("2020-H1")) == "2020-01..2020-06"
    assert name(span("2020-02-03..2020-02-29")) == "2020-02-03..2020-02-29"
    assert name(span("2020-02-01..2020-02-29")) == "2020-02"


def test_a_missing_month_follows_from_the_cumulative_figure(tmp_path: Path) -> None:
    rows = ("2020-01,civilians,,,,286", "2020-03,civilians,,,,145", "2020-01..2020-03,civilians,,,,707")
    found = audited(tmp_path, *rows)
    assert [(str(d.address), d.least, d.most) for d in found.derived] == [("2020-02:civilians", 276, 276)]
    assert len(found.derived[0].because) == 3
    assert sets(audited(tmp_path, *rows, "2020-02,civilians,,,,277")) == [
        {"2020-01:civilians", "2020-02:civilians", "2020-03:civilians", "2020-01..2020-03:civilians"}
    ]


def test_a_narrated_massacre_leaves_no_room_for_the_second(tmp_path: Path) -> None:
    """C1's corollary: 15 of 19 dead in one massacre leave four, and a massacre has five."""
    rows = ("2020-03,civilians,russia,,,19", "2020-03-05,massacres,russia,,,1", "2020-03-05,massacre_victims,russia,,,15")
    assert not audited(tmp_path, "2020-03,massacres,russia,,,1", *rows).contradictions
    found = audited(tmp_path, "2020-03,massacres,russia,,,2", *rows)
    assert [len(s) for s in sets(found)] == [4]
    corrections = {str(c.address): (c.least, c.most) for c in found.corrections[0]}
    assert corrections["2020-03:massacres:russia"] == (1, 1)


@pytest.mark.parametrize(
    ("printed", "right"), [("52.41", True), ("52.4", True), ("52", True), ("52.42", False), ("53", False)]
)
def test_a_percentage_is_judged_by_the_decimals_that_are_printed(tmp_path: Path, printed: str, right: bool) -> None:
    found = audited(
        tmp_path, "2020-03,civilians,,,,145", "2020-03,civilians,other,,,76", f"2020-03,civilians,other,,percent,{printed}"
    )
    assert (not found.contradictions) is right


def test_a_percentage_and_its_whole_bound_the_part(tmp_path: Path) -> None:
    found = audited(tmp_path, "2020-03,civilians,,,,145", "2020-03,civilians,other,,percent,52.41")
    assert [(str(d.address), d.least, d.most) for d in found.derived] == [("2020-03:civilians:other", 76, 76)]


def test_a_percentage_that_could_be_of_two_wholes_is_not_judged(tmp_path: Path) -> None:
    found = audited(tmp_path, "2020-03,civilians,russia,,,10", "2020-03,civilians,russia,child,percent,99")
    assert not found.contradictions
    assert [str(g.address) for g in found.unjudged] == ["2020-03:civilians:russia:::child:percent"]


def test_torture_is_within_civilians_only_where_the_profile_says_so(tmp_path: Path) -> None:
    assert not audited(tmp_path, "2020-03,civilians,,,,5", "2020-03,torture,,,,9").contradictions


def test_groups_lie_within_civilians_and_torture_together(tmp_path: Path) -> None:
    rows = ("2020-03,civilians,isis,,,1", "2020-03,medical,isis,,,3")
    assert not audited(tmp_path, *rows).contradictions  # torture isn't given
    assert [len(s) for s in sets(audited(tmp_path, *rows, "2020-03,torture,,,,1"))] == [3]


def test_unnamed_parts_are_zeros_only_in_a_complete_table(tmp_path: Path) -> None:
    rows = ("2020-02,media,,,,2", "2020-02,media,russia,,,1")
    assert not audited(tmp_path, *rows).contradictions
    assert sets(audited(tmp_path, *rows, complete=True)) == [{"2020-02:media", "2020-02:media:russia"}]
