"""How a number is traced, with every number that the text states; how a mistake is corrected; thanks; how to cite."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Code, Grid, Heading, Paragraph, Row, Section
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.sections.telling import Telling


def trace(tell: Telling) -> Section:
    """How a reader gets from a number to what it stands on. The last section to be made: it lists what others linked."""
    example = max(
        (tell.figures.get(tell.month, "civilians", p.id) for p in tell.parties("main")),
        key=lambda f: f.value,
        default=None,
    )
    shown = example if example is not None and example.value else tell.figures.get(tell.month, "civilians")
    grid = Grid(
        tell.say("trace_table"),
        tuple(tell.say(column) for column in ("column_figure", "column_value", "column_address")),
        tuple(_row(tell, figure) for figure in tell.voice.linked),
    )
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
            grid,
        ),
    )


def _row(tell: Telling, figure: Figure) -> Row:
    """Where the links of the text lead: the address is the anchor."""
    header = Markup('<span id="{}">{}</span>').format(figure.address, tell.voice.figure_label(figure))
    return Row(header, (tell.voice.cell(figure), tell.voice.isolated(figure.address)))


def corrections(tell: Telling) -> Section:
    """How a mistake is reported, and what becomes of it."""
    return Section("corrections", tell.say("corrections_heading"), (Paragraph(tell.say("corrections")),))


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
