"""Turns marks at stated positions into SVG. What belongs here: Vega-Lite. What doesn't: which marks a chart is made of.

vl-convert lays out text by the fonts of the machine. So that the bytes are the same everywhere, a chart is drawn on a
canvas of fixed size at stated positions and nothing is measured. Text stays text: the browser shapes Arabic. The Vega-Lite
is written out: for marks at stated positions, Altair would take longer to put it together than Vega takes to draw it.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from markupsafe import Markup

WIDTH = 360  # a phone: on wider screens the style sheet scales it up
INK = "#1a1a1a"
MUTED = "#5c5c5c"
EDGE = "#8a8a8a"
Align = Literal["left", "center", "right"]
_AT: dict[str, Any] = {"type": "quantitative", "scale": None, "axis": None}
_AS_IS: dict[str, Any] = {"type": "nominal", "scale": None, "legend": None}


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    x2: float
    y2: float
    fill: str
    stroke: str = "transparent"


@dataclass(frozen=True)
class Area:
    """A region: polygons of rings of (x, y), the outer ring first."""

    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
    fill: str
    stroke: str = EDGE


@dataclass(frozen=True)
class Stroke:
    """A straight line."""

    x: float
    y: float
    x2: float
    y2: float
    stroke: str = MUTED


@dataclass(frozen=True)
class Label:
    """A line of text, its middle at `y`."""

    x: float
    y: float
    text: str
    align: Align = "left"
    size: int = 12
    weight: Literal["normal", "bold"] = "normal"
    fill: str = INK


Mark = Box | Area | Stroke | Label


def isolated(text: str) -> str:
    """Text that runs from right to left whatever it begins with: the drawing's own direction stays left to right."""
    return f"\u2067{text}\u2069"


def svg(title: str, description: str, marks: Sequence[Mark], height: float) -> Markup:
    """One image for assistive technology: its title, its description, and marks of one kind above those of the last.

    The same marks give the same bytes, whatever fonts the machine has.
    """
    import vl_convert

    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "layer": [
            *_areas([mark for mark in marks if isinstance(mark, Area)]),
            *_boxes([mark for mark in marks if isinstance(mark, Box)]),
            *_strokes([mark for mark in marks if isinstance(mark, Stroke)]),
            *_labels([mark for mark in marks if isinstance(mark, Label)]),
        ],
        "width": WIDTH,
        "height": height,
        "padding": 0,
        "autosize": "none",
        "background": "transparent",
        "config": {"view": {"stroke": None}},
    }
    drawn: str = vl_convert.vegalite_to_svg(chart)
    opening = Markup(
        '<svg class="chart" role="img" font-family="sans-serif" viewBox="0 0 {} {}" xmlns="http://www.w3.org/2000/svg">'
        "<title>{}</title><desc>{}</desc>"
    ).format(WIDTH, f"{height:g}", title, description)
    body = re.sub(r"^<svg[^>]*>", "", drawn)
    # The font is the style sheet's, or any without serifs: with none named, what draws SVG elsewhere drops all text in
    # silence. Vega's roles describe a chart to be explored; ours is one image, its table beside it.
    body = re.sub(r' (?:font-family|role|aria-roledescription|aria-hidden|aria-label)="[^"]*"', "", body)
    return opening + Markup(body)  # noqa: S704 - vl-convert escapes the text that it draws


def _areas(areas: Sequence[Area]) -> list[dict[str, Any]]:
    """Regions in the canvas's own units: on a plane, the direction of a ring can't turn a region inside out."""
    if not areas:
        return []
    features = [
        {
            "type": "Feature",
            "fill": area.fill,
            "stroke": area.stroke,
            "geometry": {"type": "MultiPolygon", "coordinates": area.polygons},
        }
        for area in areas
    ]
    return [
        {
            "data": {"values": features},
            "projection": {"type": "identity", "scale": 1, "translate": [0, 0]},
            # Clipping names its path by a counter of the process: the bytes would differ from one drawing to the next.
            "mark": {"type": "geoshape", "clip": False, "strokeWidth": 0.7, "strokeJoin": "round", "aria": False},
            "encoding": {"fill": {"field": "fill", **_AS_IS}, "stroke": {"field": "stroke", **_AS_IS}},
        }
    ]


def _span() -> dict[str, Any]:
    return {"x": {"field": "x", **_AT}, "x2": {"field": "x2"}, "y": {"field": "y", **_AT}, "y2": {"field": "y2"}}


def _boxes(boxes: Sequence[Box]) -> list[dict[str, Any]]:
    if not boxes:
        return []
    encoding = _span() | {"fill": {"field": "fill", **_AS_IS}, "stroke": {"field": "stroke", **_AS_IS}}
    return [{"data": {"values": [asdict(b) for b in boxes]}, "mark": {"type": "rect", "aria": False}, "encoding": encoding}]


def _strokes(strokes: Sequence[Stroke]) -> list[dict[str, Any]]:
    if not strokes:
        return []
    encoding = _span() | {"stroke": {"field": "stroke", **_AS_IS}}
    mark = {"type": "rule", "strokeWidth": 0.8, "aria": False}
    return [{"data": {"values": [asdict(s) for s in strokes]}, "mark": mark, "encoding": encoding}]


def _labels(labels: Sequence[Label]) -> list[dict[str, Any]]:
    """Vega-Lite takes alignment, size and weight from the mark, not from the data: a layer for each kind of label."""
    layers = []
    for align, size, weight in sorted({(label.align, label.size, label.weight) for label in labels}):
        alike = [asdict(label) for label in labels if (label.align, label.size, label.weight) == (align, size, weight)]
        mark = {"type": "text", "align": align, "fontSize": size, "fontWeight": weight, "baseline": "middle", "aria": False}
        encoding = {
            "x": {"field": "x", **_AT},
            "y": {"field": "y", **_AT},
            "text": {"field": "text", "type": "nominal"},
            "fill": {"field": "fill", **_AS_IS},
        }
        layers.append({"data": {"values": alike}, "mark": mark, "encoding": encoding})
    return layers
