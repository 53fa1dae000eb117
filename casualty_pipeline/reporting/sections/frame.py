"""What every page has around its sections: the warning in every language, links to the other languages, the footer."""

from collections.abc import Sequence

from markupsafe import Markup

from casualty_pipeline.reporting.document import Document, Section
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.voice import Voice


def page(
    voice: Voice,
    report: MonthReport,
    name: str,
    sections: Sequence[Section],
    *,
    kind: Markup,
    title: Markup,
    subtitle: Markup,
) -> Document:
    """What every page has: the warning in every language, links to the other languages, the footer."""
    others = [
        Voice(language, report.profile, voice.wording) for language in report.profile.languages if language != voice.language
    ]
    return Document(
        language=voice.language,
        direction=voice.grammar.direction,
        kind=kind,
        title=title,
        subtitle=subtitle,
        notices=tuple(
            (v.language, v.grammar.direction, str(v.say("synthetic").unescape()))
            for v in (voice, *others)
            if report.synthetic
        ),
        others=tuple((v.language, f"{name}.{v.language}.html", v.say("language_name")) for v in others),
        sections=tuple(sections),
        footer=voice.say(
            "footer",
            digest=voice.isolated(report.digest),
            version=voice.isolated(report.profile.methodology_version),
        ),
        skip=voice.say("skip"),
        contents=voice.say("contents"),
        short_notice=voice.say("synthetic_short") if report.synthetic else Markup(),
    )
