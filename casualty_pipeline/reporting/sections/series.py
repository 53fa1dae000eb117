"""Bars by month since January, as a chart and a table."""

from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.reporting import charts
from casualty_pipeline.reporting.document import Block, Grid, Picture, Row
from casualty_pipeline.reporting.sections.telling import Telling


def months(tell: Telling, key: str, population: str, demographics: dict[str, str]) -> Block:
    """Bars by month since January. `demographics` are those shown, each with its noun."""
    given = sorted({f.period for f in tell.series if f.population == population and ".." not in f.period and not f.party})
    if not given:
        raise CasualtyError(
            f"{tell.month}: no figures by month of {population!r}: expected one for each month since January"
        )
    grammar = tell.voice.grammar
    drawn: list[charts.Bar] = []
    rows, described = [], []
    for month in given:
        found = {d: tell.series.get(month, population, demographic=d) for d in demographics}
        for number, (demographic, noun) in enumerate(demographics.items()):
            figure = found[demographic]
            drawn.append(
                charts.Bar(
                    figure.value,
                    grammar.capital(grammar.count(figure.count, tell.voice.noun(noun)))
                    if figure.count
                    else grammar.number(figure.value),
                    charts.SERIES[number],
                    grammar.month_name(month) if number == 0 else "",
                )
            )
        described.append((grammar.month_name(month), found["all"]))
        rows.append(
            Row(
                Markup.escape(grammar.month_name(month)),
                tuple(tell.voice.cell(f) for f in found.values()),
            )
        )
    total = tell.figures.get(tell.since_january, population)
    rows.append(
        Row(
            tell.say("row_total"),
            tuple(tell.voice.cell(tell.figures.among(total, d)) for d in demographics),
            total=True,
        )
    )
    title = tell.say(key, range=tell.range())
    columns = {"civilian": "civilians", "child": "children", "woman": "women", "person": "persons"}
    grid = Grid(
        title,
        (
            tell.say("column_month"),
            *(tell.say(f"column_{columns.get(noun, 'massacres')}") for noun in demographics.values()),
        ),
        tuple(rows),
    )
    return Picture(charts.bars(str(title), tell.describe(described), drawn, grammar.direction), grid)
