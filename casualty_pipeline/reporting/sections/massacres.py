"""Massacres: how many, by whom, whom they killed, each one told from its record, all as a table (R20, R21)."""

from datetime import date

from markupsafe import Markup

from casualty_pipeline.reporting.document import Block, Bullets, Grid, Heading, Item, Paragraph, Row, Section
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.model import Massacre
from casualty_pipeline.reporting.sections.parties import items
from casualty_pipeline.reporting.sections.series import months
from casualty_pipeline.reporting.sections.telling import Telling


def massacres(tell: Telling) -> Section:
    """All massacres of the month, in figures and one by one."""
    voice = tell.voice
    total = tell.figures.get(tell.month, "massacres")
    said = voice.count(total, "massacre", "oblique")
    lead = tell.say("massacres_summary", massacres=said) if total.count else tell.zero("massacres_none", total)
    since = tell.figures.get(tell.since_january, "massacres")
    sentences = [lead]
    if since.count and tell.tells_since_january:
        sentences.append(tell.say("massacres_cumulative", total=voice.count(since, "massacre", "oblique")))
    return Section(
        "massacres",
        tell.say("massacres_heading"),
        [
            Paragraph(Markup(" ").join(sentences), "lead"),
            months(tell, "massacres_title", "massacres", {"all": "massacre"}),
            *(_of_the_month(tell) if total.count else []),
        ],
    )


def _of_the_month(tell: Telling) -> list[Block]:
    voice, figures = tell.voice, tell.figures
    victims = figures.get(tell.month, "massacre_victims")
    killed = [tell.say("massacres_victims", toll=voice.toll(figures, victims, "oblique", by_sex=True, gloss=True))]
    share = figures.find(tell.month, "massacre_victims", demographic="women_and_children", measure="percent")
    if share is not None:
        killed.append(tell.say("massacres_share", percent=voice.stated(share)))
    listed = sorted(tell.report.massacres, key=lambda m: (m.first or m.last or date.max, m.incident_id))
    return [
        Heading(tell.say("massacres_by_party")),
        Bullets(items(tell, "massacres", lambda figure: voice.count(figure, "massacre", dress=voice.grammar.capital))),
        Heading(tell.say("massacres_victims_heading")),
        Paragraph(Markup(" ").join(killed)),
        Paragraph(tell.say("massacres_toll_by_party")),
        Bullets(items(tell, "massacre_victims", lambda figure: _toll(tell, figure))),
        Heading(tell.say("massacres_list")),
        Bullets(tuple(Item(told(tell, massacre)) for massacre in listed)),
        _table(tell, listed),
    ]


def _toll(tell: Telling, figure: Figure) -> Markup:
    return tell.voice.toll(tell.figures, figure, dress=tell.voice.grammar.capital, by_sex=True)


def told(tell: Telling, massacre: Massacre) -> Markup:
    """One massacre from its record: no more certain than its attribution (R16, R21)."""
    say, voice = tell.say, tell.voice
    attack, form = voice.mechanism(massacre.mechanism)
    toll = voice.record_toll(
        "oblique",
        civilians=massacre.civilians,
        children=massacre.children,
        boys=massacre.children_male,
        girls=massacre.children_female,
        women=massacre.women,
    )
    where = voice.place(massacre.place_in(voice.language), massacre.governorate)
    sentences = [
        say(
            "massacre",
            form=form,
            when=tell.when(massacre.first, massacre.last),
            where=where,
            attack=attack,
            by=_by(tell, massacre, form),
            toll=toll,
        )
    ]
    if massacre.attacks > 1:
        sentences.append(say("massacre_attacks", number=voice.grammar.word(massacre.attacks, "oblique")))
    if massacre.injured:
        injured = voice.said(massacre.injured, "other", "oblique")
        sentences.append(say("massacre_injured", form=voice.grammar.plural(massacre.injured), injured=injured))
    if massacre.area_of_control:
        sentences.append(voice.control(massacre.area_of_control))
    return Markup(" ").join((*sentences, tell.reference("incident", massacre.incident_id)))


def _by(tell: Telling, massacre: Massacre, form: str) -> Markup:
    """By whom: the kind of an other party, but where that only repeats that nobody knows and how it was done."""
    unknown = massacre.attribution in {"undetermined", "unidentified"}
    if massacre.category and not (unknown and massacre.mechanism in tell.voice.wording.mechanisms):
        return tell.say("by_category", form=form, category=tell.voice.category(massacre.category))
    believed = massacre.attribution == "believed"
    party = tell.voice.believed(massacre.party) if believed else tell.voice.inline(massacre.party)
    return tell.say(f"by_{massacre.attribution}", form=form, party=party)


def _table(tell: Telling, listed: list[Massacre]) -> Grid:
    voice = tell.voice
    number = voice.grammar.number

    def row(massacre: Massacre) -> Row:
        named = voice.category(massacre.category) if massacre.category else voice.label(massacre.party)
        counted = (massacre.civilians, massacre.children, massacre.women)
        where = voice.place_name(massacre.place_in(voice.language), massacre.governorate)
        cells = (where, Markup.escape(named), *(Markup.escape(number(value)) for value in counted))
        return Row(tell.days(massacre.first, massacre.last), cells)

    columns = ("date", "place", "party", "civilians", "children", "women")
    return Grid(
        tell.say("massacres_table"),
        tuple(tell.say(f"column_{column}") for column in columns),
        tuple(row(massacre) for massacre in listed),
    )
