"""Names inside a sentence of one language: parties, places, categories, organisations; and texts filled in.

What doesn't belong here: numbers (`voice.py`).
"""

from functools import cached_property

from markupsafe import Markup

from casualty_pipeline.cleaning.vocabulary import Vocabulary
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Profile, SpecialGroup
from casualty_pipeline.reporting.grammar import Grammar
from casualty_pipeline.reporting.texts import Catalogue
from casualty_pipeline.reporting.wording import Mechanism, PartyWording, ProfileWording

_PLAIN = PartyWording(inline={}, believed={}, hedged=False)


class Names:
    """What a language calls the things of a profile. Raises CasualtyError for a label or a text that is missing."""

    def __init__(self, language: str, profile: Profile, wording: ProfileWording, grammar: Grammar, texts: Catalogue) -> None:
        """Take a language with its grammar and texts."""
        self.language = language
        self.profile = profile
        self.wording = wording
        self.grammar = grammar
        self.texts = texts

    def say(self, key: str, *, form: str = "other", **values: object) -> Markup:
        """A text with its places filled in; plain strings are escaped. `form` is what its words have to agree with.

        Raises CasualtyError for a missing text, or a place that nothing fills.
        """
        try:
            return Markup(self.texts.form(key, form)).format(**values)  # noqa: S704 - our own texts, from templates/text
        except (KeyError, IndexError) as problem:
            raise CasualtyError(f"{self.texts.where}: {key!r} has the place {problem}, which nothing fills") from problem
        except ValueError as problem:
            raise CasualtyError(f"{self.texts.where}: {key!r}: {problem}; a brace of the text is written twice") from problem

    @staticmethod
    def isolated(text: str) -> Markup:
        """Text from data, kept apart from the direction of the text around it."""
        return Markup("<bdi>{}</bdi>").format(text)

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
        """The label of a category."""
        if category not in self.profile.category:
            raise CasualtyError(f"profile {self.profile.id!r} has no category {category!r}: add it to categories.csv")
        return self.profile.category[category].label[self.language]

    def governorate(self, pcode: str) -> str:
        """The label of a governorate, `unknown` too."""
        if pcode == "unknown":
            return str(self.say("unknown_governorate"))
        if pcode not in self.profile.governorate:
            raise CasualtyError(f"profile {self.profile.id!r} has no governorate {pcode!r}: add it to governorates.csv")
        return self.profile.governorate[pcode].label[self.language]

    def place(self, place: str | None, governorate: str) -> Markup:
        """`in Kafrantin, Aleppo governorate`, as far as it is known."""
        region = self.governorate(governorate) if governorate in self.profile.governorate else ""
        if place and region:
            return self.say("where_place", place=self.isolated(place), governorate=region)
        if place:
            return self.say("where_place_only", place=self.isolated(place))
        return self.say("where_governorate", governorate=region) if region else self.say("where_unknown")

    def place_name(self, place: str | None, governorate: str) -> Markup:
        """`Kafrantin, Aleppo`: a place and its governorate for a table, as far as they are known."""
        region = Markup.escape(self.governorate(governorate)) if governorate in self.profile.governorate else ""
        return self.say("place_separator").join(
            part for part in (self.isolated(place) if place else "", region) if part
        ) or self.say("place_unknown")

    def affiliation(self, name: str) -> Markup:
        """An organisation as the profile calls it in this language, else as recorded."""
        words = self.wording.affiliations.get(name)
        return Markup.escape(words[self.language]) if words else self.isolated(name)

    def mechanism(self, mechanism: str | None) -> tuple[str, str]:
        """What an attack is called, and the form of the words that agree with it; a plain attack where nothing is known."""
        named: Mechanism | None = self.wording.mechanisms.get(mechanism or "")
        if named is None:
            return str(self.say("attack")), "other"
        return named.label[self.language], "feminine" if self.language in named.feminine else "other"

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self.profile)

    def control(self, text: str) -> Markup:
        """Who controlled an area: the parties where the profile knows the words, else the words as recorded."""
        parties = self._vocabulary.control(text).value
        if parties is None or "|" in parties:
            return self.say("area_as_recorded", area=self.isolated(text))
        return self.say("area_joint" if "+" in parties else "area", area=self.inline(parties))

    @property
    def organisation(self) -> str:
        """Who documented."""
        return self.profile.organisation[self.language]

    @property
    def country(self) -> str:
        """The name of the country."""
        return self.profile.label[self.language]
