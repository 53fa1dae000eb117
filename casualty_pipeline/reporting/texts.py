"""Loads wording: the sentences of a language (templates/text) and what a profile adds to them (its report/report.toml).

What belongs here: reading and validating texts. What doesn't: filling them in (`voice.py`).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Labels, Profile
from casualty_pipeline.shipped import shipped


@dataclass(frozen=True)
class PartyWording:
    """How a party is named inside a sentence. `hedged`: its toll says that it is believed (R16)."""

    inline: Labels
    believed: Labels
    hedged: bool


@dataclass(frozen=True)
class Conclusion:
    """A sentence that is printed only when its figure of the month is above zero (C6)."""

    population: str
    party: str
    category: str
    demographic: str
    text: Labels


@dataclass(frozen=True)
class Recommendation:
    """What is asked of an addressee; of a party only when the month has something against it."""

    to: Labels
    party: str
    items: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ProfileWording:
    """What a profile adds to the sentences of the languages."""

    parties: Mapping[str, PartyWording]
    conclusions: tuple[Conclusion, ...]
    recommendations: tuple[Recommendation, ...]


class Catalogue:
    """The sentences of one language by key."""

    def __init__(self, language: str, texts: Mapping[str, str], where: Path) -> None:
        """Take the texts of a language and the file that they come from, for messages."""
        self.language = language
        self._texts = texts
        self._where = where

    def __getitem__(self, key: str) -> str:
        """The sentence. Raises CasualtyError naming the key and the file where there is none."""
        if key not in self._texts:
            raise CasualtyError(f"{self._where}: the language {self.language!r} has no text {key!r}: add it")
        return self._texts[key]


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise CasualtyError(f"{path}: not readable as TOML: {problem}") from problem


@lru_cache(maxsize=8)
def catalogue(language: str, folder: Path | None = None) -> Catalogue:
    """The sentences of a language. Raises CasualtyError where the language has none."""
    where = (folder or shipped("templates") / "text") / f"{language}.toml"
    if not where.is_file():
        known = ", ".join(sorted(p.stem for p in where.parent.glob("*.toml")))
        raise CasualtyError(f"the report has no texts for the language {language!r}: expected one of {known}, or {where}")
    return Catalogue(language, _read(where), where)


def profile_wording(profile: Profile) -> ProfileWording:
    """A profile's own wording; a profile without the file has plain labels and no conclusions.

    Raises CasualtyError for a party that the profile doesn't define, or a text without one of its languages.
    """
    path = profile.folder / "report" / "report.toml"
    data = _read(path) if path.is_file() else {}

    def labels(given: Mapping[str, Any], where: str) -> dict[str, str]:
        missing = [language for language in profile.languages if not given.get(language)]
        if missing:
            raise CasualtyError(f"{path}: {where} has no text in the language {missing[0]!r}")
        return {language: given[language] for language in profile.languages}

    def known(party: str, where: str) -> str:
        if party and party not in profile.party:
            raise CasualtyError(f"{path}: {where} names the party {party!r}, which parties.csv doesn't define")
        return party

    return ProfileWording(
        parties={
            known(party, "[party]"): PartyWording(
                inline=labels(words["inline"], f"party {party!r}") if "inline" in words else {},
                believed=labels(words["believed"], f"party {party!r}") if "believed" in words else {},
                hedged=words.get("hedged", False),
            )
            for party, words in data.get("party", {}).items()
        },
        conclusions=tuple(
            Conclusion(
                population=item["population"],
                party=known(item.get("party", ""), f"conclusion {number}"),
                category=item.get("category", ""),
                demographic=item.get("demographic", "all"),
                text=labels(item, f"conclusion {number}"),
            )
            for number, item in enumerate(data.get("conclusion", []), 1)
        ),
        recommendations=tuple(
            Recommendation(
                to=labels(item["to"], f"recommendation {number}"),
                party=known(item.get("party", ""), f"recommendation {number}"),
                items={k: tuple(v) for k, v in labels(item, f"recommendation {number}").items()},
            )
            for number, item in enumerate(data.get("recommendation", []), 1)
        ),
    )
