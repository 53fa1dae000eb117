"""Draws maps of a profile's regions. What belongs here: projection, classes, labels. What doesn't: wording, boundaries.

A profile with boundaries (`profile/boundaries.py`) gets a map of them, one without a map of tiles. Geography is never
mirrored, whichever way a language reads.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from markupsafe import Markup

from casualty_pipeline.profile.boundaries import Polygon, boundaries, holds, label_places
from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.profile.outlines import Point, signed_area
from casualty_pipeline.reporting.canvas import EDGE, INK, MUTED, WIDTH, Area, Box, Label, Mark, Stroke, svg

ZERO = "#ffffff"
# Light to dark, one hue. Black text reads on the first two, white on the others: at least 4.5:1.
CLASSES = (("#cfdfec", INK), ("#93b8d6", INK), ("#3f74a3", "#ffffff"), ("#17406b", "#ffffff"))
_MARGIN = 58  # left of the map, for the labels of small regions by the sea
_GRAIN = 0.4  # units that positions are rounded to: an official file of a million points draws as fast as ours
_STEPS = 16  # of the grid on which the middle of a region is looked for

Projection = Callable[[Point], Point]


@dataclass(frozen=True)
class Region:
    """One region of a map: its p-code, its (column, row) on a map of tiles, its name, its value and how that is written."""

    pcode: str
    tile: tuple[int, int]
    name: str
    value: int
    text: str


def region_map(title: str, description: str, profile: Profile, regions: Sequence[Region], zero: str) -> Markup:
    """The profile's regions in up to four classes and one of its own for zero, which `zero` names in the legend.

    Each is labelled with its name and number, a small one beside the map with a line to it. Raises CasualtyError where
    the boundary file can't be used.
    """
    if profile.boundaries is None:
        marks, bottom = _tiles(regions)
    else:
        marks, bottom = _shapes(profile, regions)
    return svg(title, description, [*marks, *_legend(regions, zero, bottom + 12)], bottom + 28)


def place_map(title: str, description: str, profile: Profile, pcode: str, place: Point | None, name: str) -> Markup:
    """Where something happened: the profile's regions, one shaded, and a dot with its name at `place` (longitude, latitude).

    A profile without boundaries, or an event without a place, has no dot. Raises CasualtyError as `region_map` does.
    """
    fill = CLASSES[0][0]
    if profile.boundaries is None:
        regions = [Region(g.pcode, g.tile, g.iso, int(g.pcode == pcode), "") for g in profile.governorates]
        tiles, bottom = _tiles(regions)
        return svg(title, description, tiles, bottom)
    drawn, to_canvas, height = _drawing(tuple(boundaries(profile).items()))
    areas = [Area(shape, fill if region == pcode else ZERO) for region, (shape, _) in drawn.items()]
    marks: list[Mark] = [*sorted(areas, key=lambda area: -_size(area))]
    if place is not None:
        x, y = to_canvas(place)
        left = x > WIDTH / 2
        marks.append(Box(x - 3, y - 3, x + 3, y + 3, "#7a1f00"))
        marks.append(Label(x + (-7 if left else 7), y, name, "right" if left else "left", 12, "bold"))
    return svg(title, description, marks, height)


def _shapes(profile: Profile, regions: Sequence[Region]) -> tuple[list[Mark], float]:
    drawn, to_canvas, height = _drawing(tuple(boundaries(profile).items()))
    classes, places = _classes(max(region.value for region in regions)), label_places(profile)
    areas, labels = list[Area](), list[Mark]()
    for region in regions:
        fill, ink = _shade(region.value, classes)
        shape, middle = drawn[region.pcode]
        areas.append(Area(shape, fill))
        given = places.get(region.pcode)
        place = to_canvas(given) if given else middle
        labels += _label(region, ink, place, None if not given or holds(shape, place) else middle)
    # The largest first: whatever lies inside another is drawn above it, even where a file leaves no hole for it.
    return [*sorted(areas, key=lambda area: -_size(area)), *labels], height


@lru_cache(maxsize=4)
def _drawing(
    given: tuple[tuple[str, tuple[Polygon, ...]], ...],
) -> tuple[Mapping[str, tuple[tuple[Polygon, ...], Point]], Projection, float]:
    """Every region on the canvas with its middle, the projection, and the height: the same for every month and language."""
    to_canvas, height = _projection([polygon for _, polygons in given for polygon in polygons])
    shapes = {pcode: _drawn(polygons, to_canvas) for pcode, polygons in given}
    return {pcode: (shape, _middle(shape)) for pcode, shape in shapes.items()}, to_canvas, height


def _drawn(polygons: Sequence[Polygon], to_canvas: Projection) -> tuple[Polygon, ...]:
    """Polygons on the canvas, without islands and holes too small to be seen."""
    drawn = [[_thinned([to_canvas(point) for point in ring]) for ring in polygon] for polygon in polygons]
    shape = tuple(tuple(ring for ring in polygon if len(ring) > 3) for polygon in drawn if len(polygon[0]) > 3)
    # A region smaller than a grain is a dot: it can be labelled all the same.
    return shape or ((drawn[0][0],),)


def _label(region: Region, ink: str, at: Point, led_to: Point | None) -> list[Mark]:
    """Name and number around a place, or beside it with a line to the region."""
    x, y = at
    if led_to is None:
        return [Label(x, y - 6, region.name, "center", 9, fill=ink), Label(x, y + 6, region.text, "center", 12, "bold", ink)]
    left = x < led_to[0]
    gap = 3 if left else -3
    return [
        Stroke(x + gap, y, *led_to),
        Box(led_to[0] - 1.2, led_to[1] - 1.2, led_to[0] + 1.2, led_to[1] + 1.2, INK),
        Label(x, y - 6, region.name, "right" if left else "left", 9),
        Label(x, y + 6, region.text, "right" if left else "left", 12, "bold"),
    ]


def _projection(polygons: Sequence[Polygon]) -> tuple[Projection, float]:
    """Equal areas: a cylinder that is true to scale at the country's middle latitude. Also the height that it takes."""
    points = [point for polygon in polygons for point in polygon[0]]
    west, east = (f(p[0] for p in points) for f in (min, max))
    south, north = (f(p[1] for p in points) for f in (min, max))
    true = math.cos(math.radians((south + north) / 2))

    def plane(point: Point) -> Point:
        return math.radians(point[0]) * true, math.sin(math.radians(point[1])) / true

    (left, top), (right, bottom) = plane((west, north)), plane((east, south))
    scale = (WIDTH - _MARGIN - 2) / (right - left)

    def to_canvas(point: Point) -> Point:
        x, y = plane(point)
        return _round(_MARGIN + (x - left) * scale), _round(2 + (top - y) * scale)

    return to_canvas, 4 + (top - bottom) * scale


def _round(value: float) -> float:
    return round(round(value / _GRAIN) * _GRAIN, 1)


def _thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    """A closed ring without points that fall on the one before, or on a straight line between their neighbours."""
    ring = [points[0], *(b for a, b in pairwise(points) if a != b)]
    corners = [b for a, b, c in zip(ring, ring[1:], ring[2:], strict=False) if abs(_turn(a, b, c)) > _GRAIN**2 / 2]
    return (ring[0], *corners, ring[-1]) if len(ring) > 1 else tuple(ring)


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])


def _size(area: Area) -> float:
    return sum(abs(signed_area(polygon[0])) for polygon in area.polygons)


def _middle(polygons: Sequence[Polygon]) -> Point:
    """The point of a grid over the region that lies furthest from its border."""
    points = [point for polygon in polygons for ring in polygon for point in ring]
    edges = [edge for polygon in polygons for ring in polygon for edge in pairwise(ring)]
    west, south = min(p[0] for p in points), min(p[1] for p in points)
    east, north = max(p[0] for p in points), max(p[1] for p in points)
    grid = [
        (west + (east - west) * (i + 0.5) / _STEPS, south + (north - south) * (j + 0.5) / _STEPS)
        for i in range(_STEPS)
        for j in range(_STEPS)
    ]
    inside = [point for point in grid if holds(polygons, point)] or [points[0]]
    return max(inside, key=lambda point: min(_distance(point, *edge) for edge in edges))


def _distance(point: Point, a: Point, b: Point) -> float:
    (x, y), (dx, dy) = point, (b[0] - a[0], b[1] - a[1])
    along = max(0.0, min(1.0, ((x - a[0]) * dx + (y - a[1]) * dy) / ((dx * dx + dy * dy) or 1)))
    return math.hypot(x - a[0] - along * dx, y - a[1] - along * dy)


def _tiles(regions: Sequence[Region]) -> tuple[list[Mark], float]:
    """Equal tiles, one for each region."""
    columns = 1 + max(region.tile[0] for region in regions)
    rows = sorted({region.tile[1] for region in regions})
    side = WIDTH / columns
    classes = _classes(max(region.value for region in regions))
    marks: list[Mark] = []
    for region in regions:
        x, y = region.tile[0] * side, (region.tile[1] - rows[0]) * side
        fill, ink = _shade(region.value, classes)
        marks.append(Box(x + 1, y + 1, x + side - 1, y + side - 1, fill, EDGE))
        first, _, rest = region.name.partition(" ")
        for line, word in enumerate((first, rest) if rest else (first,)):
            marks.append(Label(x + side / 2, y + 12 + 10 * line, word, "center", 9, fill=ink))
        marks.append(Label(x + side / 2, y + side - 15, region.text, "center", 15, "bold", ink))
    return marks, (rows[-1] - rows[0] + 1) * side


def _legend(regions: Sequence[Region], zero: str, y: float) -> list[Mark]:
    classes = _classes(max(region.value for region in regions))
    named = [(ZERO, zero)] + [
        (CLASSES[n][0], str(high) if low == high else f"{low}–{high}") for n, (low, high) in enumerate(classes)
    ]
    marks: list[Mark] = []
    for number, (fill, text) in enumerate(named):
        x = number * WIDTH / 5
        marks.append(Box(x + 1, y, x + 13, y + 12, fill, EDGE))
        marks.append(Label(x + 17, y + 6, text, size=10, fill=MUTED))
    return marks


def _classes(highest: int) -> list[tuple[int, int]]:
    """Up to four classes of whole numbers, (lowest, highest) of each, as even as they can be: none is empty."""
    count = min(len(CLASSES), highest)
    limits = [highest * number // count for number in range(count + 1)] if count else []
    return [(low + 1, high) for low, high in pairwise(limits)]


def _shade(value: int, classes: Sequence[tuple[int, int]]) -> tuple[str, str]:
    for (low, high), shade in zip(classes, CLASSES, strict=False):
        if low <= value <= high:
            return shade
    return ZERO, MUTED
