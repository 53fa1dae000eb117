"""Turns figures and texts into sentences of one language. What belongs here: phrases that several sections share.

What doesn't: which sections there are (`sections`), grammar (`grammar`), names of parties and places (`naming.py`).
Everything that comes back is escaped: texts from data go in as plain strings, and only `Markup` passes unescaped. A number
in text is a link to its figure on the page, around a `<data>` element with its value and its address, so that a reader can
trace it and a program can compare languages (R25, R28).
"""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from casualty_pipeline.profile.loader import Profile, SpecialGroup
from casualty_pipeline.reporting.figures_view import Figure, Numbers
from casualty_pipeline.reporting.grammar import Case, Noun, grammar_of
from casualty_pipeline.reporting.naming import Names
from casualty_pipeline.reporting.texts import catalogue
from casualty_pipeline.reporting.wording import ProfileWording

# What is done to a phrase for its place: a capital at the start of a sentence, those of a title, or nothing.
Dress = Callable[[str], str]


class Voice(Names):
    """One language's way of saying a profile's figures. It remembers which of them it linked."""

    def __init__(self, language: str, profile: Profile, wording: ProfileWording) -> None:
        """Take a language that has a grammar and texts. Raises CasualtyError otherwise."""
        super().__init__(language, profile, wording, grammar_of(language, wording.style.get(language)), catalogue(language))
        self._linked: dict[str, Figure] = {}

    @property
    def linked(self) -> tuple[Figure, ...]:
        """The figures that text has linked so far, in the order in which it came to them."""
        return tuple(self._linked.values())

    @staticmethod
    def marked(figure: Figure, text: str) -> Markup:
        """Words that state a figure, with its value and its address."""
        return Markup('<data value="{}" data-figure="{}" title="{}">{}</data>').format(
            figure.digits, figure.address, figure.address, text
        )

    def stated(self, figure: Figure, text: str = "") -> Markup:
        """Words of a sentence that state a figure (its digits by default), linked to its row on the page."""
        self._linked[figure.address] = figure
        said = self.marked(figure, text or self.number(figure))
        return Markup('<a class="figure" href="#{}">{}</a>').format(figure.address, said)

    def cell(self, figure: Figure) -> Markup:
        """A figure in digits, for tables."""
        return self.marked(figure, self.number(figure))

    def number(self, figure: Figure) -> str:
        """A figure in digits, a percentage with as many decimals as the profile rounds it to."""
        if figure.measure == "percent":
            rule = "party_share" if figure.demographic == "all" else f"{figure.demographic}_share"
            return self.grammar.number(figure.value, self.profile.rounding[rule])
        return self.grammar.number(figure.value)

    def noun(self, name: str) -> Noun:
        """A noun that the language knows."""
        return self.grammar.nouns[name]

    def said(self, value: int, noun: str, case: Case = "nominative") -> str:
        """A number that is no figure, with its noun."""
        return self.grammar.count(value, self.noun(noun), case)

    def count(self, figure: Figure, noun: str, case: Case = "nominative", dress: Dress = str) -> Markup:
        """A figure with its noun."""
        return self.stated(figure, dress(self.said(figure.count, noun, case)))

    def word(self, figure: Figure) -> Markup:
        """A figure as text says it without a noun."""
        return self.stated(figure, self.grammar.word(figure.count))

    def join(self, parts: Sequence[Markup | str]) -> Markup:
        """A list; plain strings are escaped."""
        return Markup(self.grammar.join([Markup.escape(part) for part in parts]))  # noqa: S704 - every part is escaped

    def either(self, parts: Sequence[Markup | str]) -> Markup:
        """Alternatives; plain strings are escaped."""
        return Markup(self.grammar.either([Markup.escape(part) for part in parts]))  # noqa: S704 - every part is escaped

    def children(self, figures: Numbers, child: Figure) -> Markup:
        """`15 children (11 males and four females)` where the sex of every child is known, else `15 children`."""
        boys, girls = (figures.find_among(child, sex) for sex in ("child_male", "child_female"))
        if boys is None or girls is None or boys.count + girls.count != child.count:
            return self.count(child, "child")
        if not girls.count:
            return self.count(boys, "boy")
        if not boys.count:
            return self.count(girls, "girl")
        return self.say(
            "children_by_sex",
            children=self.count(child, "child"),
            list=self.join([self.count(boys, "male"), self.count(girls, "female")]),
        )

    def toll(
        self,
        figures: Numbers,
        total: Figure,
        case: Case = "nominative",
        *,
        dress: Dress = str,
        by_sex: bool = False,
        gloss: bool = False,
    ) -> Markup:
        """`Five civilians, including one child` (R27).

        Clauses of zero are left out; where all are children, or all women, they alone are named. `by_sex` tells boys
        and girls apart, `gloss` says who counts as a woman.
        """
        child, woman = (figures.among(total, demographic) for demographic in ("child", "woman"))
        if total.count and total.count == child.count:
            return self.count(child, "child", case, dress)
        if total.count and total.count == woman.count:
            return self.count(woman, "woman", case, dress)
        clauses: list[Markup] = []
        if child.count:
            clauses.append(self.children(figures, child) if by_sex else self.count(child, "child"))
        if woman.count:
            women, adult = self.count(woman, "woman"), self.grammar.form(woman.count, self.noun("adult_female"))
            clauses.append(self.say("women_gloss", women=women, adult=adult) if gloss else women)
        return self.including(total.count, self.count(total, "civilian", case, dress), clauses)

    def including(self, value: int, toll: Markup | str, clauses: Sequence[Markup | str]) -> Markup:
        """`two civilians, including one child`: the pronoun agrees with how many they are."""
        if not clauses:
            return Markup.escape(toll)
        return self.say("including", form=self.grammar.plural(value), toll=toll, list=self.join(clauses))

    def record_toll(self, case: Case, *, civilians: int, children: int, boys: int, girls: int, women: int) -> Markup:
        """The toll of one incident, from its record: `15 civilians, including two female children and seven women`."""
        clauses: list[str] = []
        if civilians and civilians == children:
            return Markup.escape(self.said(children, _child(children, boys, girls), case))
        if civilians and civilians == women:
            return Markup.escape(self.said(women, "woman", case))
        if children and boys and girls and boys + girls == children:
            sexes = self.grammar.join([self.said(boys, "male"), self.said(girls, "female")])
            clauses.append(str(self.say("children_by_sex", children=self.said(children, "child"), list=sexes)))
        elif children:
            clauses.append(self.said(children, _child(children, boys, girls)))
        if women:
            clauses.append(self.said(women, "woman"))
        return self.including(civilians, self.said(civilians, "civilian", case), clauses)

    def members(self, figure: Figure, group: SpecialGroup, case: Case = "nominative", dress: Dress = str) -> Markup:
        """`two medical personnel`; a language without the noun says `two of the medical personnel`."""
        one, many = group.member_one.get(self.language, ""), group.member_many.get(self.language, "")
        if one and many:
            text = self.grammar.count(figure.count, Noun((one, many)), case)
        else:
            text = self.grammar.part_of(figure.count, group.label[self.language], case)
        return self.stated(figure, dress(text))

    def population(self, population: str) -> str:
        """The name of who or what is counted."""
        groups = {group.id: group.label[self.language] for group in self.profile.special_groups}
        return groups.get(population) or str(self.say(f"population_{population}"))

    def figure_label(self, figure: Figure) -> Markup:
        """What a figure counts, in words; its period only where that is a range of months."""
        parts = [self.population(figure.population)]
        if figure.party:
            parts.append(self.label(figure.party))
        if figure.category:
            parts.append(self.category(figure.category))
        if figure.governorate:
            parts.append(self.governorate(figure.governorate))
        if figure.demographic != "all":
            parts.append(str(self.say(f"demographic_{figure.demographic}")))
        if figure.measure == "percent":
            parts.append(str(self.say("measure_percent")))
        if ".." in figure.period:
            parts.append(str(self.period(figure.period)))
        return Markup(" · ").join(parts)

    def period(self, period: str) -> Markup:
        """`March 2020`, `January to March 2020`."""
        first, last = period.split("..") if ".." in period else (period, period)
        if first == last:
            return Markup.escape(self.grammar.month(last))
        name = self.grammar.month_name
        return self.say("range", first=name(first), last=name(last), year=last[:4])


def _child(children: int, boys: int, girls: int) -> str:
    """The noun for children who may all be of one sex."""
    return "boy" if boys == children else "girl" if girls == children else "child"
