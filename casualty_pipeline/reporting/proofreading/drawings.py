"""Drawings against the table beside each: a drawing prints the numbers of its table, and no other."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from casualty_pipeline.reporting.proofreading.fixed import Counted
from casualty_pipeline.reporting.proofreading.page import Sentence
from casualty_pipeline.reporting.texts import catalogue

_CLASS = re.compile(r"^\d+\N{EN DASH}\d+$")  # of a map's legend
Found = tuple[int, Sentence, str]


def drawing_faults(told: Sequence[Sentence], language: str, counted: Counted) -> Iterator[Found]:
    """Drawings of a page that say something else than their tables: place in the page, sentence, what is wrong."""
    drawn: list[tuple[int, Sentence]] = []
    rows: list[Sentence] = []
    for number, sentence in enumerate(told, 1):
        drawing = sentence.tag.startswith("svg-")
        if drawing and rows:
            yield from _judged(drawn, rows, language, counted)
            drawn, rows = [], []
        if drawing:
            drawn.append((number, sentence))
        elif drawn and sentence.tag == "tr":
            rows.append(sentence)
        elif drawn and sentence.tag != "caption":
            yield from _judged(drawn, rows, language, counted)
            drawn, rows = [], []


def _judged(
    drawn: Sequence[tuple[int, Sentence]],
    rows: Sequence[Sentence],
    language: str,
    counted: Counted,
) -> Iterator[Found]:
    # A map has no place for those killed nobody knows where.
    shown = [row for row in rows if row.data and not row.style and ":unknown" not in row.data[0].address]
    cells = [[n for piece in row.data for n in counted(piece.text, dated=False)] for row in shown]
    totals = [row[0] for row in cells if row]
    every = Counter(n for row in cells for n in row)
    described, printed = Counter[float](), Counter[float]()
    words = [sentence.text.strip("\u2066\u2067\u2068\u2069") for _, sentence in drawn]
    is_map = catalogue(language)["map_zero"] in words  # only a map has a legend, which says it
    for (number, sentence), text in zip(drawn, words, strict=True):
        given = [] if is_map and _CLASS.match(text) else counted(text, dated=sentence.tag != "svg-text")
        if sentence.tag == "svg-desc":
            may_say = Counter([*totals, *([max(totals)] if totals else [])])
            described = Counter(given)
            undated = Counter(counted(text, dated=False))
            if not undated - may_say:  # a toll after a month's name, which might have been its year
                described = undated
            extra = described - may_say
        elif sentence.tag == "svg-text":
            printed += Counter(given)
            # A legend may have classes of one number.
            extra = Counter(n for n in given if n not in every and not (is_map and n < max(totals, default=0)))
        else:
            extra = Counter(given)
        if extra:
            yield number, sentence, f"{_listed(extra)} isn't in the table beside the drawing"
    number, sentence = drawn[0]
    missing = Counter(totals if is_map else filter(None, totals)) - printed
    if not missing and printed.total() == every.total():  # every number of the table is drawn
        missing = every - printed
    if missing:
        yield number, sentence, f"the drawing doesn't show {_listed(missing)} of the table beside it"
    undescribed = Counter(filter(None, totals)) - described
    if undescribed:
        yield number, sentence, f"its description leaves out {_listed(undescribed)}"


def _listed(values: Counter[float]) -> str:
    return ", ".join(f"{value:g}" for value in sorted(values.elements()))
