"""Compares every number that a page prints with the figures of its month.

A number that states a figure says which (its address); it must be that figure's, in words or digits. Any other must be
accounted for: a date, constant words, a rule of counting, the record of a massacre, a published change. What isn't is a
fault, as is a drawing that says something else than the table beside it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from casualty_pipeline.errors import CasualtyError
from casualty_pipeline.figures.address import parse_address
from casualty_pipeline.reporting.figures_view import Figure
from casualty_pipeline.reporting.grammar import grammar_of
from casualty_pipeline.reporting.model import MonthReport
from casualty_pipeline.reporting.proofreading.accounted import by_section, massacre_rows, restatement_rows, told_massacre
from casualty_pipeline.reporting.proofreading.attached import attached_figures
from casualty_pipeline.reporting.proofreading.drawings import drawing_faults
from casualty_pipeline.reporting.proofreading.fixed import FixedText
from casualty_pipeline.reporting.proofreading.page import Piece, Sentence, sentences
from casualty_pipeline.reporting.readable import presentable
from casualty_pipeline.reporting.wording import profile_wording

_LONGEST = 300  # characters of a sentence that a fault repeats


@dataclass(frozen=True)
class Fault:
    """One place of a report that says something else than the figures: its file, where in it, and a sentence on it."""

    file: str
    place: str
    sentence: str


def proofread(report: MonthReport, files: Mapping[str, bytes]) -> list[Fault]:
    """What the pages (`report.LANGUAGE.html`) and the figures inside the PDFs say otherwise than the month's figures.

    `files` by name; others than these are left alone. In the order of the pages; empty where every number is right.
    """
    report = presentable(report)
    found: list[Fault] = []
    for language in report.profile.languages:
        page, pdf = f"report.{language}.html", f"report.{language}.pdf"
        if page in files:
            proof = _Proof(report, language)
            found += [Fault(page, place, told) for place, told in proof.faults(files[page].decode("utf-8", "replace"))]
        if pdf in files:
            found += [Fault(pdf, "figures.csv", told) for told in attached_figures(files[pdf], report.figures)]
    return found


class _Proof:
    """One page against one month."""

    def __init__(self, report: MonthReport, language: str) -> None:
        self._report = report
        grammar = grammar_of(language, profile_wording(report.profile).style.get(language))
        self._fixed = FixedText(report, grammar)
        self._language = language
        self._accounted = by_section(report)
        self._massacres = {massacre.incident_id: massacre for massacre in report.massacres}

    def faults(self, page: str) -> Iterator[tuple[str, str]]:
        """Where, and a sentence on what is wrong."""
        told = list(sentences(page))
        title = next((s.text for s in told if s.tag == "h1"), "")
        for number, sentence in enumerate(told, 1):
            for what in (*self._stated(sentence), *self._left(sentence, title)):
                yield self._place(sentence, number), f"“{_cut(sentence.text)}”: {what}"
        for number, sentence, what in drawing_faults(told, self._language, self._fixed.counted):
            yield self._place(sentence, number), f"“{_cut(sentence.text)}”: {what}"
        rows = [(n, s) for n, s in enumerate(told, 1) if s.tag == "tr" and s.section in {"massacres", "restatements"}]
        for number, sentence, what in (
            *massacre_rows(self._report, rows, self._fixed.counted),
            *restatement_rows(self._report, rows, self._fixed.counted),
        ):
            yield self._place(sentence, number), f"“{_cut(sentence.text)}”: {what}"

    @staticmethod
    def _place(sentence: Sentence, number: int) -> str:
        return f"{sentence.section or 'page'}/{number}"

    def _stated(self, sentence: Sentence) -> Iterator[str]:
        """What is wrong with the numbers that say which figure they are."""
        for piece in sentence.data:
            figure = self._figure(piece.address)
            if figure is None:
                yield f"there is no figure {piece.address!r} of the month, or of the year until then"
                continue
            if piece.link not in {"", f"#{piece.address}"}:
                yield f"the number of the figure {piece.address} leads to {piece.link!r}"
            for way, given in (("states", self._said(piece)), ("is marked as", _number(piece.value))):
                if given != figure.value:
                    yield f"“{piece.text}” {way} {_plain(given)}; the figure {piece.address} is {_plain(figure.value)}"
        if sentence.section == "trace" and sentence.tag == "tr" and sentence.data:
            address = sentence.data[0].address
            if sentence.from_data != [f"casualty trace {address}"]:
                yield f"the row of the figure {address} names {', '.join(sentence.from_data) or 'none'}"

    def _said(self, piece: Piece) -> float | None:
        """The number that the words of a figure state: none at all is zero; None where they are several."""
        given = self._fixed.counted(piece.text, dated=False)
        return given[0] if len(given) == 1 else None if given else 0.0

    def _figure(self, address: str) -> Figure | None:
        try:
            what = parse_address(address)
        except CasualtyError:
            return None
        return self._report.numbers.at(what) or self._report.series.at(what)

    def _left(self, sentence: Sentence, title: str) -> Iterator[str]:
        """Numbers that no figure is named for, and that nothing else accounts for."""
        if sentence.tag.startswith("svg") or (sentence.tag == "tr" and sentence.section == "restatements"):
            return  # with their table, and with the changes: judged there
        if sentence.tag == "title" and title:
            if not sentence.text.endswith(title):
                yield f"it isn't the title of the report: “{title}”"
            return
        rest = sentence.rest
        if sentence.style == "cite" and title:
            if title not in sentence.text:
                yield f"it doesn't cite the title of the report: “{title}”"
            rest = sentence.text.replace(title, "")
        left = self._fixed.counted(rest)
        if not left:
            return
        told = next((self._massacres[name] for name in sentence.from_data if name in self._massacres), None)
        if sentence.section == "massacres" and sentence.tag == "li" and told is not None:
            yield from told_massacre(told, left)
        elif not (sentence.section == "massacres" and sentence.tag == "tr" and not sentence.data):
            for number in _unaccounted(left, self._accounted.get(sentence.section, ())):
                yield f"{_plain(number)} is no figure, no date, and nothing else that the report may say there"


def _unaccounted(left: Sequence[float], known: Sequence[float]) -> list[float]:
    return sorted(Counter(n for n in left if n not in known).elements())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _plain(value: float | None) -> str:
    return "no single number" if value is None else f"{value:.12g}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
