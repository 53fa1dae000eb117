"""What every section needs: a month's figures, a voice, and phrases that several sections share.

What doesn't belong here: what a section states.
"""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from casualty_pipeline.profile.loader import Party, SpecialGroup
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.texts import profile_wording
from casualty_pipeline.reporting.voice import Voice

Phrase = Callable[[Figure], Markup]


class Telling:
    """A month's report in one language."""

    def __init__(self, report: MonthReport, language: str) -> None:
        """Take the report's data."""
        self.report = report
        self.profile = report.profile
        self.voice = Voice(language, report.profile, profile_wording(report.profile))
        self.figures = report.numbers
        self.series = report.series
        self.month = report.month
        self.year = report.month[:4]
        self.since_january = next((f.period for f in self.figures if ".." in f.period), f"{self.year}-01..{self.month}")
        self.month_name = self.voice.grammar.month(report.month)

    def say(self, key: str, **values: object) -> Markup:
        """A text, with the places filled in that every section may use."""
        common = {
            "month": self.month_name,
            "year": self.year,
            "organisation": self.voice.organisation,
            "country": self.voice.country,
        }
        return self.voice.say(key, **(common | values))

    def special_groups(self) -> list[SpecialGroup]:
        """The groups with a population of their own, in the profile's order."""
        return sorted(self.profile.special_groups, key=lambda group: group.order)

    def parties(self, kind: str) -> tuple[Party, ...]:
        """Reported parties of a kind, in the profile's order."""
        return tuple(p for p in self.profile.reported_parties() if p.kind == kind)

    def cumulative(self, key: str, population: str, noun: str = "") -> Markup:
        """The total since January, with its noun where one is given."""
        total = self.figures.get(self.since_january, population)
        said = self.voice.count(total, noun, "oblique") if noun else self.voice.cell(total)
        return self.say(key, total=said)

    def bullet(self, population: str, party: str, phrase: Phrase) -> Markup:
        """A party and what is against it."""
        return self.voice.say(
            "bullet",
            # Who is meant by a party is said once, where its own toll is told.
            label=strong(self.voice.label(party, long=population == "civilians" and "+" not in party)),
            text=phrase(self.figures.get(self.month, population, party)),
        )

    def range(self) -> Markup:
        """`January to March 2020`: what the cumulative figures cover, and nothing else (C5)."""
        first, last = self.since_january.split("..")
        if first == last:
            return Markup.escape(self.voice.grammar.month(last))
        name = self.voice.grammar.month_name
        return self.say("range", first=name(first), last=name(last))

    def describe(self, values: Sequence[tuple[str, Figure]]) -> str:
        """What a chart shows, for those who can't see it."""
        return "; ".join(f"{label}: {self.voice.grammar.number(figure.value)}" for label, figure in values)

    def demographic_cells(self, count: Figure) -> tuple[Markup, ...]:
        """All, children and women of a toll."""
        return tuple(self.voice.cell(self.figures.among(count, d)) for d in ("all", "child", "woman"))


def strong(text: str) -> Markup:
    """A label set apart."""
    return Markup("<strong>{}</strong>").format(text)
