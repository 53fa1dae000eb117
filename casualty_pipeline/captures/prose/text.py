"""From a text to tokens with offsets in the original, and to sentences. Every pattern here runs in linear time.

Tokens keep their place in the text as given, so tashkeel, tatweel, bidi marks and decomposed letters cost nothing:
only a token's `key`, the form in which words are compared, is normalised.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from casualty_pipeline.cleaning.calendar_words import DIGITS

# Combining marks, tashkeel, Quranic marks, zero-width and bidi characters: inside a word, never a word by themselves.
_MARK = (
    r"\u00ad\u0300-\u036f\u0610-\u061a\u061c\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
)
_LETTERS = rf"[^\W\d_][^\W\d_{_MARK}]*(?:[{_MARK}]+[^\W\d_]*)*"
_APOSTROPHE = "'’‘ʼ`ʿʾ"
_TOKEN = re.compile(
    rf"""
    (?P<gap>https?://\S*|www\.\S*|t\.me/\S*|[\w.+-]{{1,64}}@[\w.-]+|@\w+)
    |(?P<tag>\#\w+)
    |(?P<date>\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d)|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{4}}(?!\d))
    |(?P<phone>(?:\+|00)\d[\d\ ()-]{{6,}}|\d(?:[\ -]?\d){{8,}})
    |(?P<other>\d{{1,2}}:\d{{2}}(?::\d{{2}})?|\d+[.٫/]\d+|\d+\ ?[%٪]|[$€£]\ ?\d+)
    |(?P<number>\d{{1,3}}(?:[,٬]\d{{3}})+(?!\d)|\d+)
    |(?P<word>{_LETTERS}(?:[{_APOSTROPHE}]{_LETTERS})*[{_APOSTROPHE}]?)
    |(?P<newline>\n)
    |(?P<punct>[^\w\s])
    """,
    re.VERBOSE,
)
_MARKS = re.compile(rf"[{_MARK}]+")
_DROPPED = re.compile(rf"[{_MARK}ـ{_APOSTROPHE}]+")
_LETTER = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ؤ": "و", "ئ": "ي", "ء": "", "ک": "ك"})
_POSSESSIVE = re.compile(rf"[{_APOSTROPHE}]s$")
_STOPS = frozenset(".!?؟؛;…")
# Words that end in a full stop without ending a sentence; a single letter ("U.S.") does neither.
_ABBREVIATIONS = frozenset({"dr", "mr", "mrs", "ms", "st", "no", "eng", "prof", "د"})
_LONGEST_SENTENCE = 200  # tokens; a longer run is cut, so that no text costs more than its length
_LARGEST_NUMBER = 6  # digits; longer ones are ids or telephone numbers


class Token(NamedTuple):
    """A word, number, date, hashtag, punctuation mark, line end, or a gap (URL, address, telephone number)."""

    first: int
    last: int
    kind: str
    text: str
    key: str
    glued: bool  # joined to the token before by a hyphen

    @property
    def value(self) -> int:
        """The number that digits of either script mean."""
        return int(re.sub(r"[,٬]", "", self.text).translate(DIGITS))


@lru_cache(maxsize=50_000)
def word_key(word: str) -> str:
    """The form in which words are compared: no case, marks, tatweel, apostrophes, possessive 's or hamza; one ya.

    Ta marbuta stays: طفلة is a girl, طفله may be his child.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", _POSSESSIVE.sub("", word)).casefold())
    return _DROPPED.sub("", plain.translate(_LETTER)).translate(_LETTER)


def tokenise(text: str) -> Iterator[Token]:
    """The tokens of a text in order. Never raises; characters that mean nothing here (NUL, surrogates) are passed over."""
    hyphen = -1
    for match in _TOKEN.finditer(text):
        kind, found = str(match.lastgroup), match.group()
        first, last = match.span()
        if kind == "punct":
            if _MARKS.fullmatch(found):
                continue
            if found in "-–‑" and first > 0 and text[first - 1].isalnum() and text[last : last + 1].isalnum():
                hyphen = last
                continue
        if kind == "phone" or (kind == "number" and len(found) > _LARGEST_NUMBER + found.count(",") + found.count("٬")):
            kind = "gap"
        key = word_key(found) if kind == "word" else found
        yield Token(first, last, kind, found, key, hyphen == first)


def sentences(tokens: Sequence[Token]) -> Iterator[tuple[Sequence[Token], str]]:
    """Runs of tokens that belong together, each with the mark that ends it ("" for a line end)."""
    begin = 0
    for i, token in enumerate(tokens):
        if token.kind == "newline" or (token.kind == "punct" and token.text in _STOPS and not _inside(tokens, i)):
            if i > begin:
                yield tokens[begin:i], token.text.strip()
            begin = i + 1
        elif i - begin >= _LONGEST_SENTENCE:
            yield tokens[begin:i], ""
            begin = i
    if begin < len(tokens):
        yield tokens[begin:], ""


def _inside(tokens: Sequence[Token], i: int) -> bool:
    """A full stop after an abbreviation or a single Latin letter, or with a letter straight after it."""
    if tokens[i].text != "." or i == 0:
        return False
    before = tokens[i - 1]
    if before.last != tokens[i].first or before.kind != "word":
        return False
    follows = i + 1 < len(tokens) and tokens[i + 1].kind != "newline"
    return follows and (before.key in _ABBREVIATIONS or (len(before.key) == 1 and before.key.isascii()))
