"""Draws bar charts. What belongs here: their geometry and colours. What doesn't: wording, or which chart stands where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from casualty_pipeline.reporting.canvas import WIDTH, Box, Label, isolated, svg

# All, children, women: told apart by lightness, so that grey print and colour blindness leave them apart.
SERIES = ("#2f4b66", "#7d9cb8", "#c2d1de")


@dataclass(frozen=True)
class Bar:
    """One bar: its length, what is written after it, its colour and, above it, what it is a bar of."""

    value: float
    text: str
    colour: str
    heading: str = ""


def bars(title: str, description: str, given: Sequence[Bar], direction: str) -> Markup:
    """Horizontal bars from the side that the language reads from, each with its text after it; zero has no bar."""
    longest = max((bar.value for bar in given), default=0) or 1
    room = WIDTH - 150  # what stands after the longest bar has 150 units
    boxes, labels, y = [], [], 4.0
    for bar in given:
        if bar.heading:
            y += 6
            labels.append(Label(0, y + 8, bar.heading, weight="bold"))
            y += 19
        length = room * bar.value / longest
        if bar.value:
            boxes.append(Box(0, y, max(length, 1), y + 14, bar.colour))
        labels.append(Label(length + (6 if bar.value else 0), y + 7, bar.text))
        y += 17
    if direction == "rtl":
        boxes = [replace(box, x=WIDTH - box.x2, x2=WIDTH - box.x) for box in boxes]
        labels = [replace(label, x=WIDTH - label.x, align="right", text=isolated(label.text)) for label in labels]
    return svg(title, description, [*boxes, *labels], y + 4)
