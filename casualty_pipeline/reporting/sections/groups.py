"""Medical, media, civil defense and relief personnel: each group is told of, those without victims too (R3)."""

from markupsafe import Markup

from casualty_pipeline.profile.loader import SpecialGroup
from casualty_pipeline.reporting.document import Block, Bullets, Heading, Paragraph, Section
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.sections.parties import items
from casualty_pipeline.reporting.sections.telling import Telling


def special_groups(tell: Telling) -> Section:
    """A part for each group."""
    blocks: list[Block] = []
    for group in tell.special_groups():
        blocks += _group(tell, group)
    return Section("groups", tell.say("groups_heading"), blocks)


def _group(tell: Telling, group: SpecialGroup) -> list[Block]:
    voice = tell.voice
    total = tell.figures.get(tell.month, group.id)
    since = tell.figures.get(tell.since_january, group.id)
    heading = Heading(Markup.escape(group.label[voice.language]))
    sentences = []
    if total.count:
        members = _with_affiliations(tell, voice.members(total, group, "oblique"), group, None)
        sentences.append(tell.say("group_summary", members=members))
    else:
        named = voice.marked(total, voice.group(group))
        sentences.append(tell.say("group_none", group=named))
    if since.count:
        sentences.append(tell.say("group_cumulative", total=voice.members(since, group)))

    def phrase(figure: Figure) -> Markup:
        party = figure.party if not figure.category else ""
        members = voice.members(figure, group, dress=tell.voice.grammar.capital)
        return _with_affiliations(tell, members, group, party) if party else members

    listed = items(tell, group.id, phrase)
    return [heading, Paragraph(Markup(" ").join(sentences)), *([Bullets(listed)] if listed else [])]


def _with_affiliations(tell: Telling, members: Markup, group: SpecialGroup, party: str | None) -> Markup:
    """`two medical personnel (one from Qatar Red Crescent)`: of one party, or of all where `party` is None."""
    persons: dict[str, int] = {}
    for special_group, by, affiliation, number in sorted(tell.report.affiliations):
        if special_group == group.id and party in {None, by, by.partition("/")[0]}:
            persons[affiliation] = persons.get(affiliation, 0) + number
    if not persons:
        return members
    said = [
        tell.voice.say("affiliation", number=tell.voice.grammar.word(number), affiliation=tell.voice.isolated(affiliation))
        for affiliation, number in persons.items()
    ]
    return tell.voice.say("affiliated", members=members, list=tell.voice.join(said))
