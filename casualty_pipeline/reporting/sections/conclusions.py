"""Conclusions that the figures support, and recommendations by addressee (C6)."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Block, Bullets, Heading, Item, Paragraph, Section
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.sections.telling import Telling, strong
from casualty_pipeline.reporting.wording import Condition


def conclusions(tell: Telling) -> Section:
    """What the month's figures support, each with the figure that it rests on, and what is asked of whom."""
    language, wording = tell.voice.language, tell.voice.wording
    drawn = tuple(
        Item(_concluded(tell, conclusion.text[language], figure))
        for conclusion in wording.conclusions
        if (figure := _supporting(tell, conclusion.when)) is not None
    )
    blocks: list[Block] = [Heading(tell.say("conclusions"))]
    blocks.append(Bullets(drawn) if drawn else Paragraph(tell.say("no_conclusions")))
    addressed = tuple(
        Item(strong(asked.to[language]), tuple(Item(Markup.escape(text)) for text in asked.items[language]))
        for asked in wording.recommendations
        if not asked.when or any(_supporting(tell, condition) for condition in asked.when)
    )
    if addressed:
        blocks += [Heading(tell.say("recommendations")), Bullets(addressed)]
    return Section("conclusions", tell.say("conclusions_heading"), blocks)


def _supporting(tell: Telling, when: Condition) -> Figure | None:
    """The month's figure of a condition, where it is as large as the condition wants it."""
    figure = tell.figures.find(
        tell.month, when.population, when.party, when.category, demographic=when.demographic, measure=when.measure
    )
    return figure if figure is not None and figure.value >= when.at_least else None


def _concluded(tell: Telling, text: str, figure: Figure) -> Markup:
    """The conclusion, its `{figure}` filled in, then what it rests on."""
    voice = tell.voice
    said = Markup(text).format(figure=voice.stated(figure))  # noqa: S704 - the profile's own text
    basis = tell.say("conclusion_basis", label=voice.figure_label(figure), value=voice.stated(figure))
    return Markup('{} <small class="reference">{}</small>').format(said, basis)
