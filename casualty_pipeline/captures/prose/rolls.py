"""Lists of names: a heading ("Names of the victims:", الشهداء:) and, line by line, one person each.

The list ends at the first line that isn't plainly a name.
"""

from collections.abc import Callable, Sequence

from casualty_pipeline.captures.prose.arabic import ArabicPeople
from casualty_pipeline.captures.prose.arabic_words import form_in, forms
from casualty_pipeline.captures.prose.english import EnglishPeople
from casualty_pipeline.captures.prose.lexicon import Lexicon, Noun
from casualty_pipeline.captures.prose.model import Reading, Span, Statement
from casualty_pipeline.captures.prose.sentence import Sentence
from casualty_pipeline.captures.prose.text import Token

_LONGEST_HEADING = 8
_LONGEST_NAME = 6
_LONGEST_LINE = 40  # tokens; a longer line is prose
_SHORTEST_NAME = 2
Item = tuple[Statement, Span]
MakeSentence = Callable[[Sequence[Token]], Sentence]


def heading(line: Sequence[Token], english: Lexicon, arabic: Lexicon) -> str:
    """The status that a heading of a list says of those in it; empty where the line is none."""
    if not line or line[-1].text != ":" or len(line) > _LONGEST_HEADING + 1:
        return ""
    words = [t for t in line if t.kind == "word"]
    if len(words) != len(line) - 1:
        return ""
    listed = any(english.has("list_heads", t.key) or form_in(t.key, arabic.sets["list_heads"]) for t in words)
    if not listed:
        return ""
    statuses = {_status(t, english, arabic) for t in words} - {""}
    return statuses.pop() if len(statuses) == 1 else ""


def _status(token: Token, english: Lexicon, arabic: Lexicon) -> str:
    noun = english.nouns.get(token.key) or next(
        (arabic.nouns[f.stem] for f in forms(token.key) if f.stem in arabic.nouns), None
    )
    if noun and noun.casualty:
        return noun.casualty
    trigger = english.trigger([token], 0, frozenset({"after"}))
    return trigger.status if trigger else ""


def item(
    line: Sequence[Token], make: MakeSentence, english: Lexicon, arabic: Lexicon, status: tuple[str, Span]
) -> Item | None:
    """The person that a line of a list names, and where; None where it isn't plainly a name."""
    if len(line) > _LONGEST_LINE:
        return None
    s = make(line)
    i = 0
    while i < len(line) and line[i].kind in {"punct", "number"}:
        i += 1
    if i >= len(line) or not s.is_word(i):
        return None
    traits: dict[str, Reading] = {"status": status}
    latin = line[i].key[:1] < "\u0600"
    noun = english.nouns.get(s.key(i)) if latin else _arabic_title(s, i, arabic)
    if noun is not None:
        traits |= {trait: (value, s.span(i, i + 1)) for trait, value in noun.traits.items()}
        if not latin and noun.named_sex:
            traits.setdefault("sex", (noun.named_sex, s.span(i, i + 1)))
        i += 1
    first, last = i, i
    people = EnglishPeople(english, s) if latin else ArabicPeople(arabic, s)
    while s.is_word(last) and last - first <= _LONGEST_NAME:
        last += 1
    if not _SHORTEST_NAME <= last - first <= _LONGEST_NAME or not _is_name(s, first, last, english, arabic):
        return None
    traits["name_en" if latin else "name_ar"] = (s.words(first, last), s.span(first, last))
    age, end = people.age_after(last)
    if age:
        traits["age"] = age
    elif last < len(line) and line[last].kind == "number":
        return None
    return Statement("person", traits, "list-of-names"), (line[first].first, line[max(end, last) - 1].last)


def _arabic_title(s: Sentence, i: int, arabic: Lexicon) -> Noun | None:
    form = form_in(s.key(i), arabic.nouns)
    return arabic.nouns[form.stem] if form and form.article and arabic.nouns[form.stem].form == "one" else None


def _is_name(s: Sentence, first: int, last: int, english: Lexicon, arabic: Lexicon) -> bool:
    """Nothing but words that can be part of a name."""
    for i in range(first, last):
        key, text = s.key(i), s.tokens[i].text
        if key[:1] < "\u0600":
            if not (text[:1].isupper() or english.has("name_particles", key)):
                return False
            if key in english.nouns or english.has("months", key):
                return False
        elif key not in arabic.sets["given"] and (arabic.has("name_stops", key) or key in arabic.nouns):
            return False
        if english.trigger(s.tokens, i, frozenset({"before", "after"})) or ((key,) in arabic.triggers):
            return False
    return True
