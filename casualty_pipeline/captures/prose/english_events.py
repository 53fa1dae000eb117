"""What happened to the people of an English sentence: verbs before them ("killed five"), after them ("five were killed").

A verb belongs to one group only. A sentence that asks, denies, fears, or gives the total of a long period says nothing.
"""

from dataclasses import replace

from casualty_pipeline.captures.prose.english import EnglishPeople
from casualty_pipeline.captures.prose.lexicon import Lexicon, Trigger
from casualty_pipeline.captures.prose.model import Event, Group
from casualty_pipeline.captures.prose.sentence import Sentence, of_a_period

_BEFORE, _AFTER = frozenset({"before"}), frozenset({"after"})
_ANY = _BEFORE | _AFTER
_FARTHEST_AFTER = 12
_FARTHEST_TOLL = 14
_NEGATION_REACH = 7


class EnglishEvents:
    """Finds groups of people and what happened to them."""

    def __init__(self, words: Lexicon) -> None:
        self._words = words

    def events(self, sentence: Sentence) -> list[Event]:
        """The events of one sentence, in order, none overlapping another."""
        if sentence.end and sentence.end in "?؟":
            return []
        found = _Linker(self._words, sentence).events()
        keys = [(t.key,) for t in sentence.tokens] if found else []
        return [] if found and of_a_period(sentence, self._words, keys, self._words.sets["months"]) else found


class _Linker:
    def __init__(self, words: Lexicon, sentence: Sentence) -> None:
        self.words, self.s = words, sentence
        self.people = EnglishPeople(words, sentence)
        self.used: set[int] = set()  # tokens of verbs that already belong to a group

    def events(self) -> list[Event]:
        found: list[Event] = []
        i = 0
        while i < len(self.s.tokens):
            group = self.people.group(i)
            event = self._event(group) if group else None
            if group is None or (event is None and group.heads[0].definite):
                i += 1
            elif event is None:
                i = group.last
            else:
                found.append(event)
                i = max(event.last, event.group.last)
        return found

    def _event(self, group: Group) -> Event | None:
        return self._of_casualties(group) or self._before(group) or self._toll(group) or self._after(group)

    # --- Where the status is ------------------------------------------------------------------------------------------

    def _of_casualties(self, group: Group) -> Event | None:
        """ "five martyrs", "three fatalities": the noun says it."""
        head = group.heads[0]
        shared = self.s.key(group.last) == "and" and self.s.key(group.last + 1) in self.words.nouns
        if len(group.heads) > 1 or not head.status or head.count < 1 or shared:
            return None
        if self.words.trigger(self.s.tokens, group.last, _AFTER) or self._is_negated(group.first):
            return None
        return self._finish(group, head.status, group.first, group.last, "en-noun")

    def _before(self, group: Group) -> Event | None:
        """ "killing five civilians", "the death of four people"."""
        i = group.first
        while i > 0 and self.people.has("fillers", i - 1) and not self._ends(i) and i - 1 not in self.used:
            i -= 1
        trigger, first = self._ends(i), i
        if trigger is None or self._ambiguous(i - trigger.length, trigger) or self._is_negated(i - trigger.length):
            return None
        first = i - trigger.length
        heads = group.heads
        if len(heads) > 1 and (after := self._verb_after(group.last)) and after[1]:
            heads = heads[:-1]  # "killed one civilian and two girls were injured"
            group = replace(group, heads=heads, last=heads[-1].last)
        self.used.update(range(first, i))
        return self._finish(group, trigger.status, first, group.last, "en-verb-before")

    def _ends(self, i: int) -> Trigger | None:
        """The verb or phrase that ends right before token `i` and takes people as its object."""
        for length in range(4, 0, -1):
            trigger = self.words.trigger(self.s.tokens, i - length, _BEFORE) if i >= length else None
            if trigger and trigger.length == length and not self.used & set(range(i - length, i)):
                passive = self.s.key(i - length - 1) in {"was", "were", "been", "being", "be"}
                return None if passive else trigger
        return None

    def _verb_after(self, i: int) -> tuple[Trigger, bool, int] | None:
        """(verb, whether an auxiliary stands before it, its first token) after people that end at `i`."""
        auxiliary = False
        for j in range(i, min(i + _FARTHEST_AFTER, len(self.s.tokens))):
            trigger = self.words.trigger(self.s.tokens, j, _AFTER)
            if trigger and not self.used & set(range(j, j + trigger.length)):
                return trigger, auxiliary, j
            if self.people.has("barriers", j) or (
                j > i and self.people.number(j) and not auxiliary and self.people.group(j)
            ):
                return None
            auxiliary |= self.s.key(j) in {"was", "were", "been", "has", "have", "had", "is", "are", "got", "be", "left"}
        return None

    def _after(self, group: Group) -> Event | None:
        """ "five civilians were killed", "eight civilians dead"."""
        head = group.heads[0]
        if group.last < len(self.s.tokens) and (self.s.tokens[group.last].text in {",", "("} or self._splits(group.last)):
            group = self.people.split(group.last, group, group.last + 3)
        verb = self._verb_after(group.last)
        if verb is None:
            return None
        trigger, auxiliary, at = verb
        end = at + trigger.length
        if self._ambiguous(at, trigger) or self._is_negated(group.first, at):
            return None
        if not auxiliary and head.kind != "bare" and self._is_subject(end) and trigger.status + "s" != self.s.key(at):
            return None
        if head.kind == "bare" and at - group.last > 2:
            return None
        if head.definite and "name_en" not in head.traits and not self._headline(group, at):
            return None
        self.used.update(range(at, end))
        return self._finish(group, trigger.status, group.first, end, "en-verb-after")

    def _splits(self, i: int) -> bool:
        return self.people.has("including", i) or self.people.has("among", i)

    def _headline(self, group: Group, at: int) -> bool:
        """A noun without an article: only at the beginning ("Child killed in ...")."""
        return group.first == 0 and self.s.key(0) != "the" and at - group.last <= 1

    def _is_subject(self, end: int) -> bool:
        """Whether people follow the verb that nothing else happens to: "three fighters killed five civilians"."""
        j = end
        while self.people.has("fillers", j):
            j += 1
        following = self.people.group(j)
        return following is not None and not following.heads[0].definite and self._verb_after(following.last) is None

    def _toll(self, group: Group) -> Event | None:
        """ "the death toll rose to 12 civilians"."""
        if self.s.key(group.first - 1) not in {"to", "at", "reached", "is", "reaches", "than"}:
            return None
        for i in range(max(group.first - _FARTHEST_TOLL, 0), group.first):
            if self.s.key(i) == "toll" and self.s.key(i - 1) == "death" and not self._is_negated(i):
                return self._finish(group, "killed", i - 1, group.last, "en-toll")
        return None

    # --- What forbids to read it --------------------------------------------------------------------------------------

    def _ambiguous(self, at: int, trigger: Trigger) -> bool:
        """ "killed and wounded five", "were killed or injured": two verbs and one number."""
        after, before = at + trigger.length, at - 1
        if self.s.key(after) in {"and", "or"}:
            other = self.words.trigger(self.s.tokens, after + 1, _ANY)
            if other and other.status != trigger.status:
                k = after + 1 + other.length
                while self.people.has("fillers", k) and not self.people.has("other", k):
                    k += 1
                return self.people.group(k) is None
        if self.s.key(before) in {"and", "or"}:
            other = self.words.trigger(self.s.tokens, before - 1, _ANY) if before > 0 else None
            return other is not None and before - 1 not in self.used and other.status != trigger.status
        return False

    def _is_negated(self, *places: int) -> bool:
        for place in places:
            for i in range(place - 1, max(place - 1 - _NEGATION_REACH, -1), -1):
                token = self.s.tokens[i]
                if token.text in {";", ":"}:
                    break
                if self.words.has("negations", token.key) and not self._counts_least(i) and not self._is_month(i):
                    return True
        return False

    def _is_month(self, i: int) -> bool:
        """ "2 May" forbids nothing."""
        beside = (self.s.tokens[n].kind for n in (i - 1, i + 1) if 0 <= n < len(self.s.tokens))
        return self.s.key(i) == "may" and (self.s.tokens[i].text == "May" or "number" in beside)

    def _counts_least(self, i: int) -> bool:
        return self.s.key(i) == "no" and self.s.key(i + 1) in {"fewer", "less"}

    # --- Parts --------------------------------------------------------------------------------------------------------

    def _finish(self, group: Group, status: str, first: int, last: int, rule: str) -> Event:
        """The event, with the parts that follow before anybody else is spoken of."""
        last = max(last, group.last)
        if not group.parts and group.whole and len(group.heads) == 1 and (group.heads[0].count > 1):
            until = last
            while until < len(self.s.tokens) and not self._stops_split(until):
                until += 1
            extended = self.people.split(last, group, until)
            if extended.parts:
                last = max(last, extended.last)
            group = extended
        return Event(group, status, first, last, rule)

    def _stops_split(self, i: int) -> bool:
        return self.words.trigger(self.s.tokens, i, _ANY) is not None and i not in self.used
