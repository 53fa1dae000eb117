"""Medical, media, civil defense and relief personnel: each group is told of, those without victims too (R3, R27)."""

from markupsafe import Markup

from casualty_pipeline.profile.loader import SpecialGroup
from casualty_pipeline.reporting.document import Block, Bullets, Heading, Paragraph, Section
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.sections.cases import cases
from casualty_pipeline.reporting.sections.parties import items
from casualty_pipeline.reporting.sections.telling import Telling


def special_groups(tell: Telling) -> Section:
    """A part for each group."""
    blocks: list[Block] = []
    for group in tell.special_groups():
        blocks += _group(tell, group)
    named = tell.voice.join([tell.voice.group(group) for group in tell.special_groups()])
    return Section("groups", tell.say("groups_heading", groups=Markup(tell.voice.grammar.capital(named))), blocks)  # noqa: S704


def _group(tell: Telling, group: SpecialGroup) -> list[Block]:
    voice = tell.voice
    total = tell.figures.get(tell.month, group.id)
    heading = Heading(Markup.escape(group.label[voice.language]))
    if total.count:
        members = _with_affiliations(tell, total, voice.members(total, group, "oblique"), group, None)
        lead = tell.say("group_summary", form=voice.grammar.plural(total.count), members=members)
    else:
        lead = tell.zero("group_none", total, group=voice.group(group))
    since = tell.cumulative("group_cumulative", group.id)

    def phrase(figure: Figure) -> Markup:
        party = figure.party if not figure.category else ""
        members = voice.members(figure, group, dress=voice.grammar.capital)
        return _with_affiliations(tell, figure, members, group, party) if party else members

    listed = items(tell, group.id, phrase)
    return [
        heading,
        Paragraph(Markup(" ").join((lead, *since))),
        *([Bullets(listed)] if listed else []),
        *cases(tell, group.id),
    ]


def _with_affiliations(tell: Telling, figure: Figure, members: Markup, group: SpecialGroup, party: str | None) -> Markup:
    """`two medical personnel (one from the Qatar Red Crescent)`: of one party, or of all where `party` is None."""
    voice, persons = tell.voice, dict[str, int]()
    for special_group, by, affiliation, number in sorted(tell.report.affiliations):
        if special_group == group.id and party in {None, by, by.partition("/")[0]}:
            persons[affiliation] = persons.get(affiliation, 0) + number
    if not persons:
        return members
    if list(persons.values()) == [figure.count]:
        form = voice.grammar.plural(figure.count)
        return voice.say("affiliated_all", form=form, members=members, affiliation=voice.affiliation(*persons))
    said = [
        voice.say("affiliation", number=voice.grammar.word(number), affiliation=voice.affiliation(affiliation))
        for affiliation, number in persons.items()
    ]
    return voice.say("affiliated", members=members, list=voice.join(said))
