"""What must hold between figures: found in the published month that breaks it, and wherever an error is planted."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import pytest

from casualty_pipeline.figures.address import Address, parse_address
from casualty_pipeline.figures.identities import contradictions
from casualty_pipeline.profile import load_profile
from casualty_pipeline.tables import FIGURE_COLUMNS

SYRIA = load_profile("syria")

# A month of which everything is given, and everything fits.
WHOLE: Mapping[str, float] = {
    "2020-03:civilians": 20,
    "2020-03:civilians::::man": 9,
    "2020-03:civilians::::woman": 6,
    "2020-03:civilians::::child": 4,
    "2020-03:civilians::::child_male": 3,
    "2020-03:civilians::::child_female": 1,
    "2020-03:civilians::::women_and_children": 10,
    "2020-03:civilians::::unknown": 1,
    "2020-03:civilians:russia": 8,
    "2020-03:civilians:russia+syrian_regime": 2,
    "2020-03:civilians:extremist_islamist": 3,
    "2020-03:civilians:extremist_islamist/hts": 2,
    "2020-03:civilians:other": 7,
    "2020-03:civilians:other:drowning": 3,
    "2020-03:civilians:other:unidentified": 4,
    "2020-03:civilians:other::::percent": 35,
    "2020-03:civilians:::SY07": 15,
    "2020-03:civilians:::unknown": 5,
    "2020-03:massacres": 1,
    "2020-03:massacres:russia": 1,
    "2020-03:massacre_victims": 6,
    "2020-03:massacre_victims:russia": 6,
    "2020-03:massacre_victims::::woman": 3,
    "2020-03:massacre_victims::::child": 1,
    "2020-03:massacre_victims::::women_and_children": 4,
    "2020-03:massacre_victims::::women_and_children:percent": 67,
    "2020-02:civilians": 30,
    "2020-01:civilians": 40,
    "2020-01..2020-03:civilians": 90,
}
# An error of each kind: the figures that change, and the rules that must find it.
PLANTED: Mapping[str, tuple[Mapping[str, float], set[str]]] = {
    "parties": ({"2020-03:civilians:russia": 9}, {"parties"}),
    "a sub-party above its parent": ({"2020-03:civilians:extremist_islamist/hts": 4}, {"sub-parties"}),
    "categories": ({"2020-03:civilians:other:drowning": 4}, {"categories"}),
    "governorates": ({"2020-03:civilians:::SY07": 14}, {"governorates"}),
    "men, women, children": ({"2020-03:civilians::::man": 8}, {"demographics"}),
    "boys and girls": ({"2020-03:civilians::::child_male": 4}, {"demographics"}),
    "women and children": ({"2020-03:massacre_victims::::women_and_children": 5}, {"demographics", "percentages"}),
    "a massacre larger than the toll": (
        {"2020-03:massacre_victims:russia": 9, "2020-03:massacre_victims": 9},
        {"massacres within tolls", "percentages"},
    ),
    "a massacre of four": (
        {"2020-03:massacre_victims:russia": 4, "2020-03:massacre_victims": 4},
        {"victims per massacre", "percentages"},
    ),
    "a percentage": ({"2020-03:civilians:other::::percent": 36}, {"percentages"}),
    "the months of a range": ({"2020-01..2020-03:civilians": 707}, {"months"}),
}


def figures(table: Mapping[str, float]) -> pl.DataFrame:
    rows = [(*_parts(parse_address(address)), float(value)) for address, value in table.items()]
    return pl.DataFrame(rows, schema=list(FIGURE_COLUMNS), orient="row")


def _parts(a: Address) -> tuple[str, ...]:
    return (a.period, a.population, a.party, a.category, a.governorate, a.demographic, a.measure)


def published(month: str) -> pl.DataFrame:
    path = SYRIA.published(month)
    assert path is not None
    types = {**dict.fromkeys(FIGURE_COLUMNS[:-1], pl.String()), "value": pl.Float64()}
    return pl.read_csv(path, schema_overrides=types)


def test_the_published_march_contradicts_itself_in_three_columns() -> None:
    """C1: a part larger than its whole, in all, among children and among women."""
    found = contradictions(published("2020-03"), SYRIA, complete=False)
    within, others = found[:3], found[3:]
    assert {c.rule for c in within} == {"massacres within tolls"}
    assert [tuple(map(str, c.figures)) for c in within] == [
        ("2020-03:massacre_victims:russia", "2020-03:civilians:russia"),
        ("2020-03:massacre_victims:russia:::child_female", "2020-03:civilians:russia:::child"),
        ("2020-03:massacre_victims:russia:::woman", "2020-03:civilians:russia:::woman"),
    ]
    assert all({"en", "ar"} == set(c.sentence) for c in found)
    assert "(2020-03:massacre_victims:russia = 20), but" in within[0].sentence["en"]
    assert "(2020-03:civilians:russia = 19)" in within[0].sentence["en"]
    # The corollary: had one massacre 15 dead, as the one narrated has, the toll of 19 leaves no room for the second.
    assert "beside one of 15 or more there is no room for another" in within[0].sentence["en"]
    # Without these six figures, the others still leave 20 massacre victims for a toll of 19.
    assert [len(c.figures) for c in others] == [11]
    assert not {a for c in others for a in c.figures} & {a for c in within for a in c.figures}


@pytest.mark.parametrize("month", ["2020-01", "2020-02"])
def test_the_other_published_months_fit(month: str) -> None:
    assert contradictions(published(month), SYRIA, complete=False) == []


def test_figures_that_fit_break_no_rule() -> None:
    assert contradictions(figures(WHOLE), SYRIA, complete=True) == []


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_error_is_found_by_its_rule(case: str) -> None:
    changes, rules = PLANTED[case]
    assert set(changes) <= set(WHOLE)
    found = contradictions(figures({**WHOLE, **changes}), SYRIA, complete=True)
    assert {c.rule for c in found} == rules
    for contradiction in found:
        assert all(str(address) in contradiction.sentence["en"] for address in contradiction.figures)


def test_a_published_table_may_leave_figures_out() -> None:
    """Of an incomplete table only what can't be is a contradiction: 55,380 printed over rows of 58,380."""
    table = {"2020-03:civilians": 10.0, "2020-03:civilians:russia": 8.0}
    assert contradictions(figures(table), SYRIA, complete=False) == []
    assert [c.rule for c in contradictions(figures(table), SYRIA, complete=True)] == ["parties"]
    table["2020-03:civilians:isis"] = 3.0
    assert [c.rule for c in contradictions(figures(table), SYRIA, complete=False)] == ["parties"]


def test_what_a_massacre_is_comes_from_the_profile() -> None:
    table = figures({"2020-03:massacres": 2, "2020-03:massacre_victims": 9})
    assert [c.rule for c in contradictions(table, SYRIA, complete=True)] == ["victims per massacre"]
    fours = replace(SYRIA, counting=replace(SYRIA.counting, massacre_threshold=4))
    assert contradictions(table, fours, complete=True) == []


def test_the_order_of_the_rows_changes_nothing() -> None:
    broken = figures({**WHOLE, "2020-03:civilians": 21, "2020-03:massacre_victims": 30})
    assert contradictions(broken.reverse(), SYRIA, complete=True) == contradictions(broken, SYRIA, complete=True)
