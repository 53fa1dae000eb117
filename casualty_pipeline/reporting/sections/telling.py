"""What every section needs: a month's figures, a voice, and phrases that several sections share.

What doesn't belong here: what a section states.
"""

from collections.abc import Callable, Sequence
from datetime import date

from markupsafe import Markup

from casualty_pipeline.profile.loader import Party, SpecialGroup
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.voice import Voice
from casualty_pipeline.reporting.wording import profile_wording

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
        self.tells_since_january = not report.month.endswith("-01")  # in January the month's own total would be repeated

    def say(self, key: str, *, form: str = "other", **values: object) -> Markup:
        """A text, with the places filled in that every section may use."""
        common: dict[str, object] = {
            "month": self.month_name,
            "year": self.year,
            "organisation": self.voice.organisation,
            "country": self.voice.country,
        }
        return self.voice.say(key, form=form, **(common | values))

    def special_groups(self) -> list[SpecialGroup]:
        """The groups with a population of their own, in the profile's order."""
        return sorted(self.profile.special_groups, key=lambda group: group.order)

    def parties(self, kind: str) -> tuple[Party, ...]:
        """Reported parties of a kind, in the profile's order."""
        return tuple(p for p in self.profile.reported_parties() if p.kind == kind)

    def cumulative(self, key: str, population: str) -> tuple[Markup, ...]:
        """The sentence with the total since January, a zero too (R27); none in January, whose own total it would repeat."""
        total = self.figures.get(self.since_january, population)
        if not self.tells_since_january:
            return ()
        return (self.say(key, total=self.voice.word(total)) if total.count else self.zero("cumulative_none", total),)

    def zero(self, key: str, figure: Figure, **values: str) -> Markup:
        """A zero statement. The number isn't written, but the words `{none}` that say it link to its figure."""
        none = self.voice.stated(figure, str(self.say(f"{key}_words", **values).unescape()))
        return self.say(key, none=none, **values)

    def when(self, first: date | None, last: date | None) -> Markup:
        """A date, the first and last possible one, or that it isn't known."""
        first, last = first or last, last or first
        if first is None or last is None:
            return self.say("when_unknown")
        if first == last:
            return self.say("when_day", first=self.voice.grammar.date(first))
        return self.say("when_between", first=self.voice.grammar.date(first), last=self.voice.grammar.date(last))

    def days(self, first: date | None, last: date | None) -> Markup:
        """A date for a table, `2020-03-09` or `2020-03-09/2020-03-10`, which reads alike in every language (ISO 8601)."""
        days = sorted({day.isoformat() for day in (first, last) if day})
        return self.voice.isolated("/".join(days)) if days else self.say("day_unknown")

    def reference(self, kind: str, identifier: str) -> Markup:
        """The id of what was just told."""
        return Markup('<small class="reference">{}</small>').format(self.say(kind, id=self.voice.isolated(identifier)))

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
        return self.voice.period(self.since_january)

    def describe(self, values: Sequence[tuple[str, Figure]]) -> str:
        """What a chart shows, for those who can't see it: the highest, every value above zero, and where there is none."""
        number = self.voice.grammar.number
        some = [(label, figure) for label, figure in values if figure.value]
        none = [label for label, figure in values if not figure.value]
        told = []
        if some:
            most = max(figure.value for _, figure in some)
            highest = self.voice.join([label for label, figure in some if figure.value == most])
            listed = self.say("alt_separator").join(self.say("alt_value", label=n, value=number(f.value)) for n, f in some)
            told += [self.say("alt_highest", labels=highest, value=number(most)), self.say("alt_values", list=listed)]
        if none:
            told.append(self.say("alt_none", labels=self.voice.join(none)))
        return str(Markup(" ").join(told).unescape())

    def demographic_cells(self, count: Figure) -> tuple[Markup, ...]:
        """All, children and women of a toll."""
        return tuple(self.voice.cell(self.figures.among(count, d)) for d in ("all", "child", "woman"))


def strong(text: str) -> Markup:
    """A label set apart."""
    return Markup("<strong>{}</strong>").format(text)
