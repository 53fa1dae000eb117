"""What every publication has: a voice, a page around its sections, and its files in each language and format.

What doesn't belong here: what any of them states.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from markupsafe import Markup

from casualty_pipeline.captures.sources import known_sources
from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.home import Home
from casualty_pipeline.profile import Profile
from casualty_pipeline.reporting.document import Document, Grid, Row, Section
from casualty_pipeline.reporting.html import render
from casualty_pipeline.reporting.labels import require_labels
from casualty_pipeline.reporting.pdf import render_pdf
from casualty_pipeline.reporting.readable import readable
from casualty_pipeline.reporting.runs import plain
from casualty_pipeline.reporting.sections import page
from casualty_pipeline.reporting.voice import Voice
from casualty_pipeline.reporting.wording import profile_wording
from casualty_pipeline.reporting.write import put
from casualty_pipeline.warehouse import Reading


@dataclass(frozen=True)
class About:
    """What a publication is made from.

    `synthetic`: the data is generated, and every page says so. `digest` names the rows. `day` is the date that files bear,
    since a moment of writing would change their bytes.
    """

    profile: Profile
    synthetic: bool
    digest: str
    day: date


class Speaker:
    """A publication in one language: texts with their common places filled in."""

    def __init__(self, about: About, language: str) -> None:
        """Take a language of the profile."""
        self.about = about
        self.profile = about.profile
        self.voice = Voice(language, about.profile, profile_wording(about.profile))
        self.language = language

    def say(self, key: str, *, form: str = "other", **values: object) -> Markup:
        """A text, with organisation and country filled in."""
        common: dict[str, object] = {"organisation": self.voice.organisation, "country": self.voice.country}
        return self.voice.say(key, form=form, **(common | values))

    def number(self, value: float) -> Markup:
        """A number for a table that is no figure of the figure schema: no address, so nothing offers to trace it."""
        digits = str(int(value)) if float(value).is_integer() else repr(value)
        return Markup('<data value="{}">{}</data>').format(digits, self.voice.grammar.number(value))

    def day(self, given: date | None) -> Markup:
        """A date for a table, which reads alike in every language (ISO 8601)."""
        if given is None:
            return self.say("day_unknown")
        day = given.isoformat()[:10]
        return Markup('<time datetime="{}">{}</time>').format(day, self.voice.isolated(day))

    def shown(self, text: str | None) -> Markup:
        """Text from captures, made fit to be shown, or that it isn't known."""
        return self.voice.isolated(readable(text)) if text and text.strip() else self.say("not_known")

    def grid(self, caption: str, columns: Iterable[str], rows: Iterable[tuple[Markup, ...]]) -> Grid:
        """A table by the keys of its caption and columns; the first cell of a row is its header."""
        return Grid(
            self.say(caption),
            tuple(self.say(f"column_{column}") for column in columns),
            tuple(Row(cells[0], cells[1:]) for cells in rows),
        )

    def page(
        self, name: str, sections: Iterable[Section], kind: str, title: Markup, subtitle: Markup | None = None
    ) -> Document:
        """The whole page; `kind` is the key of what it is."""
        shown = subtitle if subtitle is not None else Markup()
        return page(self.voice, self.about, name, tuple(sections), kind=self.say(kind), title=title, subtitle=shown)


def html_of(documents: Iterable[Document], name: str) -> dict[str, bytes]:
    """The pages: `index.en.html`."""
    return {f"{name}.{document.language}.html": render(document).encode() for document in documents}


def files_of(
    about: About, name: str, make: Callable[[str], Document], attached: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """A publication as HTML and PDF in every language of the profile, by file name; `attached` (CSV, JSON) in the PDF.

    Raises CasualtyError for a missing label or text.
    """
    require_labels(about.profile)
    day = datetime(about.day.year, about.day.month, about.day.day, tzinfo=UTC)
    contents: dict[str, bytes] = {}
    for language in about.profile.languages:
        document = make(language)
        contents |= html_of([document], name)
        running = f"{plain(document.kind)} · {plain(document.title)}"
        contents[f"{name}.{language}.pdf"] = render_pdf(document, running, day, attached or {})
    return contents | dict(attached or {})


def write_files(folder: Path, contents: Mapping[str, bytes], *, private: bool = False) -> list[Path]:
    """Put every file in place by a rename, so that a reader sees the old one or the new one.

    `private`: nobody but the owner may read them. Raises CasualtyError where the folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        return [put(folder / name, content, private=private) for name, content in contents.items()]
    except OSError as problem:
        raise CasualtyError(f"can't write into {folder}: {problem.strerror}; choose another folder with --out") from None


def is_synthetic(reading: Reading, home: Home) -> bool:
    """Whether anything in the home was generated."""
    present = {
        source for (source,) in reading.connection.execute("select distinct source from captures.manifest").fetchall()
    }
    return any(s.synthetic for s in known_sources(home) if s.id in present)


def digest_of(*texts: str) -> str:
    """SHA-256 over what a publication is made from."""
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()
