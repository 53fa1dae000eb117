"""What every page has around its sections: the warning in every language, links to the other languages, the footer."""

from collections.abc import Sequence
from typing import Protocol

from markupsafe import Markup

from casualty_pipeline.profile.loader import Profile
from casualty_pipeline.reporting.document import Document, Section
from casualty_pipeline.reporting.voice import Voice


class Told(Protocol):
    """What a page says of what it is made from: a MonthReport, for example."""

    @property
    def profile(self) -> Profile:
        """Whose vocabulary it is in."""

    @property
    def synthetic(self) -> bool:
        """Whether the data is generated."""

    @property
    def digest(self) -> str:
        """The name of the data."""


def page(
    voice: Voice,
    report: Told,
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
