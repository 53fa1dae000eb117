"""Deaths due to torture, and their series since January."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Bullets, Paragraph, Section
from casualty_pipeline.reporting.sections.parties import items
from casualty_pipeline.reporting.sections.series import months
from casualty_pipeline.reporting.sections.telling import Telling


def torture(tell: Telling) -> Section:
    """The month's deaths due to torture, by party, and the series since January."""
    total = tell.figures.get(tell.month, "torture")
    lead = (
        tell.say("torture_summary", persons=tell.voice.count(total, "person", "oblique"))
        if total.count
        else tell.say("torture_none")
    )
    listed = items(tell, "torture", lambda figure: tell.voice.count(figure, "person", dress=tell.voice.grammar.capital))
    return Section(
        "torture",
        tell.say("torture_heading"),
        (
            Paragraph(Markup(" ").join((lead, tell.cumulative("torture_cumulative", "torture"))), "lead"),
            *([Bullets(listed)] if listed else []),
            months(tell, "torture_title", "torture", {"all": "person"}),
        ),
    )
