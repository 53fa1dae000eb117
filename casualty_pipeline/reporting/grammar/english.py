"""English numbers, nouns, lists, titles and dates, as the published reports write them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from casualty_pipeline.reporting.grammar.model import Case, Noun, Plural, Style, months_named

# Nought to nine are words: the published reports print "nine children" and "10 civilians".
WORDS_UP_TO = 9
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Mapping[str, tuple[str, ...]] = {
    "gregorian": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    )
}
_SMALL_IN_TITLES = frozenset({"a", "an", "and", "by", "due", "in", "including", "of", "the", "to", "who"})


def spelled(value: int) -> str:
    """A number below a million in words: `one hundred and five`."""
    if value >= 1000:
        rest = value % 1000
        after = f" and {spelled(rest)}" if 0 < rest < 100 else f" {spelled(rest)}" if rest else ""
        return f"{spelled(value // 1000)} thousand{after}"
    if value >= 100:
        rest = value % 100
        return f"{_SMALL[value // 100]} hundred{f' and {spelled(rest)}' if rest else ''}"
    if value >= 20:
        return _TENS[value // 10] + (f"-{_SMALL[value % 10]}" if value % 10 else "")
    return _SMALL[value]


class English:
    """English: nouns have the forms (one, many)."""

    language = "en"
    direction: Literal["ltr", "rtl"] = "ltr"
    nouns: Mapping[str, Noun] = {
        "civilian": Noun(("civilian", "civilians")),
        "child": Noun(("child", "children")),
        "boy": Noun(("male child", "male children")),
        "girl": Noun(("female child", "female children")),
        "male": Noun(("male", "males")),
        "female": Noun(("female", "females")),
        "woman": Noun(("woman", "women")),
        "adult_female": Noun(("adult female", "adult females")),
        "person": Noun(("person", "persons")),
        "other": Noun(("other", "others")),
        "massacre": Noun(("massacre", "massacres")),
        "attack": Noun(("attack", "attacks")),
        "figure": Noun(("figure", "figures")),
        "month": Noun(("month", "months")),
        "report": Noun(("report", "reports")),
        "edition": Noun(("edition", "editions")),
        "statement": Noun(("statement", "statements")),
        "source": Noun(("independent source", "independent sources")),
        "decimal": Noun(("decimal", "decimals")),
    }

    def __init__(self, style: Style) -> None:
        """Take a style. Raises CasualtyError for month names that English hasn't."""
        self._words_up_to = WORDS_UP_TO if style.words_up_to is None else style.words_up_to
        self._months = months_named(style.months, _MONTHS, self.language)

    def number(self, value: float, decimals: int = 0) -> str:
        """Digits, with a comma before each group of three."""
        return f"{value:,.{decimals}f}"

    def word(self, value: int, case: Case = "nominative") -> str:  # noqa: ARG002 - no cases
        """Small numbers in words, then digits."""
        return spelled(value) if 0 <= value <= min(self._words_up_to, 999_999) else self.number(value)

    def count(self, value: int, noun: Noun, case: Case = "nominative") -> str:
        """`no civilians`, `one civilian`, `145 civilians`."""
        return f"{'no' if value == 0 else self.word(value)} {self.form(value, noun, case)}"

    def form(self, value: int, noun: Noun, case: Case = "nominative") -> str:  # noqa: ARG002 - no cases
        """`civilian` for one, else `civilians`."""
        one, many = noun.forms
        return one if value == 1 else many

    def plural(self, value: int) -> Plural:
        """Zero, one, two and other: two are "both"."""
        classes: dict[int, Plural] = {0: "zero", 1: "one", 2: "two"}
        return classes.get(value, "other")

    def part_of(self, value: int, whole: str, case: Case = "nominative") -> str:  # noqa: ARG002 - no cases
        """`two of the Civil Defense personnel`."""
        return f"{'none' if value == 0 else self.word(value)} of the {whole}"

    def join(self, parts: Sequence[str]) -> str:
        """`a`, `a and b`, `a, b and c`."""
        return self._list(parts, " and ")

    def either(self, parts: Sequence[str]) -> str:
        """`a`, `a or b`, `a, b or c`."""
        return self._list(parts, " or ")

    @staticmethod
    def _list(parts: Sequence[str], last: str) -> str:
        return last.join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)

    def capital(self, text: str) -> str:
        """First letter upper case."""
        return text[:1].upper() + text[1:]

    def title(self, text: str) -> str:
        """Every word but the small ones with a capital."""
        words = text.split(" ")
        return " ".join(w if n and w in _SMALL_IN_TITLES else self.capital(w) for n, w in enumerate(words))

    def date(self, day: date) -> str:
        """`Thursday, March 5, 2020`."""
        return f"{_DAYS[day.weekday()]}, {self._months[day.month - 1]} {day.day}, {day.year}"

    def month(self, month: str) -> str:
        """`March 2020`."""
        return f"{self.month_name(month)} {month[:4]}"

    def month_name(self, month: str) -> str:
        """`March`."""
        return self._months[int(month[5:7]) - 1]
