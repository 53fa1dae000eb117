"""The invented world adds up to the published figures, and holds the hard cases that the requirements name."""

import csv
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Profile, load_profile
from casualty_pipeline.sample.generate import Sample, generate
from casualty_pipeline.sample.incidents import Incident, Victim, World, month_days
from casualty_pipeline.sample.marginals import MONTHS, Mix, apportion
from casualty_pipeline.sample.people import age_on
from casualty_pipeline.sample.scenario import load_scenario

SEEDS = (2020, 1)
# What no world can have (C1): the Russian massacres' toll is printed larger than the Russian toll.
IMPOSSIBLE = {
    ("massacre_victims", "", "", "all"): 41,
    ("massacre_victims", "", "", "child"): 14,
    ("massacre_victims", "", "", "child_female"): 3,
    ("massacre_victims", "", "", "woman"): 7,
    ("massacre_victims", "russia", "", "all"): 19,
    ("massacre_victims", "russia", "", "child_female"): 2,
    ("massacre_victims", "russia", "", "woman"): 7,
}


@pytest.fixture(scope="module", params=SEEDS)
def sample(request: pytest.FixtureRequest) -> Sample:
    return generate(load_profile("syria"), request.param)


@pytest.fixture(scope="module")
def world(sample: Sample) -> World:
    return sample.world


def demographics(victim: Victim) -> list[str]:
    own = {"men": "man", "women": "woman", "boys": "child_male", "girls": "child_female"}[victim.person.demographic]
    return ["all", own, *(["child"] if own.startswith("child") else [])]


def keys(incident: Incident) -> list[tuple[str, str]]:
    category = incident.kind.partition("/")[2] if incident.party == "other" else ""
    return [("", ""), (incident.party, ""), *([("other", category)] if category else [])]


def count(world: World, month: str) -> Counter[tuple[str, str, str, str]]:
    """Every figure that can be counted from the world itself."""
    figures: Counter[tuple[str, str, str, str]] = Counter()
    for incident, victim in world.victims(month):
        if not victim.population:
            continue
        populations = [victim.population, victim.person.special_group] + ["massacre_victims"] * incident.massacre
        for population in filter(None, populations):
            for party, category in keys(incident):
                for demographic in demographics(victim):
                    figures[population, party, category, demographic] += victim.person.persons
    for incident in world.incidents:
        if incident.month == month and incident.civilians >= 5:
            figures.update(("massacres", party, category, "all") for party, category in keys(incident))
    return figures


def published(profile: Profile, month: str) -> dict[tuple[str, str, str, str], int]:
    path = profile.published(month)
    assert path is not None
    with path.open(encoding="utf-8") as file:
        return {
            (r["population"], r["party"], r["category"], r["demographic"]): int(r["value"])
            for r in csv.DictReader(file)
            if r["period"] == month and r["measure"] == "count"
        }


@pytest.mark.parametrize("month", MONTHS)
def test_the_world_has_every_published_figure(world: World, month: str) -> None:
    expected = published(load_profile("syria"), month)
    expected |= {key: value for key, value in IMPOSSIBLE.items() if key in expected}
    found = count(world, month)
    assert {key: found[key] for key in expected} == expected


def test_the_quarter_adds_up(world: World) -> None:
    found = sum((count(world, month) for month in MONTHS), Counter())
    assert found["civilians", "", "", "all"] == 707
    assert found["torture", "", "", "all"] == 39
    assert found["massacres", "", "", "all"] == 26


def test_only_massacres_reach_five_dead(world: World) -> None:
    assert all((incident.civilians >= 5) == incident.massacre for incident in world.incidents)


def test_idlib_then_deir_ez_zour_then_daraa_in_march(world: World) -> None:
    dead: Counter[str] = Counter()
    for incident, victim in world.victims("2020-03", "civilians"):
        dead[incident.governorate] += victim.person.persons
    (first, a), (second, b), (third, c), (_, d) = dead.most_common(4)
    assert (first, second, third) == ("SY07", "SY09", "SY12")
    assert a > b > c > d


def test_march_massacres_are_where_the_report_puts_them(world: World) -> None:
    march = {i.place.en: i for i in world.incidents if i.month == "2020-03" and i.massacre}
    assert {(p, march[p].party, march[p].civilians) for p in ("Kafrantin", "Afrin", "Ma'aret Misreen")} == {
        ("Kafrantin", "syrian_regime", 5),
        ("Afrin", "sdf", 5),
        ("Ma'aret Misreen", "russia", 14),
    }
    assert march["Ma'aret Misreen"].times == ("02:05", "02:27")


def test_the_medics_of_march_are_those_of_the_report(world: World) -> None:
    medics = {
        incident.kind: (incident.place.en, victim.person.affiliation, (victim.died - incident.date).days)
        for incident, victim in world.victims("2020-03")
        if victim.person.special_group == "medical"
    }
    assert medics == {
        "extremist_islamist/hts": ("Al-Atareb", "Qatar Red Crescent", 4),
        "other/gunfire_unknown_source": ("Al-Qardahah", "", 0),
    }


def test_no_two_incidents_share_a_place_within_three_days(world: World) -> None:
    open_air = [i for i in world.incidents if i.circumstance != "torture"]
    days: dict[str, list[int]] = {}
    for incident in open_air:
        days.setdefault(incident.place.en, []).append(incident.date.toordinal())
    for found in days.values():
        found.sort()
        assert all(later - earlier > 3 for earlier, later in pairwise(found))


def test_three_brothers_are_three_people(world: World) -> None:
    """C7: one father, family, place, day of death and of notification; other given names and birth years."""
    incident = next(i for i in world.incidents if i.circumstance == "torture" and len(i.victims) == 3)
    names = [v.person.name for v in incident.victims]
    assert len({(n.father, n.grandfather, n.family) for n in names if n}) == 1
    assert len({n.given.lookalike for n in names if n}) == 3
    assert len({v.person.born.year for v in incident.victims if v.person.born}) == 3
    assert len({(v.died, v.documented) for v in incident.victims}) == 1


def test_a_man_and_a_boy_of_one_name_die_on_one_day(world: World) -> None:
    incident = next(i for i in world.incidents if i.dispute == "namesakes")
    man, boy = incident.victims
    assert man.person.name and boy.person.name
    assert (man.person.name.given, man.person.name.father, man.person.name.family) == (
        boy.person.name.given,
        boy.person.name.father,
        boy.person.name.family,
    )
    assert (man.person.adult, boy.person.adult) == (True, False)


def test_no_other_two_people_share_given_and_family_name(world: World) -> None:
    names = Counter(
        (v.person.name.family.ar, v.person.name.given.lookalike)
        for i, v in world.victims()
        if v.person.name and i.dispute not in {"cousins", "namesakes"}
    )
    assert names.most_common(1)[0][1] == 1


def test_names_come_from_the_invented_pool(world: World) -> None:
    scenario = load_scenario()
    for _, victim in world.victims():
        if name := victim.person.name:
            assert name.family in scenario.family_names
            assert {name.given, name.father, name.grandfather} <= set(scenario.given_names)


def test_a_year_of_birth_never_leaves_it_open_whether_somebody_is_a_child(world: World) -> None:
    for _, victim in world.victims():
        if born := victim.person.born:
            age = age_on(born, victim.died)
            assert victim.person.adult == (age >= 18)
            assert age not in {16, 17, 18, 19}


def test_everybody_is_documented_in_the_month_that_counts_and_after_death(world: World) -> None:
    for incident, victim in world.victims():
        first, last = month_days(incident.month)
        assert first <= victim.documented <= last
        assert incident.date <= victim.died <= victim.documented


def test_a_few_of_those_tortured_to_death_were_combatants(world: World) -> None:
    assert 0 < sum(v.combatant for _, v in world.victims(population="torture")) < 10


@given(st.integers(0, 300), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_apportioning_gives_everything_out_and_nobody_less_than_a_smaller_one(total: int, weights: list[int]) -> None:
    parts = apportion(total, {str(place): weight for place, weight in enumerate(weights)})
    assert sum(parts.values()) == total
    for a, weight_a in enumerate(weights):
        for b, weight_b in enumerate(weights):
            if weight_a > weight_b:
                assert parts[str(a)] >= parts[str(b)]


def test_apportioning_refuses_what_the_caps_leave_no_room_for() -> None:
    with pytest.raises(CasualtyError, match="don't fit"):
        apportion(3, {"a": 1}, {"a": 2})


def test_a_part_larger_than_its_whole_is_refused() -> None:
    with pytest.raises(CasualtyError, match="not part of"):
        Mix(men=1).minus(Mix(women=1))


def test_a_profile_without_published_figures_has_no_sample(tmp_path: Path) -> None:
    with pytest.raises(CasualtyError, match="published"):
        generate(replace(load_profile("syria"), folder=tmp_path))
