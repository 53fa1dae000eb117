"""The reader: a text in, passages with fields out. What belongs here: the order of things. The rules are in the grammars."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from casualty_pipeline.captures.prose import rolls
from casualty_pipeline.captures.prose.arabic_events import ArabicEvents
from casualty_pipeline.captures.prose.arabic_words import forms
from casualty_pipeline.captures.prose.english_events import EnglishEvents
from casualty_pipeline.captures.prose.lexicon import lexicon
from casualty_pipeline.captures.prose.mentions import Mentions
from casualty_pipeline.captures.prose.model import Event, Passage, People, Reading, Span, Statement
from casualty_pipeline.captures.prose.places import ArabicPlaces, EnglishPlaces, choose, governorates
from casualty_pipeline.captures.prose.sentence import Sentence
from casualty_pipeline.captures.prose.setting import Setting
from casualty_pipeline.captures.prose.shares import statements
from casualty_pipeline.captures.prose.text import Token, sentences, tokenise
from casualty_pipeline.profile import Profile

READER_VERSION = "prose-2"  # part of a candidate's provenance: changed rules read texts again
_BESIDE = 5  # tokens from a place to the governorate that it is said to be in
Found = tuple[Span, Statement]


class ProseReader:
    """Reads texts in Arabic and English with the words of one profile."""

    def __init__(self, profile: Profile) -> None:
        self._english, self._arabic = lexicon("english"), lexicon("arabic")
        verbs = {keys[0] for words in (self._english, self._arabic) for keys in words.triggers if len(keys) == 1}
        self._mentions = Mentions(profile, frozenset(verbs))
        self._joint = {claim: alias for alias, claim in reversed(profile.party_aliases) if "+" in claim}
        self._words = {"english": self._english, "arabic": self._arabic}
        self._elsewhere = frozenset(profile.places.countryside_elsewhere)
        self._events: Mapping[str, EnglishEvents | ArabicEvents] = {
            "english": EnglishEvents(self._english),
            "arabic": ArabicEvents(self._arabic),
        }
        self._places: Mapping[str, EnglishPlaces | ArabicPlaces] = {
            "english": EnglishPlaces(self._english),
            "arabic": ArabicPlaces(self._arabic),
        }

    def read(self, text: str) -> tuple[Passage, ...]:
        """The candidate statements of a text, in order; none where it says nothing plainly. Never raises."""
        tokens = list(tokenise(text))
        found: list[Found] = []
        for lines, listed in self._blocks(tokens):
            found.extend(self._roll(*lines) if listed else self._prose(lines[0]))
        return tuple(_passages(found))

    # --- Lists --------------------------------------------------------------------------------------------------------

    def _blocks(self, tokens: Sequence[Token]) -> Iterator[tuple[list[Sequence[Token]], bool]]:
        """Lists (the heading, then lines) and what stands between them."""
        lines = list(_lines(tokens))
        begin = n = 0
        while n < len(lines):
            if rolls.heading(lines[n], self._english, self._arabic):
                end = n + 1
                while end < len(lines) and (not lines[end] or self._item(lines[end], ("", (0, 0)))):
                    end += 1
                if any(lines[n + 1 : end]):
                    yield [_joined(lines[begin:n])], False
                    yield [line for line in lines[n:end] if line], True
                    begin = n = end
                    continue
            n += 1
        yield [_joined(lines[begin:])], False

    def _item(self, line: Sequence[Token], status: Reading) -> rolls.Item | None:
        return rolls.item(line, self._sentence, self._english, self._arabic, status)

    def _roll(self, head: Sequence[Token], *lines: Sequence[Token]) -> Iterator[Found]:
        status = rolls.heading(head, self._english, self._arabic), (head[0].first, head[-1].last)
        for line in lines:
            item = self._item(line, status)
            if item:
                yield item[1], item[0]

    def _sentence(self, tokens: Sequence[Token], end: str = "") -> Sentence:
        return Sentence(tokens, end, self._mentions.find(tokens))

    # --- Sentences ----------------------------------------------------------------------------------------------------

    def _prose(self, tokens: Sequence[Token]) -> Iterator[Found]:
        for run, end in sentences(tokens):
            if not self._speaks_of_casualties(run):
                continue
            language = _language(run)
            sentence = self._sentence(run, end)
            events = self._events[language].events(sentence)
            setting = Setting(sentence, events, self._words[language], self._joint)
            before: People | None = None
            placed = self._placed(sentence, language, events)
            for event, reach, place in zip(events, _reaches(sentence, events), placed, strict=True):
                where = sentence.span(event.first, event.last)
                common = {**setting.of(*reach), **place}
                for statement in statements(event, before, where):
                    yield where, replace(statement, readings={**common, **statement.readings})
                before = event.group.heads[-1]

    def _speaks_of_casualties(self, tokens: Sequence[Token]) -> bool:
        """A quick look: is there any word of dying or being injured at all?"""
        english, arabic = self._english, self._arabic
        return any(
            t.kind == "word" and (t.key in english.openers or any(form.stem in arabic.openers for form in forms(t.key)))
            for t in tokens
        )

    def _placed(self, s: Sentence, language: str, events: Sequence[Event]) -> Iterator[dict[str, Reading]]:
        """Place and governorate of each event."""
        places = self._places[language].find(s) if events else []
        known = governorates(s, self._words[language], self._elsewhere) if events else []
        for first, last in _reaches(s, events):
            found: dict[str, Reading] = {}
            place = choose(places, first, last)
            if place:
                found["place" if language == "english" else "place_ar"] = place.reading
            near = [m for m in known if place and place.last <= m.first <= place.last + _BESIDE] or known
            if len({m.means for m in near}) == 1:
                found["governorate"] = near[0].value, s.span(near[0].first, near[0].last)
            yield found


def _reaches(s: Sentence, events: Sequence[Event]) -> Iterator[Span]:
    """From the beginning of each event to that of the next."""
    begins = [*(event.first for event in events), len(s.tokens)]
    yield from pairwise(begins)


def _lines(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    begin = 0
    for i, token in enumerate(tokens):
        if token.kind == "newline":
            yield tokens[begin:i]
            begin = i + 1
    yield tokens[begin:]


def _joined(lines: Sequence[Sequence[Token]]) -> list[Token]:
    """Lines as one run again, each ended by a line end."""
    joined: list[Token] = []
    for line in lines:
        joined.extend(line)
        at = line[-1].last if line else 0
        joined.append(Token(at, at, "newline", "\n", "\n", False))
    return joined


def _language(tokens: Sequence[Token]) -> str:
    words = [t for t in tokens if t.kind == "word"]
    arabic = sum("\u0600" <= t.key[:1] <= "\u06ff" for t in words)
    return "arabic" if 2 * arabic > len(words) else "english"


def _passages(found: Sequence[Found]) -> Iterator[Passage]:
    """Statements as passages: those whose passages overlap share one, and are its parts."""
    part, first, last = 0, 0, 0
    bundle: list[Statement] = []
    for (begin, end), statement in [*sorted(found, key=lambda f: f[0]), ((-1, -1), None)]:
        if statement is not None and bundle and begin < last:
            last = max(last, end)
            bundle.append(statement)
            continue
        for part, said in enumerate(bundle):
            fields = {name: said.readings[name][0] for name in sorted(said.readings)}
            spans = {name: said.readings[name][1] for name in sorted(said.readings)}
            yield Passage(first, last, part, said.kind, fields, spans, said.rule)
        first, last, bundle = begin, end, [statement] if statement is not None else []
