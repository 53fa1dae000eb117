"""Draws charts as SVG. What belongs here: geometry and colours. What doesn't: wording, or which chart stands where.

vl-convert lays out text by the fonts of the machine. So that the bytes are the same everywhere, a chart is drawn on a
canvas of fixed size at stated positions and nothing is measured. Text stays text: the browser shapes Arabic. The Vega-Lite
is written out: for marks at stated positions, Altair would take longer to put it together than Vega takes to draw it.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from markupsafe import Markup

WIDTH = 360  # a phone: on wider screens the style sheet scales it up
_INK = "#1a1a1a"
_MUTED = "#5c5c5c"
_ZERO = "#ffffff"
# Light to dark, one hue. Black text reads on the first two, white on the others: at least 4.5:1.
_CLASSES = (("#dbe7f1", _INK), ("#9fc0da", _INK), ("#3f74a3", "#ffffff"), ("#17406b", "#ffffff"))
# All, children, women: told apart by lightness, so that grey print and colour blindness leave them apart.
SERIES = ("#2f4b66", "#7d9cb8", "#c2d1de")


@dataclass(frozen=True)
class _Box:
    x: float
    y: float
    x2: float
    y2: float
    fill: str
    stroke: str = "transparent"


@dataclass(frozen=True)
class _Label:
    x: float
    y: float
    text: str
    align: Literal["left", "center", "right"] = "left"
    size: int = 12
    weight: Literal["normal", "bold"] = "normal"
    fill: str = _INK


@dataclass(frozen=True)
class Bar:
    """One bar: its length, what is written after it, its colour and, above it, what it is a bar of."""

    value: float
    text: str
    colour: str
    heading: str = ""


@dataclass(frozen=True)
class Tile:
    """One region of a tile map: its (column, row), name and value."""

    place: tuple[int, int]
    name: str
    value: int
    text: str


def bars(title: str, description: str, given: Sequence[Bar], direction: str) -> Markup:
    """Horizontal bars from the side that the language reads from, each with its text after it; zero has no bar."""
    longest = max((bar.value for bar in given), default=0) or 1
    room = WIDTH - 150  # what stands after the longest bar has 150 units
    boxes, labels, y = [], [], 4.0
    for bar in given:
        if bar.heading:
            y += 6
            labels.append(_Label(0, y + 8, bar.heading, weight="bold"))
            y += 19
        length = room * bar.value / longest
        if bar.value:
            boxes.append(_Box(0, y, max(length, 1), y + 14, bar.colour))
        labels.append(_Label(length + (6 if bar.value else 0), y + 7, bar.text))
        y += 17
    if direction == "rtl":
        boxes = [replace(box, x=WIDTH - box.x2, x2=WIDTH - box.x) for box in boxes]
        labels = [replace(label, x=WIDTH - label.x, align="right", text=_isolated(label.text)) for label in labels]
    return _svg(title, description, boxes, labels, y + 4)


def tile_map(title: str, description: str, tiles: Sequence[Tile], zero: str) -> Markup:
    """A map of equal tiles, one for each region, in four classes and one of its own for zero.

    `zero` names that class in the legend. Places are geography: never mirrored.
    """
    columns = 1 + max(tile.place[0] for tile in tiles)
    rows = sorted({tile.place[1] for tile in tiles})
    side = WIDTH / columns
    classes = _classes(max(tile.value for tile in tiles))
    boxes, labels = [], []
    for tile in tiles:
        x, y = tile.place[0] * side, (tile.place[1] - rows[0]) * side
        fill, ink = _shade(tile.value, classes)
        boxes.append(_Box(x + 1, y + 1, x + side - 1, y + side - 1, fill, "#8a8a8a"))
        words = _two_lines(tile.name)
        for line, word in enumerate(words):
            labels.append(_Label(x + side / 2, y + 12 + 10 * line, word, "center", 9, fill=ink))
        labels.append(_Label(x + side / 2, y + side - 15, tile.text, "center", 15, "bold", ink))
    y = (rows[-1] - rows[0] + 1) * side + 12
    legend = [(_ZERO, zero)] + [
        (_CLASSES[n][0], str(high) if low == high else f"{low}–{high}") for n, (low, high) in enumerate(classes)
    ]
    for number, (fill, text) in enumerate(legend):
        x = number * WIDTH / 5
        boxes.append(_Box(x + 1, y, x + 13, y + 12, fill, "#8a8a8a"))
        labels.append(_Label(x + 17, y + 6, text, size=10, fill=_MUTED))
    return _svg(title, description, boxes, labels, y + 16)


def _isolated(text: str) -> str:
    """Text that runs from right to left whatever it begins with: the drawing's own direction stays left to right."""
    return f"\u2067{text}\u2069"


def _classes(highest: int) -> list[tuple[int, int]]:
    """Up to four classes of whole numbers, (lowest, highest) of each, as even as they can be: none is empty."""
    count = min(len(_CLASSES), highest)
    limits = [highest * number // count for number in range(count + 1)] if count else []
    return [(low + 1, high) for low, high in pairwise(limits)]


def _shade(value: int, classes: Sequence[tuple[int, int]]) -> tuple[str, str]:
    for (low, high), shade in zip(classes, _CLASSES, strict=False):
        if low <= value <= high:
            return shade
    return _ZERO, _MUTED


def _two_lines(name: str) -> tuple[str, ...]:
    first, _, rest = name.partition(" ")
    return (first, rest) if rest else (name,)


def _svg(title: str, description: str, boxes: Sequence[_Box], labels: Sequence[_Label], height: float) -> Markup:
    import vl_convert

    at: dict[str, Any] = {"type": "quantitative", "scale": None, "axis": None}
    as_is: dict[str, Any] = {"type": "nominal", "scale": None, "legend": None}
    layers: list[dict[str, Any]] = []
    if boxes:
        encoding = {
            "x": {"field": "x", **at},
            "x2": {"field": "x2"},
            "y": {"field": "y", **at},
            "y2": {"field": "y2"},
            "fill": {"field": "fill", **as_is},
            "stroke": {"field": "stroke", **as_is},
        }
        values = [asdict(box) for box in boxes]
        layers.append({"data": {"values": values}, "mark": {"type": "rect", "aria": False}, "encoding": encoding})
    # Vega-Lite takes alignment and weight from the mark, not from the data: a layer for each kind of label.
    for align, size, weight in sorted({(label.align, label.size, label.weight) for label in labels}):
        alike = [asdict(label) for label in labels if (label.align, label.size, label.weight) == (align, size, weight)]
        mark = {"type": "text", "align": align, "fontSize": size, "fontWeight": weight, "baseline": "middle", "aria": False}
        encoding = {
            "x": {"field": "x", **at},
            "y": {"field": "y", **at},
            "text": {"field": "text", "type": "nominal"},
            "fill": {"field": "fill", **as_is},
        }
        layers.append({"data": {"values": alike}, "mark": mark, "encoding": encoding})
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "layer": layers,
        "width": WIDTH,
        "height": height,
        "padding": 0,
        "autosize": "none",
        "background": "transparent",
        "config": {"view": {"stroke": None}},
    }
    svg: str = vl_convert.vegalite_to_svg(chart)
    opening = Markup(
        '<svg class="chart" role="img" viewBox="0 0 {} {}" xmlns="http://www.w3.org/2000/svg">'
        "<title>{}</title><desc>{}</desc>"
    ).format(WIDTH, f"{height:g}", title, description)
    body = re.sub(r"^<svg[^>]*>", "", svg)
    # Fonts are the style sheet's. Vega's roles describe a chart to be explored; ours is one image, its table beside it.
    body = re.sub(r' (?:font-family|role|aria-roledescription|aria-hidden|aria-label)="[^"]*"', "", body)
    return opening + Markup(body)  # noqa: S704 - vl-convert escapes the text that it draws
