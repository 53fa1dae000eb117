"""One written Arabic word taken apart: و or ف, a preposition, the article, then the word. No phrases here."""

from collections.abc import Container
from dataclasses import dataclass, replace
from functools import lru_cache

_SHORTEST_STEM = 2
_PREPOSITIONS = ("ب", "ل", "ك")
_TANWIN = "ا"  # the alef of an accusative: مدنيا


@dataclass(frozen=True)
class Form:
    """A word without what is written together with it: و/ف before it, a preposition, the article."""

    stem: str
    conjunction: bool = False
    preposition: bool = False
    article: bool = False


@lru_cache(maxsize=50_000)
def forms(key: str) -> tuple[Form, ...]:
    """The ways to read one written word, the one with most left of it first."""
    found = [Form(key)]
    if key[:1] in {"و", "ف"} and len(key) > _SHORTEST_STEM:
        found.append(Form(key[1:], conjunction=True))
    for form in tuple(found):
        if form.stem.startswith("لل") and len(form.stem) > _SHORTEST_STEM + 1:
            found.append(Form("ال" + form.stem[2:], form.conjunction, True))
            found.append(Form(form.stem[2:], form.conjunction, True, True))
        if form.stem[:1] in _PREPOSITIONS and len(form.stem) > _SHORTEST_STEM:
            found.append(Form(form.stem[1:], form.conjunction, True))
    for form in tuple(found):
        if form.stem.startswith("ال") and len(form.stem) > _SHORTEST_STEM + 1:
            found.append(Form(form.stem[2:], form.conjunction, form.preposition, True))
    for form in tuple(found):
        if form.stem.endswith(_TANWIN) and len(form.stem) > _SHORTEST_STEM + 1:
            found.append(replace(form, stem=form.stem[:-1]))
    return tuple(found)


def form_in(key: str, known: Container[str]) -> Form | None:
    """The first way to read a word that is known."""
    return next((form for form in forms(key) if form.stem in known), None)
