"""Turns figures and texts into sentences of one language. What belongs here: phrases that several sections share.

What doesn't: which sections there are (`sections.py`), grammar (`grammar.py`). Everything that comes back is escaped:
texts from data go in as plain strings, and only `Markup` passes unescaped. A number in text is a `<data>` element that
carries its value and its figure's address, so that a reader can trace it and a program can compare languages (R28).
"""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Profile, SpecialGroup
from casualty_pipeline.reporting.figures_view import Figure, Numbers
from casualty_pipeline.reporting.grammar import Case, Noun, grammar_of
from casualty_pipeline.reporting.texts import PartyWording, ProfileWording, catalogue

# What is done to a phrase for its place: a capital at the start of a sentence, those of a title, or nothing.
Dress = Callable[[str], str]
_PLAIN = PartyWording(inline={}, believed={}, hedged=False)


class Voice:
    """One language's way of saying a profile's figures."""

    def __init__(self, language: str, profile: Profile, wording: ProfileWording) -> None:
        """Take a language that has a grammar and texts. Raises CasualtyError otherwise."""
        self.language = language
        self.profile = profile
        self.wording = wording
        self.grammar = grammar_of(language)
        self.texts = catalogue(language)

    def say(self, key: str, **values: object) -> Markup:
        """A text with its places filled in; plain strings are escaped.

        Raises CasualtyError for a missing text, or a place that nothing fills.
        """
        try:
            return Markup(self.texts[key]).format(**values)  # noqa: S704 - our own texts, from templates/text
        except (KeyError, IndexError) as problem:
            raise CasualtyError(
                f"templates/text/{self.language}.toml: {key!r} has the place {problem}, which nothing fills"
            ) from problem

    @staticmethod
    def isolated(text: str) -> Markup:
        """Text from data, kept apart from the direction of the text around it."""
        return Markup("<bdi>{}</bdi>").format(text)

    @staticmethod
    def marked(figure: Figure, text: str) -> Markup:
        """Words that state a figure, with its value and its address."""
        return Markup('<data value="{}" data-figure="{}" title="{}">{}</data>').format(
            figure.digits, figure.address, figure.address, text
        )

    def cell(self, figure: Figure) -> Markup:
        """A figure in digits."""
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

    def count(self, figure: Figure, noun: str, case: Case = "nominative", dress: Dress = str) -> Markup:
        """A figure with its noun."""
        text = self.grammar.count(figure.count, self.noun(noun), case)
        return self.marked(figure, dress(text))

    def join(self, parts: Sequence[Markup | str]) -> Markup:
        """A list; plain strings are escaped."""
        return Markup(self.grammar.join([Markup.escape(part) for part in parts]))  # noqa: S704 - every part is escaped

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
            women = self.count(woman, "woman")
            clauses.append(self.say("women_gloss", women=women) if gloss else women)
        civilians = self.count(total, "civilian", case, dress)
        return self.say("including", toll=civilians, list=self.join(clauses)) if clauses else civilians

    def record_toll(self, case: Case, *, civilians: int, children: int, boys: int, girls: int, women: int) -> Markup:
        """The toll of one incident, from its record: `15 civilians, including two female children and seven women`."""

        def said(value: int, noun: str) -> str:
            return self.grammar.count(value, self.noun(noun))

        clauses: list[str] = []
        if children and boys + girls == children:
            if boys and girls:
                sexes = self.grammar.join([said(boys, "male"), said(girls, "female")])
                clauses.append(str(self.say("children_by_sex", children=said(children, "child"), list=sexes)))
            else:
                clauses.append(said(children, "boy" if boys else "girl"))
        elif children:
            clauses.append(said(children, "child"))
        if women:
            clauses.append(said(women, "woman"))
        total = self.grammar.count(civilians, self.noun("civilian"), case)
        return self.say("including", toll=total, list=self.grammar.join(clauses)) if clauses else Markup.escape(total)

    def members(self, figure: Figure, group: SpecialGroup, case: Case = "nominative", dress: Dress = str) -> Markup:
        """`two medical personnel`; a language without the noun says `two of the medical personnel`."""
        one, many = group.member_one.get(self.language, ""), group.member_many.get(self.language, "")
        if one and many:
            text = self.grammar.count(figure.count, Noun((one, many)), case)
        else:
            text = self.grammar.part_of(figure.count, group.label[self.language], case)
        return self.marked(figure, dress(text))

    def group(self, group: SpecialGroup) -> str:
        """The name of a special group inside a sentence."""
        return group.member_many.get(self.language, "") or group.label[self.language]

    def _party(self, party: str) -> PartyWording:
        return self.wording.parties.get(party, _PLAIN)

    def label(self, party: str, long: bool = False) -> str:
        """The name of a party, or of a joint pair, that stands by itself."""
        return self.profile.party_label(party, self.language, long)

    def inline(self, party: str) -> str:
        """The name of a party, or of a joint pair, inside a sentence."""
        return self.grammar.join(
            [self._party(part).inline.get(self.language) or self.label(part) for part in party.split("+")]
        )

    def believed(self, party: str) -> Markup:
        """The hedged name of a party: `forces which we believe were Russian` (R16)."""
        words = self._party(party).believed.get(self.language)
        return Markup.escape(words) if words else self.say("believed", party=self.inline(party))

    def hedged(self, party: str) -> bool:
        """Whether the party's toll says that it is believed."""
        return self._party(party).hedged

    def category(self, category: str) -> str:
        """The label of a category. Raises CasualtyError for one that the profile doesn't define."""
        if category not in self.profile.category:
            raise CasualtyError(f"profile {self.profile.id!r} has no category {category!r}: add it to categories.csv")
        return self.profile.category[category].label[self.language]

    def governorate(self, pcode: str) -> str:
        """The label of a governorate, `unknown` too. Raises CasualtyError for one that the profile doesn't define."""
        if pcode == "unknown":
            return str(self.say("unknown_governorate"))
        if pcode not in self.profile.governorate:
            raise CasualtyError(f"profile {self.profile.id!r} has no governorate {pcode!r}: add it to governorates.csv")
        return self.profile.governorate[pcode].label[self.language]

    @property
    def organisation(self) -> str:
        """Who documented."""
        return self.profile.organisation[self.language]

    @property
    def country(self) -> str:
        """The name of the country."""
        return self.profile.label[self.language]
