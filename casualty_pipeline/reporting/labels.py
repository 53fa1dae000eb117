"""Says in words what a figure counts. What belongs here: names of figures. What doesn't: sentences about them."""

from markupsafe import Markup

from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.voice import Voice


def figure_label(voice: Voice, figure: Figure) -> Markup:
    """What a figure counts: `Civilians · Russian forces · children`; its period only where that is a range of months.

    Raises CasualtyError for a party, category or governorate that the profile doesn't define, or a text that is missing.
    """
    groups = {group.id: group.label[voice.language] for group in voice.profile.special_groups}
    parts = [groups.get(figure.population) or str(voice.say(f"population_{figure.population}"))]
    if figure.party:
        parts.append(voice.label(figure.party))
    if figure.category:
        parts.append(voice.category(figure.category))
    if figure.governorate:
        parts.append(voice.governorate(figure.governorate))
    if figure.demographic != "all":
        parts.append(str(voice.say(f"demographic_{figure.demographic}")))
    if figure.measure == "percent":
        parts.append(str(voice.say("measure_percent")))
    if ".." in figure.period:
        first, last = figure.period.split("..")
        name = voice.grammar.month_name
        parts.append(str(voice.say("range", first=name(first), last=name(last), year=last[:4])))
    return Markup(" · ").join(parts)
