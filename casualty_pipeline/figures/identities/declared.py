"""Reads `rules.toml`: the identities between figures as values. What belongs here: reading. What doesn't: applying them."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.registry import INCIDENT_POPULATION
from casualty_pipeline.profile import Profile

# Torture deaths are inside the civilian total only where the profile puts them there and counts no combatant among them.
CONDITIONS: Mapping[str, Callable[[Profile], bool]] = {
    "": lambda _profile: True,
    "torture_is_civilian": lambda profile: (
        profile.counting.counts_in_civilian_total and not profile.counting.torture_includes_combatants
    ),
}


@dataclass(frozen=True)
class Identity:
    """One rule between figures; the fields that a kind doesn't use are empty."""

    name: str
    requirement: str
    kind: str
    reason: Mapping[str, str]
    dimension: str = ""
    part: str = ""
    whole: tuple[str, ...] = ()
    count: str = ""
    of: str = ""
    least: int = 0
    own_tables: bool = True


@lru_cache(maxsize=1)
def _entries() -> list[dict[str, object]]:
    text = Path(__file__).with_name("rules.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["identity"])


def identities(profile: Profile) -> tuple[Identity, ...]:
    """The identities that hold under a profile, in the order of their declaration.

    An identity of all special groups becomes one for each, under the same name.
    """
    found = []
    within = _contained(profile)
    for entry in _entries():
        given = {k: str(entry.get(k, "")) for k in ("name", "requirement", "kind", "dimension", "part", "count", "of")}
        if not CONDITIONS[str(entry.get("when", ""))](profile):
            continue
        least = int(getattr(profile.counting, str(entry["least"]))) if "least" in entry else 0
        whole = entry.get("whole", [])
        # A whole that lies within another one adds nobody to it.
        whole = [w for w in whole if len(whole) == 1 or w not in within] if isinstance(whole, list) else []
        reason = {language: str(entry[language]).format(least=least) for language in ("en", "ar")}
        parts = [g.id for g in profile.special_groups] if given["part"] == "special_groups" else [given["part"]]
        found += [
            Identity(
                **{**given, "part": part},
                reason=reason,
                whole=tuple(map(str, whole)),
                least=least,
                own_tables=bool(entry.get("own_tables", True)),
            )
            for part in parts
        ]
    return tuple(found)


def _contained(profile: Profile) -> set[str]:
    """Populations that lie within another by an identity that holds under the profile."""
    holding = [e for e in _entries() if e["kind"] == "within" and CONDITIONS[str(e.get("when", ""))](profile)]
    return {str(e["part"]) for e in holding}


def percentage_of(share: Address) -> tuple[Address, Address] | None:
    """The part and the whole of a percentage, as addresses of counts; None where it could be read in two ways.

    Everybody of a cell: their share of all cells (R26, `52.41 %` of the civilians were killed by other parties). Some of a
    total: their share of it (R21, 62 % women and children). Some of a party's: of the party's or of all, nobody can say.
    """
    part = share._replace(measure="count")
    in_cell = bool(part.party or part.category or part.governorate)
    if part.demographic != "all":
        return None if in_cell else (part, part._replace(demographic="all"))
    if part.category and part.party:
        return None
    return (part, part._replace(party="", category="", governorate="")) if in_cell else None


def decimals(share: Address, profile: Profile) -> int:
    """The decimals that the profile declares for a percentage."""
    return profile.rounding["party_share" if share.demographic == "all" else "women_and_children_share"]


def counts_incidents(address: Address) -> bool:
    """Whether a figure counts incidents, not persons."""
    return address.population == INCIDENT_POPULATION
