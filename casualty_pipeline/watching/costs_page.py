"""What runs cost, for people: a table of the steps, and a page with a chart over time for each step."""

from collections.abc import Sequence
from html import escape

from casualty_pipeline.reporting.canvas import INK, WIDTH, Box, Label, Mark, svg
from casualty_pipeline.watching.costs import Cost

HEADER = ("ended", "run", "step", "months", "seconds", "CPU", "rows", "peak MB", "outcome")
SHOWN = 60  # bars of a chart: the newest
_HEIGHT, _BROKEN, _BAR = 110.0, "#B2182B", "#2F4B66"


def rows(found: Sequence[Cost]) -> list[tuple[object, ...]]:
    """A row for each step, as people read it."""
    return [
        (
            c.at,
            c.run[:8],
            c.step,
            f"{c.first}..{c.last}" if c.first != c.last else c.first or "all",
            f"{c.seconds:.2f}",
            f"{c.cpu_seconds:.2f}",
            c.rows,
            f"{c.peak_mb:.0f}",
            c.outcome,
        )
        for c in found
    ]


def chart(step: str, found: Sequence[Cost]) -> str:
    """Seconds of one step, run after run, as SVG: a bar each, the newest at the right, those that failed in red."""
    shown = [c for c in found if c.step == step][-SHOWN:]
    longest = max((c.seconds for c in shown), default=0.0) or 1.0
    width = (WIDTH - 10) / max(len(shown), 12)
    marks: list[Mark] = []
    for at, cost in enumerate(shown):
        top = 18 + _HEIGHT * (1 - cost.seconds / longest)
        colour = _BAR if cost.outcome == "success" else _BROKEN
        marks.append(Box(at * width + 1, min(top, 17 + _HEIGHT), (at + 1) * width - 1, 18 + _HEIGHT, colour))
    marks.append(Label(0, 8, f"{longest:.2f} s at most", fill=INK))
    if shown:
        marks.append(Label(0, 30 + _HEIGHT, f"{shown[0].at[:10]} to {shown[-1].at[:10]}", fill=INK))
    described = f"{len(shown)} runs of {step}; the last took {shown[-1].seconds if shown else 0:.2f} seconds."
    return str(svg(f"Seconds of {step}", described, marks, _HEIGHT + 42))


def page(found: Sequence[Cost]) -> str:
    """One page that stands alone: a chart for each step, and beneath them the table."""
    steps = sorted({c.step for c in found})
    charts = "".join(f"<h2>{escape(step)}</h2>{chart(step, found)}" for step in steps)
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in HEADER)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows(list(reversed(found)))
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>What runs cost</title><style>'
        "body{font:16px sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}svg{max-width:100%;height:auto}"
        "table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:left;border-bottom:1px solid #ccc}"
        f"</style></head><body><h1>What runs cost</h1><p>{len(found)} steps. Seconds of each, run after run; red: it failed."
        f"</p>{charts}<h2>Every step, the newest first</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        "</table></body></html>\n"
    )
