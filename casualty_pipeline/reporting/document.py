"""The blocks that a page is made of. What belongs here: structure. What doesn't: wording, HTML."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. `style` is a class of the style sheet."""

    text: Markup
    style: str = ""
    kind: str = "paragraph"


@dataclass(frozen=True)
class Heading:
    """A heading beneath a section's own."""

    text: Markup
    kind: str = "heading"


@dataclass(frozen=True)
class Item:
    """A list item, with a list of its own beneath it where needed."""

    text: Markup
    items: tuple["Item", ...] = ()


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[Item, ...]
    kind: str = "bullets"


@dataclass(frozen=True)
class Row:
    """A table row: its header and its other cells. `level` 1 is part of the row above it; `total` closes the table."""

    header: Markup
    cells: tuple[Markup, ...]
    level: int = 0
    total: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: caption, column headings (that of the row headers first) and rows."""

    caption: Markup
    columns: tuple[Markup, ...]
    rows: tuple[Row, ...]
    kind: str = "grid"


@dataclass(frozen=True)
class Picture:
    """A chart as inline SVG, always with the table of its numbers beside it."""

    svg: Markup
    table: Grid
    kind: str = "picture"


@dataclass(frozen=True)
class Code:
    """Something to type."""

    text: str
    kind: str = "code"


Block = Paragraph | Heading | Bullets | Grid | Picture | Code


@dataclass(frozen=True)
class Section:
    """A section with its anchor."""

    anchor: str
    heading: Markup
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """A page. `notices` are (language, text) of the warning that the data is synthetic, in every language."""

    language: str
    direction: str
    kind: Markup
    title: Markup
    subtitle: Markup
    notices: tuple[tuple[str, str, str], ...]
    others: tuple[tuple[str, str, Markup], ...]
    sections: tuple[Section, ...]
    footer: Markup
    skip: Markup
    contents: Markup
    short_notice: Markup
