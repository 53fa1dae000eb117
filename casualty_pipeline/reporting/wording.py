"""Loads what a profile adds to the sentences of the languages: its report/report.toml.

What belongs here: reading and validating it. What doesn't: choosing which conclusion a figure supports (`sections`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Labels, Profile
from casualty_pipeline.reporting.grammar import Style
from casualty_pipeline.reporting.texts import read_toml, refuse_reaching

Given = Mapping[str, Any]
_Entry = TypeVar("_Entry")
_CONDITION = frozenset({"population", "party", "category", "demographic", "measure", "at_least"})


@dataclass(frozen=True)
class PartyWording:
    """How a party is named inside a sentence. `hedged`: its toll says that it is believed (R16)."""

    inline: Labels
    believed: Labels
    hedged: bool


@dataclass(frozen=True)
class Mechanism:
    """What an attack is called, and in which languages that is a feminine noun."""

    label: Labels
    feminine: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """A figure of the month, and how large it has to be for something to be said (C6)."""

    population: str
    party: str
    category: str
    demographic: str
    measure: str
    at_least: float


@dataclass(frozen=True)
class Conclusion:
    """A sentence that is printed only when its figure of the month supports it (C6). `{figure}` in it is that figure."""

    when: Condition
    text: Labels


@dataclass(frozen=True)
class Recommendation:
    """What is asked of an addressee, printed when any of its figures is there; always where it names none."""

    to: Labels
    when: tuple[Condition, ...]
    items: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class MethodChange:
    """A change of the rules: the version that brought it, and the first documentation month that it holds for."""

    version: str
    applies_from: str
    text: Labels


@dataclass(frozen=True)
class ProfileWording:
    """What a profile adds to the sentences of the languages."""

    style: Mapping[str, Style]
    parties: Mapping[str, PartyWording]
    mechanisms: Mapping[str, Mechanism]
    affiliations: Mapping[str, Labels]
    rules: tuple[Labels, ...]
    changes: tuple[MethodChange, ...]
    conclusions: tuple[Conclusion, ...]
    recommendations: tuple[Recommendation, ...]


def profile_wording(profile: Profile) -> ProfileWording:
    """A profile's own wording; a profile without the file has plain labels, no rules of its own and no conclusions.

    Raises CasualtyError for a party or category that the profile doesn't define, a key that isn't known, or a text without
    one of the profile's languages.
    """
    path = profile.folder / "report" / "report.toml"
    data = read_toml(path) if path.is_file() else {}
    try:
        return _wording(data, _Reader(profile, path), path)
    except (AttributeError, TypeError) as problem:  # a list where a table is expected, or the reverse
        raise CasualtyError(f"{path}: {problem}; see the shipped report.toml of syria for how it is written") from problem


def _wording(data: Given, read: "_Reader", path: Path) -> ProfileWording:
    return ProfileWording(
        style={language: _style(given, path) for language, given in data.get("style", {}).items()},
        parties={party: read.party(party, words) for party, words in data.get("party", {}).items()},
        mechanisms={
            name: Mechanism(read.labels(words, f"mechanism {name!r}"), tuple(words.get("feminine", ())))
            for name, words in data.get("mechanism", {}).items()
        },
        affiliations={
            name: read.labels(words, f"affiliation {name!r}") for name, words in data.get("affiliation", {}).items()
        },
        rules=read.each(data, "rule", read.labels),
        changes=read.each(
            data,
            "method_change",
            lambda item, where: MethodChange(
                read.text(item, "version", where), read.text(item, "applies_from", where), read.labels(item, where)
            ),
        ),
        conclusions=read.each(data, "conclusion", read.conclusion),
        recommendations=read.each(data, "recommendation", read.recommendation),
    )


def _style(given: Given, path: Path) -> Style:
    words, months = given.get("words_up_to"), given.get("months", "")
    if not set(given) <= {"words_up_to", "months"} or not isinstance(words, int | None) or not isinstance(months, str):
        found = ", ".join(f"{key} = {value!r}" for key, value in given.items())
        raise CasualtyError(f"{path}: [style]: expected words_up_to (a whole number) and months (a text), found {found}")
    return Style(words, months)


class _Reader:
    """Reads the entries of one file, and says where one is wrong."""

    def __init__(self, profile: Profile, path: Path) -> None:
        self._profile = profile
        self._path = path

    def each(self, data: Given, name: str, make: Callable[[Given, str], _Entry]) -> tuple[_Entry, ...]:
        return tuple(make(item, f"{name} {number}") for number, item in enumerate(data.get(name, []), 1))

    def text(self, given: Given, key: str, where: str) -> str:
        if not isinstance(given.get(key), str):
            raise CasualtyError(f"{self._path}: {where}: expected the text {key!r}")
        return str(given[key])

    def labels(self, given: Given, where: str) -> dict[str, Any]:
        missing = [language for language in self._profile.languages if not given.get(language)]
        if missing:
            raise CasualtyError(f"{self._path}: {where} has no text in the language {missing[0]!r}")
        return {language: given[language] for language in self._profile.languages}

    def party(self, party: str, words: Given) -> PartyWording:
        self._known(party, f"[party.{party}]")
        return PartyWording(
            inline=self.labels(words["inline"], f"party {party!r}") if "inline" in words else {},
            believed=self.labels(words["believed"], f"party {party!r}") if "believed" in words else {},
            hedged=words.get("hedged", False),
        )

    def condition(self, given: Given, where: str) -> Condition:
        unknown = set(given) - _CONDITION - set(self._profile.languages)
        if unknown:
            raise CasualtyError(
                f"{self._path}: {where}: {min(unknown)!r} is no key; expected {', '.join(sorted(_CONDITION))}"
            )
        self._known(given.get("party", ""), where)
        category = given.get("category", "")
        if category and category not in self._profile.category:
            raise CasualtyError(
                f"{self._path}: {where} names the category {category!r}, which categories.csv doesn't define"
            )
        return Condition(
            population=self.text(given, "population", where),
            party=given.get("party", ""),
            category=category,
            demographic=given.get("demographic", "all"),
            measure=given.get("measure", "count"),
            at_least=given.get("at_least", 1),
        )

    def conclusion(self, given: Given, where: str) -> Conclusion:
        text = self.labels(given, where)
        for language, sentence in text.items():
            refuse_reaching(sentence, f"{self._path}: {where}, {language}")
            try:
                sentence.format(figure="")
            except (KeyError, IndexError, ValueError) as problem:
                raise CasualtyError(
                    f"{self._path}: {where}, {language}: the only place in it may be {{figure}}"
                ) from problem
        return Conclusion(self.condition(given, where), text)

    def recommendation(self, given: Given, where: str) -> Recommendation:
        return Recommendation(
            to=self.labels(given.get("to", {}), where),
            when=tuple(self.condition(item, where) for item in given.get("when", ())),
            items={language: tuple(texts) for language, texts in self.labels(given, where).items()},
        )

    def _known(self, party: str, where: str) -> None:
        unknown = [part for part in party.split("+") if part and part not in self._profile.party]
        if unknown:
            raise CasualtyError(f"{self._path}: {where} names the party {unknown[0]!r}, which parties.csv doesn't define")
