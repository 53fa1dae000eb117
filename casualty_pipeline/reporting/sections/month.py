"""The order of the monthly report's sections, and its title line."""

from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting.document import Document
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.sections.closing import acknowledgements, corrections, trace
from casualty_pipeline.reporting.sections.conclusions import conclusions
from casualty_pipeline.reporting.sections.frame import page
from casualty_pipeline.reporting.sections.groups import special_groups
from casualty_pipeline.reporting.sections.introduction import introduction
from casualty_pipeline.reporting.sections.massacres import massacres
from casualty_pipeline.reporting.sections.restatements import restatements
from casualty_pipeline.reporting.sections.telling import Telling
from casualty_pipeline.reporting.sections.toll import toll
from casualty_pipeline.reporting.sections.torture import torture


class MonthPage:
    """A month's report in one language."""

    def __init__(self, report: MonthReport, language: str) -> None:
        """Take the report's data.

        Raises CasualtyError when the massacres that would be told are not as many as those counted (C4).
        """
        self._tell = Telling(report, language)
        counted = report.numbers.get(report.month, "massacres").count
        if counted != len(report.massacres):
            raise CasualtyError(
                f"{report.month}: the figures count {counted} massacres, but {len(report.massacres)} are told of: "
                f"expected the same; compute the month's figures again"
            )

    def document(self) -> Document:
        """The whole page."""
        tell = self._tell
        title, subtitle = _title(tell)
        sections = (
            introduction(tell),
            toll(tell),
            torture(tell),
            special_groups(tell),
            massacres(tell),
            restatements(tell),
            conclusions(tell),
            corrections(tell),
            acknowledgements(tell, title),
            trace(tell),
        )
        return page(
            tell.voice, tell.report, "report", sections, kind=tell.say("report_kind"), title=title, subtitle=subtitle
        )


def _title(tell: Telling) -> tuple[Markup, Markup]:
    """Title and subtitle: the total, the special groups among it (else children and women), massacres, torture."""
    voice, title = tell.voice, tell.voice.grammar.title
    total, massacred, tortured = (
        tell.figures.get(tell.month, population) for population in ("civilians", "massacres", "torture")
    )
    among = [
        voice.members(figure, group, dress=title)
        for group in tell.special_groups()
        if (figure := tell.figures.get(tell.month, group.id)).count
    ] or [
        voice.count(figure, noun, dress=title)
        for noun in ("child", "woman")
        if (figure := tell.figures.get(tell.month, "civilians", demographic=noun)).count
    ]
    heading = tell.zero("title_none", total)
    if total.count:
        said = voice.count(total, "civilian", "oblique", title)
        heading = tell.say("title_among" if among else "title", toll=voice.including(total.count, said, among))
    parts = []
    if massacred.count:
        parts.append(voice.count(massacred, "massacre", "oblique", title))
    if tortured.count:
        parts.append(voice.say("title_torture", persons=voice.count(tortured, "person", "oblique", title)))
    return heading, voice.say("subtitle", list=voice.join(parts)) if parts else Markup()
