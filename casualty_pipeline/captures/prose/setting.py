"""How and by whom, said of a whole sentence: mechanism, circumstance, party, date. Each from the profile's words only.

A party is read only where the words make it the one who did it: beside the mechanism ("Russian airstrikes", قصف روسي),
after "by" or من قبل, before the verb, or as the keeper of a prison. One that is merely named is not.
"""

from collections.abc import Sequence

from casualty_pipeline.captures.prose.arabic import form_in
from casualty_pipeline.captures.prose.lexicon import Lexicon
from casualty_pipeline.captures.prose.mentions import Mention
from casualty_pipeline.captures.prose.model import Event, Reading
from casualty_pipeline.captures.prose.sentence import Sentence, is_year
from casualty_pipeline.cleaning.dates import read_date

_NEAR_MECHANISM = 3
_NEAR_DEED = 3
_ANY = frozenset({"before", "after", "noun", "verb"})
_ACTING = frozenset({"before", "verb"})
_TOGETHER = frozenset({"and", "و", "-", "–"})


class Setting:
    """Reads the setting of the events of a sentence."""

    def __init__(self, words: Lexicon, joint: dict[str, str]) -> None:
        self._words, self._joint = words, joint

    def one(self, s: Sentence, field: str, event: Event, until: int) -> Reading | None:
        """The sentence's only word for a field, or the only one between the event's beginning and the next event."""
        mentions = [m for m in s.mentions if m.field == field]
        return self._only(s, mentions, event, until)

    def _only(self, s: Sentence, mentions: Sequence[Mention], event: Event, until: int) -> Reading | None:
        for candidates in (mentions, [m for m in mentions if event.first <= m.first < until]):
            if candidates and len({m.means for m in candidates}) == 1:
                chosen = candidates[0]
                return chosen.value, s.span(chosen.first, chosen.last)
        return None

    def party(self, s: Sentence, events: Sequence[Event], event: Event, until: int) -> Reading | None:
        """Who did it; nothing where several are named, but for a pair that the profile knows as one claim."""
        victims = [(p.first, p.last) for e in events for p in (*e.group.heads, *e.group.parts)]
        doers = [
            m
            for m in s.mentions
            if m.field == "party" and not any(a <= m.first < b for a, b in victims) and self._did_it(s, m)
        ]
        named = [m for m in s.mentions if m.field == "party" and not any(a <= m.first < b for a, b in victims)]
        for one, two in zip(named, named[1:], strict=False):
            between = [s.key(n) for n in range(one.last, two.first)]
            joined = (not between and s.key(two.first).startswith("و")) or (len(between) == 1 and between[0] in _TOGETHER)
            claim = "+".join(sorted({one.means, two.means}))
            if joined and (one in doers or two in doers) and claim in self._joint:
                if {m.means for m in doers} <= {one.means, two.means}:
                    return self._joint[claim], s.span(one.first, two.last)
        return self._only(s, doers, event, until)

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
        before = any(
            self._has(s, "deeds", n) or self._acts(s, n) for n in range(max(m.first - 2, 0), m.first)
        ) and s.key(m.first)[:1] >= "\u0600"
        after = any(self._has(s, "deeds", n) or self._acts(s, n) for n in range(m.last, min(m.last + _NEAR_DEED, len(s.tokens))))
        latin = s.key(m.first)[:1] < "\u0600"
        return before or (after and (latin or not self._has(s, "origin", m.first - 1)))

    def _acts(self, s: Sentence, i: int) -> bool:
        passive = s.key(i - 1) in {"was", "were", "been"}
        return s.is_word(i) and not passive and self._words.trigger(s.tokens, i, _ACTING) is not None

    def _beside(self, s: Sentence, party: Mention, mechanism: Mention) -> bool:
        """With nothing but a few words between, none of them punctuation or a verb of dying."""
        first, last = min(party.last, mechanism.last), max(party.first, mechanism.first)
        between = range(first, last)
        return len(between) <= _NEAR_MECHANISM and all(
            s.is_word(n) and self._words.trigger(s.tokens, n, _ANY) is None and not self._has(s, "place_nouns", n)
            for n in between
        )

    def date(self, s: Sentence) -> Reading | None:
        """The sentence's only full date."""
        found: dict[str, Reading] = {}
        for i, token in enumerate(s.tokens):
            spans = [(i, i + 1)] if token.kind == "date" else [(i - n, i + 1) for n in (2, 3)] if is_year(token) else []
            for first, last in spans:
                text = " ".join(t.text for t in s.tokens[max(first, 0) : last]).replace(" ,", ",")
                reading = read_date(text)
                if first >= 0 and reading.first is not None and reading.first == reading.last:
                    found[text] = (text, s.span(first, last))
        return next(iter(found.values())) if len(found) == 1 else None
