"""Number grammar: how a number and its noun, a date or a list are said in each language (R27).

What belongs here: what holds for a language, whatever the conflict. What doesn't: sentences (templates/text) and the
vocabulary of a conflict (the profile). A new language is a new class and a line in `GRAMMARS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from casualty_pipeline.errors import CasualtyError

# Arabic writes the case of a dual: nominative (a list item, "among them two children"), oblique (after a noun or a
# preposition: "the killing of two civilians"). English has no use for it.
Case = Literal["nominative", "oblique"]


@dataclass(frozen=True)
class Noun:
    """A noun that is counted. `forms` are as the language's grammar needs them; see `English` and `Arabic`."""

    forms: tuple[str, ...]
    feminine: bool = False


class Grammar(Protocol):
    """What the report needs of a language."""

    language: str
    direction: Literal["ltr", "rtl"]
    nouns: Mapping[str, Noun]

    def number(self, value: float, decimals: int = 0) -> str:
        """A number in digits, as tables print it, with as many decimals as it was rounded to."""

    def word(self, value: int, case: Case = "nominative") -> str:
        """A number as text says it: small ones in words."""

    def count(self, value: int, noun: Noun, case: Case = "nominative") -> str:
        """A number with its noun in the form that agrees."""

    def part_of(self, value: int, whole: str, case: Case = "nominative") -> str:
        """So many of a group that has no singular: "two of the medical personnel"."""

    def join(self, parts: Sequence[str]) -> str:
        """A list as text says it."""

    def capital(self, text: str) -> str:
        """The text as a sentence starts."""

    def title(self, text: str) -> str:
        """The text as a title is written."""

    def date(self, day: date) -> str:
        """Day of the week, day, month and year."""

    def month(self, month: str) -> str:
        """`2020-03` as text says it."""

    def month_name(self, month: str) -> str:
        """`2020-03` without its year."""


class English:
    """English: nouns have the forms (one, many); nought to ten are words."""

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
        "person": Noun(("person", "persons")),
        "massacre": Noun(("massacre", "massacres")),
        "figure": Noun(("figure", "figures")),
    }
    _WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    _DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    _MONTHS = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    )
    _SMALL_IN_TITLES = frozenset({"a", "an", "and", "by", "due", "in", "including", "of", "the", "to", "who"})

    def number(self, value: float, decimals: int = 0) -> str:
        """Digits, with a comma before each group of three."""
        return f"{value:,.{decimals}f}"

    def word(self, value: int, case: Case = "nominative") -> str:  # noqa: ARG002 - no cases
        """Words up to ten, then digits."""
        return self._WORDS[value] if 0 <= value < len(self._WORDS) else self.number(value)

    def count(self, value: int, noun: Noun, case: Case = "nominative") -> str:  # noqa: ARG002 - no cases
        """`no civilians`, `one civilian`, `145 civilians`."""
        one, many = noun.forms
        return f"{'no' if value == 0 else self.word(value)} {one if value == 1 else many}"

    def part_of(self, value: int, whole: str, case: Case = "nominative") -> str:  # noqa: ARG002 - no cases
        """`two of the Civil Defense personnel`."""
        return f"{'none' if value == 0 else self.word(value)} of the {whole}"

    def join(self, parts: Sequence[str]) -> str:
        """`a`, `a and b`, `a, b and c`."""
        return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)

    def capital(self, text: str) -> str:
        """First letter upper case."""
        return text[:1].upper() + text[1:]

    def title(self, text: str) -> str:
        """Every word but the small ones with a capital."""
        words = text.split(" ")
        return " ".join(w if n and w in self._SMALL_IN_TITLES else self.capital(w) for n, w in enumerate(words))

    def date(self, day: date) -> str:
        """`Thursday, March 5, 2020`."""
        return f"{self._DAYS[day.weekday()]}, {self._MONTHS[day.month - 1]} {day.day}, {day.year}"

    def month(self, month: str) -> str:
        """`March 2020`."""
        return f"{self.month_name(month)} {month[:4]}"

    def month_name(self, month: str) -> str:
        """`March`."""
        return self._MONTHS[int(month[5:7]) - 1]


class Arabic:
    """Arabic, with Western digits, as the published reports print them.

    Nouns have the forms (one; two, nominative; two, oblique; three to ten; eleven to ninety-nine; hundreds and beyond),
    the plural classes of Unicode CLDR. Numbers from three to ten take the gender that the noun has not.
    """

    language = "ar"
    direction: Literal["ltr", "rtl"] = "rtl"
    nouns: Mapping[str, Noun] = {
        "civilian": Noun(("مدني", "مدنيان", "مدنيين", "مدنيين", "مدنياً", "مدني")),
        "child": Noun(("طفل", "طفلان", "طفلين", "أطفال", "طفلاً", "طفل")),
        "boy": Noun(("طفل ذكر", "طفلان ذكران", "طفلين ذكرين", "أطفال ذكور", "طفلاً ذكراً", "طفل ذكر")),
        "girl": Noun(("طفلة", "طفلتان", "طفلتين", "طفلات", "طفلة", "طفلة"), feminine=True),
        "male": Noun(("ذكر", "ذكران", "ذكرين", "ذكور", "ذكراً", "ذكر")),
        "female": Noun(("أنثى", "أنثيان", "أنثيين", "إناث", "أنثى", "أنثى"), feminine=True),
        "woman": Noun(("سيدة", "سيدتان", "سيدتين", "سيدات", "سيدة", "سيدة"), feminine=True),
        "person": Noun(("شخص", "شخصان", "شخصين", "أشخاص", "شخصاً", "شخص")),
        "massacre": Noun(("مجزرة", "مجزرتان", "مجزرتين", "مجازر", "مجزرة", "مجزرة"), feminine=True),
        "figure": Noun(("رقم", "رقمان", "رقمين", "أرقام", "رقماً", "رقم")),
    }
    _ONE_TO_TEN: Mapping[bool, tuple[str, ...]] = {
        False: ("واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة"),
        True: ("واحدة", "اثنتان", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثماني", "تسع", "عشر"),
    }
    _TWO_OBLIQUE: Mapping[bool, str] = {False: "اثنين", True: "اثنتين"}
    _DAYS = ("الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
    _MONTHS = (
        "كانون الثاني",
        "شباط",
        "آذار",
        "نيسان",
        "أيار",
        "حزيران",
        "تموز",
        "آب",
        "أيلول",
        "تشرين الأول",
        "تشرين الثاني",
        "كانون الأول",
    )

    def number(self, value: float, decimals: int = 0) -> str:
        """Western digits, without separators."""
        return f"{value:.{decimals}f}"

    def word(self, value: int, case: Case = "nominative") -> str:
        """Words up to ten, in the masculine, then digits."""
        return self._word(value, feminine=False, case=case)

    def _word(self, value: int, feminine: bool, case: Case) -> str:
        if value == 0:
            return "صفر"
        if value == 2 and case == "oblique":
            return self._TWO_OBLIQUE[feminine]
        return self._ONE_TO_TEN[feminine][value - 1] if 1 <= value <= 10 else self.number(value)

    def count(self, value: int, noun: Noun, case: Case = "nominative") -> str:
        """`مدني واحد`, `مدنيان`, `خمسة مدنيين`, `145 مدنياً`, `100 مدني`."""
        one, two, two_oblique, few, many, hundreds = noun.forms
        if value == 1:
            return f"{one} {self._word(1, noun.feminine, case)}"
        if value == 2:
            # Written without vowels, the oblique dual of مدني looks like its plural: the number makes it plain.
            return two if case == "nominative" else f"{two_oblique} {self._word(2, noun.feminine, case)}"
        number = self._word(value, noun.feminine, case)
        rest = value % 100
        return f"{number} {few if 3 <= rest <= 10 else many if rest >= 11 else hundreds}"

    def part_of(self, value: int, whole: str, case: Case = "nominative") -> str:
        """`اثنان من الكوادر الطبية`: the group itself needs no form that agrees."""
        return f"{'لا أحد' if value == 0 else self.word(value, case)} من {whole}"

    def join(self, parts: Sequence[str]) -> str:
        """`أ وب وج`: the conjunction stands before each and joins the word that follows."""
        return " و".join(parts)

    def capital(self, text: str) -> str:
        """Arabic has no capitals."""
        return text

    def title(self, text: str) -> str:
        """Arabic has no capitals."""
        return text

    def date(self, day: date) -> str:
        """`الخميس 5 آذار 2020`."""
        return f"{self._DAYS[day.weekday()]} {day.day} {self._MONTHS[day.month - 1]} {day.year}"

    def month(self, month: str) -> str:
        """`آذار 2020`."""
        return f"{self.month_name(month)} {month[:4]}"

    def month_name(self, month: str) -> str:
        """`آذار`."""
        return self._MONTHS[int(month[5:7]) - 1]


GRAMMARS: Mapping[str, Grammar] = {grammar.language: grammar for grammar in (English(), Arabic())}


def grammar_of(language: str) -> Grammar:
    """The grammar of a language. Raises CasualtyError where there is none."""
    if language not in GRAMMARS:
        raise CasualtyError(
            f"no number grammar for the language {language!r}: expected one of {', '.join(sorted(GRAMMARS))}; "
            f"add a class to casualty_pipeline/reporting/grammar.py"
        )
    return GRAMMARS[language]
