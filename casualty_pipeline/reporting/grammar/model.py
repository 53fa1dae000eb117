"""What the report needs of a language. What belongs here: the types that every language shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from casualty_pipeline.errors import CasualtyError

# Arabic writes the case of a dual and of tens: nominative (a list item, "among them two children"), oblique (after a noun or
# a preposition: "the killing of two civilians"). English has no use for it.
Case = Literal["nominative", "oblique"]
# What agrees with a number outside its own phrase (a verb, a pronoun) does so by these classes of Unicode CLDR.
Plural = Literal["zero", "one", "two", "few", "many", "other"]


@dataclass(frozen=True)
class Noun:
    """A noun that is counted. `forms` are as the language's grammar needs them; see `English` and `Arabic`."""

    forms: tuple[str, ...]
    feminine: bool = False


@dataclass(frozen=True)
class Style:
    """What is a choice and no rule of the language.

    Numbers up to `words_up_to` are words, above that digits (None: as the language's grammar has it). `months` names the
    month names ("" : the language's first).
    """

    words_up_to: int | None = None
    months: str = ""


class Grammar(Protocol):
    """One language in one style."""

    language: str
    direction: Literal["ltr", "rtl"]
    nouns: Mapping[str, Noun]

    def number(self, value: float, decimals: int = 0) -> str:
        """A number in digits, as tables print it, with as many decimals as it was rounded to."""

    def word(self, value: int, case: Case = "nominative") -> str:
        """A number as text says it: small ones in words."""

    def count(self, value: int, noun: Noun, case: Case = "nominative") -> str:
        """A number with its noun in the form that agrees."""

    def form(self, value: int, noun: Noun, case: Case = "nominative") -> str:
        """The noun alone, in the form that agrees with a number said before."""

    def plural(self, value: int) -> Plural:
        """The class of a number, for what else agrees with it."""

    def part_of(self, value: int, whole: str, case: Case = "nominative") -> str:
        """So many of a group that has no singular: "two of the medical personnel"."""

    def join(self, parts: Sequence[str]) -> str:
        """A list as text says it."""

    def either(self, parts: Sequence[str]) -> str:
        """A list of alternatives, of which none holds after a negation."""

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


def months_named(name: str, known: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    """The twelve names that a style asks for, the first known by default. Raises CasualtyError for an unknown name."""
    if name and name not in known:
        raise CasualtyError(f"no months {name!r} in the language {language!r}: expected one of {', '.join(known)}")
    return known[name or next(iter(known))]
