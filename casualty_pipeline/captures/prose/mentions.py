"""Words of the profile found in running text: parties, mechanisms, circumstances, special groups, governorates.

The profile's aliases are matched as whole words: any case, an English plural, an Arabic article, preposition, pronoun or
feminine ending. `aliases/prose.csv` of a profile, where there is one, adds words that only running text uses (روسي in
قصف روسي); each reads as an alias that cleaning knows.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from casualty_pipeline.captures.prose.text import Token, word_key
from casualty_pipeline.cleaning.vocabulary import Vocabulary
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile import Profile

_FIELDS = ("mechanism", "circumstance", "special_group")
_COLUMNS = ("field", "alias", "reads_as")
_SHORTEST = 2  # letters of a word that stands alone: "M" is no weapon
_EXACT = "="  # before the key of a governorate's word: its article belongs to it
_PREFIXES = ("و", "ف", "ب", "ل", "ك")
_ENDINGS = ("ة", "ا", "ين", "ون", "ان")
_PRONOUNS = ("هما", "هم", "هن", "ها", "ه")
_SHORTEST_STEM = 3


@dataclass(frozen=True)
class Mention:
    """A word of the profile in a sentence: `value` is an alias that cleaning reads, `means` what it then stands for."""

    field: str
    value: str
    means: str
    first: int
    last: int


def _arabic(key: str) -> bool:
    return key[:1] > "\u0600"


@lru_cache(maxsize=50_000)
def _stems(key: str, exact: bool) -> frozenset[str]:
    """The forms in which a word of the text may stand for an alias."""
    if not _arabic(key):
        plural = {key[: -len(s)] for s in ("s", "es") if key.endswith(s) and len(key) > _SHORTEST_STEM + len(s)}
        return frozenset({key} if exact else {key, *plural})
    found = {key}
    for _ in range(2):
        found |= {k[1:] for k in found if k.startswith(_PREFIXES) and len(k) > _SHORTEST_STEM}
    found |= {"ال" + k[2:] for k in {key, key[1:]} if k.startswith("لل")}
    if not exact:
        found |= {k.removeprefix("ال") for k in found if len(k) > _SHORTEST_STEM + 1}
        for k in tuple(found):
            found |= {k[: -len(p)] for p in _PRONOUNS if k.endswith(p) and len(k) > _SHORTEST_STEM + len(p)}
        found |= {
            k[: -len(e)] for k in tuple(found) for e in _ENDINGS if k.endswith(e) and len(k) >= _SHORTEST_STEM + len(e)
        }
    return frozenset(found)


def _alias_keys(alias: str, exact: bool) -> tuple[str, ...]:
    keys = [word_key(part) for part in alias.replace("-", " ").replace(",", " , ").replace("'", "").split()]
    if exact:
        return tuple(keys)
    return tuple(
        (k.removeprefix("ال") if len(k) > _SHORTEST_STEM + 1 else k).removesuffix("ة") if _arabic(k) else k for k in keys
    )


class Mentions:
    """Finds the words of a profile. Raises CasualtyError where `aliases/prose.csv` names what the profile doesn't know."""

    def __init__(self, profile: Profile, skipped: frozenset[str]) -> None:
        self._vocabulary = Vocabulary(profile)
        self._index: dict[str, list[tuple[tuple[str, ...], bool, str, str, str]]] = {}
        for alias, claim in profile.party_aliases:
            self._add("party", alias, alias, claim)
        for party in profile.parties:
            for language in profile.languages:
                self._add("party", party.label[language], party.label[language], party.id)
        for field, alias, value in profile.vocabulary:
            if field in _FIELDS and not (field == "mechanism" and word_key(alias) in skipped):
                self._add(field, alias, alias, value)
        for alias, pcode in profile.governorate_aliases:
            self._add("governorate", alias, alias, pcode)
        for field, alias, reads_as in _prose(profile):
            self._add(field, alias, reads_as, self._meaning(profile, field, reads_as))
        for candidates in self._index.values():
            candidates.sort(key=lambda c: (-len(c[0]), c))

    def _meaning(self, profile: Profile, field: str, reads_as: str) -> str:
        read = self._vocabulary.claim(reads_as) if field == "party" else self._vocabulary.word(field, reads_as)
        value, reason = read.value, read.reason
        if value is None:
            where = profile.folder / "aliases" / "prose.csv"
            raise CasualtyError(f"{where}: reads_as {reads_as!r} of the field {field!r}: {reason}")
        return value

    def _add(self, field: str, alias: str, value: str, means: str) -> None:
        exact = field == "governorate"
        keys = _alias_keys(alias, exact)
        if keys and len("".join(keys)) > _SHORTEST:
            self._index.setdefault((_EXACT if exact else "") + keys[0], []).append((keys, exact, field, value, means))

    def find(self, tokens: Sequence[Token]) -> tuple[Mention, ...]:
        """Mentions in order, the longest where several begin at one word.

        They don't overlap, but that a party's name may hold a mechanism ("Russian warplanes").
        """
        found: list[Mention] = []
        i = 0
        while i < len(tokens):
            mention = self._at(tokens, i)
            if mention is not None:
                found.append(mention)
                inner = (self._at(tokens[: mention.last], n) for n in range(i + 1, mention.last) if mention.field == "party")
                found.extend(m for m in inner if m and m.field == "mechanism")
            i = mention.last if mention else i + 1
        return tuple(found)

    def _at(self, tokens: Sequence[Token], i: int) -> Mention | None:
        if tokens[i].kind != "word":
            return None
        key = tokens[i].key
        candidates = [c for stem in _stems(key, False) for c in self._index.get(stem, ())]
        candidates += [c for stem in _stems(key, True) for c in self._index.get(_EXACT + stem, ())]
        for keys, exact, field, value, means in sorted(candidates, key=lambda c: (-len(c[0]), c)):
            if len(keys) <= len(tokens) - i and all(
                tokens[i + n].key == k or (tokens[i + n].kind == "word" and k in _stems(tokens[i + n].key, exact))
                for n, k in enumerate(keys)
            ):
                return Mention(field, value, means, i, i + len(keys))
        return None


def _prose(profile: Profile) -> list[tuple[str, str, str]]:
    path = profile.folder / "aliases" / "prose.csv"
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows: list[Mapping[str, str | None]] = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise CasualtyError(f"{path}: not a CSV file in UTF-8 ({problem}): save it as one") from problem
    if rows and not set(_COLUMNS) <= set(rows[0]):
        raise CasualtyError(f"{path}: expected the columns {', '.join(_COLUMNS)}; found {', '.join(map(str, rows[0]))}")
    known = {"party", *_FIELDS}
    for number, row in enumerate(rows, start=2):
        if row["field"] not in known:
            raise CasualtyError(f"{path}, row {number}: field {row['field']!r}; expected one of {', '.join(sorted(known))}")
    return [(row["field"] or "", (row["alias"] or "").strip(), (row["reads_as"] or "").strip()) for row in rows]
