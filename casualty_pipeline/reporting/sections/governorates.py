"""The toll by governorate: ranking sentence, map and table."""

from itertools import groupby

from markupsafe import Markup

from casualty_pipeline.reporting import maps
from casualty_pipeline.reporting.document import Block, Grid, Paragraph, Picture, Row
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.sections.telling import Telling

_PLACES = 3
_NAMED = 4


def governorates(tell: Telling, total: Figure, key: str = "governorates_title") -> list[Block]:
    """The three highest, the map with its table, and a note on how to read it. `key`: the text of the map's title."""
    found = [tell.figures.get(tell.month, "civilians", governorate=g.pcode) for g in tell.profile.governorates]
    unknown = tell.figures.find(tell.month, "civilians", governorate="unknown")
    # A stable sort: governorates with the same toll stay in the profile's order.
    ranked = sorted((f for f in found if f.value), key=lambda f: -f.value)
    name = tell.voice.governorate
    title = tell.say(key)
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
        maps.region_map(
            str(title),
            tell.describe([(name(f.governorate), f) for f in found]),
            tell.profile,
            [
                maps.Region(g.pcode, g.tile, name(g.pcode), f.count, tell.voice.grammar.number(f.value))
                for g, f in zip(tell.profile.governorates, found, strict=True)
            ],
            str(tell.say("map_zero")),
        ),
        grid,
    )
    blocks: list[Block] = [picture, Paragraph(tell.say("governorates_note"), "note")]
    if ranked:
        blocks.insert(0, Paragraph(_ranking(tell, ranked)))
    return blocks


def _ranking(tell: Telling, ranked: list[Figure]) -> Markup:
    """The highest tolls: governorates with the same toll stand on one place; whole places, of up to four governorates."""
    places: list[list[Figure]] = []
    for _, tied in groupby(ranked, key=lambda f: f.value):
        place = list(tied)
        if places and (len(places) == _PLACES or sum(map(len, places)) + len(place) > _NAMED):
            break
        places.append(place)
    said = {
        ordinal: tell.voice.join(
            [
                tell.say("ranked_item", governorate=tell.voice.governorate(f.governorate), count=tell.voice.stated(f))
                for f in place
            ]
        )
        for ordinal, place in zip(("first", "second", "third"), places, strict=False)
    }
    return tell.say(("ranked_one", "ranked_two", "ranked_three")[len(said) - 1], **said)
