"""Contradictions in words, by language. What belongs here: the sentence for a set of figures and identities. What doesn't:
finding them. The sentences stand in `rules.toml`, the words for what is counted in the report's own templates.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from casualty_pipeline.figures.address import Address
from casualty_pipeline.figures.identities.declared import Identity, identities
from casualty_pipeline.figures.identities.network import Given
from casualty_pipeline.figures.identities.periods import span
from casualty_pipeline.figures.registry import INCIDENT_POPULATION, is_part
from casualty_pipeline.profile import Profile
from casualty_pipeline.shipped import shipped

LANGUAGES = ("en", "ar")
_JOIN = {"en": ", ", "ar": "، "}


@dataclass(frozen=True)
class Contradiction:
    """Figures that can't all be right: the identity first in question, the figures, the sentence for an editor by language.

    `stated` are the figures with their values and places; `identities` all identities that the proof takes.
    """

    rule: str
    figures: tuple[Address, ...]
    sentence: Mapping[str, str]
    stated: tuple[Given, ...] = ()
    identities: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _sentences() -> Mapping[str, Mapping[str, str]]:
    text = Path(__file__).with_name("rules.toml").read_text(encoding="utf-8")
    sentences: Mapping[str, Mapping[str, str]] = tomllib.loads(text)["sentence"]
    return sentences


@lru_cache(maxsize=4)
def _words(language: str) -> Mapping[str, str]:
    path = shipped("templates") / "text" / f"{language}.toml"
    return {k: str(v) for k, v in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def in_words(address: Address, profile: Profile, language: str) -> str:
    """What a figure counts, in words: "Civilians, Russian forces, women"."""
    words = _words(language)
    groups = {g.id: g.label[language] for g in profile.special_groups}
    parts = [groups.get(address.population) or words[f"population_{address.population}"]]
    if address.party:
        parts.append(profile.party_label(address.party, language))
    if address.category:
        parts.append(profile.category[address.category].label[language])
    if address.governorate:
        known = profile.governorate.get(address.governorate)
        parts.append(known.label[language] if known else address.governorate)
    if address.demographic != "all":
        parts.append(words[f"demographic_{address.demographic}"])
    if address.measure == "percent":
        parts.append(words["measure_percent"])
    return _JOIN[language].join(parts)


def shown(given: Given, profile: Profile, language: str) -> str:
    """A figure in words, with address and value: "Civilians, Russian forces (2020-03:civilians:russia = 19)"."""
    return f"{in_words(given.address, profile, language)} ({given.address} = {given.shown})"


def contradiction(
    core: Sequence[Given], names: Collection[str], profile: Profile, beside: Mapping[Address, Given] | None = None
) -> Contradiction:
    """The contradiction between some figures, by the identities that prove it; `beside` are all figures that were given."""
    rules = [i for i in _once(identities(profile)) if i.name in names]
    shape, roles = _shape(sorted(core, key=lambda g: g.address), rules)
    sentence = {}
    for language in LANGUAGES:
        join = _JOIN[language]
        told = {k: join.join(shown(g, profile, language) for g in stood) for k, stood in roles.items()}
        text = _sentences()[shape][language].format(
            **told,
            sum=sum(g.value for g in roles.get("parts", ())),
            least=profile.counting.massacre_threshold,
            reason=" ".join(rule.reason[language] for rule in rules),
        )
        if room := _no_room(core, beside or {}, profile, language):
            text = f"{text} {room}"
        sentence[language] = text.strip()
    ordered = tuple(g for given in roles.values() for g in given)
    main = next((i.name for i in rules if i.kind == shape), rules[0].name if rules else "")
    return Contradiction(main, tuple(g.address for g in ordered), sentence, ordered, tuple(i.name for i in rules))


def _once(rules: Iterable[Identity]) -> list[Identity]:
    """One identity of a name: special groups have one each."""
    return list({i.name: i for i in rules}.values())


def _shape(core: Sequence[Given], rules: Sequence[Identity]) -> tuple[str, dict[str, list[Given]]]:
    """The sentence that fits, and which figures stand where in it."""
    kinds = {i.kind for i in rules}
    if len(rules) == 1 and kinds == {"value"}:
        return ("twice" if len(core) > 1 else "value"), {"figures": list(core)}
    shares = [g for g in core if g.address.measure == "percent"]
    if len(shares) == 1 and "percent" in kinds and kinds <= {"percent", "partition"}:
        return "percent", {"share": shares, "counts": [g for g in core if g not in shares]}
    if not shares and kinds <= {"within", "partition"} and "within" in kinds:
        inner = {i.part for i in rules if i.kind == "within"}
        part = [g for g in core if g.address.population in inner]
        whole = [g for g in core if g not in part]
        if len(part) == 1 and whole and part[0].value > sum(g.value for g in whole):
            return "within", {"part": part, "whole": whole}
    # Over several dimensions parts may overlap, and their sum says nothing.
    if not shares and kinds == {"partition"} and (len(rules) == 1 or {i.name for i in rules} == {"parties", "sub-parties"}):
        for one in core:
            parts = [g for g in core if g is not one]
            if parts and all(covers(one.address, g.address) for g in parts):
                total = sum(g.value for g in parts)
                if total != one.value:
                    return ("exceeds" if total > one.value else "sum"), {"whole": [one], "parts": parts}
    if len(core) == 2 and "times" in kinds:
        of = [g for g in core if g.address.population == INCIDENT_POPULATION]
        if len(of) == 1:
            return "times", {"of": of, "count": [g for g in core if g not in of]}
    return "general", {"figures": list(core)}


def covers(whole: Address, part: Address) -> bool:
    """Whether whoever is counted in one figure is counted in the other, by their addresses alone."""
    (first, last), (start, end) = span(whole.period), span(part.period)
    return (
        whole.population == part.population
        and first <= start <= end <= last
        and whole.party in {"", part.party, part.party.split("/", maxsplit=1)[0]}
        and whole.category in {"", part.category}
        and whole.governorate in {"", part.governorate}
        and is_part(part.demographic, whole.demographic)
    )


def _no_room(core: Sequence[Given], beside: Mapping[Address, Given], profile: Profile, language: str) -> str:
    """What a toll beneath that of its massacres leaves for several of them (C1's corollary)."""
    least = profile.counting.massacre_threshold
    wholes = [g for g in core if g.address.population == "civilians" and g.address.demographic == "all"]
    of = [m for g in wholes if (m := beside.get(g.address._replace(population=INCIDENT_POPULATION)))]
    if len(core) != 2 or len(of) != 1 or of[0].value < 2:
        return ""
    largest = wholes[0].value - least * (of[0].value - 1)
    if largest < least:
        return ""
    return _sentences()["no_room"][language].format(
        whole=shown(wholes[0], profile, language),
        of=shown(of[0], profile, language),
        largest=largest,
        more=largest + 1,
        least=least,
    )
