"""Arabic phrases for people: خمسة مدنيين, طفلين, 11 شهيداً, رجل وزوجته وأطفاله الثلاثة, الطفل أحمد الحسين (7 أعوام).

What belongs here: what a phrase says of how many and of whom. What happened to them is for `arabic_events`.
"""

from dataclasses import replace

from casualty_pipeline.captures.prose.arabic_words import Form, form_in, forms
from casualty_pipeline.captures.prose.lexicon import Lexicon, Noun
from casualty_pipeline.captures.prose.model import Group, People, Reading
from casualty_pipeline.captures.prose.sentence import Sentence, is_year

_OLDEST = 125
_MOST_NAMES = 5


class ArabicPeople:
    """Reads the people of one sentence."""

    def __init__(self, words: Lexicon, sentence: Sentence) -> None:
        self.words, self.s = words, sentence

    def form(self, name: str, i: int) -> Form | None:
        """How the word at `i` is in a list of the lexicon."""
        return form_in(self.s.key(i), self.words.sets[name]) if self.s.is_word(i) else None

    def has(self, name: str, i: int) -> bool:
        """Whether the word at `i` is in a list of the lexicon."""
        return self.form(name, i) is not None

    def number(self, i: int) -> tuple[int, int, Form] | None:
        """(value, next token, how the first word is written) of a number in digits or words at `i`."""
        tokens, numbers = self.s.tokens, self.words.numbers
        if i < len(tokens) and tokens[i].kind == "number":
            dated = is_year(tokens[i]) or (i > 0 and tokens[i - 1].kind == "number")
            return None if dated else (tokens[i].value, i + 1, Form(""))
        first = form_in(self.s.key(i), numbers)
        if first is None:
            return None
        total, j = numbers[first.stem], i + 1
        if total < 10 and self.s.key(j) in {"عشر", "عشرة"}:
            total, j = total + 10, j + 1
        elif 3 <= total < 10 and self.s.key(j) in {"مية", "ماية"}:
            total, j = total * 100, j + 1
        while (following := form_in(self.s.key(j), numbers)) and following.conjunction:
            value = numbers[following.stem]
            if not (total < 10 and 20 <= value < 100) and not (total >= 100 and value < 100):
                break
            total, j = total + value, j + 1
        return total, j, first

    def closes(self, i: int) -> bool:
        """Whether a phrase may end before token `i`."""
        if i >= len(self.s.tokens) or self.s.tokens[i].kind in {"punct", "gap", "tag"}:
            return True
        return self.has("closing", i) or self.s.mention(i) is not None or self.trigger_word(i)

    def trigger_word(self, i: int) -> bool:
        """Whether a word of dying or being injured stands at `i`."""
        return any((form.stem,) in self.words.triggers for form in forms(self.s.key(i)))

    def people(self, i: int, listed: bool = False) -> People | None:
        """The people that a phrase beginning at `i` speaks of; in a list (`listed`) its first word carries و or not."""
        if i >= len(self.s.tokens):
            return None
        number = self.number(i)
        if number is None and self.s.key(i) == "و" and listed and (following := self.people(i + 1)):
            return replace(following, first=i)
        if number:
            return self._counted(i, number, listed)
        return self._uncounted(i)

    def _counted(self, i: int, number: tuple[int, int, Form], listed: bool) -> People | None:
        value, j, first = number
        span = self.s.span(i, j)
        if first.article:
            return None
        if self.s.key(j) == "من" and self.s.is_word(j + 1) and form_in(self.s.key(j + 1), self.words.nouns):
            j += 1  # "5 من المدنيين"
        if self.s.key(j) == "من" and (last := self._armed(j + 1)):
            return People(i, last, value, span, {"civilian_status": ("combatant", self.s.span(j + 1, last))})
        if special := self._special(j):
            return People(i, special[1], value, span, dict([special[0]]))
        if self.has("others", j):
            return People(i, j + 1, value, span, {}, "others")
        noun = form_in(self.s.key(j), self.words.nouns) if self.s.is_word(j) else None
        if noun and not noun.conjunction and not noun.preposition:
            return self._with(i, j, self.words.nouns[noun.stem], value, span)
        if self.closes(j) and value > 0 and not (listed and value > 100):
            return People(i, j, value, span, {}, "bare")
        return None

    def _uncounted(self, i: int) -> People | None:
        """طفل, طفلين, أطفاله الثلاثة, الطفل أحمد الحسين, مدنيين اثنين."""
        if not self.s.is_word(i):
            return None
        if special := self._special(i):
            return self._member(i, special)
        form = self.form("other", i)
        if form and not form.article:
            return People(i, i + 1, 1, self.s.span(i, i + 1), {}, "other")
        form = form_in(self.s.key(i), self.words.nouns)
        if form is None or form.preposition or self._numbered(i):
            return None
        noun = self.words.nouns[form.stem]
        if noun.casualty and noun.form == "one" and form.stem + "ا" == self.s.key(i):
            return None  # قتيلاً alone: its number got lost
        return self._definite(i, noun) if form.article else self._formed(i, noun)

    def _numbered(self, i: int) -> bool:
        """Whether the noun at `i` belongs to a number that can't be read, or to both of two kinds (بين قتيل وجريح)."""
        return i > 0 and (
            self.s.tokens[i - 1].kind in {"gap", "other", "date", "number"}
            or "بين" in {self.s.key(i - 1), self.s.key(i - 2)}
        )

    def _member(self, i: int, special: tuple[tuple[str, Reading], int, int, bool]) -> People | None:
        """One or two members of a special group or an armed side; a definite one only with a name."""
        trait, last, persons, definite = special
        two = self.has("two_words", last)
        who = People(i, last + (two and persons != 2), persons or 2 * two, self.s.span(i, i + 1), dict([trait]))
        if not definite:
            return who if who.count else None
        who = self._named(replace(who, count=1, definite=True), "female" if self.s.key(i).endswith("ة") else "male")
        return who if "name_ar" in who.traits else None

    def _definite(self, i: int, noun: Noun) -> People | None:
        """الطفل أحمد الحسين: somebody with a name; without one it is somebody spoken of before."""
        if noun.form != "one":
            return None
        sex = noun.traits.get("sex") or noun.named_sex or "male"
        who = self._named(replace(self._with(i, i, noun, 1, self.s.span(i, i + 1)), definite=True), sex)
        return who if "name_ar" in who.traits else None

    def _formed(self, i: int, noun: Noun) -> People | None:
        """One or two by the form of the word; many only where a number follows: أطفاله الثلاثة, مدنيين اثنين."""
        span = self.s.span(i, i + 1)
        if noun.form in {"one", "two"}:
            who = self._with(i, i, noun, 1 if noun.form == "one" else 2, span)
            return replace(who, last=who.last + self.has(f"{noun.form}_words", who.last))
        if self.has("two_words", i + 1) and not self.has("others", i + 2):
            return replace(self._with(i, i, noun, 2, span), last=i + 2)
        number = self.number(i + 1)
        if number and number[2].article:
            return replace(self._with(i, i, noun, number[0], self.s.span(i + 1, number[1])), last=number[1])
        return None

    def _with(self, first: int, at: int, noun: Noun, count: int, span: tuple[int, int]) -> People:
        """People of a noun at token `at`, with the adjectives behind it."""
        traits: dict[str, Reading] = {trait: (value, self.s.span(at, at + 1)) for trait, value in noun.traits.items()}
        j = at + 1
        while self.s.is_word(j):
            here = self.s.span(j, j + 1)
            if self.s.key(j) == "من" and self.s.key(j + 1) == "المدنيين":
                here, j = self.s.span(j + 1, j + 2), j + 1
            elif self.s.key(j) == "المدنيين":
                break
            civilian = self._plainly("civilian_adjectives", j)
            female = self._plainly("female_civilian_adjectives", j)
            if civilian or female:
                traits |= {"civilian_status": ("civilian", here)} | ({"sex": ("female", here)} if female else {})
            elif not self._plainly("after_adjectives", j):
                break
            j += 1
        theirs = self.s.key(j).startswith("ل")  # "15 جريحاً لقوات النظام"
        if noun.casualty and (theirs or self.has("link", j)) and (last := self._armed(j + (not theirs))):
            traits["civilian_status"] = ("combatant", self.s.span(last - 1, last))
            j = last
        return People(first, j, count, span, traits, "casualty" if noun.casualty else "person", noun.casualty)

    def _armed(self, i: int) -> int | None:
        """The token after an armed side that is named at `i`."""
        party = self.s.mention(i, "party")
        return party.last if party else i + 1 if self.has("armed", i) else None

    def _plainly(self, name: str, i: int) -> bool:
        """Whether the word at `i` is in the list with nothing but an accusative written to it."""
        form = self.form(name, i)
        return form is not None and not (form.conjunction or form.preposition or form.article)

    def _special(self, i: int) -> tuple[tuple[str, Reading], int, int, bool] | None:
        """(trait, next token, count or 0, definite) of a member of something: مسعف, عناصر من الدفاع المدني."""
        if not self.s.is_word(i):
            return None
        for name, count in (("carriers", 1), ("carriers_two", 2), ("carriers_many", 0)):
            form = self.form(name, i)
            if form is None or form.preposition:
                continue
            j = i + 1
            while self.has("link", j) and self.s.mention(j) is None:
                j += 1
            persons = 0 if count == 2 and self.has("carriers_many", i) else count
            if special := self.s.mention(j, "special_group"):
                reading = (special.value, self.s.span(special.first, special.last))
                return ("special_group", reading), special.last, persons, form.article
            if last := self._armed(j):
                return ("civilian_status", ("combatant", self.s.span(i, last))), last, persons, form.article
        special = self.s.mention(i, "special_group")
        key = self.s.key(i).removeprefix("و")
        if special is None or "مدني" in [self.s.key(n) for n in range(i, special.last)] or key.startswith(("ب", "لل")):
            return None
        trait = ("special_group", (special.value, self.s.span(i, special.last)))
        dual, many = key.endswith("ان"), key.endswith(("ين", "ون"))
        return trait, special.last, 2 if dual else 0 if many else 1, key.startswith("ال")

    # --- Names --------------------------------------------------------------------------------------------------------

    def _named(self, who: People, sex: str) -> People:
        """The person with name and age, where a name that can be told from what follows stands behind the noun."""
        last = self.name_end(who.last)
        if last is None:
            return who
        traits = {**who.traits, "name_ar": (self.s.words(who.last, last), self.s.span(who.last, last))}
        if sex:
            traits.setdefault("sex", (sex, self.s.span(who.first, who.last)))
        age, j = self.age_after(last)
        return replace(who, last=j, traits=traits | ({"age": age} if age else {}))

    def name_end(self, i: int) -> int | None:
        """The token after a name of two to five words at `i`: it begins with a known given name and ends at a known stop."""
        if not self.s.is_word(i) or self.s.key(i) not in self.words.sets["given"]:
            return None
        j = i + 1
        while self.s.is_word(j) and not self._stops_name(j):
            j += 1
        return j if 2 <= j - i <= _MOST_NAMES else None

    def _stops_name(self, i: int) -> bool:
        key = self.s.key(i)
        if key in self.words.sets["given"]:
            return False
        noun = form_in(key, self.words.nouns)
        known = noun is not None and (noun.conjunction or not noun.article)
        stop = self.form("name_stops", i)  # with an article it is another word: العلي is no على
        if (
            known
            or (stop is not None and not stop.article)
            or self.trigger_word(i)
            or self.has("deeds", i)
            or self.has("place_nouns", i)
        ):
            return True
        mention = self.s.mention(i)
        return mention is not None and mention.field in {"mechanism", "circumstance", "party"}

    def age_after(self, i: int) -> tuple[Reading | None, int]:
        """The age behind a name: (7 أعوام), البالغة من العمر 4 سنوات, 30 عاماً."""
        tokens = self.s.tokens
        bracket = i < len(tokens) and tokens[i].text == "("
        j = i + bracket
        while self.has("aged_leads", j):
            j += 1
        number = self.number(j)
        if number is None or number[0] > _OLDEST:
            return None, i
        years = self.has("years", number[1])
        end = number[1] + years
        closed = bracket and end < len(tokens) and tokens[end].text == ")"
        if not (years or closed or j > i + bracket):
            return None, i
        return (str(number[0]), self.s.span(j, number[1])), end + closed

    # --- Groups -------------------------------------------------------------------------------------------------------

    def group(self, i: int) -> Group | None:
        """People at `i` with those coordinated to them: رجل وزوجته وثلاثة أطفال."""
        head = self.people(i)
        if head is None:
            return None
        heads = [head]
        while head.kind == "person" and (following := self._coordinated(heads[-1].last)):
            heads.append(following)
        return Group(i, heads[-1].last, tuple(heads))

    def _coordinated(self, i: int) -> People | None:
        comma = i < len(self.s.tokens) and self.s.tokens[i].text in {"،", ","}
        j = i + comma
        key = self.s.key(j)
        separate = key == "و"  # "و 3 نساء", "و3 نساء"
        if not (key.startswith("و") or comma) or self.trigger_word(j):
            return None
        following = self.people(j + separate, listed=True)
        if following is None or following.kind not in {"person"}:
            return None
        first = form_in(key, self.words.nouns) or form_in(key, self.words.numbers)
        joined = separate or comma or first is None or first.conjunction
        return following if joined else None

    def split(self, i: int, group: Group, until: int) -> Group:
        """The group with the parts that the text names from token `i` on (بينهم طفل وسيدة)."""
        for j in range(i, min(until, len(self.s.tokens))):
            form = self.form("including", j)
            if form is None or (form.stem in {"هم"} and j - i > 1):
                continue
            parts = self.group(j + 1)
            if parts is None or any(p.kind != "person" for p in parts.heads):
                return replace(group, whole=False)
            return replace(group, last=parts.last, parts=parts.heads, whole=not self._goes_on(parts.last))
        return group

    def _goes_on(self, i: int) -> bool:
        """Whether a list goes on with people that aren't counted: طفلان ونساء."""
        form = form_in(self.s.key(i), self.words.nouns) if self.s.is_word(i) else None
        return form is not None and form.conjunction and self.words.nouns[form.stem].form == "many"
