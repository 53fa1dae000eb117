"""English phrases for people: "five civilians", "a seven-year-old boy", "the child Ahmad al-Hussein, 7".

What belongs here: what a phrase says of how many and of whom. What happened to them is for `english_events`.
"""

from dataclasses import replace

from casualty_pipeline.captures.prose.lexicon import Lexicon, Noun
from casualty_pipeline.captures.prose.model import Group, People, Reading
from casualty_pipeline.captures.prose.sentence import Sentence, is_year

_HUNDRED, _THOUSAND = 100, 1000
_MOST_MODIFIERS = 5
_OLDEST = 125
_LONGEST_NAME = 6
_FARTHEST_SPLIT = 14


class EnglishPeople:
    """Reads the people of one sentence."""

    def __init__(self, words: Lexicon, sentence: Sentence) -> None:
        self.words, self.s = words, sentence

    def has(self, name: str, i: int) -> bool:
        """Whether the word at `i` is in a list of the lexicon."""
        return self.s.is_word(i) and self.words.has(name, self.s.key(i))

    def number(self, i: int) -> tuple[int, int] | None:
        """(value, next token) of a number in digits or words at `i`."""
        tokens, numbers = self.s.tokens, self.words.numbers
        if i < len(tokens) and tokens[i].kind == "number":
            return (tokens[i].value, i + 1) if not is_year(tokens[i]) else None
        total, current, j = 0, 0, i
        while self.s.key(j) in numbers:
            value = numbers[self.s.key(j)]
            if value == _THOUSAND and current:
                total, current = total + current * value, 0
            elif value == _HUNDRED and current:
                current *= value
            elif current == 0 or (current % _HUNDRED == 0 and value < _HUNDRED) or (current % _HUNDRED >= 20 and value < 10):
                if current % 10 and current:
                    break
                current += value
            else:
                break
            j += 1
            if self.s.key(j) == "and" and current and current % _HUNDRED == 0 and self.s.key(j + 1) in numbers:
                j += 1
        return (total + current, j) if j > i else None

    def _age(self, i: int) -> tuple[str, int] | None:
        """(age, next token) of "7-year-old", "seven year old", "7 years old" at `i`."""
        number = self.number(i)
        if number and number[0] <= _OLDEST and self.has("years", number[1]) and self.has("old", number[1] + 1):
            return str(number[0]), number[1] + 2
        return None

    def closes(self, i: int) -> bool:
        """Whether a phrase may end before token `i`: punctuation, the end, a function word or a verb of dying."""
        tokens = self.s.tokens
        if i >= len(tokens) or tokens[i].kind in {"punct", "gap", "tag"}:
            return True
        after = self.words.trigger(tokens, i, frozenset({"after", "before"}))
        return after is not None or self.has("closing", i)

    def people(self, i: int, coordinated: bool = False) -> People | None:
        """The people that a phrase beginning at `i` speaks of."""
        if not (self.s.is_word(i) or (i < len(self.s.tokens) and self.s.tokens[i].kind == "number")):
            return None
        begin, counted, most, definite, j = i, 1, 0, False, i
        span = self.s.span(i, i + 1)
        age = self._age(i)
        number = None if age else self._range(i)
        if number:
            counted, most, j = number
            span = self.s.span(i, j)
            if self.s.key(j) == "of" and (self.has("possessives", j + 1) or self.s.key(j + 1) == "the"):
                j += 2
        elif self.s.key(i) in {"a", "an"} or self.has("other", i) or self.has("possessives", i):
            if self.has("other", i) and self.closes(i + 1):
                return People(i, i + 1, 1, span, {}, "other")
            j += 1
            if self.has("possessives", i) and (own := self.number(j)):
                counted, j = own
                span = self.s.span(i, j)
                number = (counted, 0, j)
        else:
            definite = True
            j += self.s.key(i) == "the"
        found = self._noun(j)
        if found is None:
            if number and self.closes(j) and not coordinated:
                return People(begin, j, counted, span, {}, "bare", most=most)
            return None
        noun, traits, j = found
        if not number and (noun.form != "one" or (definite and self.s.key(j) in self.words.nouns)):
            return None  # "killed sibling children" is no one sibling
        kind = "others" if noun.form == "others" else "casualty" if noun.casualty else "person"
        who = People(begin, j, counted, span, traits, kind, noun.casualty, most, definite and not number)
        return self._named(who) if counted == 1 else who

    def _range(self, i: int) -> tuple[int, int, int] | None:
        """(least, most or 0, next token): "five", "between five and seven", "5-7", "five to seven"."""
        j = i + (self.s.key(i) in {"between", "from"})
        least = self.number(j)
        if least is None:
            return None
        joined = least[1] < len(self.s.tokens) and self.s.tokens[least[1]].glued
        if self.s.key(least[1]) in {"and", "to"} and (j > i or self.s.key(least[1]) == "to"):
            most = self.number(least[1] + 1)
        else:
            most = self.number(least[1]) if joined and self.s.tokens[least[1]].kind == "number" else None
        if most and most[0] > least[0]:
            return least[0], most[0], most[1]
        return (least[0], 0, least[1]) if j == i else None

    def _noun(self, i: int) -> tuple[Noun, dict[str, Reading], int] | None:
        """(noun, what it and its modifiers say, next token)."""
        traits: dict[str, Reading] = {}
        j = i
        for _ in range(_MOST_MODIFIERS):
            here = self.s.span(j, j + 1) if j < len(self.s.tokens) else (0, 0)
            if age := self._age(j):
                traits["age"] = (age[0], self.s.span(j, age[1]))
                j = age[1]
                if j >= len(self.s.tokens) or self.s.tokens[j].text[:1].isupper():
                    return Noun("one", {}, "", ""), traits, j
                continue
            special = self.s.mention(j, "special_group")
            if special and (found := self._special(special.last)):
                traits["special_group"] = (special.value, self.s.span(special.first, special.last))
                return found[0], traits, found[1]
            if self.has("others", j):
                return Noun("others", {}, "", ""), traits, j + 1
            noun = self.words.nouns.get(self.s.key(j))
            if noun is not None and not (self.s.key(j) in self.words.modifiers and self.s.key(j + 1) in self.words.nouns):
                traits |= {trait: (value, here) for trait, value in noun.traits.items()}
                return noun, traits, j + 1
            if self.has("family", j) and self.s.key(j + 1) == "of" and i == j:
                return None
            if (carrier := self._carrier(j, traits)) is not None:
                return carrier[0], traits, carrier[1]
            if party := self.s.mention(j, "party"):
                j = party.last
            elif self.s.key(j) in self.words.modifiers or self.has("modifiers", j):
                traits |= {t: (value, here) for t, value in self.words.modifiers.get(self.s.key(j), {}).items()}
                j += 1
            elif self.s.is_word(j) and self.s.tokens[j].text[:1].isupper() and self.s.key(j + 1) in self.words.nouns:
                j += 1
            else:
                return None
        return None

    def _special(self, last: int) -> tuple[Noun, int] | None:
        """A noun made of a special group's word that ends at `last`, perhaps with "worker" or "volunteers" behind it."""
        if self.has("carriers", last):
            many = self.s.key(last).endswith("s") or self.s.key(last) in {"personnel", "staff"}
            return Noun("many" if many else "one", {}, "", ""), last + 1
        many = self.s.tokens[last - 1].key.endswith("s")
        named = last < len(self.s.tokens) and (self.s.tokens[last].text[:1].isupper() or self.s.tokens[last].text == ",")
        return (Noun("many" if many else "one", {}, "", ""), last) if self.closes(last) or named else None

    def _carrier(self, i: int, traits: dict[str, Reading]) -> tuple[Noun, int] | None:
        """ "members of one family", "members of the White Helmets", "one of its volunteers" after the group was named."""
        if not self.has("teams", i):
            return None
        form = Noun("many" if self.s.key(i).endswith("s") else "one", {}, "", "")
        if self.s.key(i + 1) == "of":
            j = i + 2
            while self.s.key(j) in {"the", "a", "one", "same", "his", "her", "their"}:
                j += 1
            if self.has("family", j):
                return form, j + 1
            if special := self.s.mention(j, "special_group"):
                traits["special_group"] = (special.value, self.s.span(special.first, special.last))
                return form, special.last
            return None
        earlier = [m for m in self.s.mentions if m.field == "special_group" and m.last <= i]
        if self.has("possessives", i - 1) and earlier:
            traits["special_group"] = (earlier[-1].value, self.s.span(earlier[-1].first, earlier[-1].last))
            return Noun("one" if self.s.key(i - 2) == "of" else form.form, {}, "", ""), i + 1
        return None

    def _named(self, who: People) -> People:
        """The same person with name and age, where the text says them plainly."""
        j = who.last
        comma = j < len(self.s.tokens) and self.s.tokens[j].text == ","
        start = j + (comma or self.has("named", j))
        last = self.name_end(start)
        if last is None or (comma and not (last < len(self.s.tokens) and self.s.tokens[last].text in {",", "("})):
            return who
        traits = {**who.traits, "name_en": (self.s.words(start, last), self.s.span(start, last))}
        age, j = self.age_after(last)
        if age:
            traits["age"] = age
        return replace(who, last=j, traits=traits)

    def name_end(self, i: int) -> int | None:
        """The token after a name of two words or more that begins at `i`; every word of it has a capital."""
        j, words = i, 0
        while j < len(self.s.tokens) and j - i < _LONGEST_NAME:
            token = self.s.tokens[j]
            particle = words > 0 and self.has("name_particles", j)
            capital = token.kind == "word" and token.text[:1].isupper() and token.text[:1].isascii()
            blocked = self.has("name_stops", j) or self.has("months", j) or self.s.mention(j) is not None
            if not (capital or particle) or (blocked and not particle):
                break
            words += 1 if token.key not in self.words.sets["name_particles"] else 0
            j += 1
        while j > i and self.has("name_particles", j - 1):
            j -= 1
        return j if words >= 2 else None

    def age_after(self, i: int) -> tuple[Reading | None, int]:
        """The age behind a name: ", 7,", "(7 years)", ", aged 7"."""
        tokens = self.s.tokens
        if i >= len(tokens) or tokens[i].text not in {",", "("}:
            return None, i
        bracket = tokens[i].text == "("
        j = i + 1 + self.has("aged", i + 1)
        number = self.number(j)
        if number is None or number[0] > _OLDEST:
            return None, i
        end = number[1]
        while self.has("years", end) or self.has("old", end):
            end += 1
        closed = end >= len(tokens) or tokens[end].text in ({")"} if bracket else {",", ")"})
        if not closed:
            return None, i
        return (str(number[0]), self.s.span(j, number[1])), min(end + bracket, len(tokens))

    # --- Groups -------------------------------------------------------------------------------------------------------

    def group(self, i: int, limit: int = 12) -> Group | None:
        """People at `i` with those coordinated to them: "a woman, a girl and two men"."""
        head = self._family(i) or self.people(i)
        if head is None:
            return None
        heads = [head]
        j = head.last
        while head.kind != "bare" and len(heads) < limit:
            k = j
            while k < len(self.s.tokens) and (self.s.tokens[k].text == "," or self.s.key(k) == "and"):
                k += 1
            if k == j or (following := self.people(k, coordinated=True)) is None or following.kind in {"others", "other"}:
                break
            if following.definite and "name_en" not in following.traits and self.s.key(k) != "the":
                break
            heads.append(following)
            j = following.last
        if len(heads) > 1 and heads[0].count > 1 and sum(p.count for p in heads[1:]) == heads[0].count:
            return Group(i, j, (head,), tuple(heads[1:]))  # "two children, a boy and a girl"
        return Group(i, j, tuple(heads))

    def _family(self, i: int) -> People | None:
        """ "a family of five"."""
        j = i + (self.s.key(i) in {"a", "the", "one"})
        if self.has("family", j) and self.s.key(j + 1) == "of" and (number := self.number(j + 2)):
            return People(i, number[1], number[0], self.s.span(j + 2, number[1]), {})
        return None

    def split(self, i: int, group: Group, until: int) -> Group:
        """The group with the parts that the text names from token `i` on ("including a child and two women")."""
        tokens = self.s.tokens
        for j in range(i, min(until, i + _FARTHEST_SPLIT, len(tokens))):
            starts, colon = j, tokens[j].text == ":"
            if self.has("including", j) or colon:
                starts = j + 1
            elif self.has("among", j) and self.has("pronouns", j + 1):
                starts = j + 2
            elif (number := self.number(j)) and self.s.key(number[1]) == "of" and self.has("pronouns", number[1] + 1):
                return self._part_of(j, number, group)
            if starts > j:
                parts = self.group(starts)
                if parts is None or any(p.kind not in {"person", "casualty"} for p in parts.heads):
                    return replace(group, whole=False) if not colon else group
                whole = not self._goes_on(parts.last)
                return replace(group, last=parts.last, parts=parts.heads, whole=whole)
        return group

    def _goes_on(self, i: int) -> bool:
        """Whether a list goes on with people that aren't counted: "two children and women"."""
        return (
            self.s.key(i) == "and"
            and self.s.key(i + 1) in self.words.nouns
            and self.words.nouns[self.s.key(i + 1)].form == "many"
        )

    def _part_of(self, i: int, number: tuple[int, int], group: Group) -> Group:
        """ "two of them children": a part, where a noun for persons follows; else nothing that changes the group."""
        k = number[1] + 2
        while self.has("auxiliaries", k):
            k += 1
        found = self._noun(k)
        if found is None:
            return group
        part = People(i, found[2], number[0], self.s.span(i, number[1]), found[1])
        return replace(group, last=part.last, parts=(part,))
