"""Where it happened: the place after "in the town of" or على بلدة, and the governorate that the profile knows.

A place from which somebody came is none; nor is one of several ("the villages of X and Y"). Nothing is looked up: the
gazetteer of the cleaning does that.
"""

from dataclasses import dataclass

from casualty_pipeline.captures.prose.arabic_words import Form, form_in, forms
from casualty_pipeline.captures.prose.lexicon import Lexicon
from casualty_pipeline.captures.prose.mentions import Mention
from casualty_pipeline.captures.prose.model import Reading
from casualty_pipeline.captures.prose.sentence import Sentence

_TOWN, _NEIGHBOURHOOD, _BARE = 0, 1, 2  # what a name is called decides which of several is taken
_MOST_WORDS = 4
_NEAR = 5
_PREFIXES = 3
_SHORTEST = 3  # letters of an Arabic name; fewer are a word cut off


@dataclass(frozen=True)
class Place:
    """A place named at tokens `first` to `last`."""

    first: int
    last: int
    rank: int
    reading: Reading


def choose(places: list[Place], first: int, last: int) -> Place | None:
    """The place of an event: of the best rank among those between its beginning and the next event, else in the sentence."""
    for candidates in ([p for p in places if first <= p.first < last], places):
        if candidates:
            rank = min(p.rank for p in candidates)
            best = [p for p in candidates if p.rank == rank]
            if len({p.reading[0] for p in best}) == 1:
                return best[0]
            if candidates is not places:
                return None
    return None


def governorates(sentence: Sentence, words: Lexicon, countryside_elsewhere: frozenset[str]) -> list[Mention]:
    """Governorates named, but for those that people came from and countrysides that are another governorate's (R19)."""
    found = []
    for mention in sentence.mentions:
        if mention.field != "governorate":
            continue
        around = [n for n in (*range(mention.first - 3, mention.first), mention.last) if sentence.is_word(n)]
        rural = any(form_in(sentence.key(n), words.sets["countryside"]) for n in around)
        origin = any(form_in(sentence.key(n), words.sets["origin"]) for n in range(mention.first - 2, mention.first))
        named_rural = any(form_in(sentence.key(n), words.sets["countryside"]) for n in range(mention.first, mention.last))
        if not origin and (named_rural or not rural or mention.means not in countryside_elsewhere):
            found.append(mention)
    return found


class EnglishPlaces:
    """Places in Latin script."""

    def __init__(self, words: Lexicon) -> None:
        self._words = words

    def find(self, s: Sentence) -> list[Place]:
        """The places of a sentence, in order."""
        found = []
        for i in range(len(s.tokens)):
            name = self._name(s, i)
            place = self._ranked(s, *name) if name else None
            if place:
                found.append(place)
        return found

    def _has(self, s: Sentence, name: str, i: int) -> bool:
        return s.is_word(i) and self._words.has(name, s.key(i))

    def _name(self, s: Sentence, i: int) -> tuple[int, int] | None:
        """(first, last) of a run of capitalised words that begins at `i` and not before."""
        if i and self._part(s, i - 1, i):
            return None
        j = i
        while j < len(s.tokens) and j - i < _MOST_WORDS and self._part(s, j, i):
            j += 1
        while j > i and not s.tokens[j - 1].text[:1].isupper():
            j -= 1
        return (i, j) if j > i and not self._part(s, j, i) else None

    def _part(self, s: Sentence, j: int, i: int) -> bool:
        if not s.is_word(j) or self._has(s, "months", j) or self._has(s, "not_places", j):
            return False
        mention = s.mention(j)
        if mention is not None and (mention.field != "governorate" or j > i):
            return False
        particle = self._has(s, "place_particles", j)
        adjacent = j == i or s.tokens[j].first - s.tokens[j - 1].last <= 1
        text = s.tokens[j].text
        return adjacent and (text[:1].isupper() or (particle and s.is_word(j + 1)))

    def _ranked(self, s: Sentence, first: int, last: int) -> Place | None:
        """The place, if what stands around it says that it is one."""
        i = first - 1
        rank = _BARE
        lists = (("place_nouns", _TOWN), ("small_place_nouns", _NEIGHBOURHOOD))
        if self._has(s, "place_of", i) and any(self._has(s, name, i - 1) for name, _ in lists):
            rank = next(r for name, r in lists if self._has(s, name, i - 1))
            i -= 2
        elif self._has(s, "place_of", i) and self._attacked(s, i - 1):
            i -= 1
        after = next((r for name, r in lists if self._has(s, name, last)), None)
        rank = rank if after is None else after
        i -= s.key(i) == "the"
        if self._has(s, "origin", i):
            return None
        unclear = s.is_word(last) and after is None and not s.tokens[last].text[:1].isupper() and not self._follows(s, last)
        stands = rank != _BARE or self._has(s, "place_before", i) or self._attacked(s, i)
        if not stands or (rank == _BARE and (unclear or s.key(first - 1) == "the")):
            return None
        governorate = s.mention(first, "governorate")
        if governorate is not None and rank == _BARE:
            return None
        return Place(first, last, rank, (s.words(first, last), s.span(first, last)))

    def _attacked(self, s: Sentence, i: int) -> bool:
        """ "shelling of X": what is done to a place."""
        return self._has(s, "deeds", i) or any(m.last == i + 1 for m in s.mentions if m.field == "mechanism")

    def _follows(self, s: Sentence, i: int) -> bool:
        """Words that may follow a place."""
        return self._has(s, "closing", i) or self._words.trigger(s.tokens, i, frozenset({"before", "after"})) is not None


class ArabicPlaces:
    """Places in Arabic script."""

    def __init__(self, words: Lexicon) -> None:
        self._words = words

    def find(self, s: Sentence) -> list[Place]:
        """The places of a sentence, in order."""
        found = []
        for i in range(len(s.tokens)):
            place = self._called(s, i) or self._bare(s, i)
            if place:
                found.append(place)
        return found

    def _form(self, s: Sentence, name: str, i: int) -> Form | None:
        return form_in(s.key(i), self._words.sets[name]) if s.is_word(i) else None

    def _called(self, s: Sentence, i: int) -> Place | None:
        """بلدة كفرنتين, بمدينة إدلب, حي الميدان."""
        town, quarter = self._form(s, "place_nouns", i), self._form(s, "small_place_nouns", i)
        form = town or quarter
        if form is None or form.article or self._form(s, "several_places", i):
            return None
        if not form.preposition and i and self._form(s, "origin", i - 1):
            return None
        return self._name(s, i + 1, _TOWN if town else _NEIGHBOURHOOD)

    def _bare(self, s: Sentence, i: int) -> Place | None:
        """على كفرنتين after an attack, في كفرنتين بريف حلب."""
        form = self._form(s, "place_before", i)
        if form is None or form.article or self._form(s, "origin", i - 1) or self._form(s, "not_places", i + 1):
            return None
        if self._form(s, "place_nouns", i + 1) or self._form(s, "small_place_nouns", i + 1):
            return None
        place = self._name(s, i + 1, _BARE)
        attacked = form.stem == "علي" and any(m.field == "mechanism" and i - _NEAR < m.last <= i for m in s.mentions)
        if place is None or s.key(place.last).startswith("و"):
            return None
        located = any(m.field == "governorate" and place.last <= m.first <= place.last + 1 for m in s.mentions)
        return place if attacked or located else None

    def _name(self, s: Sentence, i: int, rank: int) -> Place | None:
        """The name at `i`: one word, more where the first is a head (تل, خان, كفر) or the next has an article."""
        governorate = s.mention(i, "governorate")
        if governorate is not None:
            if rank == _BARE:
                return None
            last = governorate.last
            return Place(i, last, rank, (s.words(i, last), s.span(i, last)))
        cut = len(s.key(i)) < _SHORTEST and s.key(i) not in self._words.sets["place_heads"]
        if self._ends(s, i) or self._glued(s, i) or cut:
            return None
        j = i + 1
        while j - i < _PREFIXES and not self._ends(s, j):
            head = s.key(j - 1) in self._words.sets["place_heads"]
            if not head and not (s.key(j).startswith("ال") and not s.key(i).startswith("ال")):
                break
            j += 1
        return Place(i, j, rank, (s.words(i, j), s.span(i, j)))

    def _glued(self, s: Sentence, i: int) -> bool:
        """A word with a preposition written to it that is no name: للنازحين."""
        return s.key(i).startswith("لل")

    def _ends(self, s: Sentence, i: int) -> bool:
        if not s.is_word(i) or s.key(i)[:1] < "\u0600":
            return True
        key, words = s.key(i), self._words
        if key in words.sets["place_heads"]:
            return False
        if any(self._form(s, name, i) for name in ("directions", "name_stops", "not_places", "place_nouns", "deeds")):
            return True
        if form_in(key, words.nouns) or any((form.stem,) in words.triggers for form in forms(key)):
            return True
        return s.mention(i) is not None or any(words.has("including", form.stem) for form in forms(key))
