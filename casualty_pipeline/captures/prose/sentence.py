"""One sentence with the profile's words in it, and what both grammars ask of it: periods, negation, spans."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from casualty_pipeline.captures.prose.lexicon import Lexicon
from casualty_pipeline.captures.prose.mentions import Mention
from casualty_pipeline.captures.prose.model import Span
from casualty_pipeline.captures.prose.text import Token

_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_YEAR_FIRST, _YEAR_LAST = 1900, 2100


@dataclass(frozen=True)
class Sentence:
    """Tokens without line ends, what ends them, and the profile's words among them."""

    tokens: Sequence[Token]
    end: str
    mentions: Sequence[Mention]

    def span(self, first: int, last: int) -> Span:
        """Offsets in the text of tokens `first` to `last` (one past the end)."""
        return self.tokens[first].first, self.tokens[last - 1].last

    def mention(self, i: int, *fields: str) -> Mention | None:
        """The mention that begins at token `i`, if it is of one of these fields (any, where none is given)."""
        found = self._at.get(i)
        return found if found and (not fields or found.field in fields) else None

    @cached_property
    def _at(self) -> Mapping[int, Mention]:
        return {m.first: m for m in self.mentions}

    def words(self, first: int, last: int) -> str:
        """Tokens as written, without what is invisible or stands between words."""
        parts = [("-" if t.glued and n else " " * bool(n)) + t.text for n, t in enumerate(self.tokens[first:last])]
        return _INVISIBLE.sub("", "".join(parts))

    def key(self, i: int) -> str:
        """The key of token `i`, empty beyond either end."""
        return self.tokens[i].key if 0 <= i < len(self.tokens) else ""

    def is_word(self, i: int) -> bool:
        """Whether there is a word at `i`."""
        return 0 <= i < len(self.tokens) and self.tokens[i].kind == "word"


def is_year(token: Token) -> bool:
    """Whether a number may be a year."""
    return token.kind == "number" and len(token.text) == 4 and _YEAR_FIRST <= token.value <= _YEAR_LAST


def of_a_period(sentence: Sentence, words: Lexicon, keys: Sequence[Iterable[str]], months: frozenset[str]) -> bool:
    """Whether the sentence gives a total over a long time: "since 2011", "in 2019", "over the past three years".

    `keys` are, for each token, the forms in which it may stand in a list of words.
    """
    tokens = sentence.tokens

    def has(name: str, i: int) -> bool:
        return 0 <= i < len(tokens) and any(words.has(name, k) for k in keys[i])

    for i in range(len(tokens)):
        numeral = tokens[i].kind == "number" or any(k in words.numbers for k in keys[i])
        if numeral and has("period_units", i + 1) and (has("period_distance", i - 1) or has("period_distance", i + 2)):
            return True
        days = numeral and has("period_days", i + 1)
        if days and (has("period_within", i - 1) or has("period_spans", i - 1) or any(k.startswith("ب") for k in keys[i])):
            return True
        if has("period_words", i):
            return True
        if has("period_since", i) and not any(has("period_recent", n) for n in range(i, i + 4)):
            return True
        if has("period_within", i):
            following = [n for n in range(i + 1, i + 6) if n < len(tokens)]
            nouns = [n for n in following[:4] if has("period_units", n)]
            if following and is_year(tokens[following[0]]):
                return True
            if nouns and any(is_year(tokens[n]) for n in following):
                return True
            month_of_year = len(following) > 1 and tokens[following[0]].key in months and is_year(tokens[following[1]])
            if month_of_year:
                return True
            if nouns and any(has("period_spans", n) or tokens[n].kind == "number" for n in following[: nouns[0] - i]):
                return True
        if has("period_spans", i) and has("period_units", i + 1):
            return True
    return False
