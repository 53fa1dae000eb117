"""The toll by governorate: ranking sentence, map and table."""

from markupsafe import Markup

from casualty_pipeline.reporting import charts
from casualty_pipeline.reporting.document import Block, Grid, Paragraph, Picture, Row
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.sections.telling import Telling


def governorates(tell: Telling, total: Figure) -> list[Block]:
    """The three highest, the map with its table, and a note on how to read it."""
    found = [tell.figures.get(tell.month, "civilians", governorate=g.pcode) for g in tell.profile.governorates]
    unknown = tell.figures.find(tell.month, "civilians", governorate="unknown")
    # A stable sort: governorates with the same toll stay in the profile's order.
    ranked = sorted((f for f in found if f.value), key=lambda f: -f.value)
    name = tell.voice.governorate
    title = tell.say("governorates_title")
    grid = Grid(
        title,
        tuple(tell.say(key) for key in ("column_governorate", "column_civilians", "column_children", "column_women")),
        (
            *(
                Row(Markup.escape(name(f.governorate)), tell.demographic_cells(f))
                for f in [*sorted(found, key=lambda f: -f.value), *([unknown] if unknown else [])]
            ),
            Row(tell.say("row_total"), tell.demographic_cells(total), total=True),
        ),
    )
    picture = Picture(
        charts.tile_map(
            str(title),
            tell.describe([(name(f.governorate), f) for f in found]),
            [
                charts.Tile(g.tile, name(g.pcode), f.count, tell.voice.grammar.number(f.value))
                for g, f in zip(tell.profile.governorates, found, strict=True)
            ],
            str(tell.say("map_zero")),
        ),
        grid,
    )
    blocks: list[Block] = [picture, Paragraph(tell.say("governorates_note"), "note")]
    if ranked:
        top = {
            place: tell.say("ranked_item", governorate=name(f.governorate), count=tell.voice.cell(f))
            for place, f in zip(("first", "second", "third"), ranked, strict=False)
        }
        key = ("ranked_one", "ranked_two", "ranked_three")[len(top) - 1]
        blocks.insert(0, Paragraph(tell.say("governorates_ranking", ranking=tell.say(key, **top))))
    return blocks
