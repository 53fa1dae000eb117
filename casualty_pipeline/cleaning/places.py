"""Governorates from their many spellings: exact matches of a normalised form only; what is near is never accepted."""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from casualty_pipeline.profile import Profile

_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200c-\u200f\u202a-\u202e\u2066-\u2069]")
_SAME = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ء": ""})
# Describes a part of a governorate, or the word itself. Not "suburbs", "countryside" or "rural": of Damascus, they name
# another governorate (R19), so for those only a listed alias is accepted.
_DESCRIPTORS = re.compile(
    r"\b(?:governorate|province|muhafazat|northern|southern|eastern|western|north|south|east|west|city of)\b|محافظه|مدينه"
    r"|\bال(?:شمال|جنوب|شرق|غرب)ي\b"
)
_COUNTRYSIDE = re.compile(r"\b(?:countryside|suburbs?|rural|rif|reef)\b(?: of\b)?|ريف")


def place_key(text: str) -> str:
    """The form in which places are compared: no case, marks, articles' hyphens or punctuation."""
    # Twice: a mathematical 𝑨 becomes a letter with a case only by its decomposition.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = _MARKS.sub("", folded).translate(_SAME)
    return " ".join(re.sub(r"[^\w]+", " ", re.sub(r"[`'ʻʼ‘’´]", "", plain)).split())


class Gazetteer:
    """The governorates of a profile and how they are spelled."""

    def __init__(self, profile: Profile) -> None:
        self._known: Mapping[str, str] = {place_key(alias): pcode for alias, pcode in profile.governorate_aliases}
        self._countryside_elsewhere = profile.countryside_elsewhere
        self.read = lru_cache(maxsize=50_000)(self._read)

    def _read(self, text: str) -> tuple[str | None, str | None]:
        """(p-code, None), or (None, why not). Never raises."""
        key = place_key(text)
        if key in self._known:
            return self._known[key], None
        bare = " ".join(_DESCRIPTORS.sub(" ", key).split())
        if bare in self._known:
            return self._known[bare], None
        of = " ".join(_COUNTRYSIDE.sub(" ", bare).split())
        # "Western countryside of Aleppo" is in Aleppo governorate (R19); of Damascus, it may be another governorate.
        if of != bare and of in self._known and self._known[of] not in self._countryside_elsewhere:
            return self._known[of], None
        near = difflib.get_close_matches(bare, self._known, n=1, cutoff=0.75)
        hint = f"; perhaps {near[0]!r} ({self._known[near[0]]}) is meant" if near else ""
        return None, f"not a governorate that the profile knows{hint}: correct it, or add an alias to the profile"
