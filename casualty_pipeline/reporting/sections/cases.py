"""Notable cases, told by id and from their records: no names, no place below the governorate (R9, R26)."""

from datetime import date

from markupsafe import Markup

from casualty_pipeline.reporting.document import Block, Bullets, Item, Paragraph
from casualty_pipeline.reporting.model import NotableCase
from casualty_pipeline.reporting.notable import MOST_CASES
from casualty_pipeline.reporting.sections.telling import Telling

_NOUNS = {"man": "man", "woman": "woman", "child_male": "boy", "child_female": "girl", "child": "child"}


def cases(tell: Telling, population: str) -> list[Block]:
    """The notable cases of a section, in the order of their dates; nothing where there is none."""
    chosen = sorted(
        (case for case in tell.report.cases if case.population == population),
        key=lambda case: (case.died_first or date.max, case.victim_id),
    )
    if not chosen:
        return []
    return [
        Paragraph(tell.say("cases", most=tell.voice.grammar.number(MOST_CASES))),
        Bullets(tuple(Item(_told(tell, case)) for case in chosen)),
    ]


def _told(tell: Telling, case: NotableCase) -> Markup:
    """`A man died on …, in …. Held responsible: …. The death was documented on …`: both dates, where they differ (R9)."""
    voice, say = tell.voice, tell.say
    noun = _NOUNS.get(case.demographic, "person")
    who = say(f"case_{noun}")
    if case.affiliation:
        who = say("case_affiliated", who=who, affiliation=voice.affiliation(case.affiliation))
    sentences: list[Markup] = [
        say(
            "case_died",
            form="feminine" if noun in {"woman", "girl"} else "other",
            who=who,
            when=tell.when(case.died_first, case.died_last),
            where=voice.place(None, case.governorate),
        ),
        say("case_responsible", party=_responsible(tell, case)),
    ]
    if case.documented and case.documented != case.died_first:
        sentences.append(say("case_documented", date=voice.grammar.date(case.documented)))
    sentences.append(tell.reference("victim", case.victim_id))
    return Markup(" ").join(sentences)


def _responsible(tell: Telling, case: NotableCase) -> Markup:
    if case.category:
        return Markup.escape(tell.voice.category(case.category))
    believed = case.attribution == "believed"
    named = tell.voice.believed(case.party) if believed else tell.voice.inline(case.party)
    return tell.say(f"responsible_{case.attribution}", party=named)
