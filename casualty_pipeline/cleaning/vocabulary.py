"""Words of sources mapped to the profile's own: parties, sex, status, mechanism, circumstance and the like."""

from collections.abc import Mapping
from functools import lru_cache

from casualty_pipeline.cleaning.places import place_key
from casualty_pipeline.profile import Profile

# Fields that decide whether and how somebody counts: a word that isn't known there puts the statement in quarantine.
# In the others it stays as given, and the typed value stays empty.
DECISIVE = frozenset({"sex", "status", "civilian_status", "circumstance", "special_group", "age_group"})
HARMLESS = frozenset({"certainty", "assessment", "mechanism"})
_YES = frozenset({"yes", "true", "1", "نعم"})
_NO = frozenset({"no", "false", "0", "لا"})


class Vocabulary:
    """The word tables of a profile."""

    def __init__(self, profile: Profile) -> None:
        self._words: Mapping[tuple[str, str], str] = {(f, place_key(a)): v for f, a, v in profile.vocabulary}
        self._claims: Mapping[str, str] = {
            **{place_key(p.label[lang]): p.id for p in profile.parties for lang in profile.languages},
            **{place_key(p.id): p.id for p in profile.parties},
            **{place_key(alias): claim for alias, claim in profile.party_aliases},
        }
        self.word = lru_cache(maxsize=50_000)(self._word)
        self.claim = lru_cache(maxsize=50_000)(self._claim)

    def _word(self, field: str, text: str) -> tuple[str | None, str | None]:
        """(value, None), or (None, why not). Never raises."""
        value = self._words.get((field, place_key(text)))
        if value is not None:
            return value, None
        known = sorted({v for (f, _), v in self._words.items() if f == field})
        return None, f"no {field.replace('_', ' ')} that the profile knows; expected a word for {', '.join(known)}"

    def _claim(self, text: str) -> tuple[str | None, str | None]:
        """(claim, None), or (None, why not). A claim is an id, `a+b`, `a|b` or `unidentified`. Never raises."""
        value = self._claims.get(place_key(text))
        if value is not None:
            return canonical_claim(value), None
        return None, "no party that the profile knows: correct it, or add an alias to the profile's aliases/parties.csv"


def canonical_claim(claim: str) -> str:
    """The same claim has one spelling: its parties in alphabetical order."""
    for joint in "+|":
        if joint in claim:
            return joint.join(sorted(claim.split(joint)))
    return claim


def read_flag(text: str) -> tuple[bool | None, str | None]:
    """(True or False, None), or (None, why not)."""
    word = text.strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES, None
    return None, "expected yes or no"
