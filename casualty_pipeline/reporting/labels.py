"""Names of what is counted. What belongs here: labels, and that none is missing. What doesn't: sentences about figures."""

from markupsafe import Markup

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.profile.loader import Labels, Profile
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


def require_labels(profile: Profile) -> None:
    """Stop before anything is made where a label lacks one of the profile's languages.

    Raises CasualtyError naming the key and the language.
    """
    given: list[tuple[str, Labels]] = [("[label]", profile.label), ("[organisation]", profile.organisation)]
    given += [(f"party {p.id!r}", labels) for p in profile.parties for labels in (p.label, p.long_label)]
    given += [(f"category {c.id!r}", c.label) for c in profile.categories]
    given += [(f"special group {g.id!r}", g.label) for g in profile.special_groups]
    given += [(f"governorate {g.pcode!r}", g.label) for g in profile.governorates]
    for key, labels in given:
        for language in profile.languages:
            if not labels.get(language):
                raise CasualtyError(f"profile {profile.id!r}: {key} has no label in the language {language!r}: add it")
