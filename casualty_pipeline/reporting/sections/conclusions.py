"""Conclusions that the figures support, and recommendations by addressee (C6)."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Block, Bullets, Heading, Item, Paragraph, Section
from casualty_pipeline.reporting.sections.telling import Telling, strong


def conclusions(tell: Telling) -> Section:
    """What the month's figures support, and what is asked of whom."""
    language, wording = tell.voice.language, tell.voice.wording

    def counted(population: str, party: str, category: str = "", demographic: str = "all") -> bool:
        figure = tell.figures.find(tell.month, population, party, category, demographic=demographic)
        return figure is not None and figure.value > 0

    drawn = tuple(
        Item(Markup.escape(c.text[language]))
        for c in wording.conclusions
        if counted(c.population, c.party, c.category, c.demographic)
    )
    blocks: list[Block] = [Heading(tell.say("conclusions"))]
    blocks.append(Bullets(drawn) if drawn else Paragraph(tell.say("no_conclusions")))
    addressed = tuple(
        Item(strong(r.to[language]), tuple(Item(Markup.escape(text)) for text in r.items[language]))
        for r in wording.recommendations
        if not r.party or counted("civilians", r.party) or counted("torture", r.party)
    )
    if addressed:
        blocks += [Heading(tell.say("recommendations")), Bullets(addressed)]
    return Section("conclusions", tell.say("conclusions_heading"), blocks)
