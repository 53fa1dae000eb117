"""Rules that run only on the names in which one of their patterns is found change what they would change in all of them."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.cleaning.names import normal, parts
from casualty_pipeline.cleaning.names.text import arabic_plain, latin_plain, null_if_blank

ARABIC = st.sampled_from(
    (
        *("عبد", "ابو", "أم", "ابن", "ال", "الله", "الدين", "الأحمد", "صلاح", "محمد", "الشهيد", "طفل", "هللا"),
        *("وزوجته", "الملقب ب", "(", ",", "٣"),
    )
)
LATIN = st.sampled_from(
    (
        *("Abu", "um", "bin", "Abd al", "Abdul", "el", "al-Din", "Nasrullah", "the", "wife of", "son of", "Samir"),
        *("aka", "and his", "(", ",", "3", "–"),
    )
)


@settings(deadline=None)
@given(st.lists(st.lists(ARABIC, max_size=6).map(" ".join), min_size=1, max_size=5))
def test_arabic_names(names: list[str]) -> None:
    plain = arabic_plain(pl.Series(names))
    everywhere = normal._arabic_glued(normal._arabic_letters(plain), glue="~")
    assert normal.arabic_words(plain, glue="~").to_list() == null_if_blank(everywhere).to_list()


@settings(deadline=None)
@given(st.lists(st.lists(LATIN, max_size=6).map(" ".join), min_size=1, max_size=5))
def test_latin_names(names: list[str]) -> None:
    plain = latin_plain(pl.Series(names))
    everywhere = normal._latin_glued(normal._latin_named(plain, son_of=" ibn "), son_of=" ibn ", glue="~")
    assert normal.latin_words(plain, son_of=" ibn ", glue="~").to_list() == null_if_blank(everywhere).to_list()


@settings(deadline=None)
@given(st.lists(st.lists(ARABIC, max_size=6).map(" ".join), min_size=1, max_size=5))
def test_arabic_parts(names: list[str]) -> None:
    given = normal.arabic_words(arabic_plain(pl.Series(names)), glue="~")
    untouched = given.filter(~given.str.contains(parts._CHANGES["ar"]))
    assert parts._rewritten(untouched, "ar").to_list() == untouched.to_list()


@settings(deadline=None)
@given(st.lists(st.lists(LATIN, max_size=6).map(" ".join), min_size=1, max_size=5))
def test_latin_parts(names: list[str]) -> None:
    given = normal.latin_words(latin_plain(pl.Series(names)), son_of=" ibn ", glue="~")
    untouched = given.filter(~given.str.contains(parts._CHANGES["la"]))
    assert parts._rewritten(untouched, "la").to_list() == untouched.to_list()
