"""How and by whom, said of a whole sentence: mechanism, circumstance, party, date. Each from the profile's words only.

A party is read only where the words make it the one who did it: beside the mechanism ("Russian airstrikes", قصف روسي),
after "by" or من قبل, before the verb, or as the keeper of a prison. One that is merely named is not.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from casualty_pipeline.captures.prose.arabic_words import form_in
from casualty_pipeline.captures.prose.lexicon import Lexicon
from casualty_pipeline.captures.prose.mentions import Mention
from casualty_pipeline.captures.prose.model import Event, Reading
from casualty_pipeline.captures.prose.sentence import Sentence, is_year
from casualty_pipeline.cleaning.dates import read_date

_NEAR_MECHANISM = 3
_NEAR_DEED = 3
_NEAR_HEDGE = 4
_ANY = frozenset({"before", "after", "noun", "verb"})
_ACTING = frozenset({"before", "verb"})
_TOGETHER = frozenset({"and", "و", "-", "–"})


class Setting:
    """The setting of the events of one sentence. What is asked of the sentence is read once, however many events it has."""

    def __init__(self, s: Sentence, events: Sequence[Event], words: Lexicon, joint: Mapping[str, str]) -> None:
        self._words, self._s = words, s
        victims = [(p.first, p.last) for e in events for p in (*e.group.heads, *e.group.parts)]
        theirs = {n for first, last in victims for n in range(first, last)}
        parties = [m for m in s.mentions if m.field == "party" and m.first not in theirs]
        self._doers = [m for m in parties if self._did_it(s, m)]
        self._pair = self._pair_of(s, parties, joint)
        self._date = self._only_date(s)
        self._by_field = {field: [m for m in s.mentions if m.field == field] for field in ("mechanism", "circumstance")}

    def of(self, first: int, last: int) -> dict[str, Reading]:
        """Mechanism, circumstance, party, certainty and date of the event at `first`; at `last` begins the next."""
        found = {field: self._only(mentions, first, last) for field, mentions in self._by_field.items()}
        found["party"] = self._pair or self._only(self._doers, first, last)
        if party := found["party"]:
            found["certainty"] = self._hedged(self._s, party)
        found["incident_date"] = self._date
        return {field: reading for field, reading in found.items() if reading}

    def _only(self, mentions: Sequence[Mention], first: int, last: int) -> Reading | None:
        """The sentence's only word, or the only one between two tokens."""
        for candidates in (mentions, [m for m in mentions if first <= m.first < last]):
            if candidates and len({m.means for m in candidates}) == 1:
                chosen = candidates[0]
                return chosen.value, self._s.span(chosen.first, chosen.last)
        return None

    def _pair_of(self, s: Sentence, parties: Sequence[Mention], joint: Mapping[str, str]) -> Reading | None:
        """Two parties named together that the profile knows as one claim."""
        for one, two in pairwise(parties):
            between = [s.key(n) for n in range(one.last, two.first)]
            joined = (not between and s.key(two.first).startswith("و")) or (len(between) == 1 and between[0] in _TOGETHER)
            claim = "+".join(sorted({one.means, two.means}))
            alone = {m.means for m in self._doers} <= {one.means, two.means}
            if joined and alone and (one in self._doers or two in self._doers) and claim in joint:
                return joint[claim], s.span(one.first, two.last)
        return None

    def _hedged(self, s: Sentence, party: Reading) -> Reading | None:
        """A word that makes the party one that is only believed to have done it (R16): suspected, يرجح أنه."""
        at = next(n for n, t in enumerate(s.tokens) if t.first == party[1][0])
        for n in range(at - 1, max(at - 1 - _NEAR_HEDGE, -1), -1):
            if self._has(s, "hedges", n):
                return "believed", s.span(n, n + 1)
        return None

    def _has(self, s: Sentence, name: str, i: int) -> bool:
        return s.is_word(i) and form_in(s.key(i), self._words.sets[name]) is not None

    def _did_it(self, s: Sentence, m: Mention) -> bool:
        if self._has(s, "held", m.last) or self._has(s, "held", m.first - 1):
            return False
        if self._has(s, "by", m.first - 1) or (s.key(m.first - 1) in {"the", "an", "a"} and self._has(s, "by", m.first - 2)):
            return True
        if any(self._has(s, "custody", n) for n in (m.first - 1, m.last)):
            return True
        if any(self._beside(s, m, other) for other in s.mentions if other.field == "mechanism"):
            return m.means != "unidentified"
        before = (
            any(self._has(s, "deeds", n) or self._acts(s, n) for n in range(max(m.first - 2, 0), m.first))
            and s.key(m.first)[:1] >= "\u0600"
        )
        after = any(
            self._has(s, "deeds", n) or self._acts(s, n) for n in range(m.last, min(m.last + _NEAR_DEED, len(s.tokens)))
        )
        latin = s.key(m.first)[:1] < "\u0600"
        return before or (after and (latin or not self._has(s, "origin", m.first - 1)))

    def _acts(self, s: Sentence, i: int) -> bool:
        passive = s.key(i - 1) in {"was", "were", "been"}
        return s.is_word(i) and not passive and self._words.trigger(s.tokens, i, _ACTING) is not None

    def _beside(self, s: Sentence, party: Mention, mechanism: Mention) -> bool:
        """With nothing but a few words between, none of them punctuation or a verb of dying."""
        first, last = min(party.last, mechanism.last), max(party.first, mechanism.first)
        between = [n for n in range(first, last) if not self._has(s, "hedges", n) and not self._has(s, "hedge_words", n)]
        return len(between) <= _NEAR_MECHANISM and all(
            s.is_word(n)
            and not self._has(s, "targets", n)
            and self._words.trigger(s.tokens, n, _ANY) is None
            and not self._has(s, "place_nouns", n)
            for n in between
        )

    def _only_date(self, s: Sentence) -> Reading | None:
        """The sentence's only full date."""
        found: dict[str, Reading] = {}
        for i, token in enumerate(s.tokens):
            spans = [(i, i + 1)] if token.kind == "date" else [(i - n, i + 1) for n in (2, 3)] if is_year(token) else []
            for first, last in spans:
                text = " ".join(t.text for t in s.tokens[max(first, 0) : last]).replace(" ,", ",")
                reading = read_date(text)
                if first >= 0 and reading.first is not None and reading.first == reading.last:
                    found[text] = (text, s.span(first, last))
                    break  # "5 March 2020" and "on 5 March 2020" are one date
        return next(iter(found.values())) if len(found) == 1 else None
