"""What of a text counts nobody: dates, the year, and the words that a language or a profile prints every month.

What doesn't belong here: which of the numbers that are left are right.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from string import Formatter
from typing import Any, Protocol

from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.reporting.grammar import Grammar
from casualty_pipeline.reporting.grammar.reading import numbers
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.texts import catalogue, read_toml

_SHORTEST = 2  # words of a part of a sentence that may be told by: `two` alone could stand for anything


class Counted(Protocol):
    """The numbers of a text."""

    def __call__(self, text: str, dated: bool = True) -> list[float]:
        """Without `dated`, also those that look like a month's year."""


class FixedText:
    """The constant words of a report in one language that hold numbers, and how its dates are written."""

    def __init__(self, report: MonthReport, grammar: Grammar) -> None:
        """Take the report, for its profile and its year, and the grammar that it is written in."""
        self._report, self._language = report, grammar.language
        months = "|".join(
            sorted({re.escape(grammar.month_name(f"2020-{n:02}")) for n in range(1, 13)}, key=len, reverse=True)
        )
        day, year = r"\d{1,2}", r"\d{4}"
        self._dates = re.compile(
            rf"(?<!\w)(?:{day} (?:{months}) {year}|(?:{months}) {day}, {year}|(?:{months}) {year}|{year}-\d\d(?:-\d\d)?"
            rf"|{report.month[:4]})(?!\w)",
            re.IGNORECASE,
        )

    def counted(self, text: str, dated: bool = True) -> list[float]:
        """The numbers of a text that are neither dates nor constant words. Without `dated`, dates aren't looked for: in a
        list of months with their tolls, `تموز 1001` is none.
        """
        bare = self._dates.sub(" | ", text) if dated else text
        if not numbers(bare, self._language):
            return []
        bare = bare.casefold()
        for words in self._fixed:
            bare = words.sub(" | ", bare)
        return numbers(bare, self._language)

    @cached_property
    def _fixed(self) -> list[re.Pattern[str]]:
        """Constant parts of sentences that hold a number, the longest first; never a part of a word or of a number."""
        report, language = self._report, self._language
        profile = report.profile
        told = {part for _, forms in catalogue(language).items() for text in forms.values() for part in _parts(text)}
        told |= {part for text in _texts_of(profile, language) for part in _parts(text)}
        whole = {*_labels(profile, language), report.digest[:12]}
        if not profile.methodology_version.isdigit():  # a plain number would hide counts: it is accounted for by section
            whole.add(profile.methodology_version)
        whole |= {report.linkage.lists.get(language, "")}
        parts = {" ".join(p.split()).casefold() for p in told if len(p.split()) >= _SHORTEST}
        every = parts | {w.casefold() for w in whole if w}
        found = sorted((p for p in every if numbers(p, language)), key=lambda p: (-len(p), p))
        return [re.compile(rf"{_edge(p[0], '<!')}{re.escape(p)}{_edge(p[-1], '!')}") for p in found]


def _edge(letter: str, looking: str) -> str:
    """Where a word must begin or end: where the letter there is one of a word."""
    return rf"(?{looking}\w)" if re.match(r"\w", letter) else ""


def _parts(text: str) -> Iterator[str]:
    """What stands between the places of a text."""
    try:
        return iter([literal.strip() for literal, *_ in Formatter().parse(text) if literal])
    except ValueError:  # a text without places may hold any brace
        return iter([text])


def _texts_of(profile: Profile, language: str) -> Iterator[str]:
    """Everything that a profile's report.toml says in the language."""
    path = profile.folder / "report" / "report.toml"
    if path.is_file():
        yield from _in_language(read_toml(path), language)


def _in_language(given: Any, language: str) -> Iterator[str]:
    if isinstance(given, dict):
        for key, inner in given.items():
            yield from _strings(inner) if key == language else _in_language(inner, language)
    elif isinstance(given, list):
        for inner in given:
            yield from _in_language(inner, language)


def _strings(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, list):
        yield from (text for text in given if isinstance(text, str))


def _labels(profile: Profile, language: str) -> Iterable[str]:
    """What the profile calls things."""
    yield profile.label[language]
    yield profile.organisation[language]
    for party in profile.parties:
        yield from (party.label.get(language, ""), party.long_label.get(language, ""))
    labels = [named.label for named in profile.categories]
    labels += [*(g.label for g in profile.special_groups), *(g.label for g in profile.governorates)]
    yield from (label.get(language, "") for label in labels)
