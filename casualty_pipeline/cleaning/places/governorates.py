"""Governorates from their many spellings: exact matches of a normalised form only; what is near is never accepted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from casualty_pipeline.cleaning.places.keys import place_key
from casualty_pipeline.profile import Profile

# Describes a part of a governorate, or the word itself. Not "suburbs", "countryside" or "rural": of Damascus, they name
# another governorate (R19), so for those only a listed alias is accepted.
_DESCRIPTORS = re.compile(
    r"\b(?:governorate|province|muhafazat|northern|southern|eastern|western|north|south|east|west|city of)\b|محافظه|مدينه"
    r"|\bال(?:شمال|جنوب|شرق|غرب)ي\b"
)
_COUNTRYSIDE = re.compile(r"\b(?:countryside|suburbs?|rural|rif|reef)\b(?: of\b)?|ريف")
_SEVERAL = re.compile(r"[/,;&،]|\s[-–—]\s|\b(?:or|and)\b|(?:^|\s)(?:أو|او)(?=\s)", re.IGNORECASE)
NEAR_SCORE = 75.0


@dataclass(frozen=True)
class Stated:
    """What a field says of the governorate: the p-codes it names (sorted), the country if it is another, or why neither."""

    pcodes: tuple[str, ...]
    abroad: str | None
    reason: str | None
    unread: str = ""  # the pieces that name no governorate, where others do, or where nothing does


class Governorates:
    """The governorates of a profile and how they are spelled, by it and by decisions."""

    def __init__(self, profile: Profile, learnt: Mapping[str, str]) -> None:
        self._known: Mapping[str, str] = {
            **{place_key(label): g.pcode for g in profile.governorates for label in g.label.values()},
            **{place_key(alias): pcode for alias, pcode in profile.governorate_aliases},
            **{place_key(key): target for key, target in learnt.items() if target in profile.governorate},
        }
        self._countryside_elsewhere = profile.places.countryside_elsewhere
        self._abroad = {place_key(name): country for name, country in profile.places.abroad}
        self.stated = lru_cache(maxsize=50_000)(self._stated)

    def named(self, key: str) -> str | None:
        """The p-code that a `place_key` names exactly, or but for words like "eastern" or "governorate"."""
        if key in self._known:
            return self._known[key]
        bare = " ".join(_DESCRIPTORS.sub(" ", key).split())
        if bare in self._known:
            return self._known[bare]
        of = " ".join(_COUNTRYSIDE.sub(" ", bare).split())
        # "Western countryside of Aleppo" is in Aleppo governorate (R19); of Damascus, it may be another governorate.
        if of != bare and of in self._known and self._known[of] not in self._countryside_elsewhere:
            return self._known[of]
        return None

    def named_with_countryside(self, key: str) -> tuple[str, ...]:
        """What `named` gives; of a city whose countryside is another governorate, both, since "near it" may be in either."""
        pcode = self.named(key)
        if pcode is None:
            return ()
        elsewhere = self._countryside_elsewhere.get(pcode)
        return tuple(sorted({pcode, elsewhere})) if elsewhere else (pcode,)

    def abroad(self, key: str) -> str | None:
        """The country in which the profile says that a name lies, if it isn't this one."""
        return self._abroad.get(key)

    def near(self, key: str) -> tuple[str, str, float] | None:
        """(spelling, p-code, score out of 100) of what is spelled most like it, if anything is: a hint, never a reading."""
        best = process.extractOne(key, sorted(self._known), scorer=fuzz.ratio, score_cutoff=NEAR_SCORE)
        return (best[0], self._known[best[0]], best[1]) if best else None

    def _stated(self, text: str) -> Stated:
        """Every p-code that a governorate field names. Never raises."""
        key = place_key(text)
        one = self.named(key)
        if one is not None:
            return Stated((one,), None, None)
        if key in self._abroad:
            return Stated((), self._abroad[key], f"{text.strip()!r} is in {self._abroad[key]}: not in this country")
        pieces = [place_key(piece) for piece in _SEVERAL.split(text)]
        named = {piece: self.named(piece) for piece in pieces if piece}
        several = tuple(sorted({pcode for pcode in named.values() if pcode}))
        unread = ", ".join(piece for piece, pcode in named.items() if not pcode)
        if len(several) == 1:
            if not unread:
                return Stated(several, None, None)
            return Stated(several, None, f"beside {several[0]}, {unread!r} is named: not a governorate", unread)
        if several:
            return Stated(
                several, None, f"several governorates are named ({', '.join(several)}): a person has to choose", unread
            )
        near = self.near(" ".join(_DESCRIPTORS.sub(" ", key).split()))
        hint = f"; perhaps {near[0]!r} ({near[1]}) is meant" if near else ""
        return Stated(
            (), None, f"not a governorate that the profile knows{hint}: correct it, or add an alias to the profile", key
        )

    def read(self, text: str) -> tuple[str | None, str | None]:
        """(p-code, None), or (None, why not). Never raises."""
        stated = self.stated(text)
        return (None, stated.reason) if stated.reason else (stated.pcodes[0], None)
