"""Whatever number a grammar writes is read back from its words, in every style, gender and case."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualty_pipeline.reporting.grammar import GRAMMARS, Case, Style, grammar_of
from casualty_pipeline.reporting.grammar.reading import numbers

LANGUAGES = sorted(GRAMMARS)
CASES: tuple[Case, ...] = ("nominative", "oblique")


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(LANGUAGES),
    st.one_of(st.integers(1, 130), st.integers(1, 999_999)),
    st.sampled_from(CASES),
    st.sampled_from([None, 999_999]),
    st.data(),
)
def test_a_counted_noun_is_read_back(
    language: str, value: int, case: Case, words_up_to: int | None, data: st.DataObject
) -> None:
    grammar = grammar_of(language, Style(words_up_to=words_up_to))
    noun = grammar.nouns[data.draw(st.sampled_from(sorted(grammar.nouns)))]

    assert numbers(grammar.word(value, case), language) == [value]
    assert numbers(grammar.count(value, noun, case), language) == [value]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(LANGUAGES), st.lists(st.integers(1, 500), min_size=2, max_size=4))
def test_each_number_of_a_list_is_read_apart(language: str, values: list[int]) -> None:
    grammar = grammar_of(language)
    said = grammar.join([grammar.count(value, grammar.nouns["massacre"]) for value in values])

    assert sorted(numbers(said, language)) == sorted(values)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*LANGUAGES, "fr"]), st.text())
def test_no_text_is_too_strange_to_be_read(language: str, text: str) -> None:
    assert all(number >= 0 for number in numbers(text, language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "no civilians, and nobody else"),
        ("ar", "لم يوثّق مقتل أحد من الكوادر الإعلامية"),
        ("ar", "لا أحد من الكوادر الطبية"),
        ("en", "version a12b, 3rd of v2.1x"),
    ],
)
def test_what_states_no_number_is_read_as_none(language: str, text: str) -> None:
    assert numbers(text, language) == []
