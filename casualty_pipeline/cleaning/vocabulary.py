"""Words of sources mapped to the profile's own: parties, sex, status, mechanism, circumstance and the like.

A text is read by the first rule that fits: `listed`, the whole text stands in the profile's table; `listed_parts`, its parts
do, in another order; `phrase`, listed phrases stand inside it and all mean the same. Anything else is refused, and listed by
`casualty terms`, so that the next entry of a table is obvious.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from casualty_pipeline.cleaning.date_points import ASSUMED, STATED
from casualty_pipeline.cleaning.places import place_key
from casualty_pipeline.profile import Profile

DERIVED = "derived"
# Fields that decide whether and how somebody counts: a word that isn't known there puts the statement in quarantine.
# In the others it stays as given, the typed value stays empty, and a flag says so.
DECISIVE = frozenset({"sex", "status", "civilian_status", "circumstance", "special_group", "age_group"})
HARMLESS = frozenset({"certainty", "assessment", "mechanism", "occupation", "marital_status"})
CONTROL = "area_of_control"
UNIDENTIFIED = "unidentified"  # a claim that names nobody
_YES = frozenset({"yes", "true", "1", "نعم"})
_NO = frozenset({"no", "false", "0", "لا"})

_PART = re.compile(r"[,;،؛/&+|]")
_AND = re.compile(r"[,;،؛/&+]|\band\b| و ?(?=\S)")
# In a longer text these turn a listed word into its opposite, or into somebody else's: then nothing is derived from it.
_TURNED = re.compile(
    r"\b(?:not|no|non|never|without|except|former|formerly|ex|son|daughter|wife|husband|father|mother|brother|sister|of a"
    r"|غير|ليس|ليست|لم|لا|بدون|دون|سابق|سابقا|ابن|ابنه|زوج|زوجه|والد|والده|شقيق|شقيقه)\b"
)
_DOUBT = re.compile(
    r"[?؟]|\b(?:maybe|perhaps|possibly|probably|presumably|unconfirmed|apparently)\b|ربما|محتمل|يرجح|غير موكد"
)
_HELD = re.compile(
    r"\b(?:areas?|territory|territories|region|held|controlled|under|the|control|of|by|forces of)\b"
    r"|\b(?:مناطق|منطقه|سيطره|تحت|خاضعه|الخاضعه|لسيطره|خاضع)\b"
)


class WordReading(NamedTuple):
    """What a text means with the rule and certainty of the reading, or why it can't be read: `value` or `reason` is set."""

    value: str | None
    reason: str | None
    rule: str | None = None
    certainty: str | None = None


class Vocabulary:
    """The word tables of a profile."""

    def __init__(self, profile: Profile) -> None:
        self._words: dict[str, dict[str, str]] = {}
        for field, alias, value in profile.vocabulary:
            self._words.setdefault(field, {})[place_key(alias)] = value
        self._parts = {
            field: {_parts_key(alias): value for f, alias, value in profile.vocabulary if f == field and _PART.search(alias)}
            for field in self._words
        }
        # A harmless field without a word in the profile isn't read at all: every string of it would be a doubt.
        self.fields = DECISIVE | (HARMLESS & self._words.keys())
        self._phrases = {field: _any_of(words) for field, words in self._words.items()}
        self._claims: Mapping[str, str] = {
            **{place_key(p.label[lang]): p.id for p in profile.parties for lang in profile.languages},
            **{place_key(p.id): p.id for p in profile.parties},
            **{place_key(alias): claim for alias, claim in profile.party_aliases},
        }
        self.word = lru_cache(maxsize=50_000)(self._word)
        self.claim = lru_cache(maxsize=50_000)(self._claim)
        self.control = lru_cache(maxsize=50_000)(self._control)

    def _word(self, field: str, text: str) -> WordReading:
        """The value of a text in a field. Never raises."""
        words, key = self._words.get(field, {}), place_key(text)
        doubted = _DOUBT.search(text.casefold()) or _DOUBT.search(key)
        if key in words:  # a word of doubt may be listed itself: "likely" is a certainty
            asked = doubted and not _DOUBT.search(key)
            return WordReading(words[key], None, *(("doubted", ASSUMED) if asked else ("listed", STATED)))
        if (value := self._parts.get(field, {}).get(_parts_key(text))) is not None:
            return WordReading(value, None, "listed_parts", STATED)
        name = field.replace("_", " ")
        values = sorted({words[found] for found in self._found(field, key)})
        if len(values) == 1 and not _TURNED.search(key):
            return WordReading(values[0], None, *(("doubted", ASSUMED) if doubted else ("phrase", DERIVED)))
        known = ", ".join(sorted(set(words.values())))
        if len(values) > 1:
            return WordReading(None, f"names more than one {name}, {' and '.join(values)}; expected one of {known}")
        return WordReading(None, f"no {name} that the profile knows; expected a word for {known}")

    def _found(self, field: str, key: str) -> list[str]:
        """The listed phrases that stand in a text as whole words, each the longest at its place."""
        pattern = self._phrases.get(field)
        return pattern.findall(key) if pattern else []

    def _claim(self, text: str) -> WordReading:
        """The claim of a text: an id, `a+b`, `a|b` or `unidentified`. Never raises."""
        value = self._claims.get(place_key(text))
        if value is not None:
            return WordReading(canonical_claim(value), None, "listed", STATED)
        return WordReading(
            None, "no party that the profile knows: correct it, or add an alias to the profile's aliases/parties.csv"
        )

    def _control(self, text: str) -> WordReading:
        """Who controls an area: a party's id, `a+b` of those who share it, `a|b` where it may be either. Never raises."""
        words = self._words.get(CONTROL, {})
        found = []
        for part in (text, *_AND.split(text)):
            key = place_key(part)
            bare = " ".join(_HELD.sub(" ", key).split())
            party = next((table[k] for k in (key, bare) for table in (words, self._claims) if k in table), None)
            if party == UNIDENTIFIED:
                party = None
            if party is not None and part == text:
                return WordReading(canonical_claim(party), None, "listed", STATED)
            if part != text and bare:
                found.append(party)
        if not found or any(p is None or "|" in p for p in found):
            reason = "no party that the profile knows: add an alias to the profile's aliases/parties.csv"
            return WordReading(None, reason)
        parties = sorted({p for claim in found if claim for p in claim.split("+")})
        return WordReading("+".join(parties), None, "listed_parts", STATED)


def _any_of(words: Mapping[str, str]) -> re.Pattern[str] | None:
    """Any of the words as whole words, the longest first. Arabic words may carry the article."""
    listed = sorted((w for w in words if len(w) > 1), key=lambda w: (-len(w), w))
    return re.compile(rf"(?<!\w)(?:ال)?({'|'.join(map(re.escape, listed))})(?!\w)") if listed else None


def _parts_key(text: str) -> str:
    """The parts of a list in alphabetical order: "Artillery, Airstrike" is "airstrike, artillery"."""
    return ",".join(sorted({key for part in _PART.split(text) if (key := place_key(part))}))


def canonical_claim(claim: str) -> str:
    """The same claim has one spelling: its parties in alphabetical order."""
    for joint in "+|":
        if joint in claim:
            return joint.join(sorted(claim.split(joint)))
    return claim


def read_flag(text: str) -> WordReading:
    """`true` or `false`, or why not. Never raises."""
    word = text.strip().casefold()
    if word in _YES or word in _NO:
        return WordReading(str(word in _YES).lower(), None, "listed", STATED)
    return WordReading(None, "expected yes or no")
