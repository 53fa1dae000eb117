"""Takes a page apart into sentences, as a reader sees them. What doesn't belong here: which numbers are right."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

# What a reader takes in as one: a paragraph, an item without those beneath it, a row of a table, a line of a drawing.
_BLOCKS = frozenset(
    {"p", "li", "h1", "h2", "h3", "tr", "caption", "title", "desc", "text", "pre", "section", "figure", "svg"}
)
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"style", "script"})
_VOID = frozenset({"meta", "br", "link", "img", "hr", "input"})
CELL = " · "


@dataclass
class Piece:
    """Words of one kind: text; `data`, that state a figure (its address and value as marked); `bdi`, that come from data."""

    kind: str
    text: str = ""
    address: str = ""
    value: str = ""
    link: str = ""  # of a figure: where the link around it leads


@dataclass
class Sentence:
    """What stands in one block of a section. `tag` is the block's, `style` its class;"""

    section: str
    tag: str
    style: str
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it, on one line."""
        return " ".join("".join(piece.text for piece in self.pieces).split())

    @property
    def data(self) -> list[Piece]:
        """The pieces that state figures."""
        return [piece for piece in self.pieces if piece.kind == "data"]

    @property
    def from_data(self) -> list[str]:
        """The texts that come from data: places, ids, dates of tables, signed shares."""
        return [piece.text for piece in self.pieces if piece.kind == "bdi"]

    @property
    def rest(self) -> str:
        """The text without what states figures and what comes from data."""
        return " ".join("".join(piece.text if piece.kind == "text" else " | " for piece in self.pieces).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Sentence] = []
        self._open: list[tuple[str, Sentence]] = []
        self._section, self._unseen, self._link = "", 0, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            return
        self._unseen += tag in _UNSEEN
        if tag == "section":
            self._section = given.get("id", "")
        if tag in _BLOCKS:
            self._begin(tag, given.get("class", ""))
        if not self._open:
            return
        sentence = self._open[-1][1]
        if tag == "a":
            self._link = given.get("href", "")
        elif tag == "data":
            told = Piece("data", "", given.get("data-figure", ""), given.get("value", ""), self._link)
            sentence.pieces.append(told)
        elif tag in {"bdi", "code"}:
            sentence.pieces.append(Piece("bdi"))
        elif tag in _CELLS and sentence.pieces:
            sentence.pieces.append(Piece("text", CELL))

    def _begin(self, tag: str, style: str) -> None:
        inside = any(name == "svg" for name, _ in self._open)
        sentence = Sentence(self._section, f"svg-{tag}" if inside else tag, style)
        self._open.append((tag, sentence))
        self.found.append(sentence)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        if not self._open:
            return
        if tag == "a":
            self._link = ""
        elif tag in {"data", "bdi", "code"}:
            self._open[-1][1].pieces.append(Piece("text"))
        elif tag in _BLOCKS and any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if not self._open:
            if not data.strip():
                return
            self._begin("", "")  # words outside of any block are words all the same
        pieces = self._open[-1][1].pieces
        if not pieces:
            pieces.append(Piece("text"))
        pieces[-1].text += data


def sentences(page: str) -> Iterator[Sentence]:
    """Every block of a page with words in it, in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return (sentence for sentence in reader.found if sentence.text)
