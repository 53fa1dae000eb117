"""What the readers of names share: names as plain text in either script, and patterns that several of them need.

Here belongs what treats a name as text, whoever it is. What a name says belongs to the module that reads it.

Everything works on whole columns (`pl.Series`), step by step: as one expression, each step would compute all the steps
before it anew. `elementwise` makes an expression of such a function.
"""

from collections.abc import Callable, Mapping

import polars as pl

ARABIC_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"  # of the normal form
_ARABIC_VARIANTS: Mapping[str, str] = {
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىئیېێۍ", "ي"),
    **dict.fromkeys("ؤۆۇۋ", "و"),
    **dict.fromkeys("ةەۀھہ", "ه"),
    **dict.fromkeys("کگ", "ك"),
    "ء": "",
    "پ": "ب",
    "چ": "ج",
    "ژ": "ز",
    "ڤ": "ف",
    "ڕ": "ر",
    "ڵ": "ل",
}
# Tashkeel, Quranic marks, tatweel; and every invisible formatting character (bidi marks, joiners, byte-order mark).
_ARABIC_MARKS = r"[\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06ED\u0640\p{Cf}]"
_DIGITS: Mapping[str, str] = {
    **{chr(0x660 + n): str(n) for n in range(10)},
    **{chr(0x6F0 + n): str(n) for n in range(10)},
}
_LATIN_VARIANTS: Mapping[str, str] = {"ı": "i", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d", "ə": "a"}
_URL = r"(?:https?://|www\.)\S+"
_UNTIDY = r"^ | $|  |https?://|www\."  # besides characters that stay as they are
_LAM_ALEF_PASSES = 4

APOSTROPHES = r"['’‘‛`´ʿʾʼʻ′]"
_BRACKETS = r"[()\[\]{}\"“”„«»]"
# Remarks in brackets or quotation marks; a bracket that is never closed; a nickname whose quotation mark never is.
BRACKETED = (
    r"[(\[{][^()\[\]{}]*[)\]}]|\)[^()]*\(|[\"“”„«][^\"“”„«»]*[\"“”„»]|[(\[][^()\[\]]*$"
    r"|[\"“”„«] ?(?:abu|abo|um|umm|al|ابو|ام|ال)\b[^\"“”„«»]*$"
)


def any_of(*patterns: str) -> str:
    """A pattern that is found wherever one of the patterns is."""
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def rewritten(
    found: str, text: pl.Series, rewrite: Callable[[pl.Series], pl.Series], of: pl.Series | None = None
) -> pl.Series:
    """`text`, and where a pattern is found in it, `rewrite` of it (or of `of`, from which it was made).

    A series of replacements leaves a text alone in which no pattern of them is found: so few names need the many rules.
    """
    rows = text.str.contains(found).fill_null(False).arg_true()
    if not len(rows):
        return text
    changed = rewrite((text if of is None else of).gather(rows))
    return text.clone().scatter(rows, changed)


def elementwise(column: pl.Expr, read: Callable[[pl.Series], pl.Series], dtype: pl.DataType | type[pl.DataType]) -> pl.Expr:
    """An expression of a function from column to column that reads each value by itself."""
    return column.map_batches(read, return_dtype=dtype, is_elementwise=True)


def arabic_plain(given: pl.Series) -> pl.Series:
    """NFKC, marks off, one letter for each family of letters, European digits, single spaces; punctuation still in."""
    return rewritten(rf"[^ -~{ARABIC_LETTERS}]|{_UNTIDY}", given, _arabic_plain)


def _arabic_plain(given: pl.Series) -> pl.Series:
    plain = given.str.replace_all(_URL, " ").str.normalize("NFKC").str.replace_all(_ARABIC_MARKS, "")
    mapping = {**_ARABIC_VARIANTS, **_DIGITS}
    return spaced(plain.str.replace_many(list(mapping), list(mapping.values())))


def latin_plain(given: pl.Series) -> pl.Series:
    """Lower case, diacritics off, European digits, single spaces; punctuation still in."""
    return rewritten(rf"[^ -~]|{_UNTIDY}", given.str.to_lowercase(), _latin_plain, of=given)


def _latin_plain(given: pl.Series) -> pl.Series:
    plain = given.str.replace_all(_URL, " ").str.to_lowercase().str.normalize("NFKD").str.replace_all(r"[\p{M}\p{Cf}]", "")
    mapping = {**_LATIN_VARIANTS, **_DIGITS}
    return spaced(plain.str.to_lowercase().str.replace_many(list(mapping), list(mapping.values())))


def without_brackets(plain: pl.Series, letter: str) -> pl.Series:
    """`plain` without remarks in brackets or quotation marks, unless nothing that matches `letter` is left then."""

    def bare(text: pl.Series) -> pl.Series:
        left = spaced(text.str.replace_all(BRACKETED, " "))
        return left.zip_with(left.str.contains(letter), text)

    return rewritten(_BRACKETS, plain, bare)


def lam_alef(letters: pl.Series) -> pl.Series:
    """Alefs before lams within a run of both; what longer runs than any name's leave over loses its alef."""
    for _ in range(_LAM_ALEF_PASSES):
        if not letters.str.contains("لا", literal=True).any():
            return letters
        letters = letters.str.replace_all("(ل+)(ا+)", "$2$1")
    return letters.str.replace_all("(ل)ا+", "$1")


def spaced(text: pl.Series) -> pl.Series:
    """Single spaces, none at the ends."""
    return text.str.replace_all(r"\s+", " ").str.strip_chars()


def null_if_blank(text: pl.Series) -> pl.Series:
    """Null instead of nothing."""
    return text.set(text.str.len_bytes() == 0, None)
