"""Massacres: how many, whom they killed, and each one told from its record (R20, R21)."""

from markupsafe import Markup

from casualty_pipeline.reporting.document import Block, Bullets, Heading, Item, Paragraph, Section
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.model import Massacre
from casualty_pipeline.reporting.sections.parties import items
from casualty_pipeline.reporting.sections.series import months
from casualty_pipeline.reporting.sections.telling import Telling


def massacres(tell: Telling) -> Section:
    """All massacres of the month, in figures and one by one."""
    voice, figures = tell.voice, tell.figures
    total = figures.get(tell.month, "massacres")
    victims = figures.get(tell.month, "massacre_victims")
    lead = (
        tell.say("massacres_summary", massacres=voice.count(total, "massacre", "oblique"))
        if total.count
        else tell.say("massacres_none")
    )
    since = figures.get(tell.since_january, "massacres")
    sentences = [
        lead,
        *([tell.cumulative("massacres_cumulative", "massacres", "massacre")] if since.count else []),
    ]
    blocks: list[Block] = [
        Paragraph(Markup(" ").join(sentences), "lead"),
        months(tell, "massacres_title", "massacres", {"all": "massacre"}),
    ]
    if total.count:
        share = figures.find(tell.month, "massacre_victims", demographic="women_and_children", measure="percent")
        killed = [
            tell.say(
                "massacres_victims",
                toll=voice.toll(figures, victims, "oblique", by_sex=True, gloss=True),
            )
        ]
        if share is not None:
            killed.append(tell.say("massacres_share", percent=voice.cell(share)))
        blocks += [
            Paragraph(tell.say("massacres_by_party")),
            Bullets(items(tell, "massacres", lambda f: voice.count(f, "massacre", dress=tell.voice.grammar.capital))),
            Paragraph(Markup(" ").join(killed)),
            Paragraph(tell.say("massacres_toll_by_party")),
            Bullets(items(tell, "massacre_victims", lambda figure: _massacre_toll(tell, figure))),
            Heading(tell.say("massacres_list")),
            Bullets(tuple(Item(_told(tell, massacre)) for massacre in _in_order(tell))),
        ]
    return Section("massacres", tell.say("massacres_heading"), blocks)


def _massacre_toll(tell: Telling, figure: Figure) -> Markup:
    return tell.voice.toll(tell.figures, figure, dress=tell.voice.grammar.capital, by_sex=True)


def _in_order(tell: Telling) -> list[Massacre]:
    return sorted(
        tell.report.massacres,
        key=lambda m: (m.first.isoformat() if m.first else "9999", m.incident_id),
    )


def _told(tell: Telling, massacre: Massacre) -> Markup:
    """One massacre in a sentence, from its record: no more certain than its attribution (R16, R21)."""
    say, voice = tell.say, tell.voice
    toll = voice.record_toll(
        "oblique",
        civilians=massacre.civilians,
        children=massacre.children,
        boys=massacre.children_male,
        girls=massacre.children_female,
        women=massacre.women,
    )
    sentences = [
        say("massacre", when=_when(tell, massacre), where=_where(tell, massacre), by=_by(tell, massacre), toll=toll)
    ]
    if massacre.area_of_control:
        sentences.append(say("area", area=voice.isolated(massacre.area_of_control)))
    reference = Markup('<small class="reference">{}</small>').format(
        say("incident", id=voice.isolated(massacre.incident_id))
    )
    return Markup(" ").join((*sentences, reference))


def _when(tell: Telling, massacre: Massacre) -> Markup:
    first, last = massacre.first or massacre.last, massacre.last or massacre.first
    if first is None or last is None:
        return tell.say("when_unknown")
    if first == last:
        return tell.say("when_day", first=tell.voice.grammar.date(first))
    return tell.say("when_between", first=tell.voice.grammar.date(first), last=tell.voice.grammar.date(last))


def _where(tell: Telling, massacre: Massacre) -> Markup:
    known = massacre.governorate in tell.profile.governorate
    governorate = tell.voice.governorate(massacre.governorate) if known else ""
    place = massacre.place_in(tell.voice.language)
    if place and governorate:
        return tell.say("where_place", place=tell.voice.isolated(place), governorate=governorate)
    if place:
        return tell.say("where_place_only", place=tell.voice.isolated(place))
    return tell.say("where_governorate", governorate=governorate) if governorate else tell.say("where_unknown")


def _by(tell: Telling, massacre: Massacre) -> Markup:
    if massacre.category:
        return tell.say("by_category", category=tell.voice.category(massacre.category))
    key = f"by_{massacre.attribution}"
    believed = massacre.attribution == "believed"
    return tell.say(key, party=tell.voice.believed(massacre.party) if believed else tell.voice.inline(massacre.party))
