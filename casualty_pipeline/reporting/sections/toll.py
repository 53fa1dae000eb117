"""The toll of civilians: total, months, shares, parties, kinds of other parties, governorates."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Block, Bullets, Heading, Paragraph, Section
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.sections.governorates import governorates
from casualty_pipeline.reporting.sections.parties import joint_items, kind_items, main_items
from casualty_pipeline.reporting.sections.series import months
from casualty_pipeline.reporting.sections.shares import shares
from casualty_pipeline.reporting.sections.telling import Telling


def toll(tell: Telling) -> Section:
    """The toll, by month, by party and by governorate."""
    total = tell.figures.get(tell.month, "civilians")
    lead = (
        tell.say(
            "toll_summary",
            form=tell.voice.grammar.plural(total.count),
            toll=tell.voice.toll(tell.figures, total, "oblique", gloss=True),
        )
        if total.count
        else tell.zero("toll_none", total)
    )
    blocks: list[Block] = [
        Paragraph(Markup(" ").join((lead, *tell.cumulative("toll_cumulative", "civilians"))), "lead"),
        months(tell, "months_title", "civilians", {"all": "civilian", "child": "child", "woman": "woman"}),
        Heading(tell.say("by_party_heading")),
        shares(tell, total),
        Heading(tell.say("main_parties")),
        *_main_parties(tell),
    ]
    joint = joint_items(tell, "civilians", lambda figure: _civilians(tell, figure))
    blocks += [Heading(tell.say("joint_parties")), Bullets(joint)] if joint else []
    blocks += [Heading(tell.say("other_parties")), *_other_parties(tell)]
    blocks += [Heading(tell.say("governorates_heading")), *governorates(tell, total)]
    return Section("toll", tell.say("toll_heading"), blocks)


def _civilians(tell: Telling, figure: Figure) -> Markup:
    toll = tell.voice.toll(tell.figures, figure, dress=tell.voice.grammar.capital)
    if tell.voice.hedged(figure.party):
        return tell.voice.say("hedged", toll=toll, party=tell.voice.believed(figure.party))
    return toll


def _main_parties(tell: Telling) -> list[Block]:
    items = main_items(tell, "civilians", lambda figure: _civilians(tell, figure))
    none = [
        _named(tell, figure)
        for party in tell.parties("main")
        if not (figure := tell.figures.get(tell.month, "civilians", party.id)).count
    ]
    return [
        *([Bullets(items)] if items else []),
        *([Paragraph(tell.say("no_civilians_by", parties=tell.voice.either(none)))] if none else []),
    ]


def _named(tell: Telling, figure: Figure) -> Markup:
    """A party with its zero: the number isn't written, but can be traced like any other."""
    return tell.voice.stated(figure, tell.voice.inline(figure.party))


def _other_parties(tell: Telling) -> list[Block]:
    blocks: list[Block] = []
    for party in tell.parties("other"):
        figure = tell.figures.get(tell.month, "civilians", party.id)
        if not figure.count:
            blocks.append(Paragraph(tell.say("no_civilians_by", parties=_named(tell, figure))))
            continue
        kinds = kind_items(tell, "civilians", party.id, lambda figure: _civilians(tell, figure))
        key = "other_summary" if kinds else "other_total"
        blocks.append(Paragraph(tell.say(key, toll=_civilians(tell, figure))))
        blocks += [Bullets(kinds)] if kinds else []
    return blocks
