"""What happened to the people of an Arabic sentence: استشهاد خمسة, قتلت الغارة خمسة, خمسة مدنيين قتلوا, خمسة شهداء.

A verb belongs to one group only. A sentence that asks, denies, fears, or gives the total of a long period says nothing.
"""

from casualty_pipeline.captures.prose.arabic import ArabicPeople
from casualty_pipeline.captures.prose.arabic_words import form_in, forms
from casualty_pipeline.captures.prose.lexicon import Lexicon, Trigger
from casualty_pipeline.captures.prose.model import Event, Group
from casualty_pipeline.captures.prose.sentence import Sentence, of_a_period

_FARTHEST_OBJECT = 7
_FARTHEST_AFTER = 10
_FARTHEST_TOLL = 14
_FARTHEST_SPLIT = 10
_NEGATION_REACH = 6
_LEADING = frozenset({"noun", "verb"})
_TRAILING = frozenset({"after"})


class ArabicEvents:
    """Finds groups of people and what happened to them."""

    def __init__(self, words: Lexicon) -> None:
        self._words = words

    def events(self, sentence: Sentence) -> list[Event]:
        """The events of one sentence, in order, none overlapping another."""
        if sentence.end and sentence.end in "?؟":
            return []
        if any(self._words.has("questions", t.key) for t in sentence.tokens[:1]):
            return []
        found = _Linker(self._words, sentence).events()
        keys = [[form.stem for form in forms(t.key)] for t in sentence.tokens] if found else []
        return [] if found and of_a_period(sentence, self._words, keys, self._words.sets["months"]) else found


class _Linker:
    def __init__(self, words: Lexicon, sentence: Sentence) -> None:
        self.words, self.s = words, sentence
        self.people = ArabicPeople(words, sentence)
        self.used: set[int] = set()
        self.end = 0  # the event before ends here: what stands before it belongs to it

    def events(self) -> list[Event]:
        found: list[Event] = []
        i = 0
        while i < len(self.s.tokens):
            if self._trigger(i, _LEADING | _TRAILING) and not self._own_noun(i):
                i += 1
                continue
            group = self.people.group(i)
            if group and self._shared(group):
                i = group.last + 1
                continue
            event = self._event(group) if group else None
            if event is None:
                i = max(group.last, i + 1) if group else i + 1
                continue
            found.append(event)
            self.end = i = max(event.last, event.group.last)
        return found

    def _own_noun(self, i: int) -> bool:
        """Whether the word is a noun for casualties as well: إصابتين."""
        return self.s.is_word(i) and self.people.people(i) is not None and not self._trigger(i, _LEADING)

    def _trigger(self, i: int, places: frozenset[str]) -> Trigger | None:
        """The verb or verbal noun at `i`, with و or ب written to it or not."""
        if not self.s.is_word(i):
            return None
        plain = self.words.trigger(self.s.tokens, i, places)
        if plain:
            return plain
        for form in forms(self.s.key(i)):
            for status, place in self.words.triggers.get((form.stem,), ()):
                if place in places and not (form.article and place != "noun"):
                    return Trigger(status, place, 1)
        return None

    def _event(self, group: Group) -> Event | None:
        return self._of_casualties(group) or self._before(group) or self._toll(group) or self._after(group)

    # --- Where the status is ------------------------------------------------------------------------------------------

    def _of_casualties(self, group: Group) -> Event | None:
        """خمسة شهداء, شهيدان, سبع إصابات: the noun says it."""
        head = group.heads[0]
        if not head.status or head.definite or self._is_negated(group.first):
            return None  # a definite one may be a name's: مشفى الشهيد فلان
        return self._finish(group, head.status, group.first, group.last, "ar-noun")

    def _shared(self, group: Group) -> bool:
        """عشرة قتلى وجرحى: one number for the dead and the injured."""
        form = form_in(self.s.key(group.last), self.words.nouns) if self.s.is_word(group.last) else None
        if form is None or not form.conjunction:
            return False
        noun, counted = self.words.nouns[form.stem], group.heads[0].count > 1
        return bool(noun.casualty) and noun.casualty != group.heads[0].status and counted and noun.form != "two"

    def _before(self, group: Group) -> Event | None:
        """استشهاد خمسة مدنيين, أصيب ستة آخرون, قتلت الغارة خمسة مدنيين."""
        for i in range(group.first - 1, max(group.first - 1 - _FARTHEST_OBJECT, self.end - 1), -1):
            token = self.s.tokens[i]
            trigger = self._trigger(i, _LEADING)
            if trigger is None:
                if token.kind == "punct" and token.text not in {'"', "“", "”", "«", "»", "(", ")"}:
                    return None
                continue
            if i in self.used or self._doubled(i, trigger) or self._is_negated(i):
                return None
            between = [n for n in range(i + trigger.length, group.first) if not self.people.has("fillers", n)]
            if trigger.place == "noun" and between:
                return None
            if trigger.place == "verb" and group.heads[0].kind == "bare" and between:
                return None
            self.used.add(i)
            return self._finish(group, trigger.status, i, group.last, f"ar-{trigger.place}-before")
        return None

    def _doubled(self, i: int, trigger: Trigger) -> bool:
        """مقتل وإصابة خمسة: two words and one number."""
        before = self._trigger(i - 1, _LEADING) if i > 0 else None
        after = self._trigger(i + trigger.length, _LEADING)
        return (
            any(other is not None and other.status != trigger.status for other in (before, after)) and i - 1 not in self.used
        )

    def _after(self, group: Group) -> Event | None:
        """خمسة مدنيين قتلوا."""
        for i in range(group.last, min(group.last + _FARTHEST_AFTER, len(self.s.tokens))):
            trigger = self._trigger(i, _TRAILING)
            if trigger is None:
                if self._trigger(i, _LEADING) or self.s.tokens[i].text in {"،", ","}:
                    return None
                continue
            if self._is_negated(group.first, i):
                return None
            return self._finish(group, trigger.status, group.first, i + 1, "ar-verb-after")
        return None

    def _toll(self, group: Group) -> Event | None:
        """ارتفاع حصيلة الشهداء إلى ثمانية مدنيين."""
        if not self.people.has("toll_to", group.first - 1):
            return None
        for i in range(max(group.first - _FARTHEST_TOLL, self.end), group.first):
            noun = next((self.words.nouns[f.stem] for f in forms(self.s.key(i)) if f.stem in self.words.nouns), None)
            tolled = any(self.people.has("toll", n) for n in range(max(i - 1, 0), i + 1))
            if noun and noun.casualty and tolled and not self._is_negated(i):
                return self._finish(group, noun.casualty, i, group.last, "ar-toll")
        return None

    # --- What forbids to read it --------------------------------------------------------------------------------------

    def _is_negated(self, *places: int) -> bool:
        for place in places:
            for i in range(place - 1, max(place - 1 - _NEGATION_REACH, -1), -1):
                if self.s.tokens[i].text in {"،", ",", ":", "؛"}:
                    break
                if self.people.has("negations", i) and not self.people.has("no_less", i + 1):
                    return True
        return False

    # --- Parts --------------------------------------------------------------------------------------------------------

    def _finish(self, group: Group, status: str, first: int, last: int, rule: str) -> Event:
        """The event, with the parts that follow before anybody else is spoken of."""
        last = max(last, group.last)
        if len(group.heads) == 1 and group.heads[0].count > 1:
            until = group.last
            while until < min(len(self.s.tokens), group.last + _FARTHEST_SPLIT) and not self._stops_split(until):
                until += 1
            group = self.people.split(group.last, group, until)
            last = max(last, group.last)
        return Event(group, status, first, last, rule)

    def _stops_split(self, i: int) -> bool:
        return i not in self.used and self._trigger(i, _LEADING) is not None
