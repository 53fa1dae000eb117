"""Rows that must not be taken at their word: each breaks one rule, and none is needed for any count.

Each is a row that could have been, of a person of its own, with one value spoiled. They end in quarantine or among the
rejected, with the reason.
"""

import datetime as dt
from collections.abc import Callable

from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.sample import wording
from casualty_pipeline.sample.captures import Statement
from casualty_pipeline.sample.people import Population, age_on
from casualty_pipeline.sample.scenario import Scenario, chance
from casualty_pipeline.sample.sources import SOURCE
from casualty_pipeline.sample.wording import Wording

Spoil = Callable[[dict[str, str], dt.date], dict[str, str]]


def _set(**values: str) -> Spoil:
    return lambda fields, _day: {**fields, **values}


def _documented_before_death(fields: dict[str, str], day: dt.date) -> dict[str, str]:
    return {**fields, "documented_date": wording.iso(day - dt.timedelta(days=9))}


def _born_after_death(fields: dict[str, str], day: dt.date) -> dict[str, str]:
    return {**fields, "birth_date": wording.iso(day + dt.timedelta(days=400))}


def _dead_before_incident(fields: dict[str, str], day: dt.date) -> dict[str, str]:
    later = day + dt.timedelta(days=6)
    return {**fields, "incident_date": wording.slashed(later), "documented_date": wording.iso(later)}


FAULTS: tuple[tuple[str, str, Spoil], ...] = (
    ("no_such_day", "field_teams", _set(death_date="31/02/2020")),
    ("placeholder_date", "local_activists", _set(death_date="1970-01-01")),
    ("birth_year_after_death", "hospitals", _set(age="2044")),
    ("unknown_party", "local_activists", _set(party="Martians")),
    ("two_governorates", "local_activists", _set(governorate="Hama or Idlib")),
    ("no_key", "hospitals", _set()),
    ("born_after_death", "family_form", _born_after_death),
    ("documented_before_death", "field_teams", _documented_before_death),
    ("dead_before_incident", "hospitals", _dead_before_incident),
    ("unknown_sex", "family_form", _set(sex="؟")),
)


def faulty(profile: Profile, scenario: Scenario, people: Population, seed: int) -> list[Statement]:
    """One statement per fault, spread over the quarter."""
    rng = chance(seed, "faults")
    words = Wording(profile, rng)
    statements = []
    for number, (fault, source, spoil) in enumerate(FAULTS):
        day = dt.date(2020, 1 + number % 3, 12 + number)
        place = rng.choice([p for p in scenario.places if p.governorate in {"SY05", "SY11"} and not p.detention])
        person = people.person("men", day, place.governorate)
        script = SOURCE[source].script
        if person.name is None or person.born is None:
            continue
        fields = {
            ("name_ar" if script == "ar" else "name_en"): words.name(person.name, script),
            "sex": words.word("sex", "male", script),
            "age": str(age_on(person.born, day)),
            "birth_date": wording.iso(person.born),
            "status": words.word("status", "killed", script),
            "civilian_status": words.word("civilian_status", "civilian", script),
            "incident_date": wording.iso(day),
            "death_date": wording.iso(day),
            "documented_date": wording.iso(day + dt.timedelta(days=1)),
            "governorate": words.governorate(place.governorate, script),
            ("place_ar" if script == "ar" else "place"): words.place(place, script),
            "party": words.party("unidentified", script),
            "mechanism": words.word("mechanism", "landmine", script),
        }
        spoiled = spoil(fields, day)
        documented = dt.date.fromisoformat(spoiled["documented_date"])
        statements.append(Statement(source, "person", documented, spoiled, victim=person.id, fault=fault, role="fault"))
    return statements
