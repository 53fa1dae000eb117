"""Reads numbers back out of text: digits, number words, and in Arabic the dual, whose noun is the number.

What belongs here: text in, values out, by the words of the same grammars that write them. What doesn't: what a number means.
It reads more than the grammars write (any number word below a million, whatever the style), since what is read may not be
what was written.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from casualty_pipeline.reporting.grammar.arabic import Arabic
from casualty_pipeline.reporting.grammar.arabic_numerals import numeral
from casualty_pipeline.reporting.grammar.english import spelled
from casualty_pipeline.reporting.grammar.model import Case

# In Arabic the conjunction is written together with what it joins: `و12 سيدة`.
_DIGITS = re.compile(r"(?:(?<![\w.,])|(?<=(?<!\w)و))\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)")
_CASES: tuple[Case, Case] = ("nominative", "oblique")
_NOT_LETTERS = re.compile(r"[^\w]+")
_UNWRITTEN = re.compile(
    "[\u064b-\u0652\u0670\u2066-\u2069\u200e\u200f]"
)  # vowel signs, which are optional, and marks of direction
_TEN, _HUNDRED, _THOUSAND = 10, 100, 1000


def numbers(text: str, language: str) -> list[float]:
    """Every number that a text states, in digits or in words, in no particular order.

    Of a language without a reader of its own, those in digits.
    """
    found = [float(match[0].replace(",", "")) for match in _DIGITS.finditer(text)]
    in_words = _READERS.get(language)
    return found + (list(in_words(_DIGITS.sub(" | ", text))) if in_words else [])


@cache
def _english_words() -> Mapping[str, int]:
    return {spelled(n): n for n in (*range(20), *range(20, _HUNDRED, _TEN))}


@cache
def _english_pattern() -> re.Pattern[str]:
    small = "|".join(sorted(_english_words(), key=len, reverse=True))
    one = rf"(?:{small})(?:-(?:{small}))?"
    scaled = rf"{one}(?:\s+(?:hundred|thousand)(?:\s+(?:and\s+)?{one})?)*"
    return re.compile(rf"\b{scaled}\b", re.IGNORECASE)


def _english(text: str) -> Iterator[float]:
    for match in _english_pattern().finditer(text):
        total = current = 0
        for word in re.split(r"[\s-]+", match[0].casefold()):
            if word == "hundred":
                current *= _HUNDRED
            elif word == "thousand":
                total, current = total + current * _THOUSAND, 0
            elif word != "and":
                current += _english_words()[word]
        yield float(total + current)


@cache
def _arabic_words() -> Mapping[str, int]:
    """Every form of the units, tens and hundreds; `أحد` and `إحدى` count only before a part: else they are `anyone`."""
    values = (*range(1, 11), *range(20, _HUNDRED, _TEN), *range(_HUNDRED, _THOUSAND, _HUNDRED))
    forms = {
        _UNWRITTEN.sub("", numeral(n, feminine=feminine, case=case, construct=construct)): n
        for n in values
        for feminine in (False, True)
        for case in _CASES
        for construct in (False, True)
    }
    teens = (numeral(n, feminine=feminine, case=case) for n in (11, 12) for feminine in (False, True) for case in _CASES)
    return forms | {teen.split()[0]: 1 if teen[0] in "أإ" else 2 for teen in teens}


@cache
def _arabic_duals() -> Mapping[tuple[str, ...], int]:
    """Nouns in the dual, but where it looks like the plural: the grammar then adds the number."""
    forms = (form for noun in Arabic.nouns.values() for form in noun.forms[1:3] if form != noun.forms[3])
    return {tuple(form.split()): 2 for form in forms}


_ANYONE = frozenset({"أحد", "إحدى"})
_TEN_OF_TEENS = frozenset({"عشر", "عشرة"})
_THOUSANDS = frozenset({"ألف", "ألفا", "آلاف"})  # without vowel signs, `ألفا` is also the dual before a noun
_TWO_THOUSAND = frozenset({"ألفان", "ألفين", "ألفا", "ألفي"})
_STEM = 3  # letters by which a noun is known again in another form


def _arabic(text: str) -> Iterator[float]:
    words = [word for word in _NOT_LETTERS.split(_UNWRITTEN.sub("", text)) if word]
    at, found = 0, list[tuple[int, int, int]]()  # value, where it begins, where it ends
    while at < len(words):
        value, after = _arabic_number(words, at)
        if dual := max((len(d) for d in _arabic_duals() if _starts(words, at, d)), default=0):
            value, after = 2, at + dual
        after = max(after, at + 1)
        if found and value in {1, 2} and _said_again(words, found[-1], after):
            found[-1] = (found[-1][0] + value, found[-1][1], after)
        elif value:
            found.append((value, at, after))
        at = after
    yield from (float(value) for value, _, _ in found)


def _said_again(words: list[str], hundreds: tuple[int, int, int], after: int) -> bool:
    """Whether a one or two belongs to hundreds, whose noun is said again for it: `مئة طفل وطفل واحد`."""
    value, _, ended = hundreds
    if value % _HUNDRED or ended >= len(words):
        return False
    noun = words[ended][:_STEM]
    return any(_joined(word).startswith(noun) for word in words[ended + 1 : after])


def _starts(words: list[str], at: int, phrase: tuple[str, ...]) -> bool:
    """Whether a phrase stands there, also behind the conjunction that joins it."""
    first = words[at]
    return (first == phrase[0] or _joined(first) == phrase[0]) and tuple(words[at + 1 : at + len(phrase)]) == phrase[1:]


def _joined(word: str) -> str:
    """What the conjunction `و` is written together with."""
    return word[1:] if word.startswith("و") else ""


def _arabic_number(words: list[str], at: int) -> tuple[int, int]:
    """The number that begins at a word, 0 for none, and where it ends. Parts are joined: `مئة وخمسة وعشرون`."""
    total = current = last = 0
    start = at
    while at < len(words):
        word, first = words[at], at == start
        name = word if word in _arabic_words() or word in _THOUSANDS | _TWO_THOUSAND else _joined(word)
        and_so = name != word
        if name in _TWO_THOUSAND and (first or and_so):  # its noun, or nothing, comes behind
            total, current, last = total + current * _THOUSAND + 2 * _THOUSAND, 0, 2 * _THOUSAND
        elif name in _THOUSANDS:
            total, current, last = total + (current or 1) * _THOUSAND, 0, _THOUSAND
        elif name in _TEN_OF_TEENS and not first and not and_so and 0 < last < _TEN:
            current, last = current + _TEN, current + _TEN
        elif (part := _arabic_words().get(name)) is not None and (first or (and_so and _fits(last, part))):
            if first and name in _ANYONE and not _goes_on(words, at):
                return 0, at + 1
            current, last = current + part, part
        else:
            break
        at += 1
    return total + current, at


def _goes_on(words: list[str], at: int) -> bool:
    """Whether a unit is the first part of a number: `أحد عشر`, `إحدى وعشرون`."""
    after = words[at + 1] if at + 1 < len(words) else ""
    return after in _TEN_OF_TEENS or _fits(1, _arabic_words().get(_joined(after), 0))


def _fits(last: int, part: int) -> bool:
    """Whether a part can follow another with `and`: tens after a unit, less than a hundred after hundreds."""
    if last < _TEN:
        return _TEN < part < _HUNDRED
    return last >= _HUNDRED and part < last


_READERS: Mapping[str, Callable[[str], Iterator[float]]] = {"en": _english, "ar": _arabic}
