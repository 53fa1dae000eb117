"""The words of a language, read from the TOML file beside this module into the form in which words are compared."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from casualty_pipeline.captures.prose.text import Token, word_key

_TRAITS = ("age_group", "sex", "civilian_status")
_LONGEST_TRIGGER = 4


@dataclass(frozen=True)
class Noun:
    """A noun for persons in one form: one, two or many. `casualty` is killed or injured where the noun itself says so."""

    form: str
    traits: Mapping[str, str]
    casualty: str
    named_sex: str  # the sex that the form says once a name follows: الطفل is any child, الطفل أحمد a boy


@dataclass(frozen=True)
class Trigger:
    """A word or phrase that says killed or injured, and where it stands to the people: before, after, noun or verb."""

    status: str
    place: str
    length: int


@dataclass(frozen=True)
class Lexicon:
    """The words of one language; lists by name in `sets`."""

    sets: Mapping[str, frozenset[str]]
    numbers: Mapping[str, int]
    nouns: Mapping[str, Noun]
    modifiers: Mapping[str, Mapping[str, str]]
    triggers: Mapping[tuple[str, ...], tuple[tuple[str, str], ...]]

    @cached_property
    def openers(self) -> frozenset[str]:
        """Words without one of which nothing is said of the dead or injured."""
        return self.trigger_heads | frozenset({key for key, noun in self.nouns.items() if noun.casualty})

    @cached_property
    def trigger_heads(self) -> frozenset[str]:
        """The words that begin a trigger."""
        return frozenset(keys[0] for keys in self.triggers)

    def has(self, name: str, key: str) -> bool:
        """Whether a word is in the list of that name."""
        return key in self.sets[name]

    def trigger(self, tokens: Sequence[Token], i: int, places: frozenset[str]) -> Trigger | None:
        """The longest phrase that begins at token `i` and may stand at one of `places`."""
        if not 0 <= i < len(tokens) or tokens[i].key not in self.trigger_heads:
            return None
        keys = tuple(t.key for t in tokens[i : i + _LONGEST_TRIGGER])
        for length in range(len(keys), 0, -1):
            for status, place in self.triggers.get(keys[:length], ()):
                if place in places:
                    return Trigger(status, place, length)
        return None


def _keys(phrase: str) -> tuple[str, ...]:
    return tuple(word_key(word) for word in phrase.split())


def _nouns(rows: Sequence[Mapping[str, Any]]) -> dict[str, Noun]:
    nouns: dict[str, Noun] = {}
    for row in rows:
        traits = {trait: str(row[trait]) for trait in _TRAITS if trait in row}
        for form in ("one", "two", "many"):
            for word in row.get(form, ()):
                own = {k: v for k, v in traits.items() if k != "sex" or word not in row.get("mixed", ())}
                named = str(row.get("named_sex", "")) if form == "one" else ""
                nouns.setdefault(word_key(word), Noun(form, own, str(row.get("casualty", "")), named))
    return nouns


@lru_cache(maxsize=4)
def lexicon(language: str) -> Lexicon:
    """The shipped words of a language, "english" or "arabic"."""
    declared: dict[str, Any] = tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8"))
    lists = {name: words for name, words in declared.items() if isinstance(words, list) and name not in {"noun", "modifier"}}
    lists |= {f"period_{name}": words for name, words in declared["period"].items()}
    lists["given"] = declared.get("given", {}).get("names", [])
    triggers: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
    for status in ("killed", "injured"):
        for place, phrases in declared[status].items():
            for phrase in phrases:
                triggers[_keys(phrase)] = (*triggers.get(_keys(phrase), ()), (status, place))
    return Lexicon(
        sets={name: frozenset(word_key(word) for word in words) for name, words in lists.items()},
        numbers={word_key(word): value for word, value in declared["numbers"].items()},
        nouns=_nouns(declared["noun"]),
        modifiers={
            word_key(word): {trait: row[trait] for trait in _TRAITS if trait in row}
            for row in declared.get("modifier", ())
            for word in row["words"]
        },
        triggers=triggers,
    )
