"""The share of each party in the toll, as a chart and a table."""

from markupsafe import Markup

from casualty_pipeline.reporting import charts
from casualty_pipeline.reporting.document import Block, Grid, Picture, Row
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.sections.telling import Telling


def shares(tell: Telling, total: Figure) -> Block:
    """Parties by civilians killed: every main party, those with zero too (C6); sub-parties only in the table."""
    rows, drawn = [], []
    whole = [p.id for p in tell.parties("main")]
    parties = [
        *whole,
        *tell.figures.joint_parties(tell.month, "civilians"),
        *(p.id for p in tell.parties("other")),
    ]
    for party in parties:
        count = tell.figures.get(tell.month, "civilians", party)
        share = tell.figures.find(tell.month, "civilians", party, measure="percent")
        drawn.append((count, share))
        rows.append(_party_row(tell, count, share))
        rows += [
            _party_row(tell, tell.figures.get(tell.month, "civilians", sub.id), None, level=1)
            for sub in tell.parties("sub")
            if sub.parent == party
        ]
    rows.append(
        Row(
            tell.say("row_total"),
            (*tell.demographic_cells(total), Markup()),
            total=True,
        )
    )
    title = tell.say("share_title")
    grid = Grid(
        title,
        tuple(
            tell.say(key) for key in ("column_party", "column_civilians", "column_children", "column_women", "column_share")
        ),
        tuple(rows),
    )
    return Picture(
        charts.bars(
            str(title),
            tell.describe([(tell.voice.label(count.party), count) for count, _ in drawn]),
            [
                charts.Bar(count.value, _share_text(tell, count, share), _colour(tell, count.party), label)
                for count, share in sorted(drawn, key=lambda pair: -pair[0].value)
                if (label := tell.voice.label(count.party))
            ],
            tell.voice.grammar.direction,
        ),
        grid,
    )


def _share_text(tell: Telling, count: Figure, share: Figure | None) -> str:
    number = tell.voice.grammar.number(count.value)
    if share is None or not count.value:
        return number
    return str(tell.say("share_label", count=number, percent=tell.voice.number(share)).unescape())


def _colour(tell: Telling, party: str) -> str:
    return tell.profile.party[party.partition("+")[0]].colour or "#666666"


def _party_row(tell: Telling, count: Figure, share: Figure | None, level: int = 0) -> Row:
    label: Markup | str = tell.voice.label(count.party)
    if level:
        label = tell.say("within", label=label)
    return Row(
        Markup.escape(label),
        (*tell.demographic_cells(count), tell.voice.cell(share) if share else Markup()),
        level,
    )
