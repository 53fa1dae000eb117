"""Lists by party that several sections share: main parties, joint pairs, other parties by kind."""

from casualty_pipeline.reporting.document import Item
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.sections.telling import Phrase, Telling, strong


def items(tell: Telling, population: str, phrase: Phrase) -> tuple[Item, ...]:
    """Every party with anything against it."""
    return (
        *main_items(tell, population, phrase),
        *joint_items(tell, population, phrase),
        *_other_items(tell, population, phrase),
    )


def main_items(tell: Telling, population: str, phrase: Phrase) -> tuple[Item, ...]:
    """Main parties with anything against them, those beneath them nested."""
    return tuple(
        Item(
            tell.bullet(population, party.id, phrase),
            tuple(
                Item(tell.bullet(population, sub.id, phrase))
                for sub in tell.parties("sub")
                if sub.parent == party.id and tell.figures.get(tell.month, population, sub.id).count
            ),
        )
        for party in tell.parties("main")
        if tell.figures.get(tell.month, population, party.id).count
    )


def joint_items(tell: Telling, population: str, phrase: Phrase) -> tuple[Item, ...]:
    """Joint pairs with anything against them (R13)."""
    return tuple(
        Item(tell.bullet(population, party, phrase)) for party in tell.figures.joint_parties(tell.month, population)
    )


def _other_items(tell: Telling, population: str, phrase: Phrase) -> tuple[Item, ...]:
    """Other parties with anything against them, by kind."""
    return tuple(
        Item(tell.bullet(population, party.id, phrase), kind_items(tell, population, party.id, phrase))
        for party in tell.parties("other")
        if tell.figures.get(tell.month, population, party.id).count
    )


def kind_items(tell: Telling, population: str, party: str, phrase: Phrase) -> tuple[Item, ...]:
    """The kinds of an other party, each with its toll."""
    return tuple(
        Item(tell.voice.say("bullet", label=strong(tell.voice.category(f.category)), text=phrase(f)))
        for f in _kinds(tell, population, party)
    )


def _kinds(tell: Telling, population: str, party: str) -> tuple[Figure, ...]:
    """The figures of a party by category: largest first, then in the profile's order. Zero kinds have no figure."""
    found = (tell.figures.find(tell.month, population, party, c.id) for c in tell.profile.categories)
    order = {c.id: c.order for c in tell.profile.categories}
    return tuple(sorted((f for f in found if f is not None and f.value), key=lambda f: (-f.value, order[f.category])))
