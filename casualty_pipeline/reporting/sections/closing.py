"""How a number is traced, with every number that the text states; how a mistake is corrected; thanks; how to cite."""

from markupsafe import Markup

from casualty_pipeline.figures.registry import populations
from casualty_pipeline.reporting.document import Block, Code, Grid, Heading, Paragraph, Row, Section
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
            *linked_figures(tell),
        ),
    )


def linked_figures(tell: Telling) -> tuple[Block, ...]:
    """What the links of the text lead to: each figure with the command that traces it, then what is counted, defined.

    To be asked for when all else of the page is made.
    """
    figures = Grid(
        tell.say("trace_table"),
        tuple(tell.say(column) for column in ("column_figure", "column_value", "figure_trace")),
        tuple(_row(tell, figure) for figure in tell.voice.linked),
    )
    rows = [Row(_defined(tell, name), (text,)) for name, text in _definitions(tell).items()]
    columns = tuple(tell.say(column) for column in ("column_figure", "figure_definition"))
    return figures, Grid(tell.say("definitions_table"), columns, tuple(rows))


def _row(tell: Telling, figure: Figure) -> Row:
    """Where a link of the text leads: the address is the anchor. The label leads on to the definition."""
    told = (figure.address, figure.population, tell.voice.figure_label(figure))
    header = Markup('<a id="{}" href="#definition-{}">{}</a>').format(*told)
    return Row(header, (tell.voice.cell(figure), tell.voice.isolated(f"casualty trace {figure.address}")))


def _defined(tell: Telling, population: str) -> Markup:
    return Markup('<span id="definition-{}">{}</span>').format(population, tell.voice.population(population))


def _definitions(tell: Telling) -> dict[str, Markup]:
    """What each population of the figures counts, as the profile's settings have it."""
    counting, say, told = tell.profile.counting, tell.say, dict[str, Markup]()
    groups = {group.id for group in tell.profile.special_groups}
    threshold = tell.voice.said(counting.massacre_threshold, "civilian", "oblique")
    place = "inside" if counting.counts_in_civilian_total else "beside"
    for name in populations(tell.profile):
        told[name] = say("definition_group" if name in groups else f"definition_{name}", threshold=threshold)
    torture = [told["torture"], say(f"definition_torture_{place}")]
    torture += [say("definition_torture_combatants")] if counting.torture_includes_combatants else []
    told["torture"] = Markup(" ").join(torture)
    age = tell.voice.grammar.number(counting.adult_age)
    told["civilians"] = Markup(" ").join((told["civilians"], say("definition_demographics", age=age)))
    return told


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
