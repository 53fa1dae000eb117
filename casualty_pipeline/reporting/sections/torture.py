"""Deaths due to torture: by party, the series since January, notable cases."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Block, Bullets, Paragraph, Section
from casualty_pipeline.reporting.sections.cases import cases
from casualty_pipeline.reporting.sections.parties import items
from casualty_pipeline.reporting.sections.series import months
from casualty_pipeline.reporting.sections.telling import Telling


def torture(tell: Telling) -> Section:
    """The month's deaths due to torture, by party, and the series since January."""
    voice = tell.voice
    total = tell.figures.get(tell.month, "torture")
    said = voice.count(total, "person", "oblique")
    lead = (
        tell.say("torture_summary", form=voice.grammar.plural(total.count), persons=said)
        if total.count
        else tell.zero("torture_none", total)
    )
    listed = items(tell, "torture", lambda figure: voice.count(figure, "person", dress=voice.grammar.capital))
    blocks: list[Block] = [
        Paragraph(Markup(" ").join((lead, *tell.cumulative("torture_cumulative", "torture"))), "lead"),
    ]
    blocks += [Paragraph(tell.say("torture_by_party")), Bullets(listed)] if listed else []
    blocks += [months(tell, "torture_title", "torture", {"all": "person"}), *cases(tell, "torture")]
    return Section("torture", tell.say("torture_heading"), blocks)
