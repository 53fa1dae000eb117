"""What changed since the last edition of the month, and what changed it (R24, principle 6)."""

from collections.abc import Sequence

from markupsafe import Markup

from casualty_pipeline.figures.address import parse_address
from casualty_pipeline.reporting.document import Block, Grid, Paragraph, Row, Section
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.model import Cause, Restatement
from casualty_pipeline.reporting.sections.telling import Telling


def restatements(tell: Telling) -> Section:
    """A row for each figure that differs: before, after, and its causes with their shares, in the order of decision."""
    return Section("restatements", tell.say("restatements_heading"), _blocks(tell))


def _blocks(tell: Telling) -> Sequence[Block]:
    last, rows, voice = tell.report.last_edition, tell.report.restatements, tell.voice
    if last is None:
        return (Paragraph(tell.say("restatements_first")),)
    edition = {"edition": voice.grammar.number(last.number), "date": voice.grammar.date(last.published)}
    if not rows:
        return (Paragraph(tell.say("restatements_none", **edition)),)
    changed = voice.said(len(rows), "figure")
    form = voice.grammar.plural(len(rows))
    summary = tell.say("restatements_some", form=form, figures=voice.grammar.capital(changed), **edition)
    columns = ("column_figure", "column_before", "column_after", "column_causes")
    grid = Grid(
        tell.say("restatements_table", **edition),
        tuple(tell.say(column) for column in columns),
        tuple(_row(tell, row) for row in sorted(rows, key=lambda row: parse_address(row.figure))),
    )
    return (Paragraph(summary), grid, Paragraph(tell.say("restatements_note"), "note"))


def _row(tell: Telling, changed: Restatement) -> Row:
    voice, address = tell.voice, parse_address(changed.figure)

    def value(given: float | None) -> Markup:
        return tell.say("no_figure") if given is None else Markup.escape(voice.number(Figure(address, given)))

    now = tell.figures.at(address)
    after = voice.cell(now) if now is not None and now.value == changed.after else value(changed.after)
    label = voice.figure_label(Figure(address, changed.after or 0))
    return Row(
        label,
        (value(changed.before), after, tell.say("cause_separator").join(_cause(tell, cause) for cause in changed.causes)),
    )


def _cause(tell: Telling, cause: Cause) -> Markup:
    """`decision D-2020-04-02-001 of Thursday, April 2, 2020: −4`: a share is signed."""
    voice = tell.voice
    decimals = 0 if float(cause.share).is_integer() else 2
    sign = "+" if cause.share > 0 else "\N{MINUS SIGN}" if cause.share < 0 else ""
    return tell.say(
        "cause_dated" if cause.decided else "cause",
        kind=tell.say(f"cause_{cause.kind}"),
        id=voice.isolated(cause.id),
        date=voice.grammar.date(cause.decided) if cause.decided else "",
        share=voice.isolated(f"{sign}{voice.grammar.number(abs(cause.share), decimals)}"),
    )
