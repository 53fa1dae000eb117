"""Rows changed after they were computed, as a broken join would: the check between the stages finds them, by their keys."""

import random

import pytest

from benchmarks.fault_kinds import TABLES, Hand
from benchmarks.fault_world import clean_home, stages, tried
from casualty_pipeline.figures.months import months_between
from casualty_pipeline.home import Home
from casualty_pipeline.orchestration.resources import HomeResource
from casualty_pipeline.warehouse import Writing

MONTHS = months_between("2018-01", "2018-03")
FOUND_BY = {
    "columns shifted": "values_are_as_read",
    "sexes swapped in cleaning": "values_are_as_read",
    "parties exchanged in cleaning": "values_are_as_read",
    "two families merged into one victim": "links_are_those_of_linkage",
    "one victim divided into two": "links_are_those_of_linkage",
    "a victim in another's incident": "victims_are_in_an_incident_of_their_records",
    "victims a month off": "first_months_are_the_first",
    "sexes swapped in linkage": "demographic_fits_sex_and_age",
    "governorates exchanged": "what_linkage_found_is_kept",
    "a combatant counted": "only_civilians_are_counted_as_such",
    "an incident's dead not counted anew": "incidents_count_their_dead",
    "a party's victims under another": "victims_follow_their_incident",
    "men's and women's figures exchanged": "figures_count_the_victims",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return clean_home(tmp_path_factory.mktemp("faults") / "home", 90, MONTHS)[0]


def _rows(home: Home, write: Writing) -> dict[str, list[str]]:
    """By each rule that finds something, the keys."""
    resource = HomeResource(path=str(home.path))
    rules = [c for stage in stages(home) for c in stage.checks if not c.expectations and not c.standing]
    found = {c.name: c.find(resource, write, MONTHS)["key"].to_list() for c in rules}
    return {name: keys for name, keys in found.items() if keys}


def test_nothing_is_wrong_with_a_clean_home(world: Home) -> None:
    with tried(world) as write:
        assert _rows(world, write) == {}


@pytest.mark.parametrize("name", FOUND_BY)
def test_the_guilty_rows_are_named(world: Home, name: str) -> None:
    fault = next(f for f in TABLES if f.name == name)
    with tried(world) as write:
        guilty = fault.make(Hand(write, MONTHS[1], random.Random(3)))
        rule = next(c for s in stages(world) for c in s.checks if c.name == FOUND_BY[name])
        keys = rule.find(HomeResource(path=str(world.path)), write, MONTHS)["key"].to_list()
        assert guilty
        assert all(any(g in key for key in keys) for g in guilty)
