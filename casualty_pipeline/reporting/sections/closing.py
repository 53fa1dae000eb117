"""How a number is traced, thanks, and how the report is cited."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Code, Heading, Paragraph, Section
from casualty_pipeline.reporting.sections.telling import Telling


def trace(tell: Telling) -> Section:
    """How a reader gets from a number to what it stands on."""
    example = max(
        (tell.figures.get(tell.month, "civilians", p.id) for p in tell.parties("main")),
        key=lambda f: f.value,
        default=None,
    )
    shown = example if example is not None and example.value else tell.figures.get(tell.month, "civilians")
    return Section(
        "trace",
        tell.say("trace_heading"),
        (
            Paragraph(tell.say("trace")),
            Code(f"casualty trace {shown.address}"),
            Paragraph(
                tell.say(
                    "trace_files",
                    csv=Markup('<a href="figures.csv"><bdi>figures.csv</bdi></a>'),
                    xlsx=Markup('<a href="figures.xlsx"><bdi>figures.xlsx</bdi></a>'),
                )
            ),
        ),
    )


def acknowledgements(tell: Telling, title: Markup) -> Section:
    """Thanks to those who made the report possible, and how it is cited."""
    voice, say = tell.voice, tell.say
    cited = say(
        "cite",
        organisation=voice.grammar.capital(voice.organisation),
        title=title.striptags(),
        version=tell.profile.methodology_version,
        digest=tell.report.digest[:12],
    )
    return Section(
        "acknowledgements",
        say("acknowledgements_heading"),
        (Paragraph(say("acknowledgements")), Heading(say("cite_heading")), Paragraph(cited, "cite")),
    )
