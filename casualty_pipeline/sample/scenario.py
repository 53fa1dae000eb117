"""Reads `data/`: the scenario, the pool of names and the places. What doesn't belong here: choosing among them."""

import csv
import datetime as dt
import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Kind:
    """How the dead of a party or category die: what sources claim, mechanisms, dead per incident, governorates."""

    claim: str
    mechanisms: tuple[str, ...]
    circumstance: str
    sizes: tuple[int, ...]
    governorates: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A place below the governorate, in both scripts, with one more Latin spelling."""

    governorate: str
    en: str
    variant: str
    ar: str
    detention: bool


@dataclass(frozen=True)
class GivenName:
    """A given name. Names with one `lookalike` differ only in vowels when written without them."""

    sex: str
    ar: str
    latin: tuple[str, ...]
    lookalike: str


@dataclass(frozen=True)
class FamilyName:
    """An invented family name; `latin` stands without the article."""

    ar: str
    latin: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """A massacre or a special case that a report places."""

    month: str
    kind: str
    place: str
    date: dt.date
    mechanism: str = ""
    times: tuple[str, ...] = ()
    area_of_control: str = ""
    group: str = ""
    days_to_death: int = 0
    affiliation: str = ""
    occupation: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Scenario:
    """Everything that the published figures leave open; see `data/scenario.toml`."""

    kinds: Mapping[str, Kind]
    other_categories: Mapping[str, int]
    massacre_category: str
    special_category: str
    massacre_sizes: tuple[int, ...]
    governorates: Mapping[str, Mapping[str, int]]
    massacres: tuple[Scene, ...]
    special_scenes: tuple[Scene, ...]
    brothers: Mapping[str, Any]
    torture: Mapping[str, Any]
    namesakes: Mapping[str, str]
    cousins: Mapping[str, str]
    groups: tuple[Mapping[str, Any], ...]
    not_counted: Mapping[str, tuple[int, ...]]
    decided: Mapping[str, Any]
    places: tuple[Place, ...]
    given_names: tuple[GivenName, ...]
    family_names: tuple[FamilyName, ...]

    def place(self, name: str) -> Place:
        """The place of that English name."""
        return next(place for place in self.places if place.en == name)


def chance(seed: int, purpose: str) -> random.Random:
    """A generator of its own for each purpose, so that a change in one part leaves the others' choices alone."""
    return random.Random(f"{seed}/{purpose}")  # noqa: S311 - reproducible noise, not secrets


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _scene(entry: Mapping[str, Any]) -> Scene:
    values = {("kind" if key == "party" else key): value for key, value in entry.items()}
    values["times"] = tuple(values.get("times", ()))
    values["occupation"] = tuple(values.get("occupation", ("", "")))
    return Scene(**values)


@lru_cache(maxsize=1)
def load_scenario() -> Scenario:
    """The shipped scenario."""
    data = tomllib.loads((DATA / "scenario.toml").read_text(encoding="utf-8"))
    return Scenario(
        kinds={
            name: Kind(
                claim=kind["claim"],
                mechanisms=tuple(kind["mechanisms"]),
                circumstance=kind.get("circumstance", ""),
                sizes=tuple(kind["sizes"]),
                governorates=tuple(kind["governorates"]),
            )
            for name, kind in data["kinds"].items()
        },
        other_categories=data["open"]["other_categories"],
        massacre_category=data["open"]["massacre_category"],
        special_category=data["open"]["special_category"],
        massacre_sizes=tuple(data["open"]["massacre_sizes"]),
        governorates=data["governorates"],
        massacres=tuple(_scene(entry) for entry in data["massacres"]),
        special_scenes=tuple(_scene(entry) for entry in data["special_scenes"]),
        brothers=data["brothers"],
        torture=data["torture"],
        namesakes=data["namesakes"],
        cousins=data["cousins"],
        groups=tuple(data["groups"]),
        not_counted={reason: tuple(numbers) for reason, numbers in data["not_counted"].items()},
        decided=data["decided"],
        places=tuple(
            Place(r["pcode"], r["en"], r["variant"], r["ar"], r["detention"] == "yes") for r in _rows("places.csv")
        ),
        given_names=tuple(
            GivenName(r["sex"], r["ar"], tuple(r["latin"].split("|")), r["lookalike"]) for r in _rows("given_names.csv")
        ),
        family_names=tuple(FamilyName(r["ar"], tuple(r["latin"].split("|"))) for r in _rows("family_names.csv")),
    )
